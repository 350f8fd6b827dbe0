"""Revisions: a new text at a known URL. A ``KeyIndex`` over ``url_hash`` finds the article that it revises."""

from __future__ import annotations

from hashlib import blake2b


def url_hash(url: str | None) -> str | None:
    """16 hexadecimal digits for a normalised URL, or None for None."""
    return blake2b(url.encode(), digest_size=8).hexdigest() if url else None
