"""Scores: the 1 to 5 of a check-in, as people write it.

A number is a score when it is said like one: alone, first in the text, "out of 5", or after words
such as "about a". A number that counts something ("3 days clean"), tells a time ("at 5 tmrw") or is
part of a longer one ("555 0123") is not.
"""

import re

from service.domain.prompt import Answer, ParsedAnswer
from service.routing.fold import fold, fold_marks

_WORDS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "uno": "1", "dos": "2",
          "tres": "3", "cuatro": "4", "cinco": "5", "fo": "4", "fore": "4", "fiv": "5",
          "thre": "3", "tree": "3"}  # fmt: skip

_N = r"([1-5])(?:\.\d)?"

# What follows a number that counts or times something.
_COUNTED = (
    r"days?|dys?|d|nights?|months?|mos?|weeks?|wks?|hours?|hrs?|h|min|mins|minutes?|years?|yrs?|yo|am|"
    r"pm|a m|p m|oclock|o clock|mg|mgs|ml|mcg|g|grams?|strips?|pills?|bags?|subs?|bars?|percs?|tabs?|"
    r"shots?|doses?|hits?|points?|times?|x|more|people|ppl|kids?|meetings?|bucks|dollars?|miles?|mi|"
    r"steps?|things?|th|st|nd|rd|percent|blocks?|questions?|other|others|guys|friends?|of my|of the|"
    r"of them|of us|of those|of these|half|halves|be|me|real|ever|many|much|u|you|late|sure|the|once|"
    r"day|last|tmrw|tomorrow|tmr|manana|or more|plus|minus|step|sponsors?|years|appointments?|"
    r"relapses|ods|overdoses|brothers?|sisters?|sons?|daughters?|cats?|dogs?|cups?|oz|beers?|drinks?|"
    r"cigs?|packs?|rooms?|beds?|jobs?|calls?|texts?|messages?|narcans?|refills?|left|dias?|semanas?|"
    r"mes|meses|horas?|anos?|veces|minutos?|pastillas?|hijos?|ninos?|de la|in the morning|morning|"
    r"noon|clock|dif|different|reasons?|problems?|lines?|hundred|thousand|k|lbs?|pounds?|ft|feet|"
    r"way|ways|bed|bedroom|word|words|second|seconds|sec|secs"
)
_NOT_COUNTED = rf"(?![\d:/%$])(?!\s*(?:{_COUNTED})\b)(?!\s*-\s*\d{{2}})(?!\s+\d)"

_ALONE = re.compile(rf"\W*{_N}\W*")
_ALONE_TWICE = re.compile(r"\W*([1-5])(?:\W+\1)+\W*")
_OF_FIVE = re.compile(
    rf"(?<![\d/:.]){_N}\s*(?:/|out of|outta|of|over|de|sobre)\s*(?:5|five|cinco)\b(?![\d:])"
)
_OF_OTHER = re.compile(r"(?<![\d/:.])\d{1,3}(?:\.\d)?\s*(?:/|out of|outta|sobre)\s*(?:10|ten|100|diez)\b")
_RANGE = re.compile(
    r"(?:^|\b(?:about|maybe|like|a|between|say|around|im|at|its|un|entre) )\W*"
    r"([1-5])\s*(?:-|or|to|and|/|o|y|a)\s*([1-5])\b(?![\d:/])"
    rf"(?!\s*(?:{_COUNTED})\b)"
)
_BELOW_NOUGHT = re.compile(r"\s*-\d+\W*")
_FIRST = re.compile(rf"\W*{_N}(?:ish)?\b{_NOT_COUNTED}")
_SAID = re.compile(
    r"(?:^|\b)(?:actually|i meant|i mean|make it|make that|change it to|not \d|"
    r"about|around|like|maybe|prob|probably|id say|i d say|i would say|say|solid|strong|"
    r"weak|hard|low|high|good|rough|lowkey|barely|score|score is|mood|mood is|rating|rate it|give it|"
    r"call it|call today|number|feeling|feelin|feel|felt|more like|at about|at like|at around|been|"
    r"bout|abt|going with|hovering around|sitting at|still at|still|only|just|probs|as|hoy|como|"
    r"estoy en|estoy como en|ando en|soy|digo|diria|diria que|quizas|numero|tal vez|mas bien|"
    r"its|it s|its been|todays|today is|today|is|was|im|i m|i am|am|ima|weeks been|week was|been)"
    rf"(?: (?:about|around|like|maybe|prob|only|just|really|a|an|un|una|at|solid|strong|weak|hard|low|"
    rf"high|good|rough|kinda|kind of|sort of|straight|definitely|def|still|more like|barely|probably))*"
    rf"\s+{_N}(?:ish)?\b{_NOT_COUNTED}"
)
_A_N = re.compile(
    r"(?:^|\b)(?:at )?(?:a|an|un)(?: (?:solid|strong|weak|hard|low|high|good|rough|bad))? "
    rf"{_N}(?:ish)?\b{_NOT_COUNTED}"
)
_ISH = re.compile(rf"(?<![\d:/.]){_N}\s?ish\b")

