"""What two texts share, and what changed from one to the other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from workers.dedupe.copies import SHINGLE_WORDS, folded, tokens
from workers.explain.pieces import ADDED, DELETED, SHARED, Piece, Span, marked

MAX_PLACES = 16
"""Places in the original that are tried for the start of a passage: more are the same few words again and again."""
MAX_SENTENCES = 2_000
"""Sentences that are compared of each text; what follows is shown as new."""
MAX_REWORDED_TOKENS = 1_000
MIN_REWORDED = 0.6
"""How alike sentences must be, 0 to 1, to be shown with the words that changed."""
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]\s*|\w+\s*|[^\w\s]\s*|\s+")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W_]+(?:['’‘`´]+[^\W_]+)*")
_SENTENCE = re.compile(r"[^\n]*?(?:[.!?][\"”’»)\]]*[ ]+|[。！？][”」』]?|\n|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two texts with the passages that they share: those of at least five words, numbered in the order of the first.

    ``of_first`` and ``of_second`` are the shares of their words, 0 to 1.
    """

    passages: int
    of_first: float
    of_second: float
    first: tuple[Piece, ...]
    second: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    folded: str


def compare(first: str, second: str) -> Comparison:
    """What the texts share. Each word of the first belongs to at most one passage: the longest that starts there."""
    words, others = _words(first), _words(second)
    least = max(1, min(SHINGLE_WORDS, len(words), len(others)))
    runs = _shared_runs([word.folded for word in words], [word.folded for word in others], least)
    covered = {index for _, start, size in runs for index in range(start, start + size)}
    return Comparison(
        passages=len(runs),
        of_first=_share(sum(size for _, _, size in runs), len(words)),
        of_second=_share(len(covered), len(others)),
        first=marked(first, [_span(words, at, size, number) for number, (at, _, size) in enumerate(runs, 1)]),
        second=marked(second, [_span(others, at, size, number) for number, (_, at, size) in enumerate(runs, 1)]),
    )


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """The text ``after`` with the sentences that are new, and those of ``before`` that are gone.

    Of a sentence that was only reworded, the words are marked.
    """
    old, new = _sentences(before), _sentences(after)
    old_keys, new_keys = ([" ".join(folded(tokens(each))) or each.strip() for each in both] for both in (old, new))
    matcher = SequenceMatcher(None, old_keys, new_keys, autojunk=False)
    pieces: list[Piece] = []
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        gone, come = old[old_start:old_end], new[new_start:new_end]
        if kind == "equal":
            pieces += (Piece(text=text) for text in come)
        elif reworded := _reworded("".join(gone), "".join(come)):
            pieces += reworded
        else:
            pieces += (Piece(text=text, mark=DELETED) for text in gone)
            pieces += (Piece(text=text, mark=ADDED) for text in come)
    return tuple(pieces)


def _reworded(before: str, after: str) -> tuple[Piece, ...]:
    """The words that were changed; nothing if the sentences have too little in common to be read that way."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if max(len(old), len(new)) > MAX_REWORDED_TOKENS:
        return ()
    matcher = SequenceMatcher(None, [each.strip() for each in old], [each.strip() for each in new], autojunk=False)
    if matcher.ratio() < MIN_REWORDED:
        return ()
    pieces: list[Piece] = []
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece(text="".join(new[new_start:new_end])))
            continue
        for mark, tokens_of in ((DELETED, old[old_start:old_end]), (ADDED, new[new_start:new_end])):
            if tokens_of:
                pieces.append(Piece(text="".join(tokens_of), mark=mark))
    return tuple(pieces)


def _shared_runs(words: Sequence[str], others: Sequence[str], least: int) -> list[tuple[int, int, int]]:
    """The runs that both have, as their starts and their length, in the order of the first; takes linear time."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for start in range(len(others) - least + 1):
        found = places[tuple(others[start : start + least])]
        if len(found) < MAX_PLACES:
            found.append(start)
    runs: list[tuple[int, int, int]] = []
    start = 0
    while start <= len(words) - least:
        candidates = places.get(tuple(words[start : start + least]), ())
        size, where = max(((_run_length(words, start, others, at, least), -at) for at in candidates), default=(0, 0))
        if size:
            runs.append((start, -where, size))
        start += size or 1
    return runs


def _run_length(words: Sequence[str], start: int, others: Sequence[str], at: int, size: int) -> int:
    while start + size < len(words) and at + size < len(others) and words[start + size] == others[at + size]:
        size += 1
    return size


def _words(text: str) -> list[_Word]:
    return [
        _Word(match.start(), match.end(), "".join(folded(tokens(match[0]))) or match[0])
        for match in _WORD.finditer(text)
    ]


def _span(words: Sequence[_Word], start: int, size: int, number: int) -> Span:
    return words[start].start, words[start + size - 1].end, SHARED, str(number)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 0.0


def _sentences(text: str) -> list[str]:
    """The sentences with the white space after them; what is beyond the limit is one more."""
    found: list[str] = []
    end = 0
    for match in _SENTENCE.finditer(text):
        if len(found) == MAX_SENTENCES:
            break
        if match[0]:
            found.append(match[0])
            end = match.end()
    return [*found, text[end:]] if end < len(text) else found
