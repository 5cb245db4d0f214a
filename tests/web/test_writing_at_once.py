"""Two coordinators at once on one person: nobody writes past a colleague, nothing goes twice, nothing is lost."""

import html
import re

from sqlalchemy import func, select

from service.bootstrap import Parts
from service.domain.message import MessageKind
from service.store.schema import AuditEntry, Message
from tests.web.conftest import Browser
from tests.web.test_console_pages import text_in


def seen_by(browser: Browser, person: int) -> str:
    page = browser.get(f"/participants/{person}").text
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def by_hand(parts: Parts) -> list[str]:
    with parts.database.read() as session:
        rows = session.scalars(
            select(Message).where(Message.kind == MessageKind.MANUAL).order_by(Message.created_at)
        )
        return [row.body for row in rows]


def test_who_writes_second_is_told_first(dana: Browser, ada: Browser, parts: Parts, maya: int) -> None:
    seen = seen_by(ada, maya)
    assert dana.post(f"/participants/{maya}/texts", body="I will call at four.", seen=seen).status_code == 303
    answer = ada.post(f"/participants/{maya}/texts", body="Shall we call you?", seen=seen)
    assert answer.status_code == 409
    assert "has written to them meanwhile" in answer.text
    assert "I will call at four." in answer.text
    assert "Shall we call you?</textarea>" in answer.text
    assert by_hand(parts) == ["I will call at four."]
    found = re.search(r'name="seen" value="([^"]*)"', answer.text)
    assert found is not None
    again = ada.post(f"/participants/{maya}/texts", body="Shall we call you?", seen=html.unescape(found[1]))
    assert again.status_code == 303
    assert len(by_hand(parts)) == 2


def test_a_second_press_of_the_button_sends_nothing_twice(dana: Browser, parts: Parts, maya: int) -> None:
    seen = seen_by(dana, maya)
    for _ in range(2):
        assert dana.post(f"/participants/{maya}/texts", body="See you", seen=seen).status_code == 303
    assert by_hand(parts) == ["See you"]
    dana.post(f"/participants/{maya}/texts", body="See you", seen=seen_by(dana, maya))
    assert by_hand(parts) == ["See you", "See you"]  # said again on purpose


def test_the_time_line_alone_says_when_nothing_is_new(dana: Browser, parts: Parts, maya: int) -> None:
    path = f"/participants/{maya}/thread"
    first = dana.get(path)
    assert first.status_code == 200
    mark = first.headers["ETag"]
    views = looked(parts)
    unchanged = dana.get(path, headers={"If-None-Match": mark, "X-Requested-With": "background"})
    assert (unchanged.status_code, unchanged.text) == (304, "")
    assert looked(parts) == views  # nothing was shown
    text_in(parts, "are you there")
    news = dana.get(path, headers={"If-None-Match": mark, "X-Requested-With": "background"})
    assert news.status_code == 200
    assert "are you there" in news.text
    assert "<html" not in news.text
    assert looked(parts) == views + 1


def looked(parts: Parts) -> int:
    with parts.database.read() as session:
        return (
            session.scalar(
                select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "participant.viewed")
            )
            or 0
        )
