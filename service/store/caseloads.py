"""Who may see whom, as conditions for queries. Every list of people or alerts carries one."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, true
from sqlalchemy.orm import Session

from service.domain.alerts import AlertStatus
from service.domain.caseload import Caseload, Sight
from service.store.schema import Alert, InboundMessage, Page, Participant, Schedule

AFTERWARDS = timedelta(hours=24)
"""How long whoever took an alert still sees its person, to call again and to hand over."""


def may_see(sight: Sight | None) -> ColumnElement[bool]:
    """A condition on Participant. None is the service itself and the command line: everybody.

    Somebody who was paged about a person must be able to help, whatever their caseload: they see that
    person while the alert is open, and whoever took it for a day after.
    """
    if sight is None or sight.caseload is Caseload.ALL:
        return true()
    paged = (
        select(Alert.participant_id)
        .join(Page, Page.alert_id == Alert.id)
        .where(
            Page.coordinator_id == sight.coordinator_id,
            Alert.participant_id.is_not(None),
            or_(
                Alert.status == AlertStatus.OPEN,
                and_(
                    Alert.acknowledged_by == sight.coordinator_id,
                    Alert.acknowledged_at >= sight.at - AFTERWARDS,
                ),
            ),
        )
    )
    found = or_(Participant.responsible_id == sight.coordinator_id, Participant.id.in_(paged))
    if sight.caseload is Caseload.SHARED:
        found = or_(found, Participant.responsible_id.is_(None))
    return found


def may_see_alert(sight: Sight | None) -> ColumnElement[bool]:
    """A condition on Alert. One about nobody who is enrolled is everybody's: somebody must look."""
    if sight is None or sight.caseload is Caseload.ALL:
        return true()
    return or_(
        Alert.participant_id.is_(None),
        Alert.participant_id.in_(select(Participant.id).where(may_see(sight))),
    )


def sees(session: Session, sight: Sight | None, participant_id: int) -> bool:
    """False for somebody who is not there, too."""
    return (
        session.scalar(select(Participant.id).where(Participant.id == participant_id, may_see(sight)))
        is not None
    )


Owner = Callable[[Session, int], tuple[bool, int | None]]
"""Whether there is such a thing, and whose it is; None: nobody's in particular."""


def _owner_by(query: Select[int] | Select[int | None]) -> Owner:
    def find(session: Session, row_id: int) -> tuple[bool, int | None]:
        row = session.execute(query, {"id": row_id}).one_or_none()
        return row is not None, row[0] if row is not None else None

    return find


OWNERS: dict[str, Owner] = {
    "person_id": _owner_by(select(Participant.id).where(Participant.id == bindparam("id"))),
    "schedule_id": _owner_by(select(Schedule.participant_id).where(Schedule.id == bindparam("id"))),
    "alert_id": _owner_by(select(Alert.participant_id).where(Alert.id == bindparam("id"))),
    "text_id": _owner_by(select(InboundMessage.participant_id).where(InboundMessage.id == bindparam("id"))),
}
"""What addresses name that belongs to a person, by the name of the argument."""
