"""Structured logs: one JSON object a line, with ids and never with anything personal."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_PHONE = re.compile(r"\+?\d[\d\s().-]{7,}\d")
_PERSONAL = frozenset({"body", "phone", "name", "to", "from", "text", "to_number", "from_number"})


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last line of defence: fields with personal names and anything like a phone number go.

    Nothing of ours logs them on purpose; a library's message or an exception's might.
    """
    for key, value in list(event.items()):
        if key in _PERSONAL:
            event[key] = "[removed]"
        elif isinstance(value, str) and key != "timestamp":
            event[key] = _PHONE.sub("[number removed]", value)
    return event


def set_up_logs(level: str) -> None:
    """Send everything, our own and libraries', through one JSON line format on standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("twilio.http_client", "urllib3", "werkzeug", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # It warns of every tick that finds the one before still sending, which is how pacing works.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
