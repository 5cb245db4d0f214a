"""Reports: figures for a period and a group, as pictures and as a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service.domain.errors import BadInput
from service.domain.reporting import (
    FEWEST_PEOPLE,
    Group,
    Period,
    Preset,
    SegmentPrice,
    parse_segment_price,
    period_of,
)
from service.domain.staff import Role
from service.web import security
from service.web.context import house_zone, now, parts, settings, who
from service.web.forms import Form
from service.web.report_tables import Sheet, flat, sheet_of
from service.web.spreadsheet import download
from service.web.vocabulary import LANGUAGES, PRESETS
from service.workflows import reports

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
security.guard(blueprint)

GROUPS = {"all": "Everybody"} | {f"language:{code}": f"Texts in {name}" for code, name in LANGUAGES.items()}
"""Whom a report may be about: the place for caseloads, with `domain/reporting.py:Group`."""


@dataclass(frozen=True)
class Asked:
    period: Period
    group: Group
    group_name: str


@blueprint.get("")
@security.open_to(Role.VIEWER)
def show() -> ResponseReturnValue:
    form = Form.of(request.args)
    asked = _read(form)
    if asked is None:
        return _page(form, None, None), 422
    report = reports.make_report(parts().database, asked.period, asked.group)
    return _page(form, asked, sheet_of(report, _price()) if report else None)


@blueprint.post("/export")
@security.open_to(Role.COORDINATOR)
@security.proved_lately
def export() -> ResponseReturnValue:
    """The same figures as a file. It leaves the house, so it is written down who took it."""
    form = Form.of(request.form)
    asked = _read(form)
    if asked is None:
        return _page(form, None, None), 422
    ours, period = parts(), asked.period
    report = reports.make_report(ours.database, period, asked.group)
    if report is None:
        return _page(form, asked, None), 422
    reports.record_export(ours.database, period, asked.group, who().by, now())
    about = (period.first.isoformat(), period.last.isoformat(), asked.group_name)
    return download(
        f"handrail-report-{period.first}-{period.last}",
        ("First day", "Last day", "Group", "Table", "Row", "Column", "Value"),
        [(*about, *row) for row in flat(sheet_of(report, _price()))],
    )


def _read(form: Form) -> Asked | None:
    """What is asked for; a fault is kept in the form."""
    chosen = form.get("period", Preset.THIRTY.value)
    preset = Preset(chosen) if chosen in set(Preset) else Preset.THIRTY
    group = form.get("group", "all")
    group = group if group in GROUPS else "all"
    language = group.partition(":")[2] or None
    try:
        first, last = _date(form, "first"), _date(form, "last")
        period = period_of(preset, now(), house_zone(), first, last)
    except BadInput as problem:
        form.errors[""] = str(problem)
        return None
    return Asked(period, Group(language), GROUPS[group])


def _date(form: Form, name: str) -> date | None:
    typed = form.get(name).strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise BadInput("Give the dates as year, month and day, such as 2026-11-09.") from None


def _price() -> SegmentPrice | None:
    return parse_segment_price(settings().segment_price)


def _page(form: Form, asked: Asked | None, sheet: Sheet | None) -> str:
    values: Mapping[str, object] = {"period": Preset.THIRTY.value, "group": "all"} | dict(form.values)
    return render_template(
        "reports.html",
        form=Form(values, form.errors),
        asked=asked,
        sheet=sheet,
        presets=PRESETS,
        groups=GROUPS,
        fewest=FEWEST_PEOPLE,
    )
