"""The console's pages, by what coordinators do on them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from service.bootstrap import Parts
from service.domain.alerts import AlertKind
from service.domain.consent import ConsentStatus
from service.store import alerts
from service.web.console import today
from service.workflows import console, finding, rehearsal
from tests.web.conftest import MAYA, STAFF, Browser

NEW = {
    "phone": "(555) 555-0144", "name": "Jordan", "timezone": "America/Chicago", "language": "en",
    "consent": "invite", "source": "verbal", "note": "",
}  # fmt: skip
MEETING = {
    "label": "Thursday circle", "at": "19:00", "repeat": "weekdays", "weekdays": ["3"],
    "weeks": "1", "lead": "60",
}  # fmt: skip


def person(parts: Parts, person_id: int) -> console.Person:
    return console.show_participant(parts.database, person_id, STAFF, parts.clock())


def text_in(parts: Parts, body: str, number: str = MAYA) -> None:
    assert parts.phone is not None
    parts.phone.text_in(number, body, parts.programme.base_url)


def test_today_is_pleasant_when_empty(dana: Browser) -> None:
    page = dana.get("/").text
    assert "Nobody is waiting for you" in page
    assert "<title>Today" in page


def test_a_crisis_comes_first_and_can_be_acknowledged_where_it_stands(
    dana: Browser, parts: Parts, maya: int, add_person: Callable[..., int]
) -> None:
    add_person("+15555550131", "Lee")
    text_in(parts, "STOP", "+15555550131")
    text_in(parts, "i want to kill myself")
    page = dana.get("/").text
    assert "<title>(1) Today" in page
    assert "i want to kill myself" in page
    assert page.index("May be thinking of suicide") < page.index("Asked for no more texts")
    number = page.partition('id="alert-')[2].partition('"')[0]
    dana.post(f"/alerts/{number}/acknowledge", note="Called her. She is with her sister.")
    after = dana.get("/").text
    assert "Acknowledged" in after
    assert "i want to kill myself" not in after
    again = dana.post(f"/alerts/{number}/acknowledge")
    assert again.status_code == 303
    assert "before you" in dana.get("/").text


def test_what_people_write_is_shown_as_text(dana: Browser, parts: Parts, maya: int) -> None:
    text_in(parts, "<script>alert(1)</script> i want to die")
    for path in ("/", f"/participants/{maya}", "/alerts/fragment", "/phone"):
        page = dana.get(path).text
        assert "<script>alert" not in page
    assert "&lt;script&gt;" in dana.get(f"/participants/{maya}").text


def test_an_invitation_waits_for_a_yes(dana: Browser, parts: Parts) -> None:
    answer = dana.post("/participants/new", **NEW)
    assert answer.status_code == 303
    page = dana.get(answer.headers["Location"]).text
    assert "Invited, no answer yet" in page
    assert "nothing can be written to them" in page


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(dana: Browser) -> None:
    answer = dana.post("/participants/new", **{**NEW, "phone": "555-01", "consent": ""})
    assert answer.status_code == 422
    assert 'id="phone-problem"' in answer.text
    assert 'value="555-01"' in answer.text
    assert 'value="Jordan"' in answer.text
    assert "Choose whether to invite" in answer.text


def test_adding_a_number_twice_says_so(dana: Browser, maya: int) -> None:
    answer = dana.post("/participants/new", **{**NEW, "phone": MAYA})
    assert answer.status_code == 409
    assert "enrolled already" in answer.text


@pytest.mark.parametrize("wanted", ["may", "(555) 555-0123"])
def test_people_are_found_without_telling_the_address_bar(
    dana: Browser, maya: int, add_person: Callable[..., int], wanted: str
) -> None:
    add_person("+15555550144", "Jordan")
    answer = dana.post("/participants/search", search=wanted)
    assert answer.status_code == 200
    assert ">Maya<" in answer.text
    assert ">Jordan<" not in answer.text
    assert "+1•••0123" in answer.text
    assert MAYA not in answer.text


def test_a_search_that_cannot_be_read_says_why(dana: Browser, maya: int) -> None:
    answer = dana.post("/participants/search", search="555 01")
    assert 'id="search-problem"' in answer.text


def test_the_list_goes_on_by_pages(dana: Browser, add_person: Callable[..., int]) -> None:
    for number in range(finding.PAGE + 2):
        add_person(f"+1555555{1000 + number}", f"Person {number:02}")
    first = dana.get("/participants").text
    link = first.partition('href="/participants?after=')[2].partition('"')[0]
    second = dana.get(f"/participants?after={link}").text
    assert ">Person 51<" in first
    assert ">Person 00<" in second
    assert ">Person 00<" not in first


def test_a_text_by_hand_appears_in_the_thread(dana: Browser, parts: Parts, maya: int) -> None:
    dana.post(f"/participants/{maya}/texts", body="See you Thursday?")
    assert "Waiting to be sent" in dana.get(f"/participants/{maya}").text
    rehearsal.move_clock(parts.stage, parts.clock() + timedelta(minutes=1))
    page = dana.get(f"/participants/{maya}").text
    assert "See you Thursday?" in page
    assert "By Dana Reyes" in page
    assert "Delivered" in page


def test_an_empty_text_is_refused_in_place(dana: Browser, maya: int) -> None:
    answer = dana.post(f"/participants/{maya}/texts", body="  ")
    assert answer.status_code == 422
    assert "The text is empty" in answer.text


def test_a_failed_text_says_what_to_do(dana: Browser, parts: Parts, add_person: Callable[..., int]) -> None:
    theo = add_person("+15555550192", "Theo")
    rehearsal.move_clock(parts.stage, parts.clock() + timedelta(hours=13))
    # By then the quiet hours are over, whenever this runs.
    page = dana.get(f"/participants/{theo}").text
    assert "Did not arrive" in page
    assert "reach the person another way" in page


def test_segments_are_counted_by_the_server(dana: Browser) -> None:
    answer = dana.post("/segments", body="a" * 161)
    assert answer.get_json() == {"segments": 2, "encoding": "gsm-7", "offenders": []}
    assert dana.post("/segments", body="ok 👍").get_json()["offenders"] == ["👍"]


def test_a_meeting_is_added_and_shown_word_for_word(dana: Browser, maya: int) -> None:
    answer = dana.post(f"/participants/{maya}/schedules/new/meeting", **MEETING)
    assert answer.status_code == 303
    page = dana.get(f"/participants/{maya}").text
    assert "Meeting: Thursday circle" in page
    assert "Thursdays at 7 PM" in page
    assert "Coming up at 7 PM: Thursday circle." in page


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("meeting", {"weekdays": []}, "Tick at least one day"),
        ("meeting", {"at": ""}, "Give a time"),
        ("check-in", {"repeat": ""}, "Choose on which days"),
        ("check-in", {"repeat": "days", "days": "0"}, "Give a number of days"),
        ("medication", {"repeat": "monthly", "month_day": "32"}, "day of the month from 1 to 31"),
        ("appointment", {"repeat": "once", "on": ""}, "Choose a date"),
        ("appointment", {"repeat": "once", "on": "2020-01-01"}, "That date is over"),
        ("medication", {"label": "x" * 41}, "Shorten the nickname"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_with_a_mend(
    dana: Browser, maya: int, kind: str, change: dict[str, object], said: str
) -> None:
    fields = {**MEETING, **change}
    if kind in {"check-in", "medication"}:
        del fields["lead"]
    answer = dana.post(f"/participants/{maya}/schedules/new/{kind}", **fields)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_schedule_is_ended_only_by_its_own_person(
    dana: Browser, parts: Parts, maya: int, add_person: Callable[..., int]
) -> None:
    jordan = add_person("+15555550144", "Jordan")
    dana.post(f"/participants/{maya}/schedules/new/meeting", **MEETING)
    schedule = person(parts, maya).schedules[0].id
    assert dana.post(f"/participants/{jordan}/schedules/{schedule}/end").status_code == 404
    assert person(parts, maya).schedules
    dana.post(f"/participants/{maya}/schedules/{schedule}/end")
    assert not person(parts, maya).schedules


def test_pause_and_resume(dana: Browser, parts: Parts, maya: int) -> None:
    ahead = (parts.clock() + timedelta(days=3)).date().isoformat()
    dana.post(f"/participants/{maya}/pause", until=ahead)
    assert "Paused until" in dana.get(f"/participants/{maya}").text
    dana.post(f"/participants/{maya}/resume")
    assert "Paused until" not in dana.get(f"/participants/{maya}").text


@pytest.mark.parametrize("until", ["", "2020-01-01", "2999-01-01", "soon"])
def test_an_impossible_pause_is_refused(dana: Browser, maya: int, until: str) -> None:
    assert dana.post(f"/participants/{maya}/pause", until=until).status_code == 422


@pytest.mark.parametrize(
    ("step", "status"),
    [("stop", ConsentStatus.OPTED_OUT), ("wrong-number", ConsentStatus.WRONG_NUMBER)],
)
def test_stopping_needs_a_reason_which_is_kept(
    dana: Browser, parts: Parts, maya: int, step: str, status: ConsentStatus
) -> None:
    assert dana.post(f"/participants/{maya}/{step}", reason="").status_code == 422
    dana.post(f"/participants/{maya}/{step}", reason="Told me on the phone")
    assert person(parts, maya).consent is status
    assert "Told me on the phone" in dana.get(f"/participants/{maya}").text


def test_details_are_edited(dana: Browser, parts: Parts, maya: int) -> None:
    path = f"/participants/{maya}/details"
    dana.post(path, name="Maya T.", language="es", timezone="America/Denver")
    assert person(parts, maya).name == "Maya T."
    answer = dana.post(path, name="Maya", language="en", timezone="EST")
    assert answer.status_code == 422
    assert "America/New_York" in answer.text


def test_scores_become_a_picture_with_words(dana: Browser, parts: Parts, maya: int) -> None:
    check_in = {"at": "12:00", "repeat": "days", "days": "1"}
    dana.post(f"/participants/{maya}/schedules/new/check-in", **check_in)
    for score in ("4", "2"):
        rehearsal.move_clock(parts.stage, parts.clock() + timedelta(days=1))
        text_in(parts, score)
    page = dana.get(f"/participants/{maya}").text
    assert '<svg class="trend"' in page
    assert "Last 2 check-ins, oldest first: 4, 2." in page


def test_consent_shows_the_exact_words(dana: Browser, maya: int) -> None:
    page = dana.get(f"/participants/{maya}").text
    assert "Said yes" in page
    assert "on paper" in page
    assert "Msg&amp;data rates may apply" in page


def test_nobody_there_is_a_calm_page(dana: Browser) -> None:
    for path in ("/participants/999", "/participants/999/stop", "/wording/no.such/en", "/nowhere"):
        answer = dana.get(path)
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text


def test_a_fault_says_nothing_about_itself(
    dana: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Maya +15555550123")

    monkeypatch.setattr(finding, "list_participants", fail)
    answer = dana.get("/participants")
    assert answer.status_code == 500
    assert "on our side" in answer.text
    for leak in ("Maya", "5550123", "RuntimeError", "Traceback"):
        assert leak not in answer.text
    assert "Maya" not in caplog.text


def test_today_shows_the_most_urgent_and_says_how_many_wait(
    dana: Browser, parts: Parts, maya: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(today, "SHOWN_AT_ONCE", 2)
    with parts.database.write() as session:
        for kind in (AlertKind.SILENCE, AlertKind.UNDELIVERED, AlertKind.CRISIS):
            alerts.raise_alert(session, kind, parts.clock(), participant_id=maya)
    page = dana.get("/").text
    assert "May be thinking of suicide" in page
    assert "Has not answered lately" in page
    assert "Texts are not arriving" not in page
    assert "The 2 most urgent are shown. 1 more wait" in page
