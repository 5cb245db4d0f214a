"""Reads `rows/*.txt`: one text a line, under the [label] it must get."""

from pathlib import Path

ROWS = Path(__file__).parent / "rows"


def read_rows(name: str) -> list[tuple[str, str]]:
    """(label, text) of each line of `rows/<name>.txt`."""
    rows: list[tuple[str, str]] = []
    label = ""
    for line in (ROWS / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            label = line.strip("[]")
        elif line and not line.startswith("#"):
            rows.append((label, line))
    return rows
