"""Turns texts into rows of token types, and remembers what spaCy's tokenizer made of each piece of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.attrs import IS_SPACE, LOWER, NORM, ORTH, PREFIX, SHAPE, SUFFIX
from spacy.tokens import Doc

from workers.enrich.fast_ner.words import PlainWords

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

PADDING = 0
"""The type of the rows between documents; its vector is zero."""
PADDING_ROWS = 4
"""Rows before, between and after documents: one for each convolution, so that no document sees another."""
MAX_PIECES = 200_000
"""Pieces that are remembered before everything is forgotten; about 60 MB."""

CONTEXT_FREE = frozenset({NORM, PREFIX, SUFFIX, SHAPE, LOWER})
"""Attributes that depend on the token alone, not on the white space after it."""

_PIECE = re.compile(r"\S+ ?|\s+")  # as spaCy's tokenizer splits a text before it looks at what is in the pieces


@dataclass(frozen=True, slots=True)
class Rows:
    """Documents laid end to end, with padding before, between and after them.

    Attributes:
        types: the type of each row.
        tokens: the row of each token, in order.
        starts: the offset of each token in its own text, in code points.
        ends: the offset after each token.
        lasts: the index of the last token of each document that has tokens.
        documents: the index of the document of each token.
    """

    types: Ints
    tokens: Ints
    starts: Ints
    ends: Ints
    lasts: Ints
    documents: Ints


class Pieces:
    """The pieces of text seen so far, as token types.

    A type is what the embedding layer sees of a token. Its vector does not depend on the context, so it is computed
    once.

    Args:
        nlp: the pipeline, for its tokenizer and vocabulary.
        embed: the embedding layer.
        attributes: the token attributes that the layer reads, as spaCy's ids.
        max_pieces: how many are remembered.
    """

    def __init__(self, nlp: Any, embed: Any, attributes: Sequence[int], max_pieces: int = MAX_PIECES) -> None:
        self._nlp = nlp
        self._embed = embed
        self._attributes = [*attributes, IS_SPACE]
        self._width = embed.get_dim("nO") if embed.has_dim("nO") else embed.layers[0].get_dim("nO")
        self._max_pieces = max_pieces
        # A new word costs mostly what spaCy finds out about it, and hardly any of that is read here.
        getters = nlp.vocab.lex_attr_getters
        nlp.vocab.lex_attr_getters = {id: getters[id] for id in getters.keys() & (CONTEXT_FREE | {IS_SPACE})}
        self._plain_words = PlainWords(nlp.tokenizer)
        self._forget()

    def _forget(self) -> None:
        self._pieces: dict[str, int] = {}
        self._types: dict[bytes, int] = {}
        # Of each piece: its length, its first token in the arrays below, and its number of tokens.
        self._lengths, self._firsts, self._counts = _Growing(np.int64), _Growing(np.int64), _Growing(np.int64)
        # Of each token of the pieces, one piece after the other.
        self._token_types, self._token_starts, self._token_ends = (
            _Growing(np.int64), _Growing(np.int64), _Growing(np.int64),
        )  # fmt: skip
        self._vectors, self._is_space = _Growing(np.float32, self._width), _Growing(np.bool_)
        self._vectors.append(np.zeros((1, self._width), np.float32))
        self._is_space.append(np.zeros(1, np.bool_))

    @property
    def vectors(self) -> Floats:
        """The vector of each type; that of ``PADDING`` is zero."""
        return self._vectors.values

    @property
    def is_space(self) -> npt.NDArray[np.bool_]:
        """Whether each type is white space."""
        return self._is_space.values

    def rows(self, texts: Sequence[str]) -> Rows:
        """The rows of the texts."""
        split = [_PIECE.findall(text) for text in texts]
        self._learn(set(chain.from_iterable(split)))
        numbers = np.fromiter(map(self._pieces.__getitem__, chain.from_iterable(split)), np.int64)
        lengths, counts = self._lengths.values[numbers], self._counts.values[numbers]
        # The offset of each piece in all the texts together, then of each token in its own text.
        offsets = np.cumsum(lengths) - lengths
        of_piece = np.repeat(np.arange(len(numbers)), counts)
        place = np.arange(len(of_piece)) - np.repeat(np.cumsum(counts) - counts, counts)
        flat = self._firsts.values[numbers][of_piece] + place
        documents = np.repeat(np.arange(len(texts)), [len(pieces) for pieces in split])[of_piece]
        text_starts = np.cumsum([0] + [len(text) for text in texts])[:-1]
        base = offsets[of_piece] - text_starts[documents]
        # A document without tokens has no rows, so documents are counted by those that have some.
        begins = np.flatnonzero(np.diff(documents, prepend=-1))
        before = np.zeros(len(documents), np.int64)
        before[begins] = PADDING_ROWS
        tokens = np.arange(len(documents)) + np.cumsum(before)
        types = np.full(len(tokens) + (len(begins) + 1) * PADDING_ROWS, PADDING, np.int64)
        types[tokens] = self._token_types.values[flat]
        lasts = np.append(begins[1:], len(tokens)) - 1 if len(tokens) else tokens
        return Rows(
            types,
            tokens,
            base + self._token_starts.values[flat],
            base + self._token_ends.values[flat],
            lasts,
            documents,
        )

    def _learn(self, pieces: set[str]) -> None:
        """Read the pieces that are new, with spaCy's tokenizer where it takes one."""
        if len(self._pieces) + len(pieces) > self._max_pieces:
            self._forget()
        new = sorted(pieces.difference(self._pieces))
        plain: dict[str, list[str]] = {}
        others, spaces = [], []
        for piece in new:
            if piece.isspace():
                spaces.append(piece)
            elif tokens := self._plain_words.split(piece.removesuffix(" ")):
                plain[piece] = tokens
            else:
                others.append(piece)
        # The zone frees what is added to the vocabulary.
        with self._nlp.memory_zone():
            if plain:
                words = list(chain.from_iterable(plain.values()))
                blanks = [i == len(tokens) for tokens in plain.values() for i in range(1, len(tokens) + 1)]
                self._add([*plain], Doc(self._nlp.vocab, words, blanks))
            if others:
                self._add(others, self._nlp.tokenizer(" ".join(piece.removesuffix(" ") for piece in others)))
            for piece in spaces:
                self._add([piece], self._nlp.tokenizer(piece))

    def _add(self, pieces: Sequence[str], doc: Doc) -> None:
        """Add the pieces, given as the tokens of one text in which blanks stand between them."""
        lengths = np.array([len(piece) for piece in pieces])
        stripped = np.array([len(piece) if piece.isspace() else len(piece.removesuffix(" ")) for piece in pieces])
        begins = np.cumsum(stripped + 1) - stripped - 1
        starts = np.array([token.idx for token in doc])
        ends = starts + np.array([len(token) for token in doc])
        of_piece = np.searchsorted(begins, starts, side="right") - 1
        counts = np.bincount(of_piece, minlength=len(pieces))
        for number, piece in enumerate(pieces, start=len(self._pieces)):
            self._pieces[piece] = number
        self._lengths.append(lengths)
        self._firsts.append(len(self._token_types.values) + np.cumsum(counts) - counts)
        self._counts.append(counts)
        self._token_starts.append(starts - begins[of_piece])
        self._token_ends.append(ends - begins[of_piece])
        self._token_types.append(self._types_of(doc))

    def _types_of(self, doc: Any) -> Ints:
        """The type of each token. Computes the vectors of new types."""
        seen = doc.to_array(self._attributes).reshape(len(doc), len(self._attributes))
        keys = [row.tobytes() for row in seen]
        new = {key: place for place, key in reversed(list(enumerate(keys))) if key not in self._types}
        if new:
            places = sorted(new.values())
            for number, place in enumerate(places, start=len(self._vectors.values)):
                self._types[keys[place]] = number
            self._vectors.append(self._embed.predict([_Tokens(doc, places)])[0])
            self._is_space.append(seen[places, -1] != 0)
        return np.fromiter(map(self._types.__getitem__, keys), np.int64, len(keys))


