"""Finding people by their name, or by the end of their number, without opening anything.

Each word of a name, each of its beginnings, and the last four digits of the number are kept as keyed
hashes (`name_tokens`), under the same key as the numbers. Whoever writes a person's name or number need
not think of it: the tokens are written with the row, in the same flush.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    event,
    exists,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased, object_session

from service.domain.naming import beginnings_of, sought_words, words_of
from service.store.schema import NameToken, Participant
from service.store.sealing import vault_of
from service.store.vault import Vault

TOKEN_BYTES = 12
LAST_DIGITS = 4
INDEXED_AS = 1
"""Which way of making tokens a row has gone through; NULL: none yet."""


def tokens_of(vault: Vault, name: str, phone_number: str) -> set[bytes]:
    """Every token of one person. Without a number, as somebody who was erased, there is none of its end."""
    said = [f"begins:{start}" for word in words_of(name) for start in beginnings_of(word)]
    said += [f"word:{word}" for word in sought_words(name)]
    if phone_number:
        said.append(f"ends:{phone_number[-LAST_DIGITS:]}")
    return {_token(vault, words) for words in said}


def by_words(session: Session, words: Sequence[str], *, is_whole: bool, after_id: int | None) -> Select[Any]:
    """Who has all of these words in the name (`is_whole`), or only words that begin so; newest first.

    The two are apart, so that the better matches come first and each is read in the order of its index.
    `after_id` is the last person of the page before.
    """
    vault = vault_of(session)
    rarest = max(words, key=len)
    kind = "word" if is_whole else "begins"
    query, found = _with_token(_token(vault, f"{kind}:{rarest}"), after_id)
    for word in words:
        if word != rarest:
            query = query.where(_has(found, _token(vault, f"{kind}:{word}")))
    if not is_whole:
        whole = [_has(found, _token(vault, f"word:{word}")) for word in words]
        all_of_them = whole[0]
        for one in whole[1:]:
            all_of_them &= one
        query = query.where(~all_of_them)
    return query


def by_last_digits(session: Session, digits: str, *, after_id: int | None) -> Select[Any]:
    """Whose number ends so, newest first."""
    query, _ = _with_token(_token(vault_of(session), f"ends:{digits}"), after_id)
    return query


def without_tokens(session: Session, limit: int) -> Sequence[int]:
    """People who were there before the index was; ids, in order."""
    return session.scalars(
        select(Participant.id).where(Participant.indexed_as.is_(None)).order_by(Participant.id).limit(limit)
    ).all()


def make_tokens(session: Session, ids: Collection[int]) -> None:
    """Index people anew, as they are now. Holds their rows until the transaction ends."""
    found = session.scalars(
        select(Participant)
        .where(Participant.id.in_(ids))
        .order_by(Participant.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    tokens = {person.id: tokens_of(vault_of(session), person.name, person.phone) for person in found}
    _put(session.connection(), tokens)
    session.execute(
        update(Participant)
        .where(Participant.id.in_(tokens))
        .values(indexed_as=INDEXED_AS)
        .execution_options(synchronize_session=False)
    )


def forget_tokens(session: Session) -> None:
    """Have everybody indexed anew, for an index that is not to be trusted."""
    session.execute(update(Participant).values(indexed_as=None).execution_options(synchronize_session=False))


def _token(vault: Vault, words: str) -> bytes:
    return vault.index(words)[:TOKEN_BYTES]


def _with_token(token: bytes, after_id: int | None) -> tuple[Select[Any], Any]:
    """People with a token, in the order of its index; and the column that says who."""
    one = aliased(NameToken)
    query = (
        select(Participant)
        .join(one, one.participant_id == Participant.id)
        .where(one.token == token)
        .order_by(one.participant_id.desc())
    )
    if after_id is not None:
        query = query.where(one.participant_id < after_id)
    return query, one.participant_id


def _has(participant_id: Any, token: bytes) -> ColumnElement[bool]:
    other = aliased(NameToken)
    return exists().where(other.token == token, other.participant_id == participant_id)


def _put(connection: Connection, tokens: dict[int, set[bytes]]) -> None:
    connection.execute(delete(NameToken).where(NameToken.participant_id.in_(tokens)))
    rows = [{"token": one, "participant_id": id_} for id_, own in tokens.items() for one in sorted(own)]
    if rows:
        connection.execute(insert(NameToken), rows)


@event.listens_for(Participant, "before_insert")
@event.listens_for(Participant, "before_update")
def _mark(_mapper: Any, _connection: Connection, person: Participant) -> None:
    if _is_renamed(person):
        person.indexed_as = INDEXED_AS


@event.listens_for(Participant, "after_insert")
@event.listens_for(Participant, "after_update")
def _follow(_mapper: Any, connection: Connection, person: Participant) -> None:
    session = object_session(person)
    if session is not None and _is_renamed(person):
        _put(connection, {person.id: tokens_of(vault_of(session), person.name, person.phone)})


def _is_renamed(person: Participant) -> bool:
    """True when a flush is about to write, or has just written, another name or number."""
    attributes = inspect(person).attrs
    return any(attributes[name].history.has_changes() for name in ("name_sealed", "phone_sealed"))
