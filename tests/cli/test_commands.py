"""Every command: what it prints, its JSON, and how it fails."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.app import create_app, create_cli
from service.config import load_settings
from service.routing.router import Lane, Understanding
from service.workflows import staff
from tests.cli.conftest import CommandLine
from tests.rig.world import ANA, BEN

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ana(flask: CommandLine) -> CommandLine:
    flask.ok("participants", "add", ANA, "--name", "Ana", "--consent-source", "paper", "--opted-in")
    return flask


def test_flask_finds_the_commands_by_itself() -> None:
    assert "FLASK_APP=service.app:create_cli" in (ROOT / ".flaskenv").read_text().split()


@pytest.mark.parametrize(
    "group",
    [
        "alerts",
        "coordinators",
        "doctor",
        "guide",
        "keys",
        "messages",
        "participants",
        "schedules",
        "simulate",
    ],
)
def test_every_group_explains_itself_without_a_database(bare: CommandLine, group: str) -> None:
    assert "Usage:" in bare.ok(group, "--help")


@pytest.mark.parametrize(
    "words",
    [
        ["participants", "add"],
        ["participants", "add", ANA],
        ["participants", "add", ANA, "--consent-source", "rumour"],
        ["participants", "stop", ANA],
        ["participants", "import", "nowhere.csv"],
        ["coordinators", "add", "a@example.org", "--name", "A"],
        ["coordinators", "add", "a@example.org", "--name", "A", "--role", "king"],
        ["schedules", "add", ANA, "nap", "--at", "08:00"],
        ["schedules", "add", ANA, "check-in"],
        ["schedules", "upcoming", ANA, "--days", "0"],
        ["alerts", "list", "--status", "shut"],
        ["alerts", "acknowledge", "first"],
        ["simulate", "clock"],
        ["simulate", "clock", "--by", "1h", "--to", "2030-01-01"],
        ["simulate", "text", ANA],
        ["messages", "list", ANA, "--yaml"],
    ],
)
def test_wrong_usage_ends_with_2(flask: CommandLine, words: list[str]) -> None:
    assert "Usage:" in flask.error(*words, status=2)


@pytest.mark.parametrize(
    "words",
    [
        ["participants", "show", ANA],
        ["participants", "show", "12"],
        ["participants", "stop", ANA, "--reason", "called us"],
        ["participants", "add", "12", "--consent-source", "paper"],
        ["participants", "add", ANA, "--consent-source", "paper", "--timezone", "Mars/Olympus"],
        ["messages", "list", ANA],
        ["schedules", "add", ANA, "check-in", "--at", "10:00"],
        ["schedules", "upcoming", ANA],
        ["schedules", "end", "99"],
        ["alerts", "acknowledge", "99"],
        ["coordinators", "add", "not an address", "--name", "A", "--role", "admin"],
        ["coordinators", "link", "nobody@example.org"],
        ["simulate", "clock", "--by", "yesterday"],
        ["simulate", "clock", "--to", "soon"],
        ["simulate", "clock", "--to", "2001-01-01T00:00"],
        ["simulate", "clock", "--to-next-text"],
        ["simulate", "text", "12", "hello"],
    ],
)
def test_what_cannot_be_done_ends_with_1_and_says_why(flask: CommandLine, words: list[str]) -> None:
    told = flask.error(*words)
    assert told.startswith("Error: ")
    assert len(told) > 20
    assert ANA not in told


COMMANDS = [
    ["alerts", "list"],
    ["participants", "show", ANA],
    ["messages", "list", ANA],
    ["coordinators", "link", "a@example.org"],
    ["simulate", "text", ANA, "hi"],
]


@pytest.mark.parametrize("words", COMMANDS)
def test_without_tables_a_command_says_to_migrate(bare: CommandLine, words: list[str]) -> None:
    assert "alembic upgrade head" in bare.error(*words)


@pytest.mark.parametrize("words", COMMANDS)
def test_settings_that_cannot_be_used_are_named(
    bare: CommandLine, environment: pytest.MonkeyPatch, words: list[str]
) -> None:
    environment.setenv("GATEWAY", "twilio")
    assert "TWILIO_AUTH_TOKEN" in bare.error(*words)


@pytest.mark.parametrize("url", ["postgresql://u:open-sesame@127.0.0.1:1/h", "sqlite:////nowhere/at/all.db"])
def test_a_database_out_of_reach_is_said_without_its_password(
    flask: CommandLine, environment: pytest.MonkeyPatch, url: str
) -> None:
    environment.setenv("DATABASE_URL", url)
    told = flask.error("alerts", "list")
    assert "DATABASE_URL" in told
    assert "sesame" not in told


# coordinators


def test_a_password_is_made_and_printed_once(flask: CommandLine) -> None:
    told = flask.ok("coordinators", "add", "Kim@Example.org", "--name", "Kim", "--role", "coordinator")
    found = re.search(r"Password, shown only now: (\S{16,})", told)
    assert found
    app = create_app()
    try:
        parts = app.extensions["handrail"]
        who = staff.sign_in(parts.database, "kim@example.org", found[1], "127.0.0.1", parts.wall())
        assert isinstance(who, staff.SignedIn)
        assert (who.name, who.role.value) == ("Kim", "coordinator")
    finally:
        app.extensions["handrail"].database.close()


def test_a_password_of_ones_own_comes_from_standard_input_and_is_not_repeated(flask: CommandLine) -> None:
    words = ["coordinators", "add", "kim@example.org", "--name", "Kim", "--role", "admin", "--password-stdin"]
    assert "too short" in flask.error(*words, stdin="short\n")
    told = flask.ok(*words, stdin="correct horse battery\n")
    assert "correct horse" not in told
    assert "already" in flask.error(*words, stdin="correct horse battery\n")


def test_a_sign_in_link_is_one_address(flask: CommandLine) -> None:
    flask.ok("coordinators", "add", "kim@example.org", "--name", "Kim", "--role", "viewer")
    link = flask.ok("coordinators", "link", "kim@example.org").strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/sign-in/[\w-]{40,}", link)


# participants


def test_a_person_is_entered_with_or_without_their_consent(flask: CommandLine) -> None:
    assert "invited" in flask.ok("participants", "add", ANA, "--consent-source", "verbal")
    added = flask.document("participants", "add", BEN, "--consent-source", "paper", "--opted-in")
    assert added == {"participant_id": 2, "consent": "opted_in", "is_new": True}
    assert "already" in flask.error("participants", "add", BEN, "--consent-source", "paper", "--opted-in")


def test_show_has_everything_about_a_person(ana: CommandLine) -> None:
    person = ana.document("participants", "show", ANA)
    assert (person["name"], person["phone"], person["consent"]) == ("Ana", ANA, "opted_in")
    assert person["timezone"] == "America/New_York"
    (consent,) = person["consent_history"]
    assert (consent["status"], consent["source"]) == ("opted_in", "paper")
    assert "988" in consent["wording"]
    assert datetime.fromisoformat(consent["at"]).tzinfo
    assert {"schedules", "scores", "thread", "language", "paused_until"} <= set(person)
    assert "consent: opted_in" in ana.ok("participants", "show", "(202) 555-0101")


def test_stop_ends_all_texts_and_keeps_the_reason(ana: CommandLine) -> None:
    ana.ok("participants", "stop", ANA, "--reason", "said so on the phone")
    person = ana.document("participants", "show", ANA)
    assert person["consent"] == "opted_out"
    assert person["consent_history"][-1]["note"] == "said so on the phone"
    assert [text["status"] for text in ana.documents("messages", "list", ANA)] == ["cancelled"]
    assert "Only they can come back" in ana.error(
        "participants", "add", ANA, "--consent-source", "paper", "--opted-in"
    )


def test_an_import_is_all_or_nothing(flask: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    head = "phone,name,consent_source,opted_in\n"
    file.write_text(f"{head}{ANA},Ana,paper,yes\n12,Ben,paper,yes\n{BEN},Ben,hearsay,yes\n")
    told = flask.error("participants", "import", str(file))
    assert [line.split(":")[0] for line in told.splitlines()] == ["row 3", "row 4", "Error"]
    assert "2 of 3 rows" in told
    flask.error("participants", "show", ANA)

    file.write_text(f"{head}{ANA},Ana,paper,yes\n{BEN},Ben,paper,no\n")
    assert flask.ok("participants", "import", str(file), "--dry-run") == "2 people could be entered.\n"
    flask.error("participants", "show", ANA)
    assert flask.ok("participants", "import", str(file)) == "2 people entered.\n"
    assert flask.document("participants", "show", ANA)["consent"] == "opted_in"
    assert flask.document("participants", "show", BEN)["consent"] == "invited"


def test_an_import_leaves_out_whoever_opted_out(ana: CommandLine, tmp_path: Path) -> None:
    ana.ok("participants", "stop", ANA, "--reason", "asked")
    file = tmp_path / "people.csv"
    file.write_text(f"phone,consent_source,opted_in\n{ANA},paper,yes\n")
    assert "row 2" in ana.error("participants", "import", str(file))
    assert ana.document("participants", "show", ANA)["consent"] == "opted_out"


# schedules


@pytest.mark.parametrize(
    ("kind", "options", "count"),
    [
        ("check-in", ["--at", "10:00"], 14),
        ("check-in", ["--at", "10:00", "--days", "mon,thu"], 4),
        ("medication", ["--at", "8:00", "--label", "blue box"], 14),
        ("medication", ["--at", "08:00", "--every", "2", "days"], 7),
        ("meeting", ["--at", "19:00", "--every", "1", "weeks"], 2),
        ("meeting", ["--at", "19:00", "--days", "thu", "--lead", "90"], 2),
    ],
)
def test_a_schedule_shows_up_in_what_is_upcoming(
    ana: CommandLine, kind: str, options: list[str], count: int
) -> None:
    added = ana.document("schedules", "add", ANA, kind, *options)
    assert set(added) == {"schedule_id", "description", "next_due_at"}
    texts = ana.documents("schedules", "upcoming", ANA, "--days", "14")
    ours = [text for text in texts if text["schedule_id"] == added["schedule_id"]]
    assert len(ours) == count
    for text in ours:
        assert {"local_time", "utc", "text", "kind", "schedule_id", "withheld"} == set(text)
        local = datetime.fromisoformat(text["local_time"])
        assert local == datetime.fromisoformat(text["utc"])
        assert local.utcoffset() == local.astimezone(ZoneInfo("America/New_York")).utcoffset()
        assert text["text"]
    assert ana.ok("schedules", "upcoming", ANA).count("\n") == len(texts)


def test_an_appointment_and_a_day_of_the_month_are_texted_on_their_days(ana: CommandLine) -> None:
    today = datetime.fromisoformat(ana.document("participants", "show", ANA)["local_now"]).date()
    day = today + timedelta(days=9)
    ana.ok("schedules", "add", ANA, "appointment", "--at", "14:30", "--on", day.isoformat())
    ana.ok("schedules", "add", ANA, "medication", "--at", "08:00", "--monthly", "31", "--label", "refill")
    since = f"{day - timedelta(days=2)}T00:00"
    texts = ana.documents("schedules", "upcoming", ANA, "--days", "3", "--from", since)
    found = [text["local_time"][:10] for text in texts if text["kind"] == "appointment"]
    assert found == [(day - timedelta(days=1)).isoformat(), day.isoformat()]


@pytest.mark.parametrize(
    "options",
    [
        ["--at", "25:00"],
        ["--at", "noon"],
        ["--at", "08:00+05:00"],
        ["--at", "08:00:30"],
        ["--at", "10:00", "--days", "someday"],
        ["--at", "10:00", "--every", "0", "days"],
        ["--at", "10:00", "--every", "2", "moons"],
        ["--at", "10:00", "--monthly", "32"],
        ["--at", "10:00", "--on", "31/12/2030"],
        ["--at", "10:00", "--on", "2001-01-01"],
        ["--at", "10:00", "--on", "2030-01-01", "--days", "mon"],
        ["--at", "10:00", "--starting", "2030-01-02", "--until", "2030-01-01"],
        ["--at", "10:00", "--until", "2001-01-01"],
        ["--at", "10:00", "--label", "{name}"],
        ["--at", "10:00", "--label", "x" * 41],
        ["--at", "10:00", "--lead", "-5"],
        ["--at", "10:00", "--lead", "999999"],
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(ana: CommandLine, options: list[str]) -> None:
    assert ana.error("schedules", "add", ANA, "meeting", *options).startswith("Error: ")
    assert ana.document("participants", "show", ANA)["schedules"] == []


def test_an_ended_schedule_is_not_upcoming(ana: CommandLine) -> None:
    added = ana.document("schedules", "add", ANA, "check-in", "--at", "10:00")
    ana.ok("schedules", "end", str(added["schedule_id"]))
    assert all(text["schedule_id"] is None for text in ana.documents("schedules", "upcoming", ANA))


# simulate, messages, alerts


def test_a_conversation_is_listed_both_ways(flask: CommandLine) -> None:
    assert "988" in flask.ok("simulate", "text", ANA, "JOIN")
    assert flask.document("simulate", "text", ANA, "i feel awful, i want to die")["replies"]
    texts = flask.documents("messages", "list", ANA)
    assert [text["direction"] for text in texts] == ["in", "out", "in", "out"]
    assert [text["status"] for text in texts] == ["received", "delivered", "received", "delivered"]
    for text in texts:
        assert {"direction", "status", "body", "at", "sent_at", "segments", "error"} <= set(text)
    assert texts[0]["body"] == "JOIN"
    assert texts[1]["segments"] >= 1
    assert texts[3]["error"] is None
    assert flask.ok("messages", "list", ANA).count("->") == 2


def test_alerts_are_listed_and_acknowledged_once(flask: CommandLine) -> None:
    flask.ok("simulate", "text", ANA, "JOIN")
    flask.ok("simulate", "text", ANA, "i want to kill myself")
    (alert,) = flask.documents("alerts", "list", "--status", "open")
    assert (alert["kind"], alert["urgency"], alert["status"]) == ("crisis", "1-now", "open")
    assert "kill" not in flask.ok("alerts", "list")
    told = flask.ok("alerts", "acknowledge", str(alert["id"]), "--note", "called")
    assert "is acknowledged" in told
    assert "before" in flask.ok("alerts", "acknowledge", str(alert["id"]))
    assert flask.documents("alerts", "list", "--status", "open") == []
    (closed,) = flask.documents("alerts", "list", "--status", "acknowledged")
    assert closed["acknowledged_at"]


def test_the_clock_moves_by_a_span_to_a_moment_and_to_the_next_text(ana: CommandLine) -> None:
    ana.ok("simulate", "clock", "--by", "1d")  # the confirmation has gone out by then
    ana.ok("schedules", "add", ANA, "check-in", "--at", "10:00")
    first = ana.document("simulate", "clock", "--to-next-text")
    assert set(first) == {"from", "now", "texts"}
    assert first["texts"] == 1
    newest = ana.documents("messages", "list", ANA)[-1]
    assert "1 to 5" in newest["body"]
    assert "T10:00" in newest["local_time"]
    second = ana.document("simulate", "clock", "--by", "1d12h")
    arrived = datetime.fromisoformat(second["now"])
    assert (
        timedelta()
        <= arrived - datetime.fromisoformat(second["from"]) - timedelta(hours=36)
        < timedelta(minutes=1)
    )
    goal = (arrived + timedelta(days=3)).astimezone(ZoneInfo("America/New_York")).replace(tzinfo=None)
    third = ana.document("simulate", "clock", "--to", goal.isoformat(timespec="minutes"))
    assert third["now"][:15] == (arrived + timedelta(days=3)).isoformat()[:15]
    asked = [text for text in ana.documents("messages", "list", ANA) if "how are you today" in text["body"]]
    assert len(asked) in {5, 6}  # one a day, none skipped


def test_there_is_no_rehearsal_with_twilio(flask: CommandLine, environment: pytest.MonkeyPatch) -> None:
    for name, value in {
        "GATEWAY": "twilio",
        "PUBLIC_BASE_URL": "https://handrail.test",
        "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
        "TWILIO_AUTH_TOKEN": "0123456789",
        "TWILIO_FROM_NUMBER": "+15005550006",
    }.items():
        environment.setenv(name, value)
    for words in (["text", ANA, "hi"], ["clock", "--by", "1h"]):
        assert "GATEWAY=simulated" in flask.error("simulate", *words)


# guide ask, keys


def test_guide_ask_needs_no_database_and_makes_none(bare: CommandLine, tmp_path: Path) -> None:
    texts = ["i want to kill myself", "STOP", "4", "what is methadone", "asdfgh", ""]
    found = bare.documents("guide", "ask", stdin="\n".join(texts) + "\n")
    assert [each["text"] for each in found] == texts
    for each in found:
        assert list(each) == ["text", "lane", "label", "score", "soft", "reply", "segments", "ms"]
        assert each["reply"]
        assert each["segments"] >= 1
        assert 0 <= each["score"] <= 1
    lanes = [(each["lane"], each["label"]) for each in found]
    assert lanes == [
        ("crisis", "crisis"),
        ("keyword", "stop"),
        ("answer", "score"),
        ("guidance", "methadone"),
        ("other", "menu"),
        ("other", "menu"),
    ]
    assert not list(tmp_path.rglob("*.db"))


def test_guide_ask_writes_nothing_at_all(
    bare: CommandLine, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder in (tmp_path / "not-there", tmp_path / "a-file" / "below"):
        environment.setenv("DATA_DIR", str(folder))  # neither can be written to: the second never could
        (tmp_path / "a-file").touch()
        assert bare.documents("guide", "ask", stdin="STOP\n")[0]["label"] == "stop"
    assert [path.name for path in tmp_path.iterdir()] == ["a-file"]


def test_guide_ask_reads_any_bytes_and_crlf(bare: CommandLine) -> None:
    found = bare.documents("guide", "ask", stdin=b"STOP\r\n\xff\xfe\x00\nhelp")
    assert [each["label"] for each in found][::2] == ["stop", "help"]
    assert bare.ok("guide", "ask", stdin="help\n").startswith("keyword/help")
    assert bare.ok("guide", "ask") == ""


def test_generated_keys_are_good_settings(bare: CommandLine, environment: pytest.MonkeyPatch) -> None:
    made = dict(line.split("=", 1) for line in bare.ok("keys", "generate").splitlines())
    assert set(made) == {"SECRET_KEY", "FIELD_KEYS"}
    settings = load_settings(secret_key=made["SECRET_KEY"], field_keys=made["FIELD_KEYS"])
    assert len(settings.field_keys) == 1
    assert bare.ok("keys", "generate") != bare.ok("keys", "generate")


# doctor


def findings(flask: CommandLine, *words: str, status: int = 0) -> dict[str, dict[str, str]]:
    result = flask.run("doctor", "--json", *words)
    assert result.exit_code == status, result.output
    assert "Traceback" not in result.stderr
    return {found["what"]: found for found in map(json.loads, result.stdout.splitlines())}


def test_doctor_on_a_good_set_up(flask: CommandLine) -> None:
    found = findings(flask)
    assert {each["state"] for each in found.values()} <= {"ok", "warning"}
    assert found["database and keys"]["state"] == "ok"
    assert "simulated" in found["gateway"]["detail"]
    assert "python -m jobs" in found["running"]["detail"]
    assert flask.ok("doctor").startswith("ok ")


@pytest.mark.parametrize(
    ("variables", "what", "words"),
    [
        ({"GATEWAY": "twilio"}, "settings", "TWILIO_AUTH_TOKEN"),
        ({"QUIET_HOURS": "late"}, "settings", "QUIET_HOURS"),
        ({"FIELD_KEYS": "8ZtB4p3X0Z8mE0dH2m3kq2Jm0m7lq4X9t4o8cJ0yq3E="}, "database and keys", "FIELD_KEYS"),
        ({"DATABASE_URL": "postgresql://u:open-sesame@127.0.0.1:1/h"}, "database and keys", "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:///blank.db"}, "database and keys", "alembic upgrade head"),
        ({"HOTLINES_FILE": "nowhere.toml"}, "words", "nowhere.toml"),
    ],
)
def test_doctor_names_what_is_broken_and_how_to_mend_it(
    flask: CommandLine, environment: pytest.MonkeyPatch, variables: dict[str, str], what: str, words: str
) -> None:
    flask.ok("alerts", "list")  # the database has its key now
    for name, value in variables.items():
        environment.setenv(name, value)
    found = findings(flask, status=1)[what]
    assert found["state"] == "problem"
    assert words in found["detail"] + found["mend"]
    assert found["mend"]
    assert "sesame" not in str(found)


@pytest.mark.parametrize("fault", [FileNotFoundError("table.npz"), ValueError("not a table"), EOFError()])
def test_doctor_says_when_texts_cannot_be_read(
    flask: CommandLine, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    assert findings(flask)["reading of texts"]["state"] == "ok"

    def broken(text: str, **_: object) -> None:
        raise fault

    monkeypatch.setattr("service.workflows.preview.understand", broken)
    found = findings(flask, status=1)["reading of texts"]
    assert (found["state"], type(fault).__name__ in found["detail"]) == ("problem", True)
    assert "service/routing" in found["mend"]


def test_doctor_says_when_plain_texts_are_misread(
    flask: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    misread = Understanding(Lane.OTHER, "menu", 0.0)
    monkeypatch.setattr("service.workflows.preview.understand", lambda text, **_: misread)
    assert (
        findings(flask, status=1)["reading of texts"]["detail"] == "a plain text is read as menu, not as stop"
    )


def test_doctor_asks_twilio_only_when_told_to(
    flask: CommandLine, environment: pytest.MonkeyPatch, twilio_double
) -> None:
    for name, value in {
        "GATEWAY": "twilio",
        "PUBLIC_BASE_URL": "https://handrail.test",
        "TWILIO_ACCOUNT_SID": twilio_double.account_sid,
        "TWILIO_AUTH_TOKEN": twilio_double.auth_token,
        "TWILIO_FROM_NUMBER": twilio_double.number,
        "TWILIO_API_BASE_URL": twilio_double.base_url,
    }.items():
        environment.setenv(name, value)
    findings(flask)
    assert twilio_double.calls == []
    assert findings(flask, "--twilio")["Twilio"]["state"] == "ok"
    assert [call.method for call in twilio_double.calls] == ["GET"]
    environment.setenv("TWILIO_AUTH_TOKEN", "another-token")
    refused = findings(flask, "--twilio", status=1)["Twilio"]
    assert refused["state"] == "problem"
    assert "TWILIO_AUTH_TOKEN" in refused["mend"]
    environment.setenv("PUBLIC_BASE_URL", "http://handrail.test")
    assert findings(flask)["public address"]["state"] == "warning"


def test_loading_the_commands_opens_nothing(bare: CommandLine, tmp_path: Path) -> None:
    assert create_cli().cli.list_commands(None)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
