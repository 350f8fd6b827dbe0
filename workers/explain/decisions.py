"""What the stages decided about an article, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas import (
    CleanArticle,
    CopyKind,
    Duplicate,
    EnrichedArticle,
    Notice,
    ResemblanceKind,
    StoryChange,
    StoryChangeKind,
    UniqueArticle,
)
from workers.clean.fields.language import normalise
from workers.clean.input import reading
from workers.clean.input.formats import ours
from workers.dedupe.copies import MIN_SHARED_SAMPLES
from workers.dedupe.sketches import SHINGLE_WORDS
from workers.errors import RejectedError
from workers.explain.facts import Facts
from workers.explain.pieces import FIELD_CATEGORIES
from workers.reading.text import plural
from workers.settings import Settings
from workers.source_names import source_key

KINDS = {
    CopyKind.EXACT: "It has the same words; punctuation, case and layout may differ.",
    CopyKind.UNCHANGED: "It came from the same place, with the same words.",
    CopyKind.OUTDATED: "It is an older version of this article, by its date of modification; a newer one came before.",
    CopyKind.NEAR: "Most of each text is in the other.",
    CopyKind.EXCERPT: "The shorter text is in the longer: one of them was cut or extended.",
    CopyKind.ROUNDUP: "It contains several texts on different stories.",
}
"""What each kind of copy means."""
RESEMBLANCES = {
    ResemblanceKind.BACKGROUND: "it has the same background as {}, behind other news",
    ResemblanceKind.QUOTATION: "it quotes the same words as {}, and has nothing else of it",
    ResemblanceKind.COPIES_OFF: "it has the text of {}, but COPYDESK_COPIES_OFF names its source or the kind of copy",
}
"""Why an article is no copy of another one, ``{}``, of which it has words."""
MAX_LIKELY = 0.99
"""The most that is said of how likely something is: it is never sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision on the article: what was decided, what came out, and why."""

    about: str
    answer: str
    why: str = ""


def decisions(facts: Facts, settings: Settings) -> Iterator[Decision]:
    """The decisions, in the order of the stages."""
    article, refusal = facts.article, facts.refusal
    read = _read(facts.raw, settings) if facts.raw is not None else None
    if read:
        yield Decision(about="format", answer=_format(read))
    if refusal:
        yield Decision(about="refused", answer=f"by {refusal.stage}: {refusal.reason}")
    if article:
        yield _cuts_decision(article)
        if article.warnings:
            yield Decision(
                about="fields",
                answer=f"{plural(len(article.warnings), 'field')} could not be used",
                why=f"{', '.join(dict.fromkeys(each.field for each in article.warnings))}; the rest is whole",
            )
        yield Decision(about="language", answer=article.language, why=_why_language(article, read) if read else "")
        if article.notice:
            yield _notice_decision(article, article.notice)
    if facts.duplicate:
        yield from _copy_decisions(facts, facts.duplicate)
    elif isinstance(article, UniqueArticle):
        yield from _unique_decisions(facts, article, settings)
    if isinstance(article, EnrichedArticle):
        yield _entities_decision(article)


def _why_language(article: CleanArticle, read: reading.RawInput) -> str:
    declared = read.record.language
    if not declared:
        return "the message does not say; its page or the text decides" if read.is_page else "the text decides"
    if normalise(declared) == article.language:
        return f"the message says {declared}"
    return f"the text decides, though the message says {declared}"


def _notice_decision(article: CleanArticle, notice: Notice) -> Decision:
    about = article.notice_about if isinstance(article, UniqueArticle) else None
    return Decision(
        about="notice",
        answer=f"a {notice.kind}"
        + (f" of {about}" if about else "")
        + (f" until {notice.until}" if notice.until else ""),
        why=f"a line says “{notice.text}”" if notice.text else "the status of the message says so",
    )


def _cuts_decision(article: CleanArticle) -> Decision:
    fields = [cut for cut in article.removed if cut.category in FIELD_CATEGORIES]
    rest = [cut for cut in article.removed if cut.category not in FIELD_CATEGORIES]
    size = sum(len(cut.text) for cut in article.removed)
    whole = size + len(article.body)
    parts = []
    if fields:
        parts.append(f"{plural(len(fields), 'became a field', 'became fields')}")
    if rest:
        parts.append(f"{plural(len(rest), 'is', 'are')} boilerplate")
    if article.left_out:
        of_page = sum(part.characters for part in article.left_out)
        parts.append(f"{of_page:,} characters of the page were not taken")
    answer = f"{plural(len(article.removed), 'cut')}, {size:,} of {whole:,} characters" if size else "no cuts"
    return Decision(about="cuts", answer=answer, why="; ".join(parts))


def _copy_decisions(facts: Facts, copy: Duplicate) -> Iterator[Decision]:
    if copy.kind is CopyKind.UNCHANGED:
        yield Decision(about="copy", answer="yes: the same article arrived before", why=KINDS[copy.kind])
    elif copy.kind is CopyKind.OUTDATED:
        yield Decision(about="copy", answer=f"an older version of {copy.duplicate_of}", why=KINDS[copy.kind])
    else:
        evidence = copy.evidence
        sampled = (
            f" {plural(evidence.shared, 'sample')} of runs of {SHINGLE_WORDS} words are in both:"
            f" {evidence.of_copy:.0%} of this text's, {evidence.of_original:.0%} of the original's, the rare ones"
            " counted most."
            if evidence.method != "content"
            else ""
        )
        yield Decision(
            about="copy",
            answer=f"yes: {copy.kind}, score {copy.score:.0%}, of {copy.duplicate_of}",
            why=KINDS[copy.kind] + sampled,
        )
        if copy.also_of:
            yield Decision(about="other originals", answer=", ".join(copy.also_of), why="of other parts of the text")
    moved = _why_moved(facts)
    yield Decision(
        about="story",
        answer=facts.story or copy.story_id,
        why=f"that of the original, which was in {copy.story_id} before: {moved}" if moved else "that of the original",
    )


def _why_moved(facts: Facts) -> str:
    """Why an article belongs to another story now; empty if it does not."""
    if facts.story_change is None:
        return ""
    change, article = facts.story_change.change, facts.story_change.article
    what = "that story was merged into this one" if change.kind is StoryChangeKind.MERGED else "it moved here"
    return f"{what} because of {article} ({_likely(change)})"


def _likely(change: StoryChange) -> str:
    return f"{min(change.likeness, MAX_LIKELY):.0%} likely to be about one event"


def _unique_decisions(facts: Facts, article: UniqueArticle, settings: Settings) -> Iterator[Decision]:
    count = facts.compared_with
    among = (
        "" if count is None else f" among the {plural(count, 'article')} before it" if count else ": it is the first"
    )
    yield Decision(
        about="copy",
        answer="no",
        why=f"a new text at a known URL is a revision, though it has the text of {article.copy.duplicate_of}"
        if article.revision_of and article.copy
        else "a new text at a known URL is a revision, whatever other texts it repeats"
        if article.revision_of
        else "a notice is passed on, whatever text it repeats"
        if article.notice
        else f"the nearest text, {article.series_of}, has the same template but is about something else"
        if article.series_of
        else RESEMBLANCES[article.resembles.kind].format(article.resembles.article)
        if article.resembles
        else f"articles of {article.source} are not called copies (COPYDESK_COPIES_OFF)"
        if source_key(article.source or "") in settings.copies_off
        else f"no text with the same words{among}, and none that shares at least {MIN_SHARED_SAMPLES} samples and "
        f"{settings.copy_threshold}% of the shorter text"
        if count != 0
        else "it is the first article",
    )
    if article.series_of:
        yield Decision(
            about="series",
            answer=f"of {article.series_of}",
            why="both share short runs of words or a frame, but most of their names, numbers or contents differ",
        )
    has_place = article.canonical_url or article.url or (article.source and article.source_id)
    if article.revision_of:
        yield Decision(
            about="revision",
            answer=f"{article.revision} of {article.revision_of}",
            why=_why_revision(article, facts.previous.article if facts.previous else None),
        )
    else:
        yield Decision(
            about="revision",
            answer="no" if has_place else "no: it has no URL, and no id of its source",
            why="no other text came from its URL before, or under its id" if has_place else "",
        )
    others = None if facts.articles is None else facts.articles - 1
    moved = _why_moved(facts)
    why = [f"it was in {article.story_id} before: {moved}"] if moved else []
    if others is not None:
        why.append(f"with {plural(others, 'other article')}" if others else "it is the first in it")
    yield Decision(about="story", answer=facts.story or article.story_id, why="; ".join(why))
    for change in article.story_changes:
        what = "merged into it" if change.kind is StoryChangeKind.MERGED else f"moves to it: {', '.join(change.moved)}"
        yield Decision(
            about="another story",
            answer=f"{change.story_id} {what}",
            why=f"because of this article; {_likely(change)}",
        )


def _why_revision(article: UniqueArticle, previous: CleanArticle | None) -> str:
    place = _url(article)
    if place is None or (previous is not None and _url(previous) != place):
        place = f"{article.source} under the id {article.source_id}"
    why = f"another text came from {place}"
    if change := article.change:
        added, removed = plural(change.sentences_added, "sentence"), plural(change.sentences_removed, "sentence")
        headline = "; a new headline" if change.headline_changed else ""
        why += f"; a {change.extent} change ({change.share:.0%}): {added} added, {removed} removed{headline}"
    return why


def _url(article: CleanArticle) -> str | None:
    return article.canonical_url or article.url


def _entities_decision(article: EnrichedArticle) -> Decision:
    meta = article.entity_meta
    found = f"found by the model {meta.model}, the lexicon and rules" if meta.model else "found by lexicon and rules"
    without = "" if meta.model else f"; there is no model for {article.language}"
    cut = f"; too long to be searched to the end: {', '.join(meta.truncated)}" if meta.truncated else ""
    return Decision(
        about="entities", answer=plural(len(article.entities), "entity", "entities"), why=f"{found}{without}{cut}"
    )


def _read(raw: bytes, settings: Settings) -> reading.RawInput | None:
    try:
        return reading.read(raw, paths=settings.fields)
    except RejectedError:
        return None


def _format(read: reading.RawInput) -> str:
    if read.format == ours.FORMAT.name:
        return "JSON in our own format" + (", with a page" if read.is_page else "")
    if read.format != "text":
        return f"{read.format}, with a page" if read.is_page else read.format
    return "a page" if read.is_page else "plain text"
