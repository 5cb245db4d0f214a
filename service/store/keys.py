"""The key of the number index: made once, kept sealed, and the proof that FIELD_KEYS is right."""

import secrets

from cryptography.fernet import InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.errors import ConfigurationError
from service.store.schema import DataKey, Participant
from service.store.sealing import vault_of

PHONE_INDEX = "phone-index"


def read_index_key(session: Session) -> bytes | None:
    """Unseal the index key; None when the database is new. Raises ConfigurationError on a wrong key."""
    row = session.get(DataKey, PHONE_INDEX)
    if row is None:
        if session.scalar(select(Participant.id).limit(1)) is not None:
            raise ConfigurationError(
                "The database holds people but not the key to find their numbers: restore the table "
                "data_keys from a backup of the same database."
            )
        return None
    try:
        return vault_of(session).open_bytes(row.key_sealed)
    except InvalidToken:
        raise ConfigurationError(
            "FIELD_KEYS does not fit this database: none of its keys opens what was sealed before. "
            "Put the key that was used back (several are allowed, newest first)."
        ) from None


def make_index_key(session: Session) -> bytes:
    key = secrets.token_bytes(32)
    session.add(DataKey(name=PHONE_INDEX, key_sealed=vault_of(session).seal_bytes(key)))
    session.flush()
    return key
