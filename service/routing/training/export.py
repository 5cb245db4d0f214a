"""Rounds and packs the numbers, so that `service.routing.learned` can read them."""

import gzip
import json
from collections.abc import Mapping

import numpy as np

from service.routing.learned import BLOCKS, FOLDER, RARITY_STEPS, TABLE, ZERO
from service.routing.training.corpus import ROUTING
from service.routing.training.fit import Fitted
from service.routing.training.vectors import BLOCK_WEIGHTS

PATH = ROUTING / FOLDER / TABLE
_MOST = 127
_DIGITS = 6  # of what is not a whole number


def pack(model: Fitted, settings: Mapping[str, float], fingerprint: str) -> bytes:
    """The table before it is zipped: a line of JSON, a line a feature, then bytes.

    For each feature a byte a label, its weight times its rarity in steps of that block and label's
    scale, and a byte for the rarity itself.
    """
    names: list[list[str]] = []
    numbers: list[bytes] = []
    scales: list[list[float]] = []
    start = 0
    for block, places in enumerate(model.vectors.places):
        kept = list(places)
        rarity = np.array([model.vectors.rarity[block][name] for name in kept], dtype=float)
        weights = model.weights[:, start : start + len(kept)] * BLOCK_WEIGHTS[BLOCKS[block]]
        start += len(kept)
        weights = weights * (rarity / RARITY_STEPS)
        scale = np.abs(weights).max(axis=1) / _MOST
        scale = np.array([float(f"{value:.{_DIGITS}g}") for value in np.maximum(scale, 1e-9)])
        whole = np.clip(np.rint(weights / scale[:, None]), -_MOST, _MOST).astype(int) + ZERO
        table = np.vstack([whole, rarity.astype(int)]).T.astype(np.uint8)
        names.append(kept)
        numbers.append(table.tobytes())
        scales.append([float(value) for value in scale])
    header = {
        "labels": list(model.labels),
        "features": [len(block) for block in names],
        "scales": scales,
        "biases": [round(float(bias), _DIGITS) for bias in model.biases],
        "settings": dict(settings),
        "fingerprint": fingerprint,
    }
    lines = [json.dumps(header, sort_keys=True), *(name for block in names for name in block)]
    return ("\n".join(lines) + "\n").encode() + b"".join(numbers)


def write(raw: bytes) -> int:
    """Writes the table's file, always the same bytes for the same table; its size."""
    packed = gzip.compress(raw, compresslevel=9, mtime=0)
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_bytes(packed)
    return len(packed)
