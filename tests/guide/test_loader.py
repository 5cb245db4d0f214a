"""A mistake in a data file stops the service, and the error says where it is and how to mend it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.domain.errors import ConfigurationError
from service.guide import load_words
from service.guide.loader import SLUGS

Spoil = Callable[[str, str, str], None]

TABLE = "[thanks]\nversion = 1\n"
METHADONE = "cards/methadone.toml"


def test_the_files_as_they_are_load(folder: Path):
    assert load_words(folder=folder).slugs == SLUGS
    assert len(SLUGS) == len(set(SLUGS)) == 30


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("texts/en.toml", TABLE, "[thanks]\n", r"en\.toml, \[thanks\]: version is missing"),
        ("texts/en.toml", TABLE, "[thanks]\nversion = 0\n", "whole number from 1"),
        ("texts/en.toml", TABLE, "[thanks]\nversion = true\n", "whole number from 1"),
        ("texts/en.toml", TABLE, "[thanks]\nversion = 1\nbdoy = 2\n", r"'bdoy'\] is not known"),
        ("texts/en.toml", TABLE, "[thanks\n", r"en\.toml cannot be read: .*line"),
        ("texts/en.toml", TABLE, "[thank_you]\nversion = 1\n", r"es\.toml: \['thank_you'\]"),
        ("texts/es.toml", TABLE, "[gracias]\nversion = 1\n", r"es\.toml: \['thanks'\] is missing"),
        ("texts/en.toml", "{label} again, as you", "{lable} again, as you", "other {placeholders}"),
        ("texts/es.toml", "Ya es hora: {label}", "Ya", "Use the same"),
        ("texts/en.toml", "You're welcome.", "You're } welcome.", "brace stands alone"),
        ("texts/en.toml", "You're welcome.", "You're welcome." * 30, r"\[thanks\]: takes 4 segm"),
        ("texts/en.toml", "You're welcome.", "You\u2019re welcome." * 9, "UCS-2|ucs-2"),
        (
            "texts/en.toml",
            "If you're not safe",
            "If " + "you feel unsafe, " * 3,
            "safety.soft",
        ),
        ("texts/en.toml", "[safety.crisis]", 'stray = "x"\n[safety.crisis]', "outside of any tab"),
        (METHADONE, 'slug = "methadone"', 'slug = "metadone"', r'slug = "methadone"'),
        (METHADONE, "reviewed = 2026-11-23", 'reviewed = "lately"', "reviewed must be a date"),
        (METHADONE, "version = 1", "version = 1\nauthor = 'me'", r"\['author'\] is not known here"),
        (METHADONE, 'source = "Medical', 'source = ""\nold = "Medical', "source is empty"),
        (METHADONE, "title_es = ", "title = ", "title_es is missing"),
        (METHADONE, "[es]", "[fr]", "es is missing"),
        (METHADONE, "facts = [", 'facts = "one"\nold = [', "facts must be a list of texts"),
        (METHADONE, 'next_step = "Today, call', 'next_step = "Today, text', "first must end with"),
        (METHADONE, "{helpline}", "{hotline}", r"first must end with"),
        (METHADONE, "Be careful with mixing.", "{programme} here.", r"\[en, part 1\].*no placehold"),
        (METHADONE, "Be careful with mixing.", "Be careful." * 20, r"part 1\]: takes 3 segments"),
        ("hotlines.toml", "checked = 2026-11-23", "checked = 23", r"hotlines\.toml: checked must"),
        ("hotlines.toml", 'number = "988"', 'number = "9 8 8 or ask a friend"', "20 plain char"),
        ("hotlines.toml", 'number = "988"', "number = 988", r"\[crisis_line\]: number must be text"),
        ("hotlines.toml", "[helpline]", "[help_line]", "helpline is missing"),
        ("hotlines.toml", "[helpline]", "[extra]\n[helpline]", r"\['extra'\] is not known here"),
    ],
)
def test_a_spoilt_file_is_named_with_its_mend(
    spoil: Spoil, folder: Path, file: str, old: str, new: str, says: str
):
    spoil(file, old, new)
    with pytest.raises(ConfigurationError, match=says):
        load_words(folder=folder)


def test_a_missing_card_is_named(folder: Path):
    (folder / "cards" / "regret.toml").unlink()
    with pytest.raises(ConfigurationError, match=r"regret\.toml is missing"):
        load_words(folder=folder)


def test_a_card_on_no_topic_is_refused(folder: Path):
    (folder / "cards" / "gambling.toml").touch()
    with pytest.raises(ConfigurationError, match=r"no topic \['gambling'\]"):
        load_words(folder=folder)


def test_an_operators_own_hotlines_are_used(spoil: Spoil, folder: Path):
    spoil("hotlines.toml", "1-800-972-0590", "1-555-010-0199")
    words = load_words(folder / "hotlines.toml")
    assert "1-555-010-0199" in words.guidance("harm-reduction").body


def test_a_hotlines_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ConfigurationError, match=r"ours\.toml is missing"):
        load_words(tmp_path / "ours.toml")
