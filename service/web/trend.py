"""The trend of check-in scores as a small picture, drawn on the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from service.workflows.console import ScorePoint

WIDTH, HEIGHT, EDGE, LEFT = 320, 96, 12, 24
LOWEST, HIGHEST = 1, 5
SHOWN = 20


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    score: int
    on: date
    is_rough: bool


@dataclass(frozen=True)
class Trend:
    """A line through dots on a grid of five; `words` says the same to who cannot see it."""

    dots: Sequence[Dot]
    line: str
    rough_y: float
    scale: Sequence[tuple[int, float]]
    words: str
    width: int = WIDTH
    height: int = HEIGHT


def draw(scores: Sequence[ScorePoint], rough: int) -> Trend | None:
    """The newest scores, oldest at the left; None when there are none."""
    shown = scores[-SHOWN:]
    if not shown:
        return None
    step = (WIDTH - LEFT - EDGE) / max(len(shown) - 1, 1)
    dots = [
        Dot(
            round(LEFT + step * place if len(shown) > 1 else WIDTH / 2, 1),
            _height_of(point.score),
            point.score,
            point.at.date(),
            point.score <= rough,
        )
        for place, point in enumerate(shown)
    ]
    scale = [(score, _height_of(score) + 3.5) for score in (HIGHEST, LOWEST)]
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    return Trend(dots, line, _height_of(rough + 0.5), scale, _in_words(shown))


def _height_of(score: float) -> float:
    room = HEIGHT - 2 * EDGE
    return round(HEIGHT - EDGE - (score - LOWEST) / (HIGHEST - LOWEST) * room, 1)


def _in_words(shown: Sequence[ScorePoint]) -> str:
    scores = [point.score for point in shown]
    average = sum(scores) / len(scores)
    if len(scores) == 1:
        return f"One check-in so far: {scores[0]} of 5."
    return (
        f"Last {len(scores)} check-ins, oldest first: {', '.join(map(str, scores))}. "
        f"Average {average:.1f}, lowest {min(scores)}."
    )
