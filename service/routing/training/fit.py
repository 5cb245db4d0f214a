"""The two linear models: which label, and whether it is any danger at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.svm import LinearSVC

from service.routing.learned import ANY, Blocks
from service.routing.training.corpus import DANGERS, Row
from service.routing.training.vectors import Vectors

LABELS_C = 0.4
ANY_C = 0.2
# Texts that only sound alarming, and ordinary ones, are few and teach most about false alarms.
KIND_WEIGHTS = {"hardneg": 2.0, "ordinary": 2.0, "plain": 1.0} | dict.fromkeys(DANGERS, 1.5)


@dataclass(frozen=True)
class Fitted:
    """`weights` has a row a label."""

    vectors: Vectors
    labels: tuple[str, ...]
    weights: Any
    biases: Any

    def scores(self, texts: Sequence[Blocks]) -> Any:
        return self.vectors.rows(texts) @ self.weights.T + self.biases


def fit(rows: Sequence[Row], texts: Sequence[Blocks]) -> Fitted:
    vectors = Vectors(texts, [row.voice for row in rows])
    matrix = vectors.rows(texts)
    labels = LinearSVC(C=LABELS_C, class_weight="balanced", random_state=0)
    labels.fit(matrix, [row.target for row in rows])
    anything = LinearSVC(C=ANY_C, random_state=0)
    anything.fit(
        matrix,
        [row.kind in DANGERS for row in rows],
        sample_weight=[KIND_WEIGHTS[row.kind] for row in rows],
    )
    return Fitted(
        vectors,
        (*(str(label) for label in labels.classes_), ANY),
        np.vstack([labels.coef_, anything.coef_]),
        np.concatenate([labels.intercept_, anything.intercept_]),
    )


def fit_without_each_voice(rows: Sequence[Row], texts: Sequence[Blocks]) -> list[dict[str, float]]:
    """For each text the scores of a model that has learned from all other voices only."""
    scores: list[dict[str, float]] = [{} for _ in rows]
    for voice in sorted({row.voice for row in rows}):
        known = [place for place, row in enumerate(rows) if row.voice != voice]
        new = [place for place, row in enumerate(rows) if row.voice == voice]
        model = fit([rows[place] for place in known], [texts[place] for place in known])
        for place, line in zip(new, model.scores([texts[place] for place in new]), strict=True):
            scores[place] = dict(zip(model.labels, (float(score) for score in line), strict=True))
    return scores
