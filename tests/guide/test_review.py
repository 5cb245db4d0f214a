"""The reviewer's sheet shows what is really sent."""

from pathlib import Path

from service.guide import Words
from service.guide.review import sheet

SHEET = Path(__file__).parents[2] / "docs" / "guide-review.md"


def test_the_committed_sheet_is_current(words: Words):
    assert SHEET.read_text(encoding="utf-8") == sheet(words), (
        "Make it anew: python -m service.guide.review > docs/guide-review.md"
    )


def test_the_sheet_holds_every_card_text_and_number(words: Words):
    written = sheet(words)
    for slug in words.slugs:
        assert f"### {slug}: " in written
        assert words.guidance(slug, 0, "es").body in written
    for key in words.wordings["en"]:
        assert f"| `{key}` es |" in written
    for number in words.hotlines.numbers.values():
        assert f"| {number} |" in written
