"""The words for what happens with a person: on their page, and in their time line."""

from service.domain.ending import EndReason
from service.domain.moving import NumberChangeStatus

END_REASONS: dict[EndReason, str] = {
    EndReason.LOSS: "A loss",
    EndReason.MOVED: "They moved",
    EndReason.FINISHED: "It is finished",
    EndReason.OTHER: "Another reason",
}
N = NumberChangeStatus
NUMBER_CHANGES: dict[NumberChangeStatus, str] = {
    N.ASKED: "New number entered, and asked for its YES:",
    N.CONFIRMED: "Number changed, after its YES:",
    N.REFUSED: "The new number said no:",
    N.LAPSED: "The new number never answered:",
    N.TAKEN_BACK: "New number taken back:",
    N.ENDED: "Change of number void, a newer wish stands:",
}
CHANGES: dict[str, str] = {
    "schedule.added": "set up",
    "schedule.ended": "ended",
    "schedule.restarted": "started again",
    "participant.edited": "Details changed",
    "participant.handed_over": "Handed over",
    "participant.paused": "Texts paused",
    "participant.resumed": "Texts on again",
}
"""How the time line says them; the first three after the name of the check-in or reminder."""
