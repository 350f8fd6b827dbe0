"""A text as pieces in their order, some of which are marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from schemas import CleanArticle, EnrichedArticle, Section
from workers.clean.spans import restore
from workers.enrich import sections

CUT, FIELD = "cut", "field"
"""The marks of removed text: boilerplate, and words that became a field."""
SHARED, ADDED, DELETED, MENTION, LEFT_OUT = "shared", "added", "deleted", "mention", "left_out"
FIELD_CATEGORIES = frozenset({"headline", "summary", "dateline", "caption", "credit", "byline", "date", "crumb"})
"""The categories of removed text that is kept as a field."""

MAX_WHOLE_CHARS = 2_500
"""A text up to this length is shown whole."""
MAX_PIECE_CHARS = 600
"""Of a longer text, a longer piece is shown only from its start and its end."""
MAX_SHOWN_CHARS = 6_000
"""A longer text is shown up to here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a text. ``mark`` says what it is, if it is marked, and ``label`` more about it: ``ad-label (ad)``."""

    text: str
    mark: str | None = None
    label: str | None = None


Span = tuple[int, int, str, str]
"""The start and end of a marked piece, its mark and its label."""


def marked(text: str, spans: Iterable[Span]) -> tuple[Piece, ...]:
    """The text as pieces, with the spans marked. Of spans that overlap, the first counts."""
    pieces: list[Piece] = []
    end = 0
    for start, stop, mark, label in sorted(spans):
        if start < end or start >= stop:
            continue
        if start > end:
            pieces.append(Piece(text=text[end:start]))
        pieces.append(Piece(text=text[start:stop], mark=mark, label=label))
        end = stop
    if end < len(text):
        pieces.append(Piece(text=text[end:]))
    return tuple(pieces)


def cuts(article: CleanArticle) -> tuple[Piece, ...]:
    """The raw text of an article with every cut marked, by its rule and category."""
    return marked(
        restore(article.body, article.removed),
        (
            (cut.start, cut.end, FIELD if cut.category in FIELD_CATEGORIES else CUT, f"{cut.rule} ({cut.category})")
            for cut in article.removed
        ),
    )


def mentions(article: EnrichedArticle) -> tuple[tuple[Section, tuple[Piece, ...]], ...]:
    """The texts of an article that were searched for entities, with their mentions marked."""
    return tuple(
        (
            text.section,
            marked(
                text.text,
                (
                    (mention.start, mention.end, MENTION, entity.type)
                    for entity in article.entities
                    for mention in entity.mentions
                    if mention.section is text.section
                ),
            ),
        )
        for text in sections(article)
    )


def shortened(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces without the middle of long ones, and without those beyond what one wants to read.

    Pieces with the mark ``LEFT_OUT`` say how much is missing.
    """
    if sum(len(piece.text) for piece in pieces) <= MAX_WHOLE_CHARS:
        return tuple(pieces)
    shown: list[Piece] = []
    size = 0
    for index, piece in enumerate(pieces):
        if size > MAX_SHOWN_CHARS:
            rest = pieces[index:]
            return (*shown, _gap(sum(len(each.text) for each in rest), sum(each.mark is not None for each in rest)))
        parts = tuple(_without_middle(piece))
        shown += parts
        size += sum(len(part.text) for part in parts)
    return tuple(shown)


def _without_middle(piece: Piece) -> Iterator[Piece]:
    if len(piece.text) <= MAX_PIECE_CHARS:
        yield piece
        return
    side = MAX_PIECE_CHARS // 2 - 50
    first, last = piece.text[:side], piece.text[-side:]
    # Whole words, where there are spaces.
    first = first[: first.rfind(" ") + 1] or first
    last = last[last.find(" ") + 1 :] or last
    yield replace(piece, text=first)
    yield _gap(len(piece.text) - len(first) - len(last), 0)
    yield replace(piece, text=last)


def _gap(characters: int, marks: int) -> Piece:
    passages = f" with {marks:,} marked passages" if marks else ""
    return Piece(text=f" … {characters:,} characters{passages} not shown … ", mark=LEFT_OUT)


def is_marked(pieces: Iterable[Piece]) -> bool:
    """Whether any piece is marked."""
    return any(piece.mark for piece in pieces)


def changes(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The marked pieces with what is around them: runs of unmarked pieces only by their first and last one."""
    near = {index for index, piece in enumerate(pieces) if piece.mark}
    near |= {index + 1 for index in near} | {index - 1 for index in near}
    kept = sorted(index for index in near if 0 <= index < len(pieces))
    shown: list[Piece] = []
    for before, index in pairwise([-1, *kept, len(pieces)]):
        if hidden := sum(len(piece.text) for piece in pieces[before + 1 : index]):
            shown.append(_gap(hidden, 0))
        if index < len(pieces):
            shown.append(pieces[index])
    return tuple(shown)
