"""The recogniser's decisions, for all tokens of a batch at once.

spaCy decides token by token: a token begins an entity (B), is one (U) or is outside (O); inside an entity it continues
it (I) or ends it (L). What it sees of its own earlier decisions is only where the open entity began. So without an open
entity, a decision depends on the token alone, and all of them are computed together. All that begin an entity are then
followed together, one token at a time. Finally, those that began inside another entity are dropped.

A text can consist of tokens that all begin an entity which never ends. So they are followed together for a few tokens
only; the rest is followed alone, and only where no other entity is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from workers.enrich.fast_ner.pieces import Floats, Ints

TOKENS_TOGETHER = 16
"""Tokens after the first for which entities are followed together; hardly any has more."""
BLOCK_TOKENS = 64
"""Tokens that are looked at together for the end of a longer entity."""
_OPEN = -1
"""Instead of the last token of an entity that is not known yet."""


@dataclass(frozen=True, slots=True)
class Moves:
    """The numbers of the moves among the network's outputs, by label: begin, inside, last and unit, and outside."""

    begin: Ints
    inside: Ints
    last: Ints
    unit: Ints
    outside: int


class _Tables(NamedTuple):
    """What is known of each token: its vector, its share of the decisions, whether it is its document's last."""

    own: Floats
    seen: Floats
    is_last: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DecisionWeights:
    """The weights of the decisions, for vectors of tokens without the constant ``shift`` of the encoder.

    Attributes:
        token, first, previous: [width, pieces x hidden], for the token, the first one of the open entity, and the one
            before the token.
        no_entity, entity: bias [pieces x hidden], without and with an open entity.
        moves: [hidden, moves].
        moves_bias: [moves].
    """

    token: Floats
    first: Floats
    previous: Floats
    no_entity: Floats
    entity: Floats
    moves: Floats
    moves_bias: Floats


class Decoder:
    """Finds entities in rows of token vectors."""

    def __init__(self, weights: DecisionWeights, moves: Moves) -> None:
        self._weights = weights
        self._labels = len(moves.begin)
        # A tie goes to the lowest number, as in spaCy's argmax.
        order = np.sort(np.concatenate([moves.begin, moves.unit, [moves.outside]]))
        self._moves, self._moves_bias = np.ascontiguousarray(weights.moves[:, order]), weights.moves_bias[order]
        self._begins = _places(order, moves.begin)
        self._units = _places(order, moves.unit)
        self._outside = int(np.searchsorted(order, moves.outside))
        self._allowed_last = np.ones(len(order), np.bool_)
        self._allowed_last[self._begins >= 0] = False
        # How much better it is to end an entity of each label than to continue it.
        self._ending = (weights.moves[:, moves.last] - weights.moves[:, moves.inside]).T.copy()
        self._ending_bias = weights.moves_bias[moves.last] - weights.moves_bias[moves.inside]

    def entities(self, vectors: Floats, is_space: npt.NDArray[np.bool_], lasts: Ints) -> Iterator[tuple[int, int, int]]:
        """The entities in order: the number of the first token, that of the last one, and the number of the label.

        Args:
            vectors: the vector of each token.
            is_space: whether each token is white space.
            lasts: the last tokens of documents.
        """
        weights = self._weights
        seen = vectors @ weights.token
        scores = _maxout(seen + weights.no_entity) @ self._moves
        scores += self._moves_bias
        scores[lasts] = np.where(self._allowed_last, scores[lasts], -np.inf)
        chosen = scores.argmax(axis=1)
        chosen[is_space] = self._outside
        begun = np.flatnonzero(self._begins[chosen] >= 0)
        is_last = np.zeros(len(vectors), np.bool_)
        is_last[lasts] = True
        tables = _Tables(vectors, seen, is_last)
        ends = np.arange(len(vectors))
        ends[begun] = self._follow(tables, begun, self._begins[chosen[begun]])
        labels = np.maximum(self._begins[chosen], self._units[chosen])
        starts = np.flatnonzero(labels >= 0)
        free_from = 0
        for start, end, label in zip(starts.tolist(), ends[starts].tolist(), labels[starts].tolist(), strict=True):
            if start >= free_from:
                end = self._end_of(tables, start, label) if end == _OPEN else end
                yield start, end, label
                free_from = end + 1

    def _follow(self, tables: _Tables, begun: Ints, labels: Ints) -> Ints:
        """The last token of each entity that begins at a token with a label, or ``_OPEN`` if it is far away."""
        own, seen, is_last = tables
        weights = self._weights
        ends = np.full(len(begun), _OPEN)
        is_open, token = np.arange(len(begun)), begun + 1
        of_first = own[begun] @ weights.first + weights.entity
        for _ in range(TOKENS_TOGETHER):
            if not len(is_open):
                break
            hidden = _maxout(seen[token] + own[token - 1] @ weights.previous + of_first)
            ending = np.einsum("ij,ij->i", hidden, self._ending[labels]) + self._ending_bias[labels]
            ended = (ending > 0) | is_last[token]
            ends[is_open[ended]] = token[ended]
            goes_on = ~ended
            is_open, labels, of_first = is_open[goes_on], labels[goes_on], of_first[goes_on]
            token = token[goes_on] + 1
        return ends

    def _end_of(self, tables: _Tables, first: int, label: int) -> int:
        """The last token of an entity that ``_follow`` has left open. A document's last token ends it at the latest."""
        own, seen, is_last = tables
        weights = self._weights
        of_first = own[first] @ weights.first + weights.entity
        start = first + 1 + TOKENS_TOGETHER
        while True:
            block = slice(start, min(start + BLOCK_TOKENS, len(own)))
            previous = own[block.start - 1 : block.stop - 1] @ weights.previous
            hidden = _maxout(seen[block] + previous + of_first)
            ending = hidden @ self._ending[label] + self._ending_bias[label]
            ended = (ending > 0) | is_last[block]
            if ended.any():
                return start + int(ended.argmax())
            start += BLOCK_TOKENS


def _maxout(values: Floats) -> Floats:
    """The larger of the two halves."""
    half = values.shape[1] // 2
    return np.maximum(values[:, :half], values[:, half:])


def _places(order: Ints, moves: Ints) -> Ints:
    """For each place in the order, the number of the label whose move it is; -1 if it is none of the moves."""
    places = np.full(len(order), -1, np.int64)
    places[np.searchsorted(order, moves)] = np.arange(len(moves))
    return places
