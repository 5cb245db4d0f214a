"""`python -m tests.bench [ROW ...] [--big] [--write]`: run rows of the bench, all of them without a name."""

import argparse
import time
from collections.abc import Callable

from tests.bench import dispatch, process, ticking, web
from tests.bench.dispatch import Sizes
from tests.bench.figures import FILE, Figure, show, write
from tests.bench.ground import Ground

Row = Callable[[Ground, Sizes], list[Figure]]
ROWS: dict[str, tuple[str, Row]] = {
    "dispatch": ("Due at one instant, the API answers at once", dispatch.at_one_instant),
    "peers": ("The same against other designs", dispatch.peers),
    "slow": ("Due at one instant, the API takes its time", dispatch.slow_api),
    "senders": ("Several senders", dispatch.several_senders),
    "steady": ("Steady traffic", dispatch.steady),
    "idle": ("Looking when nothing is due", ticking.nothing_due),
    "due": ("Planning and claiming what is due", ticking.some_due),
    "enter": ("Entering people", ticking.entering),
    "webhooks": ("Webhooks against a static Flask view", web.against_static),
    "burst": ("Texts that come in during a burst", web.during_a_burst),
    "memory": ("Memory", process.memory),
    "start": ("Starting", process.start),
}
BIG = Sizes(at_once=(1_000, 10_000, 100_000), slow=(1_000, 10_000), people=10_000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one of: {', '.join(ROWS)}")
    parser.add_argument("--big", action="store_true", help="the larger sizes too (an hour)")
    parser.add_argument("--repeats", type=int, default=2, help="runs of each contender (2)")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name} from this run")
    asked = parser.parse_args()
    if unknown := set(asked.rows) - ROWS.keys():
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    base = BIG if asked.big else Sizes()
    sizes = Sizes(asked.repeats, base.at_once, base.slow, base.idle_schedules, base.people)
    sections: dict[str, list[Figure]] = {}
    ground = Ground()
    started = time.monotonic()
    try:
        for name in asked.rows or ROWS:
            title, row = ROWS[name]
            sections[title] = row(ground, sizes)
            show(f"{title} [{name}, at {time.monotonic() - started:.0f} s]", sections[title])
            if asked.write:  # after each row: a run that is broken off leaves what it measured
                write(sections, f"{'all' if asked.big else 'the usual'} sizes, {asked.repeats} repeats")
    finally:
        ground.close()


if __name__ == "__main__":
    main()
