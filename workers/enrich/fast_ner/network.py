"""The recogniser's network in NumPy: from the vectors of types to vectors of tokens in their context.

spaCy runs a stack of convolutions (MaxoutWindowEncoder): each adds to a token's vector the layer norm of a maxout over
the token and its two neighbours. This module computes the same in fewer, larger matrix products:

- The first layer sees types, so its products are computed once for each distinct type of a batch, and then summed.
- The others use Winograd's minimal filtering F(2,3): two neighbouring outputs take four products instead of six
  (Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks").
- Everything is done in blocks of rows that stay in the processor's cache.
- The constant term of a layer norm is left out of the vectors; what it adds to the next layers is in their bias.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workers.enrich.fast_ner.pieces import Floats, Ints

BLOCK_ROWS = 256
"""Rows that are computed at once; even, because outputs are computed in pairs."""
EPSILON = 1e-8
"""What thinc adds to a variance before it divides by its root."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The weights of a convolution.

    Attributes:
        filters: for the token to the left, the token itself and the one to the right; [3, in, pieces x out].
        bias: [pieces x out].
        scale: the factor of the layer norm, [out].
        shift: the constant term of the layer norm, [out].
    """

    filters: Floats
    bias: Floats
    scale: Floats
    shift: Floats


def layer(weights: Floats, bias: Floats, scale: Floats, shift: Floats) -> Layer:
    """A layer from thinc's arrays: weights [out, pieces, 3 x in], bias [out, pieces]."""
    outputs, pieces, inputs = weights.shape
    # The pieces of an output come to lie ``outputs`` columns apart, so that maxout compares whole blocks of columns.
    by_place = weights.reshape(outputs, pieces, 3, inputs // 3).transpose(2, 3, 1, 0)
    return Layer(
        filters=np.ascontiguousarray(by_place.reshape(3, inputs // 3, pieces * outputs)),
        bias=bias.T.reshape(-1).copy(),
        scale=scale.copy(),
        shift=shift.copy(),
    )


class Encoder:
    """A stack of convolutions."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._width = layers[0].filters.shape[1]
        self.shift = np.zeros(self._width, np.float32)
        """What is missing in the vectors that ``encode`` returns: the constant terms of all layer norms."""
        self._biases: list[Floats] = []
        self._winograd: list[Floats] = []
        for each in layers:
            left, middle, right = each.filters
            self._biases.append(each.bias + self.shift @ (left + middle + right))
            self._winograd.append(
                np.stack([left, (left + middle + right) / 2, (left - middle + right) / 2, right]).astype(np.float32)
            )
            self.shift = self.shift + each.shift

    def encode(self, vectors: Floats, types: Ints) -> Floats:
        """The vector of each row in its context, less ``shift``; rows at a document's edge need padding around them.

        Args:
            vectors: the vector of each type, [types, width].
            types: the type of each row.
        """
        rows = len(types)
        # A row before the first, and one or two after the last, so that every pair of rows has its neighbours.
        padded = rows + 2 + rows % 2
        now, then = np.zeros((padded, self._width), np.float32), np.zeros((padded, self._width), np.float32)
        self._first_layer(vectors, types, now[1 : rows + 1])
        for number in range(1, len(self._layers)):
            self._later_layer(number, now, then)
            now, then = then, now
        return now[1 : rows + 1]

    def _first_layer(self, vectors: Floats, types: Ints, result: Floats) -> None:
        first = self._layers[0]
        distinct, types = np.unique(types, return_inverse=True)
        own = vectors[distinct]
        left, middle, right = (own @ filters for filters in first.filters)
        middle += self._biases[0]
        previous, following = np.roll(types, 1), np.roll(types, -1)  # the edges are padding
        sums = np.empty((BLOCK_ROWS, left.shape[1]), np.float32)
        summand, best = np.empty_like(sums), np.empty((BLOCK_ROWS, self._width), np.float32)
        for start in range(0, len(types), BLOCK_ROWS):
            block = slice(start, min(start + BLOCK_ROWS, len(types)))
            size = block.stop - start
            total, part = sums[:size], summand[:size]
            # Every index is valid. With this mode, NumPy writes to ``out`` at once; by default it makes a copy first.
            np.take(middle, types[block], axis=0, out=total, mode="clip")
            total += np.take(left, previous[block], axis=0, out=part, mode="clip")
            total += np.take(right, following[block], axis=0, out=part, mode="clip")
            np.take(own, types[block], axis=0, out=result[block], mode="clip")
            result[block] += _normed(_maxout(total, best[:size]), first.scale)

    def _later_layer(self, number: int, vectors: Floats, result: Floats) -> None:
        """Compute the layer for all rows but the first and the last."""
        filters, bias, scale = self._winograd[number], self._biases[number], self._layers[number].scale
        pairs = (len(vectors) - 2) // 2
        inputs = np.empty((4, BLOCK_ROWS // 2, self._width), np.float32)
        products = np.empty((4, BLOCK_ROWS // 2, filters.shape[2]), np.float32)
        best = np.empty((2, BLOCK_ROWS // 2, self._width), np.float32)
        for start in range(0, pairs, BLOCK_ROWS // 2):
            size = min(BLOCK_ROWS // 2, pairs - start)
            # The rows of the pair are b and c; a and d are their other neighbours.
            rows = vectors[2 * start : 2 * (start + size) + 2]
            a, b, c, d = rows[0:-2:2], rows[1:-1:2], rows[2::2], rows[3::2]
            x, m = inputs[:, :size], products[:, :size]
            np.subtract(a, c, out=x[0])
            np.add(b, c, out=x[1])
            np.subtract(c, b, out=x[2])
            np.subtract(b, d, out=x[3])
            np.matmul(x, filters, out=m)
            m[1] += bias
            m[0] += m[1]
            m[0] += m[2]
            m[1] -= m[2]
            m[1] -= m[3]
            normed = _normed(_maxout(m[:2], best[:, :size]), scale)
            own = result[2 * start + 1 : 2 * (start + size) + 1]
            np.add(b, normed[0], out=own[0::2])
            np.add(c, normed[1], out=own[1::2])


def _maxout(values: Floats, best: Floats) -> Floats:
    """The largest of the pieces, which lie side by side: ``best``, because what follows is faster on a whole array."""
    width = best.shape[-1]
    pieces = [values[..., start : start + width] for start in range(0, values.shape[-1], width)]
    np.maximum(pieces[0], pieces[-1], out=best)
    for piece in pieces[1:-1]:
        np.maximum(best, piece, out=best)
    return best


def _normed(values: Floats, scale: Floats) -> Floats:
    """The layer norm of the values, without its constant term. Overwrites them."""
    width = np.float32(values.shape[-1])
    values -= (np.einsum("...i->...", values) / width)[..., None]  # faster than ``mean`` on short rows
    variance = np.vecdot(values, values) / width
    values *= (1 / np.sqrt(variance + np.float32(EPSILON)))[..., None]
    values *= scale
    return values
