"""Saved replies: kept by staff, inserted into a text, never sent by themselves."""

import pytest

from service.bootstrap import Parts
from service.domain.message import MessageKind
from service.workflows import saved_replies
from tests.web.conftest import Browser
from tests.web.test_console_pages import person

NEW = {"language": "en", "title": "Call me back", "body": "Please call us when you can."}


def test_one_is_kept_changed_and_removed(dana: Browser, parts: Parts) -> None:
    assert dana.post("/saved-replies/new", **NEW).status_code == 303
    (kept,) = saved_replies.list_for(parts.database)
    assert "Please call us" in dana.get("/saved-replies").text
    dana.post(f"/saved-replies/{kept.id}", **{**NEW, "body": "Please call us today."})
    assert saved_replies.find(parts.database, kept.id).body == "Please call us today."
    assert dana.post(f"/saved-replies/{kept.id}/remove").status_code == 303
    assert dana.post(f"/saved-replies/{kept.id}/remove").status_code == 303  # a second press
    assert dana.get(f"/saved-replies/{kept.id}").status_code == 404
    assert dana.post(f"/saved-replies/{kept.id}", **NEW).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [{"title": ""}, {"title": "x" * 41}, {"body": " "}, {"body": "x" * 481}, {"language": "xx"}],
)
def test_what_cannot_be_kept_is_said(dana: Browser, parts: Parts, fields: dict[str, str]) -> None:
    assert dana.post("/saved-replies/new", **{**NEW, **fields}).status_code == 422
    assert saved_replies.list_for(parts.database) == []


def test_a_title_is_there_once_in_a_language(dana: Browser, parts: Parts) -> None:
    dana.post("/saved-replies/new", **NEW)
    assert dana.post("/saved-replies/new", **{**NEW, "title": "call ME back"}).status_code == 422
    assert dana.post("/saved-replies/new", **{**NEW, "language": "es"}).status_code == 303
    assert len(saved_replies.list_for(parts.database)) == 2


def test_it_is_offered_in_the_persons_language_and_only_put_into_the_box(
    dana: Browser, parts: Parts, maya: int
) -> None:
    dana.post("/saved-replies/new", **NEW)
    dana.post("/saved-replies/new", language="es", title="Llama", body="Llame cuando pueda.")
    page = dana.get(f"/participants/{maya}").text
    assert 'data-insert="Please call us when you can."' in page
    assert "Llame" not in page
    (english,) = saved_replies.list_for(parts.database, "en")
    page = dana.get(f"/participants/{maya}?reply={english.id}").text  # without script
    assert "Please call us when you can.</textarea>" in page
    assert all(item.kind is not MessageKind.MANUAL for item in person(parts, maya).thread)
    assert dana.get(f"/participants/{maya}?reply=99").status_code == 404


def test_who_only_looks_keeps_none(viewer: Browser, parts: Parts) -> None:
    assert viewer.get("/saved-replies").status_code == 200
    assert viewer.post("/saved-replies/new", **NEW).status_code == 403
    assert saved_replies.list_for(parts.database) == []
