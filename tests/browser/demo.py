"""A small believable programme for screenshots: nobody in it is real, every number ends in 555-01xx."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from service.bootstrap import Parts
from service.domain.consent import ConsentSource
from service.domain.prompt import ScheduleKind
from service.store.audit import By
from service.workflows import enrolment, health, rehearsal, scheduling
from service.workflows.enrolment import NewParticipant
from service.workflows.scheduling import NewSchedule
from tests.rig.live_server import set_clock

MAYA, JORDAN, ROSA = "+12125550123", "+13125550144", "+13035550117"
SAM, LEE, THEO, STRANGER = "+12125550158", "+12125550131", "+16145550192", "+12125550186"
KIM = "+12125550164"
BEGIN = datetime(2026, 11, 9, 15, 0, tzinfo=UTC)
END = datetime(2026, 11, 19, 15, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """Something texted, at a New York time in November."""

    day: int
    at: str
    number: str
    body: str

    @property
    def moment(self) -> datetime:
        hour, minute = map(int, self.at.split(":"))
        return datetime(2026, 11, self.day, hour + 5, minute, tzinfo=UTC)


STORY = sorted(
    [
        Said(9, "10:40", MAYA, "how do i get through cravings at night"),
        Said(9, "10:42", MAYA, "MORE"),
        Said(10, "08:06", MAYA, "done"),
        Said(10, "10:31", MAYA, "4"),
        Said(11, "08:12", MAYA, "took it"),
        Said(12, "08:03", MAYA, "later 30"),
        Said(12, "08:41", MAYA, "done"),
        Said(12, "18:20", MAYA, "going"),
        Said(13, "08:05", MAYA, "done"),
        Said(13, "10:12", MAYA, "about a 3, rough night but ok"),
        Said(14, "08:30", MAYA, "done"),
        Said(15, "08:09", MAYA, "done"),
        Said(16, "08:11", MAYA, "done"),
        Said(17, "08:20", MAYA, "done"),
        Said(17, "10:44", MAYA, "5"),
        Said(18, "08:02", MAYA, "done"),
        Said(19, "08:15", MAYA, "done"),
        Said(10, "11:20", JORDAN, "3"),
        Said(13, "11:05", JORDAN, "2"),
        Said(17, "11:40", JORDAN, "2 cant sleep at all"),
        Said(19, "09:12", JORDAN, "can somebody call me please"),
        Said(9, "12:15", ROSA, "JOIN"),
        Said(14, "13:00", ROSA, "4"),
        Said(16, "17:30", LEE, "please stop texting me"),
        Said(19, "10:11", STRANGER, "i dont want to be here anymore"),
    ],
    key=lambda said: said.moment,
)


def tell(parts: Parts, by: By) -> None:
    """Live through ten days of it, to a Thursday morning in November."""
    set_clock(parts, BEGIN)
    ids = {
        number: _add(parts, by, number, name, zone, is_opted_in=is_in)
        for number, name, zone, is_in in (
            (MAYA, "Maya", "America/New_York", True),
            (JORDAN, "Jordan", "America/Chicago", True),
            (LEE, "Lee", "America/New_York", True),
            (THEO, "Theo", "America/New_York", True),
            (SAM, "Sam", "America/New_York", False),
        )
    }
    _schedule(parts, by, ids)
    assert parts.phone is not None
    for said in STORY:
        rehearsal.move_clock(parts.stage, max(said.moment, parts.clock()))
        parts.phone.text_in(said.number, said.body, parts.programme.base_url)
        if said.number == ROSA and said.body == "JOIN":
            _rosa(parts, by)
        if said.number == ROSA and said.body == "4":
            _add(parts, by, KIM, "Kim", "America/New_York", is_opted_in=False)
    enrolment.text_by_hand(
        parts.database, ids[MAYA], "Hi Maya, it's Dana. See you Thursday? I'm bringing the good coffee.",
        by, parts.clock(),
    )  # fmt: skip
    rehearsal.move_clock(parts.stage, max(END, parts.clock()))
    health.beat(parts.database, "send", parts.wall())


def _add(parts: Parts, by: By, number: str, name: str, zone: str, *, is_opted_in: bool) -> int:
    entry = NewParticipant(
        number, name, zone, "en", ConsentSource.PAPER, "Signed form in the blue folder", is_opted_in
    )
    return enrolment.enrol(
        parts.database, parts.words, parts.programme, entry, by, parts.clock()
    ).participant_id


def _rosa(parts: Parts, by: By) -> None:
    found = enrolment.find_participant_id(parts.database, ROSA)
    enrolment.set_details(
        parts.database, found, by, parts.clock(), name="Rosa", language="es", timezone="America/Denver"
    )
    weekly = NewSchedule(ScheduleKind.CHECK_IN, time(10), weekdays=frozenset({5}))
    scheduling.add_schedule(parts.database, found, weekly, by, parts.clock())


def _schedule(parts: Parts, by: By, ids: dict[str, int]) -> None:
    check_in, medication = ScheduleKind.CHECK_IN, ScheduleKind.MEDICATION
    twice_a_week = frozenset({1, 4})
    for number, entry in (
        (MAYA, NewSchedule(check_in, time(10), weekdays=twice_a_week)),
        (MAYA, NewSchedule(medication, time(8), label="blue pill box")),
        (MAYA, NewSchedule(ScheduleKind.MEETING, time(19), "Thursday circle", frozenset({3}),
                           lead_minutes=60)),
        (MAYA, NewSchedule(ScheduleKind.APPOINTMENT, time(14, 30), "Dr. Kim", on=date(2026, 11, 24))),
        (JORDAN, NewSchedule(check_in, time(10), weekdays=twice_a_week)),
        (LEE, NewSchedule(check_in, time(10), weekdays=twice_a_week)),
        (THEO, NewSchedule(check_in, time(9), weekdays=frozenset({0, 2, 4}))),
    ):  # fmt: skip
        scheduling.add_schedule(parts.database, ids[number], entry, by, parts.clock())
