"""Verdicts: is an article new, a revision, or a copy, and to which story does it belong?"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from schemas import CleanArticle, LedgerEntry, Origin, Verdict, VerdictKind
from workers.dedupe.columns import KeyIndex, StoredParts
from workers.dedupe.copies import Copies, Match, Sketch, content_hash, folded, sketch, tokens, word_hashes
from workers.dedupe.revisions import Place, place_of
from workers.dedupe.stories import Stories, Terms
from workers.timestamps import rfc3339

MIN_BODY_WORDS = 20
"""A shorter body ("Watch the video.") does not identify a text: a copy must then have the same headline, too."""

MIN_PARALLEL_ENTRIES = 10_000
"""Entries from which indexing in two threads pays off."""


class IndexedEntry(msgspec.Struct, gc=False, omit_defaults=True):
    """A ``LedgerEntry`` in a compact form, because a ledger may hold a million of them.

    Decoding unpacks ``sketch`` and ``terms`` from base64. Both are dropped once the entry is in the indexes.
    """

    id: str
    origin: Origin
    offset: int = msgspec.field(name="position")  # the record's name for it
    time: int
    content: str
    verdict: Verdict
    url: str | None = None
    url_is_declared: bool = False
    sketch: bytes = b""
    terms: bytes = b""

    @property
    def is_copy(self) -> bool:
        """Whether the article is a copy."""
        return self.verdict.kind is VerdictKind.COPY


class Indexes:
    """The articles that a new article is compared with, derived from the ledger entries in stream order.

    ``entry_at`` returns the entry at an offset that is in the indexes.
    """

    def __init__(self, entry_at: Callable[[int], IndexedEntry]) -> None:
        self._entry_at = entry_at
        self._copies = Copies()
        self._revisions = KeyIndex()
        self._stories = Stories()
        self.stored = StoredParts(
            copies=self._copies.stored, revisions=self._revisions.stored, stories=self._stories.stored
        )

    def extend(self, entries: Sequence[IndexedEntry]) -> None:
        """Add entries; their offsets must rise."""
        if len(entries) < MIN_PARALLEL_ENTRIES:
            self._extend_copies(entries)
            self._extend_unique(entries)
            return
        # Mostly sorting, for which numpy releases the interpreter lock: two threads take two thirds of the time.
        with ThreadPoolExecutor(1) as executor:
            copies = executor.submit(self._extend_copies, entries)
            self._extend_unique(entries)
            copies.result()

    def _extend_copies(self, entries: Sequence[IndexedEntry]) -> None:
        self._copies.extend(
            [entry.offset for entry in entries],
            [entry.content for entry in entries],
            [entry.sketch for entry in entries],
        )

    def _extend_unique(self, entries: Sequence[IndexedEntry]) -> None:
        unique = [entry for entry in entries if not entry.is_copy]
        if not unique:
            return
        self._stories.extend(
            [entry.offset for entry in unique],
            [entry.verdict.story_id for entry in unique],
            [entry.terms for entry in unique],
        )
        urls = [(entry.offset, int(entry.url, 16)) for entry in unique if entry.url]
        if urls:
            self._revisions.extend([offset for offset, _ in urls], [url for _, url in urls])

    def discard(self, offset: int) -> None:
        """Remove the entry at an offset, which must be in the indexes."""
        entry = self._entry_at(offset)
        self._copies.discard(offset)
        if not entry.is_copy:
            self._stories.discard(offset)
            if entry.url:
                self._revisions.discard(offset)

    def judge(self, article: CleanArticle, offset: int, time: int) -> LedgerEntry:
        """The entry of a new article, with its verdict. The indexes do not change."""
        body, headline = tokens(article.body), tokens(article.headline)
        words = folded(body)
        hashes = word_hashes(words)
        content = _content(headline, words)
        shingles = sketch(hashes)
        terms = self._stories.weigh(headline, body, hashes, article.language)

        place, previous = self._placed(place_of(article), content, shingles, terms)
        match = None
        if previous is None or previous.content == content:
            match = self._copies.find(content, shingles)
        if match:
            verdict = self._copy(match)
        elif previous:
            verdict = self._unique(previous.verdict.story_id, time, previous)
        else:
            member = self._stories.find(terms)
            story = self._entry_at(member).verdict.story_id if member is not None else f"story-{article.id}"
            verdict = self._unique(story, time, None)
        return LedgerEntry(
            id=article.id, origin=article.origin, position=offset, time=time, url=place.url, content=content,
            sketch=pack_sketch(shingles), terms=pack_terms(terms), verdict=verdict,
            url_is_declared=place.is_declared,
        )  # fmt: skip

    def _placed(self, place: Place, content: str, shingles: Sketch, terms: Terms) -> tuple[Place, IndexedEntry | None]:
        """The place of an article, and the latest article that was there.

        Pages of different articles may declare one URL, as where a template has the same for all. A declared URL
        therefore makes an article the revision only of one about the same event; otherwise the article is where it was
        found.
        """
        previous = self._latest_at(place.url)
        if previous is None or not (place.is_declared or previous.url_is_declared):
            return place, previous
        if self._is_same_event(previous, content, shingles, terms):
            return place, previous
        if not place.is_declared:
            return place, None
        return Place(place.found_at), self._latest_at(place.found_at)

    def _latest_at(self, url: str | None) -> IndexedEntry | None:
        offset = self._revisions.latest(int(url, 16)) if url else None
        return None if offset is None else self._entry_at(offset)

    def _is_same_event(self, previous: IndexedEntry, content: str, shingles: Sketch, terms: Terms) -> bool:
        """Whether a text has the words of the previous article, or belongs to its story."""
        match = self._copies.find(content, shingles)
        alike = (match.offset if match else None, self._stories.find(terms))
        stories = {self._entry_at(offset).verdict.story_id for offset in alike if offset is not None}
        return previous.content == content or previous.verdict.story_id in stories

    def _copy(self, match: Match) -> Verdict:
        matched = self._entry_at(match.offset)
        return Verdict(
            kind=VerdictKind.COPY,
            duplicate_of=matched.verdict.duplicate_of or matched.id,
            copy_kind=match.kind,
            score=match.score,
            evidence=match.evidence,
            story_id=matched.verdict.story_id,
            story_articles=matched.verdict.story_articles,
            story_first_seen=matched.verdict.story_first_seen,
        )

    def _unique(self, story_id: str, time: int, previous: IndexedEntry | None) -> Verdict:
        latest = self._stories.latest(story_id)
        last = self._entry_at(latest).verdict if latest is not None else None
        return Verdict(
            kind=VerdictKind.REVISION if previous else VerdictKind.NEW,
            revision=previous.verdict.revision + 1 if previous else 1,
            revision_of=previous.id if previous else None,
            story_id=story_id,
            story_articles=last.story_articles + 1 if last else 1,
            story_first_seen=last.story_first_seen if last else rfc3339(time),
        )


def judge_late(article: CleanArticle, offset: int, time: int) -> LedgerEntry:
    """The entry of a new article that is outside the window: it is compared with nothing, now and later.

    The verdict depends on the article and its message time alone.
    """
    place = place_of(article)
    return LedgerEntry(
        id=article.id,
        origin=article.origin,
        position=offset,
        time=time,
        url=place.url,
        url_is_declared=place.is_declared,
        content=_content(tokens(article.headline), folded(tokens(article.body))),
        sketch="",
        terms="",
        verdict=Verdict(
            kind=VerdictKind.NEW,
            story_id=f"story-{article.id}",
            story_articles=1,
            story_first_seen=rfc3339(time),
        ),
    )


def _content(headline: list[str], body_words: list[str]) -> str:
    """The hash by which an article is recognised as an exact copy."""
    return content_hash(body_words if len(body_words) >= MIN_BODY_WORDS else [*folded(headline), "|", *body_words])


def pack_sketch(shingles: Sketch) -> str:
    """A sketch in base64."""
    return base64.b64encode(shingles.astype("<u4").tobytes()).decode()


def pack_terms(terms: Terms) -> str:
    """Terms in base64, in their order."""
    return base64.b64encode(terms.tobytes()).decode()
