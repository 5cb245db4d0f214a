"""The page of opt-ins: the ledger, its file, and who has not answered."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest

from service.bootstrap import Parts
from service.store.schema import AuditEntry, Participant
from service.workflows import opt_ins, rehearsal
from tests.web.conftest import MAYA, Browser

FILE_HEADER = "Entry,Person,Number,When (UTC)"


def test_the_ledger_says_who_when_what_and_how_we_know(dana: Browser, parts: Parts, maya: int) -> None:
    assert parts.phone is not None
    parts.phone.text_in(MAYA, "STOP", parts.programme.base_url)
    page = dana.get("/opt-ins").text
    for said in ("Maya", "Stopped", "Said yes", "By text", "Their text, read as STOP", "On paper, by Dana"):
        assert said in page
    assert MAYA not in page  # masked; the whole number is on the person's page


def test_the_ledger_narrows_by_its_address_alone(
    dana: Browser, maya: int, add_person: Callable[..., int]
) -> None:
    add_person("+15555550199", "Rosa", is_opted_in=False)
    said_yes = dana.get("/opt-ins?state=opted_in&means=paper&period=7").text.partition("<tbody>")[2]
    assert "Maya" in said_yes
    assert "Rosa" not in said_yes
    assert "Nothing here" in dana.get("/opt-ins?means=gateway").text
    assert "Rosa" in dana.get("/opt-ins?state=made-up&means=&period=x&after=abc").text


@pytest.mark.parametrize(
    ("dates", "problem"),
    [("", "Give both dates"), ("&first=2026-02-01&last=2026-01-01", "before the first"),
     ("&first=x", "such as 2026-11-09"), ("&first=2020-01-01&last=2026-01-01", "up to 366 days")],
)  # fmt: skip
def test_dates_that_cannot_be_are_refused_in_words(dana: Browser, dates: str, problem: str) -> None:
    answer = dana.get(f"/opt-ins?period=own{dates}")
    assert answer.status_code == 422
    assert problem in answer.text


def test_the_file_answers_a_complaint_and_is_written_down(
    dana: Browser, parts: Parts, maya: int, add_person: Callable[..., int]
) -> None:
    add_person("+15555550199", "Rosa", is_opted_in=False)
    answer = dana.post("/opt-ins/export", state="opted_in")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    written = answer.data.decode("utf-8-sig")
    assert written.startswith(FILE_HEADER)
    _, row = csv.reader(io.StringIO(written))
    assert row[2] == "'" + MAYA  # as text: a spreadsheet must not make a sum of it
    assert row[5:7] == ["Said yes", "on paper"]
    assert "signed up" in row[10]
    assert "Maya" not in written
    with parts.database.read() as session:
        assert session.query(AuditEntry).filter_by(action="consents.exported").count() == 1


def test_too_much_for_one_file_is_refused_in_words(
    dana: Browser, maya: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opt_ins, "MOST_EXPORTED", 0)
    answer = dana.post("/opt-ins/export")
    assert answer.status_code == 422
    assert "choose a shorter time" in answer.text


def test_who_only_looks_takes_no_file_and_asks_nobody(viewer: Browser, maya: int) -> None:
    page = viewer.get("/opt-ins").text
    assert "CSV" not in page
    assert viewer.post("/opt-ins/export").status_code == 403


def test_a_file_wants_a_proof_once_the_last_is_old(dana: Browser, parts: Parts, maya: int) -> None:
    from service.store.schema import ConsoleSession

    with parts.database.write() as session:
        session.query(ConsoleSession).update({"proved_at": parts.wall() - timedelta(minutes=11)})
    answer = dana.post("/opt-ins/export")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/account/proof")


def test_invitations_wait_go_stale_and_may_be_repeated_once_they_ran_out(
    dana: Browser, parts: Parts, add_person: Callable[..., int]
) -> None:
    rosa = add_person("+15555550199", "Rosa", is_opted_in=False)
    assert "Invited <time" in dana.get("/opt-ins").text
    assert "Going stale" not in dana.get("/opt-ins").text
    rehearsal.move_clock(parts.stage, parts.clock() + timedelta(hours=74))
    page = dana.get("/opt-ins").text
    assert "Going stale" in page
    assert "3 days ago" in page
    assert "Ask again" not in dana.get("/opt-ins/waiting").text
    refused = dana.post(f"/opt-ins/{rosa}/ask-again")
    assert "Only somebody whose invitation ran out" in dana.get(refused.headers["Location"]).text
    rehearsal.move_clock(parts.stage, parts.clock() + timedelta(days=5))
    assert "Ask again" in dana.get("/opt-ins/waiting").text
    asked = dana.post(f"/opt-ins/{rosa}/ask-again")
    assert "Invited again" in dana.get(asked.headers["Location"]).text
    with parts.database.read() as session:
        assert session.get_one(Participant, rosa).consent.value == "invited"
