"""Words of texts in 32 bits each: 22 of the hash, the flags, and the weight in steps of 3 %.

Two texts of 64 words that share none have a hash in common once in a thousand times.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Hashes
from workers.dedupe.stories.terms import DATES_FLAG, WEIGHT_BITS, Terms

CompactWords = npt.NDArray[np.uint32]
"""Words in 32 bits each; 0 is padding."""

HASH_BITS = 22
"""Bits of a hash that are kept."""

_STEPS = np.array([0, *(round(int(WEIGHT_BITS) / 2 ** (step / 21)) for step in reversed(range(127)))])
"""The weights that there are: 21 in each octave, from 64 on. Smaller ones hardly change a score."""
_CODE_BITS = np.uint32(10)
"""Bits of a weight with its flags."""
_CODE_MASK = np.uint32((1 << _CODE_BITS) - 1)
_HASH_MASK = np.uint32((1 << HASH_BITS) - 1)

_FLAGS = np.arange(8)[:, np.newaxis]
_NEAREST_STEP = ((_STEPS[1:] + _STEPS[:-1]) // 2).searchsorted(np.arange(WEIGHT_BITS + 1))
# By the weight with its flags, its code; and the other way round.
_CODES = (_FLAGS * len(_STEPS) + np.maximum(1, _NEAREST_STEP)).ravel().astype(np.uint32)
_CODES[0] = 0
_WEIGHTS = (_FLAGS * (WEIGHT_BITS + 1) + _STEPS).ravel().astype(np.uint16)


def compact(words: Terms) -> CompactWords:
    """The words in 32 bits each; those without a weight are padding."""
    codes = _CODES[words["weight"] & ~DATES_FLAG]
    compacted: CompactWords = np.where(codes, words["term"] << _CODE_BITS | codes, np.uint32(0))
    return compacted


def hashes_of(words: CompactWords) -> Hashes:
    """What is kept of the hashes."""
    hashes: Hashes = words >> _CODE_BITS
    return hashes


def shortened(hashes: Hashes) -> Hashes:
    """What would be kept of the hashes."""
    kept: Hashes = hashes & _HASH_MASK
    return kept


def weights_of(words: CompactWords) -> npt.NDArray[np.uint16]:
    """The weights with their flags; 0 for padding."""
    weights: npt.NDArray[np.uint16] = _WEIGHTS[words & _CODE_MASK]
    return weights
