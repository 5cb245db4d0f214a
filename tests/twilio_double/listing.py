"""Twilio's list of texts: filters, order and paging."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from tests.twilio_double.contract import Pairs
from tests.twilio_double.records import TextRecord

DEFAULT_PAGE_SIZE = 50


def page_of(texts: Iterable[TextRecord], query: Pairs, path: str) -> dict[str, Any]:
    """One page, newest first. A date filter passes over texts that were not sent yet."""
    asked = dict(query)
    found = [text for text in texts if _matches(text, asked)]
    found.sort(key=lambda text: text.sent_at or text.created_at, reverse=True)
    size = int(asked.get("PageSize", DEFAULT_PAGE_SIZE))
    page = int(asked.get("Page", 0))
    start = page * size
    shown = found[start : start + size]
    more = start + size < len(found)
    return {
        "end": max(start + len(shown) - 1, 0),
        "first_page_uri": _uri(path, asked, 0),
        "messages": [text.as_json() for text in shown],
        "next_page_uri": _uri(path, asked, page + 1, shown[-1].sid) if more else None,
        "page": page,
        "page_size": size,
        "previous_page_uri": _uri(path, asked, page - 1, shown[0].sid) if page and shown else None,
        "start": start,
        "uri": _uri(path, asked, page),
    }


def _uri(path: str, asked: dict[str, str], page: int, near: str | None = None) -> str:
    query = {**asked, "Page": str(page)}
    query.pop("PageToken", None)
    if near is not None:
        query["PageToken"] = f"PA{near}"
    return f"{path}?{urlencode(query)}"


def _matches(text: TextRecord, asked: dict[str, str]) -> bool:
    if text.to != asked.get("To", text.to) or text.sender != asked.get("From", text.sender):
        return False
    dates = {name: value for name, value in asked.items() if name.startswith("DateSent")}
    if not dates:
        return True
    if text.sent_at is None:
        return False
    sent_at = text.sent_at.replace(microsecond=0)
    tests = {
        "DateSent>": lambda at: sent_at >= at,
        "DateSent<": lambda at: sent_at <= at,
        "DateSent": lambda at: at <= sent_at < at + timedelta(days=1),
    }
    return all(tests[name](_moment(value)) for name, value in dates.items())


def _moment(value: str) -> datetime:
    """A day or a moment, UTC."""
    return datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=UTC)
