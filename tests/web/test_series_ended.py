"""Ending check-ins and reminders with one tap, and taking it back."""

from datetime import time

from service.bootstrap import Parts
from service.domain.prompt import ScheduleKind
from service.workflows import scheduling
from tests.web.conftest import STAFF, Browser
from tests.web.test_console_pages import MEETING, person


def test_one_tap_ends_one_and_a_link_starts_it_again(dana: Browser, parts: Parts, maya: int) -> None:
    dana.post(f"/participants/{maya}/schedules/new/meeting", **MEETING)
    page = dana.get(f"/participants/{maya}").text
    assert "At once, and no text says so" in page
    (view,) = person(parts, maya).schedules
    answer = dana.post(f"/participants/{maya}/schedules/{view.id}/end", because="moved")
    assert answer.status_code == 303
    page = dana.get(f"/participants/{maya}").text
    assert "they moved" in page
    assert "Start again" in page
    assert dana.post(f"/participants/{maya}/schedules/{view.id}/restart").status_code == 303
    assert len(person(parts, maya).schedules) == 1


def test_a_loss_ends_what_is_ticked(dana: Browser, parts: Parts, maya: int) -> None:
    for kind in (ScheduleKind.CHECK_IN, ScheduleKind.MEDICATION):
        entry = scheduling.NewSchedule(kind, time(10))
        scheduling.add_schedule(parts.database, maya, entry, STAFF, parts.clock())
    dana.post(f"/participants/{maya}/schedules/end", because="loss")
    assert len(person(parts, maya).schedules) == 2
    assert "Choose what ends" in dana.get(f"/participants/{maya}").text
    dana.post(f"/participants/{maya}/schedules/end", because="loss", kind=["check-in", "nonsense"])
    assert [each.kind for each in person(parts, maya).schedules] == [ScheduleKind.MEDICATION]
    assert "a loss" in dana.get(f"/participants/{maya}").text
