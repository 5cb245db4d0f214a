"""What all commands share: opening the service, errors with exit status 1, and how things are printed."""

import dataclasses
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from service.bootstrap import Parts
from service.domain.errors import HandrailError
from service.domain.staff import Actor
from service.workflows.acting import By

COMMAND_LINE = By(Actor.COMMAND_LINE)


class Group(AppGroup):
    """A group whose commands say what is wrong on stderr and exit with 1, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HandrailError as problem:
            raise click.ClickException(str(problem)) from None


def open_parts() -> Parts:
    """The service's parts. Raises ConfigurationError (shown as any other error)."""
    app = current_app.extensions["open_service"]()
    parts: Parts = app.extensions["handrail"]
    return parts


def print_json(value: object) -> None:
    """One JSON document on one line."""
    click.echo(json.dumps(plain(value), ensure_ascii=False))


def print_all(values: Iterable[object], as_json: bool, line: Any) -> None:
    """A list: a JSON document a line, or what `line` makes of each."""
    for value in values:
        if as_json:
            print_json(value)
        else:
            click.echo(line(value))


def plain(value: object) -> Any:
    """A value as JSON knows it; instants as ISO-8601 with their offset."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
