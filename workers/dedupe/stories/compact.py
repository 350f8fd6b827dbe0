"""Words of texts in 32 bits each: 22 of the hash, the flags, and the weight in steps of 3 %.

Two texts of 64 words that share none have a hash in common once in a thousand times.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Hashes
from workers.dedupe.stories.terms import LEAD_FLAG, NAME_FLAG, NUMBER_FLAG, WEIGHT_BITS, Terms

CompactWords = npt.NDArray[np.uint32]
"""Words in 32 bits each; 0 is padding."""

HASH_BITS = 22
"""Bits of a hash that are kept."""

_STEPS = np.array([0, *(round(int(WEIGHT_BITS) / 2 ** (step / 21)) for step in reversed(range(127)))])
"""The weights that there are: 21 in each octave, from 64 on. Smaller ones hardly change a score."""
_STEP_BITS, _CODE_BITS = np.uint16(7), np.uint32(10)
"""Bits of a step, and of a step with the flags."""
_CODE_MASK = np.uint32((1 << _CODE_BITS) - 1)
_HASH_MASK = np.uint32((1 << HASH_BITS) - 1)
_FLAGS = LEAD_FLAG | NAME_FLAG | NUMBER_FLAG
_FLAG_SHIFT = np.uint16(WEIGHT_BITS.bit_count() - _STEP_BITS)

# The number of the nearest step by weight, and the weight with its flags by code.
_NEAREST = ((_STEPS[1:] + _STEPS[:-1]) // 2).searchsorted(np.arange(WEIGHT_BITS + 1)).clip(1).astype(np.uint16)
_NEAREST[0] = 0
_WEIGHTS = (np.arange(8)[:, np.newaxis] * (WEIGHT_BITS + 1) + _STEPS).ravel().astype(np.uint16)


def compact(words: Terms) -> CompactWords:
    """The words in 32 bits each."""
    weights = words["weight"]
    codes = _NEAREST[weights & WEIGHT_BITS] | (weights & _FLAGS) >> _FLAG_SHIFT
    compacted: CompactWords = words["term"] << _CODE_BITS | codes
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
