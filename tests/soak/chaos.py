"""One run: the town lives while things break; then all is settled and counted."""

import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from service.bootstrap import Parts, build_parts, wall_clock
from service.config import Settings, load_settings
from service.gateways.twilio import TwilioGateway
from service.workflows import rounds
from service.workflows.catching_up import catch_up
from tests.bench import filling
from tests.bench.ground import far_from_now
from tests.bench.sender import no_door
from tests.rig.databases import migrate
from tests.rig.postgres import DURABLE, PostgresServer
from tests.rig.world import KEY, SetClock
from tests.soak.faults import Road, RoughTwilio, nobody_there
from tests.soak.ledger import Ledger, balance
from tests.soak.processes import ROOT, Crew
from tests.soak.town import Town

PUBLIC = "https://handrail.test"
SETTLING = timedelta(minutes=3)
LEAST_SETTLING, MOST_SETTLING = 10, 80


@dataclass(frozen=True)
class Plan:
    """How long the rough part lasts, how large everything is, and what the dice start from."""

    minutes: float
    seed: int
    people: int = 60
    webs: int = 2
    jobs: int = 2
    talkers: int = 6
    pause_s: float = 0.5
    calm_s: float = 4.0  # between two bad things, on average


@dataclass(frozen=True)
class Outcome:
    ledger: Ledger
    disturbances: Counter[str]
    answers: Counter[str]


def run(plan: Plan, say: Callable[[str], object]) -> Outcome:
    """Live through it. What it prints through `say` holds no number and no words."""
    folder = Path(tempfile.mkdtemp(prefix="handrail-soak-"))
    server = PostgresServer(DURABLE)
    dice = random.Random(plan.seed)
    crews: list[Crew] = []
    twilio = RoughTwilio(
        Road(lambda: crews[0].ports(), random.Random(plan.seed + 1)), random.Random(plan.seed + 2)
    )
    twilio.inbound_url = f"{PUBLIC}/webhooks/sms/inbound"
    twilio.start()
    try:
        url = server.create("soak")
        migrate(url)
        settings = _settings(url, folder, twilio)
        parts = build_parts(settings, no_door)
        crew = Crew(server, _environment(settings), folder, plan.webs, plan.jobs)
        crews.append(crew)
        town = Town(parts, twilio, plan.people, plan.seed)
        town.settle_in(plan.minutes)
        crew.start()
        town.warm_up(6 * plan.webs)
        try:
            _rough(plan, crew, town, twilio, dice, say)
        finally:
            town.quiet()
            crew.end()
        say("the processes have ended; settling what is open, with a clock that runs ahead")
        _settle(parts, twilio)
        ledger = balance(parts, twilio, town.told)
        assert isinstance(parts.gateway, TwilioGateway)
        parts.gateway.close()
        parts.database.close()
        return Outcome(ledger, crew.done, twilio.drawn)
    finally:
        twilio.stop()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _rough(
    plan: Plan, crew: Crew, town: Town, twilio: RoughTwilio, dice: random.Random, say: Callable[[str], object]
) -> None:
    town.live(plan.talkers, plan.pause_s)
    started = time.monotonic()
    next_word, next_trouble = started + 10, started + plan.calm_s
    while (now := time.monotonic()) < started + plan.minutes * 60:
        crew.revive()
        if now >= next_trouble:
            crew.disturb(dice)
            next_trouble = time.monotonic() + dice.expovariate(1 / plan.calm_s)
        if now >= next_word:
            next_word += 10
            trouble = ", ".join(f"{count} {what}" for what, count in sorted(crew.done.items()))
            say(
                f"{now - started:4.0f} s: {town.told.said} texts in, {len(town.told.written)} written, "
                f"{len(twilio.sent)} taken by Twilio; {trouble}"
            )
        time.sleep(0.1)


def _settle(parts: Parts, twilio: RoughTwilio) -> None:
    """Twilio is well again; what a jobs process does in hours is done at once, by a clock that is moved."""
    twilio.is_rough = False
    twilio.settle(60)
    twilio.post = nobody_there
    clock = SetClock(wall_clock())
    twilio.clock = clock
    for turn in range(MOST_SETTLING):
        clock.advance(SETTLING)
        now = clock()
        try:
            rounds.rescue_all(parts.database, parts.gateway, parts.programme, now)
            catch_up(parts.database, parts.gateway, parts.words, parts.programme, now)
            rounds.plan_all(parts.database, parts.words, parts.programme, now)
            rounds.send_all(parts.database, parts.gateway, parts.programme, clock)
        except SQLAlchemyError:
            continue  # a connection that the last restart cut
        left = filling.statuses(parts.database)
        if not left.keys() & {"queued", "sending"} and turn >= LEAST_SETTLING:
            return


def _settings(url: str, folder: Path, twilio: RoughTwilio) -> Settings:
    return load_settings(
        _env_file=None,
        database_url=url,
        data_dir=folder / "var",
        secret_key="a-secret-that-is-only-for-tests",
        field_keys=KEY,
        gateway="twilio",
        public_base_url=PUBLIC,
        twilio_account_sid=twilio.account_sid,
        twilio_auth_token=twilio.auth_token,
        twilio_messaging_service_sid=twilio.service_sid,
        twilio_api_base_url=twilio.base_url,
        sends_per_second=40.0,
        send_threads=16,
        daily_text_cap=500,
        quiet_hours=far_from_now(),
        log_level="WARNING",
    )


def _environment(settings: Settings) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    values: dict[str, object] = settings.model_dump(exclude_none=True, exclude_defaults=True)
    values |= {
        "secret_key": settings.secret_key.get_secret_value(),
        "twilio_auth_token": settings.twilio_auth_token.get_secret_value(),
        "field_keys": KEY,
        "gateway": settings.gateway.value,
    }
    return kept | {"PYTHONPATH": str(ROOT)} | {name.upper(): str(value) for name, value in values.items()}
