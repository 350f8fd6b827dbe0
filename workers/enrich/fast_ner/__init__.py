"""Runs the entity recogniser of a spaCy package in NumPy: the same weights and answers, at many times the speed.

- ``pieces``: turns texts into rows of token types, with spaCy's tokenizer and embedding layer for what is new;
  ``words`` tells which words need no tokenizer.
- ``network``: computes the vector of each token in its context.
- ``decoding``: finds the entities.
- ``package``: reads the weights, and refuses a package that is built in another way.

spaCy spends its time on what has to be done once per token there: a Doc, a batch of small products per decision. Here a
token costs a look-up and its share of large matrix products.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from workers.enrich.fast_ner.package import UnsupportedPackageError, read
from workers.enrich.fast_ner.pieces import Pieces
from workers.enrich.fast_ner.samples import SAMPLES

__all__ = ["FastRecogniser", "LabelledSpan", "UnsupportedPackageError"]


class LabelledSpan(NamedTuple):
    """An entity in a text: its offsets in code points, and its label."""

    start: int
    end: int
    label: str


class FastRecogniser:
    """The entity recogniser of a loaded spaCy pipeline."""

    def __init__(self, nlp: Any) -> None:
        """Read the weights, and compare the answers on a few texts.

        Raises:
            UnsupportedPackageError: the pipeline is built in a way that is not known here, or answers differently.
        """
        package = read(nlp)
        self._labels, self._encoder, self._decoder = package.labels, package.encoder, package.decoder
        self._pieces = Pieces(nlp, package.embed, package.attributes)
        expected = [
            [LabelledSpan(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents]
            for doc in nlp.pipe(SAMPLES)
        ]
        if self.recognise(SAMPLES) != expected:
            raise UnsupportedPackageError("it answers differently from spaCy on sample texts")

    def recognise(self, texts: Sequence[str]) -> list[list[LabelledSpan]]:
        """The entities of each text, in order."""
        rows = self._pieces.rows(texts)
        found: list[list[LabelledSpan]] = [[] for _ in texts]
        if not len(rows.tokens):
            return found
        vectors = self._encoder.encode(self._pieces.vectors, rows.types, rows.tokens)
        is_space = self._pieces.is_space[rows.types[rows.tokens]]
        for first, last, label in self._decoder.entities(vectors, is_space, rows.lasts):
            span = LabelledSpan(int(rows.starts[first]), int(rows.ends[last]), self._labels[label])
            found[rows.documents[first]].append(span)
        return found
