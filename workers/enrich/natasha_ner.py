"""Labels names in Russian text with natasha's models, run by slovnet in NumPy."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from schemas.records import EntityType
from workers.enrich.limits import chunks
from workers.enrich.spans import ModelSpan
from workers.errors import MissingModelError

PACKAGE = "natasha"
"""What ``COPYDESK_MODELS`` calls these models (``ru=natasha``)."""

_BATCH = 8
"""Texts that are read together."""
_TYPE_OF_LABEL = {"PER": EntityType.PERSON, "LOC": EntityType.LOC, "ORG": EntityType.ORG}


class NatashaRecogniser:
    """Runs the entity recogniser of ``natasha``. Only its models are read: its code needs other packages."""

    def __init__(self) -> None:
        """Load the models.

        Raises:
            MissingModelError: a package of ``copydesk[ru]`` is not installed.
        """
        spec = find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise MissingModelError(f"model {PACKAGE!r} is not installed")
        try:
            from navec import Navec
            from slovnet import NER
        except ImportError as error:
            raise MissingModelError(f"model {PACKAGE!r} needs {error.name!r}, which is not installed") from error
        data = Path(spec.origin).parent / "data"
        self._ner: Any = NER.load(data / "model" / "slovnet_ner_news_v1.tar", batch_size=_BATCH)
        self._ner.navec(Navec.load(data / "emb" / "navec_news_v1_1B_250K_300d_100q.tar"))
        self._lock = threading.Lock()
        self.name = f"{PACKAGE} {version(PACKAGE)}"
        self.slow_because: str | None = None

    def recognise(self, texts: Sequence[str]) -> list[list[ModelSpan]]:
        """The entities of each text: in text order, without overlaps, in code points of that text."""
        # slovnet fails on a text without tokens.
        parts = [(i, offset, c) for i, text in enumerate(texts) for offset, c in chunks(text) if c.strip()]
        found: list[list[ModelSpan]] = [[] for _ in texts]
        with self._lock:
            marked = self._ner.map([chunk for _, _, chunk in parts])
            for (i, offset, _), markup in zip(parts, marked, strict=True):
                found[i] += [
                    ModelSpan(offset + span.start, offset + span.stop, _TYPE_OF_LABEL[span.type])
                    for span in markup.spans
                ]
        return found
