"""On call in the console: who may look, who may change, and what Today says."""

from datetime import timedelta

import pytest

from service.bootstrap import Parts
from service.domain.rota import RotaRole
from service.workflows import rota, staff_phones
from tests.web.conftest import STAFF, Browser

PHONE = "+12025550151"
DANA, VIEWER, ADA = 1, 2, 3
NIGHTS = {"person": "1", "role": "first", "weekdays": ["0", "1"], "starts": "17:00", "ends": "09:00"}


def shifts(parts: Parts) -> int:
    return len(rota.show(parts.database, parts.programme, parts.clock()).shifts)


def phone_of(parts: Parts, coordinator_id: int) -> staff_phones.StaffMember:
    return next(each for each in staff_phones.list_staff(parts.database) if each.id == coordinator_id)


def confirm(parts: Parts, coordinator_id: int = DANA, phone: str = PHONE) -> None:
    staff_phones.enter_phone(parts.database, parts.words, coordinator_id, phone, STAFF, parts.clock())
    assert parts.phone is not None
    parts.phone.text_in(phone, "YES", parts.programme.base_url)


def test_everybody_who_is_signed_in_may_look(
    ada: Browser, dana: Browser, viewer: Browser, parts: Parts
) -> None:
    ada.post("/on-call/rota/shifts", **NIGHTS)
    for browser in (ada, dana, viewer):
        assert "Dana Reyes" in browser.get("/on-call").text
        assert "Mon 5 PM to 9 AM" in browser.get("/on-call/rota").text
    assert "Add a shift" in ada.get("/on-call/rota").text
    for browser in (dana, viewer):
        page = browser.get("/on-call/rota").text
        assert "Add a shift" not in page
        assert "Only an admin can change it" in page
    assert "Enter a number" not in viewer.get("/on-call").text


@pytest.mark.parametrize(
    "path",
    ["shifts", "covers", "swaps", "shifts/1/end", "covers/1/end", "swaps/1/end"],
)
def test_only_an_admin_changes_the_rota(
    ada: Browser, dana: Browser, viewer: Browser, parts: Parts, path: str
) -> None:
    ada.post("/on-call/rota/shifts", **NIGHTS)
    for browser in (dana, viewer):
        assert browser.post(f"/on-call/rota/{path}", **NIGHTS).status_code == 403
    assert shifts(parts) == 2


def test_a_change_needs_the_pages_own_token(ada: Browser, parts: Parts) -> None:
    for path in ("rota/shifts", "rota/covers", "rota/swaps", "phones/3"):
        assert ada.client.post(f"/on-call/{path}", data=NIGHTS).status_code == 400
    assert shifts(parts) == 0


def test_a_shift_is_entered_and_taken_off(ada: Browser, parts: Parts) -> None:
    assert ada.post("/on-call/rota/shifts", **NIGHTS).status_code == 303
    assert "Tue 5 PM to 9 AM the next day" in ada.get("/on-call/rota").text
    assert ada.post("/on-call/rota/shifts/1/end").status_code == 303
    assert shifts(parts) == 1
    assert ada.post("/on-call/rota/shifts/1/end").status_code == 404


def test_the_same_shift_again_changes_its_end(ada: Browser, parts: Parts) -> None:
    ada.post("/on-call/rota/shifts", **NIGHTS)
    ada.post("/on-call/rota/shifts", **(NIGHTS | {"ends": "08:00"}))
    assert shifts(parts) == 2
    assert "Mon 5 PM to 8 AM" in ada.get("/on-call/rota").text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"person": ""}, "Choose one"),
        ({"person": "2"}, "only looks"),
        ({"person": "99"}, "no such member"),
        ({"role": "king"}, "Choose first"),
        ({"weekdays": []}, "at least one day"),
        ({"starts": "5pm"}, "Give a time"),
    ],
)
def test_what_cannot_be_a_shift_is_shown_again(
    ada: Browser, parts: Parts, fields: dict[str, object], says: str
) -> None:
    answer = ada.post("/on-call/rota/shifts", **(NIGHTS | fields))
    assert answer.status_code == 422
    assert says in answer.text
    assert shifts(parts) == 0


