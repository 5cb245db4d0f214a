"""Reads the words from their files and refuses to start with a mistake in them."""

from collections.abc import Mapping
from pathlib import Path

from service.domain.errors import ConfigurationError
from service.domain.segments import count_segments
from service.guide.languages import LANGUAGES
from service.guide.placeholders import (
    HOTLINES,
    LONGEST,
    fill,
    has_stray_brace,
    placeholders_in,
)
from service.guide.tables import Table
from service.guide.words import (
    Card,
    CardWords,
    Caution,
    Hotline,
    Hotlines,
    Wording,
    Words,
)

HERE = Path(__file__).parent

SLUGS = (
    *("signs", "survival-mode", "rock-bottom", "consequences", "regret", "getting-started"),
    *("cold-turkey", "withdrawal", "cravings", "relapse", "meetings", "alternatives-to-12-step"),
    *("steps-alone", "therapy", "choosing-a-therapist", "coaching", "psychiatry"),
    *("withdrawal-medication", "mat", "methadone", "buprenorphine", "naltrexone"),
    *("precipitated-withdrawal", "medication-alone", "rehab", "outpatient-programs"),
    *("harm-reduction", "working-together", "what-works-best", "family"),
)
"""The topics, in the order in which people tend to meet them; routing answers with these names."""

SEGMENTS = 2
LONGER = {"joined": 3, "safety.crisis": 3, "safety.overdose": 3, "safety.medical": 3}
"""How many segments a text may take, and the few that may take more."""

HOTLINE_LENGTH = 20
SOFT_LENGTH = 90


def load_words(hotlines_file: Path | None = None, *, folder: Path = HERE) -> Words:
    """Everything the service can say, checked. Raises ConfigurationError naming file and mend."""
    hotlines = read_hotlines(hotlines_file or folder / "hotlines.toml")
    cards = read_cards(folder / "cards")
    wordings = {tongue: read_texts(folder / "texts" / f"{tongue}.toml") for tongue in LANGUAGES}
    words = Words(wordings=wordings, cards=cards, hotlines=hotlines)
    check_texts(words, folder / "texts")
    check_cards(words, folder / "cards")
    return words


def read_hotlines(path: Path) -> Hotlines:
    file = Table.read(path)
    checked = file.date("checked")
    lines = {name: _read_hotline(name, file.table(name)) for name in HOTLINES}
    file.finish()
    return Hotlines(checked, lines)


def _read_hotline(name: str, table: Table) -> Hotline:
    number = table.text("number")
    if len(number) > HOTLINE_LENGTH or not number.isascii():
        table.fail(f"number must be at most {HOTLINE_LENGTH} plain characters, as one dials it.")
    line = Hotline(
        name=name,
        number=number,
        label_en=table.text("label_en"),
        label_es=table.text("label_es"),
        what=table.text("what"),
        source=table.text("source"),
    )
    table.finish()
    return line


def read_texts(path: Path) -> dict[str, Wording]:
    wordings = {}
    for key, table in Table.read(path).leaves("body").items():
        wordings[key] = Wording(
            key, table.text("body"), table.number("version"), table.text("source", default="")
        )
        table.finish()
    return wordings


def read_cards(folder: Path) -> dict[str, Card]:
    strays = sorted({path.stem for path in folder.glob("*.toml")} - set(SLUGS))
    if strays:
        raise ConfigurationError(f"{folder}: there is no topic {strays}. Take the file out.")
    return {slug: _read_card(slug, Table.read(folder / f"{slug}.toml")) for slug in SLUGS}


def _read_card(slug: str, file: Table) -> Card:
    if file.text("slug") != slug:
        file.fail(f'slug must be the name of the file: slug = "{slug}"')
    card = Card(
        slug=slug,
        title_en=file.text("title_en"),
        title_es=file.text("title_es"),
        source=file.text("source"),
        reviewed=file.date("reviewed"),
        version=file.number("version"),
        facts=file.texts("facts"),
        cautions=tuple(_read_caution(table) for table in file.tables("cautions")),
        reviewer_note=file.text("reviewer_note", default=""),
        words={tongue: _read_card_words(file.table(tongue)) for tongue in LANGUAGES},
    )
    file.finish()
    return card


def _read_caution(table: Table) -> Caution:
    caution = Caution(table.text("text"), table.text("source"))
    table.finish()
    return caution


def _read_card_words(table: Table) -> CardWords:
    words = CardWords(table.text("first"), table.texts("more"), table.text("next_step"))
    table.finish()
    if not words.first.endswith(words.next_step):
        table.fail("first must end with the sentence in next_step. Make the two the same.")
    return words


def check_texts(words: Words, folder: Path) -> None:
    """Same texts and placeholders in both languages, known placeholders, short enough."""
    english, spanish = words.wordings["en"], words.wordings["es"]
    for language, missing in (
        ("es", sorted(set(english) - set(spanish))),
        ("en", sorted(set(spanish) - set(english))),
    ):
        if missing:
            raise ConfigurationError(f"{folder / language}.toml: {missing} is missing. Write it.")
    for key in english:
        if placeholders_in(english[key].body) != placeholders_in(spanish[key].body):
            _fail(folder, "es", key, "uses other {placeholders} than en.toml. Use the same ones.")
    for tongue in LANGUAGES:
        for key, wording in words.wordings[tongue].items():
            problem = _problem(wording.body, LONGER.get(key, SEGMENTS), words, LONGEST[tongue])
            if problem:
                _fail(folder, tongue, key, problem)
        soft = words.text("safety.soft", tongue).body
        if len(soft) > SOFT_LENGTH:
            _fail(folder, tongue, "safety.soft", f"is {len(soft)} characters, not {SOFT_LENGTH}.")


def check_cards(words: Words, folder: Path) -> None:
    """Every part, with the MORE line after it, fits two segments in both languages."""
    for slug, card in words.cards.items():
        for tongue in LANGUAGES:
            tail = " " + words.wording("more_tail", tongue).body
            parts = card.words[tongue].parts
            for number, part in enumerate(parts):
                body = part if number == len(parts) - 1 else part + tail
                problem = _problem(body, SEGMENTS, words, {})
                if problem:
                    _fail(folder, slug, f"{tongue}, part {number}", problem)


def _problem(body: str, most: int, words: Words, values: Mapping[str, str]) -> str:
    known = {**values, **words.hotlines.numbers}
    unknown = sorted(placeholders_in(body) - set(known))
    if unknown:
        return f"{unknown} is no placeholder it may use. Those are: {sorted(known)}."
    if has_stray_brace(body):
        return "a brace stands alone. Take it out: texts use braces for {placeholders} only."
    count = count_segments(fill(body, known))
    if count.segments <= most:
        return ""
    cause = f" because of {' '.join(sorted(set(count.offenders)))}" if count.offenders else ""
    return (
        f"takes {count.segments} segments at its longest ({count.units} units, "
        f"{count.encoding}{cause}); {most} are allowed. Shorten it."
    )


def _fail(folder: Path, file: str, place: str, problem: str) -> None:
    raise ConfigurationError(f"{folder / file}.toml, [{place}]: {problem}")
