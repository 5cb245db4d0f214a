"""Reads one TOML file of ours; every mistake in it becomes an error that says where it is."""

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

from service.domain.errors import ConfigurationError


class Table:
    """A table of a data file, read field by field. `finish` refuses fields nobody asked for."""

    def __init__(self, fields: dict[str, Any], path: Path, name: str = "") -> None:
        self._fields = fields
        self._asked: set[str] = set()
        self.path = path
        self.name = name

    @classmethod
    def read(cls, path: Path) -> "Table":
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8")), path)
        except FileNotFoundError:
            raise ConfigurationError(f"{path} is missing. Put it back.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path} cannot be read: {error}. Mend that line.") from None

    def fail(self, problem: str) -> NoReturn:
        place = f"{self.path}, [{self.name}]" if self.name else f"{self.path}"
        raise ConfigurationError(f"{place}: {problem}")

    def text(self, field: str, default: str | None = None) -> str:
        value = self._take(field, default)
        if not isinstance(value, str):
            self.fail(f'{field} must be text in quotes, such as {field} = "..."')
        if not value.strip() and default is None:
            self.fail(f"{field} is empty. Write something, or take the table out.")
        return value.strip()

    def number(self, field: str) -> int:
        value = self._take(field)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self.fail(f"{field} must be a whole number from 1, such as {field} = 1")
        return value

    def date(self, field: str) -> date:
        value = self._take(field)
        if not isinstance(value, date) or isinstance(value, datetime):
            self.fail(f"{field} must be a date, such as {field} = 2026-11-23")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        value = self._take(field)
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            self.fail(f'{field} must be a list of texts, such as {field} = ["...", "..."]')
        return tuple(item.strip() for item in value)

    def table(self, field: str) -> "Table":
        value = self._take(field)
        if not isinstance(value, dict):
            self.fail(f"{field} must be a table, opened by a line [{field}]")
        return self._within(field, value)

    def tables(self, field: str) -> tuple["Table", ...]:
        value = self._take(field, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self.fail(f"{field} must be a list of tables")
        return tuple(self._within(field, item) for item in value)

    def leaves(self, mark: str) -> dict[str, "Table"]:
        """All tables inside that have the field `mark`, by dotted name."""
        found: dict[str, Table] = {}
        for field, value in self._fields.items():
            if not isinstance(value, dict):
                self.fail(f"{field} stands outside of any table. Open one with a line [{field}].")
            inner = self._within(field, value)
            found |= {inner.name: inner} if mark in value else inner.leaves(mark)
        return found

    def finish(self) -> None:
        extra = sorted(set(self._fields) - self._asked)
        if extra:
            self.fail(f"{extra} is not known here. Mend the spelling or take it out.")

    def _take(self, field: str, default: object = None) -> Any:
        self._asked.add(field)
        value = self._fields.get(field, default)
        if value is None:
            self.fail(f"{field} is missing. Add it.")
        return value

    def _within(self, field: str, fields: dict[str, Any]) -> "Table":
        return Table(fields, self.path, f"{self.name}.{field}" if self.name else field)
