"""The wishes that must outlive a restored backup: kept in a journal apart from the database.

A line of the journal says when, what, and whose by keyed hash; never a number:

    2026-11-05T14:02:11.000120+00:00 opted_out 5f0c...e1 9a41c07d

The last word tells the key of the hash by its fingerprint, so that the journal of another database is
not taken for this one's.
"""

import string
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from service.domain.consent import ConsentStatus


class WithdrawalKind(StrEnum):
    """What a person wished, or what was found out about their number."""

    OPTED_OUT = "opted_out"
    DECLINED = "declined"
    WRONG_NUMBER = "wrong_number"
    MOVED = "moved"  # the phone is lost, or the person has another number now
    ERASED = "erased"  # everything that names them was erased


KIND_OF: dict[ConsentStatus, WithdrawalKind] = {
    ConsentStatus.OPTED_OUT: WithdrawalKind.OPTED_OUT,
    ConsentStatus.DECLINED: WithdrawalKind.DECLINED,
    ConsentStatus.WRONG_NUMBER: WithdrawalKind.WRONG_NUMBER,
    ConsentStatus.MOVING: WithdrawalKind.MOVED,
}
"""A lapsed invitation is not among them: after a restore it lapses again by itself."""

STATUS_OF = {kind: status for status, kind in KIND_OF.items()}


@dataclass(frozen=True, order=True)
class Withdrawal:
    """One line of the journal. `phone_index` is the keyed hash of the number."""

    at: datetime
    kind: WithdrawalKind
    phone_index: bytes
    key_id: str

    def as_line(self) -> str:
        moment = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return f"{moment} {self.kind.value} {self.phone_index.hex()} {self.key_id}\n"


def parse_line(line: str) -> Withdrawal | None:
    """The withdrawal that a line tells; None for one that is torn or not ours."""
    words = line.split()
    if len(words) != 4 or not line.endswith("\n"):
        return None
    moment, kind, index, key_id = words
    if len(index) != 64 or len(key_id) != 8 or not set(index + key_id) <= set(string.hexdigits):
        return None
    try:
        at = datetime.fromisoformat(moment)
        withdrawal = Withdrawal(at, WithdrawalKind(kind), bytes.fromhex(index), key_id)
    except ValueError:
        return None
    return withdrawal if at.tzinfo is not None else None
