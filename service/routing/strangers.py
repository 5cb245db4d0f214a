"""What people write who do not know us."""

import re

from service.routing.fold import fold

_ASKS = re.compile(
    r"\b(who|whos|whose|whats|what)\b.{0,12}\b(this|dis|u|you|ya|number|texting)\b|\bwho\b$|"
    r"\bhow did (you|u) get\b|\b(quien|quienes) (es|eres|habla|sos|son)\b|\bde parte de quien\b"
)
_DENIES = re.compile(r"\b(wrong|not my|isnt my|no longer|equivocado|equivocada)\b")


def asks_who(text: str) -> bool:
    """True for a question ("who is this?"), False for a statement ("you have the wrong number").

    Only meant for texts that were read as wrong-number: a question is answered neutrally, a statement
    ends all texts.
    """
    folded = fold(text)
    return bool(_ASKS.search(folded)) and not _DENIES.search(folded)
