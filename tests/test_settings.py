"""Settings: defaults that run at once, refusals that name what to mend, and secrets that are never shown."""

import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from service.config import GatewayName, Settings, load_settings, read_settings
from service.domain.errors import ConfigurationError

KEY = Fernet.generate_key().decode()
TWILIO = {
    "gateway": "twilio",
    "secret_key": "a-secret-key-of-good-length",
    "field_keys": KEY,
    "public_base_url": "https://handrail.example.org",
    "twilio_account_sid": "AC" + "0123456789abcdef" * 2,
    "twilio_auth_token": "fedcba98fedcba98fedcba98fedcba98",
    "twilio_messaging_service_sid": "MG" + "0123456789abcdef" * 2,
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No .env, and none of our variables in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def refused(**values: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(**values)
    return str(caught.value)


def test_nothing_need_be_set(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.gateway is GatewayName.SIMULATED
    assert settings.url_of_database == f"sqlite:///{tmp_path}/var/handrail.db"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert (settings.quiet_hours, settings.default_timezone) == ("21:00-09:00", "America/New_York")
    assert settings.sends_per_second == 1.0
    assert settings.reask_after == timedelta(hours=1)
    assert not settings.opt_out_is_confirmed_by_gateway


def test_secrets_for_the_simulated_phone_are_made_once_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    first, second = load_settings(), load_settings()
    assert first.secret_key.get_secret_value()
    assert (first.secret_key, first.field_keys) == (second.secret_key, second.field_keys)
    Fernet(first.field_keys[0].get_secret_value())
    file = tmp_path / "var" / "secrets.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_secrets_that_are_given_are_used_and_none_are_written(tmp_path: Path) -> None:
    settings = load_settings(secret_key="given", field_keys=KEY)
    assert settings.secret_key.get_secret_value() == "given"
    assert not (tmp_path / "var").exists()


def test_only_the_missing_one_of_two_secrets_is_made() -> None:
    settings = load_settings(field_keys=KEY)
    assert [key.get_secret_value() for key in settings.field_keys] == [KEY]
    assert len(settings.secret_key.get_secret_value()) > 30


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8001\nPROGRAMME_NAME=Harbor\n")
    monkeypatch.setenv("PORT", "8002")
    settings = load_settings()
    assert (settings.port, settings.programme_name) == (8002, "Harbor")


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@db:5432/h", "postgresql+psycopg://u:p@db:5432/h"),
        ("postgresql://u:p@db/h?sslmode=require", "postgresql+psycopg://u:p@db/h?sslmode=require"),
        ("postgresql+psycopg://db/h", "postgresql+psycopg://db/h"),
        ("sqlite:////var/lib/handrail.db", "sqlite:////var/lib/handrail.db"),
    ],
)
def test_every_usual_form_of_a_database_url_works(given: str, used: str) -> None:
    assert load_settings(database_url=given).url_of_database == used


@pytest.mark.parametrize(
    "url", ["mysql://u:hunter2@db/h", "db.example.org", "postgresql+asyncpg://u:hunter2@db/h"]
)
def test_another_database_is_refused_without_its_password(url: str) -> None:
    told = refused(database_url=url)
    assert "DATABASE_URL" in told
    assert "hunter2" not in told


@pytest.mark.parametrize("given", ["{0},{0}", "{0} {0}", " {0} ,\n{0} "])
def test_several_keys_may_be_given_newest_first(given: str) -> None:
    assert len(load_settings(field_keys=given.format(KEY)).field_keys) == 2


def test_twilio_with_everything_set_is_taken() -> None:
    settings = load_settings(**TWILIO)
    assert not settings.is_simulated
    assert settings.opt_out_is_confirmed_by_gateway
    assert not load_settings(**TWILIO, opt_out_replies="service").opt_out_is_confirmed_by_gateway


def test_a_number_will_do_in_place_of_a_service() -> None:
    settings = load_settings(
        **(TWILIO | {"twilio_messaging_service_sid": "", "twilio_from_number": "+15005550006"})
    )
    assert settings.twilio_from_number == "+15005550006"


@pytest.mark.parametrize("value", ["", "  ", "change-me", "CHANGEME", "secret", "default"])
@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("secret_key", "SECRET_KEY"),
        ("twilio_account_sid", "TWILIO_ACCOUNT_SID"),
        ("twilio_auth_token", "TWILIO_AUTH_TOKEN"),
        ("twilio_messaging_service_sid", "TWILIO_MESSAGING_SERVICE_SID"),
    ],
)
def test_twilio_refuses_each_missing_or_placeholder_secret_by_name(
    setting: str, name: str, value: str
) -> None:
    told = refused(**(TWILIO | {setting: value}))
    assert name in told
    others = {"SECRET_KEY", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_MESSAGING_SERVICE_SID"} - {
        name
    }
    assert not any(other in told for other in others)


