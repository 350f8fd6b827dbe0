"""Verdicts: is an article new, a revision, or a copy, and to which story does it belong?"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from schemas import CleanArticle, LedgerEntry, Origin, Verdict, VerdictKind
from workers.dedupe.columns import Composite
from workers.dedupe.copies import Copies, Match, Sketch, content_hash, folded, sketch, tokens, word_hashes
from workers.dedupe.revisions import Revisions, url_hash
from workers.dedupe.stories import Stories, Terms
from workers.timestamps import rfc3339

FEW_WORDS = 20
"""Bodies shorter than this say too little alone ("Watch the video."): they are copies only under the same headline."""

MANY = 10_000
"""Entries from which it is worth another thread to index them."""


class Entry(msgspec.Struct, gc=False, omit_defaults=True):
    """A ``LedgerEntry`` as it is worked with, for there may be a million of them.

    ``sketch`` and ``terms`` come packed out of their base64, and are left out once the indexes have them.
    """

    id: str
    origin: Origin
    position: int
    time: int
    content: str
    verdict: Verdict
    url: str | None = None
    sketch: bytes = b""
    terms: bytes = b""

    @property
    def is_copy(self) -> bool:
        """Whether the verdict is that the article is a copy."""
        return self.verdict.kind is VerdictKind.COPY


class Indexes(Composite):
    """What an article is compared with, derived from the ledger's entries in the order of the stream.

    ``entry_at`` gives the entry at a position that is in the indexes.
    """

    def __init__(self, entry_at: Callable[[int], Entry]) -> None:
        self._entry_at = entry_at
        self._copies = Copies()
        self._revisions = Revisions()
        self._stories = Stories()
        super().__init__(copies=self._copies, revisions=self._revisions, stories=self._stories)

    def extend(self, entries: Sequence[Entry]) -> None:
        """Compare later articles with the entries; their positions rise, above all before."""
        if len(entries) < MANY:
            self._extend_copies(entries)
            self._extend_unique(entries)
            return
        # Mostly sorting, which numpy does without the interpreter's lock: two threads take two thirds of the time.
        with ThreadPoolExecutor(1) as beside:
            copies = beside.submit(self._extend_copies, entries)
            self._extend_unique(entries)
            copies.result()

    def _extend_copies(self, entries: Sequence[Entry]) -> None:
        self._copies.extend(
            [entry.position for entry in entries],
            [entry.content for entry in entries],
            [entry.sketch for entry in entries],
        )

    def _extend_unique(self, entries: Sequence[Entry]) -> None:
        unique = [entry for entry in entries if not entry.is_copy]
        if not unique:
            return
        self._stories.extend(
            [entry.position for entry in unique],
            [entry.verdict.story_id for entry in unique],
            [entry.terms for entry in unique],
        )
        urls = [(entry.position, int(entry.url, 16)) for entry in unique if entry.url]
        if urls:
            self._revisions.extend([position for position, _ in urls], [url for _, url in urls])

    def discard(self, position: int) -> None:
        """Compare no later article with the entry at the position."""
        entry = self._entry_at(position)
        self._copies.discard(position)
        if not entry.is_copy:
            self._stories.discard(position)
            if entry.url:
                self._revisions.discard(position)

    def judge(self, article: CleanArticle, position: int, time: int) -> LedgerEntry:
        """The entry of an article, with its verdict; nothing is added to the indexes."""
        body, headline = tokens(article.body), tokens(article.headline)
        words = folded(body)
        hashes = word_hashes(words)
        content = content_hash(words if len(words) >= FEW_WORDS else [*folded(headline), "|", *words])
        shingles = sketch(hashes)
        url = url_hash(article.canonical_url or article.url)
        terms = self._stories.weigh(headline, body, hashes)

        revised = self._revisions.latest(int(url, 16)) if url else None
        before = self._entry_at(revised) if revised is not None else None
        match = None
        if before is None or before.content == content:
            match = self._copies.find(content, shingles)
        if match:
            verdict = self._copy(match)
        elif before:
            verdict = self._unique(before.verdict.story_id, time, before)
        else:
            member = self._stories.find(terms)
            story = self._entry_at(member).verdict.story_id if member is not None else f"story-{article.id}"
            verdict = self._unique(story, time, None)
        return LedgerEntry(
            id=article.id, origin=article.origin, position=position, time=time, url=url, content=content,
            sketch=pack_sketch(shingles), terms=pack_terms(terms), verdict=verdict,
        )  # fmt: skip

    def _copy(self, match: Match) -> Verdict:
        found = self._entry_at(match.position)
        return Verdict(
            kind=VerdictKind.COPY,
            duplicate_of=found.verdict.duplicate_of or found.id,
            copy_kind=match.kind,
            score=match.score,
            evidence=match.evidence,
            story_id=found.verdict.story_id,
            story_articles=found.verdict.story_articles,
            story_first_seen=found.verdict.story_first_seen,
        )

    def _unique(self, story_id: str, time: int, before: Entry | None) -> Verdict:
        latest = self._stories.latest(story_id)
        known = self._entry_at(latest).verdict if latest is not None else None
        return Verdict(
            kind=VerdictKind.REVISION if before else VerdictKind.NEW,
            revision=before.verdict.revision + 1 if before else 1,
            revision_of=before.id if before else None,
            story_id=story_id,
            story_articles=known.story_articles + 1 if known else 1,
            story_first_seen=known.story_first_seen if known else rfc3339(time),
        )


def pack_sketch(shingles: Sketch) -> str:
    """A sketch as text."""
    return base64.b64encode(shingles.astype("<u4").tobytes()).decode()


def pack_terms(terms: Terms) -> str:
    """Terms as text, in their order."""
    return base64.b64encode(terms.tobytes()).decode()
