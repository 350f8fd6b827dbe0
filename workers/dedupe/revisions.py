"""Revisions: a new text at a known URL. A ``KeyIndex`` over ``url_hash`` finds the article that it revises.

The index also has the copies, each by its URL and its words together: a copy that comes again is found, and none is
ever revised.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from schemas import CleanArticle
from workers.clean.fields import caches, urls


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article is: the hash of its URL, and of the URL where it was found if its page declares another one."""

    url: str | None
    found_at: str | None = None

    @property
    def is_declared(self) -> bool:
        """Whether the URL is only declared. Pages of many articles may declare one URL, so it proves nothing."""
        return self.found_at is not None


def place_of(article: CleanArticle) -> Place:
    """The place of an article."""
    url = url_hash(article.canonical_url or article.url)
    found_at = url_hash(own_url(article))
    return Place(url, None if found_at == url else found_at)


def own_url(article: CleanArticle) -> str | None:
    """The canonical form of the URL where an article was found, whatever its page declares."""
    return urls.normalise(caches.original(article.url))


def url_hash(url: str | None) -> str | None:
    """16 hexadecimal digits for a normalised URL, or None for None."""
    return blake2b(urls.identity(url).encode(), digest_size=8).hexdigest() if url else None
