"""The webhooks' door: whatever is posted gets a clear answer, never a fault, and nothing gets lost."""

from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from service.bootstrap import webhook_token
from service.gateways.simulated import ACCOUNT_SID
from service.gateways.twilio import TwilioWebhooks
from service.store.schema import InboundMessage, Message
from tests.rig.world import ANA, World

pytestmark = pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)

INBOUND = "/webhooks/sms/inbound"
STATUS = "/webhooks/sms/00000000-0000-7000-8000-000000000000/status"
FORM = "application/x-www-form-urlencoded"
Fields = list[tuple[str, str]]


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app.test_client()


def fields(**more: str) -> Fields:
    usual = {
        "MessageSid": "SM" + "3" * 32,
        "AccountSid": ACCOUNT_SID,
        "From": ANA,
        "To": "+15005550006",
        "Body": "menu",
    }
    return list((usual | more).items())


def signature(world: World, form: Fields, path: str = INBOUND) -> dict[str, str]:
    signer = TwilioWebhooks(ACCOUNT_SID, webhook_token(world.settings))
    return {"X-Twilio-Signature": signer.sign(world.settings.base_url + path, form)}


def stored(world: World) -> int:
    with world.parts.database.read() as session:
        return len(session.scalars(select(InboundMessage)).all())


@pytest.mark.parametrize("path", [INBOUND, STATUS])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_only_posts_are_taken(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("path", [INBOUND, STATUS])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"MessageSid": "SM1", "Body": "hi"}', "application/json"),
        (b"{", "application/json"),
        (b"--x\r\nContent-Disposition: form-data; name=Body\r\n\r\nhi\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nno end", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
        (b"Body=%FF%FE%00%ED%A0%80&From=%C3%28", FORM),
        ("Body=Grüße".encode("utf-16"), f"{FORM}; charset=utf-16"),
        (b"Body=hi", "text/plain"),
        (b"Body=hi", "not a content type at all"),
        (b"", FORM),
        (b"&&&===&%", FORM),
        (b"Body=" + b"x" * 5_000_000, FORM),
        (b"&".join(b"p%d=1" % n for n in range(10_000)), FORM),
        (b"--x\r\n" + b"Content-Disposition: form-data; name=p\r\n\r\n1\r\n--x\r\n" * 10_000, "multipart/form-data; boundary=x"),
    ],
    ids=["json", "bad json", "multipart", "cut multipart", "no boundary", "bad bytes", "utf-16", "plain", "odd type",
         "empty", "ampersands", "5 MB", "10,000 fields", "10,000 parts"],
)  # fmt: skip
def test_a_post_that_is_no_text_is_refused_clearly_and_stored_nowhere(
    world: World, client: FlaskClient, path: str, body: bytes, content_type: str
) -> None:
    answer = client.post(path, data=body, content_type=content_type, headers={"X-Twilio-Signature": "A" * 28})
    assert answer.status_code in {400, 403, 413, 415}
    assert answer.text.strip()
    assert stored(world) == 0


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"MessageSid": ""}, 400),
        ({"MessageSid": "' OR 1=1 --"}, 400),
        ({"From": ""}, 400),
        ({"From": "9" * 500}, 400),
        ({"To": ""}, 400),
        ({"AccountSid": "AC" + "9" * 32}, 403),
    ],
)
def test_a_signed_form_without_what_makes_it_a_text_is_refused(
    world: World, client: FlaskClient, more: dict[str, str], status: int
) -> None:
    form = fields(**more)
    answer = client.post(INBOUND, data=urlencode(form), content_type=FORM, headers=signature(world, form))
    assert answer.status_code == status
    assert answer.mimetype == "text/plain"
    assert stored(world) == 0


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \n\t ",
        "\0",
        "a\0b",
        "\u202eevil\u202c",
        "\u200b\u200d\ufeff",
        "x" * 5_000,
        "🙂" * 700,
        "</Message><Message>hi",
        "{programme} %s {0}",
        "Robert'); DROP TABLE messages;--",
        "\x1b[31mred\x07",
        "\U0010ffff\ufffe",
    ],
)
def test_any_words_at_all_are_stored_and_answered_with_one_text(
    world: World, client: FlaskClient, body: str
) -> None:
    form = fields(Body=body)
    answer = client.post(INBOUND, data=urlencode(form), content_type=FORM, headers=signature(world, form))
    assert answer.status_code == 200
    assert answer.mimetype == "text/xml"
    assert answer.text.count("<Message ") == 1
    with world.parts.database.read() as session:
        (row,) = session.scalars(select(InboundMessage))
        assert row.body == body.replace("\0", "")
        assert row.was_understood


def test_ten_thousand_signed_fields_do_not_lose_the_text(world: World, client: FlaskClient) -> None:
    form = fields() + [(f"New{n}", "1") for n in range(10_000)]
    answer = client.post(INBOUND, data=urlencode(form), content_type=FORM, headers=signature(world, form))
    assert answer.status_code == 200
    assert stored(world) == 1


def test_a_silent_answer_is_empty_twiml(world: World, client: FlaskClient) -> None:
    world.text(ANA, "STOP")
    form = fields(Body="STOP")
    answer = client.post(INBOUND, data=urlencode(form), content_type=FORM, headers=signature(world, form))
    assert answer.text.replace(" ", "").endswith("<Response/>")


@pytest.mark.parametrize("more", [{"MessageStatus": ""}, {"MessageStatus": "?" * 99}, {"MessageSid": "x"}])
def test_a_signed_form_that_is_no_receipt_is_refused(
    world: World, client: FlaskClient, more: dict[str, str]
) -> None:
    form = fields(**({"MessageStatus": "sent"} | more))
    answer = client.post(
        STATUS, data=urlencode(form), content_type=FORM, headers=signature(world, form, STATUS)
    )
    assert answer.status_code == 400


def test_a_replayed_receipt_a_day_later_changes_nothing(world: World, client: FlaskClient) -> None:
    world.say(ANA, "JOIN")
    (item,) = world.sent(ANA)
    with world.parts.database.read() as session:
        sid = session.scalars(select(Message.gateway_sid)).one()
    path = f"/webhooks/sms/{item.id}/status"
    form = fields(MessageSid=sid or "", MessageStatus="undelivered", ErrorCode="30005")
    answer = client.post(path, data=urlencode(form), content_type=FORM, headers=signature(world, form, path))
    assert answer.status_code == 204
    assert [each.status for each in world.sent(ANA)] == [item.status]
    assert world.alert_kinds() == []


def test_a_query_of_the_address_is_part_of_what_is_signed(world: World, client: FlaskClient) -> None:
    form = fields()
    headers = signature(world, form, f"{INBOUND}?attempt=2&x=%20")
    assert (
        client.post(
            f"{INBOUND}?attempt=2&x=%20", data=urlencode(form), content_type=FORM, headers=headers
        ).status_code
        == 200
    )
    assert (
        client.post(
            f"{INBOUND}?attempt=3", data=urlencode(form), content_type=FORM, headers=headers
        ).status_code
        == 403
    )


def test_refusals_are_logged_without_the_text_or_the_number(
    world: World, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        client.post(INBOUND, data=urlencode(fields(Body="my secret")), content_type=FORM)
    assert "refused" in caplog.text
    assert ANA not in caplog.text
    assert "my secret" not in caplog.text
