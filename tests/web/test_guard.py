"""Every route, present and future: who may come in, and what a POST needs."""

from collections.abc import Callable, Iterator
from datetime import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from service.bootstrap import Parts
from service.domain.caseload import Caseload
from service.domain.prompt import ScheduleKind
from service.domain.staff import Role
from service.store.schema import Alert, InboundMessage, Participant
from service.web import security
from service.workflows import caseloads, scheduling, staffing
from service.workflows.caseloads import hand_over
from tests.web.conftest import STAFF, Browser

OPEN_BLUEPRINTS = {"web", "public", "auth", "phone", "webhooks", "health"}
"""Whatever is not of these is the console, and needs a sign-in."""

CHANGES_NOTHING = {"people.search", "today.segments", "wording.preview", "leaving.sign_out"}
ONES_OWN = {
    "account.set_password", "account.begin", "account.confirm", "account.new_codes", "account.remove",
    "account.end_session", "account.end_others", "account.prove",
}  # fmt: skip
"""These two are the only POSTs of the console that somebody who just looks may use."""

SIGNED_BY_THE_GATEWAY = {"webhooks.inbound", "webhooks.status"}
CARRIED_IN_ADDRESSES = {
    "person_id", "reply_id", "schedule_id", "alert_id", "kind", "key", "language", "token",
    "filename", "message_id", "text_id", "coordinator_id", "shift_id", "cover_id", "swap_id", "session_id",
}  # fmt: skip
DANA, ADA = 1, 3
EXAMPLES = {"kind": "meeting", "key": "medication.ask", "language": "en", "token": "made-up"}


def rules(app: Flask, method: str) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or set()):
            yield rule


