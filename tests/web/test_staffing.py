"""Staff, accounts, the second factor, proofs and the audit trail, as browsers meet them."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from sqlalchemy import update

from service.bootstrap import Parts, wall_clock
from service.store.schema import ConsoleSession
from service.web import security
from service.web.devices import device_of
from service.workflows import auditing, staff, staffing
from tests.rig.live_server import EMAIL, PASSWORD, build_app
from tests.web.conftest import ADMIN, STAFF, VIEWER, Browser

DANA, VIC, ADA = 1, 2, 3
INVITED = {"name": "Kim", "email": "kim@example.org", "role": "coordinator", "caseload": "own"}
EXPORTS = re.compile(r"export|erase|\.csv")


def set_up_app(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Through the pages: the app, and the recovery codes."""
    assert browser.post("/account/second-factor").status_code == 303
    page = browser.get("/account/second-factor").text
    secret = re.search(r'class="secret">([A-Z2-7]+)<', page)
    assert secret is not None
    totp = pyotp.TOTP(secret[1])
    answer = browser.post(
        "/account/second-factor/confirm", code=totp.at(wall_clock() - timedelta(seconds=30))
    )
    assert answer.status_code == 200
    return totp, re.findall(r"<code>([A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4})</code>", answer.text)


def age_proofs(parts: Parts) -> None:
    """Everybody signed in eleven minutes ago."""
    with parts.database.write() as session:
        session.execute(update(ConsoleSession).values(proved_at=parts.wall() - timedelta(minutes=11)))


def test_an_invited_colleague_comes_in_by_the_link_and_sets_a_password(
    app: Flask, ada: Browser, outsider: Browser
) -> None:
    answer = ada.post("/staff/invite", **INVITED)
    link = re.search(r'value="http://127.0.0.1:8000(/sign-in/[^"]+)"', answer.text)
    assert link is not None
    assert answer.headers["Cache-Control"] == "no-store"
    assert link[1].rpartition("/")[2] not in ada.get("/staff").text
    assert outsider.post(link[1]).headers["Location"] == "/"
    assert "their own people" in outsider.get("/account").text
    assert outsider.post("/account/password", password="short", again="short").status_code == 422
    assert outsider.post("/account/password", password=PASSWORD, again="another").status_code == 422
    assert outsider.post("/account/password", password=PASSWORD, again=PASSWORD).status_code == 303
    fresh = Browser(app.test_client())
    assert fresh.sign_in("kim@example.org").headers["Location"] == "/"
    assert "already" in ada.post("/staff/invite", **INVITED).text


@pytest.mark.parametrize(
    "fields", [{"role": "king"}, {"caseload": "none"}, {"email": "kim"}, {"name": ""}, {"role": ""}]
)
def test_what_cannot_be_an_invitation_is_shown_again(
    ada: Browser, parts: Parts, fields: dict[str, str]
) -> None:
    assert ada.post("/staff/invite", **(INVITED | fields)).status_code == 422
    assert len(staffing.list_members(parts.database)) == 3


def test_an_admin_changes_roles_and_closes_accounts(ada: Browser, dana: Browser, parts: Parts) -> None:
    assert "Dana Reyes" in ada.get("/staff").text
    assert ada.post(f"/staff/{DANA}/change", role="viewer", caseload="own").status_code == 303
    assert dana.post("/participants/new").status_code == 403
    assert ada.post(f"/staff/{DANA}/change", role="viewer", caseload="x").status_code == 422
    alone = ada.post(f"/staff/{ADA}/change", role="viewer", caseload="all")
    assert alone.status_code == 409
    assert "only admin" in alone.text
    assert ada.post(f"/staff/{DANA}/close").status_code == 303
    assert dana.get("/").status_code == 303
    assert "Open the account again" in ada.get(f"/staff/{DANA}").text
    assert ada.post(f"/staff/{DANA}/reopen").status_code == 303
    assert ada.post(f"/staff/{ADA}/close").status_code == 409
    assert ada.get("/staff/99").status_code == 404


