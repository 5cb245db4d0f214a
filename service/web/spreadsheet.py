"""Files for spreadsheets, with nothing in them that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so may be taken for a formula; an apostrophe before it makes it plain text."""

Cell = str | int | float | None


def safe(cell: Cell) -> str:
    """A cell as it is written. Numbers stay numbers, also negative ones."""
    if cell is None:
        return ""
    words = str(cell)
    return "'" + words if isinstance(cell, str) and words.startswith(RISKY) else words


def download(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A CSV file to keep. The mark at its beginning has spreadsheets read it as UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([safe(cell) for cell in header])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return Response(
        "\ufeff" + written.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
