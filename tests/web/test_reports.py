"""The page of figures, and the file of the same."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask

from service.bootstrap import Parts
from service.store.schema import AuditEntry
from service.web import charts
from service.web.charts import Series
from service.web.spreadsheet import safe
from tests.web.conftest import Browser


@pytest.fixture
def six(add_person: Callable[..., int]) -> list[int]:
    return [add_person(f"+1555555014{n}", f"=P{n}") for n in range(6)]


def test_the_page_shows_figures_with_pictures_and_tables(dana: Browser, six: list[int]):
    page = dana.get("/reports").text
    assert "Joined and opted out" in page
    assert re.search(r'<svg class="chart".*?<title id="consents-1-title">.*?<desc', page, re.DOTALL)
    assert "<dt>Joined</dt><dd>6</dd>" in page
    assert "None asked" in page


@pytest.mark.parametrize(
    "period", ["7", "30", "90", "month", "own&first=2026-01-01&last=2026-12-31", "made-up"]
)
def test_every_period_can_be_had(dana: Browser, six: list[int], period: str):
    assert dana.get(f"/reports?period={period}").status_code == 200


@pytest.mark.parametrize(
    ("dates", "problem"),
    [
        ("", "Give both dates"),
        ("&first=2026-02-01&last=2026-01-01", "before the first"),
        ("&first=2020-01-01&last=2026-01-01", "up to 366 days"),
        ("&first=yesterday", "such as 2026-11-09"),
    ],
)
def test_dates_that_make_no_period_are_refused_in_words(
    dana: Browser, six: list[int], dates: str, problem: str
):
    answer = dana.get(f"/reports?period=own{dates}")
    assert answer.status_code == 422
    assert problem in answer.text


def test_fewer_than_five_people_are_no_report(dana: Browser, maya: int):
    page = dana.get("/reports").text
    assert "Too few people" in page
    assert "CSV" not in page
    assert dana.post("/reports/export").status_code == 422


def test_the_file_holds_what_the_page_shows_and_is_written_down(dana: Browser, parts: Parts, six: list[int]):
    answer = dana.post("/reports/export", period="7", group="all")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["First day", "Last day", "Group", "Table", "Row", "Column", "Value"]
    joined = [row for row in rows if row[3:4] == ["Joined and opted out"] and row[5] == "Joined"]
    assert len(joined) == 7
    assert joined[-1][-1] == "6"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    with parts.database.read() as session:
        assert session.query(AuditEntry).filter_by(action="report.exported").count() == 1


def test_who_only_looks_takes_no_file(viewer: Browser, six: list[int]):
    assert "CSV" not in viewer.get("/reports").text
    assert viewer.post("/reports/export").status_code == 403


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_cell_cannot_become_a_formula(cell: str):
    assert safe(cell) == "'" + cell


@pytest.mark.parametrize(("cell", "written"), [(-3, "-3"), (None, ""), (1.5, "1.5"), ("a=b", "a=b")])
def test_other_cells_stay_what_they_are(cell: str | float | None, written: str):
    assert safe(cell) == written


def test_a_line_breaks_where_numbers_are_missing():
    drawn = charts.line("T", ["a", "b", "c", "d"], Series("S", [1, 5, None, 3]), 1, 5)
    assert len(drawn.lines) == 1
    assert len(drawn.dots) == 3
    assert "lowest 1 (a), highest 5 (b)" in drawn.words


def test_a_picture_of_nothing_is_still_a_picture():
    drawn = charts.bars("T", ["a"], [Series("S", [None])])
    assert drawn.bars == []
    assert drawn.words == "There is nothing to show yet."


def test_searching_by_the_beginning_of_a_name(dana: Browser, parts: Parts, add_person: Callable[..., int]):
    for number in range(52):
        add_person(f"+1555555{number:04d}", f"Rosa{number}")
    page = dana.post("/participants/search", search="ros")
    assert page.text.count('<th scope="row">') == 50
    place = re.search(r'name="after" value="([\d-]+)"', page.text)
    assert place is not None
    rest = dana.post("/participants/search", search="ros", after=place[1])
    assert rest.text.count('<th scope="row">') == 2
    assert "Rosa0" in rest.text
    assert dana.post("/participants/search", search="ros", after="nonsense").status_code == 200


def test_a_list_is_narrowed_by_its_address_alone(dana: Browser, maya: int, add_person: Callable[..., int]):
    add_person("+15555550199", "Rosa", is_opted_in=False)
    assert "Rosa" not in dana.get("/participants?consent=opted_in").text
    assert "Maya" not in dana.get("/participants?consent=invited").text
    assert "Nobody like that" in dana.get("/participants?needs=attention").text
    assert "Maya" in dana.get("/participants?consent=made-up&language=xx").text


def test_a_price_makes_segments_a_cost(
    dana: Browser, app: Flask, six: list[int], monkeypatch: pytest.MonkeyPatch
):
    assert "Set SEGMENT_PRICE" in dana.get("/reports").text
    priced = app.extensions["handrail_settings"].model_copy(update={"segment_price": "0.0079 USD"})
    monkeypatch.setitem(app.extensions, "handrail_settings", priced)
    page = dana.get("/reports").text
    assert "<dt>Cost of those segments</dt><dd>0.00 USD</dd>" in page
    assert "Set SEGMENT_PRICE" not in page
