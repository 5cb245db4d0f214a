"""Everyone, and adding somebody."""

from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.consent import ConsentStatus
from service.domain.errors import BadInput, NotAllowed
from service.domain.selection import Selection
from service.domain.staff import Role
from service.web import security
from service.web.context import now, parts, settings, sight, who
from service.web.forms import Form, read_new_participant, read_selection
from service.web.vocabulary import COMMON_ZONES, CONSENT, LANGUAGES, NEEDS
from service.workflows import enrolment, finding

blueprint = Blueprint("people", __name__, url_prefix="/participants")
security.guard(blueprint)

LONGEST_SEARCH = 80


@blueprint.get("")
@security.open_to(Role.VIEWER)
def listing() -> str:
    selection = read_selection(request.args)
    after_id = request.args.get("after", type=int)
    page = finding.list_participants(parts().database, selection, after_id=after_id, sight=sight())
    return _list_page(page, selection, is_first=not after_id)


@blueprint.post("/search")
@security.reads_only
@security.open_to(Role.VIEWER)
def search() -> ResponseReturnValue:
    """A name or number stays out of the address, the history and the logs: it is posted, page by page."""
    wanted = request.form.get("search", "").strip()[:LONGEST_SEARCH]
    after = request.form.get("after", "")
    if not wanted:
        return redirect(url_for("people.listing"), 303)
    try:
        page = finding.search(parts().database, wanted, after=after, sight=sight())
    except BadInput as problem:
        return _list_page(finding.ParticipantPage([]), search=wanted, problem=str(problem))
    return _list_page(page, search=wanted, is_first=not after)


@blueprint.get("/new")
@security.open_to(Role.VIEWER)
def new() -> str:
    return _new_page(Form({"timezone": settings().default_timezone, "language": "en"}))


@blueprint.post("/new")
@security.open_to(Role.COORDINATOR)
def add() -> ResponseReturnValue:
    ours, form = parts(), Form.of(request.form)
    entry = read_new_participant(form)
    if entry is None:
        return _new_page(form), 422
    try:
        added = enrolment.enrol(ours.database, ours.words, ours.programme, entry, who().by, now())
    except (BadInput, NotAllowed) as problem:
        form.errors[""] = str(problem)
        return _new_page(form), 422 if isinstance(problem, BadInput) else 409
    if added.consent is ConsentStatus.OPTED_IN:
        flash("Signed up. A confirmation is on its way to them.")
    else:
        flash("Invited. Nothing more is sent until they answer YES.")
    return redirect(url_for("person.show", person_id=added.participant_id), 303)


def _list_page(
    page: finding.ParticipantPage,
    selection: Selection = finding.EVERYBODY,
    *,
    search: str = "",
    problem: str | None = None,
    is_first: bool = True,
) -> str:
    chosen = {name: value for name, value in vars(selection).items() if value is not None}
    return render_template(
        "people.html",
        page=page,
        now=now(),
        chosen=chosen,
        filters={"consent": CONSENT, "language": LANGUAGES, "needs": NEEDS},
        search=search,
        problem=problem,
        is_first=is_first,
        is_complete=not search or finding.is_complete(parts().database),
    )


def _new_page(form: Form) -> str:
    others = sorted(zone for zone in available_timezones() if "/" in zone and zone[0].isupper())
    return render_template("person_new.html", form=form, zones=COMMON_ZONES, other_zones=others)
