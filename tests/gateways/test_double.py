"""The double itself: it behaves as Twilio does, and it notices who does not."""

import threading
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import urllib3
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.datastructures import MultiDict

from service.gateways.base import Accepted, Rejected
from tests.gateways.conftest import ANA
from tests.twilio_double import script
from tests.twilio_double.double import TwilioDouble
from tests.twilio_double.post import Posted, always_taken, in_process
from tests.twilio_double.script import Receipt

TWIML = "<Response><Message statusCallback='https://handrail.test/s/1'>Hi &amp; bye</Message></Response>"


class Webhook:
    """A webhook for `double.post`: notes forms, checks signatures, answers TwiML."""

    def __init__(self, token: str, twiml: str = TWIML, content_type: str = "text/xml") -> None:
        self.forms: list[dict[str, str]] = []
        self.times: list[float] = []
        self._validator = RequestValidator(token)
        self._answer = Posted(200, twiml, content_type)
        self._lock = threading.Lock()

    def __call__(self, url, form, headers) -> Posted:
        assert self._validator.validate(url, MultiDict(form), headers["X-Twilio-Signature"])
        with self._lock:
            self.forms.append(dict(form))
            self.times.append(time.monotonic())
        return self._answer

    @property
    def statuses(self) -> list[str]:
        return [form["MessageStatus"] for form in self.forms if "MessageStatus" in form]


@pytest.fixture
def webhook(twilio_double) -> Webhook:
    twilio_double.inbound_url = "https://handrail.test/webhooks/sms/inbound"
    twilio_double.post = Webhook(twilio_double.auth_token)
    return twilio_double.post


@pytest.fixture
def stock_client(twilio_double):
    """Twilio's client with its own HTTP client, nothing of ours, led to the double."""
    client = Client(twilio_double.account_sid, twilio_double.auth_token)
    client.api.base_url = twilio_double.base_url
    yield client
    client.http_client.session.close()


def post_raw(double: TwilioDouble, **fields: str) -> urllib3.BaseHTTPResponse:
    """A new text, with no client between: the fields as given."""
    url = f"{double.base_url}/2010-04-01/Accounts/{double.account_sid}/Messages.json"
    login = urllib3.make_headers(basic_auth=f"{double.account_sid}:{double.auth_token}")
    with urllib3.PoolManager(retries=False) as http:
        return http.request(
            "POST",
            url,
            body=urlencode(fields),
            headers={**login, "Content-Type": "application/x-www-form-urlencoded"},
        )


def test_every_text_has_a_sid_of_its_own(twilio_double, twilio_gateway, text_to):
    sids = [twilio_gateway.send(text_to()).gateway_sid for _ in range(20)]
    assert len(set(sids)) == 20
    assert all(len(sid) == 34 and sid.startswith("SM") for sid in sids)


GOOD = {"To": ANA, "Body": "hi", "From": TwilioDouble.number}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": "555-0123"}, 21211),
        ({"To": "+1"}, 21211),
        ({"To": "15005550123"}, 21211),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"From": ""}, 21606),
        ({"From": "+15005550007"}, 21606),
        ({"MessagingServiceSid": "MG" + "0" * 32}, 21701),
        ({"ValidityPeriod": "0"}, 90007),
        ({"ValidityPeriod": "36001"}, 90007),
        ({"StatusCallback": "/relative"}, 21609),
        ({"StatusCallback": "https://under_score.test/x"}, 21609),
        ({"Colour": "red"}, 21600),
    ],
)
def test_what_twilio_refuses_is_refused_and_held_against_the_caller(twilio_double, change, code):
    answer = post_raw(twilio_double, **{**GOOD, **change})
    assert (answer.status, answer.json()["code"]) == (400, code)
    assert any(str(code) in problem for problem in twilio_double.violations)
    assert twilio_double.sent == []
    twilio_double.violations.clear()


