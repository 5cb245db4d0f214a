"""How one programme wants things done; made from the settings, passed to workflows."""

from dataclasses import dataclass
from datetime import timedelta

from service.domain.local_time import QuietHours
from service.domain.prompt import ScheduleKind


@dataclass(frozen=True)
class Programme:
    """Plain values only. `base_url` has no trailing slash."""

    base_url: str
    default_timezone: str
    quiet: QuietHours
    daily_cap: int
    silent_check_ins: int
    check_in_reask_after: timedelta
    invitation_lasts: timedelta
    gateway_confirms_opt_out: bool
    texts_kept: timedelta = timedelta(days=365)  # then their words are erased
    spread: timedelta = (
        timedelta()
    )  # the texts of one slot go out over so long, each person's at the same point

    def status_url(self, message_id: object) -> str:
        """Where the gateway posts receipts for one of our messages."""
        return f"{self.base_url}/webhooks/sms/{message_id}/status"

    def reask_after(self, kind: ScheduleKind) -> timedelta | None:
        """How long a question waits before it is asked once more; None: it is not."""
        return {
            ScheduleKind.CHECK_IN: self.check_in_reask_after,
            ScheduleKind.MEDICATION: timedelta(minutes=30),
        }.get(kind)


CLOSE_AFTER: dict[ScheduleKind, timedelta] = {
    ScheduleKind.CHECK_IN: timedelta(hours=4),
    ScheduleKind.MEDICATION: timedelta(hours=2),
    ScheduleKind.MEETING: timedelta(hours=2),
    ScheduleKind.APPOINTMENT: timedelta(hours=12),
}
"""How long after the last asking a question without an answer is closed as silent."""
