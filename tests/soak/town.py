"""People who text and opt out, staff who write to them; and what each of them was told."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as wall_time

from sqlalchemy.exc import SQLAlchemyError

from service.bootstrap import Parts, wall_clock
from service.domain.consent import ConsentSource
from service.domain.errors import HandrailError
from service.domain.local_time import to_local, zone_named
from service.domain.prompt import ScheduleKind
from service.workflows import enrolment, scheduling
from tests.rig.world import NEW_YORK, STAFF
from tests.soak.faults import RoughTwilio

SAID = ("DONE", "3", "thanks", "LATER", "how do I sleep better", "more", "SKIP", "4 good day")
IN_DANGER = "I want to kill myself"


@dataclass
class Told:
    """What the town knows to have happened, to be compared at the end."""

    written: dict[str, str] = field(default_factory=dict)  # words -> number: the database said yes
    perhaps_written: dict[str, str] = field(default_factory=dict)  # the connection broke at the commit
    scheduled: dict[int, str] = field(default_factory=dict)  # schedule -> number
    stopped: dict[str, datetime] = field(default_factory=dict)  # number -> when STOP was answered
    stopping: set[str] = field(default_factory=set)  # STOP was texted, answered or not
    in_danger: set[str] = field(default_factory=set)
    unheard: list[str] = field(default_factory=list)  # ids of texts that no webhook answered well
    said: int = 0


class Town:
    """So many people, who have opted in. Threads of its own text in and write until `quiet` is called."""

    def __init__(self, parts: Parts, twilio: RoughTwilio, people: int, seed: int) -> None:
        self._parts = parts
        self._twilio = twilio
        self._seed = seed
        self.numbers = [f"+1202555{n:04d}" for n in range(people)]
        self._ids: dict[str, int] = {}
        self.told = Told()
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []

    def settle_in(self, minutes: float) -> None:
        """Everybody joins, and gets medicine to be reminded of once, at some minute of the run."""
        dice, zone = random.Random(self._seed), zone_named(NEW_YORK)
        parts = self._parts
        for n, number in enumerate(self.numbers):
            entry = enrolment.NewParticipant(number, source=ConsentSource.PAPER, is_opted_in=True)
            now = wall_clock()
            person = enrolment.enrol(
                parts.database, parts.words, parts.programme, entry, STAFF, now
            ).participant_id
            self._ids[number] = person
            at = to_local(now, zone) + timedelta(minutes=1 + dice.randrange(max(int(minutes), 1)))
            medicine = scheduling.NewSchedule(
                ScheduleKind.MEDICATION, wall_time(at.hour, at.minute), label=f"box {n}", on=at.date()
            )
            added = scheduling.add_schedule(parts.database, person, medicine, STAFF, now)
            self.told.scheduled[added.schedule_id] = number

    def warm_up(self, texts: int) -> None:
        """The first text that a web process reads takes it seconds."""
        for n in range(texts):
            self._say(self.numbers[n % len(self.numbers)], "thanks")

    def live(self, talkers: int, pause_s: float) -> None:
        """Begin to text and to write; a talker does one thing every `pause_s` on average."""
        for n in range(talkers):
            work = self._write if n % 2 else self._talk
            self._threads.append(
                threading.Thread(target=self._loop, args=(work, random.Random(self._seed + n), pause_s))
            )
        self._threads.append(
            threading.Thread(target=self._loop, args=(self._knock_again, random.Random(self._seed), 4.0))
        )
        for thread in self._threads:
            thread.start()

    def quiet(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _loop(self, work: Callable[[random.Random, str], None], dice: random.Random, pause_s: float) -> None:
        n = 0
        while not self._is_over.wait(dice.expovariate(1 / pause_s)):
            n += 1
            work(dice, f"{threading.get_ident()}-{n}")

    def _write(self, dice: random.Random, name: str) -> None:
        """A coordinator writes. What is due together comes from several at once."""
        number, body = dice.choice(self.numbers), f"See you on Thursday, {name}."
        try:
            enrolment.text_by_hand(self._parts.database, self._ids[number], body, STAFF, wall_clock())
        except HandrailError:
            return  # they have opted out
        except SQLAlchemyError:
            self.told.perhaps_written[body] = number
        else:
            self.told.written[body] = number

    def _talk(self, dice: random.Random, name: str) -> None:
        number = dice.choice(self.numbers)
        throw = dice.random()
        body = "STOP" if throw < 0.06 else IN_DANGER if throw < 0.10 else dice.choice(SAID)
        with self._lock:
            self.told.said += 1
            if body == "STOP":
                self.told.stopping.add(number)
            elif body == IN_DANGER:
                self.told.in_danger.add(number)
        self._say(number, body)

    def _say(self, number: str, body: str) -> None:
        reply = self._twilio.receive(number, body)
        if reply.posted.status != 200:
            with self._lock:
                self.told.unheard.append(self._last_from(number, body))
        elif body == "STOP":
            self.told.stopped.setdefault(number, wall_clock())

    def _knock_again(self, dice: random.Random, _name: str) -> None:
        """Half of the texts that no webhook took are posted once more; the others are left to Twilio's list."""
        with self._lock:
            again, self.told.unheard = self.told.unheard, []
        for sid in again:
            if dice.random() < 0.5:
                self._twilio.redeliver(sid)

    def _last_from(self, number: str, body: str) -> str:
        texts = [text for text in self._twilio.texts if text.sender == number and text.body == body]
        return texts[-1].sid
