"""Paging with several processes at once, and with what Twilio may answer."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from service.domain.message import MessageStatus
from service.domain.rota import RotaRole
from service.store import rota as rotas
from service.store import staff_phones
from service.store.schema import Message, Page
from service.workflows import alerting, retention, rounds
from tests.rig.on_call import DANA, LEE, SUE, hire, page_statuses, pages_on, put_on_call, three_on_call
from tests.rig.twilio_world import TwilioWorld
from tests.rig.world import ANA, BEN, STAFF, World
from tests.twilio_double import script

CRISIS = "i want to kill myself"
MINUTE = timedelta(minutes=1)
PEOPLE = [f"+1202555{n:04d}" for n in range(300, 306)]


@pytest.fixture
def on_call(twilio_world: TwilioWorld) -> TwilioWorld:
    three_on_call(twilio_world)
    twilio_world.jobs()
    twilio_world.double.judges = False
    return twilio_world


@pytest.fixture
def other(on_call: TwilioWorld) -> Iterator[TwilioWorld]:
    """A second process on the same database."""
    made = TwilioWorld(on_call.settings.database_url, on_call.double, on_call.now)
    made.wall = on_call.wall
    yield made
    made.close()


def pages_at_twilio(world: TwilioWorld, phone: str) -> list[str]:
    return [text.body for text in world.at_twilio(phone) if "someone needs a call" in text.body]


def test_two_jobs_processes_at_once_page_each_person_once_a_step(
    on_call: TwilioWorld, other: TwilioWorld
) -> None:
    for number in PEOPLE:
        on_call.text(number, CRISIS)
    together = Barrier(4)

    def work(world: TwilioWorld) -> None:
        parts = world.parts
        together.wait()
        rounds.page_all(parts.database, parts.words, parts.programme, world.wall())
        rounds.send_all(parts.database, parts.gateway, parts.programme, world.wall)

    for minutes, expected in ((0, (6, 0, 0)), (5, (6, 6, 0)), (10, (6, 6, 6)), (15, (12, 12, 12))):
        on_call.wall.advance(minutes * MINUTE)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, (on_call, other, on_call, other)))
        on_call.jobs()  # whatever one process left to the other when both were busy
        assert tuple(len(pages_at_twilio(on_call, phone)) for phone in (DANA, LEE, SUE)) == expected
    assert len(set(pages_at_twilio(on_call, LEE))) == 6  # each alert has a code of its own


def test_an_acknowledgement_beside_a_step_leaves_no_page_waiting(
    on_call: TwilioWorld, other: TwilioWorld
) -> None:
    for number in PEOPLE:
        on_call.text(number, CRISIS)
    on_call.jobs()
    on_call.wall.advance(5 * MINUTE)
    together = Barrier(2)
    parts = on_call.parts

    def step() -> None:
        together.wait()
        rounds.page_all(parts.database, parts.words, parts.programme, on_call.now)

    def take() -> None:
        together.wait()
        for alert in other.alerts():
            alerting.acknowledge(other.parts.database, alert.id, STAFF, other.now)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(step), pool.submit(take)]:
            done.result()
    on_call.jobs()
    assert all(status is not MessageStatus.QUEUED for _, status in page_statuses(on_call))
    assert pages_at_twilio(on_call, LEE) == []


@pytest.mark.parametrize("answer", [script.refuse(21211), script.server_error(500, accepts=False)])
def test_a_page_that_twilio_does_not_take_for_sure_has_the_next_person_paged_at_once(
    on_call: TwilioWorld, answer: script.Answer
) -> None:
    on_call.text(ANA, CRISIS)
    on_call.double.script(answer)
    on_call.jobs()
    on_call.jobs()
    assert pages_at_twilio(on_call, DANA) == []
    assert len(pages_at_twilio(on_call, LEE)) == 1
    assert pages_at_twilio(on_call, SUE) == []


def test_a_late_failure_does_not_page_the_next_person_twice(on_call: TwilioWorld) -> None:
    on_call.text(ANA, CRISIS)
    on_call.jobs()
    on_call.jobs(after=5 * MINUTE)
    with on_call.parts.database.write() as session:
        page = session.get_one(Page, 1)
        session.get_one(Message, page.message_id).status = MessageStatus.UNDELIVERED
    on_call.jobs(after=MINUTE)
    assert [len(pages_at_twilio(on_call, phone)) for phone in (DANA, LEE, SUE)] == [1, 1, 0]
    assert "page-failed" in on_call.alert_kinds()


def test_pages_go_before_everything_else(on_call: TwilioWorld) -> None:
    for n in range(5):
        on_call.write(ANA, f"text {n}")
    on_call.text(BEN, CRISIS)
    calls = len(on_call.double.calls)
    on_call.jobs()
    first = on_call.double.calls[calls]
    assert first.method == "POST"
    assert len(pages_at_twilio(on_call, DANA)) == 1
    sent = sorted(on_call.double.texts, key=lambda text: text.created_at)
    bodies = [text.body for text in sent if text.direction == "outbound-api"]
    assert "someone needs a call" in bodies[-6]


def test_the_gateway_answers_stop_and_start_of_a_staff_phone_itself(on_call: TwilioWorld) -> None:
    assert on_call.text(DANA, "STOP") == []
    with on_call.parts.database.read() as session:
        assert set(staff_phones.confirmed(session)) == {2, 3}
    assert on_call.text(DANA, "START") == []
    with on_call.parts.database.read() as session:
        assert set(staff_phones.confirmed(session)) == {1, 2, 3}


def test_a_stop_that_is_only_in_the_journal_stops_pages_again(on_call: TwilioWorld) -> None:
    with on_call.parts.database.write() as session:
        index = on_call.parts.database.vault.index(DANA)
        staff_phones.stop_since(session, index, on_call.now - 60 * MINUTE)
        assert 1 in staff_phones.confirmed(session)  # the YES came later
        staff_phones.stop_since(session, index, on_call.now + MINUTE)
        assert 1 not in staff_phones.confirmed(session)


def test_whose_account_is_closed_is_neither_on_call_nor_paged(world: World) -> None:
    dana = hire(world, "Dana", DANA)
    put_on_call(world, dana)
    put_on_call(world, hire(world, "Lee", LEE), RotaRole.SECOND)
    with world.parts.database.write() as session:
        staff_phones.of_coordinator(session, dana).coordinator.disabled_at = world.now  # type: ignore[union-attr]
        assert rotas.rota(session, "UTC").on_call(world.now)[RotaRole.FIRST] == ()
    world.say(ANA, CRISIS)
    world.settle()
    assert pages_on(world, DANA) == []
    assert len(pages_on(world, LEE)) == 1


def test_pages_lose_number_and_words_when_texts_do(world: World) -> None:
    put_on_call(world, hire(world, "Dana", DANA))
    world.say(ANA, CRISIS)
    world.settle()
    world.wall.advance(timedelta(days=400))
    parts = world.parts
    retention.run(parts.database, parts.gateway, parts.programme.texts_kept, world.now, lambda: False)
    with parts.database.read() as session:
        message = session.get_one(Page, 1).message
        assert message.body_sealed is message.to_sealed is None


def test_nothing_is_paged_from_a_restored_backup_that_awaits_its_replay(
    world: World, database_url: str
) -> None:
    from service.store import marks

    put_on_call(world, hire(world, "Dana", DANA))
    with world.parts.database.write() as session:
        marks.put(session, marks.AWAITING_REPLAY)
    world.text(ANA, CRISIS)
    world.settle()
    assert page_statuses(world) == []
    with world.parts.database.write() as session:
        marks.clear(session, marks.AWAITING_REPLAY)
    world.settle()
    assert len(pages_on(world, DANA)) == 1


def test_a_number_is_sealed_and_found_by_the_hash_that_participants_have(world: World) -> None:
    hire(world, "Dana", DANA)
    with world.parts.database.read() as session:
        (row,) = staff_phones.all_of_staff(session)
        assert row.phone_index == world.parts.database.vault.index(DANA)
        assert DANA.encode() not in row.phone_sealed
        assert row.phone == DANA
