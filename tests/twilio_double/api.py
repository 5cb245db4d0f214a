"""The routes of the Messages API. Each request and each success is judged by the contract."""

import base64
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import InternalServerError

from tests.twilio_double.contract import (
    LIST_PATH,
    ONE_PATH,
    SpecRequest,
    SpecResponse,
    contract,
    pairs_of,
)
from tests.twilio_double.listing import page_of
from tests.twilio_double.records import FINAL, TextRecord
from tests.twilio_double.script import Answer
from tests.twilio_double.server import HANG, RESET, end_badly

if TYPE_CHECKING:
    from tests.twilio_double.double import TwilioDouble

LIST_RULE = LIST_PATH.replace("{AccountSid}", "<account_sid>")
ONE_RULE = ONE_PATH.replace("{AccountSid}", "<account_sid>").replace("{Sid}", "<sid>")


def create_api(double: "TwilioDouble") -> Flask:
    app = Flask("twilio_double")
    routes = _Routes(double)
    app.before_request(routes.admit)
    app.after_request(routes.judge_answer)
    app.register_error_handler(500, routes.own_fault)
    app.add_url_rule(LIST_RULE, view_func=routes.create, methods=["POST"], endpoint="create")
    app.add_url_rule(LIST_RULE, view_func=routes.listing, methods=["GET"], endpoint="listing")
    app.add_url_rule(ONE_RULE, view_func=routes.fetch, methods=["GET"], endpoint="fetch")
    app.add_url_rule(ONE_RULE, view_func=routes.update, methods=["POST"], endpoint="update")
    app.add_url_rule(ONE_RULE, view_func=routes.delete, methods=["DELETE"], endpoint="delete")
    return app


class _Routes:
    def __init__(self, double: "TwilioDouble") -> None:
        self._double = double

    def admit(self) -> Response | None:
        """Note the call, judge it, check who calls."""
        double = self._double
        spec = _spec_request()
        double.note_call(request.method, request.path, spec.query, pairs_of(spec.body))
        for problem in contract().problems_of_request(spec) if double.judges else ():
            double.violations.append(f"{request.method} {request.path}: {problem}")
        login = base64.b64encode(f"{double.account_sid}:{double.auth_token}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {login}":
            return _error(401, 20003, "Authenticate")
        if (request.view_args or {}).get("account_sid") != double.account_sid:
            return _error(404, 20404, f"The requested resource {request.path} was not found")
        return None

    def judge_answer(self, response: Response) -> Response:
        readable = "X-Double-Unreadable" not in response.headers
        if self._double.judges and readable and response.status_code < 300:
            answer = SpecResponse(
                response.status_code, response.get_data(), response.mimetype or "application/json"
            )
            for problem in contract().problems_of_response(_spec_request(), answer):
                self._double.violations.append(f"answer to {request.path}: {problem}")
        return response

    def own_fault(self, error: InternalServerError) -> Response:
        """A mistake in the double itself must not pass for one of Twilio's bad days."""
        self._double.violations.append(f"the double failed: {error.original_exception!r}"[:500])
        return _error(500, None, "")

    def create(self, account_sid: str) -> Response:
        double = self._double
        form = pairs_of(request.get_data())
        fields = dict(form)
        answer = double.next_answer(fields.get("To", ""))
        double.wait(answer.delay_s)
        if answer.ending == "hang" and not answer.makes_a_text:
            return end_badly(HANG)
        record = None
        if answer.makes_a_text:
            refused = self._refusal(form)
            if refused is not None:
                return refused
            record = double.take(fields)
        return self._conclude(answer, record)

    def _refusal(self, form: list[tuple[str, str]]) -> Response | None:
        """What Twilio would refuse. All but an opt-out is a mistake of the caller: a violation."""
        double, fields = self._double, dict(form)
        broken = contract().forgotten_rules(form)
        if fields.get("From", double.number) != double.number:
            broken.append((21606, "The 'From' phone number is not a valid number of the account."))
        if fields.get("MessagingServiceSid", double.service_sid) != double.service_sid:
            broken.append((21701, "The Messaging Service does not exist."))
        if broken:
            double.violations += [f"new text: {code} {words}" for code, words in broken]
            return _error(400, *broken[0])
        if fields["To"] in double.blocked:
            return _error(400, 21610, "Attempt to send to unsubscribed recipient")
        return None

    def _conclude(self, answer: Answer, record: TextRecord | None) -> Response:
        if answer.ending in ("hang", "reset"):
            return end_badly(HANG if answer.ending == "hang" else RESET)
        if answer.status != 201 or answer.code is not None or record is None:
            to = request.form.get("To", "")
            words = f"The double was told to refuse {to}."  # Twilio quotes numbers as well
            response = _error(answer.status, answer.code, words)
            if answer.retry_after is not None:
                response.headers["Retry-After"] = answer.retry_after
            return response
        response = jsonify(record.as_json())
        response.status_code = 201
        if answer.ending != "answer":
            response.headers["X-Double-Unreadable"] = "1"
            text = response.get_data(as_text=True)
            if answer.ending == "garbled":
                response.set_data(text[: len(text) // 2])
            elif answer.ending == "no sid":
                response.set_data('{"status": "queued"}')
            else:
                response.set_data("<!doctype html><title>Well done</title>")
        return response

    def listing(self, account_sid: str) -> Response:
        failure = self._failed_read()
        if failure is not None:
            return failure
        query = pairs_of(request.query_string)
        return jsonify(page_of(self._double.texts, query, request.path))

    def fetch(self, account_sid: str, sid: str) -> Response:
        record = self._double.find(sid)
        return self._failed_read() or (jsonify(record.as_json()) if record else _missing())

    def update(self, account_sid: str, sid: str) -> Response:
        failure, record = self._failed_read(), self._double.find(sid)
        if failure is not None or record is None:
            return failure or _missing()
        if request.form.get("Body") != "":
            return _error(400, 30400, "Message body redaction request must have an empty body.")
        if record.status not in FINAL:
            return _error(409, 20009, "Cannot update this resource before it is complete")
        record.body = ""
        return jsonify(record.as_json())

    def delete(self, account_sid: str, sid: str) -> Response:
        failure, record = self._failed_read(), self._double.find(sid)
        if failure is not None or record is None:
            return failure or _missing()
        if record.status not in FINAL:
            return _error(409, 20009, "Cannot delete this resource before it is complete")
        self._double.forget(sid)
        return Response(status=204)

    def _failed_read(self) -> Response | None:
        answer = self._double.reads_fail_with
        if answer is None:
            return None
        if answer.ending in ("hang", "reset"):
            return end_badly(HANG if answer.ending == "hang" else RESET)
        return _error(answer.status, answer.code, "The double was told to fail.")


def _spec_request() -> SpecRequest:
    return SpecRequest(
        method=request.method.lower(),
        path=request.path,
        query=pairs_of(request.query_string),
        headers=request.headers,
        body=request.get_data(),
        content_type=(request.content_type or "").lower(),
    )


def _missing() -> Response:
    return _error(404, 20404, f"The requested resource {request.path} was not found")


def _error(status: int, code: int | None, message: str) -> Response:
    """An error answer as Twilio words it; without a code, as something before Twilio would."""
    if code is None:
        return Response("<html>upstream error</html>", status, mimetype="text/html")
    body: dict[str, Any] = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    response = jsonify(body)
    response.status_code = status
    return response