@pytest.mark.parametrize(
    ("setting", "name"), [("field_keys", "FIELD_KEYS"), ("public_base_url", "PUBLIC_BASE_URL")]
)
def test_twilio_refuses_to_do_without_keys_or_a_public_address(setting: str, name: str) -> None:
    assert name in refused(**(TWILIO | {setting: ""}))


def test_everything_that_is_missing_is_named_at_once() -> None:
    told = refused(gateway="twilio")
    for name in ("SECRET_KEY", "FIELD_KEYS", "PUBLIC_BASE_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN",
                 "TWILIO_FROM_NUMBER"):  # fmt: skip
        assert name in told


def test_the_example_file_copied_and_not_filled_in_is_refused() -> None:
    example = Path(__file__).parents[1] / ".env.example"
    shown = dict(
        re.findall(r"^# (TWILIO_(?:ACCOUNT_SID|MESSAGING_SERVICE_SID))=(\S+)$", example.read_text(), re.M)
    )
    assert len(shown) == 2
    for name, value in shown.items():
        assert name in refused(**(TWILIO | {name.lower(): value}))


def test_twilio_makes_no_secrets_of_its_own(tmp_path: Path) -> None:
    refused(**(TWILIO | {"secret_key": ""}))
    assert not (tmp_path / "var").exists()


def test_a_short_secret_key_is_refused() -> None:
    assert "SECRET_KEY is too short" in refused(**(TWILIO | {"secret_key": "short-one"}))


@pytest.mark.parametrize(
    "url",
    ["https://proxy.example.org", "http://127.0.0.1:4010", "http://localhost:4010/", "http://[::1]:4010"],
)
def test_the_api_address_may_be_https_or_this_machine(url: str) -> None:
    assert load_settings(**TWILIO, twilio_api_base_url=url).twilio_api_base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://proxy.example.org",
        "http://10.0.0.1",
        "http://localhost.evil.example",
        "ftp://127.0.0.1",
        "api.twilio.com",
    ],
)
def test_the_api_address_may_be_nothing_else(url: str) -> None:
    assert "TWILIO_API_BASE_URL" in refused(**TWILIO, twilio_api_base_url=url)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("port", "eighty"),
        ("port", "0"),
        ("gateway", "pigeon"),
        ("opt_out_replies", "both"),
        ("quiet_hours", "21-9"),
        ("quiet_hours", "00:00-24:00"),
        ("default_timezone", "Mars/Olympus"),
        ("sends_per_second", "0"),
        ("sends_per_second", "-1"),
        ("programme_name", ""),
        ("programme_name", "x" * 31),
        ("public_base_url", "handrail.example.org"),
        ("daily_text_cap", "1"),
        ("field_keys", "not-a-key-at-all"),
        ("metrics_token", "short"),
        ("heartbeat_url", "http://watcher.example.org/ping"),
        ("heartbeat_url", "watcher.example.org"),
        ("heartbeat_url", "https:///ping"),
        ("heartbeat_url", "file:///etc/passwd"),
        ("trusted_proxies", "-1"),
        ("trusted_proxies", "all"),
    ],
)
def test_a_bad_value_is_refused_in_words_that_name_the_setting(setting: str, value: str) -> None:
    told = refused(**{setting: value})
    assert setting.upper() in told
    assert "pydantic" not in told.lower()


@pytest.mark.parametrize(
    "values",
    [
        {"field_keys": "sesame-open-please"},
        TWILIO | {"secret_key": "sesame"},
        TWILIO | {"twilio_auth_token": "sesame-open", "twilio_account_sid": ""},
        TWILIO | {"twilio_auth_token": "sesame-open", "port": "x"},
    ],
)
def test_no_refusal_repeats_a_secret(values: dict[str, object]) -> None:
    told = refused(**values)
    assert "sesame" not in told
    assert KEY not in told


def test_settings_do_not_show_secrets_when_printed() -> None:
    shown = repr(load_settings(**TWILIO))
    for name in ("secret_key", "field_keys", "twilio_auth_token"):
        assert str(TWILIO[name]) not in shown


@pytest.mark.parametrize(
    "url", ["", "https://watcher.example.org/ping/x", "http://127.0.0.1:9000/x", "http://[::1]/x"]
)
def test_the_watcher_is_called_safely_or_on_this_machine(url: str) -> None:
    assert load_settings(heartbeat_url=url).heartbeat_url == url


def test_reading_settings_makes_and_writes_nothing(tmp_path: Path) -> None:
    settings = read_settings()
    assert settings.is_simulated
    assert not settings.secret_key.get_secret_value()
    assert list(tmp_path.iterdir()) == []
