"""What two texts share, and what changed from one to the other."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice, pairwise

from workers.dedupe.changes import SENTENCE_BREAK
from workers.dedupe.word_forms import IN_TWO_SCRIPTS, in_latin, plain
from workers.dedupe.words import folded
from workers.explain.pieces import ADDED, DELETED, SHARED, Piece, Span, marked

PASSAGE_WORDS = 5
"""Words in a passage, at least; fewer are in any two texts."""
MAX_PLACES = 16
"""Places in the original that are tried for the start of a passage: more are the same few words again and again."""
MAX_SENTENCES = 500
"""Sentences that are compared of each text; what follows counts as one more. Comparing can take cubic time."""
MIN_LIKENESS = 0.5
"""The share of words that two sentences have in common if one is the other in new words."""
MAX_REWORDED_WORDS = 300
"""Words of a sentence up to which its words are compared."""
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*\s*|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]\s*|\w+\s*|[^\w\s]\s*|\s+")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W_]+(?:['’‘`´]+[^\W_]+)*")


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


def compare(first: str, second: str, languages: tuple[str, str] = ("", "")) -> Comparison:
    """What the texts share, each of which is in one of the languages.

    Each word of the first belongs to at most one passage: the longest that starts there.
    """
    words, others = _words(first, languages[0]), _words(second, languages[1])
    least = max(1, min(PASSAGE_WORDS, len(words), len(others)))
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
    old_keys, new_keys = ([folded(each) or each.strip() for each in both] for both in (old, new))
    matcher = SequenceMatcher(None, old_keys, new_keys, autojunk=False)
    pieces: list[Piece] = []
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        gone, come = old[old_start:old_end], new[new_start:new_end]
        if kind == "equal":
            pieces += (Piece(text=text) for text in come)
            continue
        old_end = new_end = 0
        for i, j in _reworded_pairs(gone, come):
            pieces += (Piece(text=text, mark=DELETED) for text in gone[old_end:i])
            pieces += (Piece(text=text, mark=ADDED) for text in come[new_end:j])
            pieces += _reworded(gone[i], come[j])
            old_end, new_end = i + 1, j + 1
        pieces += (Piece(text=text, mark=DELETED) for text in gone[old_end:])
        pieces += (Piece(text=text, mark=ADDED) for text in come[new_end:])
    return tuple(pieces)


def _reworded_pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Which sentences have most of their words in common, in the order of both texts."""
    words, others = ([Counter(folded(each).split()) for each in both] for both in (before, after))
    likely = [i for i, each in enumerate(words) if each.total() <= MAX_REWORDED_WORDS]
    for j, other in enumerate(others):
        if not likely or other.total() > MAX_REWORDED_WORDS:
            continue
        nearest = max(likely, key=lambda i: _likeness(words[i], other))
        if _likeness(words[nearest], other) >= MIN_LIKENESS:
            yield nearest, j
            likely = [i for i in likely if i > nearest]


def _likeness(words: Counter[str], others: Counter[str]) -> float:
    """The share of words that two sentences have in common, 0 to 1."""
    return 2 * (words & others).total() / max(1, words.total() + others.total())


def _reworded(before: str, after: str) -> Iterator[Piece]:
    """The sentence ``after`` with the words that are new, and those of ``before`` that are gone."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    matcher = SequenceMatcher(None, [each.strip() for each in old], [each.strip() for each in new], autojunk=False)
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        gone, come = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
        if kind == "equal":
            yield Piece(text=come)
            continue
        if gone:
            yield Piece(text=gone, mark=DELETED)
        if come:
            yield Piece(text=come, mark=ADDED)


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


def _words(text: str, language: str) -> list[_Word]:
    return [_Word(match.start(), match.end(), _key(match[0], language) or match[0]) for match in _WORD.finditer(text)]


def _key(word: str, language: str) -> str:
    """The word as it is compared for copies."""
    return plain(folded(in_latin(word) if language in IN_TWO_SCRIPTS else word), language).replace(" ", "")


def _span(words: Sequence[_Word], start: int, size: int, number: int) -> Span:
    return words[start].start, words[start + size - 1].end, SHARED, str(number)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 0.0


def _sentences(text: str) -> list[str]:
    """The sentences with the white space after them; what is beyond the limit is one more."""
    ends = [match.end() for match in islice(SENTENCE_BREAK.finditer(text), MAX_SENTENCES)]
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)]) if start < end]
