"""Verdicts: is an article new, a revision, or a copy, and to which story does it belong?"""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from schemas import (
    CleanArticle,
    CopyKind,
    LedgerEntry,
    Notice,
    NoticeKind,
    ResemblanceKind,
    StoryView,
    Verdict,
    VerdictKind,
)
from workers.dedupe.changes import Version, version_of
from workers.dedupe.changes import pack as pack_outline
from workers.dedupe.changes import unpack as unpack_outline
from workers.dedupe.copies import MIN_NEAR_SHARE, Match
from workers.dedupe.indexes import IndexedEntry, Indexes
from workers.dedupe.joining import join
from workers.dedupe.particulars import Particulars, particulars
from workers.dedupe.relations import Relation, relation_of, resemblance
from workers.dedupe.revisions import Place, place_of
from workers.dedupe.series import have_other_names
from workers.dedupe.sketches import Sketch, pack
from workers.dedupe.stories import Terms
from workers.dedupe.stories.view import view_of
from workers.dedupe.texts import Text, text_of, texts_of
from workers.dedupe.versions import Versions
from workers.dedupe.views import Relatives, joined_view, rests
from workers.dedupe.words import content_hash
from workers.source_names import source_key
from workers.timestamps import rfc3339


@dataclass(frozen=True)
class _Judged:
    """An article that is being judged, with what was found out about it.

    ``relation`` says what it has words of; ``previous`` is the latest version at its place, or if ``is_by_id``, the
    one under its id.
    """

    article: CleanArticle
    view: StoryView
    time: int
    headline: str
    content: str
    terms: Terms
    relation: Relation
    particulars: Particulars
    place: Place
    previous: IndexedEntry | None
    is_by_id: bool

    @cached_property
    def version(self) -> Version:
        """The version that it is. Most copies do without, so it is made on first use."""
        return version_of(self.article, self.headline)

    def differs(self, previous: IndexedEntry) -> bool:
        """Whether the article says something else than the version before it, if only in its headline.

        A page elsewhere that declares the URL may have another headline; it revises nothing.
        """
        if previous.content != self.content:
            return True
        is_elsewhere = not self.is_by_id and (self.place.is_declared or previous.url_is_declared)
        return not is_elsewhere and self.version.outline.has_other_headline(unpack_outline(previous.outline))


