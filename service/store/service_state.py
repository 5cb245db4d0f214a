"""What the service keeps about itself: heartbeats, a pause of all sending, reworded texts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.schema import Heartbeat, SendingPause, TextTemplate


def beat(session: Session, job: str, at: datetime) -> None:
    row = session.get(Heartbeat, job)
    if row is None:
        session.add(Heartbeat(job=job, at=at))
    else:
        row.at = at


def heartbeats(session: Session) -> dict[str, datetime]:
    return {row.job: row.at for row in session.scalars(select(Heartbeat))}


def open_pause(session: Session) -> SendingPause | None:
    return session.scalar(
        select(SendingPause).where(SendingPause.ended_at.is_(None)).order_by(SendingPause.id.desc()).limit(1)
    )


def pause_sending(
    session: Session, now: datetime, retry_at: datetime, error_code: int | None, reason: str
) -> SendingPause:
    """Withhold all sending until `retry_at`, when one text is tried. Prolongs an open pause."""
    pause = open_pause(session)
    if pause is None:
        pause = SendingPause(started_at=now, retry_at=retry_at, error_code=error_code, reason=reason)
        session.add(pause)
        session.flush()
    else:
        pause.retry_at = retry_at
    return pause


def newest_template(session: Session, key: str, language: str) -> TextTemplate | None:
    """Read once in a transaction: hundreds of texts are written in one, most of them with the same words."""
    read: dict[tuple[str, str], TextTemplate | None] = session.info.setdefault("templates", {})
    if (key, language) not in read:
        read[key, language] = session.scalar(
            select(TextTemplate)
            .where(TextTemplate.key == key, TextTemplate.language == language)
            .order_by(TextTemplate.version.desc())
            .limit(1)
        )
    return read[key, language]


def templates(session: Session) -> Sequence[TextTemplate]:
    """The newest version of every reworded text."""
    newest = select(func.max(TextTemplate.id)).group_by(TextTemplate.key, TextTemplate.language)
    return session.scalars(select(TextTemplate).where(TextTemplate.id.in_(newest))).all()


def add_template(
    session: Session,
    *,
    key: str,
    language: str,
    body: str,
    coordinator_id: int | None,
    now: datetime,
) -> TextTemplate:
    newest = newest_template(session, key, language)
    template = TextTemplate(
        key=key,
        language=language,
        version=(newest.version if newest else 0) + 1,
        body=body,
        created_at=now,
        coordinator_id=coordinator_id,
    )
    session.add(template)
    session.flush()
    session.info.pop("templates", None)
    return template
