"""CSRF, security headers, and the guard in front of every console page."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import TypeVar

from flask import Blueprint, Flask, Request, Response, abort, current_app, redirect, request, session, url_for
from flask import g as request_globals
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException

from service.domain.caseload import Caseload
from service.domain.errors import NotFound
from service.domain.staff import Role
from service.web.context import WebSettings, now, parts, settings
from service.workflows import caseloads
from service.workflows.staff import SignedIn, resume_session

csrf = CSRFProtect()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
READING = frozenset({"GET", "HEAD", "OPTIONS"})
PROOF_LASTS = timedelta(minutes=10)
WITHOUT_SECOND_FACTOR = frozenset({"account", "leaving"})
"""What somebody needs in order to set one up."""

NAMES_NOBODY = frozenset({"kind", "key", "language", "filename", "reply_id"})
"""Arguments of addresses that stand for no person and nothing of theirs."""

NAMES_STAFF = frozenset({"coordinator_id", "session_id", "shift_id", "cover_id", "swap_id"})
"""Arguments that stand for something of staff's: one's own or an admin's, see `_check_objects`."""

YEAR = 31_536_000

View = TypeVar("View", bound=Callable[..., object])


class _InMemory(Request):
    """Keeps posted files in memory, which MAX_CONTENT_LENGTH bounds: lists of people touch no disk."""

    def _get_file_stream(self, *_: object, **__: object) -> BytesIO:
        return BytesIO()


def register(app: Flask, chosen: WebSettings) -> None:
    # Tokens live as long as the session: a page may stay open all day. The Referer that the strict
    # check wants is never sent, by our own Referrer-Policy.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    app.request_class = _InMemory
    csrf.init_app(app)
    is_https = chosen.base_url.startswith("https://")

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        if is_https:
            headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
        if request.endpoint != "web.static":
            headers["Cache-Control"] = "no-store"
        elif "v" in request.args and response.status_code == 200:
            headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response


def guard(blueprint: Blueprint) -> None:
    """Keep a blueprint for people who are signed in. Each of its views says whom it is `open_to`."""
    blueprint.before_request(_require_sign_in)


def open_to(least: Role) -> Callable[[View], View]:
    """Say which role a view needs at least. A test fails for a console view that does not say."""

    def mark(view: View) -> View:
        view.least_role = least  # type: ignore[attr-defined]
        return view

    return mark


def proved_lately(view: View) -> View:
    """Mark an export, an erasure or a change of accounts: only just after a password or a code.

    Whoever finds a signed-in browser cannot do it. A page that leads to a marked POST is best marked too,
    so that nobody is asked after a form was filled in.
    """
    view.wants_proof = True  # type: ignore[attr-defined]
    return view


def reads_only(view: View) -> View:
    """Mark a POST that changes nothing (a search, a count), so that viewers may use it too."""
    view.reads_only = True  # type: ignore[attr-defined]
    return view


def is_reading() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in READING or getattr(view, "reads_only", False)


def is_background() -> bool:
    """True for what a script asks for by itself; it must not keep an idle session alive."""
    return request.headers.get("X-Requested-With") == "background"


def is_script() -> bool:
    return "X-Requested-With" in request.headers


def _require_sign_in() -> ResponseReturnValue | None:
    token = session.get("token")
    who = None
    if isinstance(token, str):
        ours = parts()
        who = resume_session(ours.database, token, ours.wall(), is_present=not is_background())
    if who is None:
        session.pop("token", None)
        if is_script() or request.method not in READING:
            abort(401)
        return redirect(url_for("auth.sign_in"), 303)
    request_globals.who = who
    view = current_app.view_functions.get(request.endpoint or "")
    _check_role(who, view)
    if (
        settings().require_second_factor
        and not who.has_second_factor
        and request.blueprint not in WITHOUT_SECOND_FACTOR
    ):
        if is_script() or request.method not in READING:
            abort(403, "Set up your authenticator app first.")
        return redirect(url_for("account.show_second_factor"), 303)
    _check_objects(who)
    if getattr(view, "wants_proof", False) and who.proved_at < parts().wall() - PROOF_LASTS:
        if is_script():
            abort(403, "Reload the page, and confirm that it is you.")
        return redirect(url_for("account.ask_proof", next=_page_of(request.path)), 303)
    return None


def _check_role(who: SignedIn, view: object) -> None:
    usual = Role.VIEWER if is_reading() else Role.COORDINATOR
    least = getattr(view, "least_role", usual)
    if who.role.covers(least):
        return
    if least is Role.ADMIN:
        abort(403, "Only an admin can do this.")
    abort(403, "Your account can look, but not change anything.")


def _check_objects(who: SignedIn) -> None:
    """Whose is what the address names? An argument that nobody has said a word about is refused.

    Raises NotFound, the same for what is not there and for what is not theirs to see.
    """
    named = request.view_args or {}
    if named.get("coordinator_id", who.coordinator_id) != who.coordinator_id and not who.role.may_administer:
        abort(403, "Only an admin can do this for a colleague.")
    owned = {name: int(value) for name, value in named.items() if name in caseloads.OBJECTS}
    if owned:
        caseloads.check(parts().database, who.sight(now()), owned)
    unknown = named.keys() - owned.keys() - NAMES_NOBODY - NAMES_STAFF
    if unknown and who.caseload is not Caseload.ALL:
        raise NotFound(caseloads.NOT_THERE)


def _page_of(path: str) -> str:
    """The nearest page to a path: itself, or what stands above a POST."""
    while path.count("/") > 1 and not is_page(path):
        path = path.rpartition("/")[0]
    return path if is_page(path) else "/"


def is_page(path: str) -> bool:
    """True for the path of a page of our own that a GET shows; for where to go on to after a proof."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return endpoint != "web.static" and path.startswith("/") and not path.startswith("//")