def path_of(app: Flask, rule: Rule, ids: dict[str, int] | None = None) -> str:
    values: dict[str, Any] = {name: EXAMPLES.get(name, (ids or {}).get(name, 1)) for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def least_role(app: Flask, rule: Rule) -> Role | None:
    return getattr(app.view_functions[rule.endpoint], "least_role", None)


def set_caseload(parts: Parts, caseload: Caseload) -> None:
    staffing.change(parts.database, DANA, Role.COORDINATOR, caseload, STAFF, parts.wall())


def give(parts: Parts, person_id: int, coordinator_id: int) -> None:
    hand_over(parts.database, person_id, coordinator_id, STAFF, parts.clock())


def objects_of(parts: Parts, person_id: int) -> dict[str, int]:
    """One of each thing that an address can name, all of this person."""
    daily = scheduling.NewSchedule(ScheduleKind.CHECK_IN, time(10))
    made = scheduling.add_schedule(parts.database, person_id, daily, STAFF, parts.clock())
    with parts.database.write() as session:
        person = session.get_one(Participant, person_id)
        number = person.phone
    assert parts.phone is not None
    parts.phone.text_in(number, "can somebody call me", parts.programme.base_url)
    with parts.database.read() as session:
        text_id = session.scalars(
            select(InboundMessage.id).where(InboundMessage.participant_id == person_id)
        ).one()
        alert_id = session.scalars(select(Alert.id).where(Alert.participant_id == person_id)).one()
    return {"person_id": person_id, "schedule_id": made.schedule_id, "text_id": text_id, "alert_id": alert_id}


def is_console(rule: Rule) -> bool:
    return rule.endpoint.partition(".")[0] not in OPEN_BLUEPRINTS


def test_the_walk_finds_the_console(app: Flask) -> None:
    found = [rule.endpoint for rule in rules(app, "POST") if is_console(rule)]
    assert len(found) >= 12
    assert "schedules.add" in found


def test_a_console_page_sends_outsiders_to_the_door(app: Flask, outsider: Browser, maya: int) -> None:
    for rule in rules(app, "GET"):
        if is_console(rule):
            answer = outsider.get(path_of(app, rule))
            assert answer.status_code == 303, rule
            assert answer.headers["Location"] == "/sign-in", rule


def test_a_console_change_refuses_outsiders_who_have_a_token(
    app: Flask, outsider: Browser, maya: int
) -> None:
    for rule in rules(app, "POST"):
        if is_console(rule):
            assert outsider.post(path_of(app, rule)).status_code == 401, rule


def test_every_post_needs_a_token_of_the_session(app: Flask, dana: Browser, maya: int) -> None:
    for rule in rules(app, "POST"):
        if rule.endpoint not in SIGNED_BY_THE_GATEWAY:
            path = path_of(app, rule)
            assert dana.client.post(path).status_code == 400, rule
            forged = dana.client.post(path, data={"csrf_token": "forged"})
            assert forged.status_code == 400, rule


def test_the_webhooks_need_a_signature_instead(app: Flask, outsider: Browser) -> None:
    for rule in rules(app, "POST"):
        if rule.endpoint in SIGNED_BY_THE_GATEWAY:
            assert outsider.client.post(path_of(app, rule)).status_code == 403, rule


def test_a_viewer_can_change_nothing(app: Flask, viewer: Browser, maya: int) -> None:
    for rule in rules(app, "POST"):
        if is_console(rule) and rule.endpoint not in CHANGES_NOTHING | ONES_OWN:
            assert viewer.post(path_of(app, rule)).status_code == 403, rule


def test_a_viewer_can_look_at_every_page_but_an_admins(app: Flask, viewer: Browser, maya: int) -> None:
    for rule in rules(app, "GET"):
        if is_console(rule):
            status = viewer.get(path_of(app, rule)).status_code
            assert status in ({403} if least_role(app, rule) is Role.ADMIN else {200, 404}), rule


def test_every_console_route_says_whom_it_is_open_to(app: Flask) -> None:
    """A new view wants `@security.open_to(Role....)`."""
    silent = [
        rule.endpoint for rule in app.url_map.iter_rules() if is_console(rule) and not least_role(app, rule)
    ]
    assert not silent


def test_every_argument_of_a_console_route_is_known_to_the_guard(app: Flask) -> None:
    """A new argument belongs to a person (store/caseloads.py), to staff, or to nobody (web/security.py)."""
    for rule in app.url_map.iter_rules():
        if not is_console(rule):
            continue
        unknown = rule.arguments - caseloads.OBJECTS - security.NAMES_NOBODY - security.NAMES_STAFF
        assert not unknown, rule
        # What is staff's is an admin's, or one's own by its own check.
        if (
            rule.arguments & (security.NAMES_STAFF - {"coordinator_id"})
            and rule.endpoint != "account.end_session"
        ):
            assert least_role(app, rule) is Role.ADMIN, rule


def test_an_argument_that_nobody_knows_is_refused_to_a_caseload(
    app: Flask, dana: Browser, parts: Parts
) -> None:
    app.url_map.add(Rule("/forgotten/<int:thing_id>", endpoint="person.forgotten", methods=["GET"]))
    app.view_functions["person.forgotten"] = lambda thing_id: f"all about {thing_id}"
    assert dana.get("/forgotten/1").status_code == 200
    set_caseload(parts, Caseload.OWN)
    assert dana.get("/forgotten/1").status_code == 404


def test_an_admins_routes_refuse_everybody_else(
    app: Flask, dana: Browser, viewer: Browser, maya: int
) -> None:
    for method in ("GET", "POST"):
        for rule in rules(app, method):
            if is_console(rule) and least_role(app, rule) is Role.ADMIN:
                for browser in (dana, viewer):
                    call = browser.get if method == "GET" else browser.post
                    assert call(path_of(app, rule)).status_code == 403, rule


def test_what_belongs_to_somebody_else_s_person_is_not_there(
    app: Flask, dana: Browser, parts: Parts, add_person: Callable[..., int]
) -> None:
    """Route by route: a coordinator who sees only their own people, and everything of a colleague's."""
    own, other = add_person("+15555550141", "Mine"), add_person("+15555550142", "Other")
    ids = objects_of(parts, other)
    give(parts, own, DANA)
    give(parts, other, ADA)
    set_caseload(parts, Caseload.OWN)
    walked = 0
    for method in ("GET", "POST"):
        for rule in rules(app, method):
            if not is_console(rule) or not rule.arguments & caseloads.OBJECTS:
                continue
            walked += 1
            call = dana.get if method == "GET" else dana.post
            assert call(path_of(app, rule, ids)).status_code == 404, rule
            if "person_id" in rule.arguments and len(rule.arguments & caseloads.OBJECTS) > 1:
                mixed = ids | {"person_id": own}  # one's own person, somebody else's thing
                assert call(path_of(app, rule, mixed)).status_code == 404, rule
    assert walked > 15


def test_no_list_shows_somebody_else_s_person(
    app: Flask, dana: Browser, parts: Parts, add_person: Callable[..., int]
) -> None:
    mine, theirs, _ = (
        add_person(f"+1555555014{number}", name)
        for number, name in enumerate(("Zenobia", "Quillon", "Ottoline"))
    )
    assert parts.phone is not None
    for number in range(3):
        parts.phone.text_in(f"+1555555014{number}", "can somebody call me", parts.programme.base_url)
    give(parts, mine, DANA)
    give(parts, theirs, ADA)
    seen = {
        Caseload.OWN: {"Zenobia"},
        Caseload.SHARED: {"Zenobia", "Ottoline"},
        Caseload.ALL: {"Zenobia", "Ottoline", "Quillon"},
    }
    for caseload, names in seen.items():
        set_caseload(parts, caseload)
        found = set()
        for rule in rules(app, "GET"):
            if is_console(rule) and not rule.arguments:
                page = dana.get(path_of(app, rule)).text
                found |= {name for name in ("Zenobia", "Ottoline", "Quillon") if name in page}
        for wanted in ("Zenobia", "Ottoline", "Quillon", "+15555550141"):
            page = dana.post("/participants/search", search=wanted).text
            shown = page.partition("<tbody>")[2]
            found |= {name for name in ("Zenobia", "Ottoline", "Quillon") if name in shown}
        assert found == names, caseload
        assert f'>{len(names)}<span class="unseen"> open' in dana.get("/").text


def test_only_the_named_posts_are_marked_as_harmless(app: Flask) -> None:
    marked = {name for name, view in app.view_functions.items() if getattr(view, "reads_only", False)}
    assert marked == CHANGES_NOTHING


def test_no_route_both_reads_and_changes(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert not {"GET", "POST"} <= (rule.methods or set()), rule


def test_addresses_carry_ids_and_never_what_people_are(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert rule.arguments <= CARRIED_IN_ADDRESSES, rule


@pytest.mark.parametrize("path", ["/", "/participants", "/sign-in", "/phone", "/join", "/nowhere"])
def test_every_page_has_its_headers(dana: Browser, path: str) -> None:
    headers = dana.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_no_page_holds_style_or_script_of_its_own(app: Flask, dana: Browser, maya: int) -> None:
    for rule in rules(app, "GET"):
        if rule.endpoint.partition(".")[0] in {"health", "web"}:
            continue
        page = dana.get(path_of(app, rule)).text
        for inline in ("<style", " style=", "javascript:", " onclick=", " onsubmit=", "<script>"):
            assert inline not in page, (rule, inline)


def test_static_files_may_be_kept(outsider: Browser) -> None:
    address = outsider.get("/join").text.partition('stylesheet" href="')[2].partition('"')[0]
    answer = outsider.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    answer.close()


def test_the_guard_notices_a_session_that_has_ended(dana: Browser, parts: Parts) -> None:
    cookie = dana.client.get_cookie("handrail")
    assert cookie is not None
    dana.post("/sign-out")
    dana.client.set_cookie("handrail", cookie.value)
    assert dana.get("/participants").status_code == 303
