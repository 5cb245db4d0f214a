"""Names as they are searched for."""

import pytest

from service.domain.naming import beginnings_of, sought_words, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Maya", ("maya",)),
        ("  maria  JOSÉ ", ("maria", "jose")),
        ("Anne-Marie O'Neil", ("anne", "marie", "oneil")),
        ("Ann Ann", ("ann",)),
        ("J. R.", ("j", "r")),
        ("Łukasz Müller", ("łukasz", "muller")),
        ("", ()),
        ("...", ()),
    ],
)
def test_a_name_becomes_its_words(name: str, words: tuple[str, ...]):
    assert words_of(name) == words


def test_a_word_begins_with_two_to_twelve_letters():
    assert list(beginnings_of("maya")) == ["ma", "may", "maya"]
    assert list(beginnings_of("j")) == []
    assert max(map(len, beginnings_of("a" * 40))) == 12


def test_what_is_sought_is_cut_like_what_is_kept():
    assert sought_words("J Christopherson") == ("christophers",)
