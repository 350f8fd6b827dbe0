"""Writes the word lists beside this file from the data of the package ``wordfreq``: ``pip install wordfreq==3.1.1``.

Each line has a frequency (tenths of the Zipf scale, where 30 is one in a million words) and its words, or their stems
in languages with many endings. Of languages that are written without spaces, the words are pairs of characters, within
a word or where two words meet.
"""

from __future__ import annotations

import lzma
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import pairwise, product
from math import floor, log10
from pathlib import Path

from workers.dedupe.stories.background import LONG, WITHOUT_SPACES
from workers.dedupe.word_forms import stems
from workers.dedupe.words import words

MIN_ZIPF = 3.3
"""Rarer words look as rare without a list."""
SHORT = (
    "ar", "bg", "bn", "ca", "cs", "da", "el", "fa", "fi", "fil", "he", "hi", "hu", "id", "is", "ko", "lt", "lv", "mk",
    "ms", "nb", "nl", "pl", "ro", "sh", "sk", "sl", "sv", "ta", "tr", "uk", "ur", "vi",
)  # fmt: skip
MIN_ZIPF_OF_SHORT = 4.7
"""Of these languages only common words are listed: all lists together have less than 1 MB."""
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
COMMON_CHARACTERS = 400
"""The most frequent first and last characters of words, of which pairs are taken to meet."""


def main() -> None:
    """Write all lists."""
    wordfreq = import_module("wordfreq")
    for language in (*LONG, *SHORT, *WITHOUT_SPACES):
        frequencies = wordfreq.get_frequency_dict(language, wordlist="small")
        counted = pairs(frequencies) if language in WITHOUT_SPACES else counts(frequencies, language)
        least = MIN_ZIPF_OF_SHORT if language in SHORT else MIN_ZIPF
        words_of: dict[int, set[str]] = defaultdict(set)
        for word, frequency in counted.items():
            zipf = floor(10 * (log10(frequency) + 9) + 0.5)
            if zipf >= 10 * least:
                words_of[zipf].add(word)
        lines = (" ".join((str(zipf), *sorted(words_of[zipf]))) for zipf in sorted(words_of, reverse=True))
        packed = lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME)
        (Path(__file__).parent / f"{language}.txt.xz").write_bytes(packed)


def counts(frequencies: Mapping[str, float], language: str) -> dict[str, float]:
    """How often each word occurs that is a single word for us, or its stem."""
    single: defaultdict[str, float] = defaultdict(float)
    for word, frequency in frequencies.items():
        if len(own := words(word)) == 1:
            single[own.folded] = max(single[own.folded], frequency)
    found: defaultdict[str, float] = defaultdict(float)
    for word, frequency in single.items():
        found[stems(word, language)] += frequency
    return found


def pairs(frequencies: Mapping[str, float]) -> dict[str, float]:
    """How often each pair of ideographs or kana occurs, by how often words do, if words follow each other by chance."""
    found: defaultdict[str, float] = defaultdict(float)
    first: defaultdict[str, float] = defaultdict(float)
    last: defaultdict[str, float] = defaultdict(float)
    for word, frequency in frequencies.items():
        if not _IDEOGRAPHS.fullmatch(word):
            continue
        for pair in pairwise(word):
            found["".join(pair)] += frequency
        first[word[0]] += frequency
        last[word[-1]] += frequency
    for one, other in product(_most_common(last), _most_common(first)):
        found[one + other] += last[one] * first[other]
    return {pair: frequency for pair, frequency in found.items() if words(pair).pairs[0]}


def _most_common(characters: Mapping[str, float]) -> Iterator[str]:
    yield from sorted(characters, key=characters.__getitem__, reverse=True)[:COMMON_CHARACTERS]


if __name__ == "__main__":
    main()
