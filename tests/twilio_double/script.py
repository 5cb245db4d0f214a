"""What the double is told to do: with a call (Answer), and about a text's way (Receipt)."""

from dataclasses import dataclass
from typing import Literal

Ending = Literal["answer", "reset", "hang", "garbled", "no sid", "not json"]


@dataclass(frozen=True)
class Answer:
    """What becomes of one call.

    A `code` or an HTTP `status` other than 201 is an error answer. `accepts` says whether a text is
    made of it, and lives on, whatever the client is told; None means: when `status` is 201.
    `delay_s` passes before anything happens; `retry_after` is the header, in seconds. `ending` is
    how the call ends once that is done: properly, with the connection reset, without any end, or
    with an answer that cannot be read.
    """

    status: int = 201
    code: int | None = None
    accepts: bool | None = None
    delay_s: float = 0.0
    retry_after: str | None = None
    ending: Ending = "answer"

    @property
    def makes_a_text(self) -> bool:
        return self.status == 201 if self.accepts is None else self.accepts


@dataclass(frozen=True)
class Receipt:
    """One status callback. `after_s` passes before it is posted, counted from the one before.

    With `early` it is posted before the client has its answer. Twilio's own record takes `status`
    too, unless it already ended otherwise.
    """

    status: str
    error_code: int | None = None
    after_s: float = 0.0
    early: bool = False


def accept(delay_s: float = 0.0) -> Answer:
    return Answer(delay_s=delay_s)


def refuse(code: int | None, status: int = 400) -> Answer:
    return Answer(status=status, code=code)


def too_fast(retry_after: str | None = None) -> Answer:
    return Answer(status=429, code=20429, retry_after=retry_after)


def server_error(status: int = 503, *, accepts: bool = False, retry_after: str | None = None) -> Answer:
    code = 20500 if status == 500 else None
    return Answer(status=status, code=code, accepts=accepts, retry_after=retry_after)


def reset(*, accepts: bool) -> Answer:
    return Answer(ending="reset", accepts=accepts)


def hang(*, accepts: bool) -> Answer:
    return Answer(ending="hang", accepts=accepts)


def unreadable(ending: Ending = "garbled", *, accepts: bool = True) -> Answer:
    """201, but "garbled" (cut JSON), "no sid", or "not json" (a page of HTML)."""
    return Answer(ending=ending, accepts=accepts)
