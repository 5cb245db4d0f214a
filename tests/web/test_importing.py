"""Importing a list in the console: check, mend, confirm."""

import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from werkzeug.test import TestResponse

from service.bootstrap import Parts
from service.store.schema import AuditEntry, Participant
from service.web.console import importing
from tests.web.conftest import MAYA, Browser

HEADER = "phone,name,consent_source,opted_in\n"
ROSA, LEE = "+15555550199", "+15555550131"


def upload(browser: Browser, text: str | bytes, path: str = "/opt-ins/import/check") -> TestResponse:
    data = text.encode() if isinstance(text, str) else text
    return browser.post(path, file=(io.BytesIO(data), "people.csv"))


def carried(page: str) -> str:
    """The text of the file as the page carries it on to the confirmation."""
    found = re.search(r'name="text" value="([^"]*)"', page)
    assert found is not None
    return unescape(found[1])


def people(parts: Parts) -> int:
    with parts.database.read() as session:
        return session.query(Participant).count()


def test_a_good_file_is_counted_confirmed_and_written_down(dana: Browser, parts: Parts) -> None:
    answer = upload(dana, HEADER + f"{ROSA},Rosa,paper,yes\n{LEE},Lee,verbal,\n")
    assert answer.status_code == 200
    assert "Enter 2 people?" in answer.text
    assert "1 person</b> gets one invitation" in answer.text
    assert "1 person</b> has agreed already" in answer.text
    assert people(parts) == 0
    done = dana.post("/opt-ins/import", text=carried(answer.text))
    assert done.headers["Location"] == "/opt-ins"
    assert "2 people entered." in dana.get("/opt-ins").text
    assert people(parts) == 2
    with parts.database.read() as session:
        entry = session.query(AuditEntry).filter_by(action="participants.imported").one()
        assert (entry.actor_id, entry.detail["rows"]) == (1, 2)


def test_every_fault_is_told_by_row_and_column_and_nobody_is_entered(dana: Browser, parts: Parts) -> None:
    answer = upload(
        dana,
        HEADER + f"{ROSA},Rosa,paper,yes\n555-01,{'x' * 41},hearsay,perhaps\n{ROSA},Twin,paper,yes\n",
    )
    assert answer.status_code == 422
    assert "2 rows need mending" in answer.text
    assert "1 row is fine" in answer.text
    rows = re.findall(r'<th scope="row">(Row \d)</th><td data-label="Column">(\w+)', answer.text)
    assert rows == [
        ("Row 3", "phone"), ("Row 3", "name"), ("Row 3", "consent_source"), ("Row 3", "opted_in"),
        ("Row 4", "phone"),
    ]  # fmt: skip
    for said in ("hearsay", "too short", "paper, verbal or web", "The same number as in row 2"):
        assert said in answer.text
    assert "Enter" not in answer.text.partition("<main")[2]
    assert people(parts) == 0


def test_what_is_wrong_is_mended_on_the_page(dana: Browser, parts: Parts) -> None:
    page = upload(dana, HEADER + "555-01,Rosa,paper,yes\n").text
    assert "555-01,Rosa,paper,yes" in page
    again = dana.post("/opt-ins/import/check", text=HEADER + f"{ROSA},Rosa,paper,yes\n")
    assert "Enter 1 person?" in again.text


def test_people_who_left_stay_out_and_hold_nobody_up(dana: Browser, parts: Parts, maya: int) -> None:
    assert parts.phone is not None
    parts.phone.text_in(MAYA, "STOP", parts.programme.base_url)
    answer = upload(dana, HEADER + f"{MAYA},Maya,paper,yes\n{ROSA},Rosa,paper,yes\n")
    assert "1 person will stay out" in answer.text
    assert "Row 2 (Maya)" in answer.text
    dana.post("/opt-ins/import", text=carried(answer.text))
    assert "1 person entered. 1 left out" in dana.get("/opt-ins").text
    with parts.database.read() as session:
        assert session.get_one(Participant, maya).consent.value == "opted_out"
        entry = session.query(AuditEntry).filter_by(action="participants.imported").one()
        assert (entry.detail["rows"], entry.detail["kept_out"]) == (1, 1)
    nobody = upload(dana, HEADER + f"{MAYA},Maya,paper,yes\n").text
    assert "Nobody to enter" in nobody
    assert 'action="/opt-ins/import"' not in nobody


def test_what_changed_since_the_check_keeps_everybody_out(
    dana: Browser, parts: Parts, add_person: Callable[..., int]
) -> None:
    text = carried(upload(dana, HEADER + f"{ROSA},Rosa,paper,yes\n{LEE},Lee,paper,yes\n").text)
    add_person(LEE, "Lee")
    answer = dana.post("/opt-ins/import", text=text)
    assert answer.status_code == 422
    assert "enrolled already" in answer.text
    assert people(parts) == 1


def test_confirming_twice_enters_once(dana: Browser, parts: Parts) -> None:
    text = HEADER + f"{ROSA},Rosa,paper,yes\n"
    assert dana.post("/opt-ins/import", text=text).status_code == 303
    assert dana.post("/opt-ins/import", text=text).status_code == 422
    assert people(parts) == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "Choose a file"),
        (b"name\nAna\n", "&#39;consent_source&#39; is missing"),
        (b"phone,consent_source,shoe_size\n1,paper,9\n", "shoe_size"),
        (b"phone,phone,consent_source\n1,2,paper\n", "there twice"),
        (b"x" * (importing.MOST_BYTES + 1), "larger than 200 kB"),
        (b"phone,consent_source\n" + b"1,paper\n" * 501, "more than 500 rows"),
    ],
    ids=["empty", "missing", "unknown", "twice", "large", "long"],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(dana: Browser, data: bytes, why: str) -> None:
    answer = upload(dana, data)
    assert answer.status_code == 422
    assert why in answer.text
    assert dana.post("/opt-ins/import", text=data.decode()).status_code == 422


def test_far_too_large_a_file_is_refused_before_it_is_read(dana: Browser) -> None:
    answer = dana.post("/opt-ins/import/check", text="x" * 1_200_000)
    assert answer.status_code == 413
    assert "larger than this page takes" in answer.text


@pytest.mark.parametrize("mark", [";", "\t"])
def test_files_with_other_marks_are_read(dana: Browser, mark: str) -> None:
    text = HEADER + f"'{ROSA},Rosa,paper,yes\n"  # with the apostrophe of our own files
    assert "Enter 1 person?" in upload(dana, text.replace(",", mark)).text


def test_cells_are_shown_escaped(dana: Browser) -> None:
    page = upload(dana, HEADER + f'{ROSA},Rosa,"<script>alert(1)</script>",yes\n').text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_example_can_be_imported_as_it_is(dana: Browser) -> None:
    example = dana.get("/opt-ins/import/example")
    assert "Enter 2 people?" in upload(dana, example.data).text


def test_who_only_looks_imports_nothing(viewer: Browser) -> None:
    assert "Import a list" not in viewer.get("/opt-ins").text
    for path in ("/opt-ins/import", "/opt-ins/import/check"):
        assert viewer.post(path, text=HEADER).status_code == 403
