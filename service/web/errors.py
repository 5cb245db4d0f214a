"""Every error becomes a status code and a calm page, here and nowhere else."""

import logging

from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from service.domain.errors import BadInput, HandrailError, NotAllowed, NotFound, TooMany
from service.gateways.base import GatewayUnavailable
from service.web.security import is_script

log = logging.getLogger(__name__)

STATUS: dict[type[HandrailError], int] = {
    BadInput: 422,
    NotFound: 404,
    TooMany: 429,  # before what it is a kind of
    NotAllowed: 409,
    GatewayUnavailable: 503,
}
"""The status of each domain error. Their messages are meant for people and are shown."""

TITLES = {
    400: "That could not be read",
    401: "You are signed out",
    403: "That is not yours to change",
    404: "There is nothing here",
    405: "That cannot be done this way",
    409: "Not now",
    413: "That is too much at once",
    422: "Something needs mending",
    429: "Too many tries",
    503: "Not reachable just now",
}
WORDS = {
    400: "The page sent something that cannot be read. Go back, reload the page and try again.",
    401: "Sign in again to go on. Nothing was changed.",
    403: "Your account cannot do this. Nothing was changed.",
    404: "The page may have moved, or the address may be mistyped.",
    405: "Go back and use the page's own buttons.",
    413: "What you sent is larger than this page takes.",
}
FAULT = ("Something went wrong on our side", "Nothing is lost. Try again in a minute.")


def register(app: Flask) -> None:
    app.register_error_handler(CSRFError, _bad_token)
    app.register_error_handler(HandrailError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def status_of(problem: HandrailError) -> int:
    return next((code for kind, code in STATUS.items() if isinstance(problem, kind)), 500)


def _domain_error(problem: HandrailError) -> ResponseReturnValue:
    code = status_of(problem)
    if code == 500:
        return _fault(problem)
    return _page(code, TITLES[code], str(problem))


def _bad_token(problem: CSRFError) -> ResponseReturnValue:
    return _page(
        400,
        "This page had gone stale",
        "Nothing was changed. Go back, reload the page and try again.",
    )


def _http_error(problem: HTTPException) -> ResponseReturnValue:
    if problem.response is not None:  # a redirect or an answer somebody made by hand
        return problem.response
    code = problem.code or 500
    if code >= 500:
        return _page(code, *FAULT)
    # Only what we said ourselves is repeated; werkzeug's own sentences are written for developers.
    own = problem.description if problem.description != type(problem).description else None
    body, code = _page(
        code, TITLES.get(code, "That did not work"), own or WORDS.get(code, "Go back and try again.")
    )
    # Such as Allow, which says what would have been taken.
    kept = {name: value for name, value in problem.get_headers() if name != "Content-Type"}
    return body, code, kept


def _fault(problem: Exception) -> ResponseReturnValue:
    # The message may hold what a person wrote, so only its kind and place are logged.
    place = problem.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    log.error(
        "a page failed",
        extra={
            "fault": type(problem).__name__,
            "endpoint": request.endpoint,
            "file": place.tb_frame.f_code.co_filename if place else None,
            "line": place.tb_lineno if place else None,
        },
    )
    return _page(500, *FAULT)


def _page(code: int, title: str, words: str) -> tuple[str | Response, int]:
    if is_script():
        return jsonify(error=words), code
    return render_template("error.html", code=code, title=title, words=words), code
