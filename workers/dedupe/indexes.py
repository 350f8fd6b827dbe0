"""The indexes of copies, revisions and stories over the entries of a ledger that are within the window."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from itertools import compress
from typing import TYPE_CHECKING, get_type_hints

import msgspec

from schemas import CopyKind, StoryView, Verdict, VerdictKind
from workers.dedupe.columns import StoredParts
from workers.dedupe.copies import Copies
from workers.dedupe.rows import KeyIndex
from workers.dedupe.stories import Stories
from workers.dedupe.stories.view import view_of
from workers.dedupe.texts import Text
from workers.dedupe.words import content_hash

if TYPE_CHECKING:
    StoredVerdict = Verdict
else:
    # A verdict as a struct: an entry leaves most of its fields out, and then a dataclass takes far longer to decode.
    # Without the bounds of the fields, which were checked when it was written.
    _types = get_type_hints(Verdict)
    _fields = [
        (each.name, _types[each.name], msgspec.NODEFAULT if each.default is dataclasses.MISSING else each.default)
        for each in dataclasses.fields(Verdict)
    ]
    StoredVerdict = msgspec.defstruct("StoredVerdict", _fields, gc=False, kw_only=True, omit_defaults=True)


class IndexedEntry(msgspec.Struct, gc=False, omit_defaults=True):
    """A ``LedgerEntry`` in a compact form, because a ledger may hold a million of them.

    Decoding unpacks ``shingles`` and ``terms`` from base64. Both are left out once the entry is in the indexes. ``key``
    is that of its record, which says the same as its origin.
    """

    id: str
    offset: int = msgspec.field(name="position")  # the record's name for it
    time: int
    content: str
    verdict: StoredVerdict
    url: str | None = None
    url_is_declared: bool = False
    publisher_id: str | None = None
    id_is_contested: bool = False
    url_subjects: int = 1
    shingles: bytes = b""
    terms: bytes = b""
    particulars: bytes = b""
    outline: bytes = b""
    modified: int | None = None
    headline: str = ""
    source: str | None = None
    words: str = ""
    key: str = ""

    @property
    def is_copy(self) -> bool:
        """Whether the article is a copy."""
        return self.verdict.kind is VerdictKind.COPY

    @property
    def view(self) -> StoryView:
        """What was shown of its story when it arrived."""
        return self.verdict.story_view or self.own_view

    @property
    def own_view(self) -> StoryView:
        """What would be shown of a story of its own."""
        return view_of(self.offset, self.headline, self.source, self.words.split())

    @property
    def original(self) -> str:
        """The id of what the article is a copy of, or its own. A roundup is a copy of no one article."""
        is_of_one = self.is_copy and self.verdict.copy_kind is not CopyKind.ROUNDUP
        return (self.verdict.duplicate_of if is_of_one else None) or self.id


class Indexes:
    """The articles that a new article is compared with, derived from the ledger entries in stream order.

    ``entry_at`` returns the entry at an offset that is in the indexes; ``copy_threshold`` is that of ``Copies``.
    """

    def __init__(self, entry_at: Callable[[int], IndexedEntry], copy_threshold: int) -> None:
        self.entry_at = entry_at
        self.copies = Copies(copy_threshold)
        self.stories = Stories()
        self._places = KeyIndex()
        self._ids = KeyIndex()
        self.stored = StoredParts(
            copies=self.copies.stored, places=self._places.stored, ids=self._ids.stored, stories=self.stories.stored
        )

    def extend(self, entries: Sequence[IndexedEntry]) -> None:
        """Add entries; their offsets must rise."""
        offsets = [entry.offset for entry in entries]
        is_unique = [entry.verdict.kind is not VerdictKind.COPY for entry in entries]
        self.copies.extend(
            offsets,
            [entry.content for entry in entries],
            [entry.shingles for entry in entries],
            [entry.verdict.kind is VerdictKind.NEW for entry in entries],
        )
        unique = list(compress(entries, is_unique))
        if unique:
            self.stories.extend(
                list(compress(offsets, is_unique)),
                [entry.verdict.story_id for entry in unique],
                [entry.terms for entry in unique],
            )
        for entry in unique:
            self.stories.regrouping.add(entry.offset, entry.verdict)
        _enter(self._places, [(entry, entry.url) for entry in entries if entry.url])
        _enter(self._ids, [(entry, entry.publisher_id) for entry in entries if entry.publisher_id])

    def settle(self) -> None:
        """Do what the next article would have to wait for, which takes a while after many entries."""
        for index in (self.copies, self.stories, self._places, self._ids):
            index.settle()

    def prefetch(self, texts: Sequence[Text]) -> None:
        """Search for all texts at once what is searched for each of them when it is compared."""
        if texts:
            self.copies.prefetch([text.sketch for text in texts])
            self.stories.prefetch([text.occurrences for text in texts])

    def discard(self, entry: IndexedEntry) -> None:
        """Remove an entry, which must be in the indexes."""
        self.copies.discard(entry.offset)
        if not entry.is_copy:
            self.stories.discard(entry.offset)
            self.stories.regrouping.discard(entry.offset)
        if entry.url:
            self._places.discard(entry.offset)
        if entry.publisher_id:
            self._ids.discard(entry.offset)

    def story_of(self, entry: IndexedEntry) -> str:
        """The story that an article belongs to now. A copy belongs to that of its original."""
        if entry.is_copy:
            return self.stories.regrouping.story_of(entry.original, entry.verdict.story_id)
        return self.stories.regrouping.story_at(entry.offset, entry.verdict.story_id)

    def story_at(self, offset: int) -> str:
        """The story to which the article at an offset belongs now."""
        return self.story_of(self.entry_at(offset))

    def new_story(self, article: str) -> str:
        """The id of the story that an article, by its id, starts.

        An article that comes again after it has left the window may have a story that went on without it.
        """
        story = f"story-{article}"
        while self.stories.regrouping.is_merged(story) or self.size_of(story):
            story = f"story-{content_hash([story])}"
        return story

    def size_of(self, story: str) -> tuple[int, str] | None:
        """The number of articles in a story so far, and when the first was seen; None if none is within the window."""
        latest = self.stories.latest(story)
        split_at, split = self.stories.regrouping.last_split(story)
        if split is not None and (latest is None or split_at > latest):
            return split.remaining, split.first_seen
        if latest is None:
            return None
        verdict = self.entry_at(latest).verdict
        return verdict.story_articles, verdict.story_first_seen

    def view_of(self, story: str) -> StoryView | None:
        """What is shown of a story; None if none is within the window."""
        latest = self.stories.latest(story)
        split_at, _ = self.stories.regrouping.last_split(story)
        if split_at > (-1 if latest is None else latest):
            for rest in self.entry_at(split_at).verdict.story_rests:
                if rest.story_id == story:
                    return rest.view
        return None if latest is None else self.entry_at(latest).view

    def version_at(self, url: str | None) -> IndexedEntry | None:
        """The latest article at the hash of a URL that was passed on, or None."""
        offset = self._places.latest(int(url, 16)) if url else None
        return None if offset is None else self.entry_at(offset)

    def version_under(self, id: str | None) -> IndexedEntry | None:
        """The latest article under the hash of a source's id that was passed on, with a URL or without, or None."""
        offset = self._latest_under(int(id, 16)) if id else None
        return None if offset is None else self.entry_at(offset)

    def copy_at(self, url: str | None, id: str | None, content: str) -> int | None:
        """The offset of the latest copy with these words at the hash of a URL, or under that of an id; or None."""
        at_url = self._places.latest(_copy_key(url, content)) if url else None
        return self._latest_under(_copy_key(id, content)) if at_url is None and id else at_url

    def _latest_under(self, key: int) -> int | None:
        """The latest offset with the key of an id. An article without a URL is at its id."""
        return max((at for at in (self._ids.latest(key), self._places.latest(key)) if at is not None), default=None)


def _enter(index: KeyIndex, placed: Sequence[tuple[IndexedEntry, str]]) -> None:
    """Add entries, each with the hash of its URL or its id."""
    if placed:
        keys = [_copy_key(hash, entry.content) if entry.is_copy else int(hash, 16) for entry, hash in placed]
        index.extend([entry.offset for entry, _ in placed], keys)


def _copy_key(hash: str, content: str) -> int:
    """The key of a copy: it is found only if the same words come from its place again, since no copy has revisions."""
    return int(hash, 16) ^ int(content, 16)
