"""Which language a text is answered in: the person's own, unless the text is clearly in the other one."""

import logging
from collections import Counter

from service.domain.errors import fault_of
from service.routing.fold import fold
from service.routing.language import Language, guess_language
from service.routing.safety import NO_DANGER, Safety, SafetyLevel

log = logging.getLogger(__name__)

LOOKED_AT = 600  # characters; as much as the guess itself looks at
FEWEST_WORDS = 3  # "la casa" may be a name
FEWEST_SIGNS = 2  # different words that only one of the two languages has
TIMES_AS_MANY = 2  # as signs of the person's own language, which a mix of both keeps


def spoken_in(text: str, own: str, safety: Safety = NO_DANGER) -> str:
    """As `language_of_reply`, for where an answer is owed: a fault in guessing must not cost it."""
    try:
        return language_of_reply(text, own, is_danger=safety.level is not SafetyLevel.NONE)
    except Exception as problem:
        log.error("the language of a text could not be told", extra=fault_of(problem))
        return own


def language_of_reply(text: str, own: str, *, is_danger: bool = False) -> str:
    """ "es" or "en": the language to answer in, for a person whose own is `own`. Nothing is stored.

        language_of_reply("no puedo dormir y tengo miedo", "en")   -> "es"
        language_of_reply("hola", "en"), ("Maria de la Luz", "en") -> "en"

    Where somebody may be in danger, two words are enough to leave English: what they must read now should be
    in the language they are thinking in. Leaving Spanish stays as strict, since English words are in many
    texts in Spanish.
    """
    guess = guess_language(text)
    if guess is None or guess == own:
        return own
    words = fold(text[:LOOKED_AT]).split()
    signs: Counter[Language | None] = Counter(guess_language(word) for word in set(words))
    foreign, known = signs[guess], signs["en" if guess == "es" else "es"]
    if is_danger and guess == "es":
        return guess if len(words) >= 2 and foreign > known else own
    if len(words) < FEWEST_WORDS or foreign < FEWEST_SIGNS or foreign < TIMES_AS_MANY * known:
        return own
    return guess
