"""docs/monitoring.md names every figure and no other, and its rules can be read."""

import re

import pytest
import yaml

from service.workflows import catching_up, health
from tests.rig.papers import ROOT
from tests.rig.world import ANA, World

pytestmark = pytest.mark.parametrize("database_system", ["sqlite"], indirect=True)

PAPER = (ROOT / "docs" / "monitoring.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAPER, re.MULTILINE | re.DOTALL)
NAME = re.compile(r"handrail_[a-z_]+")


@pytest.fixture
def shown(world: World) -> dict[str, set[str]]:
    """The figures of a service that has begun, each with the values of its label."""
    world.text(ANA, "JOIN")
    parts = world.parts
    catching_up.catch_up(parts.database, parts.gateway, parts.words, parts.programme, world.now)
    health.beat(parts.database, "plan", world.wall.now)
    found: dict[str, set[str]] = {}
    for line in world.app.test_client().get("/metrics").text.splitlines():
        if line.startswith("handrail_"):
            name, _, label = line.rpartition(" ")[0].partition("{")
            found.setdefault(name, set()).update(re.findall(r'"(.*)"', label))
    return found


def test_every_figure_is_explained_and_none_that_is_not_there(shown: dict[str, set[str]]) -> None:
    rows = [line.split("|")[1] for line in PAPER.splitlines() if line.startswith("| `handrail_")]
    assert {name for row in rows for name in NAME.findall(row)} == set(shown)


def test_rules_have_what_prometheus_wants(shown: dict[str, set[str]]) -> None:
    (group,) = yaml.safe_load(BLOCKS[0])["groups"]
    names = [rule["alert"] for rule in group["rules"]]
    assert len(set(names)) == len(names) > 5
    for rule in group["rules"]:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"\d+[smhd]", rule.get("for", "1m"))
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_rules_name_only_what_is_shown(shown: dict[str, set[str]]) -> None:
    (group,) = yaml.safe_load(BLOCKS[0])["groups"]
    for rule in group["rules"]:
        assert NAME.findall(rule["expr"]), rule
        for name, label in re.findall(r'(handrail_[a-z_]+)(?:\{\w+="([^"]*)"\})?', rule["expr"]):
            assert name in shown, rule
            assert not label or label in shown[name], rule
            assert ("increase(" in rule["expr"]) is name.endswith("_total")


def test_the_scrape_can_be_read(shown: dict[str, set[str]]) -> None:
    (job,) = yaml.safe_load(BLOCKS[1])["scrape_configs"]
    assert job["authorization"]["credentials_file"]
