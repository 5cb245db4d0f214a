"""On call: who is paged now and in the next days, staff's phones, and the rota for admins to edit."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.rota import RotaRole
from service.domain.staff import Role
from service.web import security, week
from service.web.context import house_zone, now, parts, who
from service.web.errors import status_of
from service.web.forms import Form, read_cover, read_shift, read_swap
from service.workflows import on_call, rota, staff_phones

blueprint = Blueprint("on_call", __name__, url_prefix="/on-call")
security.guard(blueprint)

USUAL_SHIFT = {"role": RotaRole.FIRST.value, "starts": "17:00", "ends": "09:00"}


@blueprint.get("")
@security.open_to(Role.VIEWER)
def show() -> str:
    return _page()


@blueprint.post("/phones/<int:coordinator_id>")
@security.open_to(Role.COORDINATOR)
def enter_phone(coordinator_id: int) -> ResponseReturnValue:
    """One's own; an admin may enter anybody's. The guard sees to it."""
    ours, number = parts(), request.form.get("phone", "")
    try:
        staff_phones.enter_phone(ours.database, ours.words, coordinator_id, number, who().by, now())
    except (BadInput, NotAllowed) as problem:
        form = Form({"phone": number}, {f"phone-{coordinator_id}": str(problem)})
        return _page(coordinator_id, form), status_of(problem)
    flash("A text asks that phone for YES. Pages go to it from then on.")
    return redirect(url_for("on_call.show", _anchor="phones"), 303)


@blueprint.post("/phones/<int:coordinator_id>/remove")
@security.open_to(Role.COORDINATOR)
def remove_phone(coordinator_id: int) -> ResponseReturnValue:
    staff_phones.remove_phone(parts().database, coordinator_id, who().by, now())
    flash("Taken away. No pages go to that phone.")
    return redirect(url_for("on_call.show", _anchor="phones"), 303)


@blueprint.get("/rota")
@security.open_to(Role.VIEWER)
def edit() -> str:
    return _rota_page({})


@blueprint.post("/rota/shifts")
@security.open_to(Role.ADMIN)
def add_shift() -> ResponseReturnValue:
    form = Form.of(request.form)
    entry = read_shift(form)

    def enter() -> None:
        assert entry is not None  # noqa: S101  # looked at below
        rota.add_shifts(
            parts().database, entry.person, entry.role, entry.weekdays, entry.starts, entry.ends,
            who().by, now(),
        )  # fmt: skip

    return _enter("shift", form, enter if entry else None, "Entered. It counts from now on.")


@blueprint.post("/rota/covers")
@security.open_to(Role.ADMIN)
def add_cover() -> ResponseReturnValue:
    form = Form.of(request.form)
    entry = read_cover(form, house_zone())

    def enter() -> None:
        assert entry is not None  # noqa: S101  # looked at below
        rota.add_cover(
            parts().database, entry.absent, entry.instead, entry.starts_at, entry.ends_at, who().by, now()
        )

    return _enter("cover", form, enter if entry else None, "Entered.")


@blueprint.post("/rota/swaps")
@security.open_to(Role.ADMIN)
def add_swap() -> ResponseReturnValue:
    form = Form.of(request.form)
    entry = read_swap(form)

    def enter() -> None:
        assert entry is not None  # noqa: S101  # looked at below
        ours = parts()
        rota.add_swap(
            ours.database, ours.programme, entry.shift_id, entry.day, entry.instead, who().by, now()
        )

    return _enter("swap", form, enter if entry else None, "Swapped.")


@blueprint.post("/rota/shifts/<int:shift_id>/end")
@security.open_to(Role.ADMIN)
def end_shift(shift_id: int) -> ResponseReturnValue:
    rota.end_shift(parts().database, shift_id, who().by, now())
    return _done("Taken off the rota.")


@blueprint.post("/rota/covers/<int:cover_id>/end")
@security.open_to(Role.ADMIN)
def end_cover(cover_id: int) -> ResponseReturnValue:
    rota.end_cover(parts().database, cover_id, who().by, now())
    return _done("Withdrawn.")


@blueprint.post("/rota/swaps/<int:swap_id>/end")
@security.open_to(Role.ADMIN)
def end_swap(swap_id: int) -> ResponseReturnValue:
    rota.end_swap(parts().database, swap_id, who().by, now())
    return _done("Withdrawn.")


def _enter(name: str, form: Form, enter: Callable[[], None] | None, done: str) -> ResponseReturnValue:
    """Enter what a form holds, or show it again with what is wrong."""
    if enter is None:
        return _rota_page({name: form}), 422
    try:
        enter()
    except (BadInput, NotFound) as problem:
        form.errors[""] = str(problem)
        return _rota_page({name: form}), 422
    return _done(done)


def _done(words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for("on_call.edit"), 303)


def _view(at: datetime) -> rota.RotaView:
    ours = parts()
    return rota.show(ours.database, ours.programme, at, week.end_of(at, house_zone()) - at)


def _page(coordinator_id: int | None = None, form: Form | None = None) -> str:
    ours, at = parts(), now()
    view = _view(at)
    return render_template(
        "on_call.html",
        view=view,
        week=week.draw(view, at),
        roles=RotaRole,
        problems=on_call.problems(ours.database, ours.programme, at),
        staff=[member for member in view.staff.values() if member.role.may_edit],
        bad_phone=coordinator_id,
        form=form or Form(),
        height=week.HEIGHT,
    )


def _rota_page(forms: dict[str, Form]) -> str:
    view = _view(now())
    people = {str(member.id): member.name for member in view.staff.values() if member.role.may_edit}
    return render_template(
        "rota.html",
        view=view,
        roles=RotaRole,
        people={"": "Choose", **people},
        shift_form=forms.get("shift", Form(USUAL_SHIFT)),
        cover_form=forms.get("cover", Form()),
        swap_form=forms.get("swap", Form()),
    )
