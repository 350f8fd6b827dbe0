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
    """Where an article is: the hash of its URL, or of its source and its id there if it has none.

    Attributes:
        found_at: the hash of the URL where it was found, if its page declares another one.
        is_declared: whether the place is only declared. Many articles may declare the same, so it proves nothing.
    """

    url: str | None
    found_at: str | None = None
    is_declared: bool = False


def place_of(article: CleanArticle) -> Place:
    """The place of an article."""
    url = url_hash(article.canonical_url or article.url)
    if url is None:
        by_id = _id_hash(article)
        return Place(by_id, is_declared=by_id is not None)
    found_at = url_hash(own_url(article))
    is_elsewhere = found_at is not None and found_at != url
    return Place(url, found_at if is_elsewhere else None, is_elsewhere)


def _id_hash(article: CleanArticle) -> str | None:
    """16 hexadecimal digits for the id that the source of an article gives it, or None."""
    if not (article.source and article.source_id):
        return None
    name = f"{article.source.casefold()}\0{article.source_id}"
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def own_url(article: CleanArticle) -> str | None:
    """The canonical form of the URL where an article was found, whatever its page declares."""
    return urls.normalise(caches.original(article.url))


def url_hash(url: str | None) -> str | None:
    """16 hexadecimal digits for a normalised URL, or None for None."""
    return blake2b(urls.identity(url).encode(), digest_size=8).hexdigest() if url else None
