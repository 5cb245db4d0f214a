"""What the figures are, counted on texts and what was understood of them. No heavy library."""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from service.routing.router import Lane, Understanding
from service.routing.safety import SafetyLevel
from service.routing.topics import MENU, TOPICS
from service.routing.training.corpus import DANGERS, Row

Read = tuple[Row, Understanding]
_DRAWS = 500


@dataclass(frozen=True)
class Share:
    """`hits` of `total`, with the interval that holds the true share 95 times in 100 (Wilson)."""

    hits: int
    total: int

    @property
    def percent(self) -> float:
        return 100 * self.hits / self.total if self.total else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.total:
            return 0.0, 100.0
        z, n, p = 1.96, self.total, self.hits / self.total
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.percent:.1f} ({low:.1f} to {high:.1f})"


@dataclass(frozen=True)
class Figure:
    """A line of the table. `wanted` is said as in the goals; `at_least` tells which side is good."""

    name: str
    value: str
    percent: float
    rests_on: str
    floor: float
    goal: float
    at_least: bool = True

    @property
    def verdict(self) -> str:
        def reached(bar: float) -> bool:
            return self.percent >= bar if self.at_least else self.percent <= bar

        return "goal" if reached(self.goal) else "fit" if reached(self.floor) else "**short**"


def share(reads: Iterable[Read], is_hit: Callable[[Read], bool]) -> Share:
    hits = [is_hit(read) for read in reads]
    return Share(sum(hits), len(hits))


def got_emergency(read: Read) -> bool:
    return read[1].lane is Lane.CRISIS


def is_covered(read: Read) -> bool:
    """Emergency reply, or the soft line in front of another."""
    return got_emergency(read) or read[1].soft or read[1].safety.level is SafetyLevel.CERTAIN


def got_soft(read: Read) -> bool:
    return not got_emergency(read) and read[1].soft


def is_right(read: Read) -> bool:
    return read[0].label == read[1].label


def got_menu(read: Read) -> bool:
    return read[1].label == MENU


def is_opted_out(read: Read) -> bool:
    return read[1].opt_out is not None


def pick(reads: Sequence[Read], *kinds: str) -> list[Read]:
    return [read for read in reads if read[0].kind in kinds]


def on_topics(reads: Sequence[Read]) -> list[Read]:
    return [read for read in reads if read[0].label in TOPICS]


def macro_f1(reads: Sequence[Read]) -> float:
    """The mean over the thirty topics of F1, in percent; `reads` are of texts on topics."""
    right = Counter(row.label for row, meaning in reads if row.label == meaning.label)
    asked = Counter(row.label for row, _ in reads)
    given = Counter(meaning.label for _, meaning in reads)
    return 100 * sum(2 * right[slug] / max(1, asked[slug] + given[slug]) for slug in TOPICS) / len(TOPICS)


def drawn_interval(reads: Sequence[Read], figure: Callable[[Sequence[Read]], float]) -> tuple[float, float]:
    """Where a figure falls 95 times in 100 when the texts are drawn again (bootstrap)."""
    draw = random.Random(1)  # noqa: S311  guards nothing, and must be the same each time
    values = sorted(figure(draw.choices(reads, k=len(reads))) for _ in range(_DRAWS))
    return values[round(0.025 * _DRAWS)], values[round(0.975 * _DRAWS) - 1]


def figures(reads: Sequence[Read], keywords: Share) -> list[Figure]:
    """The whole table, but for time and memory."""
    dangers = pick(reads, "crisis", "overdose")
    plainly = [read for read in dangers if read[0].direct]
    medical, hard, ordinary = pick(reads, "medical"), pick(reads, "hardneg"), pick(reads, "ordinary")
    topics = on_topics(reads)
    answered = [read for read in topics if not got_menu(read)]
    spanish = [read for read in topics if read[0].language != "en"]
    own_words = [read for read in reads if read[0].target == "optout-freeform"]
    others = [
        read
        for read in reads
        if read[0].target not in {"optout-freeform", *DANGERS}
    ]  # fmt: skip
    low, high = drawn_interval(topics, macro_f1)
    macro = macro_f1(topics)

    def line(name: str, of: Share, floor: float, goal: float, *, at_least: bool = True) -> Figure:
        return Figure(name, str(of), of.percent, f"{of.total} texts", floor, goal, at_least)

    return [
        line("crisis and overdose: emergency reply", share(dangers, got_emergency), 85, 92),
        line("the directly worded ones", share(plainly, got_emergency), 95, 98),
        line("crisis and overdose covered, soft line counted", share(dangers, is_covered), 95, 98),
        line("medical danger: emergency reply", share(medical, got_emergency), 85, 93),
        line("false alarms on hard negatives", share(hard, got_emergency), 10, 5, at_least=False),
        line("false alarms on ordinary texts", share(ordinary, got_emergency), 1, 0.5, at_least=False),
        line("soft line on ordinary texts", share(ordinary, got_soft), 8, 5, at_least=False),
        line("right topic over all", share(topics, is_right), 70, 78),
        Figure("macro-F1 over the 30 topics", f"{macro:.1f} ({low:.1f} to {high:.1f})", macro,
               f"{len(topics)} texts, drawn again {_DRAWS} times", 72, 78),
        line("right topic when it answers", share(answered, is_right), 80, 88),
        line("wrong topic", share(topics, lambda read: not is_right(read) and not got_menu(read)),
             16, 12, at_least=False),
        line("menu", share(topics, got_menu), 20, 15, at_least=False),
        line("right topic, Spanish and mixed", share(spanish, is_right), 65, 80),
        line("opt-out keywords", keywords, 100, 100),
        line("opt-out in own words", share(own_words, is_opted_out), 90, 97),
        line("opted out by mistake", share(others, is_opted_out), 0, 0, at_least=False),
    ]  # fmt: skip


def confusions(reads: Sequence[Read], most: int = 15) -> list[tuple[str, str, int]]:
    """Wanted, given instead, how often; the most frequent first."""
    wrong = Counter(
        (row.label, meaning.label)
        for row, meaning in on_topics(reads)
        if row.label != meaning.label and meaning.label != MENU
    )
    return [(*pair, count) for pair, count in sorted(wrong.items(), key=lambda e: (-e[1], e[0]))[:most]]
