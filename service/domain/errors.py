"""What can go wrong, as one tree.

    HandrailError              shown to people: the message says what is wrong and how to mend it
    ├── BadInput               something typed in cannot be used
    │   └── BadPhoneNumber
    ├── NotFound               no such participant, schedule, alert ...
    ├── NotAllowed             right input, wrong moment (texting a person who opted out)
    │   └── TooMany            asked for too often in a short time
    └── ConfigurationError     the service must not start like this

Expected outcomes of sending are values, not exceptions: see `gateways/base.py`.
"""

import traceback
from pathlib import PurePath


def fault_of(problem: BaseException) -> dict[str, str]:
    """What kind of fault it was and where, for a log: never its message, which may quote a text."""
    frames = traceback.extract_tb(problem.__traceback__)
    at = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    return {"fault": type(problem).__name__, "at": at}


class HandrailError(Exception):
    """Its message is meant for people and never holds a number, a name or a text."""


class BadInput(HandrailError):
    pass


class BadPhoneNumber(BadInput):
    pass


class NotFound(HandrailError):
    pass


class NotAllowed(HandrailError):
    pass


class TooMany(NotAllowed):
    pass


class ConfigurationError(HandrailError):
    pass