def test_an_absence_and_a_swap_are_entered_and_withdrawn(ada: Browser, parts: Parts) -> None:
    ada.post("/on-call/rota/shifts", **(NIGHTS | {"weekdays": list("0123456")}))
    tomorrow = (parts.clock() + timedelta(days=1)).date()
    away = {"absent": "1", "instead": "3", "since": f"{tomorrow}T09:00", "until": f"{tomorrow}T23:00"}
    assert ada.post("/on-call/rota/covers", **away).status_code == 303
    assert "<b>A admin</b> covers" in ada.get("/on-call/rota").text
    swap = {"shift": str(tomorrow.weekday() + 1), "day": str(tomorrow), "taker": "3"}
    assert ada.post("/on-call/rota/swaps", **swap).status_code == 303
    assert "in place of Dana Reyes" in ada.get("/on-call/rota").text
    wrong = ada.post("/on-call/rota/swaps", **(swap | {"day": str(tomorrow + timedelta(days=1))}))
    assert wrong.status_code == 422
    assert "does not begin on that day" in wrong.text
    backwards = ada.post("/on-call/rota/covers", **(away | {"until": f"{tomorrow}T08:00"}))
    assert "must be after the beginning" in backwards.text
    assert ada.post("/on-call/rota/covers", **(away | {"instead": "1"})).status_code == 422
    for path in ("covers/1/end", "swaps/1/end"):
        assert ada.post(f"/on-call/rota/{path}").status_code == 303
    page = ada.get("/on-call/rota").text
    assert "covers</span>" not in page
    assert "in place of" not in page


def test_staff_enter_their_own_phone_and_see_it_masked(dana: Browser, parts: Parts) -> None:
    assert dana.post("/on-call/phones/1", phone="(202) 555-0151").status_code == 303
    page = dana.get("/on-call").text
    assert "+1•••0151" in page
    assert "2025550151" not in page.replace(" ", "")
    assert "Waiting for its YES" in page
    assert dana.post("/on-call/phones/1", phone="12").status_code == 422
    assert dana.post("/on-call/phones/1/remove").status_code == 303
    assert phone_of(parts, DANA).phone_status is None


def test_a_colleagues_phone_is_an_admins_to_change(ada: Browser, dana: Browser, viewer: Browser) -> None:
    for browser in (dana, viewer):
        assert browser.post("/on-call/phones/3", phone=PHONE).status_code == 403
        assert browser.post("/on-call/phones/3/remove").status_code == 403
    assert viewer.post("/on-call/phones/2", phone=PHONE).status_code == 403
    assert ada.post("/on-call/phones/1", phone=PHONE).status_code == 303
    assert ada.post("/on-call/phones/2", phone=PHONE).status_code in {409, 422}


def test_today_says_loudly_that_a_page_would_reach_nobody(ada: Browser, dana: Browser, parts: Parts) -> None:
    page = dana.get("/").text
    assert "No staff phone is confirmed, so nobody is paged in a crisis" in page
    assert "The rota is empty" in page
    confirm(parts)
    ada.post("/on-call/rota/shifts", **(NIGHTS | {"weekdays": list("0123456")}))
    page = dana.get("/").text
    assert "Nobody is first on call" in page
    assert "as no admin has a confirmed phone" in page
    ada.post(
        "/on-call/rota/shifts", **(NIGHTS | {"weekdays": list("0123456"), "starts": "09:00", "ends": "17:00"})
    )
    page = dana.get("/").text
    assert "first on call" not in page
    assert "A page may reach nobody" not in page


def test_today_shows_who_was_paged_and_who_took_it(dana: Browser, parts: Parts, maya: int) -> None:
    confirm(parts)
    rota.add_shifts(
        parts.database,
        DANA,
        RotaRole.FIRST,
        range(7),
        *(2 * (parts.clock().min.time(),)),
        STAFF,
        parts.clock(),
    )
    assert parts.phone is not None
    parts.phone.text_in("+15555550123", "i want to kill myself", parts.programme.base_url)
    from service.workflows import rehearsal

    rehearsal.move_clock(parts.stage, parts.clock() + timedelta(seconds=5))
    page = dana.get("/").text
    assert "Paged: Dana Reyes at" in page
    parts.phone.text_in(PHONE, "OK", parts.programme.base_url)
    for path in ("/", "/alerts/fragment"):
        page = dana.get(path).text
        assert "Taken in the last 24 hours" in page
        assert "<b>Dana Reyes</b>" in page
        assert "Nobody is waiting for you" in page
