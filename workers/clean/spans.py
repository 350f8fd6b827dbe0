"""Spans of text: take them out, put them back, and convert offsets between the body and the raw text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from schemas.records import Removed


class Removal(NamedTuple):
    """A span to take out, ``text[start:end]``, with the id of the rule that matched and the category."""

    start: int
    end: int
    rule: str
    category: str


def cut(text: str, removals: Iterable[Removal]) -> tuple[str, tuple[Removed, ...]]:
    """Return the text without the removals, and what was removed: sorted and disjoint.

    ``text`` is in normal form, and so is the result: white space that is no longer needed goes with the span beside
    it. Where removals overlap the earlier one wins. Removals of one category with only white space between them become
    one. ``restore`` is the inverse.
    """
    pieces = _disjoint(text, removals)
    for first, last in _touching_runs(pieces):
        start, end = pieces[first].start, pieces[last].end
        before = text[start - 1] if start else "\n"
        after = text[end] if end < len(text) else "\n"
        if not (before.isspace() and after.isspace()):
            continue
        if end < len(text) and not (before == " " and after == "\n"):
            pieces[last] = pieces[last]._replace(end=end + 1)
        elif start:
            pieces[first] = pieces[first]._replace(start=start - 1)
    removed = tuple(
        Removed(
            start=piece.start,
            end=piece.end,
            text=text[piece.start : piece.end],
            rule=piece.rule,
            category=piece.category,
        )
        for piece in pieces
    )
    return _without(text, pieces), removed


def restore(body: str, removed: Sequence[Removed]) -> str:
    """Return the raw text that the body was cut from, with every removed span back in its place."""
    pieces: list[str] = []
    body_offset = raw_offset = 0
    for item in removed:
        kept = item.start - raw_offset
        pieces += (body[body_offset : body_offset + kept], item.text)
        body_offset += kept
        raw_offset = item.end
    return "".join((*pieces, body[body_offset:]))


def moved(removed: Sequence[Removed], body: str, joined: str) -> tuple[Removed, ...]:
    """Return what was removed from a text, where it stands once lines of the body are joined.

    ``joined`` is the body with line ends as blanks or without them, and without hyphens before them.
    """
    dropped: list[int] = []
    at = 0
    for offset, character in enumerate(body):
        if joined.startswith(character, at) or (character == "\n" and joined.startswith(" ", at)):
            at += 1
        else:
            dropped.append(offset)
    out: list[Removed] = []
    kept_until = taken = 0
    for item in removed:
        kept_until += item.start - taken
        taken = item.end
        shift = bisect_left(dropped, kept_until)
        out.append(replace(item, start=item.start - shift, end=item.end - shift))
    return tuple(out)


def raw_offsets(removed: Sequence[Removed]) -> Callable[[int], int]:
    """Return a function from an offset into the body to the offset of the same character in the raw text."""
    starts: list[int] = []
    shifts = [0]
    for item in removed:
        starts.append(item.start - shifts[-1])
        shifts.append(shifts[-1] + item.end - item.start)
    return lambda offset: offset + shifts[bisect_right(starts, offset)]


def _disjoint(text: str, removals: Iterable[Removal]) -> list[Removal]:
    pieces: list[Removal] = []
    for removal in sorted(removals):
        start = max(removal.start, pieces[-1].end) if pieces else removal.start
        if start >= removal.end:
            continue
        if pieces and not text[pieces[-1].end : start].strip():
            before = pieces[-1]
            is_same = before.category == removal.category
            pieces[-1] = Removal(before.start, removal.end if is_same else start, before.rule, before.category)
            if is_same:
                continue
        pieces.append(Removal(start, removal.end, removal.rule, removal.category))
    return pieces


def _touching_runs(pieces: Sequence[Removal]) -> Iterator[tuple[int, int]]:
    """Yield the first and last index of each run of pieces that touch."""
    first = 0
    for index in range(1, len(pieces) + 1):
        if index == len(pieces) or pieces[index].start != pieces[index - 1].end:
            yield first, index - 1
            first = index


def _without(text: str, pieces: Sequence[Removal]) -> str:
    starts = (0, *(piece.end for piece in pieces))
    ends = (*(piece.start for piece in pieces), len(text))
    return "".join(text[start:end] for start, end in zip(starts, ends, strict=True))
