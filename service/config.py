"""Settings: read once, from the environment or `.env`, checked, then frozen.

Only composition roots read them (`app`, `bootstrap`, `cli`, `jobs`); everything below gets plain arguments.
Nothing else in Handrail looks at the environment.
"""

import os
import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.domain.errors import BadInput, ConfigurationError
from service.domain.local_time import parse_quiet_hours, zone_named
from service.domain.reporting import parse_segment_price

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SHORTEST_TOKEN = 16
PLACEHOLDERS = frozenset({"", "change-me", "changeme", "secret", "dev", "test", "default", "password"})
EXAMPLE_SID = re.compile(r"(ac|mg)x+|\+1202555\d{4}")
"""What `.env.example` shows; copied and not filled in, it is as good as missing."""


class GatewayName(StrEnum):
    SIMULATED = "simulated"
    TWILIO = "twilio"


class OptOutReplies(StrEnum):
    """Who confirms STOP, START and HELP: never both."""

    GATEWAY = "gateway"
    SERVICE = "service"


class Settings(BaseSettings):
    """Every setting. README.md and .env.example say what each is for."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    data_dir: Path = Path("var")
    database_url: str = ""
    secret_key: SecretStr = SecretStr("")
    field_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    public_base_url: str = ""
    port: int = Field(default=8000, ge=1, le=65535)

    gateway: GatewayName = GatewayName.SIMULATED
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_messaging_service_sid: str = ""
    twilio_from_number: str = ""
    twilio_api_base_url: str = ""
    opt_out_replies: OptOutReplies | None = None

    programme_name: str = Field(default="Handrail", min_length=1, max_length=30)
    support_contact: str = Field(default="555-0100", min_length=1, max_length=60)
    staffed_hours: str = Field(default="Mon-Fri 9-5", min_length=1, max_length=40)
    default_timezone: str = "America/New_York"
    quiet_hours: str = "21:00-09:00"
    sends_per_second: float = Field(default=1.0, gt=0, le=10_000)
    sends_per_day: int | None = Field(default=None, ge=1)
    send_threads: int = Field(default=20, ge=1, le=500)
    spread_minutes: int = Field(default=0, ge=0, le=120)
    daily_text_cap: int = Field(default=40, ge=5, le=500)
    silent_check_ins: int = Field(default=2, ge=1, le=30)
    reask_after_minutes: int = Field(default=60, ge=10, le=1440)
    segment_price: str = ""
    invitation_days: int = Field(default=7, ge=1, le=60)
    retain_texts_days: int = Field(default=365, ge=30, le=3650)
    learn_from_marks: bool = False
    require_second_factor: bool = False
    hotlines_file: Path | None = None
    metrics_token: SecretStr = SecretStr("")
    heartbeat_url: str = ""
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    log_level: str = "INFO"

    @field_validator("field_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part for part in value.replace(",", " ").split() if part)
        return value

    @field_validator("field_keys")
    @classmethod
    def _keys_are_usable(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, key in enumerate(value, 1):
            try:
                Fernet(key.get_secret_value())
            except ValueError:
                raise ValueError(
                    f"key {number} is not an encryption key; make one with `flask keys generate`"
                ) from None
        return value

    @field_validator("learn_from_marks", "require_second_factor", mode="before")
    @classmethod
    def _yes_or_no(cls, value: object) -> object:
        if isinstance(value, str) and value.strip().lower() not in {"yes", "no"}:
            raise ValueError("must be yes or no")
        return value

    @field_validator("sends_per_day", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("default_timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        return _checked(zone_named, value)

    @field_validator("segment_price")
    @classmethod
    def _segment_price_is_a_price(cls, value: str) -> str:
        return _checked(parse_segment_price, value)

    @field_validator("quiet_hours")
    @classmethod
    def _quiet_hours_are_hours(cls, value: str) -> str:
        return _checked(parse_quiet_hours, value)

    @field_validator("database_url")
    @classmethod
    def _driver(cls, value: str) -> str:
        for prefix in ("postgres://", "postgresql://"):
            if value.startswith(prefix):
                return "postgresql+psycopg://" + value.removeprefix(prefix)
        if value and not value.startswith(("postgresql+psycopg://", "sqlite:///")):
            raise ValueError("must start with postgresql:// or sqlite:/// (four strokes for a whole path)")
        return value

    @field_validator("public_base_url", "twilio_api_base_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("must start with https:// (or http:// on this machine)")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _api_base_is_safe(self) -> Self:
        # The account's token is sent there.
        url = urlsplit(self.twilio_api_base_url)
        if self.twilio_api_base_url and url.scheme != "https" and url.hostname not in LOOPBACK:
            raise ValueError("TWILIO_API_BASE_URL must be https, or on this machine (127.0.0.1)")
        return self

    @field_validator("heartbeat_url")
    @classmethod
    def _heartbeat_is_private(cls, value: str) -> str:
        # The address is all it takes to say that we live.
        url = urlsplit(value)
        if value and not (
            url.hostname and (url.scheme == "https" or _is_local_http(url.scheme, url.hostname))
        ):
            raise ValueError("must be https, or http on this machine (127.0.0.1)")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _metrics_token_is_long(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"is too short: use at least {SHORTEST_TOKEN} characters")
        return value

    @model_validator(mode="after")
    def _twilio_is_complete(self) -> Self:
        if self.gateway is not GatewayName.TWILIO:
            return self
        missing = [
            name
            for name, value in {
                "SECRET_KEY": self.secret_key.get_secret_value(),
                "FIELD_KEYS": " ".join(key.get_secret_value() for key in self.field_keys),
                "PUBLIC_BASE_URL": self.public_base_url,
                "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
                "TWILIO_AUTH_TOKEN": self.twilio_auth_token.get_secret_value(),
                "TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM_NUMBER": (
                    self.twilio_messaging_service_sid or self.twilio_from_number
                ),
            }.items()
            if value.strip().lower() in PLACEHOLDERS or EXAMPLE_SID.fullmatch(value.strip().lower())
        ]
        if missing:
            raise ValueError(
                f"GATEWAY=twilio needs {', '.join(missing)}: set it in the environment or .env "
                "(a missing, empty or placeholder value is refused)"
            )
        if len(self.secret_key.get_secret_value()) < 16:
            raise ValueError("SECRET_KEY is too short: make one with `flask keys generate`")
        return self

    @property
    def opt_out_is_confirmed_by_gateway(self) -> bool:
        """Twilio confirms STOP by itself unless its account is told not to; the simulated phone does not."""
        chosen = self.opt_out_replies or (
            OptOutReplies.GATEWAY if self.gateway is GatewayName.TWILIO else OptOutReplies.SERVICE
        )
        return chosen is OptOutReplies.GATEWAY

    @property
    def is_simulated(self) -> bool:
        return self.gateway is GatewayName.SIMULATED

    @property
    def metrics_token_text(self) -> str:
        """What `/metrics` wants as a bearer token; empty: nothing."""
        return self.metrics_token.get_secret_value()

    @property
    def reask_after(self) -> timedelta:
        return timedelta(minutes=self.reask_after_minutes)

    @property
    def withdrawals_file(self) -> Path:
        """The journal of opt-outs and erasures, apart from the database."""
        return self.data_dir / "withdrawals.log"

    @property
    def base_url(self) -> str:
        """Where the outside reaches us, without a trailing slash."""
        return self.public_base_url or f"http://127.0.0.1:{self.port}"

    @property
    def url_of_database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'handrail.db').absolute()}"


def _is_local_http(scheme: str, host: str) -> bool:
    return scheme == "http" and host in LOOPBACK


def _checked(check: Callable[[str], object], value: str) -> str:
    try:
        check(value)
    except BadInput as problem:
        raise ValueError(str(problem)) from None
    return value


def load_settings(**overrides: object) -> Settings:
    """The settings of this process; `overrides` win over the environment (tests use them).

    With the simulated phone, missing keys are made once and kept in `DATA_DIR/secrets.env`, so that a
    first try needs nothing set. With Twilio every secret must be given. Raises ConfigurationError.
    """
    settings = read_settings(**overrides)
    return _with_local_secrets(settings, overrides) if settings.is_simulated else settings


def read_settings(**overrides: object) -> Settings:
    """As `load_settings`, but nothing is made up and nothing is written: for what needs no keys."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as problem:
        raise ConfigurationError(_in_plain_words(problem)) from None


def _with_local_secrets(settings: Settings, overrides: dict[str, object]) -> Settings:
    if settings.secret_key.get_secret_value() and settings.field_keys:
        return settings
    path = settings.data_dir / "secrets.env"
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        text = (
            "# Made for the simulated phone. Keep it: without FIELD_KEYS the database cannot be read.\n"
            f"SECRET_KEY={secrets.token_urlsafe(32)}\nFIELD_KEYS={Fernet.generate_key().decode()}\n"
        )
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
        except FileExistsError:
            pass  # another process of the same start was first
    found = dict(line.split("=", 1) for line in path.read_text().splitlines() if line and line[0] != "#")
    merged = dict(overrides)
    if not settings.secret_key.get_secret_value():
        merged["secret_key"] = found.get("SECRET_KEY", "")
    if not settings.field_keys:
        merged["field_keys"] = found.get("FIELD_KEYS", "")
    return read_settings(**merged)


def _in_plain_words(problem: ValidationError) -> str:
    lines = []
    for error in problem.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in error["loc"]).upper()
        message = error["msg"].removeprefix("Value error, ")
        lines.append(f"{name}: {message}" if name else message)
    return "The settings cannot be used. " + " ".join(lines)