class Judge:
    """Judges new articles by those in the indexes.

    ``copies_off`` are the sources and kinds that are never called copies.
    """

    def __init__(self, indexes: Indexes, copies_off: Collection[str] = ()) -> None:
        self._indexes = indexes
        self._copies_off = frozenset(copies_off)

    def prepare(self, articles: Sequence[CleanArticle]) -> list[Text]:
        """The texts of articles that are judged next. For many at once this is faster."""
        texts = texts_of(articles)
        self._indexes.prefetch(texts)
        return texts

    def judge(self, article: CleanArticle, offset: int, time: int, text: Text | None = None) -> LedgerEntry:
        """The entry of a new article, with its verdict. The indexes do not change.

        ``text`` is what ``prepare`` returned for it.
        """
        text = text or text_of(article)
        headline, shingles = text.headline.folded, text.sketch
        content = _content(text, article.notice)
        compared = self._indexes.copies.compare(content, shingles)
        own_particulars = particulars(text.news)
        relation = Relation(compared.match)
        if compared.match and article.notice is None:
            relation = relation_of(self._indexes, compared.match, own_particulars, text, article.language)
        match = relation.match
        terms = self._indexes.stories.weigh(text.occurrences)
        stated = place_of(article)
        versions = Versions(self._indexes, content, compared.match, terms)
        place, at_place = versions.at(stated)
        at_place, subjects = versions.believed(at_place, article.body)
        previous, is_contested = versions.under_id(stated.id, at_place)
        view = view_of(offset, article.headline, article.source, text.telling)
        judged = _Judged(
            article,
            view,
            time,
            headline,
            content,
            terms,
            relation,
            own_particulars,
            place,
            at_place,
            stated.is_id,
        )
        # Two URLs of one article may each keep its own text: what comes again from one does not revise the other.
        if previous is not at_place and (at_place is None or judged.differs(at_place)):
            judged = replace(judged, previous=previous, is_by_id=True)
        previous, verdict = judged.previous, self._verdict(judged)
        if article.notice and verdict.kind is not VerdictKind.COPY:
            about = previous.id if previous else self._indexes.entry_at(match.offset).original if match else None
            verdict = replace(verdict, notice_about=about)
        if verdict.kind is not VerdictKind.COPY and stated.found_at and place.url != stated.url:
            verdict = replace(verdict, url_is_disbelieved=True)
        is_usable = article.notice is None or article.notice.kind is NoticeKind.CORRECTION
        is_copy = verdict.kind is VerdictKind.COPY
        version = judged.version if place.url and not is_copy else None
        return LedgerEntry(
            id=article.id, origin=article.origin, position=offset, time=time, url=place.url, content=content,
            shingles=pack_shingles(shingles, compared.weight) if is_usable else "", terms=pack_terms(terms),
            verdict=verdict, url_is_declared=place.is_declared,
            particulars=_base64(own_particulars.astype("<u2").tobytes()),
            outline=_base64(pack_outline(version.outline)) if version else "",
            modified=_latest(version, previous) if version else None,
            publisher_id=None if stated.is_id else stated.id, id_is_contested=is_contested, url_subjects=subjects,
            headline="" if is_copy else view.headline, source=None if is_copy else next(iter(view.sources), None),
            words="" if is_copy else " ".join(view.terms),
        )  # fmt: skip

    def _verdict(self, text: _Judged) -> Verdict:
        """The verdict on an article.

        A notice is passed on though it has the words of an article, unless it has come before. Nothing is a copy of an
        article that is withdrawn or embargoed: what comes once it may be published must not be lost.
        """
        match, previous = text.relation.match, text.previous
        if previous is not None and text.differs(previous):
            return self._outdated(text, previous) or self._shown(text, self._revision(text, previous))
        if match and (before := self._before(text, match)) is not None:
            return self._copy(replace(match, offset=before, kind=CopyKind.UNCHANGED))
        if match:
            return self._told_copy(text.article, match) or self._shown(text, self._passed(text, match))
        # The words of a template make texts alike that are about different things.
        series = text.relation.series_of
        is_apart = partial(self._is_other_of_series, series, text.particulars) if series else None
        placement = self._indexes.stories.place(text.terms, is_apart)
        joined = join(self._indexes, placement, text.article.id, text.time)
        verdict = Verdict(
            kind=VerdictKind.NEW,
            story_id=joined.story,
            story_articles=joined.articles,
            story_first_seen=joined.first_seen,
            series_of=series,
            story_changes=joined.changes,
            moved_positions=joined.positions,
            resembles=text.relation.resembles,
        )
        return self._shown(text, verdict, placement.relatives)

    def _shown(self, text: _Judged, verdict: Verdict, relatives: Relatives = ()) -> Verdict:
        """The verdict on an article that is passed on, with what is shown of the stories that it changes."""
        view = joined_view(self._indexes, text.view, verdict, relatives, text.previous)
        remaining = tuple(rests(self._indexes, verdict))
        return replace(verdict, story_view=view, story_rests=remaining) if view or remaining else verdict

    def _outdated(self, text: _Judged, previous: IndexedEntry) -> Verdict | None:
        """The verdict that an article is older than the version before it, or None. A notice always passes."""
        if text.article.notice or not text.version.is_older_than(previous.modified):
            return None
        evidence = text.version.in_common_with(unpack_outline(previous.outline))
        score = max(evidence.of_copy, evidence.of_original)
        if text.is_by_id and not score:
            return None  # perhaps another article about the event, under an id that its source gives to several
        match = Match(previous.offset, CopyKind.OUTDATED, score, evidence)
        return replace(self._copy(match), duplicate_of=previous.id)

    def _revision(self, text: _Judged, previous: IndexedEntry) -> Verdict:
        """The verdict that an article revises the one before it. It says if most of it is now a copy of another's."""
        verdict = replace(
            self._unique(self._indexes.story_of(previous), text.time),
            kind=VerdictKind.REVISION,
            revision=previous.verdict.revision + 1,
            revision_of=previous.id,
            change=text.version.change_of(unpack_outline(previous.outline)) if previous.outline else None,
        )
        match = text.relation.match
        if match is None or text.article.notice or match.evidence.of_copy < MIN_NEAR_SHARE:
            return verdict
        copy = self._told_copy(text.article, match)
        own = {previous.id, previous.verdict.revision_of}
        if copy is None or copy.duplicate_of in own or self._is_own(self._indexes.entry_at(match.offset), text.place):
            return verdict
        return replace(
            verdict,
            duplicate_of=copy.duplicate_of,
            copy_kind=copy.copy_kind,
            score=copy.score,
            evidence=copy.evidence,
            also_of=tuple(also for also in copy.also_of if also not in own),
        )

    def _passed(self, text: _Judged, match: Match) -> Verdict:
        """The verdict that an article is passed on in the story of another, though it has words of it."""
        verdict = self._unique(self._indexes.story_at(match.offset), text.time)
        if text.article.notice:
            return verdict
        return replace(
            verdict, resembles=text.relation.resembles or resemblance(self._indexes, match, ResemblanceKind.COPIES_OFF)
        )

    def _is_other_of_series(self, series: str, own: Particulars, offset: int) -> bool:
        """Whether an article is of a series, by the id of the first one, and names other things than another of it."""
        entry = self._indexes.entry_at(offset)
        others = np.frombuffer(entry.particulars, "<u2")
        return series in (entry.original, entry.verdict.series_of) and have_other_names(own, others)

    @staticmethod
    def _is_own(other: IndexedEntry, place: Place) -> bool:
        """Whether another article was at the place, or under the id."""
        return other.url == place.url or (place.id is not None and place.id in (other.url, other.publisher_id))

    def _before(self, text: _Judged, match: Match) -> int | None:
        """The offset at which the same article came before with the same words, or None if it did not."""
        if match.kind is not CopyKind.EXACT:
            return None
        if text.previous is not None:
            return text.previous.offset
        matched = self._indexes.entry_at(match.offset)
        if text.article.id in (matched.id, matched.verdict.duplicate_of):
            return match.offset
        return self._indexes.copy_at(text.place.url, text.place.id, text.content)

    def _told_copy(self, article: CleanArticle, match: Match) -> Verdict | None:
        """The verdict that the article is a copy, or None if it is passed on though it has the words of another."""
        if match.is_quotation or (article.notice and match.kind is not CopyKind.EXACT):
            return None
        verdict = self._copy(match)
        names = {source_key(article.source or ""), f"kind:{verdict.copy_kind}"}
        return None if names & self._copies_off else verdict

    def _copy(self, match: Match) -> Verdict:
        matched = self._indexes.entry_at(match.offset)
        others = [self._indexes.entry_at(offset) for offset in match.others]
        kind, story = match.kind, self._indexes.story_of(matched)
        if kind is CopyKind.ROUNDUP and all(self._indexes.story_of(each) == story for each in others):
            kind = CopyKind.EXCERPT  # the parts of one article, which came before the whole
        original = matched.original
        return Verdict(
            kind=VerdictKind.COPY,
            duplicate_of=original,
            also_of=tuple(dict.fromkeys(also for each in others if (also := each.original) != original)),
            copy_kind=kind,
            score=match.score,
            evidence=match.evidence,
            story_id=story,
            story_articles=matched.verdict.story_articles,
            story_first_seen=matched.verdict.story_first_seen,
        )

    def _unique(self, story_id: str, time: int) -> Verdict:
        articles, first_seen = self._indexes.size_of(story_id) or (0, rfc3339(time))
        return Verdict(
            kind=VerdictKind.NEW, story_id=story_id, story_articles=articles + 1, story_first_seen=first_seen
        )


