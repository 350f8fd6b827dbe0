"""What the gates share."""

from __future__ import annotations

from workers.enrich import Enricher


def no_entities() -> Enricher:
    """Stands for the enricher where the stream ends before it."""
    raise AssertionError("the entities are not wanted here")
