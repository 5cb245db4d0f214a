"""Marking a reading as wrong, on a person's page."""

import re
from collections.abc import Callable

import pytest

from service.bootstrap import Parts
from service.web.console.person import MARKABLE_AT_ONCE
from service.workflows import alerting, console, finding, marking
from tests.web.conftest import MAYA, STAFF, Browser

MISSED = "the old bridge again, you know the one"


def text_in(parts: Parts, body: str, number: str = MAYA) -> str:
    """Text something; the id under which it is kept."""
    assert parts.phone is not None
    parts.phone.text_in(number, body, parts.programme.base_url)
    (person,) = finding.search(parts.database, number).rows
    thread = console.show_participant(parts.database, person.id, STAFF, parts.clock()).thread
    return [item.id for item in thread if item.direction == "in"][-1]


def test_each_text_says_how_it_was_read_and_offers_another_reading(
    dana: Browser, parts: Parts, maya: int
) -> None:
    text_in(parts, "how does methadone work")
    text_in(parts, "hello")
    page = dana.get(f"/participants/{maya}").text
    assert "Read as a question about methadone" in page
    assert "Read as: small talk" in page
    form = page.partition('<details class="wrong"')[2].partition("</details>")[0]
    assert re.findall(r'optgroup label="([^"]+)"', form) == [
        "Danger", "A question about", "Something else", "No more texts", "Answer",
    ]  # fmt: skip
    offered = re.findall(r'option value="([^"]+)"', form)
    assert set(offered) == marking.READINGS
    assert len(offered) == len(marking.READINGS) == 40
    assert "<h1>" not in form


def test_a_mark_is_shown_changed_and_taken_back(dana: Browser, parts: Parts, maya: int) -> None:
    text = text_in(parts, "hello")
    path = f"/participants/{maya}/texts/{text}/reading"
    answer = dana.post(path, reading="cravings")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"#text-{text}")
    page = dana.get(f"/participants/{maya}").text
    assert "Marked by Dana Reyes: a question about" in page
    assert "Nothing that was sent has changed" in page
    dana.post(path, reading="human")
    assert "Marked by Dana Reyes: wants a person" in dana.get(f"/participants/{maya}").text
    dana.post(path, take_back="yes", reading="")
    page = dana.get(f"/participants/{maya}").text
    assert "The mark is taken back" in page
    assert "Marked by" not in page


def test_a_missed_danger_says_to_call_and_shows_its_alert(dana: Browser, parts: Parts, maya: int) -> None:
    text = text_in(parts, MISSED)
    assert "No alert is open about them" in dana.get(f"/participants/{maya}").text
    answer = dana.post(f"/participants/{maya}/texts/{text}/reading", reading="crisis")
    assert "#" not in answer.headers["Location"]  # to the top, where the alerts are
    page = dana.get(f"/participants/{maya}").text
    assert "an alert is open now. Please call." in page
    assert "Might be in danger" in page
    assert "An alert about this text is open" in page
    assert MISSED in dana.get("/").text
    (alert,) = alerting.list_alerts(parts.database)
    dana.post(f"/alerts/{alert.id}/acknowledge")
    dana.post(f"/participants/{maya}/texts/{text}/reading", reading="overdose")
    assert "looked after before" in dana.get(f"/participants/{maya}").text


def test_what_cannot_be_marked_is_refused_in_place(
    dana: Browser, parts: Parts, maya: int, add_person: Callable[..., int]
) -> None:
    jordan = add_person("+15555550144", "Jordan")
    text = text_in(parts, "hello")
    for label in ("", "stop", "<b>"):
        answer = dana.post(f"/participants/{maya}/texts/{text}/reading", reading=label)
        assert answer.status_code == 422
        assert "Choose how the text should have been read" in answer.text
    for person, which in ((jordan, text), (maya, "999")):
        assert dana.post(f"/participants/{person}/texts/{which}/reading", reading="human").status_code == 404
        assert dana.post(f"/participants/{person}/texts/{which}/reading", take_back="y").status_code == 404


def test_who_only_looks_sees_the_reading_and_the_mark_and_can_change_neither(
    dana: Browser, viewer: Browser, parts: Parts, maya: int
) -> None:
    text = text_in(parts, "hello")
    path = f"/participants/{maya}/texts/{text}/reading"
    dana.post(path, reading="human")
    page = viewer.get(f"/participants/{maya}").text
    assert "Read as: small talk" in page
    assert "Marked by Dana Reyes" in page
    assert "/reading" not in page
    assert viewer.post(path, reading="crisis").status_code == 403
    assert viewer.post(path, take_back="yes").status_code == 403


def test_a_mark_needs_a_sign_in_and_the_pages_own_token(
    outsider: Browser, dana: Browser, parts: Parts, maya: int
) -> None:
    path = f"/participants/{maya}/texts/{text_in(parts, 'hello')}/reading"
    assert outsider.post(path, reading="human").status_code == 401
    assert dana.client.post(path, data={"reading": "human"}).status_code == 400
    assert "Marked by" not in dana.get(f"/participants/{maya}").text


def test_older_texts_link_to_a_page_with_their_own_form(dana: Browser, parts: Parts, maya: int) -> None:
    oldest = text_in(parts, "good morning to you all")
    for number in range(MARKABLE_AT_ONCE):
        text_in(parts, f"hello {number}")
    page = dana.get(f"/participants/{maya}").text
    assert page.count('<details class="wrong"') == MARKABLE_AT_ONCE
    link = f"/participants/{maya}?text={oldest}"
    assert f'href="{link}#text-{oldest}"' in page
    assert page.count(">Wrong?</a>") == 1
    asked = dana.get(link).text
    assert f'id="reading-{oldest}"' in asked
    assert asked.count('<details class="wrong" open') == 1


@pytest.mark.parametrize("text", ["x", "-1", "999999999999999999999"])
def test_a_text_that_is_not_there_changes_nothing_on_the_page(dana: Browser, maya: int, text: str) -> None:
    assert dana.get(f"/participants/{maya}?text={text}").status_code == 200