def test_admins_end_sessions_of_others_and_everybody_their_own(
    app: Flask, ada: Browser, dana: Browser, parts: Parts
) -> None:
    other = Browser(app.test_client())
    other.sign_in(EMAIL)
    first, second = sorted(each.id for each in staffing.list_sessions(parts.database, DANA, parts.wall()))
    (adas,) = [each.id for each in staffing.list_sessions(parts.database, ADA, parts.wall())]
    assert "Where you are signed in" in dana.get("/account").text
    assert dana.post(f"/account/sessions/{adas}/end").status_code == 404
    assert dana.post(f"/account/sessions/{second}/end").status_code == 303
    assert other.get("/").status_code == 303
    assert ada.post(f"/staff/{DANA}/sessions/{adas}/end").status_code == 404
    assert ada.post(f"/staff/{DANA}/sessions/{first}/end").status_code == 303
    assert dana.get("/").status_code == 303
    dana.sign_in(EMAIL)
    other.sign_in(EMAIL)
    assert dana.post("/account/sessions/end-others").status_code == 303
    assert other.get("/").status_code == 303
    assert ada.post(f"/staff/{DANA}/sessions/end").status_code == 303
    assert dana.get("/").status_code == 303


def test_the_app_is_set_up_and_then_asked_for(app: Flask, dana: Browser, outsider: Browser) -> None:
    totp, codes = set_up_app(dana)
    assert len(codes) == 10
    assert dana.get("/account/second-factor/code.svg").status_code == 404
    page = dana.get("/account").text
    assert "10 recovery codes left" in page
    assert codes[0] not in page
    assert outsider.sign_in(EMAIL).headers["Location"] == "/sign-in/code"
    assert outsider.get("/").status_code == 303
    assert outsider.post("/sign-in/code", code="000000").status_code == 403
    code = totp.now()
    assert outsider.post("/sign-in/code", code=f"{code[:3]} {code[3:]}").headers["Location"] == "/"
    assert outsider.get("/").status_code == 200
    again = Browser(app.test_client())
    again.sign_in(EMAIL)
    assert "used before" in again.post("/sign-in/code", code=code).text
    assert again.post("/sign-in/code", code=codes[3]).headers["Location"] == "/"


