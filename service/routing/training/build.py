"""From the corpus to the table."""

from collections.abc import Mapping, Sequence

from service.routing.training.corpus import Row, fingerprint, read_corpus
from service.routing.training.cutoffs import choose
from service.routing.training.export import pack
from service.routing.training.fit import fit, fit_without_each_voice
from service.routing.training.vectors import features_of


def unseen_scores() -> tuple[list[Row], list[Mapping[str, float]], dict[str, float]]:
    """The training texts, what a model made of each that had not learned from its voice, and the
    settings chosen on that."""
    rows = read_corpus("training")
    scores: Sequence[Mapping[str, float]] = fit_without_each_voice(rows, [features_of(row) for row in rows])
    return rows, list(scores), choose(rows, scores)


def build() -> bytes:
    """The whole table, the same bytes each time."""
    rows, _, settings = unseen_scores()
    return pack(fit(rows, [features_of(row) for row in rows]), settings, fingerprint())
