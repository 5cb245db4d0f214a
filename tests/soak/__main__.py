"""`python -m tests.soak [--minutes N] [--seed N] [--write]`: run it, print the ledger, fail when it does not balance."""

import argparse
import os
import random
import sys
from pathlib import Path

from tests.bench.figures import machine
from tests.soak.chaos import Outcome, Plan, run

FILE = Path(__file__).parents[2] / "docs" / "soak.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("SOAK_MINUTES", "3")))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name} from this run")
    asked = parser.parse_args()
    plan = Plan(asked.minutes, asked.seed, people=min(60 + int(asked.minutes) * 20, 2_000))
    print(f"{plan.minutes:g} minutes with seed {plan.seed}", flush=True)
    outcome = run(plan, lambda words: print(words, flush=True))
    for what, count in outcome.ledger.lines:
        print(f"{count:>8}  {what}")
    for fault in outcome.ledger.faults:
        print(f"DOES NOT BALANCE: {fault}")
    if not outcome.ledger.faults:
        print("The ledger balances.")
    if asked.write:
        write(plan, outcome)
    return 1 if outcome.ledger.faults else 0


def write(plan: Plan, outcome: Outcome) -> None:
    """The document, from what this run counted."""
    ledger = outcome.ledger
    lines = [
        "# The chaos run",
        "",
        "Written by `make soak` (`SOAK_MINUTES=120 make soak` for two hours).",
        "",
        f"Machine: {machine()}.",
        f"Run: {plan.minutes:g} minutes, seed {plan.seed}; {plan.people} people, {plan.webs} web and {plan.jobs} jobs "
        "processes on one PostgreSQL, Twilio's double with its OpenAPI file as judge.",
        "",
        "People text in and opt out, staff write to them, reminders fall due; all the while processes are killed and "
        "Twilio misbehaves. Then what is still open is settled as the jobs do it, with a clock that runs ahead, and "
        "everything is counted: in the database, at the double, and by what people and staff were told.",
        "",
        "## What broke",
        "",
        "| what | times |",
        "| --- | --- |",
        *(f"| {what} | {count} |" for what, count in sorted(outcome.disturbances.items())),
        *(
            f"| Twilio: {what} | {count} |"
            for what, count in sorted(outcome.answers.items())
            if what != "taken"
        ),
        "",
        "## The ledger",
        "",
        "| what | count |",
        "| --- | --- |",
        *(f"| {what} | {count} |" for what, count in ledger.lines),
        "",
        "It balances." if not ledger.faults else "**It does not balance:** " + "; ".join(ledger.faults) + ".",
    ]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
