"""Revisions: new texts at a known URL."""

from __future__ import annotations

from hashlib import blake2b

from workers.dedupe.columns import Keyed


class Revisions(Keyed):
    """The unique articles of the window by the hash of their URL: the latest is what a new text there revises."""


def url_hash(url: str | None) -> str | None:
    """16 hexadecimal digits for a URL in normal form; None for none."""
    return blake2b(url.encode(), digest_size=8).hexdigest() if url else None
