"""The webhooks' door on both databases: the same post many times at once, headers of any kind, faults within."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from service.domain.consent import ConsentStatus
from service.domain.message import MessageStatus
from service.store.schema import DeliveryEvent, InboundMessage, Message
from service.workflows import conversing, replies
from tests.rig.world import ANA, World, check_in, settings_for
from tests.web.test_webhooks import FORM, INBOUND, Fields, fields, signature
from tests.workflows.test_racing import at_once

on_sqlite = pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)


def post(world: World, form: Fields, path: str = INBOUND, **headers: str) -> TestResponse:
    sent = signature(world, form, path) | headers
    return world.app.test_client().post(path, data=urlencode(form), content_type=FORM, headers=sent)


def count(world: World, table: type[InboundMessage | Message | DeliveryEvent]) -> int:
    with world.parts.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("body", ["JOIN", "i want to kill myself", "STOP"])
def test_ten_equal_posts_at_once_are_one_text_with_one_answer(world: World, body: str) -> None:
    answers: list[TestResponse] = []
    at_once(*[lambda: answers.append(post(world, fields(Body=body)))] * 10)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert count(world, InboundMessage) == 1
    assert count(world, Message) == 1
    assert world.alert_kinds() == (["crisis"] if "kill" in body else [])


def test_ten_equal_receipts_at_once_move_a_text_once_and_are_all_kept(world: World) -> None:
    world.say(ANA, "JOIN")
    (item,) = world.sent(ANA)
    with world.parts.database.write() as session:
        row = session.scalars(select(Message)).one()
        row.status, row.final_at = MessageStatus.SENT, None
        sid = row.gateway_sid or ""
    before = count(world, DeliveryEvent)
    path = f"/webhooks/sms/{item.id}/status"
    form = fields(MessageSid=sid, MessageStatus="delivered")
    answers: list[TestResponse] = []
    at_once(*[lambda: answers.append(post(world, form, path))] * 10)
    assert {answer.status_code for answer in answers} == {204}
    assert [each.status for each in world.sent(ANA)] == [MessageStatus.DELIVERED]
    assert count(world, DeliveryEvent) == before + 10


def test_two_answers_of_one_person_at_once_leave_one_score_and_two_texts(world: World) -> None:
    world.say(ANA, "JOIN")
    world.schedule(world.id_of(ANA), check_in("10:00"))
    world.move(timedelta(hours=1))
    before = count(world, InboundMessage)
    answers: list[TestResponse] = []
    forms = [fields(MessageSid="SM" + digit * 32, Body=digit) for digit in "45"]
    at_once(*(lambda form=form: answers.append(post(world, form)) for form in forms))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(world.person(ANA).scores) == 1
    assert count(world, InboundMessage) == before + 2
    assert "not-understood" not in world.alert_kinds()


@on_sqlite
def test_a_text_replayed_a_day_later_is_answered_alike_and_acts_no_more(world: World) -> None:
    form = fields(Body="STOP")
    first = post(world, form)
    world.wall.advance(timedelta(minutes=1))
    world.text(ANA, "START")
    world.wall.advance(timedelta(days=1))
    again = post(world, form)
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN
    assert count(world, InboundMessage) == 2


@on_sqlite
@pytest.mark.parametrize(
    "given",
    [None, "", "A" * 10_000, "\u00fc" * 28, "\u00ff" * 28, "A" * 28],
    ids=["missing", "empty", "10 kB", "not ascii", "high bytes", "wrong"],
)
def test_a_bad_signature_is_refused_in_words_and_never_a_fault(world: World, given: str | None) -> None:
    headers = {} if given is None else {"X-Twilio-Signature": given}
    answer = world.app.test_client().post(
        INBOUND, data=urlencode(fields()), content_type=FORM, headers=headers
    )
    assert answer.status_code == 403
    assert "PUBLIC_BASE_URL" in answer.text
    assert count(world, InboundMessage) == 0


@on_sqlite
def test_a_signature_does_not_fit_another_body(world: World) -> None:
    fit = signature(world, fields(Body="YES"))
    answer = world.app.test_client().post(
        INBOUND, data=urlencode(fields(Body="NO")), content_type=FORM, headers=fit
    )
    assert answer.status_code == 403


@on_sqlite
@pytest.mark.parametrize(
    "forged",
    [
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
        {"Host": "evil.example"},
        {"X-Forwarded-Port": "99999", "X-Forwarded-Prefix": "/elsewhere"},
        {"Forwarded": "host=evil.example;proto=http", "X-Original-URL": "/elsewhere"},
    ],
)
@pytest.mark.parametrize("proxies", [0, 2])
def test_only_the_public_address_decides_whatever_headers_say(
    world: World, database_url: str, forged: dict[str, str], proxies: int
) -> None:
    behind = World(settings_for(database_url, trusted_proxies=proxies), world.wall.now)
    assert post(behind, fields(), **forged).status_code == 200
    behind.close()


@on_sqlite
def test_bytes_that_are_no_text_are_refused_even_when_signed(world: World) -> None:
    form = [*fields(), ("Extra", "\ufffd")]  # as the application reads the bytes below
    body = urlencode(fields()) + "&Extra=%ED%A0%80"
    answer = world.app.test_client().post(
        INBOUND, data=body, content_type=FORM, headers=signature(world, form)
    )
    assert answer.status_code in {200, 403}


def failing(times: int, problem: Exception, real: Callable[..., object]) -> Callable[..., object]:
    left = [problem] * times

    def work(*args: object, **more: object) -> object:
        if left:
            raise left.pop()
        return real(*args, **more)

    return work


@pytest.mark.parametrize("place", ["converse", "hold_back", "understand"])
def test_a_fault_anywhere_after_reading_keeps_the_text_and_tells_staff(
    world: World, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    world.say(ANA, "JOIN")
    monkeypatch.setattr(replies, place, failing(1, ValueError("a fault of ours"), getattr(replies, place)))
    answer = post(world, fields(Body="how does methadone work"))
    assert answer.status_code == 200
    assert "988" in answer.text
    assert world.alert_kinds() == ["not-understood"]
    assert count(world, InboundMessage) == 2


def test_a_database_that_fails_once_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.say(ANA, "JOIN")
    problem = OperationalError("", {}, Exception("deadlock"))
    monkeypatch.setattr(replies, "converse", failing(1, problem, conversing.converse))
    answer = post(world, fields(Body="menu"))
    assert "CRAVING" in answer.text
    assert world.alert_kinds() == []


def test_a_database_that_fails_is_a_fault_that_twilio_repeats(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = OperationalError("", {}, Exception("no connection"))
    monkeypatch.setattr(replies, "converse", failing(2, problem, conversing.converse))
    assert post(world, fields(Body="JOIN")).status_code == 500
    assert count(world, InboundMessage) == 0
    assert post(world, fields(Body="JOIN")).status_code == 200  # the repeat
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN
