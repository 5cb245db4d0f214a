"""Saved replies, by language and title."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.schema import SavedReply


def listed(session: Session, language: str | None = None) -> Sequence[SavedReply]:
    query = select(SavedReply).order_by(SavedReply.language, func.lower(SavedReply.title))
    if language is not None:
        query = query.where(SavedReply.language == language)
    return session.scalars(query).all()


def titled(session: Session, language: str, title: str) -> SavedReply | None:
    """The one with this title, whatever its capitals."""
    return session.scalar(
        select(SavedReply).where(
            SavedReply.language == language, func.lower(SavedReply.title) == title.lower()
        )
    )


def count(session: Session, language: str) -> int:
    return (
        session.scalar(select(func.count()).select_from(SavedReply).where(SavedReply.language == language))
        or 0
    )
