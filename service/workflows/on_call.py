"""What is wrong with being on call: gaps, phones that cannot be paged, alerts that reached nobody."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.domain.local_time import to_local
from service.domain.programme import Programme
from service.store import paging, rota, staff_phones
from service.store.engine import Database
from service.workflows.rota import AHEAD


@dataclass(frozen=True)
class OnCallProblem:
    """In plain words, without names. `is_grave`: somebody may be waiting for a call right now."""

    words: str
    mend: str
    is_grave: bool = False


def problems(database: Database, programme: Programme, now: datetime) -> list[OnCallProblem]:
    """Everything that would keep a page from reaching somebody in the next seven days."""
    zone = ZoneInfo(programme.default_timezone)
    with database.read() as session:
        plan = rota.rota(session, programme.default_timezone)
        can_be_paged = set(staff_phones.confirmed(session))
        admins = len(staff_phones.confirmed_admins(session))
        waiting = paging.open_ones(session)
        unheard = sum(each.is_unheard for each in waiting)
        given_up = sum(each.next_at is None and not each.is_unheard for each in waiting)
    found = []
    if unheard:
        found.append(
            OnCallProblem(
                f"{_alerts(unheard)} could not be paged to anybody: nobody on call can be reached by text",
                "Call them now, and confirm a phone.",
                is_grave=True,
            )
        )
    if given_up:
        found.append(
            OnCallProblem(
                f"nobody has taken {_alerts(given_up)}, and paging has ended",
                "Call them now, and acknowledge it.",
                is_grave=True,
            )
        )
    if not can_be_paged:
        found.append(
            OnCallProblem(
                "no staff phone is confirmed, so nobody is paged in a crisis",
                "Enter phones under On call; each is used after its YES.",
            )
        )
    fallback = (
        f"then {'an admin is' if admins == 1 else f'{admins} admins are'} paged"
        if admins
        else "then a page may reach nobody, as no admin has a confirmed phone"
    )
    gaps = plan.gaps(now, now + AHEAD)
    if not plan.shifts:
        found.append(OnCallProblem(f"the rota is empty: {fallback}", "Enter shifts under On call."))
    elif gaps:
        start, end = gaps[0]
        since = "now" if start <= now else f"from {_moment(start, zone)}"
        until = "" if end >= now + AHEAD else f" until {_moment(end, zone)}"
        more = f", and in {len(gaps) - 1} more gaps in the next 7 days" if len(gaps) > 1 else ""
        found.append(
            OnCallProblem(
                f"nobody is first on call {since}{until}{more}: {fallback}",
                "Fill the gap under On call.",
            )
        )
    people = {person for span in plan.spans(now, now + AHEAD) for person in span.people}
    silent = len(people - can_be_paged)
    if silent and can_be_paged:
        who = "one person on the rota has" if silent == 1 else f"{silent} people on the rota have"
        found.append(
            OnCallProblem(f"{who} no confirmed phone and cannot be paged", "They enter it under On call.")
        )
    return found


def _alerts(count: int) -> str:
    return "an urgent alert" if count == 1 else f"{count} urgent alerts"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = to_local(at, zone)
    return f"{local:%a}, {local:%b} {local.day}, {local:%H:%M}"
