"""CSRF, security headers, and the guard in front of every console page."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Flask, Response, abort, current_app, redirect, request, session, url_for
from flask import g as request_globals
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from service.web.context import WebSettings, parts
from service.workflows.staff import resume_session

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
YEAR = 31_536_000

View = TypeVar("View", bound=Callable[..., object])


def register(app: Flask, settings: WebSettings) -> None:
    # Tokens live as long as the session: a page may stay open all day. The Referer that the strict
    # check wants is never sent, by our own Referrer-Policy.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    csrf.init_app(app)
    is_https = settings.base_url.startswith("https://")

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
    """Keep a blueprint for people who are signed in, and its changes from those who only look."""
    blueprint.before_request(_require_sign_in)


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
    if not is_reading() and not who.role.may_edit:
        abort(403, "Your account can look, but not change anything.")
    return None
