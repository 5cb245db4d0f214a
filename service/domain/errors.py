"""What can go wrong, as one tree.

    HandrailError              shown to people: the message says what is wrong and how to mend it
    ├── BadInput               something typed in cannot be used
    │   └── BadPhoneNumber
    ├── NotFound               no such participant, schedule, alert ...
    ├── NotAllowed             right input, wrong moment (texting a person who opted out)
    └── ConfigurationError     the service must not start like this

Expected outcomes of sending are values, not exceptions: see `gateways/base.py`.
"""


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


class ConfigurationError(HandrailError):
    pass
