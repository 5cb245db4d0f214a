"""Features -> rows of numbers."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from service.routing.learned import BLOCKS, RARITY_STEPS, Blocks, features
from service.routing.safety import read_safety
from service.routing.topics import topic_scores
from service.routing.training.corpus import Row

BLOCK_WEIGHTS = {"words": 1.0, "letters": 1.0, "dangers": 0.4, "topics": 0.4}
VOICES_AT_LEAST = 2  # a feature of one voice only is a habit of its author


def features_of(row: Row) -> Blocks:
    return features(row.text, read_safety(row.text), topic_scores(row.text))


class Vectors:
    """The features worth keeping, and how rare each is among the texts it was made from."""

    def __init__(self, texts: Sequence[Blocks], voices: Sequence[str]) -> None:
        self.rarity: list[dict[str, int]] = []
        self.places: list[dict[str, int]] = []
        for block in range(len(BLOCKS)):
            count: Counter[str] = Counter()
            heard: defaultdict[str, set[str]] = defaultdict(set)
            for text, voice in zip(texts, voices, strict=True):
                for name in text[block]:
                    count[name] += 1
                    heard[name].add(voice)
            kept = sorted(name for name, voiced in heard.items() if len(voiced) >= VOICES_AT_LEAST)
            rarity = {name: math.log((1 + len(texts)) / (1 + count[name])) + 1 for name in kept}
            self.rarity.append({name: round(value * RARITY_STEPS) for name, value in rarity.items()})
            self.places.append({name: place for place, name in enumerate(kept)})

    def rows(self, texts: Sequence[Blocks]) -> sparse.csr_matrix:
        """A row a text: rarity of each of its features, each block brought to its own length."""
        parts = [self._block(block, texts) for block in range(len(BLOCKS))]
        return sparse.csr_matrix(sparse.hstack(parts))

    def _block(self, block: int, texts: Sequence[Blocks]) -> sparse.csr_matrix:
        places, rarity = self.places[block], self.rarity[block]
        starts, columns, values = [0], [], []
        for text in texts:
            known = sorted(name for name in text[block] if name in places)
            length = math.sqrt(sum(rarity[name] ** 2 for name in known)) or 1.0
            columns += [places[name] for name in known]
            values += [BLOCK_WEIGHTS[BLOCKS[block]] * rarity[name] / length for name in known]
            starts.append(len(columns))
        return sparse.csr_matrix(
            (np.array(values), np.array(columns, dtype=np.int32), np.array(starts, dtype=np.int32)),
            shape=(len(texts), len(places)),
        )
