"""Revisions: new texts at a known URL."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Published:
    """One revision at a URL: its slot, article id, number, story and words."""

    slot: int
    id: str
    number: int
    story_id: str
    content: str


class Revisions:
    """The unique articles of the window by their URL, in the order of the stream."""

    def __init__(self) -> None:
        self._by_url: dict[str, list[Published]] = {}

    def latest(self, url: str | None) -> Published | None:
        """The latest revision at the URL (its hash)."""
        revisions = self._by_url.get(url) if url else None
        return revisions[-1] if revisions else None

    def add(self, url: str, revision: Published) -> None:
        """Note a revision, later than all before it."""
        self._by_url.setdefault(url, []).append(revision)

    def discard(self, url: str, slot: int) -> None:
        """Forget the revision in the slot, if there is one."""
        kept = [revision for revision in self._by_url.get(url, ()) if revision.slot != slot]
        if kept:
            self._by_url[url] = kept
        else:
            self._by_url.pop(url, None)


def url_hash(url: str | None) -> str | None:
    """16 hexadecimal digits for a URL in normal form; None for none."""
    return blake2b(url.encode(), digest_size=8).hexdigest() if url else None
