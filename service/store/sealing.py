"""Short words for sealing inside a session."""

import hashlib
from typing import cast

from sqlalchemy.orm import Session

from service.store.vault import Vault


def vault_of(session: Session) -> Vault:
    return cast(Vault, session.info["vault"])


def seal(session: Session, text: str) -> bytes:
    return vault_of(session).seal(text)


def seal_optional(session: Session, text: str | None) -> bytes | None:
    """Sealed, or None for None and the empty string."""
    return vault_of(session).seal(text) if text else None


def index_of(session: Session, phone_number: str) -> bytes:
    return vault_of(session).index(phone_number)


def hash_of_sid(session: Session, gateway_sid: str) -> str:
    """What stands for a gateway's id once the person is erased: it still tells a text that comes again."""
    return vault_of(session).index("sid:" + gateway_sid).hex()


def hash_of_text(session: Session, text: str) -> bytes:
    """A keyed hash of a text, to see that the same words came again."""
    return vault_of(session).index("text:" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest())