# Right after a leading number, these leave no doubt; other words leave a little.
_AFTER_SCORE = re.compile(
    r"\s*(?:[.,!;:(-]|$|but|pero|and|bc|because|cuz|cause|today|tonight|rn|right now|now|this|i|im|ive|"
    r"its|feeling|feel|rough|bad|good|great|ok|okay|still|lol|had|been|was|pretty|not|tired|stressed|"
    r"thanks|thank|maybe|though|tho|with|after|so|just|kinda|really|very|getting|better|worse|hoy|"
    r"estoy|me|porque|y|mala|malo|bien|ish|craving|cravings|didnt|cant|couldnt|no|yesterday|week|"
    r"going|doing|struggling|hanging|smile|thumbsup|crying|pray|heart|ugh|out|sorry|long|hard)"
)
_ASKS_TIME = re.compile(r"\b(?:meet|call|come|pick|see you|appt|appointment|ready|be there|leave|off work|"
                        r"until|till|by|before|after|since|from)\b[^.!?]{0,25}$")  # fmt: skip


def read_score(text: str) -> ParsedAnswer | None:
    """The score in `text`, or None. Its confidence says how plainly it was said."""
    marks = _digits(fold_marks(text))
    if len(marks) > 600 or _OF_OTHER.search(marks) or _BELOW_NOUGHT.match(marks):
        return None  # a letter; or a score on another scale, for the caller to ask again
    if match := _ALONE.fullmatch(marks) or _ALONE_TWICE.fullmatch(marks):
        return _score(match[1], "", 1.0)
    if match := _OF_FIVE.search(marks):
        return _score(match[1], _without(marks, match), 0.95)
    if match := _RANGE.search(marks):
        # "2 or 3": the lower one, so that a rough day is not missed.
        return _score(min(match[1], match[2]), _without(marks, match), 0.7)
    if match := _FIRST.match(marks):
        plain = _AFTER_SCORE.match(marks, match.end())
        return _score(match[1], _without(marks, match), 0.9 if plain else 0.7)
    found = [*_SAID.finditer(marks), *_A_N.finditer(marks), *_ISH.finditer(marks)]
    found = [match for match in found if not _ASKS_TIME.search(marks[: match.start(1)])]
    if not found:
        return None
    last = max(found, key=lambda match: match.start(1))  # "was a 2 but now im a 4"
    several = len({match[1] for match in found}) > 1
    short = len(marks.split()) <= 8
    return _score(last[1], _without(marks, last), 0.65 if several else 0.85 if short else 0.65)


def looks_like_bad_score(text: str) -> bool:
    """True when the text gives a number as a score, but not one of 1 to 5: "7", "0", "8/10"."""
    marks = _digits(fold_marks(text))
    if _OF_OTHER.search(marks) or _BELOW_NOUGHT.fullmatch(marks):
        return True
    number = re.fullmatch(
        r"\W*(?:(?:about|like|maybe|im|a|an|at|its|im at|im a|around) )*-?(\d{1,3})(?:\.\d+)?\W*", marks
    )
    return (number is not None and not 1 <= int(number[1]) <= 5) or fold(text) in _ZEROS


_ZEROS = frozenset(("zero", "cero", "six", "seven", "eight", "nine", "ten", "seis", "siete", "ocho",
                    "nueve", "diez"))  # fmt: skip


def _digits(marks: str) -> str:
    """Number words as digits, where they can only be a number: alone, first, or after "a"."""
    only = marks.strip(" .,!?")
    if only in _WORDS:
        return _WORDS[only]
    names = "|".join(word for word in _WORDS if word not in {"fo", "fore", "tree"})
    return re.sub(
        rf"(^|\b(?:a|an|about|like|maybe|solid|at|im|un|its|around|say|como) )({names})\b"
        r"(?! (?:of|day|time|thing|more))",
        lambda match: match[1] + _WORDS[match[2]],
        marks,
    )


def _score(digit: str, rest: str, confidence: float) -> ParsedAnswer:
    return ParsedAnswer(Answer.SCORE, score=int(digit), rest=rest, confidence=confidence)


def _without(marks: str, match: re.Match[str]) -> str:
    before, after = marks[: match.start()], marks[match.end() :]
    return f"{before} {after}".strip(" .,!;:-/").replace("  ", " ")
