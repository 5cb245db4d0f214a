"""Every route, present and future: who may come in, and what a POST needs."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from service.bootstrap import Parts
from tests.web.conftest import Browser

OPEN_BLUEPRINTS = {"web", "public", "auth", "phone", "webhooks", "health"}
"""Whatever is not of these is the console, and needs a sign-in."""

CHANGES_NOTHING = {"people.search", "today.segments", "wording.preview", "leaving.sign_out"}
"""The only POSTs of the console that somebody who just looks may use."""

SIGNED_BY_THE_GATEWAY = {"webhooks.inbound", "webhooks.status"}
CARRIED_IN_ADDRESSES = {
    "person_id", "schedule_id", "alert_id", "kind", "key", "language", "token",
    "filename", "message_id", "text_id", "coordinator_id", "shift_id", "cover_id", "swap_id",
}  # fmt: skip
EXAMPLES = {"kind": "meeting", "key": "medication.ask", "language": "en", "token": "made-up"}


def rules(app: Flask, method: str) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or set()):
            yield rule


def path_of(app: Flask, rule: Rule) -> str:
    values: dict[str, Any] = {name: EXAMPLES.get(name, 1) for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


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
        if is_console(rule) and rule.endpoint not in CHANGES_NOTHING:
            assert viewer.post(path_of(app, rule)).status_code == 403, rule


def test_a_viewer_can_look_at_every_page(app: Flask, viewer: Browser, maya: int) -> None:
    for rule in rules(app, "GET"):
        if is_console(rule):
            assert viewer.get(path_of(app, rule)).status_code in {200, 404}, rule


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
