"""Twilio's own OpenAPI file as a judge, and what that file forgets to say."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from openapi_core import OpenAPI, V30RequestValidator, V30ResponseValidator
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

FILE = Path(__file__).parent / "openapi" / "twilio_api_v2010.json"
HOST = "https://api.twilio.com"
LIST_PATH = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
ONE_PATH = "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json"
E164 = re.compile(r"\+[1-9][0-9]{6,14}")

Pairs = list[tuple[str, str]]


@dataclass
class SpecRequest:
    """A request in the shape openapi-core reads. The double's host is taken for Twilio's."""

    method: str
    path: str
    query: Pairs
    headers: Headers
    body: bytes
    content_type: str
    host_url: str = HOST
    parameters: RequestParameters = field(init=False)

    def __post_init__(self) -> None:
        self.parameters = RequestParameters(query=ImmutableMultiDict(self.query), header=self.headers)


@dataclass
class SpecResponse:
    """An answer in the shape openapi-core reads."""

    status_code: int
    data: bytes
    content_type: str = "application/json"
    headers: Mapping[str, Any] = field(default_factory=dict)


class Contract:
    """Finds what is wrong with requests and answers, in words; an empty list means nothing is."""

    def __init__(self) -> None:
        spec = json.loads(FILE.read_text(encoding="utf-8"))
        # The rest of Twilio's API takes seconds to check and is never called.
        spec["paths"] = {path: spec["paths"][path] for path in (LIST_PATH, ONE_PATH)}
        spec["components"]["schemas"] = {
            name: schema
            for name, schema in spec["components"]["schemas"].items()
            if name == "api.v2010.account.message" or name.startswith("message_enum")
        }
        create = spec["paths"][LIST_PATH]["post"]["requestBody"]["content"]
        self._fields = create["application/x-www-form-urlencoded"]["schema"]["properties"]
        path = OpenAPI.from_dict(spec).spec
        self._requests = V30RequestValidator(path)
        self._responses = V30ResponseValidator(path)

    def problems_of_request(self, request: SpecRequest) -> list[str]:
        return [_words(error) for error in self._requests.iter_errors(request)]

    def problems_of_response(self, request: SpecRequest, response: SpecResponse) -> list[str]:
        return [_words(error) for error in self._responses.iter_errors(request, response)]

    def forgotten_rules(self, form: Pairs) -> list[tuple[int, str]]:
        """Rules for a new text that Twilio's API keeps but its file does not tell.

        Returns Twilio's error code and words for each broken one.
        """
        fields = dict(form)
        broken = [(21600, f"unknown parameter {n}") for n in fields if n not in self._fields]
        broken += [(21600, f"{n} given twice") for n in fields if _times(n, form) > 1]
        if not E164.fullmatch(fields.get("To", "")):
            broken.append((21211, f"The 'To' number {fields.get('To')} is not a valid number."))
        body = fields.get("Body", "")
        if not body:
            broken.append((21602, "Message body is required."))
        if len(body) > 1600:
            broken.append((21617, "The concatenated message body exceeds 1600 characters."))
        if "From" not in fields and "MessagingServiceSid" not in fields:
            broken.append((21603, "A 'From' phone number is required."))
        validity = fields.get("ValidityPeriod", "36000")
        if not validity.isdecimal() or not 1 <= int(validity) <= 36_000:
            broken.append((90007, "Invalid validity period value."))
        callback = urlsplit(fields.get("StatusCallback", HOST))
        if callback.scheme not in ("http", "https") or "_" in (callback.hostname or "_"):
            broken.append((21609, "The 'StatusCallback' URL is not a valid URL."))
        return broken


@lru_cache(maxsize=1)
def contract() -> Contract:
    """The one contract of a test run: reading the file takes a second."""
    return Contract()


def pairs_of(query: bytes | str) -> Pairs:
    """A query or an urlencoded form, as pairs in their order."""
    return [(str(n), str(v)) for n, v in parse_qsl(_text(query), keep_blank_values=True)]


def _text(data: bytes | str) -> str:
    return data.decode() if isinstance(data, bytes) else data


def _times(name: str, form: Pairs) -> int:
    return sum(other == name for other, _ in form) if name != "MediaUrl" else 1


def _words(error: BaseException) -> str:
    inner = "; ".join(str(e) for e in getattr(error.__cause__, "schema_errors", ()))
    return f"{type(error).__name__}: {error}{' | ' + inner if inner else ''}"