@pytest.mark.parametrize(
    "change", [{"ValidityPeriod": "abc"}, {"MessagingServiceSid": "MG123"}, {"SmartEncoded": "x"}]
)
def test_twilios_own_file_is_held_against_the_caller(twilio_double, change):
    post_raw(twilio_double, **{**GOOD, **change})
    assert any("Error" in problem for problem in twilio_double.violations)
    twilio_double.violations.clear()


@pytest.mark.parametrize("change", [{"Body": "x" * 1600}, {"ValidityPeriod": "36000"}])
def test_what_twilio_takes_is_taken(twilio_double, change):
    assert post_raw(twilio_double, **{**GOOD, **change}).status == 201


def test_an_answer_that_breaks_twilios_file_is_noticed(twilio_double, twilio_gateway, text_to):
    sid = twilio_gateway.send(text_to()).gateway_sid
    twilio_double.find(sid).status = "flying"
    twilio_gateway.find_sent(ANA, datetime.now(UTC) - timedelta(minutes=1))
    assert any("flying" in problem for problem in twilio_double.violations)
    twilio_double.violations.clear()


def test_the_judge_may_be_sent_away(twilio_double):
    twilio_double.judges = False
    post_raw(twilio_double, **GOOD, SmartEncoded="x")
    assert twilio_double.violations == []


def test_twilios_client_reads_lists_fetches_and_deletes(twilio_double, stock_client):
    twilio_double.post = always_taken
    sids = [
        stock_client.messages.create(to=ANA, from_=twilio_double.number, body=f"{n}").sid for n in range(5)
    ]
    for sid in sids:
        twilio_double.report(sid, "delivered")

    listed = stock_client.messages.list(to=ANA, page_size=2)
    assert {message.sid for message in listed} == set(sids)
    assert stock_client.messages.list(to="+15005550199") == []
    assert len(stock_client.messages.list(limit=3)) == 3
    assert stock_client.messages(sids[0]).fetch().status == "delivered"
    assert stock_client.messages(sids[0]).delete()
    with pytest.raises(TwilioRestException, match="404"):
        stock_client.messages(sids[0]).fetch()
    assert len(stock_client.messages.list()) == 4


def test_the_list_is_filtered_by_sending_time(twilio_double, stock_client):
    twilio_double.post = always_taken
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    for hours in (-24, 0, 1):
        twilio_double.clock = lambda at=noon + timedelta(hours=hours): at
        sent = stock_client.messages.create(to=ANA, from_=twilio_double.number, body=f"{hours}")
        twilio_double.report(sent.sid, "sent")
    stock_client.messages.create(to=ANA, from_=twilio_double.number, body="waiting")

    def bodies(**dates) -> list[str]:
        return [message.body for message in stock_client.messages.list(**dates)]

    assert sorted(bodies()) == ["-24", "0", "1", "waiting"]
    assert bodies(date_sent_after=noon) == ["1", "0"]
    assert bodies(date_sent_before=noon) == ["0", "-24"]
    assert bodies(date_sent=datetime(2026, 3, 1, tzinfo=UTC)) == ["-24"]


def test_receipts_follow_their_lifecycle_signed(twilio_double, twilio_gateway, text_to, webhook):
    twilio_double.lifecycle = (
        Receipt("delivered", after_s=0.05),
        Receipt("sent"),
        Receipt("sent"),
        Receipt("failed", 30007),
    )
    sid = twilio_gateway.send(text_to()).gateway_sid
    twilio_double.settle()

    assert webhook.statuses == ["delivered", "sent", "sent", "failed"]
    assert webhook.forms[-1]["ErrorCode"] == "30007"
    assert {form["MessageSid"] for form in webhook.forms} == {sid}
    assert twilio_double.find(sid).status == "delivered"  # the first end counts


def test_a_receipt_may_come_before_the_answer(twilio_double, twilio_gateway, text_to, webhook):
    twilio_double.lifecycle = (Receipt("sent", early=True), Receipt("delivered", after_s=5))
    twilio_gateway.send(text_to())
    assert webhook.statuses == ["sent"]


def test_a_lost_answer_still_has_its_receipts(twilio_double, twilio_gateway, text_to, webhook):
    twilio_double.lifecycle = (Receipt("sent"),)
    twilio_double.script(script.reset(accepts=True))
    twilio_gateway.send(text_to())
    twilio_double.settle()
    assert webhook.statuses == ["sent"]


