"""Writes the reviewer's sheet: `python -m service.guide.review > docs/guide-review.md`."""

import sys
from collections.abc import Iterator

from service.domain.segments import count_segments
from service.guide.languages import LANGUAGES
from service.guide.loader import load_words
from service.guide.placeholders import LONGEST
from service.guide.words import Card, Words

INTRODUCTION = """\
# What Handrail says: the reviewer's sheet

For a clinician to read and sign. Made from the files in `service/guide/` by
`python -m service.guide.review`; change the files, never this sheet.

- **Facts** are what the recovery guide says, in our words. **Cautions** are the only things said
  that the guide does not state, each with its source.
- The notes to the reviewer name what we left out, softened or doubt.
- The date of a card is the day its authors last held it against the guide. No clinician has signed
  it until the line below it is filled in.
- Each text is shown as it is sent, numbers included, with its length in segments (what a carrier
  bills). The first part answers a question; the others come when the person texts MORE (MAS).
- In the fixed texts, {braces} stand for the programme's own words; their segments are counted with
  the longest words allowed.
"""

SIGNED = "Signed: ____________________  Date: __________  [ ] as it is  [ ] with changes\n"


def sheet(words: Words) -> str:
    """The whole sheet as Markdown."""
    return "\n".join([INTRODUCTION, *_numbers(words), *_cards(words), *_texts(words)])


def _numbers(words: Words) -> Iterator[str]:
    yield f"## Numbers (checked {words.hotlines.checked})\n"
    yield "| placeholder | number | name | what it is | source |"
    yield "| --- | --- | --- | --- | --- |"
    for line in words.hotlines.lines.values():
        name = f"{line.label_en} / {line.label_es}"
        yield f"| `{{{line.name}}}` | {line.number} | {name} | {line.what} | {line.source} |"
    yield f"\n{SIGNED}"


def _cards(words: Words) -> Iterator[str]:
    yield "## Guidance cards\n"
    for card in words.cards.values():
        yield from _card(card, words)


def _card(card: Card, words: Words) -> Iterator[str]:
    yield f"### {card.slug}: {card.title_en} / {card.title_es}\n"
    yield f"Section of the guide: {card.source}. Version {card.version}, {card.reviewed}.\n"
    yield "Facts:\n"
    yield from (f"- {fact}" for fact in card.facts)
    if card.cautions:
        yield "\nCautions:\n"
        yield from (f"- {caution.text} ({caution.source})" for caution in card.cautions)
    if card.reviewer_note:
        yield f"\nNote to the reviewer: {card.reviewer_note}"
    yield "\n| part | segments | text |"
    yield "| --- | --- | --- |"
    for tongue in LANGUAGES:
        for part in range(len(card.words[tongue].parts)):
            text = words.guidance(card.slug, part, tongue)
            name = f"{tongue} {'first' if part == 0 else f'more {part}'}"
            yield f"| {name} | {count_segments(text.body).segments} | {text.body} |"
    yield f"\n{SIGNED}"


def _texts(words: Words) -> Iterator[str]:
    yield "## Fixed texts\n"
    yield "| text | version | segments | words | source |"
    yield "| --- | --- | --- | --- | --- |"
    for key in words.wordings["en"]:
        for tongue in LANGUAGES:
            text = words.wording(key, tongue)
            body = words.render(text.body, **{k: f"{{{k}}}" for k in LONGEST[tongue]})
            most = count_segments(words.render(text.body, **LONGEST[tongue])).segments
            yield f"| `{key}` {tongue} | {text.version} | {most} | {body} | {text.source} |"
    yield f"\n{SIGNED}"


if __name__ == "__main__":
    sys.stdout.write(sheet(load_words()))
