"""One line of time of all that happened with a person, cut into pages that miss nothing."""

from collections import Counter
from datetime import timedelta

from service.domain.ending import EndReason
from service.domain.moving import NumberChangeStatus
from service.workflows import alerting, ending, enrolment, moving, timeline
from service.workflows.thread import ThreadItem
from service.workflows.timeline import AlertEvent, ChangeEvent, ConsentEventLine, NumberEvent
from tests.rig.world import ANA, BEN, STAFF, World, check_in


def told(world: World) -> int:
    """Ana, with something of everything."""
    ana = world.enrol(ANA, name="Ana")
    world.enrol(BEN, name="Ben")
    daily = world.schedule(ana, check_in("10:00"))
    world.settle()
    world.move_to("2026-10-26 10:05")
    world.text(ANA, "1 awful")
    world.text(BEN, "can somebody call me")
    (rough, *_) = [alert for alert in world.alerts() if alert.participant_id == ana]
    world.move(timedelta(minutes=5))
    alerting.acknowledge(world.parts.database, rough.id, STAFF, world.now, "called her")
    parts = world.parts
    enrolment.pause(parts.database, ana, world.now + timedelta(days=1), STAFF, world.now)
    enrolment.resume(parts.database, ana, STAFF, world.now)
    ending.end_schedule(parts.database, daily, STAFF, world.now, EndReason.LOSS)
    moving.ask(
        parts.database, parts.words, parts.programme, ana, "+12025550144", STAFF, world.now,
        note="told us", stops_old=False,
    )  # fmt: skip
    world.text(ANA, "how do i sleep")
    world.move(timedelta(minutes=5))
    return ana


def test_everything_stands_in_order_of_time(world: World) -> None:
    ana = told(world)
    page = timeline.page(world.parts.database, ana, world.now)
    assert page.older is None
    assert page.is_newest
    assert [item.at for item in page.items] == sorted(item.at for item in page.items)
    kinds = Counter(type(item) for item in page.items)
    assert set(kinds) == {ThreadItem, AlertEvent, ConsentEventLine, NumberEvent, ChangeEvent}
    alert = next(item for item in page.items if isinstance(item, AlertEvent))
    assert alert.note == "called her"
    assert alert.taken_at is not None
    changes = [item for item in page.items if isinstance(item, ChangeEvent)]
    assert [item.action for item in changes] == [
        "schedule.added", "participant.paused", "participant.resumed", "schedule.ended",
    ]  # fmt: skip
    assert changes[-1].because is EndReason.LOSS
    assert "10:00" in changes[0].description
    number = next(item for item in page.items if isinstance(item, NumberEvent))
    assert number.line.what is NumberChangeStatus.ASKED
    assert all("call me" not in (item.body or "") for item in page.texts)  # that is Ben's


def test_pages_miss_nothing_and_show_nothing_twice(world: World) -> None:
    ana = told(world)
    database = world.parts.database
    whole = timeline.page(database, ana, world.now).items
    assert len(whole) > 12
    for size in (1, 2, 3, 5, 7):
        seen: list[timeline.Item] = []
        before = None
        for _ in range(len(whole) + 1):
            page = timeline.page(database, ana, world.now, before=before, size=size)
            seen += page.items
            before = page.older
            if before is None:
                break
        assert before is None
        assert len(seen) == len(whole)
        assert sorted(map(repr, seen)) == sorted(map(repr, whole))


def test_a_text_is_found_on_its_page(world: World) -> None:
    ana = told(world)
    database = world.parts.database
    first = next(item for item in timeline.page(database, ana, world.now).texts if item.direction == "in")
    newest = timeline.page(database, ana, world.now, size=4)
    assert first.id not in {item.id for item in newest.texts}
    page = timeline.page(database, ana, world.now, text_id=int(first.id), size=4)
    assert first.id in {item.id for item in page.texts}
    foreign = next(item for item in world.thread(BEN) if item.direction == "in")
    assert timeline.page(database, ana, world.now, text_id=int(foreign.id), size=4) == newest
