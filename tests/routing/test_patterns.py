import pytest

from service.routing.patterns import Pattern, PatternError, PatternIndex, compile_pattern
from service.routing.spelling import spell_known

LISTS = {"kin": "brother|my mom", "people": "@kin|friend"}


def _compile(source: str) -> Pattern:
    return compile_pattern(source, LISTS, spell_known)


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("want to die", "i want to die now", True),
        ("want to die", "i want to diet", False),
        ("(kill|hurt) myself", "hurt myself", True),
        ("want (it|this)? all", "want all", True),
        ("really? sad", "sad", True),
        ("suicid*", "suicidality", True),
        ("no * here", "no one here", True),
        ("no * here", "no here", False),
        ("one .. two", "one x y two", True),
        ("one .. two", "one x y z two", False),
        ("one ... two", "one 1 2 3 4 5 two", True),
        ("@people left", "my mom left", True),
        ("^stop", "please stop", False),
        ("^stop", "stop it", True),
        ("stop$", "please stop", True),
        ("stop$", "stop it", False),
        ("^(one|two)$", "two", True),
        ("^(one|two)$", "two x", False),
        ("subs & long", "how long for subs", False),  # "subs" is spelt out in texts too
        ("subs & long", "how long for suboxone", True),
        ("subs & !methadone", "suboxone or methadone", False),
        ("dont go", "do not go", True),
    ],
)
def test_language(source: str, text: str, found: bool) -> None:
    assert (_compile(source).search(text + " ") is not None) is found


@pytest.mark.parametrize(
    "source", ["", "(a|b", "a)", "(a||b)", "(|a)", "@nobody", "don't", "a?", "..", "!a", "A"]
)
def test_what_cannot_be_read_is_refused(source: str) -> None:
    with pytest.raises(PatternError):
        _compile(source)


def test_the_index_finds_what_searching_each_finds() -> None:
    sources = ["want to die", "(kill|hurt) myself", "suicid*", "one .. two", "@people left", "no * here"]
    index = PatternIndex((_compile(source), source) for source in sources)
    for text in ("i want to die", "suicidal one x two", "my mom left", "nothing", "no one here kill myself"):
        one_by_one = [source for source in sources if _compile(source).search(text + " ")]
        assert [meaning for meaning, _, _ in index.find(text + " ")] == one_by_one
