"""Entering many people from a file: check it, mend it, confirm it.

The file is kept nowhere. It goes back into the page that shows what was found, and comes again with the
confirmation, which checks everything anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import BadInput
from service.domain.staff import Role
from service.web import security
from service.web.context import now, parts, settings, who
from service.web.forms import Form
from service.web.spreadsheet import download
from service.workflows import importing
from service.workflows.importing import Checked, Problem, Row

blueprint = Blueprint("importing", __name__, url_prefix="/opt-ins/import")
security.guard(blueprint)

MOST_BYTES = 200_000
MOST_ROWS = 500
"""Entered in one transaction, which on SQLite holds up every other write: some seconds, no more."""

SHOWN_PROBLEMS = 100
COLUMNS = (
    ("phone", "The mobile number, with its area code. Needed."),
    ("consent_source", "How they agreed to be texted: paper, verbal or web. Needed."),
    ("name", "What you call them."),
    ("opted_in", "yes: they agreed already, and get a confirmation. no, or empty: one invitation."),
    ("consent_note", "For example where the signed form is kept."),
    ("language", "en or es. Empty: English."),
    ("timezone", "Such as America/Chicago. Empty: the programme's own."),
)  # fmt: skip
EXAMPLE = (
    ("(212) 555-0123", "paper", "Maya", "yes", "Blue folder, page 12", "en", "America/New_York"),
    ("(303) 555-0117", "verbal", "Rosa", "no", "", "es", "America/Denver"),
)


@dataclass(frozen=True)
class Fault:
    """A problem beside what the file says there."""

    problem: Problem
    cell: str


@blueprint.get("")
@security.open_to(Role.VIEWER)
def ask() -> str:
    return _ask_page(Form())


@blueprint.get("/example")
@security.open_to(Role.VIEWER)
def example() -> Response:
    return download("handrail-import-example", [name for name, _ in COLUMNS], EXAMPLE)


@blueprint.post("/check")
@security.open_to(Role.COORDINATOR)
def check() -> ResponseReturnValue:
    """What would happen. Nothing is written."""
    form = Form.of(request.form)
    try:
        text = _posted()
        rows = _rows_of(text)
    except BadInput as problem:
        form.errors["file"] = str(problem)
        return _ask_page(form), 422
    return _checked_page(text, rows)


@blueprint.post("")
@security.open_to(Role.COORDINATOR)
def enter() -> ResponseReturnValue:
    """All of it or nothing: what has changed since it was checked is shown as the check would."""
    ours = parts()
    try:
        text = _posted()
        rows = _rows_of(text)
    except BadInput as problem:
        return _ask_page(Form(errors={"file": str(problem)})), 422
    result = importing.import_people(
        ours.database, ours.words, ours.programme, rows, who().by, now(), without_opted_out=True
    )
    if result.problems:
        return _checked_page(text, rows)
    entered = result.rows - len(result.kept_out)
    said = "1 person entered." if entered == 1 else f"{entered:,} people entered."
    if result.kept_out:
        said += f" {len(result.kept_out)} left out, because they asked for no texts."
    flash(said)
    return redirect(url_for("opt_ins.show"), 303)


def _posted() -> str:
    """The file, or the text of one that was checked before. Raises BadInput."""
    upload = request.files.get("file")
    data = upload.read(MOST_BYTES + 1) if upload and upload.filename else b""
    text = importing.text_of(data) if data else request.form.get("text", "")
    if len(data) > MOST_BYTES or len(text) > MOST_BYTES:
        raise BadInput(f"The file is larger than {MOST_BYTES // 1000} kB: split it.")
    if not text.strip():
        raise BadInput("Choose a file, one that has something in it.")
    return text


def _rows_of(text: str) -> list[Row]:
    return importing.read_people(text.encode(), MOST_ROWS)


def _ask_page(form: Form) -> str:
    return render_template(
        "import.html", form=form, columns=COLUMNS, kilobytes=MOST_BYTES // 1000, most_rows=MOST_ROWS,
        zone=settings().default_timezone,
    )  # fmt: skip


def _checked_page(text: str, rows: Sequence[Row]) -> ResponseReturnValue:
    ours = parts()
    found: Checked = importing.check_people(ours.database, ours.programme, rows)
    cells = {row.number: row.cells for row in rows}
    faults = [Fault(one, cells[one.row].get(one.column or "", "")) for one in found.problems[:SHOWN_PROBLEMS]]
    page = render_template(
        "import_checked.html",
        found=found,
        faults=faults,
        bad_rows=len({one.row for one in found.problems}),
        kept_out=[(number, cells[number].get("name", "")) for number in found.kept_out],
        text=text,
    )
    return page, 422 if found.problems else 200