def test_the_picture_is_an_svg_of_its_own_that_is_not_kept(dana: Browser) -> None:
    assert dana.get("/account/second-factor/code.svg").status_code == 404
    dana.post("/account/second-factor")
    answer = dana.get("/account/second-factor/code.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "style=" not in answer.text
    assert "<script" not in answer.text


def test_without_a_first_half_there_is_no_second(outsider: Browser) -> None:
    assert outsider.get("/sign-in/code").headers["Location"] == "/sign-in"
    assert outsider.post("/sign-in/code", code="123456").headers["Location"] == "/sign-in"


def test_an_admin_helps_somebody_whose_app_is_lost(ada: Browser, dana: Browser, outsider: Browser) -> None:
    set_up_app(dana)
    assert ada.post(f"/staff/{DANA}/second-factor/remove").status_code == 303
    assert dana.get("/").status_code == 303
    assert outsider.sign_in(EMAIL).headers["Location"] == "/"


@pytest.fixture
def strict(staffed_template: Path, tmp_path: Path) -> Iterator[Flask]:
    """A programme that asks everybody for a second factor."""
    file = tmp_path / "strict.db"
    shutil.copyfile(staffed_template, file)
    app = build_app(file, require_second_factor="yes")
    yield app
    app.extensions["handrail"].database.close()


def test_a_programme_may_ask_everybody_for_an_app(strict: Flask) -> None:
    browser = Browser(strict.test_client())
    browser.sign_in(VIEWER)
    for path in ("/", "/participants", "/on-call", "/wording"):
        assert browser.get(path).headers["Location"] == "/account/second-factor", path
    assert browser.post("/participants/search", search="x").status_code == 403
    assert browser.get("/alerts/fragment", headers={"X-Requested-With": "background"}).status_code == 403
    set_up_app(browser)
    assert browser.get("/").status_code == 200
    assert browser.post("/sign-out").status_code == 303


def test_accounts_are_changed_only_just_after_a_proof(ada: Browser, parts: Parts) -> None:
    age_proofs(parts)
    late = ada.post(f"/staff/{DANA}/close")
    assert late.status_code == 303
    assert late.headers["Location"] == f"/account/proof?next=/staff/{DANA}"
    assert staffing.find(parts.database, DANA).is_open
    assert ada.get("/staff/invite").headers["Location"] == "/account/proof?next=/staff/invite"
    wrong = ada.post("/account/proof", proof="a guess", next="/staff/invite")
    assert wrong.status_code == 403
    assert "neither your password" in wrong.text
    assert 'value="/staff/invite"' in wrong.text
    assert (
        ada.post("/account/proof", proof=PASSWORD, next="/staff/invite").headers["Location"]
        == "/staff/invite"
    )
    assert ada.get("/staff/invite").status_code == 200
    assert ada.post(f"/staff/{DANA}/close").status_code == 303
    assert not staffing.find(parts.database, DANA).is_open


@pytest.mark.parametrize(
    "onward",
    ["https://example.org/", "//example.org/", "/nowhere", "javascript:alert(1)", "", "/staff/1/close"],
)
def test_a_proof_leads_only_to_a_page_of_our_own(ada: Browser, onward: str) -> None:
    assert ada.post("/account/proof", proof=PASSWORD, next=onward).headers["Location"] == "/"


def test_every_export_and_erasure_wants_a_proof(app: Flask) -> None:
    wants = {name for name, view in app.view_functions.items() if getattr(view, "wants_proof", False)}
    assert {"staff.invite", "staff.close", "account.set_password", "account.remove"} <= wants
    for rule in app.url_map.iter_rules():
        if EXPORTS.search(rule.rule):
            assert rule.endpoint in wants, rule


def test_a_person_is_handed_over(dana: Browser, ada: Browser, parts: Parts, maya: int) -> None:
    assert "Shared by all" in dana.get(f"/participants/{maya}").text
    page = dana.get(f"/participants/{maya}/responsible").text
    assert "Dana Reyes" in page
    assert "A viewer" not in page
    assert dana.post(f"/participants/{maya}/responsible", to="x").status_code == 422
    assert dana.post(f"/participants/{maya}/responsible", to=str(VIC)).status_code == 422
    assert dana.post(f"/participants/{maya}/responsible", to=str(DANA)).status_code == 303
    assert "Dana Reyes is responsible" in dana.get(f"/participants/{maya}").text
    ada.post(f"/staff/{DANA}/change", role="coordinator", caseload="own")
    gone = dana.post(f"/participants/{maya}/responsible", to=str(ADA))
    assert gone.headers["Location"] == "/participants"
    assert dana.get(f"/participants/{maya}").status_code == 404


def test_the_audit_trail_has_a_page(
    ada: Browser, dana: Browser, parts: Parts, add_person: Callable[..., int]
) -> None:
    maya, other = add_person(), add_person("+15555550131", "Lee")
    for person in (maya, other):
        dana.get(f"/participants/{person}")
    page = ada.get("/staff/audit").text
    assert "looked at a person" in page
    assert "Maya" not in page
    assert "5555550123" not in page
    auditing.seal(parts.database)
    page = ada.get(f"/staff/audit?staff={DANA}&person={maya}").text
    assert f"Person {maya}" in page
    assert f"Person {other}" not in page
    assert "Sealed so far" in page
    assert "Nothing on record" in ada.get("/staff/audit?person=999999&before=1").text
    for _ in range(60):
        staff.make_sign_in_link(parts.database, ADMIN, parts.wall())
        staffing.end_all_sessions(parts.database, VIC, STAFF, parts.wall())
    page = ada.get("/staff/audit").text
    earlier = re.search(r'href="(/staff/audit\?before=\d+)">Earlier', page)
    assert earlier is not None
    assert "Back to the newest" in ada.get(earlier[1]).text


@pytest.mark.parametrize(
    ("says", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_told_in_few_words(says: str, device: str) -> None:
    assert device_of(says) == device


def test_pages_are_told_from_other_addresses(app: Flask) -> None:
    with app.test_request_context():
        assert security.is_page("/staff/invite")
        assert not security.is_page("//staff/invite")
        assert not security.is_page("/static/handrail.css")