def _latest(version: Version, previous: IndexedEntry | None) -> int | None:
    """When the article was changed last, as far as this version or the ones before it say."""
    known = (version.modified, previous.modified if previous else None)
    return max((each for each in known if each is not None), default=None)


def judge_late(article: CleanArticle, offset: int, time: int, text: Text | None = None) -> LedgerEntry:
    """The entry of a new article that is outside the window: it is compared with nothing, now and later.

    The verdict depends on the article and its message time alone.
    """
    text, place = text or text_of(article), place_of(article)
    return LedgerEntry(
        id=article.id,
        origin=article.origin,
        position=offset,
        time=time,
        url=place.url,
        url_is_declared=place.is_declared,
        content=_content(text, article.notice),
        shingles="",
        terms="",
        verdict=Verdict(
            kind=VerdictKind.NEW,
            story_id=f"story-{article.id}",
            story_articles=1,
            story_first_seen=rfc3339(time),
        ),
    )


def _content(text: Text, notice: Notice | None) -> str:
    """The hash by which an article is recognised as an exact copy. A notice is one only of a notice of its kind."""
    parts = [text.body.folded] if text.is_told else [text.headline.folded, "|", text.body.folded]
    return content_hash([f"notice:{notice.kind}", *parts] if notice else parts)


def pack_shingles(shingles: Sketch, weight: int) -> str:
    """A sketch and its weight in base64."""
    return _base64(pack(shingles, weight))


def pack_terms(terms: Terms) -> str:
    """Terms in base64, in their order."""
    return _base64(terms.tobytes())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
