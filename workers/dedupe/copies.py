"""Copies: texts that share most of their words, found by weighted containment of word shingles.

Publishers cut and frame syndicated text, so that a pair shares only a third of its shingles on average. A Jaccard
threshold misses such pairs; *containment*, the share of one text that is in the other, finds them (Broder 1997).

A few shingles of each text, the anchors, propose candidates; the samples of all its shingles decide. A shingle counts
the less, the more originals among the candidates have it: stock phrases, legal notes and templates prove little. Copies
and revisions do not count, so that a text that many publish, or that often changes, remains as telling as any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from schemas import CopyKind, Evidence
from workers.dedupe.columns import Column, RaggedColumn
from workers.dedupe.groups import groups
from workers.dedupe.keys import keys_of
from workers.dedupe.rows import RowIndex
from workers.dedupe.sketches import Overlap, Samples, Sketch, in_class, mean_run, overlap, unpack

MIN_SHARED_SAMPLES = 6
"""Shared samples below which a match proves nothing, and their least weight: as many that no other text has."""
COPY_THRESHOLD = 35
"""Percent of the smaller text, by weight, that a copy has in common with the larger one, by default."""
MARGIN_STANDARD_ERRORS = 1.0
"""Standard errors of the sample by which the estimate must exceed the threshold."""
MIN_FURTHER_CONTAINMENT = 0.3
"""Share of the smaller text that a further original has in common, beside what is in better ones already."""
MIN_NEAR_SHARE = 0.5
"""Share of *both* texts from which a copy is a near copy rather than an excerpt."""
MAX_PARTIAL_SHARE = 0.85
"""Share of either text up to which it matters where the words are that it shares."""
MAX_TEXTS_PER_ANCHOR = 64
"""Texts found per anchor, the latest first: more copies of one text add nothing."""
MAX_CANDIDATES = 64
"""Texts whose samples tell how rare a shingle is, the most alike first."""
MAX_COMPARED = 16
"""The first of these that are compared."""
FULL_WEIGHT = 1_000
"""The weight of a sample that at most one original has."""
RARITY_EXPONENT = 0.7
"""The weight falls with this power of the number of originals that have the sample."""

_MAX_ORIGINALS = max(MAX_TEXTS_PER_ANCHOR, MAX_CANDIDATES)
# Integers, because sums of them are exact: a replay gives the same verdicts on any processor.
_WEIGHTS = np.array(
    [round(FULL_WEIGHT / max(1, originals) ** RARITY_EXPONENT) for originals in range(_MAX_ORIGINALS + 1)], np.int64
)

Weights = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Match:
    """The original of a copy, by its stream offset, and the evidence.

    ``others`` are the offsets of further originals, each with a part of the text that is in none before it.
    """

    offset: int
    kind: CopyKind
    score: float
    evidence: Evidence
    others: tuple[int, ...] = ()
    words: int = 0
    """Length of the shorter text."""
    balance: float = 1.0
    """Length of the shorter text as a share of the longer one's."""
    run_words: float = math.inf
    """Mean length of the runs of words that both share."""
    own: Overlap = Overlap()
    """Where in the copy is what both share, unless that is nearly all of either."""
    theirs: Overlap = Overlap()
    """Where it is in the original."""
    shared: Samples = field(default_factory=lambda: np.empty(0, np.uint16), compare=False)
    """The samples that both share."""
    samples: int = 0
    """Samples of the shorter text, as far as the longer one would have them."""
    is_quotation: bool = False
    """Whether all that both share is what both quote, so that neither is a copy."""

    @property
    def is_partial(self) -> bool:
        """Whether either text has much that the other has not."""
        return max(self.evidence.of_copy, self.evidence.of_original) <= MAX_PARTIAL_SHARE


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a text has in common with its candidates.

    Attributes:
        weight: the weight of the text: of its samples, each by how rare it is among the candidates.
        match: the original, or None if the text is no copy.
    """

    weight: int
    match: Match | None


class Copies:
    """The texts within the window that new texts are compared with, by stream offset.

    ``threshold`` is the percentage of the smaller text, by weight, that a copy must have in common with the larger one.
    """

    def __init__(self, threshold: int = COPY_THRESHOLD) -> None:
        self._min_containment = threshold / 100
        self._ratios = Column(np.uint32)
        self._weights = Column(np.uint32)
        self._originals = Column(np.bool_)
        self._samples = RaggedColumn("<u2")
        self._rows = RowIndex(
            ratios=self._ratios, weights=self._weights, originals=self._originals, samples=self._samples
        )
        self.stored = self._rows.stored
        # By 16-bit hash, whether the new text has it; all False between calls.
        self._is_sample = np.zeros(1 << 16, np.bool_)

    def __len__(self) -> int:
        return len(self._rows)

    def extend(
        self, offsets: Sequence[int], contents: Sequence[str], sketches: Sequence[bytes], originals: Sequence[bool]
    ) -> None:
        """Add texts; offsets must rise, sketches are packed, and ``originals`` which are no copies or revisions."""
        parts = unpack(sketches)
        self._rows.extend(
            offsets,
            keys_of("".join(contents)),
            np.frombuffer(b"".join(parts.anchors), "<u4"),
            parts.anchor_counts,
            ratios=parts.ratios,
            weights=parts.weights,
            originals=originals,
            samples=parts.samples,
        )

    def settle(self) -> None:
        """Do what the next comparison would do first, which takes a while after many texts."""
        self._rows.settle()

    def discard(self, offset: int) -> None:
        """Remove the text at an offset, which must be in the index."""
        self._rows.discard(offset)

    def prefetch(self, sketches: Sequence[Sketch]) -> None:
        """Search for several sketches at once, before each is compared."""
        self._rows.prefetch(np.concatenate([sketch.anchors for sketch in sketches]))

    def compare(self, content: str, sketch: Sketch) -> Comparison:
        """What a text has in common with the others.

        Its original is the latest text with the same words, otherwise the one that most of it is in.
        """
        identical = self._rows.latest(int(content, 16))
        if identical is not None:
            evidence = Evidence(method="content", shared=len(sketch.samples), of_copy=1.0, of_original=1.0)
            # That of the original; none is known of an entry of an earlier version.
            weight = int(self._weights.rows[identical]) or FULL_WEIGHT * len(sketch.samples)
            return Comparison(weight, Match(self._rows.slots.offset(identical), CopyKind.EXACT, 1.0, evidence))
        candidates = self._candidates(sketch)
        if not len(candidates):
            return Comparison(FULL_WEIGHT * len(sketch.samples), None)
        samples, lengths = self._samples.take(candidates)
        self._is_sample[sketch.samples] = True
        shared = self._is_sample[samples].nonzero()[0]
        self._is_sample[sketch.samples] = False
        found = sketch.samples.searchsorted(samples[shared])
        of_candidate = lengths.cumsum().searchsorted(shared, side="right")
        counted = found[self._originals.rows[candidates][of_candidate]]
        weights = _WEIGHTS[np.bincount(counted, minlength=len(sketch.samples))]
        weight = int(weights.sum())
        compared = candidates[:MAX_COMPARED]
        near = of_candidate < MAX_COMPARED
        in_common = _Shared(sketch, weights, found[near], of_candidate[near], len(compared))
        return Comparison(weight, self._best(in_common, compared, lengths[:MAX_COMPARED]))

    def find(self, content: str, sketch: Sketch) -> Match | None:
        """The original of a text, or None if the text is no copy."""
        return self.compare(content, sketch).match

    def _candidates(self, sketch: Sketch) -> npt.NDArray[np.intp]:
        """The slots of the texts that have the most and rarest anchors in common, the most alike first."""
        hits, slots = self._rows.find(sketch.anchors, MAX_TEXTS_PER_ANCHOR)
        if not len(slots):
            return np.empty(0, np.intp)
        originals = self._originals.rows[slots]
        rarity = _WEIGHTS[np.bincount(hits[originals], minlength=len(sketch.anchors))]
        order, starts = groups(slots)
        candidates = slots[order[starts]].astype(np.intp)
        shared = np.add.reduceat(rarity[hits[order]], starts)
        # A short text cannot share more than it has.
        sizes = self._samples.lengths(candidates) * self._ratios.rows[candidates]
        smaller = np.maximum(1, np.minimum(sizes, len(sketch.samples) * sketch.ratio))
        order = np.lexsort((candidates, -shared / smaller))[:MAX_CANDIDATES]
        return candidates[order].astype(np.intp)

    def _best(self, shared: _Shared, slots: npt.NDArray[np.intp], lengths: npt.NDArray[np.int64]) -> Match | None:
        """The best original among the slots, with further ones."""
        counts = shared.counts()
        if counts.max() < MIN_SHARED_SAMPLES:
            return None
        ratios = self._ratios.rows[slots].astype(np.int64)
        coarser = np.maximum(ratios, shared.sketch.ratio)
        # A text that is sampled more finely weighs as much less in the coarser class.
        own = shared.own_weights(coarser)
        weights = self._weights.rows[slots] * ratios // coarser
        smaller_weight = np.maximum(1, np.minimum(own, weights))
        size, sizes = len(shared.sketch.samples) * shared.sketch.ratio, lengths * ratios
        smaller = np.minimum(size, sizes) / coarser
        sums = shared.sums()
        containment = np.minimum(1.0, sums / smaller_weight)
        least = self._min_containment
        variance = least * (1 - least)
        margin = MARGIN_STANDARD_ERRORS * np.sqrt(variance / np.maximum(1, smaller))
        passes = (counts >= MIN_SHARED_SAMPLES) & (sums >= MIN_SHARED_SAMPLES * FULL_WEIGHT)
        passes &= containment - margin >= least
        if not passes.any():
            return None
        # The best explains most of the text; of equals it is the earliest.
        order = np.lexsort((slots, -np.where(passes, sums / np.maximum(1, own), -1.0)))[: int(passes.sum())]
        best, *rest = order.tolist()
        others = []
        shared.explain(best)
        for further in rest:
            unexplained = int(shared.sums()[further])
            if (
                unexplained >= MIN_SHARED_SAMPLES * FULL_WEIGHT
                and unexplained / smaller_weight[further] >= MIN_FURTHER_CONTAINMENT
            ):
                others.append(further)
                shared.explain(further)
        samples, ratio = shared.samples(best), int(coarser[best])
        of_copy = _share(int(sums[best]), int(own[best]))
        of_original = _share(int(sums[best]), int(weights[best]))
        own_overlap, their_overlap = Overlap(), Overlap()
        if max(of_copy, of_original) <= MAX_PARTIAL_SHARE:
            own_overlap = overlap(shared.sketch.in_order, samples, ratio)
            their_overlap = overlap(self._samples.take(slots[best : best + 1])[0], samples, ratio)
        is_part = of_copy < MIN_NEAR_SHARE <= of_original
        wholes = [other for other in others if sums[other] >= MIN_NEAR_SHARE * weights[other]]
        return Match(
            self._rows.slots.offset(int(slots[best])),
            CopyKind.ROUNDUP
            if is_part and wholes
            else CopyKind.NEAR
            if min(of_copy, of_original) >= MIN_NEAR_SHARE
            else CopyKind.EXCERPT,
            max(of_copy, of_original),
            Evidence(method="containment", shared=int(counts[best]), of_copy=of_copy, of_original=of_original),
            tuple(self._rows.slots.offset(int(slots[other])) for other in others),
            min(size, int(sizes[best])),
            min(size, int(sizes[best])) / max(size, int(sizes[best])),
            mean_run(shared.sketch, samples, ratio),
            own_overlap,
            their_overlap,
            samples,
            int(smaller[best]),
        )


class _Shared:
    """The samples that a text shares with each of some others: pairs of a sample and the number of the other text."""

    def __init__(
        self, sketch: Sketch, weights: Weights, samples: npt.NDArray[np.intp], of: npt.NDArray[np.intp], count: int
    ) -> None:
        self.sketch = sketch
        self._weights = weights
        self._unexplained = weights.copy()
        self._samples = samples
        self._of = of
        self._count = count

    def counts(self) -> npt.NDArray[np.intp]:
        """How many samples each text shares."""
        return np.bincount(self._of, minlength=self._count)

    def sums(self) -> Weights:
        """The weight of the samples that each text shares and that are not explained yet."""
        # Sums of integers below 2**53 are exact in floating point.
        return np.bincount(self._of, self._unexplained[self._samples], self._count).astype(np.int64)

    def own_weights(self, ratios: npt.NDArray[np.int64]) -> Weights:
        """The weight of the text itself in the class of each ratio."""
        weights = {
            ratio: int(self._weights[in_class(self.sketch.samples, ratio)].sum()) for ratio in set(ratios.tolist())
        }
        return np.array([weights[ratio] for ratio in ratios.tolist()], np.int64)

    def samples(self, other: int) -> Samples:
        """The samples that a text shares."""
        shared: Samples = self.sketch.samples[self._samples[self._of == other]]
        return shared

    def explain(self, other: int) -> None:
        """Let the samples that a text shares count no more."""
        self._unexplained[self._samples[self._of == other]] = 0


def _share(part: int, whole: int) -> float:
    return math.floor(min(1.0, part / max(1, whole)) * 1000 + 0.5) / 1000
