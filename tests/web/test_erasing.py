"""Erasing a person from their page: said plainly, confirmed by name, and only just after a proof."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select, update

from service.bootstrap import Parts
from service.domain.consent import ConsentStatus
from service.store.schema import AuditEntry, ConsoleSession, Participant, Suppression
from tests.web.conftest import MAYA, Browser
from tests.web.test_console_pages import person, text_in

FORM = {"reason": "asked at the front desk", "typed": "  maya "}


def is_erased(parts: Parts, person_id: int) -> bool:
    with parts.database.read() as session:
        return session.get_one(Participant, person_id).erased_at is not None


def test_it_says_what_is_lost_and_what_stays(dana: Browser, maya: int) -> None:
    page = dana.get(f"/participants/{maya}/erase").text
    assert "What is lost" in page
    assert "What stays" in page
    assert "proof of consent" in page
    assert "Type their name to confirm: Maya" in page


def test_whoever_types_the_name_erases_for_good(dana: Browser, parts: Parts, maya: int) -> None:
    text_in(parts, "4 better today")
    answer = dana.post(f"/participants/{maya}/erase", **FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/participants")
    with parts.database.read() as session:
        kept = session.get_one(Participant, maya)
        assert kept.erased_at is not None
        assert (kept.name, kept.phone) == ("", "")
        assert len(session.scalars(select(Suppression)).all()) == 1
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "participant.erased")).one()
        assert entry.actor_id == 1
    left = person(parts, maya)
    assert left.consent is ConsentStatus.OPTED_OUT
    assert left.consent_history[-1].note == "asked at the front desk"
    again = dana.post(
        "/participants/new",
        phone=MAYA, name="Maya", timezone="America/New_York", language="en",
        consent="invite", source="verbal", note="",
    )  # fmt: skip
    assert again.status_code == 409


def test_the_page_of_an_erased_person_offers_nothing(dana: Browser, maya: int) -> None:
    dana.post(f"/participants/{maya}/erase", **FORM)
    page = dana.get(f"/participants/{maya}").text
    assert "Erased person" in page
    assert "Said yes" in page
    assert "Maya" not in page
    assert "/details" not in page
    assert dana.get(f"/participants/{maya}/erase").status_code == 404
    assert dana.post(f"/participants/{maya}/erase", **FORM).status_code == 404
    refused = dana.post(f"/participants/{maya}/details", name="Ann", language="en", timezone="America/Denver")
    assert refused.status_code == 409


def test_another_name_or_no_reason_erases_nobody(dana: Browser, parts: Parts, maya: int) -> None:
    for fields in ({"typed": "Mia"}, {"typed": ""}, {"reason": "  "}):
        answer = dana.post(f"/participants/{maya}/erase", **{**FORM, **fields})
        assert answer.status_code == 422
        assert not is_erased(parts, maya)


def test_somebody_without_a_name_is_confirmed_by_the_end_of_the_number(
    dana: Browser, parts: Parts, add_person: Callable[..., int]
) -> None:
    found = add_person("+15555550131", "")
    assert "last four digits" in dana.get(f"/participants/{found}/erase").text
    assert dana.post(f"/participants/{found}/erase", reason="by phone", typed="0130").status_code == 422
    assert dana.post(f"/participants/{found}/erase", reason="by phone", typed="0131").status_code == 303
    assert is_erased(parts, found)


def test_nobody_is_erased_while_they_may_be_in_danger(dana: Browser, parts: Parts, maya: int) -> None:
    text_in(parts, "i want to kill myself")
    answer = dana.post(f"/participants/{maya}/erase", **FORM)
    assert answer.status_code == 409
    assert "urgent alert" in answer.text
    assert not is_erased(parts, maya)


def test_a_browser_that_was_left_open_erases_nobody(dana: Browser, parts: Parts, maya: int) -> None:
    with parts.database.write() as session:
        session.execute(update(ConsoleSession).values(proved_at=parts.wall() - timedelta(minutes=11)))
    for answer in (
        dana.get(f"/participants/{maya}/erase"),
        dana.post(f"/participants/{maya}/erase", **FORM),
    ):
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"/account/proof?next=/participants/{maya}/erase"
    assert not is_erased(parts, maya)


def test_who_only_looks_erases_nobody(viewer: Browser, parts: Parts, maya: int) -> None:
    assert "Erase for good" not in viewer.get(f"/participants/{maya}/erase").text
    assert viewer.post(f"/participants/{maya}/erase", **FORM).status_code == 403
    assert not is_erased(parts, maya)
