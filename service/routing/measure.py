"""`python -m service.routing.measure` (`make measure`): how well texts are understood.

Reads the held-out voices, which nothing was ever trained or tuned on, prints the figures and writes
them to `docs/routing-figures.md`. For comparison, each training voice is also read by a model that
has learned from the other voices only; that part needs scikit-learn and takes about a minute
(`--quick` leaves it out and writes nothing).
"""

import math
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from service.routing.reading import (
    Reading,
    danger_score,
    decide_danger,
    decide_subject,
)
from service.routing.router import understand
from service.routing.safety import read_safety
from service.routing.training.corpus import Row, read_corpus
from service.routing.training.figures import (
    Figure,
    Read,
    Share,
    confusions,
    figures,
    got_emergency,
    got_menu,
    is_covered,
    is_right,
    on_topics,
    pick,
    share,
)

REPORT = Path(__file__).parents[2] / "docs" / "routing-figures.md"

_BARE = "stop|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt out|alto|parar|cancelar"
_FORMS: tuple[Callable[[str], str], ...] = (
    lambda word: word,
    str.upper,
    str.title,
    lambda word: f"  {word} ",
    lambda word: f"{word}.",
    lambda word: f"{word}!!!",
    lambda word: f'"{word}"',
    lambda word: f"{word} 🛑",
    lambda word: f"{word}\n",
    lambda word: word + word[-1] * 3,
    lambda word: "\u200b".join(word),
    lambda word: f"{word} please",
    lambda word: "".join(chr(ord(sign) + 0xFEE0) if sign != " " else " " for sign in word.upper()),
)

_MEMORY = """
import sys
def held(): return next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM"))
import datetime, enum, gzip, json, re, struct, tomllib, service.domain.prompt, importlib.resources
before = held()
from service.routing.router import understand
for line in sys.stdin:
    understand(line)
sys.stdout.write(str(held() - before))
"""


def read_row(row: Row) -> Read:
    return row, understand(row.text)


def keyword_share() -> Share:
    """How many ways to write the opt-out words opt out."""
    texts = [form(word) for word in _BARE.split("|") for form in _FORMS]
    return Share(sum(read_row(Row("", "stop", "en", True, text))[1].opt_out == "keyword"
                     for text in texts), len(texts))  # fmt: skip


def latency(rows: Sequence[Row]) -> tuple[float, float]:
    """Median and 95th percentile of reading one text, in milliseconds."""
    times = []
    for row in rows:
        start = time.perf_counter()
        read_row(row)
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.95)]


