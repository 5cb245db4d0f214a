"""Is everything as it must be, and if not, how to mend it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click
from flask.cli import with_appcontext

from service.bootstrap import build_words, wall_clock
from service.cli.common import open_parts, print_json
from service.config import Settings, load_settings
from service.domain.errors import HandrailError
from service.workflows import health, on_call, preview, restoring

HOTLINES_OLD_DAYS = 90


@dataclass(frozen=True)
class Finding:
    """`state` is ok, warning or problem; `mend` says what to do about the last two."""

    what: str
    state: str
    detail: str
    mend: str = ""


@click.command()
@click.option("--twilio", is_flag=True, help="Also ask Twilio whether the credentials work.")
@click.option("--json", "as_json", is_flag=True)
@with_appcontext
def doctor(twilio: bool, as_json: bool) -> None:
    """Check settings, keys, database, clock, hotlines, on call, reading; say how to mend each."""
    findings = list(_examine(twilio))
    for finding in findings:
        if as_json:
            print_json(finding)
        else:
            mark = {"ok": "ok      ", "warning": "warning ", "problem": "PROBLEM "}[finding.state]
            click.echo(f"{mark} {finding.what}: {finding.detail}")
            if finding.mend:
                click.echo(f"          mend: {finding.mend}")
    if any(finding.state == "problem" for finding in findings):
        raise SystemExit(1)


def _examine(ask_twilio: bool) -> Iterator[Finding]:
    try:
        settings = load_settings()
    except HandrailError as problem:
        yield Finding("settings", "problem", str(problem), "Mend the named settings, then run this again.")
        return
    yield Finding("settings", "ok", f"gateway {settings.gateway.value}, {settings.base_url}")
    yield from _address(settings)
    yield from _hotlines(settings)
    yield _reading(preview.try_reading())
    try:
        parts = open_parts()
    except HandrailError as problem:
        yield Finding("database and keys", "problem", str(problem), str(problem))
        return
    except Exception as problem:  # a driver's own error: a wrong address, a server that is down
        yield Finding(
            "database and keys",
            "problem",
            f"cannot be opened ({type(problem).__name__})",
            "Check DATABASE_URL, and that the server runs and lets this machine in.",
        )
        return
    yield Finding("database and keys", "ok", "the keys open what is stored")
    yield from _journal(restoring.journal_state(parts.database))
    yield from _on_call(on_call.problems(parts.database, parts.programme, parts.clock()))
    found = health.check(parts.database, parts.clock(), parts.wall())
    for line in found.problems:
        is_jobs = "jobs process" in line
        yield Finding("running", "warning" if is_jobs else "problem", line, "See the words above.")
    if not found.problems:
        yield Finding("running", "ok", "migrations are current, jobs report, nothing is overdue")
    if ask_twilio:
        yield from _twilio(settings, lambda: list(parts.gateway.find_sent("+15005550006", parts.wall())))


def _address(settings: Settings) -> Iterator[Finding]:
    if not settings.is_simulated and not settings.base_url.startswith("https://"):
        yield Finding(
            "public address",
            "warning",
            "PUBLIC_BASE_URL is not https",
            "Put the service behind TLS: texts pass through this address.",
        )
    if settings.is_simulated:
        yield Finding(
            "gateway",
            "warning",
            "the phone is simulated: nobody is texted",
            "Set GATEWAY=twilio and the TWILIO_ settings for real texts.",
        )
    if not settings.is_simulated and not settings.heartbeat_url:
        yield Finding(
            "watcher outside",
            "warning",
            "nobody is told when everything stops",
            "Set HEARTBEAT_URL to an address that raises the alarm when it is not called for a while.",
        )
    if not settings.is_simulated and not settings.metrics_token_text:
        yield Finding(
            "figures",
            "warning",
            "/metrics is shown to whoever asks",
            "Set METRICS_TOKEN, or keep the address from the public at the proxy.",
        )
    if settings.trusted_proxies:
        yield Finding("proxies", "ok", f"the address of whoever asks is told by {settings.trusted_proxies}")
    year = wall_clock().year
    if year < 2026:
        yield Finding("clock", "problem", f"the machine's clock says {year}", "Set the clock (NTP).")
    else:
        yield Finding("clock", "ok", f"{wall_clock():%Y-%m-%d %H:%M} UTC")


def _journal(state: restoring.JournalState) -> Iterator[Finding]:
    """Opt-outs and erasures must outlive a restored backup."""
    mend = "Run `flask withdrawals mend`; the jobs process does so once an hour."
    if state.missing and not state.exists:
        yield Finding("journal of withdrawals", "warning", "there is none in DATA_DIR", mend)
    elif state.missing:
        yield Finding("journal of withdrawals", "warning", f"it lacks {state.missing} of them", mend)
    else:
        yield Finding("journal of withdrawals", "ok", "it has every opt-out and erasure")


def _on_call(found: list[on_call.OnCallProblem]) -> Iterator[Finding]:
    """Would a page reach somebody, now and in the next seven days?"""
    for each in found:
        yield Finding("on call", "problem" if each.is_grave else "warning", each.words, each.mend)
    if not found:
        yield Finding("on call", "ok", "somebody can be paged at any time in the next 7 days")


def _hotlines(settings: Settings) -> Iterator[Finding]:
    try:
        words = build_words(settings)
    except HandrailError as problem:
        yield Finding("words", "problem", str(problem), "Mend the named file.")
        return
    age = words.hotlines_age(wall_clock().date())
    state = "ok" if age <= HOTLINES_OLD_DAYS else "warning"
    mend = "" if state == "ok" else "Call each number, mend the file, and set its date to today."
    yield Finding("hotline numbers", state, f"checked {age} days ago", mend)


def _reading(fault: str | None) -> Finding:
    if fault is None:
        return Finding("reading of texts", "ok", "plain texts are understood")
    mend = (
        "A file under service/routing is missing or broken: install this release of Handrail anew. "
        "Until then texts are kept and brought to staff, and answered with the safety line."
    )
    return Finding("reading of texts", "problem", fault, mend)


def _twilio(settings: Settings, ask: Callable[[], object]) -> Iterator[Finding]:
    if settings.is_simulated:
        yield Finding("Twilio", "warning", "not asked: GATEWAY=simulated")
        return
    try:
        ask()
    except HandrailError as problem:
        yield Finding("Twilio", "problem", str(problem), "Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.")
        return
    yield Finding("Twilio", "ok", "the account answers")
