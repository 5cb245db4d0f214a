"""The audit trail, for admins."""

from flask import Blueprint, render_template, request

from service.domain.staff import Role
from service.web import security
from service.web.context import parts, who
from service.workflows import auditing, staffing

blueprint = Blueprint("trail", __name__, url_prefix="/staff/audit")
security.guard(blueprint)


@blueprint.get("")
@security.open_to(Role.ADMIN)
def show() -> str:
    ours = parts()
    staff_id = request.args.get("staff", type=int)
    person_id = request.args.get("person", type=int)
    page = auditing.trail(
        ours.database,
        who().by,
        ours.wall(),
        before=request.args.get("before", type=int),
        actor_id=staff_id,
        participant_id=person_id,
    )
    return render_template(
        "trail.html",
        page=page,
        head=auditing.head(ours.database),
        members={str(each.id): each.name for each in staffing.list_members(ours.database)},
        staff_id=staff_id,
        person_id=person_id,
        is_first="before" not in request.args,
    )