def attributes_of(columns: Sequence[int], has_vectors: bool) -> list[int]:
    """The attributes that tell one type from another. A static vector depends on the word itself."""
    return [*columns, ORTH] if has_vectors else list(columns)


class _Tokens:
    """Some tokens of a Doc, as far as an embedding layer looks at a Doc."""

    def __init__(self, doc: Any, places: Sequence[int]) -> None:
        self._doc, self._places, self.vocab = doc, places, doc.vocab

    def __len__(self) -> int:
        return len(self._places)

    def to_array(self, attributes: Any) -> npt.NDArray[Any]:
        values: npt.NDArray[Any] = self._doc.to_array(attributes)[self._places]
        return values


class _Growing:
    """An array to which rows are appended; its capacity doubles."""

    def __init__(self, dtype: Any, width: int | None = None) -> None:
        self._array: npt.NDArray[Any] = np.empty((1024,) if width is None else (1024, width), dtype)
        self._size = 0

    @property
    def values(self) -> npt.NDArray[Any]:
        return self._array[: self._size]

    def append(self, rows: npt.NDArray[Any]) -> None:
        needed = self._size + len(rows)
        if needed > len(self._array):
            larger = np.empty((max(needed, 2 * len(self._array)), *self._array.shape[1:]), self._array.dtype)
            larger[: self._size] = self.values
            self._array = larger
        self._array[self._size : needed] = rows
        self._size = needed
