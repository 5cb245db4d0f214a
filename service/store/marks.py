"""Facts about this database that every process must know, by name."""

from sqlalchemy.orm import Session

from service.store.schema import ServiceMark

AWAITING_REPLAY = "awaiting-replay"
"""This is a restored copy: nothing is sent until later opt-outs and erasures have been applied again."""

SCRUB_PENDING = "scrub-pending"
"""Somebody was erased, and the SQLite file has not been cleaned of what was overwritten."""

HOME = "home"
"""Which PostgreSQL database this was when it was last opened; see `store/home.py`."""


INBOUND_READ_TO = "inbound-read-to"
"""Up to when (ISO-8601) the gateway's list has been searched for texts that the webhook missed."""


def value_of(session: Session, name: str) -> str | None:
    mark = session.get(ServiceMark, name)
    return mark.value if mark is not None else None


def is_set(session: Session, name: str) -> bool:
    return session.get(ServiceMark, name) is not None


def put(session: Session, name: str, value: str = "") -> None:
    mark = session.get(ServiceMark, name)
    if mark is None:
        session.add(ServiceMark(name=name, value=value))
    else:
        mark.value = value
    session.flush()


def clear(session: Session, name: str) -> None:
    mark = session.get(ServiceMark, name)
    if mark is not None:
        session.delete(mark)
        session.flush()
