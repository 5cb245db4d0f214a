"""Short texts that staff keep for each other: inserted into what they write, never sent by themselves."""

from dataclasses import dataclass
from datetime import datetime

from service.domain.errors import BadInput, NotFound
from service.domain.segments import count_segments
from service.guide.languages import LANGUAGES
from service.store import audit, saved_replies
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import SavedReply

LONGEST_TITLE = 40
LONGEST_BODY = 480
MOST = 50
"""Of one language: more than fit into a list that is read while somebody waits."""


@dataclass(frozen=True)
class Reply:
    id: int
    language: str
    title: str
    body: str
    segments: int


def list_for(database: Database, language: str | None = None) -> list[Reply]:
    """All of a language, or of all; by title."""
    with database.read() as session:
        return [_view(row) for row in saved_replies.listed(session, language)]


def find(database: Database, reply_id: int) -> Reply:
    with database.read() as session:
        row = session.get(SavedReply, reply_id) if 0 < reply_id < 2**31 else None
        if row is None:
            raise NotFound("There is no such saved reply. Somebody may have removed it.")
        return _view(row)


def save(
    database: Database,
    reply_id: int | None,
    language: str,
    title: str,
    body: str,
    by: By,
    now: datetime,
) -> int:
    """Keep a new one (`reply_id` None) or change one; returns its id. Raises BadInput and NotFound."""
    title, body = " ".join(title.split()), body.strip()
    if language not in LANGUAGES:
        raise BadInput(f"The language must be one of {', '.join(LANGUAGES)}.")
    if not 0 < len(title) <= LONGEST_TITLE:
        raise BadInput(f"Give it a title of up to {LONGEST_TITLE} characters.")
    if not 0 < len(body) <= LONGEST_BODY:
        raise BadInput(f"Write up to {LONGEST_BODY} characters.")
    with database.write() as session:
        same = saved_replies.titled(session, language, title)
        if same is not None and same.id != reply_id:
            raise BadInput("There is one with this title already. Choose another title, or change that one.")
        if reply_id is None:
            if saved_replies.count(session, language) >= MOST:
                raise BadInput(f"There are {MOST} already. Remove one that nobody uses.")
            row = SavedReply()
            session.add(row)
        else:
            found = session.get(SavedReply, reply_id)
            if found is None:
                raise NotFound("There is no such saved reply. Somebody may have removed it.")
            row = found
        row.language, row.title, row.body = language, title, body
        row.changed_at, row.changed_by = now, by.coordinator_id
        session.flush()
        audit.record(session, by, "saved_reply.saved", now, reply_id=row.id)
        return row.id


def remove(database: Database, reply_id: int, by: By, now: datetime) -> None:
    """Remove one; nothing that was sent changes. One that is gone already is no error."""
    with database.write() as session:
        row = session.get(SavedReply, reply_id)
        if row is not None:
            session.delete(row)
            audit.record(session, by, "saved_reply.removed", now, reply_id=reply_id)


def _view(row: SavedReply) -> Reply:
    return Reply(row.id, row.language, row.title, row.body, count_segments(row.body).segments)