def test_scripts_may_be_for_one_number(twilio_double, twilio_gateway, text_to):
    twilio_double.script(script.refuse(21211), to=ANA)
    assert isinstance(twilio_gateway.send(text_to(to="+15005550124")), Accepted)
    assert isinstance(twilio_gateway.send(text_to()), Rejected)
    assert isinstance(twilio_gateway.send(text_to()), Accepted)
    twilio_double.always = script.refuse(20003, 401)
    assert isinstance(twilio_gateway.send(text_to()), Rejected)
    assert isinstance(twilio_gateway.send(text_to()), Rejected)


def test_a_text_in_is_posted_signed_and_its_reply_sent(twilio_double, webhook):
    twilio_double.lifecycle = (Receipt("sent"),)
    reply = twilio_double.receive(ANA, "hello")
    twilio_double.settle()

    assert reply.messages == ["Hi & bye"]
    assert webhook.forms[0]["Body"] == "hello"
    assert webhook.forms[0]["AccountSid"] == twilio_double.account_sid
    assert webhook.statuses == ["sent"]
    assert [text.direction for text in twilio_double.texts] == ["inbound", "outbound-reply"]


def test_the_same_text_may_come_twice(twilio_double, webhook):
    twilio_double.receive(ANA, "hello", extra=[("Brand", "New")])
    twilio_double.redeliver(webhook.forms[0]["MessageSid"])
    assert webhook.forms[0] == webhook.forms[1]
    assert webhook.forms[0]["Brand"] == "New"


def test_stop_blocks_until_start_as_at_twilio(twilio_double, twilio_gateway, text_to, webhook):
    reply = twilio_double.receive(ANA, " Stop ")
    assert webhook.forms[0]["OptOutType"] == "STOP"
    assert reply.messages == []  # what the TwiML says to a blocked number fails
    twilio_double.settle()
    assert webhook.forms[-1]["ErrorCode"] == "21610"
    outcome = twilio_gateway.send(text_to())
    assert (outcome.code, outcome.http_status) == (21610, 400)

    twilio_double.receive(ANA, "please stop")
    assert "OptOutType" not in webhook.forms[-1]
    twilio_double.receive(ANA, "START")
    assert isinstance(twilio_gateway.send(text_to()), Accepted)


def test_without_advanced_opt_out_the_webhook_is_not_told(twilio_double, webhook):
    twilio_double.advanced_opt_out = False
    twilio_double.receive(ANA, "STOP")
    assert "OptOutType" not in webhook.forms[0]
    assert ANA in twilio_double.blocked


def test_twiml_of_the_wrong_type_is_noticed(twilio_double):
    twilio_double.post = Webhook(twilio_double.auth_token, content_type="text/html")
    twilio_double.receive(ANA, "hello")
    assert twilio_double.violations == ["12300: TwiML came as text/html"]
    twilio_double.violations.clear()


def test_webhooks_over_http_and_in_process_see_the_same(twilio_double, text_to, twilio_gateway):
    seen = []

    def app(environ, start):
        form = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        names = ("PATH_INFO", "QUERY_STRING", "REQUEST_METHOD", "CONTENT_TYPE")
        seen.append([parse_qsl(form), *(environ[name] for name in names)])
        start("204 No Content", [])
        return []

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args) -> None:
            """Say nothing."""

    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/s?n=1"
        sid = twilio_gateway.send(text_to(status_url=url)).gateway_sid
        assert twilio_double.report(sid, "sent").status == 204
        thread.join()
    twilio_double.post = in_process(app)
    assert twilio_double.report(sid, "sent").status == 204
    assert seen[0] == seen[1]


def test_a_webhook_that_is_down_is_status_zero(twilio_double, twilio_gateway, text_to):
    sid = twilio_gateway.send(text_to(status_url="http://127.0.0.1:1/s")).gateway_sid
    assert twilio_double.report(sid, "sent").status == 0
