"""The journal of withdrawals: a file beside the database, so that a restored backup can be told of them.

Every line is on the disk before the transaction that it tells of commits. So the journal may know of a
withdrawal that then failed, never the other way round: when in doubt, a person is not texted.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from service.domain.withdrawals import Withdrawal, parse_line


@dataclass(frozen=True)
class JournalPage:
    """What a journal file holds. `unreadable` counts lines that were torn or are not ours."""

    withdrawals: tuple[Withdrawal, ...]
    unreadable: int = 0


class Journal:
    """One append-only file. Several processes may append at once: each writes whole lines."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        return self.path.is_file()

    def append(self, withdrawals: Iterable[Withdrawal]) -> None:
        """Write lines, none for an empty journal, and wait until they are on the disk. Raises OSError."""
        text = "".join(withdrawal.as_line() for withdrawal in withdrawals)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.exists
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if text and self._is_torn(file):  # a power cut took half a line: ours must not be glued to it
                text = "\n" + text
            os.write(file, text.encode())
            os.fsync(file)
        finally:
            os.close(file)
        if is_new:
            _sync_folder(self.path.parent)

    @staticmethod
    def _is_torn(file: int) -> bool:
        size = os.fstat(file).st_size
        return size > 0 and os.pread(file, 1, size - 1) != b"\n"

    def read(self) -> JournalPage:
        """Everything in the file; nothing when there is none. Raises OSError."""
        if not self.exists:
            return JournalPage(())
        lines = self.path.read_text("utf-8", "replace").splitlines(keepends=True)
        found = [parse_line(line) for line in lines if line.strip()]
        withdrawals = tuple(each for each in found if each is not None)
        return JournalPage(withdrawals, len(found) - len(withdrawals))


def _sync_folder(folder: Path) -> None:
    """Make the new name itself last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
