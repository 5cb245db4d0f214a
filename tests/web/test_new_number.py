"""Entering a person's new number on their page."""

from datetime import timedelta

from service.bootstrap import Parts
from service.domain.consent import ConsentStatus
from service.workflows import rehearsal
from tests.web.conftest import MAYA, Browser
from tests.web.test_console_pages import person, text_in

NEW = "+15555550144"
FORM = {"phone": "(555) 555-0144", "old": "go_on", "note": "told me at the desk"}


def shown(parts: Parts, number: str) -> list[str]:
    rehearsal.move_clock(parts.stage, parts.clock() + timedelta(hours=13))  # out of quiet hours
    return [line.body for line in rehearsal.on_handset(parts.database, number) if line.is_from_service]


def test_from_entering_to_the_yes(dana: Browser, parts: Parts, maya: int) -> None:
    assert dana.post(f"/participants/{maya}/new-number", **FORM).status_code == 303
    page = dana.get(f"/participants/{maya}").text
    assert "is waiting for its YES" in page
    assert "go on until then" in page
    assert NEW not in page
    (asked,) = shown(parts, NEW)
    assert "Maya" not in asked
    text_in(parts, "yes", NEW)
    page = dana.get(f"/participants/{maya}").text
    assert f"tel:{NEW}" in page
    assert f"tel:{MAYA}" not in page
    assert "Number changed, after its YES:" in page
    assert "told me at the desk" in page


def test_a_lost_phone_is_stopped_at_once_and_can_be_vouched_for(
    dana: Browser, parts: Parts, maya: int
) -> None:
    dana.post(f"/participants/{maya}/new-number", **{**FORM, "old": "stop"})
    assert person(parts, maya).consent is ConsentStatus.MOVING
    page = dana.get(f"/participants/{maya}").text
    assert "Waits for a new number" in page
    assert "wait for a YES from a new number" in page
    refused = dana.post(f"/participants/{maya}/new-number/take-back", old_is_theirs="yes", why=" ")
    assert refused.status_code == 422
    dana.post(f"/participants/{maya}/new-number/take-back", old_is_theirs="yes", why="she called from it")
    assert person(parts, maya).consent is ConsentStatus.OPTED_IN
    assert "New number taken back" in dana.get(f"/participants/{maya}").text


def test_the_old_number_can_be_stopped_while_waiting(dana: Browser, parts: Parts, maya: int) -> None:
    dana.post(f"/participants/{maya}/new-number", **FORM)
    assert "Stop the old number now" in dana.get(f"/participants/{maya}/new-number").text
    assert dana.post(f"/participants/{maya}/new-number/stop-old").status_code == 303
    assert person(parts, maya).consent is ConsentStatus.MOVING
    assert dana.post(f"/participants/{maya}/new-number/take-back").status_code == 303
    assert dana.post(f"/participants/{maya}/new-number/stop-old").status_code == 409


def test_what_cannot_be_used_is_said_and_nothing_typed_is_lost(
    dana: Browser, parts: Parts, maya: int
) -> None:
    for fields, status in (
        ({"phone": "555-01"}, 422),
        ({"phone": MAYA}, 422),
        ({"old": ""}, 422),
        ({"note": ""}, 422),
    ):
        answer = dana.post(f"/participants/{maya}/new-number", **{**FORM, **fields})
        assert answer.status_code == status, fields
        assert 'role="alert"' in answer.text
    assert shown(parts, NEW) == []
