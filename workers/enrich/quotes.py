"""Finds direct speech in an article's body, and who said it.

Precise rather than complete: speech counts only where ``attribution`` finds that the article attributes it. Quotation
marks around titles, single words and what is woven into the reporter's own sentence attribute nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from schemas.records import Entity, Quote
from workers.enrich.attribution import Attribution, Attributor, SpeechWords, words_of_speech
from workers.vocabulary.quotation_marks import QUOTED

MIN_WORDS = 3
"""Fewer words are no speech, but a quoted word or a title."""
MIN_SIGNS = 7
"""The same for languages that put no blanks between words."""
_MAX_CHARS_BETWEEN_PARTS = 200

_DASHED = re.compile(r"^[–—-] ?(?P<speech>[^\W_][^\n]*)", re.MULTILINE)
"""A paragraph after a dash, which many languages write instead of quotation marks."""
_BEFORE_VERB = re.compile(r",? [–—-] ?|, |(?<=[!?]) ")
"""What stands between the speech and the verb in such a paragraph: – We sail at noon, says Li."""

_WORD = re.compile(r"\w+")
_OPENING_MARKS = '“«„"»'
_OPENS_A_SENTENCE = re.compile(r"(?:^|[.!?…:][\"”»“’']?|\n)\s*[–—-]?\s*$")
_ENDS_A_CLAUSE = re.compile(r"[.,:;!?–—]\s*$")


class _Span(NamedTuple):
    """What stands in quotation marks, without blanks at its edges; ``opening`` and ``closing`` are the marks.

    After a dash, ``closing`` is the last sign before the verb.
    """

    opening: int
    start: int
    end: int
    closing: int
    goes_on: bool


def find_quotes(body: str, language: str, entities: Sequence[Entity]) -> tuple[Quote, ...]:
    """The direct speech in the body, in order, with the speakers among the entities. Takes time linear in the body.

    None in a language whose verbs of saying are not known (``lexicon/speech.tsv``).
    """
    words = words_of_speech(language)
    if words is None:
        return ()
    marked = [span for match in QUOTED.finditer(body) if (span := _span(body, match))]
    spans = _joined(marked, list(_dashed(body, words))) if words.writes_dashes else marked
    if not spans:
        return ()
    attributor = Attributor(_masked(body, spans), words, entities)
    return tuple(
        Quote(text=body[span.start : span.end], start=span.start, end=span.end, speaker=attribution.speaker)
        for span, attribution in _attributed(body, spans, attributor)
    )


def _span(body: str, match: re.Match[str]) -> _Span | None:
    start, end = match.span(match.lastgroup or 0)
    text = body[start:end]
    goes_on = match.lastgroup == "open"
    if goes_on and body[end + 1 : end + 2] not in tuple(_OPENING_MARKS):
        return None
    own_start, own_end = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
    return _Span(match.start(), own_start, own_end, end, goes_on) if own_start < own_end else None


def _dashed(body: str, words: SpeechWords) -> Iterator[_Span]:
    """Yield the speech of paragraphs that begin with a dash, up to the verb of saying that must follow it."""
    for paragraph in _DASHED.finditer(body):
        start = paragraph.start("speech")
        for gap in _BEFORE_VERB.finditer(body, start, paragraph.end()):
            if words.verbs.match(body, gap.end()):
                yield _Span(paragraph.start(), start, gap.start(), gap.end() - 1, goes_on=False)
                break


def _joined(marked: Sequence[_Span], dashed: Sequence[_Span]) -> list[_Span]:
    """All spans in order, without those in quotation marks that overlap with speech after a dash."""
    openings = [span.opening for span in dashed]

    def is_within(span: _Span) -> bool:
        before = bisect_right(openings, span.opening) - 1
        return before >= 0 and span.opening <= dashed[before].closing

    return sorted([*dashed, *(span for span in marked if not is_within(span))])


def _masked(body: str, spans: Sequence[_Span]) -> str:
    """The body without what is said, so that it is not taken for what the article reports. Stops at its end count."""
    parts, position = [], 0
    for span in spans:
        parts += [body[position : span.opening + 1], "_" * (span.end - 1 - span.opening - 1)]
        position = max(span.end - 1, span.opening + 1)
    return "".join([*parts, body[position:]])


def _attributed(body: str, spans: Sequence[_Span], attributor: Attributor) -> Iterator[tuple[_Span, Attribution]]:
    """The spans that are speech, with who said it."""
    paragraphs: list[_Span] = []  # of the speech that goes on
    before_paragraphs: Attribution | None = None
    previous: _Span | None = None
    for span in spans:
        if not paragraphs and not _has_words(body, span, attributor):
            previous = None
            continue
        begins = not body[span.start].islower()
        attribution = before_paragraphs
        if begins and not paragraphs:
            attribution = attributor.before(span.opening)
        if span.goes_on:
            before_paragraphs = attribution
            paragraphs.append(span)
            continue
        opens = begins and (attributor.words.ends_with_verb or _opens_a_sentence(attributor.text, span.opening))
        if attribution is None and opens and not _is_title(body, span):
            attribution = attributor.after(span.opening, span.closing, ends_with=body[span.end - 1])
        if attribution is None and previous and _continues(previous, span, attributor):
            attribution = attributor.last
        if attribution:
            yield from ((paragraph, attribution) for paragraph in paragraphs)
            yield span, attribution
            attributor.last, attributor.last_end = attribution, span.closing
            previous = span
        paragraphs, before_paragraphs = [], None


def _has_words(body: str, span: _Span, attributor: Attributor) -> bool:
    if attributor.words.joins_words:
        return span.end - span.start >= MIN_SIGNS
    words = _WORD.finditer(body, span.start, span.end)
    return sum(1 for _ in islice(words, MIN_WORDS)) == MIN_WORDS


def _opens_a_sentence(text: str, opening: int) -> bool:
    return bool(_OPENS_A_SENTENCE.search(text[max(0, opening - 5) : opening]))


def _is_title(body: str, span: _Span) -> bool:
    """Whether all long words are capitalised, as in the title of a work."""
    words = [word for word in body[span.start : min(span.end, span.start + 200)].split() if len(word) > 3]
    return len(words) > 1 and all(word[0].isupper() for word in words)


def _continues(previous: _Span, span: _Span, attributor: Attributor) -> bool:
    """Whether only the attribution of the one before stands between the two: “We will,” he said, “not wait.”"""
    start = previous.closing + 1
    between = attributor.text[start : min(span.opening, start + _MAX_CHARS_BETWEEN_PARTS)].rstrip()
    if "\n" in between or span.opening > start + _MAX_CHARS_BETWEEN_PARTS:
        return False
    if not between.strip(" ,"):
        return True
    return (
        bool(_ENDS_A_CLAUSE.search(between))
        and attributor.has_verb(start, span.opening)
        and attributor.sentence_end(start) >= start + len(between)
    )
