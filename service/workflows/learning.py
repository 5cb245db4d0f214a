"""Writing out what staff have marked as misread, as lines of training texts.

A line is `label<TAB>language<TAB>d<TAB>text`, as in `service/routing/corpus/training`. The words are
redacted, and a person still has to read them: see `redacting`.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.errors import BadInput, NotAllowed
from service.guide.words import Words
from service.routing.data import vocabulary
from service.routing.language import guess_language
from service.store import audit, inbox, marks
from service.store.audit import By
from service.store.engine import Database
from service.store.schema import Coordinator, Participant, Schedule
from service.workflows.redacting import WORD, know, redact

OWNER_ONLY = 0o600
DIRECT = "d"  # the corpus tells direct wordings from indirect ones; a mark does not say which


def marked_texts(database: Database, words: Words, by: By, now: datetime) -> list[str]:
    """The lines, without those of people who are not opted in now; sorted, so that no order tells who wrote.

    Raises NotAllowed on a restored database that does not know yet who has opted out since.
    """
    with database.write() as session:
        if marks.is_set(session, marks.AWAITING_REPLAY):
            raise NotAllowed(
                "This is a restored copy that does not know yet who has opted out since. "
                "Run `flask withdrawals replay` first."
            )
        lines = _lines(session, words)
        audit.record(session, by, "marks.exported", now, texts=len(lines))
    return lines


def write_new(file: Path, lines: Iterable[str]) -> None:
    """Into a new file that only its owner may read. Raises BadInput where none can be made."""
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        raise BadInput("There is such a file already: choose another name.") from None
    except OSError as problem:
        raise BadInput(f"The file cannot be written ({problem.strerror}).") from None
    with open(made, "w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in lines)


def _lines(session: Session, words: Words) -> list[str]:
    ordinary = ordinary_words(words)
    staff = [row.name for row in session.scalars(select(Coordinator))]
    house = [words.house.get("programme", "")]
    lines = set()
    for inbound, person in inbox.marked_of_opted_in(session):
        known = know([person.name, *staff], [*house, *_labels(session, person)], ordinary)
        text = redact(inbound.body, known)
        if text:
            language = guess_language(inbound.body) or person.language
            lines.add(f"{inbound.marked_label}\t{language}\t{DIRECT}\t{text}")
    return sorted(lines)


def _labels(session: Session, person: Participant) -> list[str]:
    """Of every reminder they ever had: an old one is as much their own."""
    return [
        row.label for row in session.scalars(select(Schedule).where(Schedule.participant_id == person.id))
    ]


def ordinary_words(words: Words) -> frozenset[str]:
    """Those of the router's lists, and those that our own texts write in small letters: no names."""
    texts = [wording.body for wordings in words.wordings.values() for wording in wordings.values()]
    texts += [part for card in words.cards.values() for said in card.words.values() for part in said.parts]
    small = {word for text in texts for word in WORD.findall(text) if word[0].islower()}
    return vocabulary() | small
