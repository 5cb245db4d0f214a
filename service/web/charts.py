"""Small pictures of numbers, drawn on the server. The table under each says the same to who cannot see it."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, TOP, BOTTOM, LEFT = 320.0, 112.0, 8.0, 14.0, 28.0
MOST_BAR = 22.0
MOST_FEET = 4


@dataclass(frozen=True)
class Series:
    """One number for each place along the picture; None where there is none to show."""

    name: str
    numbers: Sequence[float | None]


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    tone: int


@dataclass(frozen=True)
class Dot:
    x: float
    y: float


@dataclass(frozen=True)
class Chart:
    """`lines` are points of polylines, broken where a number is missing; `scale` are (y, words).

    `feet` are all labels when they are few, each below its bar, and else the first and the last.
    """

    title: str
    words: str
    names: Sequence[str]
    feet: Sequence[str]
    has_each: bool = False
    bars: Sequence[Bar] = ()
    lines: Sequence[str] = ()
    dots: Sequence[Dot] = ()
    scale: Sequence[tuple[float, str]] = ()
    floor: float = HEIGHT - BOTTOM
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT


def bars(title: str, labels: Sequence[str], series: Sequence[Series], highest: float | None = None) -> Chart:
    """Bars side by side for each label. `highest` is the top of the scale, else what is needed."""
    top = highest or _round_up(max((n or 0 for each in series for n in each.numbers), default=0))
    step = (WIDTH - LEFT) / max(len(labels), 1)
    width = min(step * 0.8 / len(series), MOST_BAR)
    drawn = []
    for tone, each in enumerate(series):
        for place, number in enumerate(each.numbers):
            if number:
                height = number / top * _ROOM
                x = LEFT + step * (place + 0.5) + width * (tone - len(series) / 2)
                y = HEIGHT - BOTTOM - height
                drawn.append(Bar(round(x, 1), round(y, 1), round(width, 1), round(height, 1), tone))
    return Chart(
        title, _in_words(labels, series), [each.name for each in series], _feet(labels),
        has_each=len(labels) <= MOST_FEET, bars=drawn,
        scale=[(_y(top, 0, top), f"{top:,g}"), (_y(0, 0, top), "0")],
    )  # fmt: skip


def line(title: str, labels: Sequence[str], series: Series, lowest: float, highest: float) -> Chart:
    """A line with a dot for each number, on a fixed scale; it breaks where numbers are missing."""
    step = (WIDTH - LEFT - 8) / max(len(labels) - 1, 1)
    runs: list[list[Dot]] = [[]]
    for place, number in enumerate(series.numbers):
        if number is None:
            runs.append([])
        else:
            x = LEFT + 4 + step * place if len(labels) > 1 else (LEFT + WIDTH) / 2
            runs[-1].append(Dot(round(x, 1), _y(number, lowest, highest)))
    return Chart(
        title, _in_words(labels, [series]), [series.name], _feet(labels),
        lines=[" ".join(f"{dot.x},{dot.y}" for dot in run) for run in runs if len(run) > 1],
        dots=[dot for run in runs for dot in run],
        scale=[(_y(end, lowest, highest), f"{end:g}") for end in (highest, lowest)],
    )  # fmt: skip


_ROOM = HEIGHT - TOP - BOTTOM


def _y(number: float, lowest: float, highest: float) -> float:
    return round(HEIGHT - BOTTOM - (number - lowest) / (highest - lowest) * _ROOM, 1)


def _round_up(number: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 ... that is not below."""
    size = 1.0
    while True:
        for step in (1, 2, 5):
            if step * size >= number:
                return step * size
        size *= 10


def _feet(labels: Sequence[str]) -> Sequence[str]:
    return labels if len(labels) <= MOST_FEET else (labels[0], labels[-1])


def _in_words(labels: Sequence[str], series: Sequence[Series]) -> str:
    """The gist: from where to where, the lowest and the highest."""
    said = []
    for each in series:
        known = [
            (number, label) for number, label in zip(each.numbers, labels, strict=True) if number is not None
        ]
        if known:
            (low, low_at), (high, high_at) = min(known), max(known)
            said.append(f"{each.name}: lowest {low:,.4g} ({low_at}), highest {high:,.4g} ({high_at}).")
    return " ".join(said) or "There is nothing to show yet."
