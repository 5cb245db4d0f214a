"""The rehearsal phone without script: forms and whole pages."""

from service.bootstrap import Parts
from tests.web.conftest import Browser


def test_somebody_joins_by_text(outsider: Browser) -> None:
    assert "Send JOIN to begin" in outsider.get("/phone").text
    outsider.post("/phone/text", body="JOIN")
    page = outsider.get("/phone").text
    assert "Received: </span>Handrail: you&#39;re signed up." in page


def test_the_number_is_kept_in_the_session_and_not_in_the_address(outsider: Browser) -> None:
    answer = outsider.post("/phone/number", number="(555) 555-0144")
    assert answer.headers["Location"] == "/phone"
    outsider.post("/phone/text", body="JOIN")
    assert "+1 555 555 0144" in outsider.get("/phone").text
    outsider.post("/phone/number", number="+15555550123")
    page = outsider.get("/phone").text
    assert "Send JOIN to begin" in page
    assert 'value="+15555550144"' in page  # offered, to go back to


def test_a_number_that_is_none_says_why(outsider: Browser) -> None:
    answer = outsider.post("/phone/number", number="12")
    assert answer.status_code == 422
    assert 'id="number-problem"' in answer.text


def test_the_clock_moves_ahead_and_tells_what_happened(
    outsider: Browser, dana: Browser, maya: int, parts: Parts
) -> None:
    fields = {"label": "vitamins", "at": "08:00", "repeat": "days", "days": "1"}
    dana.post(f"/participants/{maya}/schedules/new/medication", **fields)
    before = parts.clock()
    outsider.post("/phone/clock", to="1w")
    assert (parts.clock() - before).days == 7
    page = outsider.get("/phone").text
    assert "texts on the way. It is now" in page
    assert page.count("Time for vitamins") == 7


def test_the_clock_never_goes_back(outsider: Browser) -> None:
    answer = outsider.post("/phone/clock", to="moment", moment="2020-01-01T10:00")
    assert answer.status_code == 422
    assert "only moves ahead" in answer.text
    assert outsider.post("/phone/clock", to="moment", moment="soon").status_code == 422


def test_with_nothing_due_there_is_no_next_text(outsider: Browser) -> None:
    answer = outsider.post("/phone/clock", to="next")
    assert answer.status_code == 422
    assert "No text is due" in answer.text


def test_an_empty_text_is_refused(outsider: Browser) -> None:
    assert "Type something first" in outsider.post("/phone/text", body=" ").text


def test_a_script_gets_its_answer_in_short(outsider: Browser) -> None:
    data = {"csrf_token": outsider.token(), "body": "JOIN"}
    answer = outsider.client.post("/phone/text", data=data, headers={"X-Requested-With": "fetch"})
    assert answer.get_json() == {"message": "", "ok": True}
