"""The same service with GATEWAY=twilio: the real Twilio client, signed webhooks, real error codes."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.message import MessageStatus
from service.domain.prompt import PromptStatus
from service.store.schema import DeliveryEvent, InboundMessage, Prompt
from service.workflows import enrolment, health, rounds
from service.workflows.dispatching import at_once
from tests.gateways.conftest import gateway_to
from tests.rig.twilio_world import INBOUND, PUBLIC, TwilioWorld
from tests.rig.world import ANA, BEN, STAFF, check_in, medication
from tests.twilio_double import script
from tests.twilio_double.contract import Pairs
from tests.twilio_double.post import FORM, Posted, signed
from tests.twilio_double.script import Receipt

S = MessageStatus
on_sqlite = pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)
"""For what no database has a say in: once is enough."""


@pytest.fixture
def world(twilio_world: TwilioWorld) -> TwilioWorld:
    return twilio_world


def post(world: TwilioWorld, url: str, form: Pairs, headers: dict[str, str], base_url: str = "") -> Posted:
    """A post as it reaches the application, whose own idea of its address is `base_url`."""
    parts = urlsplit(url)
    answer = Client(world.app).post(
        parts.path,
        base_url=base_url or PUBLIC,
        data=urlencode(form).encode(),
        content_type=FORM,
        headers=headers,
    )
    return Posted(answer.status_code, answer.get_data(as_text=True), answer.mimetype or "")


def inbound(sid: str = "SM" + "1" * 32, body: str = "menu", number: str = ANA, **more: str) -> Pairs:
    account = "AC" + "0123456789abcdef" * 2
    fields = {"MessageSid": sid, "AccountSid": account, "From": number, "To": "+15005550006", "Body": body}
    return list((fields | more).items())


def stored_texts(world: TwilioWorld) -> list[str]:
    with world.parts.database.read() as session:
        return [row.body for row in session.scalars(select(InboundMessage).order_by(InboundMessage.id))]


# Coming in


def test_join_is_answered_in_twiml_whose_receipts_carry_our_own_message_id(world: TwilioWorld) -> None:
    (confirmation,) = world.double.sent
    assert "988" in confirmation.body
    (stored,) = world.sent(ANA)
    assert stored.body == confirmation.body
    assert confirmation.status_callback == f"{PUBLIC}/webhooks/sms/{stored.id}/status"
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN
    assert world.posts == 0  # nothing was sent but the webhook's own answer


def test_receipts_of_a_confirmation_move_it(world: TwilioWorld) -> None:
    (confirmation,) = world.double.sent
    assert world.double.report(confirmation.sid, "sent").status == 204
    assert world.double.report(confirmation.sid, "delivered").status == 204
    (stored,) = world.sent(ANA)
    assert stored.status is S.DELIVERED
    assert world.row(stored.id).gateway_sid == confirmation.sid


def test_the_same_text_again_gets_the_same_answer_and_is_stored_once(world: TwilioWorld) -> None:
    first = world.double.receive(ANA, "menu")
    sid = next(text.sid for text in world.double.texts if text.body == "menu")
    again = world.double.redeliver(sid)
    assert again.posted.body == first.posted.body
    assert stored_texts(world).count("menu") == 1


@on_sqlite
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Twilio-Signature": ""},
        {"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        {"X-Twilio-Signature": "\u00fc" * 28},
        {"X-Twilio-Signature": "A" * 10_000},
        signed(INBOUND, inbound(), "the token of another account"),
        signed(INBOUND, inbound(body="something else"), "token-of-the-double"),
        signed("https://elsewhere.test/webhooks/sms/inbound", inbound(), "token-of-the-double"),
        signed(INBOUND.replace("https", "http"), inbound(), "token-of-the-double"),
    ],
    ids=[
        "missing",
        "empty",
        "made up",
        "not ascii",
        "10 kB",
        "other token",
        "other body",
        "other host",
        "http",
    ],
)
@pytest.mark.parametrize("path", ["/webhooks/sms/inbound", f"/webhooks/sms/{uuid.UUID(int=7)}/status"])
def test_a_post_that_twilio_did_not_sign_is_refused_and_leaves_no_trace(
    world: TwilioWorld, headers: dict[str, str], path: str
) -> None:
    answer = post(world, PUBLIC + path, inbound(), headers)
    assert answer.status == 403
    assert "PUBLIC_BASE_URL" in answer.body
    assert stored_texts(world) == ["JOIN"]


def test_a_signed_post_of_another_account_is_refused(world: TwilioWorld) -> None:
    form = inbound(AccountSid="AC" + "9" * 32)
    assert post(world, INBOUND, form, signed(INBOUND, form, world.double.auth_token)).status == 403
    assert stored_texts(world) == ["JOIN"]


@on_sqlite
@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "handrail.test"},
        {"X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "70000"},
        {"Forwarded": "host=evil.example;proto=http", "X-Original-URL": "/somewhere/else"},
        {"Host": "evil.example:99"},
        {"Host": "handrail.test:notaport"},
    ],
    ids=["plain", "honest", "forged", "forged forwarded", "forged host", "broken host"],
)
def test_behind_a_tls_proxy_only_the_public_address_counts(
    world: TwilioWorld, forged: dict[str, str]
) -> None:
    form = inbound()
    headers = forged | signed(INBOUND, form, world.double.auth_token)
    answer = post(world, INBOUND, form, headers, base_url="http://10.1.2.3:8000")
    assert answer.status == 200
    assert stored_texts(world) == ["JOIN", "menu"]


def test_forged_headers_do_not_make_a_signature_for_another_address_fit(world: TwilioWorld) -> None:
    theirs, form = "https://evil.example/webhooks/sms/inbound", inbound()
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "Host": "evil.example"}
    answer = post(world, theirs, form, headers | signed(theirs, form, world.double.auth_token))
    assert answer.status == 403


@on_sqlite
def test_a_picture_and_fields_that_nobody_has_heard_of_are_no_obstacle(world: TwilioWorld) -> None:
    reply = world.double.receive(
        ANA, "", media_count=2, extra=[("ChannelPrefix", "x"), ("Neu\u00e9", "\u00df")]
    )
    assert reply.posted.status == 200
    (body,) = reply.messages
    assert "pictures" in body
    assert "picture" in world.alert_kinds()


# Going out


def test_a_check_in_goes_out_with_our_id_and_what_is_left_of_its_use(world: TwilioWorld) -> None:
    world.schedule(world.id_of(ANA), check_in("10:00"))
    world.jobs(timedelta(hours=1, minutes=10))  # ten minutes late
    (text,) = world.at_twilio()
    item = world.last()
    assert "1 to 5" in text.body
    assert item.status is S.SENT
    assert text.status_callback == f"{PUBLIC}/webhooks/sms/{item.id}/status"
    assert text.validity_period == (4 * 60 - 10) * 60
    assert text.service_sid == world.double.service_sid
    assert world.row(item.id).gateway_sid == text.sid
    world.text(ANA, "4")
    (score,) = world.person(ANA).scores
    assert score.score == 4


@on_sqlite
@pytest.mark.parametrize(
    ("reports", "ends", "moved"),
    [
        (["sent", "delivered"], S.DELIVERED, ["delivered"]),
        (["queued", "sending", "sent"], S.SENT, []),
        (["delivered", "sent", "queued"], S.DELIVERED, ["delivered"]),
        (["delivered", "delivered"], S.DELIVERED, ["delivered"]),
        (["delivered", "undelivered", "failed"], S.DELIVERED, ["delivered"]),
        (["undelivered", "delivered"], S.UNDELIVERED, ["undelivered"]),
        (["failed", "sent"], S.FAILED, ["failed"]),
        (["canceled"], S.CANCELLED, ["canceled"]),
        (["read"], S.DELIVERED, ["read"]),
        (["levitating", "delivered"], S.DELIVERED, ["delivered"]),
    ],
)
def test_receipts_move_the_status_only_along_allowed_edges_and_all_are_kept(
    world: TwilioWorld, reports: list[str], ends: MessageStatus, moved: list[str]
) -> None:
    item = world.send()
    (text,) = world.at_twilio()
    for report in reports:
        assert world.double.report(text.sid, report).status == 204
    assert world.status() is ends
    events = world.events(item.id)
    assert [raw for raw, _ in events] == reports
    assert [raw for raw, has_moved in events if has_moved] == moved


def test_receipts_that_are_faster_than_the_answer_count(world: TwilioWorld) -> None:
    world.double.lifecycle = (Receipt("sent", early=True), Receipt("delivered", early=True))
    item = world.send()
    assert item.status is S.DELIVERED
    (text,) = world.at_twilio()
    assert [posted.status for _, _, posted in world.double.receipts] == [204, 204]
    assert world.row(item.id).gateway_sid == text.sid
    assert item.sent_at == world.now


def test_a_question_reported_as_sent_early_waits_for_its_answer_from_then(world: TwilioWorld) -> None:
    world.double.lifecycle = (Receipt("sent", early=True),)
    world.schedule(world.id_of(ANA), check_in("10:00"))
    world.jobs(timedelta(hours=1))
    with world.parts.database.read() as session:
        (prompt,) = session.scalars(select(Prompt))
    assert prompt.asked_at == world.now
    assert prompt.act_at == world.now + timedelta(hours=1)


@on_sqlite
@pytest.mark.parametrize("path_id", [str(uuid.UUID(int=99)), "not-an-id", "0" * 500])
def test_a_receipt_for_a_text_nobody_knows_is_kept_and_not_asked_for_again(
    world: TwilioWorld, path_id: str
) -> None:
    url = f"{PUBLIC}/webhooks/sms/{path_id}/status"
    form = inbound(sid="SM" + "e" * 32, MessageStatus="delivered")
    assert post(world, url, form, signed(url, form, world.double.auth_token)).status == 204
    with world.parts.database.read() as session:
        (event,) = session.scalars(select(DeliveryEvent))
    assert (event.message_id, event.gateway_sid, event.raw_status) == (None, "SM" + "e" * 32, "delivered")


def test_a_receipt_with_a_lost_path_is_matched_by_twilios_id(world: TwilioWorld) -> None:
    world.send()
    (text,) = world.at_twilio()
    url = f"{PUBLIC}/webhooks/sms/{uuid.UUID(int=1)}/status"
    form = inbound(sid=text.sid, MessageStatus="delivered")
    assert post(world, url, form, signed(url, form, world.double.auth_token)).status == 204
    assert world.status() is S.DELIVERED


# What Twilio refuses


def test_21610_records_the_opt_out_and_cancels_the_rest(world: TwilioWorld) -> None:
    world.double.blocked.add(ANA)
    world.write(ANA, "the first")
    world.write(ANA, "the second")
    world.jobs()
    person = world.person(ANA)
    assert person.consent is ConsentStatus.OPTED_OUT
    assert person.consent_history[-1].source is ConsentSource.GATEWAY
    assert sorted(item.status or S.QUEUED for item in world.sent(ANA)[1:]) == [S.CANCELLED, S.FAILED]
    assert world.posts == 1
    assert world.alert_kinds() == ["opted-out"]
    world.jobs(timedelta(days=1))
    assert world.posts == 1


def test_21610_in_a_receipt_records_the_opt_out_too(world: TwilioWorld) -> None:
    world.send()
    (text,) = world.at_twilio()
    world.double.report(text.sid, "failed", 21610)
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert world.last().error_code == 21610


@on_sqlite
@pytest.mark.parametrize("code", [21211, 21614, 30006])
def test_a_bad_number_is_a_coordinators_task_and_is_texted_no_more(world: TwilioWorld, code: int) -> None:
    world.double.script(script.refuse(code))
    world.schedule(world.id_of(ANA), check_in("10:00"))
    item = world.send()
    assert item.status is S.FAILED
    assert item.error_code == code
    assert item.what_to_do
    assert world.alert_kinds() == ["number-problem"]
    assert world.person(ANA).number_problem
    for _ in range(3):
        world.jobs(timedelta(hours=6))
    assert world.posts == 1
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN


@on_sqlite
@pytest.mark.parametrize(
    "refusal",
    [script.refuse(20003, 401), script.refuse(None, 401), script.refuse(30034), script.refuse(21606)],
)
def test_a_refused_account_pauses_everything_burns_nothing_and_recovers(
    world: TwilioWorld, refusal: script.Answer
) -> None:
    world.text(BEN, "JOIN")
    world.double.always = refusal
    for number in (ANA, BEN):
        world.write(number)
    world.jobs()
    assert world.posts == 1  # the second text was not even tried
    assert [world.status(number) for number in (ANA, BEN)] == [S.QUEUED, S.QUEUED]
    assert world.alert_kinds() == ["sending-paused"]
    ready = world.app.test_client().get("/readyz")
    assert ready.status_code == 503
    assert "paused" in ready.text
    for _ in range(4):
        world.jobs(timedelta(minutes=5, seconds=1))
    assert world.posts == 5  # one probe every five minutes
    assert world.alert_kinds() == ["sending-paused"]

    world.double.always = None
    world.jobs(timedelta(minutes=5, seconds=1))
    assert [len(world.at_twilio(number)) for number in (ANA, BEN)] == [1, 1]
    for number in (ANA, BEN):
        item = world.last(number)
        assert (item.status, item.error_code, item.reason) == (S.SENT, None, None)
    assert health.check(world.parts.database, world.now, world.now).sending_paused is None


@on_sqlite
def test_between_two_probes_nothing_is_tried(world: TwilioWorld) -> None:
    world.double.always = script.refuse(20003, 401)
    world.write(ANA)
    for _ in range(10):
        world.jobs(timedelta(seconds=20))
    assert world.posts == 1


def test_an_account_error_in_a_receipt_pauses_sending_as_well(world: TwilioWorld) -> None:
    world.send()
    (text,) = world.at_twilio()
    world.double.report(text.sid, "undelivered", 30034)
    assert world.status() is S.UNDELIVERED
    assert "sending-paused" in world.alert_kinds()
    world.write(ANA)
    world.jobs(timedelta(seconds=30))
    assert world.posts == 1
    assert world.status() is S.QUEUED


@on_sqlite
def test_people_are_answered_while_sending_is_paused(world: TwilioWorld) -> None:
    world.double.script(script.refuse(20003, 401))
    world.send()
    assert "988" in world.say(ANA, "i want to kill myself")


def test_too_fast_waits_as_long_as_twilio_says(world: TwilioWorld) -> None:
    world.double.script(script.too_fast("90"))
    assert world.send().status is S.QUEUED
    world.jobs(timedelta(seconds=80))
    assert world.posts == 1
    world.jobs(timedelta(seconds=11))
    assert world.posts == 2
    item = world.last()
    assert (item.status, item.reason) == (S.SENT, None)
    assert len(world.at_twilio()) == 1


@on_sqlite
def test_too_fast_for_longer_than_a_text_is_of_use_expires_it_visibly(world: TwilioWorld) -> None:
    world.schedule(world.id_of(ANA), check_in("10:00"))
    world.double.always = script.too_fast("3600")
    for _ in range(10):
        world.jobs(timedelta(hours=1))
    item = world.last()
    assert item.status is S.EXPIRED
    assert "undelivered" in world.alert_kinds()
    assert not world.at_twilio()


@on_sqlite
@pytest.mark.parametrize("code", [30007, 30004, 39999])
def test_a_text_that_did_not_arrive_is_shown_with_its_reason(world: TwilioWorld, code: int) -> None:
    item = world.send()
    (text,) = world.at_twilio()
    world.double.report(text.sid, "undelivered", code)
    item = world.last()
    assert (item.status, item.error_code) == (S.UNDELIVERED, code)
    assert item.reason
    assert item.what_to_do
    assert world.alert_kinds() == ["undelivered"]
    world.jobs(timedelta(hours=3))
    assert world.posts == 1


@on_sqlite
@pytest.mark.parametrize(("code", "waits"), [(30003, (20, 60)), (30008, (30,))])
def test_a_text_to_a_phone_that_was_off_is_tried_again_spaced_and_each_try_is_shown(
    world: TwilioWorld, code: int, waits: tuple[int, ...]
) -> None:
    world.send()
    for tried, wait in enumerate(waits, 1):
        world.double.report(world.at_twilio()[-1].sid, "undelivered", code)
        world.jobs(timedelta(minutes=wait - 1))
        assert world.posts == tried
        world.jobs(timedelta(minutes=2))
        assert world.posts == tried + 1
    world.double.report(world.at_twilio()[-1].sid, "undelivered", code)
    world.jobs(timedelta(hours=5))
    assert world.posts == 1 + len(waits)
    items = [item for item in world.sent(ANA) if item.kind is not None and item.kind.value == "manual"]
    assert [(item.status, item.error_code) for item in items] == [(S.UNDELIVERED, code)] * (1 + len(waits))
    assert world.alert_kinds() == ["undelivered"]


@on_sqlite
def test_a_text_is_not_tried_again_when_it_would_be_of_no_more_use(world: TwilioWorld) -> None:
    world.write(ANA)
    world.jobs(timedelta(hours=11, minutes=50))
    world.double.report(world.at_twilio()[-1].sid, "undelivered", 30003)
    world.jobs(timedelta(minutes=30))
    assert world.posts == 1
    assert world.status() is S.UNDELIVERED


@on_sqlite
def test_a_waiting_second_try_is_withdrawn_by_stop(world: TwilioWorld) -> None:
    world.send()
    world.double.report(world.at_twilio()[-1].sid, "undelivered", 30003)
    world.text(ANA, "STOP")
    world.jobs(timedelta(hours=1))
    assert world.posts == 1
    assert world.status() is S.CANCELLED


def test_a_question_the_carrier_took_for_spam_is_not_asked_again(world: TwilioWorld) -> None:
    world.schedule(world.id_of(ANA), check_in("10:00", on=world.person(ANA).local_now.date()))
    world.jobs(timedelta(hours=1))
    (text,) = world.at_twilio()
    world.double.report(text.sid, "sent")
    world.double.report(text.sid, "undelivered", 30007)
    for _ in range(8):
        world.jobs(timedelta(hours=1))
    assert world.posts == 1
    with world.parts.database.read() as session:
        (prompt,) = session.scalars(select(Prompt))
    assert prompt.status is PromptStatus.WITHDRAWN  # nobody was silent: nobody was asked


def test_a_question_to_a_phone_that_was_off_is_asked_once_more_and_not_a_third_time(
    world: TwilioWorld,
) -> None:
    world.schedule(world.id_of(ANA), check_in("10:00", on=world.person(ANA).local_now.date()))
    world.jobs(timedelta(hours=1))
    (text,) = world.at_twilio()
    world.double.report(text.sid, "undelivered", 30003)
    for _ in range(8):
        world.jobs(timedelta(hours=1))
    assert world.posts == 2


@on_sqlite
@pytest.mark.parametrize(
    ("code", "status"), [(39999, 400), (None, 400), (21617, 400)], ids=["unmapped", "no code", "too long"]
)
def test_a_refusal_that_nobody_mapped_is_shown_and_not_tried_again(
    world: TwilioWorld, code: int | None, status: int
) -> None:
    world.double.script(script.refuse(code, status))
    item = world.send()
    assert (item.status, item.error_code) == (S.FAILED, code)
    assert item.reason
    assert world.alert_kinds() == ["undelivered"]
    world.jobs(timedelta(hours=2))
    assert world.posts == 1


def test_a_text_that_waited_at_twilio_too_long_is_expired_not_failed(world: TwilioWorld) -> None:
    world.send()
    (text,) = world.at_twilio()
    world.double.report(text.sid, "failed", 30036)
    assert world.status() is S.EXPIRED


# Outcomes that are not clear


UNCLEAR = {
    "500": script.server_error(500, accepts=True),
    "503": script.server_error(503, accepts=True, retry_after="1"),
    "reset": script.reset(accepts=True),
    "timeout": script.hang(accepts=True),
    "cut 201": script.unreadable("garbled"),
    "201 without sid": script.unreadable("no sid"),
    "201 of html": script.unreadable("not json"),
}


@pytest.fixture
def impatient(world: TwilioWorld) -> Iterator[TwilioWorld]:
    """The same service, whose Twilio client waits half a second for an answer."""
    gateway = gateway_to(world.double.base_url, timeout=timedelta(seconds=0.5))
    world.gateway = gateway
    yield world
    gateway.close()


@pytest.mark.parametrize("how", UNCLEAR)
def test_an_unclear_outcome_is_unknown_and_the_list_settles_it(impatient: TwilioWorld, how: str) -> None:
    world = impatient
    world.double.script(UNCLEAR[how])
    assert world.send().status is S.UNKNOWN
    assert world.alert_kinds() == ["outcome-unknown"]
    world.jobs(timedelta(minutes=1))
    assert world.status() is S.UNKNOWN  # too early: Twilio's list lags
    world.jobs(timedelta(minutes=2))
    item = world.last()
    assert (item.status, item.reason) == (S.SENT, None)
    (text,) = world.at_twilio()
    assert world.row(item.id).gateway_sid == text.sid
    assert world.posts == 1


@on_sqlite
@pytest.mark.parametrize("how", UNCLEAR)
def test_an_unclear_outcome_is_settled_by_a_receipt(impatient: TwilioWorld, how: str) -> None:
    world = impatient
    world.double.script(UNCLEAR[how])
    assert world.send().status is S.UNKNOWN
    (text,) = world.at_twilio()
    world.double.report(text.sid, "delivered")
    item = world.last()
    assert (item.status, item.reason) == (S.DELIVERED, None)
    for _ in range(5):
        world.jobs(timedelta(minutes=30))
    assert world.posts == 1


@on_sqlite
@pytest.mark.parametrize(
    "answer", [script.server_error(500), script.reset(accepts=False), script.hang(accepts=False)]
)
def test_a_text_that_twilio_provably_never_had_is_sent_again_once(
    impatient: TwilioWorld, answer: script.Answer
) -> None:
    world = impatient
    world.double.script(answer, answer)
    world.send()
    world.jobs(timedelta(minutes=3))
    assert (world.status(), world.posts) == (S.UNKNOWN, 1)  # one look proves nothing
    world.jobs(timedelta(minutes=4))
    assert (world.status(), world.posts) == (S.UNKNOWN, 1)
    world.jobs(timedelta(minutes=2))
    assert world.posts == 2
    assert world.status() is S.UNKNOWN  # the second call was no clearer
    for _ in range(8):
        world.jobs(timedelta(minutes=20))
    assert world.posts == 2  # once is all
    assert world.status() is S.UNKNOWN
    assert world.alert_kinds() == ["outcome-unknown", "outcome-unknown"]
    assert "sent again, once" in (world.alerts()[0].detail or "")
    assert not world.at_twilio()


@on_sqlite
@pytest.mark.parametrize("why_not", ["opted out", "paused", "of no more use"])
def test_a_text_that_is_not_wanted_any_more_is_not_sent_again(impatient: TwilioWorld, why_not: str) -> None:
    world = impatient
    world.schedule(world.id_of(ANA), medication("09:01"))
    world.double.script(script.server_error(500))
    world.jobs(timedelta(minutes=1))
    assert (world.status(), world.posts) == (S.UNKNOWN, 1)
    if why_not == "opted out":
        world.text(ANA, "STOP")
    elif why_not == "paused":
        enrolment.pause(
            world.parts.database, world.id_of(ANA), world.now + timedelta(days=2), STAFF, world.now
        )
    else:
        world.double.reads_fail_with = script.server_error(503)
        world.jobs(timedelta(minutes=3))
        world.wall.advance(timedelta(hours=3))
        world.double.reads_fail_with = None
    before = world.posts
    for _ in range(6):
        rounds.rescue_all(world.parts.database, world.gateway, world.parts.programme, world.now)
        rounds.send_all(world.parts.database, world.gateway, world.parts.programme, world.wall)
        world.wall.advance(timedelta(minutes=10))
    assert world.posts - before == 0
    first = next(
        item for item in world.sent(ANA) if item.kind is not None and item.kind.value == "medication"
    )
    assert first.status is S.UNKNOWN


def test_a_receipt_that_comes_after_the_text_was_queued_again_stops_the_second_sending(
    impatient: TwilioWorld,
) -> None:
    world = impatient
    world.double.script(script.server_error(500, accepts=True))
    world.send()
    (text,) = world.at_twilio()
    kept = world.double.find(text.sid)
    assert kept is not None
    world.double.forget(text.sid)  # Twilio's list leaves it out, against all reason
    for _ in range(3):
        world.wall.advance(timedelta(minutes=4))
        rounds.rescue_all(world.parts.database, world.gateway, world.parts.programme, world.now)
    assert world.status() is S.QUEUED
    world.double._texts[text.sid] = kept
    world.double.report(text.sid, "delivered")
    assert world.status() is S.DELIVERED
    world.jobs(timedelta(minutes=1))
    assert world.posts == 1


@on_sqlite
def test_many_unknown_texts_take_turns_in_being_looked_up(impatient: TwilioWorld) -> None:
    """More than fit into one look: those that are not found do not hide the others."""
    world = impatient
    world.double.judges = False
    world.double.always = script.server_error(500)
    for n in range(60):
        world.write(ANA, f"text {n}")
    world.jobs()
    world.double.always = None
    for _ in range(3):
        world.jobs(timedelta(minutes=3))
    asked = sum(call.method == "GET" for call in world.double.calls)
    assert asked >= 60
    for _ in range(6):
        world.jobs(timedelta(minutes=3))
    assert {item.status for item in world.sent(ANA)[1:]} == {S.SENT}
    assert len(world.at_twilio()) == 60


@on_sqlite
def test_the_list_is_not_believed_about_somebody_elses_words(impatient: TwilioWorld) -> None:
    world = impatient
    world.send(body="the one that arrived")
    world.double.script(script.server_error(500))
    world.wall.advance(timedelta(seconds=1))
    assert world.send(body="the one that did not").status is S.UNKNOWN
    world.jobs(timedelta(minutes=3))
    assert world.status() is S.UNKNOWN


def test_the_same_words_sent_before_do_not_settle_a_text(impatient: TwilioWorld) -> None:
    world = impatient
    world.send(body="the same words")
    world.double.script(script.server_error(500))
    world.wall.advance(timedelta(seconds=1))
    assert world.send(body="the same words").status is S.UNKNOWN
    world.jobs(timedelta(minutes=3))
    assert world.status() is S.UNKNOWN


def test_a_list_that_cannot_be_read_leaves_it_unknown_until_it_can(impatient: TwilioWorld) -> None:
    world = impatient
    world.double.script(script.server_error(500, accepts=True))
    world.send()
    world.double.reads_fail_with = script.server_error(503)
    world.jobs(timedelta(minutes=5))
    assert world.status() is S.UNKNOWN
    world.double.reads_fail_with = None
    world.jobs(timedelta(minutes=5))
    assert world.status() is S.SENT


def test_twilio_out_of_reach_keeps_the_text_due_and_sends_it_once(world: TwilioWorld) -> None:
    gone = gateway_to("http://127.0.0.1:9", timeout=timedelta(seconds=0.5))
    there, world.gateway = world.gateway, gone
    assert world.send().status is S.QUEUED
    gone.close()
    world.gateway = there
    world.jobs(timedelta(seconds=30))
    assert world.status() is S.SENT
    assert len(world.at_twilio()) == 1


class Killed(BaseException):
    """The process ends here."""


class DyingGateway:
    """Hands the text to Twilio, then the process dies before anything can be written down."""

    def __init__(self, world: TwilioWorld, *, reaches_twilio: bool) -> None:
        self._gateway, self._reaches_twilio = world.parts.gateway, reaches_twilio

    def send(self, text: object, gate: object) -> object:
        if self._reaches_twilio:
            self._gateway.send(text, gate)  # type: ignore[arg-type]
        raise Killed


@pytest.mark.parametrize("reaches_twilio", [True, False])
def test_a_text_whose_sender_was_killed_is_unknown_after_five_minutes_and_then_settled(
    world: TwilioWorld, reaches_twilio: bool
) -> None:
    world.write(ANA)
    with pytest.raises(Killed):
        at_once.send_next(
            world.parts.database,
            DyingGateway(world, reaches_twilio=reaches_twilio),  # type: ignore[arg-type]
            world.parts.programme,
            world.now,
        )
    assert world.status() is S.SENDING
    world.jobs(timedelta(minutes=4))
    assert world.status() is S.SENDING
    world.double.reads_fail_with = script.server_error(503)
    world.jobs(timedelta(minutes=2))
    assert world.status() is S.UNKNOWN
    assert world.alert_kinds() == ["outcome-unknown"]
    world.double.reads_fail_with = None
    world.jobs(timedelta(minutes=2))
    assert world.status() is (S.SENT if reaches_twilio else S.UNKNOWN)
    world.jobs(timedelta(minutes=10))
    assert world.status() is S.SENT  # what Twilio provably never had went out again
    world.jobs(timedelta(hours=2))
    assert len(world.at_twilio()) == 1


# Leaving


@pytest.mark.parametrize("with_type", [True, False], ids=["with OptOutType", "without"])
def test_twilio_confirms_stop_help_and_start_and_we_do_not_confirm_again(
    world: TwilioWorld, with_type: bool
) -> None:
    world.double.advanced_opt_out = with_type
    assert world.text(ANA, "HELP") == []
    assert world.text(ANA, "Stop") == []
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert world.text(ANA, "START") == []
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN
    assert len(world.sent(ANA)) == 1  # the confirmation of JOIN


@on_sqlite
@pytest.mark.parametrize("words", ["stop texting me", "STOP."])
def test_an_opt_out_that_twilio_does_not_know_is_confirmed_by_us_once(world: TwilioWorld, words: str) -> None:
    (reply,) = world.text(ANA, words)
    assert "any more texts" in reply
    assert world.text(ANA, words) == []
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT


def test_with_replies_by_the_service_we_confirm_what_twilio_leaves_to_us(
    database_url: str, twilio_world: TwilioWorld
) -> None:
    double = twilio_world.double
    double.filters_opt_outs = False
    world = TwilioWorld(database_url, double, twilio_world.now, opt_out_replies="service")
    (help_text,) = world.text(ANA, "HELP")
    assert "988" in help_text
    (goodbye,) = world.text(ANA, "STOP")
    assert "any more texts" in goodbye
    (hello,) = world.text(ANA, "START")
    assert "welcome back" in hello
    world.close()


def test_an_opt_out_that_is_stored_before_the_claim_wins(world: TwilioWorld) -> None:
    for n in range(30):
        world.write(ANA, f"text {n}")
    world.text(ANA, "STOP")
    world.jobs()
    assert world.posts == 0
    assert {item.status for item in world.sent(ANA)[1:]} == {S.CANCELLED}
    assert {item.reason for item in world.sent(ANA)[1:]} == {"opted out"}


def test_an_opt_out_stops_the_text_whose_call_is_about_to_begin_and_all_behind_it(
    world: TwilioWorld,
) -> None:
    """STOP is stored after the first text was claimed and before its request leaves."""
    for n in range(5):
        world.write(ANA, f"text {n}")
    real, seen = world.parts.gateway, []

    class Slow:
        def send(self, text: object, gate: object) -> object:
            seen.append(text)
            if len(seen) == 1:
                world.text(ANA, "STOP")
            return real.send(text, gate)  # type: ignore[arg-type]

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

    world.gateway = Slow()  # type: ignore[assignment]
    world.jobs()
    assert len(seen) == 1
    assert world.posts == 0
    assert [item.status for item in world.sent(ANA)[1:]] == [S.CANCELLED] * 5
    assert {item.reason for item in world.sent(ANA)[1:]} == {"opted out"}


@on_sqlite
def test_there_is_no_simulated_phone(world: TwilioWorld) -> None:
    assert world.app.test_client().get("/phone").status_code == 404
