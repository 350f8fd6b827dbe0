"""The recogniser's network in NumPy: from the vectors of types to vectors of tokens in their context.

spaCy runs a stack of convolutions (MaxoutWindowEncoder): each adds to a token's vector the layer norm of a maxout over
the token and its two neighbours. This module computes the same in fewer, larger matrix products:

- The first layer sees types, so its products are computed once for each distinct type of a batch, and then summed.
- The others use Winograd's minimal filtering F(4,3): four neighbouring outputs take six products instead of twelve
  (Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks").
- Everything is done in blocks that stay in the processor's cache, and on whole arrays: rows are stored in four parts,
  the first of every four rows in the first part and so on, so that what is computed at once lies side by side.
- The constant term of a layer norm is left out of the vectors; what it adds to the next layers is in their bias.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workers.enrich.fast_ner.pieces import PADDING, Floats, Ints

BLOCK_ROWS = 256
"""Rows whose first layer is computed at once."""
BLOCK_FOURS = 96
"""Fours of rows whose later layers are computed at once. OpenBLAS multiplies matrices of a million steps at most (here
96 x 96 x 96) without copying them first, if the processor has AVX-512."""
POINT = 1.5
"""F(4,3) evaluates polynomials at 0, ±1, ±``POINT`` and infinity. With this point, the results are nearly as exact as
those of a plain convolution, and its powers are exact."""
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
        for each in layers:
            self._biases.append(each.bias + self.shift @ each.filters.sum(axis=0))
            self.shift = self.shift + each.shift
        self._winograd = [_at_points(each.filters, self._width) for each in layers]

    def encode(self, vectors: Floats, types: Ints, tokens: Ints) -> Floats:
        """The vector of each token in its context, less ``shift``. Documents need padding around them.

        Args:
            vectors: the vector of each type, [types, width].
            types: the type of each row.
            tokens: the row of each token.
        """
        # Four rows more before and after, which the later layers read but do not compute.
        fours = -(-len(types) // 4) + 2
        padded = np.full(4 * fours, PADDING, np.int64)
        padded[4 : 4 + len(types)] = types
        now, then = np.empty((4, fours, self._width), np.float32), np.zeros((4, fours, self._width), np.float32)
        self._first_layer(vectors, padded, now)
        for number in range(1, len(self._layers)):
            self._later_layer(number, now, then)
            now, then = then, now
        return now[tokens % 4, tokens // 4 + 1]

    def _first_layer(self, vectors: Floats, types: Ints, result: Floats) -> None:
        first = self._layers[0]
        distinct, types = np.unique(types, return_inverse=True)
        own = vectors[distinct]
        left, middle, right = (own @ filters for filters in first.filters)
        middle += self._biases[0]
        # The edges are padding. The rows are sorted as in the result.
        previous, types, following = (
            neighbours.reshape(-1, 4).T.reshape(-1) for neighbours in (np.roll(types, 1), types, np.roll(types, -1))
        )
        result = result.reshape(-1, self._width)
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
            pieces = total.reshape(size, -1, self._width).swapaxes(0, 1)
            result[block] += _normed(_maxout(pieces, best[:size]), first.scale)

    def _later_layer(self, number: int, vectors: Floats, result: Floats) -> None:
        """Compute the layer for all rows but the first four and the last four."""
        filters, bias, scale = self._winograd[number], self._biases[number], self._layers[number].scale
        pieces = filters.shape[1]
        bias = bias.reshape(pieces, 1, self._width)
        inputs = np.empty((6, 1, BLOCK_FOURS, self._width), np.float32)
        products = np.empty((6, pieces, BLOCK_FOURS, self._width), np.float32)
        spare = np.empty((pieces, BLOCK_FOURS, self._width), np.float32)
        best = np.empty((4, BLOCK_FOURS, self._width), np.float32)
        for start in range(1, vectors.shape[1] - 1, BLOCK_FOURS):
            stop = min(start + BLOCK_FOURS, vectors.shape[1] - 1)
            size = stop - start
            own = vectors[:, start:stop]
            x, m = inputs[:, :, :size], products[:, :, :size]
            _evaluate(vectors[3, start - 1 : stop - 1], own, vectors[0, start + 1 : stop + 1], x[:, 0], best[:2, :size])
            np.matmul(x, filters, out=m)
            m[1] += bias  # at the point 1, where it reaches each of the four with a factor of 1
            sums = _interpolate(m, spare[:, :size])
            normed = _normed(_maxout(sums.swapaxes(0, 1), best[:, :size]), scale)
            np.add(own, normed, out=result[:, start:stop])


def _at_points(filters: Floats, width: int) -> Floats:
    """The filters as polynomials at each of the six points; [6, pieces, in, out]."""
    left, middle, right = filters.astype(np.float64)
    square = POINT**2
    weight_of_one, weight_of_point = 2 * (1 - square), 2 * square * (square - 1)
    at_points = np.stack([
        left / square,
        (left + middle + right) / weight_of_one,
        (left - middle + right) / weight_of_one,
        (left + POINT * middle + square * right) / weight_of_point,
        (left - POINT * middle + square * right) / weight_of_point,
        right,
    ])  # fmt: skip
    by_piece = at_points.reshape(6, width, -1, width).swapaxes(1, 2)
    return np.ascontiguousarray(by_piece, np.float32)


def _evaluate(before: Floats, own: Floats, after: Floats, results: Floats, spare: Floats) -> None:
    """Write the inputs of the products for each point, from four rows, the one before and the one after them."""
    a, b, c, d = own
    at_zero, at_one, at_minus_one, at_point, at_minus_point, at_infinity = results
    even, odd = spare
    np.multiply(b, POINT**2, out=even)
    np.subtract(d, even, out=even)
    np.multiply(a, POINT**2, out=odd)
    np.subtract(c, odd, out=odd)
    np.add(even, odd, out=at_one)
    np.subtract(even, odd, out=at_minus_one)
    np.subtract(d, b, out=even)
    np.subtract(c, a, out=odd)
    np.subtract(before, b, out=at_zero)
    at_zero *= POINT**2
    at_zero += even
    odd *= POINT
    np.add(even, odd, out=at_point)
    np.subtract(even, odd, out=at_minus_point)
    odd *= POINT
    np.subtract(after, c, out=at_infinity)
    at_infinity -= odd


def _interpolate(products: Floats, spare: Floats) -> Floats:
    """The outputs for four rows, from the products at each point, which it overwrites.

    The output for row ``n`` is the sum of all products, each times its point to the power of ``n``.
    """
    at_zero, at_one, at_minus_one, at_point, at_minus_point, at_infinity = products
    np.add(at_one, at_minus_one, out=spare)
    at_one -= at_minus_one
    np.add(at_point, at_minus_point, out=at_minus_one)
    at_point -= at_minus_point
    at_zero += spare
    at_zero += at_minus_one
    at_minus_one *= POINT**2
    at_minus_one += spare
    np.multiply(at_point, POINT, out=at_minus_point)
    at_point *= POINT**3
    at_point += at_one
    at_point += at_infinity
    at_one += at_minus_point
    return products[:4]


def _maxout(pieces: Floats, best: Floats) -> Floats:
    """The largest of the pieces: ``best``, because what follows is faster on a whole array."""
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
