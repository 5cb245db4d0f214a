"""What the reports count, on both databases, and what they keep to themselves."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from service.domain.alerts import AlertKind, AlertStatus, Urgency
from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.message import MessageKind, MessageStatus
from service.domain.prompt import Answer, PromptStatus, ScheduleKind
from service.domain.reporting import Group, Line, Period
from service.store.schema import Alert, AuditEntry, ConsentEvent, InboundMessage, Message, Prompt
from service.workflows import reports
from service.workflows.reports import Report
from tests.rig.world import NEW_YORK, STAFF, World, check_in

ZONE = ZoneInfo(NEW_YORK)
PERIOD = Period(date(2026, 10, 19), date(2026, 10, 25), ZONE)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=ZONE)


@pytest.fixture
def six(world: World) -> list[int]:
    """Six people with a check-in each; the last one has Spanish. They joined on the 1st."""
    ids = [world.enrol(f"+1202555012{n}", name=f"P{n}", language="es" if n == 5 else "en") for n in range(6)]
    for each in ids:
        world.schedule(each, check_in())
    put(world, ConsentEvent, [
        {"participant_id": id_, "status": ConsentStatus.OPTED_IN, "source": ConsentSource.TEXT, "at": at(1, 9)}
        for id_ in ids
    ])  # fmt: skip
    return ids


def put(world: World, table: Any, rows: list[dict[str, object]]) -> None:
    with world.parts.database.write() as session:
        session.execute(insert(table), rows)


def report(world: World, period: Period = PERIOD, group: Group | None = None) -> Report:
    made = reports.make_report(world.parts.database, period, group or Group())
    assert made is not None
    return made


def numbers(lines: list[Line]) -> dict[str, tuple[float | None, ...]]:
    return {line.key: line.numbers for line in lines}


def question(person: int, when: datetime, score: int | None, slot: str = "10:00") -> dict[str, object]:
    return {
        "participant_id": person, "schedule_id": person, "kind": ScheduleKind.CHECK_IN,
        "event_date": when.date(), "slot": slot, "event_at": when, "times_asked": 1,
        "status": PromptStatus.ANSWERED if score else PromptStatus.SILENT,
        "answer": Answer.SCORE if score else None, "score": score,
        "is_awaiting_barrier": False, "created_at": when,
    }  # fmt: skip


def test_replies_and_scores_are_counted_by_the_programmes_day(world: World, six: list[int]):
    put(world, Prompt, [question(id_, at(20, 23, 30), 4 if id_ != six[0] else None) for id_ in six])
    put(world, Prompt, [question(id_, at(26, 0, 10), 1) for id_ in six])  # the day after the last
    made = report(world)
    assert list(made.asked.numbers) == [6, 5]
    assert [line.numbers for line in made.replies][:3] == [(0, 0), (6, 5), (0, 0)]
    assert list(made.scores[1].numbers) == [4.0, 5]
    assert list(made.scores[0].numbers) == [None, 0]
    assert numbers(list(made.kinds)) == {"check-in": (6, 5, 5)}


def test_one_person_more_than_four_makes_a_number_showable(world: World, six: list[int]):
    put(world, Prompt, [question(id_, at(20, 10), 4) for id_ in six[:4]])
    made = report(world)
    assert made.asked.is_hidden
    assert made.replies[1].is_hidden
    assert list(made.replies[1].numbers) == [None, None]
    assert made.scores[1].is_hidden
    assert all(line.is_hidden for line in made.kinds)


def test_a_group_of_a_few_gets_no_report(world: World, six: list[int]):
    assert reports.make_report(world.parts.database, PERIOD, Group(language="es")) is None


def test_a_group_has_its_own_figures(world: World, six: list[int]):
    put(world, Prompt, [question(id_, at(20, 10), 4) for id_ in six])
    assert list(report(world, group=Group(language="en")).asked.numbers) == [5, 5]


def test_a_persons_answer_is_a_text_by_hand_or_the_alert_taken(world: World, six: list[int]):
    opened = at(21, 9)
    for n, id_ in enumerate(six):
        text = {
            "id": 100 + n, "gateway_sid": f"SM{n}", "participant_id": id_, "phone_index": b"x", "phone_sealed": b"x",
            "body_hash": b"", "media_count": 0, "received_at": opened, "is_soft": False, "was_understood": True,
        }  # fmt: skip
        alert = {
            "kind": AlertKind.WANTS_PERSON, "urgency": Urgency.TODAY, "participant_id": id_, "inbound_id": 100 + n,
            "opened_at": opened, "status": AlertStatus.OPEN, "acknowledged_at": None,
        }  # fmt: skip
        if n < 5:
            alert |= {
                "status": AlertStatus.ACKNOWLEDGED,
                "acknowledged_at": opened + timedelta(minutes=10 * (n + 1)),
            }
        put(world, InboundMessage, [text])
        put(world, Alert, [alert])
    by_hand = {"kind": MessageKind.MANUAL, "segments": 1, "status": MessageStatus.DELIVERED}
    put_text(world, six[4], opened + timedelta(minutes=5), **by_hand)  # sooner than the alert was taken
    made = report(world)
    assert list(made.waiting.numbers) == [6, 5]
    assert made.median.numbers[0] == pytest.approx(20 * 60, abs=1)  # of 5, 10, 20, 30 and 40 minutes


def put_text(world: World, person: int, when: datetime, **columns: object) -> None:
    row = {
        "participant_id": person, "kind": MessageKind.CHECK_IN, "status": MessageStatus.DELIVERED, "segments": 2,
        "is_time_chosen": True, "priority": 5, "attempts": 1, "created_at": when, "send_after": when,
        "expires_at": when, "sent_at": when,
    } | columns  # fmt: skip
    put(world, Message, [row])


def leave(world: World, people: list[int], when: datetime) -> None:
    put(world, ConsentEvent, [
        {"participant_id": id_, "status": ConsentStatus.OPTED_OUT, "source": ConsentSource.TEXT, "at": when}
        for id_ in people
    ])  # fmt: skip


def test_opt_outs_say_how_long_after_joining_and_after_which_text(world: World, six: list[int]):
    for id_ in six[:5]:
        put_text(world, id_, at(22, 10))
        put_text(world, id_, at(22, 11), sent_at=None, kind=MessageKind.MEETING)  # never went out
    leave(world, six[:5], at(22, 12))
    made = report(world)
    assert numbers(list(made.left_after)) == {"month": (5,)}
    assert numbers(list(made.left_behind)) == {"check_in": (5,)}
    assert list(made.left[3].numbers) == [5]
    assert numbers(list(made.consents))["opted_out"] == (5,)


def test_a_single_small_number_cannot_be_worked_out_from_the_rest(world: World, six: list[int]):
    for id_ in six[:5]:
        put_text(world, id_, at(22, 10))
    leave(world, six, at(22, 12))
    assert all(line.is_hidden for line in report(world).left_behind)


def test_failures_segments_and_kinds(world: World, six: list[int]):
    for id_ in six:
        put_text(world, id_, at(23, 9))
        put_text(world, id_, at(23, 10), status=MessageStatus.FAILED, error_code=30007)
    put_text(world, six[0], at(23, 11), status=MessageStatus.UNDELIVERED, error_code=30003)
    made = report(world)
    shown = {failure.code: failure.line for failure in made.failures}
    assert shown[30003].is_hidden
    assert shown[30007].is_hidden  # or the other could be worked out
    assert numbers(list(made.sent)) == {"check_in": (13, 26)}
    assert list(made.segments[4].numbers) == [26]


def test_an_export_is_written_down(world: World):
    reports.record_export(world.parts.database, PERIOD, Group("es"), STAFF, world.now)
    with world.parts.database.read() as session:
        entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert entry is not None
        assert entry.action == "report.exported"
        assert entry.detail == {"first": "2026-10-19", "last": "2026-10-25", "language": "es"}


def test_nothing_at_all_is_a_report_too(world: World, six: list[int]):
    made = report(world, Period(date(2026, 1, 1), date(2026, 12, 31), ZONE))
    assert len(made.buckets) == 53
    assert list(made.median.numbers) == [None]
    assert made.failures == []
