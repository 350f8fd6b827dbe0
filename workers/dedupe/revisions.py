"""Revisions: a new text at a known place, which is a URL, or under the id that a source gives its article."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from schemas import CleanArticle
from workers.clean.fields import caches, canonical, urls


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article is: the hash of its URL, or of its source and its id there if it has none.

    Attributes:
        found_at: the hash of the URL where it was found, if its page declares another one.
        id: the hash of its source and its id there.
    """

    url: str | None
    found_at: str | None = None
    id: str | None = None

    @property
    def is_id(self) -> bool:
        """Whether it is known by its id alone."""
        return self.url is not None and self.url == self.id

    @property
    def is_declared(self) -> bool:
        """Whether the place is only declared. Many articles may declare the same one, so it proves nothing."""
        return self.is_id or self.found_at is not None


def place_of(article: CleanArticle) -> Place:
    """The place of an article."""
    url, id = url_hash(article.canonical_url or article.url), _id_hash(article)
    # Most often both are the same: a canonical URL is the canonical form of itself.
    found_at = url if article.canonical_url == article.url else url_hash(own_url(article))
    if url is None:
        return Place(found_at or id, id=id)
    return Place(url, None if found_at == url else found_at, id)


def _id_hash(article: CleanArticle) -> str | None:
    """16 hexadecimal digits for the id that the source of an article gives it, or None."""
    source, id = ((text or "").strip() for text in (article.source, article.source_id))
    if not (source and id):
        return None
    name = f"{source.casefold()}\0{id}"
    return blake2b(name.encode(), digest_size=8).hexdigest()


def own_url(article: CleanArticle) -> str | None:
    """The canonical form of the URL where an article was found, whatever its page declares."""
    return urls.normalise(caches.original(article.url))


def url_hash(url: str | None) -> str | None:
    """16 hexadecimal digits for a normalised URL, or None for None and for one that names no article."""
    if url is None or canonical.names_no_article(url):
        return None
    return blake2b(urls.identity(url).encode(), digest_size=8).hexdigest()
