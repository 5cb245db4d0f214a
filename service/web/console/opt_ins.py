"""Who agreed to be texted, how and when; who has not answered yet; and the flyer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, NotAllowed
from service.domain.reporting import Preset, period_of
from service.domain.selection import Sought
from service.domain.staff import Role
from service.web import security
from service.web.context import house_zone, now, parts, sight, who
from service.web.filters import evidence, in_house_zone
from service.web.forms import Form
from service.web.spreadsheet import download
from service.web.vocabulary import CONSENT_EVENTS, PRESETS, SOURCES
from service.workflows import opt_ins
from service.workflows.opt_ins import LedgerLine

blueprint = Blueprint("opt_ins", __name__, url_prefix="/opt-ins")
security.guard(blueprint)

SHOWN_AT_FIRST = 5
PERIODS = {"": "All time"} | {preset.value: said for preset, said in PRESETS.items()}
HEADER = (
    "Entry", "Person", "Number", "When (UTC)", "When (programme's clock)", "State", "How", "Their text",
    "Entered by", "Note", "Wording shown", "Version of the wording",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the ledger is narrowed to, as it stands in the address."""

    sought: Sought
    chosen: Mapping[str, str]


@blueprint.get("")
@security.open_to(Role.VIEWER)
def show() -> ResponseReturnValue:
    return _page(Form.of(request.args))


@blueprint.post("/export")
@security.open_to(Role.COORDINATOR)
@security.proved_lately
def export() -> ResponseReturnValue:
    """What the ledger shows, as a file, with whole numbers: a complaint is answered by number."""
    form = Form.of(request.form)
    try:
        asked = _read(form)
        lines = opt_ins.export_events(parts().database, asked.sought, who().by, now(), sight=sight())
    except BadInput as problem:
        form.errors[""] = str(problem)
        return _page(form)
    return download(f"handrail-consent-{now():%Y-%m-%d}", HEADER, [_row(line) for line in lines])


@blueprint.get("/waiting")
@security.open_to(Role.VIEWER)
def waiting() -> str:
    after = request.args.get("after", type=int)
    page = opt_ins.list_waiting(parts().database, now(), after_id=after, sight=sight())
    lapsed = [] if after else opt_ins.list_lapsed(parts().database, now(), sight=sight())
    return render_template("opt_ins_waiting.html", page=page, lapsed=lapsed, is_first=not after)


@blueprint.post("/<int:person_id>/ask-again")
@security.open_to(Role.COORDINATOR)
def ask_again(person_id: int) -> ResponseReturnValue:
    ours = parts()
    try:
        opt_ins.ask_again(ours.database, ours.words, ours.programme, person_id, who().by, now())
        flash("Invited again. Nothing more is sent until they answer YES.")
    except NotAllowed as problem:
        flash(str(problem))
    return redirect(url_for("opt_ins.waiting"), 303)


def _page(form: Form) -> ResponseReturnValue:
    try:
        asked = _read(form)
    except BadInput as problem:
        form.errors[""] = str(problem)
        asked = Asked(Sought(), {})
    after = request.args.get("after", type=int)
    database = parts().database
    page = None if form.errors else opt_ins.list_events(database, asked.sought, after_id=after, sight=sight())
    html = render_template(
        "opt_ins.html",
        form=form,
        page=page,
        chosen=asked.chosen,
        is_first=not after,
        waiting=opt_ins.list_waiting(database, now(), limit=SHOWN_AT_FIRST, sight=sight()),
        filters={"state": CONSENT_EVENTS, "means": SOURCES},
        periods=PERIODS,
    )
    return html, 422 if form.errors else 200


def _read(form: Form) -> Asked:
    """What is asked for; what makes no sense narrows nothing. Raises BadInput for dates that cannot be."""
    state, means, preset = (form.get(name) for name in ("state", "means", "period"))
    chosen = {}
    status = source = None
    if state in set(ConsentStatus):
        status = ConsentStatus(state)
        chosen["state"] = state
    if means in set(ConsentSource):
        source = ConsentSource(means)
        chosen["means"] = means
    if preset not in set(Preset):
        return Asked(Sought(status, source), chosen)
    chosen["period"] = preset
    first, last = _date(form.get("first")), _date(form.get("last"))
    period = period_of(Preset(preset), now(), house_zone(), first, last)
    if first and last and preset == Preset.OWN:
        chosen |= {"first": first.isoformat(), "last": last.isoformat()}
    return Asked(Sought(status, source, period.start, period.end), chosen)


def _date(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise BadInput("Give the dates as year, month and day, such as 2026-11-09.") from None


def _row(line: LedgerLine) -> tuple[str | int | None, ...]:
    local = in_house_zone(line.at)
    return (
        line.id, line.participant_id, line.phone or "erased", f"{line.at:%Y-%m-%d %H:%M:%S}",
        f"{local:%Y-%m-%d %H:%M:%S}", CONSENT_EVENTS[line.status], SOURCES[line.source], evidence(line.label),
        line.by, line.note, line.wording, line.wording_version,
    )  # fmt: skip
