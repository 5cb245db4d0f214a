"""What the service can say: texts by key, guidance cards by slug, hotline numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from service.domain.errors import NotFound
from service.guide.languages import Language, spoken
from service.guide.placeholders import FILLED_IN, fill, placeholders_in


@dataclass(frozen=True)
class Text:
    """Words ready to send. `key`, language and `version` name the exact wording, as in "en-1"."""

    body: str
    key: str
    version: str


@dataclass(frozen=True)
class Wording:
    """One fixed text as it stands in the data file, placeholders open."""

    key: str
    body: str
    version: int
    source: str = ""


@dataclass(frozen=True)
class Hotline:
    name: str
    number: str
    label_en: str
    label_es: str
    what: str
    source: str


@dataclass(frozen=True)
class Hotlines:
    checked: date
    lines: Mapping[str, Hotline]

    @property
    def numbers(self) -> dict[str, str]:
        return {name: line.number for name, line in self.lines.items()}


@dataclass(frozen=True)
class Caution:
    """A safety fact that the guide does not state, and who does."""

    text: str
    source: str


@dataclass(frozen=True)
class CardWords:
    """A card in one language: the first text, those that MORE brings, and today's next step."""

    first: str
    more: tuple[str, ...]
    next_step: str

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.first, *self.more)


@dataclass(frozen=True)
class Card:
    """What we have to say on one topic, and what it rests on."""

    slug: str
    title_en: str
    title_es: str
    source: str
    reviewed: date
    version: int
    facts: tuple[str, ...]
    cautions: tuple[Caution, ...]
    reviewer_note: str
    words: Mapping[Language, CardWords]


@dataclass(frozen=True)
class GuidanceText:
    """One part of a card, ready to send; `has_more` says that MORE brings another."""

    body: str
    slug: str
    part: int
    has_more: bool
    version: str


@dataclass(frozen=True)
class Words:
    """Everything the service can say. Made by `load_words`, which checks it all."""

    wordings: Mapping[Language, Mapping[str, Wording]]
    cards: Mapping[str, Card]
    hotlines: Hotlines
    house: Mapping[str, str] = field(default_factory=dict)

    def for_programme(self, *, programme: str, support_contact: str, staffed_hours: str) -> "Words":
        """The same words with the programme's own values known: callers need not pass them."""
        house = {
            "programme": programme,
            "support_contact": support_contact,
            "staffed_hours": staffed_hours,
        }
        return replace(self, house=house)

    def text(self, key: str, language: str = "en", **values: object) -> Text:
        """The fixed text `key`, filled in. Raises ValueError as `render` does."""
        wording = self.wording(key, language)
        version = f"{spoken(language)}-{wording.version}"
        return Text(self.render(wording.body, **values), key, version)

    def render(self, body: str, /, **values: object) -> str:
        """Fills in a text of ours or a coordinator's own wording of one.

        A value that the text does not use is let pass, because a coordinator may leave {date} out.
        Raises ValueError for a value no text can use, and for a placeholder without a value.
        """
        unknown = sorted(set(values) - FILLED_IN)
        if unknown:
            raise ValueError(f"No text uses {unknown}. Known: {sorted(FILLED_IN)}.")
        known = {**self.house, **{k: str(v) for k, v in values.items()}, **self.hotlines.numbers}
        missing = sorted(placeholders_in(body) - set(known))
        if missing:
            raise ValueError(f"No value for {missing} in the text {body[:30]!r}.")
        return fill(body, known)

    def wording(self, key: str, language: str = "en") -> Wording:
        """The fixed text `key` with its placeholders open, for an editor to show."""
        found = self.wordings[spoken(language)].get(key)
        if found is None:
            raise NotFound(f"There is no text named {key!r}.")
        return found

    def card(self, slug: str) -> Card:
        if slug not in self.cards:
            raise NotFound(f"There is no guidance on {slug!r}.")
        return self.cards[slug]

    def guidance(self, slug: str, part: int = 0, language: str = "en") -> GuidanceText:
        """One part of a card, 0 for the first, with the word that brings the next one."""
        card, tongue = self.card(slug), spoken(language)
        parts = card.words[tongue].parts
        if not 0 <= part < len(parts):
            raise NotFound(f"The guidance on {slug!r} has no part {part}.")
        has_more = part + 1 < len(parts)
        body = self.render(parts[part])
        if has_more:
            body = f"{body} {self.wording('more_tail', tongue).body}"
        return GuidanceText(body, slug, part, has_more, f"{tongue}-{card.version}")

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(self.cards)

    def hotlines_age(self, today: date) -> int:
        """Days since someone last checked the numbers."""
        return (today - self.hotlines.checked).days
