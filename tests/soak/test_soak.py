"""Some twenty seconds of the chaos run: the ledger balances."""

import pytest

from tests.rig.availability import cannot_run
from tests.rig.postgres import PostgresUnavailable
from tests.soak.chaos import Plan, run


@pytest.mark.postgres
def test_after_kills_and_faults_the_ledger_balances() -> None:
    said: list[str] = []
    plan = Plan(minutes=0.35, seed=20261026, people=30, talkers=4, calm_s=5.0)
    try:
        outcome = run(plan, said.append)
    except PostgresUnavailable as problem:
        cannot_run("PostgreSQL", str(problem))
    assert outcome.ledger.faults == [], "\n".join(said)
    counted = dict(outcome.ledger.lines)
    assert int(counted["texts that Twilio took"]) > 20
    assert sum(outcome.disturbances.values()) > 0
