"""The public page to join: what it says, and that it tells nothing about anybody."""

import re

import pytest

from service.bootstrap import Parts
from service.store.schema import Participant
from service.workflows import joining
from tests.web.conftest import MAYA, Browser

NEW = "+15555550199"


def test_the_box_is_empty_and_says_what_is_agreed_to(outsider: Browser) -> None:
    page = outsider.get("/join").text
    box = re.search(r'<input type="checkbox"[^>]*>', page)
    assert box is not None
    assert "checked" not in box[0]
    for said in (
        "recurring automated texts from Handrail", "Message and data rates may apply", "Reply STOP", "HELP",
        "is not a condition",
    ):  # fmt: skip
        assert said in page
    assert "What you get" in page
    assert "built-in" not in page  # a word of ours under the name of a dict's own method
    assert "opioid" not in page.lower()


def test_the_answer_is_the_same_whoever_it_is(outsider: Browser, parts: Parts, maya: int) -> None:
    answers = []
    for number in (NEW, NEW, MAYA):
        answer = outsider.post("/join", phone=number, agree="yes")
        answers.append((answer.status_code, answer.headers["Location"], answer.text))
    assert parts.phone is not None
    parts.phone.text_in(MAYA, "STOP", parts.programme.base_url)
    answer = outsider.post("/join", phone=MAYA, agree="yes")
    answers.append((answer.status_code, answer.headers["Location"], answer.text))
    assert len(set(answers)) == 1
    assert answers[0][:2] == (303, "/join/sent?language=en")
    page = outsider.get("/join/sent").text
    assert "STOP or NO gets no text from this page" in page
    assert "Text JOIN" in page
    with parts.database.read() as session:
        assert session.query(Participant).count() == 2
        assert session.get_one(Participant, maya).consent.value == "opted_out"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"agree": ""}, "Tick the box"),
        ({"phone": "555-01"}, "too short"),
        ({"name": "http://example.org"}, "letters only"),
        ({"agree": "", "language": "es"}, "Marque la casilla"),
        ({"phone": "555-01", "language": "es"}, "Escriba el número completo"),
    ],
)
def test_what_is_missing_is_said_and_nobody_is_texted(
    outsider: Browser, parts: Parts, fields: dict[str, str], problem: str
) -> None:
    answer = outsider.post("/join", **({"phone": NEW, "agree": "yes"} | fields))
    assert answer.status_code == 422
    assert problem in answer.text
    assert " checked" not in answer.text
    with parts.database.read() as session:
        assert session.query(Participant).count() == 0


def test_too_many_are_told_to_text_instead(outsider: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "MOST_PER_ADDRESS", 0)
    answer = outsider.post("/join", phone=NEW, agree="yes")
    assert answer.status_code == 429
    assert "Text JOIN instead" in answer.text


def test_the_page_is_there_in_spanish(outsider: Browser) -> None:
    page = outsider.get("/join?language=es").text
    assert 'lang="es"' in page
    assert "Qué recibe" in page
    assert "Pueden aplicarse tarifas" in page
    assert outsider.get("/join?language=xx").status_code == 200
    assert "Mire su teléfono" in outsider.get("/join/sent?language=es").text


def test_a_post_without_the_page_s_token_is_refused(outsider: Browser, parts: Parts) -> None:
    assert outsider.client.post("/join", data={"phone": NEW, "agree": "yes"}).status_code == 400
    with parts.database.read() as session:
        assert session.query(Participant).count() == 0


def test_the_evidence_stands_in_the_ledger(outsider: Browser, dana: Browser) -> None:
    outsider.post("/join", phone=NEW, name="Rosa", agree="yes")
    page = dana.get("/opt-ins").text
    for said in ("Rosa", "On the web", joining.NOTE, "join_page@en-1"):
        assert said in page
