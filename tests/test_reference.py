"""The reference documents say what the code says: states, moves, error codes, terms; and links lead somewhere."""

import re
from pathlib import Path

import pytest

from service.domain.consent import ConsentStatus
from service.domain.gateway_errors import REACTIONS, Reaction
from service.domain.message import ALLOWED_MOVES, MessageKind, MessageStatus
from service.domain.prompt import PromptStatus, ScheduleKind

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
STATES = (DOCS / "message-states.md").read_text("utf-8")
ADRS = sorted((DOCS / "adr").glob("[0-9]*.md"))
PAPERS = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])


@pytest.mark.parametrize("status", list(MessageStatus))
def test_the_moves_of_a_status_are_drawn_and_listed(status: MessageStatus):
    drawn = set(re.findall(rf"^    {status.value} --> (\w+)$", STATES, re.MULTILINE))
    row = re.search(rf"^\| `{status.value}` \| ([^|]*) \|$", STATES, re.MULTILINE)
    assert row is not None
    assert drawn == set(re.findall(r"`(\w+)`", row[1])) == set(ALLOWED_MOVES[status])
    assert re.search(rf"^\| `{status.value}` \|[^|]+\|[^|]+\|$", STATES, re.MULTILINE)


def test_the_error_table_is_the_codes():
    told: dict[int, tuple[str, str, str]] = {}
    for codes, plain, reaction, mend in re.findall(
        r"^\| (\d[\d, ]*) \| ([^|]+) \| `(\w+)` \| ([^|]+) \|$", STATES, re.MULTILINE
    ):
        told |= {int(code): (plain, reaction, mend) for code in codes.split(",")}
    assert told == {code: (m.plain, m.reaction.value, m.mend) for code, m in REACTIONS.items()}


@pytest.mark.parametrize("reaction", list(Reaction))
def test_every_reaction_is_explained(reaction: Reaction):
    assert re.search(rf"^\| [^|]*`{reaction.value}`[^|]*\|[^|]+\|[^|]+\|$", STATES, re.MULTILINE)


@pytest.mark.parametrize("term", [*ConsentStatus, *MessageKind, *PromptStatus, *ScheduleKind])
def test_the_glossary_has_every_word_of_the_domain(term: str):
    assert f"`{term}`" in (DOCS / "glossary.md").read_text("utf-8")


@pytest.mark.parametrize("status", list(ConsentStatus))
def test_every_state_of_consent_has_its_answers(status: ConsentStatus):
    assert f"| `{status.value}` |" in (DOCS / "conversation.md").read_text("utf-8")


@pytest.mark.parametrize("paper", ADRS, ids=lambda paper: paper.stem)
def test_every_decision_has_its_parts_and_is_listed(paper: Path):
    headings = re.findall(r"^## (.+)$", paper.read_text("utf-8"), re.MULTILINE)
    assert headings == ["Status", "Context", "Decision", "Consequences"]
    assert f"({paper.name})" in (DOCS / "adr" / "README.md").read_text("utf-8")


def test_the_index_lists_every_document():
    index = (DOCS / "index.md").read_text("utf-8")
    missing = [p.name for p in DOCS.glob("*.md") if p.name != "index.md" and f"({p.name})" not in index]
    assert not missing


def test_every_dependency_has_its_reason():
    wanted = re.findall(r"^([a-z0-9-]+)", (ROOT / "requirements.in").read_text("utf-8"), re.MULTILINE)
    listed = (DOCS / "dependencies.md").read_text("utf-8").lower()
    assert wanted
    assert not [name for name in wanted if f"| {name.lower()}" not in listed]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(paper: Path):
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", paper.read_text("utf-8"))
    broken = [each for each in targets if "://" not in each and not (paper.parent / each).exists()]
    assert not broken
