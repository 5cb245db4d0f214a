"""Sealing what is personal: numbers, names and the words of texts.

Text is sealed with authenticated encryption (Fernet: AES-CBC with HMAC-SHA256) under the newest of
FIELD_KEYS and opened with any of them, so that keys can be rotated. A number is looked up by a keyed
hash; the key of that hash is random, made with the database, and stored sealed beside it
(`store/keys.py`). Whoever steals the database without FIELD_KEYS can neither read nor guess numbers.
"""

import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from service.domain.errors import ConfigurationError


class Vault:
    """Seals and opens text, and hashes numbers. `unlock` must be called before `index`."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ConfigurationError("FIELD_KEYS is empty: make a key with `flask keys generate`.")
        fernets = [Fernet(key) for key in keys]
        self._newest = fernets[0]
        self._fernet = MultiFernet(fernets)
        self._index_key: bytes | None = None

    def seal(self, text: str) -> bytes:
        # Lone surrogates cannot be encoded; a text from a phone must never be lost over one.
        return self._fernet.encrypt(text.encode("utf-8", "replace"))

    def open(self, sealed: bytes) -> str:
        try:
            return self._fernet.decrypt(sealed).decode("utf-8")
        except InvalidToken:
            raise ConfigurationError(
                "A sealed value cannot be opened: FIELD_KEYS is not the key it was sealed with. "
                "Put the earlier key back, behind the newest one."
            ) from None

    def seal_bytes(self, value: bytes) -> bytes:
        return self._fernet.encrypt(value)

    def open_bytes(self, sealed: bytes) -> bytes:
        return self._fernet.decrypt(sealed)

    def is_newest(self, sealed: bytes) -> bool:
        """True when the newest key alone opens this."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def reseal(self, sealed: bytes) -> bytes | None:
        """The same under the newest key; None when no key opens it."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            return None

    def unlock(self, index_key: bytes) -> None:
        self._index_key = index_key

    def index(self, phone_number: str) -> bytes:
        """The 32-byte keyed hash under which a number (E.164) is stored and found."""
        if self._index_key is None:
            raise ConfigurationError("The database has not been unlocked: run `flask doctor`.")
        return hmac.new(self._index_key, phone_number.encode(), hashlib.sha256).digest()

    @property
    def index_key_id(self) -> str:
        """Tells the databases' index keys apart; says nothing about the key."""
        return self.index("the journal of withdrawals").hex()[:8]
