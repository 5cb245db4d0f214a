"""Who may come in by the webhook: only what is signed with our token, for our address."""

import pytest

from service.domain.errors import ConfigurationError
from service.gateways.twilio import TwilioWebhooks

ACCOUNT = "AC" + "1" * 32
SHOP = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("Caller", "+14158675309"),
    ("To", "+18005551212"),
]
INBOUND = "https://example.org/sms/inbound"


def text(body: str) -> list[tuple[str, str]]:
    return [
        ("MessageSid", "SM00000000000000000000000000000001"),
        ("From", "+15005550006"),
        ("To", "+15005550010"),
        ("NumMedia", "0"),
        ("Body", body),
    ]


@pytest.fixture(scope="module")
def webhooks() -> TwilioWebhooks:
    return TwilioWebhooks(ACCOUNT, "12345")


REPEATED = [
    ("Sid", "CA123"),
    ("SidAccount", "AC123"),
    ("Digits", "5678"),
    ("Digits", "1234"),
    ("Digits", "1234"),
]

VECTORS = [
    # Twilio's own
    (SHOP, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    (SHOP.replace(".com", ".com:443"), CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
    ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", CALL, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ("http://mycompany.com:80/myapp.php?foo=1&bar=2", CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    (SHOP, REPEATED, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    # Texts
    (INBOUND, text("YES"), "Cl+A4cdCN1Zj8FEHnnYqAzvdfSQ="),
    (INBOUND, text("I’m ok 😀 "), "F1fLrGd53cphkrQkv+BN+dUB324="),
    (INBOUND, text(""), "jw+F6HypXIDt0+gW8hlS1QB43w8="),
]


@pytest.mark.parametrize(("url", "form", "signature"), VECTORS)
def test_known_signatures_are_taken(webhooks, url, form, signature):
    assert webhooks.verify(url, form, signature)
    assert webhooks.verify(url, form[::-1], signature)  # the order of fields does not matter
    assert webhooks.sign(url, form) == signature


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("https://h.test/x", "https://h.test:443/x"),
        ("https://h.test:443/x", "https://h.test/x"),
        ("http://h.test/x", "http://h.test:80/x"),
        ("https://h.test:8443/x", "https://h.test/x"),
        ("https://h.test:8443/x", "https://h.test:8443/x"),
    ],
)
def test_a_port_may_be_written_out_or_left_away(webhooks, ours, theirs):
    assert webhooks.verify(ours, CALL, webhooks.sign(theirs, CALL))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("https://h.test/x", "http://h.test/x"),
        ("https://h.test/x", "https://h.test:8443/x"),
        ("https://h.test/x", "https://other.test/x"),
        ("https://h.test/x", "https://h.test/x/"),
        ("https://h.test/x", "https://h.test/X"),
        ("https://h.test/x?a=1&b=2", "https://h.test/x?b=2&a=1"),
        ("https://h.test/x", "https://h.test/x?a=1"),
    ],
)
def test_another_address_is_refused(webhooks, ours, theirs):
    assert not webhooks.verify(ours, CALL, webhooks.sign(theirs, CALL))


@pytest.mark.parametrize(
    "changed",
    [
        text("yes"),
        text("YES "),
        text("YES")[:-1],
        [*text("YES"), ("Extra", "1")],
        [*text("YES"), ("Body", "NO")],
        [("From", "+15005550007") if n == "From" else (n, v) for n, v in text("YES")],
        [],
    ],
)
def test_a_changed_form_is_refused(webhooks, changed):
    assert not webhooks.verify(INBOUND, changed, "Cl+A4cdCN1Zj8FEHnnYqAzvdfSQ=")


def test_fields_nobody_told_us_of_are_signed_as_well(webhooks):
    form = [*text("YES"), ("SomethingNew", "ü")]
    assert webhooks.verify(INBOUND, form, webhooks.sign(INBOUND, form))


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        " ",
        "=",
        "not base64 at all",
        "Cl+A4cdCN1Zj8FEHnnYqAzvdfSQ",  # cut
        "Cl+A4cdCN1Zj8FEHnnYqAzvdfSQ= ",
        "cl+a4cdcn1zj8fehnnyqazvdfsq=",
        "Cl+A4cdCN1Zj8FEHnnYqAzvdfSQ=,Cl+A4cdCN1Zj8FEHnnYqAzvdfSQ=",
        "Ünïcödé+A4cdCN1Zj8FEHnnYqAz=",
        "\ud800" * 28,
        "\0" * 28,
        "A" * 10_000,
    ],
)
def test_a_bad_signature_is_refused_and_never_an_error(webhooks, signature):
    assert webhooks.verify(INBOUND, text("YES"), signature) is False


def test_another_token_is_refused(webhooks):
    forged = TwilioWebhooks(ACCOUNT, "54321").sign(INBOUND, text("YES"))
    assert not webhooks.verify(INBOUND, text("YES"), forged)


@pytest.mark.parametrize(
    "url", ["https://h.test:port/x", "https://h.test:99999/x", "https://[::1/x", "", "\ud800"]
)
def test_an_address_that_cannot_be_read_is_refused(webhooks, url):
    assert webhooks.verify(url, text("YES"), "Cl+A4cdCN1Zj8FEHnnYqAzvdfSQ=") is False


def test_a_form_that_cannot_be_encoded_is_refused(webhooks):
    assert webhooks.verify(INBOUND, text("\ud800"), "Cl+A4cdCN1Zj8FEHnnYqAzvdfSQ=") is False


def test_a_form_of_another_account_is_refused_even_when_signed(webhooks):
    ours = [*text("YES"), ("AccountSid", ACCOUNT)]
    theirs = [*text("YES"), ("AccountSid", "AC" + "2" * 32)]
    both = [*ours, ("AccountSid", "AC" + "2" * 32)]
    assert webhooks.verify(INBOUND, ours, webhooks.sign(INBOUND, ours))
    assert not webhooks.verify(INBOUND, theirs, webhooks.sign(INBOUND, theirs))
    assert not webhooks.verify(INBOUND, both, webhooks.sign(INBOUND, both))


def test_ten_thousand_fields_are_checked(webhooks):
    form = [(f"P{n}", "x") for n in range(10_000)]
    assert webhooks.verify(INBOUND, form, webhooks.sign(INBOUND, form))


def test_an_empty_token_lets_nobody_in_because_it_does_not_start():
    with pytest.raises(ConfigurationError):
        TwilioWebhooks(ACCOUNT, "")
