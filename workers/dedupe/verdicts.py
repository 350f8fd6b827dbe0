"""Verdicts: is an article new, a revision, or a copy, and to which story does it belong?"""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import numpy as np

from schemas import CleanArticle, LedgerEntry, Verdict, VerdictKind
from workers.dedupe.copies import Copies, Match, Sketch, content_hash, folded, sketch, tokens
from workers.dedupe.revisions import Published, Revisions, url_hash
from workers.dedupe.stories import Membership, Stories, Terms

FEW_WORDS = 20
"""Bodies shorter than this say too little alone ("Watch the video."): they are copies only under the same headline."""


class Indexes:
    """What an article is compared with, derived from the ledger's entries in the order of the stream.

    Slots number the entries in that order.
    """

    def __init__(self) -> None:
        self._copies = Copies()
        self._revisions = Revisions()
        self._stories = Stories()
        self._entries: dict[int, LedgerEntry] = {}

    def add(self, slot: int, entry: LedgerEntry) -> None:
        """Compare later articles with the entry; ``slot`` is higher than any before."""
        self._entries[slot] = entry
        self._copies.add(slot, entry.content, unpack_sketch(entry.sketch))
        verdict = entry.verdict
        if verdict.kind is not VerdictKind.COPY:
            known = Membership(verdict.story_articles, verdict.story_first_seen)
            self._stories.add(slot, verdict.story_id, known, unpack_terms(entry.terms))
            if entry.url:
                revision = Published(slot, entry.id, verdict.revision, verdict.story_id, entry.content)
                self._revisions.add(entry.url, revision)

    def discard(self, slot: int) -> None:
        """Compare no later article with the entry in the slot."""
        entry = self._entries.pop(slot)
        self._copies.discard(slot)
        if entry.verdict.kind is not VerdictKind.COPY:
            self._stories.discard(slot, entry.verdict.story_id, unpack_terms(entry.terms))
            if entry.url:
                self._revisions.discard(entry.url, slot)

    def judge(self, article: CleanArticle, position: int, time: int) -> LedgerEntry:
        """The entry of an article, with its verdict; nothing is added to the indexes."""
        body, headline = tokens(article.body), tokens(article.headline)
        body_words, headline_words = folded(body), folded(headline)
        content = content_hash(body_words if len(body_words) >= FEW_WORDS else [*headline_words, "|", *body_words])
        shingles = sketch(body_words)
        url = url_hash(article.canonical_url or article.url)
        terms = self._stories.weigh(headline, body)

        before = self._revisions.latest(url)
        match = None
        if before is None or before.content == content:
            match = self._copies.find(content, shingles)
        if match:
            verdict = self._copy(match)
        elif before:
            verdict = self._unique(before.story_id, time, revision=before.number + 1, revision_of=before.id)
        else:
            verdict = self._unique(self._stories.find(terms) or f"story-{article.id}", time)
        return LedgerEntry(
            id=article.id, origin=article.origin, position=position, time=time, url=url, content=content,
            sketch=pack_sketch(shingles), terms=pack_terms(terms), verdict=verdict,
        )  # fmt: skip

    def _copy(self, match: Match) -> Verdict:
        found = self._entries[match.slot]
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

    def _unique(self, story_id: str, time: int, *, revision: int = 1, revision_of: str | None = None) -> Verdict:
        before = self._stories.latest(story_id) or Membership(0, rfc3339(time))
        return Verdict(
            kind=VerdictKind.REVISION if revision_of else VerdictKind.NEW,
            revision=revision,
            revision_of=revision_of,
            story_id=story_id,
            story_articles=before.articles + 1,
            story_first_seen=before.first_seen,
        )


def rfc3339(milliseconds: int) -> str:
    """The time, given in milliseconds since 1970, as the records write it."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pack_sketch(shingles: Sketch) -> str:
    """A sketch as text."""
    return base64.b64encode(shingles.astype("<u4").tobytes()).decode()


def unpack_sketch(text: str) -> Sketch:
    """The sketch that ``pack_sketch`` wrote."""
    return np.frombuffer(base64.b64decode(text), "<u4").astype(np.uint32)


_TERM = np.dtype([("term", "<u4"), ("weight", "<u2")])


def pack_terms(terms: Terms) -> str:
    """Terms as text, in their order."""
    return base64.b64encode(np.array(list(terms.items()), _TERM).tobytes()).decode()


def unpack_terms(text: str) -> dict[int, int]:
    """The terms that ``pack_terms`` wrote."""
    packed = np.frombuffer(base64.b64decode(text), _TERM)
    return dict(zip(packed["term"].tolist(), packed["weight"].tolist(), strict=True))
