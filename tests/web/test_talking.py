"""The page says that check-ins wait, and lets them go."""

from service.bootstrap import Parts
from tests.web.conftest import Browser
from tests.web.test_console_pages import person


def test_the_page_says_so_and_can_change_it(dana: Browser, parts: Parts, maya: int) -> None:
    assert "because you are talking" not in dana.get(f"/participants/{maya}").text
    dana.post(f"/participants/{maya}/texts", body="Are you all right?")
    page = dana.get(f"/participants/{maya}").text
    assert "Check-ins and meeting texts wait until" in page
    first = person(parts, maya).held_until
    assert dana.post(f"/participants/{maya}/talking/extend").status_code == 303
    second = person(parts, maya).held_until
    assert first is not None
    assert second is not None
    assert second > first
    assert dana.post(f"/participants/{maya}/talking/lift").status_code == 303
    assert person(parts, maya).held_until is None
    assert dana.post("/participants/99/talking/lift").status_code == 404