def memory(rows: Sequence[Row]) -> float:
    """What reading texts adds to the most that a fresh process held, in MB (Linux)."""
    done = subprocess.run(  # noqa: S603  a fixed program, run by this Python
        [sys.executable, "-c", _MEMORY],
        input="\n".join(row.text.replace("\n", " ") for row in rows),
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    return int(done.stdout) / 1024


def trade_off(rows: Sequence[Row], scores: Sequence[Mapping[str, float]]) -> list[str]:
    """What the table alone would catch, were its cut-off elsewhere."""
    dangers = [danger_score(score) for score in scores]
    calm = sorted((score for row, score in zip(rows, dangers, strict=True)
                   if row.kind in {"ordinary", "plain"}), reverse=True)  # fmt: skip

    def caught(cut: float, *kinds: str, direct: bool | None = None) -> str:
        picked = [
            score >= cut
            for row, score in zip(rows, dangers, strict=True)
            if row.kind in kinds and (direct is None or row.direct == direct)
        ]
        return f"{100 * sum(picked) / max(1, len(picked)):.0f}"

    lines = []
    for percent in (0.5, 1, 2, 5, 10, 15, 20):
        cut = calm[int(len(calm) * percent / 100)]
        lines.append(
            f"| {percent} | {caught(cut, 'hardneg')} | {caught(cut, 'ordinary')} "
            f"| {caught(cut, 'crisis', 'overdose')} | {caught(cut, 'crisis', 'overdose', direct=True)} "
            f"| {caught(cut, 'crisis', 'overdose', direct=False)} | {caught(cut, 'medical')} |"
        )
    return lines


def by_voice(reads: Sequence[Read]) -> Iterator[str]:
    voices: defaultdict[str, list[Read]] = defaultdict(list)
    for read in reads:
        voices[read[0].voice].append(read)
    for voice, heard in sorted(voices.items()):
        dangers = pick(heard, "crisis", "overdose")
        shares = (
            share(dangers, got_emergency), share(dangers, is_covered),
            share(pick(heard, "medical"), got_emergency), share(pick(heard, "hardneg"), got_emergency),
            share(pick(heard, "ordinary"), got_emergency), share(on_topics(heard), is_right),
            share(on_topics(heard), got_menu),
        )  # fmt: skip
        percents = ("–" if math.isnan(one.percent) else f"{one.percent:.0f}" for one in shares)
        yield f"| {voice} | {len(heard)} | " + " | ".join(percents) + " |"


def unseen_reads() -> tuple[list[Read], list[str]]:
    """The training voices, each read by a model that has not learned from it; and the trade-off."""
    from service.routing.training.build import unseen_scores

    rows, scores, settings = unseen_scores()
    reads = [
        (
            row,
            understand(
                row.text,
                topic_reader=lambda _, score=score: decide_subject(score, settings),
                safety_reader=lambda text, score=score: decide_danger(read_safety(text), score, settings),
            ),
        )
        for row, score in zip(rows, scores, strict=True)
    ]
    return reads, trade_off(rows, scores)


def _table(lines: Sequence[Figure]) -> list[str]:
    out = [
        "| figure | % (95 % interval) | rests on | no release below | goal | |",
        "|---|---|---|---|---|---|",
    ]
    return out + [
        f"| {line.name} | {line.value} | {line.rests_on} | {line.floor:g} | {line.goal:g} | {line.verdict} |"
        for line in lines
    ]


_TRADE_HEAD = [
    "| calm texts flagged, % | hard negatives | ordinary | crisis, overdose | direct | indirect | medical |",
    "|---|---|---|---|---|---|---|",
]
_VOICE_HEAD = [
    "| voice | texts | emergency reply | covered | medical | false alarms: hard negatives | ordinary "
    "| right topic | menu |",
    "|---|---|---|---|---|---|---|---|---|",
]  # fmt: skip


def report(*, quick: bool = False) -> str:
    """The whole report, as Markdown."""
    rows = read_corpus("heldout")
    reads = [read_row(row) for row in rows]
    keywords = keyword_share()
    median, slow = latency(rows)
    added = memory(rows)
    out = [
        "# How well texts are understood", "",
        "Made by `make measure`; [routing.md](routing.md) tells how the texts were written, what the "
        "figures cannot show, and how the router decides. Intervals are Wilson's, of macro-F1 by drawing "
        "the texts again. They hold for texts like these; real ones will differ.", "",
        "## Held-out voices, which nothing was trained or tuned on", "",
        *_table(figures(reads, keywords)),
        f"| 95th percentile a text | {slow:.2f} ms (median {median:.2f}) | {len(rows)} texts "
        f"| 50 | 2 | {'goal' if slow <= 2 else 'fit' if slow <= 50 else '**short**'} |",
        f"| memory added | {added:.0f} MB | a fresh process, {len(rows)} texts | 150 | 60 "
        f"| {'goal' if added <= 60 else 'fit' if added <= 150 else '**short**'} |", "",
        *_VOICE_HEAD, *by_voice(reads), "",
        "## The trade-off", "",
        "What the learned part alone would catch on the held-out voices, were its cut-off where so many "
        "texts that are no emergencies (on a topic, or ordinary) are flagged.", "",
        *_TRADE_HEAD, *trade_off(rows, [Reading(row.text).scores for row in rows]), "",
        "## Topics taken for others", "",
        "| wanted | given | times |", "|---|---|---|",
        *(f"| {wanted} | {given} | {count} |" for wanted, given, count in confusions(reads)), "",
    ]  # fmt: skip
    if not quick:
        unseen, trade = unseen_reads()
        out += [
            "## Training voices, each left out in turn", "",
            "Each voice is read by a model that learned from all others. These figures flatter: the "
            "cut-offs and features were chosen on them, and the word lists and the Spanish glossary were "
            "written with these voices in view, so only the model's numbers have not seen the voice.", "",
            *_table(figures(unseen, keywords)), "", *_VOICE_HEAD, *by_voice(unseen), "",
            *_TRADE_HEAD, *trade, "",
        ]  # fmt: skip
    return "\n".join(out)


def main(arguments: Sequence[str]) -> int:
    quick = "--quick" in arguments
    text = report(quick=quick)
    if not quick:
        REPORT.write_text(text, "utf-8")
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
