"""Turning settings into parts. The only place that picks Twilio or the simulated phone, and the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from service.config import Settings
from service.domain.local_time import parse_quiet_hours, zone_named
from service.domain.pace import Rate
from service.domain.programme import Programme
from service.gateways.base import SmsGateway
from service.gateways.door import Door
from service.gateways.simulated import SimulatedGateway
from service.guide.loader import load_words
from service.guide.words import Words
from service.store.engine import Database, open_database
from service.store.journal import Journal
from service.store.vault import Vault
from service.workflows.dispatching.dispatcher import Dispatcher
from service.workflows.rehearsal import RehearsalClock, Stage, StoredBlocks, StoredHandset, is_moving
from service.workflows.unlocking import unlock

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Parts:
    """What the service is made of. `clock` is Handrail's time, `wall` the machine's.

    They differ only in rehearsal. People's texts go by `clock`; sign-ins and heartbeats by `wall`.
    """

    database: Database
    words: Words
    programme: Programme
    gateway: SmsGateway
    clock: Clock
    wall: Clock

    @property
    def phone(self) -> SimulatedGateway | None:
        """The simulated phone; None with Twilio."""
        return self.gateway if isinstance(self.gateway, SimulatedGateway) else None

    @property
    def stage(self) -> Stage:
        return Stage(self.database, self.words, self.programme, self.gateway, self.clock, self.wall)


def wall_clock() -> datetime:
    return datetime.now(UTC)


_load_words = cache(load_words)  # they never change while the process runs


def build_words(settings: Settings) -> Words:
    return _load_words(settings.hotlines_file).for_programme(
        programme=settings.programme_name,
        support_contact=settings.support_contact,
        staffed_hours=settings.staffed_hours,
    )


def build_programme(settings: Settings) -> Programme:
    return Programme(
        base_url=settings.base_url,
        default_timezone=settings.default_timezone,
        quiet=parse_quiet_hours(settings.quiet_hours),
        daily_cap=settings.daily_text_cap,
        silent_check_ins=settings.silent_check_ins,
        check_in_reask_after=settings.reask_after,
        invitation_lasts=timedelta(days=settings.invitation_days),
        gateway_confirms_opt_out=settings.opt_out_is_confirmed_by_gateway,
        texts_kept=timedelta(days=settings.retain_texts_days),
        spread=timedelta(minutes=settings.spread_minutes),
    )


def build_dispatcher(settings: Settings, parts: Parts) -> Dispatcher:
    """The sender of the jobs process. It stands aside while the rehearsal's clock is being moved."""

    def is_rehearsal_moving() -> bool:
        return parts.phone is not None and is_moving(parts.database, parts.wall())

    return Dispatcher(
        parts.database,
        parts.gateway,
        parts.programme,
        Rate(settings.sends_per_second, settings.sends_per_day, zone_named(settings.default_timezone)),
        parts.clock,
        threads=settings.send_threads,
        stands_aside=is_rehearsal_moving,
        beat_clock=parts.wall,
    )


def open_records(settings: Settings, url: str | None = None) -> Database:
    """Open the database of the settings, or another one at `url`. Raises ConfigurationError."""
    vault = Vault([key.get_secret_value() for key in settings.field_keys])
    database = open_database(url or settings.url_of_database, vault, Journal(settings.withdrawals_file))
    try:
        unlock(database)
    except BaseException:
        database.close()
        raise
    return database


def build_parts(settings: Settings, door: Door, wall: Clock = wall_clock) -> Parts:
    """Open everything. Raises ConfigurationError when the keys do not fit the database.

    `door` is how the simulated phone reaches our own webhooks; Twilio has no use for it.
    """
    if settings.url_of_database.startswith("sqlite") and not settings.database_url:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_records(settings)
    words, programme = build_words(settings), build_programme(settings)
    if settings.is_simulated:
        clock: Clock = RehearsalClock(database, wall)
        gateway: SmsGateway = SimulatedGateway(
            StoredHandset(database, clock),
            door,
            webhook_token(settings),
            clock=clock,
            opt_out_replies="gateway" if programme.gateway_confirms_opt_out else "service",
            blocked=StoredBlocks(database),
        )
    else:
        clock = wall
        gateway = build_gateway(settings)
    return Parts(database, words, programme, gateway, clock, wall)


def webhook_token(settings: Settings) -> str:
    """What webhooks are signed with: Twilio's token, or in simulation one made from SECRET_KEY."""
    return settings.twilio_auth_token.get_secret_value() or (
        "simulated-" + settings.secret_key.get_secret_value()
    )


def build_gateway(settings: Settings) -> SmsGateway:
    """Twilio, by the settings. Raises ConfigurationError when they do not suffice."""
    # Imported here: the SDK takes half a second to load, and the simulated phone never needs it.
    from service.gateways.twilio import TwilioGateway

    return TwilioGateway(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        messaging_service_sid=settings.twilio_messaging_service_sid or None,
        from_number=settings.twilio_from_number or None,
        api_base_url=settings.twilio_api_base_url or None,
        connections=settings.send_threads + 4,  # one for each sending thread, some for questions
    )
