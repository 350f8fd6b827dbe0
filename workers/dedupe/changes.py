"""Changes: which sentences of a revision are new, and which of the version before are gone.

The ledger has no texts. Of an article that may be revised it keeps an outline: a hash of the headline and one of each
sentence, with its length. Of a very long text, such as a live blog, it keeps a sample.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice, pairwise
from zlib import crc32

from schemas import Change, CleanArticle, Evidence, Extent, Passage

MAX_SENTENCES = 256
"""Sentences in an outline, about: of a text with more, a sample of every second, fourth … sentence is kept."""
MAX_PASSAGES = 5
"""New passages that a change names."""
MIN_SUBSTANTIAL_SHARE = 0.1
"""Share of the text from which a change of more than one sentence is substantial."""
UNCERTAIN_DATES = frozenset({"relative", "url"})
"""Sources of dates that do not tell which of two versions of a day is the newer one."""

# A pattern that begins with a set of characters is three times as fast as alternatives.
SENTENCE_BREAK = re.compile(
    r"[.!?…。！？\n](?: (?<=[.!?…]) [\"”’»)\]]* [ ]+ | (?<=[。！？]) [”」』]? | (?<=\n) )", re.VERBOSE
)
"""The end of a sentence, with the white space after it."""
CHARACTERS_PER_UNIT = 4
"""The length of a sentence is counted in units of so many characters."""
_WORD = re.compile(r"\w+")
_ASCII_WORDS = bytes(code if _WORD.match(chr(code)) else ord(" ") for code in range(128)).lower().ljust(256)
"""Each character of a word in lower case, by its code, and a space for all others."""
_LENGTH_BITS = 7
_MAX_LENGTH = (1 << _LENGTH_BITS) - 1
_HEADER = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its place in the text; the lower bits of ``value`` are its length, the others a hash."""

    start: int
    end: int
    value: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What is kept of a version: a hash of its headline, 0 if it has none, and one sentence in ``ratio``."""

    headline: int
    ratio: int
    sentences: frozenset[int]

    def has_other_headline(self, other: Outline) -> bool:
        """Whether both have a headline, and not the same."""
        return 0 not in (self.headline, other.headline) and self.headline != other.headline


NO_OUTLINE = Outline(0, 1, frozenset())
"""The outline of a version that has none."""


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text that have words. Punctuation, case and layout do not matter for their value."""
    found = []
    for start, end in pairwise([0, *(match.end() for match in SENTENCE_BREAK.finditer(text)), len(text)]):
        sentence = text[start:end]
        if words := _words(sentence):
            length = min(len(words) // CHARACTERS_PER_UNIT + 1, _MAX_LENGTH)
            value = crc32(words.encode()) & ~_MAX_LENGTH | length
            found.append(Sentence(start, start + len(sentence.rstrip()), value))
    return found


def _words(sentence: str) -> str:
    """The words of a sentence, case-folded, with spaces between them."""
    if sentence.isascii():  # most are, and this is four times as fast
        return b" ".join(sentence.encode().translate(_ASCII_WORDS).split()).decode()
    return " ".join(_WORD.findall(sentence)).casefold()


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an article: its outline, its sentences, and when its publisher changed it, if that is certain."""

    outline: Outline
    sentences: Sequence[Sentence]
    modified: int | None

    def is_older_than(self, modified: int | None) -> bool:
        """Whether this version is certainly older than one that was changed then."""
        return self.modified is not None and modified is not None and self.modified < modified

    def change_of(self, before: Outline) -> Change:
        """What is new in this version, and what is gone from the one before it."""
        new, old = self._beside(before), before.sentences
        added, removed = new - old, old - new
        share = max(_share(added, new), _share(removed, old))
        more_than_one = max(len(added), len(removed)) * before.ratio > 1
        return Change(
            share=share,
            sentences_added=len(added) * before.ratio,
            sentences_removed=len(removed) * before.ratio,
            headline_changed=self.outline.has_other_headline(before),
            extent=Extent.SUBSTANTIAL if more_than_one and share >= MIN_SUBSTANTIAL_SHARE else Extent.MINOR,
            added=tuple(_passages(self.sentences, added)) if before.ratio == 1 else (),
        )

    def in_common_with(self, other: Outline) -> Evidence:
        """Which part of both versions is the same."""
        mine, others = self._beside(other), other.sentences
        shared = mine & others
        return Evidence(
            method="modified",
            shared=len(shared) * other.ratio,
            of_copy=_share(shared, mine),
            of_original=_share(shared, others),
        )

    def _beside(self, other: Outline) -> frozenset[int]:
        """The sentences of this version that the other outline would have kept."""
        return _in_class([sentence.value for sentence in self.sentences], other.ratio)


def version_of(article: CleanArticle, headline: str) -> Version:
    """The version that an article is; ``headline`` is its headline, case-folded."""
    text = sentences(article.body)
    return Version(_outline(headline, text), text, _modified(article))


def _outline(headline: str, text: Sequence[Sentence]) -> Outline:
    ratio, kept = 1, frozenset(sentence.value for sentence in text)
    while len(kept) > MAX_SENTENCES:
        ratio *= 2
        kept = _in_class(kept, ratio)
    return Outline(crc32(headline.encode()) if headline else 0, ratio, kept)


def _modified(article: CleanArticle) -> int | None:
    """When the article was changed, in seconds since 1970, or None where the time zone or the hour is a guess."""
    source = article.date_sources.get("modified")
    if article.modified is None or "modified" in article.dates_without_zone or source in UNCERTAIN_DATES:
        return None
    return max(0, int(datetime.fromisoformat(article.modified).timestamp()))


def pack(each: Outline) -> bytes:
    """An outline in few bytes."""
    values = sorted(each.sentences)
    return _HEADER.pack(each.headline, each.ratio) + struct.pack(f"<{len(values)}I", *values)


def unpack(packed: bytes) -> Outline:
    """The outline that was packed; of nothing, ``NO_OUTLINE``.

    Raises:
        ValueError: it is cut off.
    """
    if not packed:
        return NO_OUTLINE
    if len(packed) % 4 or len(packed) < _HEADER.size:
        raise ValueError("an outline is cut off")
    headline, ratio, *values = struct.unpack(f"<{len(packed) // 4}I", packed)
    if ratio < 1 or ratio & (ratio - 1):
        raise ValueError("the ratio of an outline is no power of 2")
    return Outline(headline, ratio, frozenset(values))


def _in_class(values: Collection[int], ratio: int) -> frozenset[int]:
    """The sentences in the class of one in ``ratio``; the classes are nested."""
    return frozenset(value for value in values if (value >> _LENGTH_BITS) & (ratio - 1) == 0)


def _share(part: Collection[int], whole: Collection[int]) -> float:
    """The length of some sentences as a share of that of all."""
    counts = [sum(value & _MAX_LENGTH for value in values) for values in (part, whole)]
    return round(counts[0] / max(1, counts[1]), 3)


def _passages(text: Sequence[Sentence], added: Collection[int]) -> Iterator[Passage]:
    """Yield the first runs of added sentences."""
    runs = (list(run) for is_added, run in groupby(text, lambda each: each.value in added) if is_added)
    for run in islice(runs, MAX_PASSAGES):
        yield Passage(start=run[0].start, end=run[-1].end)
