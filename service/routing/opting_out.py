"""Asking in one's own words to be texted no more, or to be texted again.

Only readable patterns (`lexicon/optout*.toml`) can opt anyone out; nothing learned ever does. They are of two
sorts. Most are enough by themselves. The `broad` ones are not: two words anywhere in a text, one of ending
and one of ours, count only where the learned table, too, finds nothing nearer than a wish to leave. So the
table can hold a broad pattern back, and do no more.
"""

import re
from functools import cache
from typing import Literal

from service.routing.data import load
from service.routing.fold import fold, fold_marks
from service.routing.patterns import PatternIndex, compile_pattern
from service.routing.spelling import spell, spell_known

Words = Literal["polite", "asking", "asked", "others", "new_thought", "not_new_thought", "denials",
                "reach_over", "ours_too"]  # fmt: skip


_OPT_OUT_FILES = ("optout", "optout_around", "optout_es")


@cache
def _phrases(
    name: Literal["out", "alone", "bare", "about", "limits", "not_out", "broad", "in"],
) -> PatternIndex[None]:
    files = [load(file) for file in (("optin",) if name == "in" else _OPT_OUT_FILES)]
    lists = {list_: words for file in ("lists", "optout_words", "optout_es") for list_, words in
             load(file)["lists"].items()}  # fmt: skip
    sources = [source for file in files for source in file.get(name, [])]
    return PatternIndex((compile_pattern(source, lists, spell_known), None) for source in sources)


@cache
def _set(name: Words) -> frozenset[str]:
    return frozenset(load("optout_around")[name].split())


def is_opt_out_freeform(text: str) -> bool:
    """True when the person asks in their own words not to be texted any more."""
    sentences = _sentences(text)
    if not (any(_says(words, _phrases("out")) for words in sentences)
            or _asks_alone(sentences) or _asks_in_two(sentences)):  # fmt: skip
        return False
    return not _is_excluded(text)


def hints_at_opt_out(text: str) -> bool:
    """True for a broad pattern: a sign that the person wants no more texts, and not enough by itself."""
    words = spell(fold(text.replace("#", " number "))) + " "
    return bool(_phrases("broad").find(words)) and not _is_excluded(text)


def _is_excluded(text: str) -> bool:
    return bool(_phrases("not_out").find(spell(fold(text.replace("?", " qmark "))) + " "))


def is_opt_in_freeform(text: str) -> bool:
    """True when the person asks in their own words to be texted again."""
    return any(_says(words, _phrases("in")) for words in _sentences(text))


def _asks_alone(sentences: list[list[str]]) -> bool:
    """ "hey. would you just stop. thanks": nothing else is said."""
    told = [words for words in sentences if _polite_words(words) < len(words)]
    return len(told) == 1 and _says(told[0], _phrases("alone"))


def _asks_in_two(sentences: list[list[str]]) -> bool:
    """ "yall killin me with these messages. cut it off": one says what, a neighbour that it must stop."""
    bare = [_says(words, _phrases("bare")) for words in sentences]
    if not any(bare):
        return False
    about = [_says(words, _phrases("about"), limited=False) for words in sentences]
    return any(
        stop and any(about[max(0, number - 2) : number] + about[number + 1 : number + 3])
        for number, stop in enumerate(bare)
    )


_SPACED_OUT = re.compile(r"\b(?:[a-z] ){3,}[a-z]\b")  # S T O P texting me
_SENTENCE_END = re.compile(r"[.,!?;:\n]+|\s-+\s*|--+")


def _sentences(text: str) -> list[list[str]]:
    """The words of each sentence; "im done. with the texts" is one."""
    sentences: list[list[str]] = []
    for part in _SENTENCE_END.split(fold_marks(text.replace("#", " number "))):
        words = spell(_SPACED_OUT.sub(lambda letters: letters[0].replace(" ", ""), fold(part))).split()
        if sentences and words[:1] in (["with"], ["of"]):
            sentences[-1].extend(words)
        elif words:
            sentences.append(words)
    if all(len(words) == 1 for words in sentences):
        return [[word for words in sentences for word in words]]  # stop. texting. me.
    return sentences


def _says(words: list[str], phrases: PatternIndex[None], *, limited: bool = True) -> bool:
    """True when one of the phrases is said to us in this sentence, and not only `limited`ly meant."""
    if any(_is_meant(words, place, limited) for _, _, place in phrases.find(_joined(words))):
        return True
    # Once more without the politeness in front, for phrases that must begin the sentence, and only
    # for those: "i want" and "no" are polite here and mean much to the others.
    rest = words[_polite_words(words) :]
    found = phrases.find(_joined(rest)) if len(rest) < len(words) else []
    return any(
        pattern.source.lstrip().startswith("^") and _is_meant(rest, place, limited)
        for _, pattern, place in found
    )


def _polite_words(words: list[str]) -> int:
    """How many words of politeness stand in front: "ok can you please"."""
    count = 0
    while count < len(words) and (
        words[count] in _set("polite")
        or (count and words[count] in _set("asked") and words[count - 1] in _set("asking"))
    ):
        count += 1
    return count


def _joined(words: list[str]) -> str:
    return "".join(f"{word} " for word in words)


def _is_meant(words: list[str], place: tuple[int, int], limited: bool) -> bool:
    """False when somebody else is said to do it, when it is denied, or (`limited`) only for a time."""
    joined = _joined(words)
    before = joined[: place[0]].split()
    return not (_is_of_others(before) or _is_denied(before)
                or (limited and _phrases("limits").find(joined[place[1] :])))  # fmt: skip


def _is_denied(before: list[str]) -> bool:
    for word in reversed(before):
        if word in _set("denials"):
            return True
        if word not in _set("reach_over"):
            return False
    return False


def _is_of_others(before: list[str]) -> bool:
    near = before[-5:]
    for number in range(len(near) - 1, -1, -1):
        if near[number] in _set("others"):
            between = set(near[number + 1 :])
            ours = number > 0 and near[number - 1] in _set("ours_too")
            begins_anew = between & _set("new_thought") and not between & _set("not_new_thought")
            return not (ours or begins_anew)
    return False
