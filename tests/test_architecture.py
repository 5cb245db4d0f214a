"""The house rules hold, and each check of one can fail. The import rules are `lint-imports`'."""

import pytest

from tests.rig import source_rules as rules
from tests.rig.source_rules import ROOT, RULES, Rule, complaints, source_files

ALL = [pytest.param(rule, id=rule.__name__) for rule in RULES]

# Rule, a file it applies to, source that breaks it, and source close by that does not.
PLANTED = [
    (
        rules.transactions_stay_in_workflows,
        "service/store/outbox.py",
        [
            "with database.write() as session: pass",
            "with database.read() as session: pass",
            "with a, self._database.write() as session: pass",
            "session.commit()",
            "with session.begin(): pass",
            "with session.begin_nested(): pass",
            "session.rollback()",
        ],
        ["file.write(text)", "text = file.read()", "with file.read(3) as x: pass"],
    ),
    (
        rules.environment_is_read_in_config,
        "service/bootstrap.py",
        ["import os\nos.environ['PORT']", "import os\nos.getenv('PORT')", "from os import environ"],
        ["import os\nos.path", "from os import path", "environ = {}"],
    ),
    (
        rules.now_is_an_argument,
        "service/workflows/planning.py",
        [
            "datetime.now(UTC)",
            "import datetime\ndatetime.datetime.utcnow()",
            "date.today()",
            "time.time()",
            "from time import time",
            "mapped_column(default=datetime.now)",
            "mapped_column(server_default=func.now())",
        ],
        ["now + delay", "time.monotonic()", "clock.now()", "time.sleep(1)", "datetime.min"],
    ),
    (
        rules.nothing_is_printed,
        "jobs/scheduler.py",
        ["print('sent')"],
        ["log.info('sent')", "printer.print('x')"],
    ),
    (
        rules.every_module_says_what_it_is,
        "service/domain/phone.py",
        ["", "x = 1", "# a comment"],
        ["'''A phone number.'''"],
    ),
    (
        rules.files_can_be_read_in_one_sitting,
        "service/web/console.py",
        ["\n" * (rules.LONGEST_FILE + 1)],
        ["\n" * rules.LONGEST_FILE],
    ),
]


@pytest.mark.parametrize("rule", ALL)
def test_the_house_keeps_its_rules(rule: Rule):
    files = source_files()
    assert len(files) > 20, "the product's files were not found"
    found = [line for path, source in files.items() for line in complaints(rule, path, source)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [(rule, path, source) for rule, path, broken, _ in PLANTED for source in broken],
)
def test_a_broken_rule_is_seen(rule: Rule, path: str, source: str):
    assert complaints(rule, path, source)


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [(rule, path, source) for rule, path, _, kept in PLANTED for source in kept],
)
def test_what_only_looks_like_it_is_left_alone(rule: Rule, path: str, source: str):
    assert not complaints(rule, path, source)


def test_every_rule_has_been_seen_to_fail():
    assert {rule for rule, *_ in PLANTED} == set(RULES)


@pytest.mark.parametrize("rule", ALL)
def test_every_exception_is_still_needed(rule: Rule):
    places = [ROOT / place for place in RULES[rule]]
    assert all(place.exists() for place in places), "an exception names what is gone"


def test_our_folder_of_migrations_does_not_hide_alembic():
    assert not (ROOT / "alembic" / "__init__.py").exists(), "it would be imported as `alembic`"
