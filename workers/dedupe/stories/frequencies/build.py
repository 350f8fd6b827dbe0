"""Writes the word lists beside this file from the data of the package ``wordfreq``: ``pip install wordfreq==3.1.1``.

Each line has a frequency (tenths of the Zipf scale, where 30 is one in a million words) and its words. Of languages
that are written without spaces, the words are pairs of characters, within a word or where two words meet.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import pairwise, product
from math import floor, log10
from pathlib import Path

from workers.dedupe.stories.background import WITHOUT_SPACES
from workers.dedupe.words import words

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ru")
MIN_ZIPF = 3.3
"""Rarer words look as rare without a list."""
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
COMMON_CHARACTERS = 400
"""The most frequent first and last characters of words, of which pairs are taken to meet."""


def main() -> None:
    """Write all lists."""
    wordfreq = import_module("wordfreq")
    for language in (*LANGUAGES, *WITHOUT_SPACES):
        frequencies = wordfreq.get_frequency_dict(language, wordlist="small")
        is_paired = language in WITHOUT_SPACES
        counted = pairs(frequencies) if is_paired else frequencies
        words_of: dict[int, set[str]] = defaultdict(set)
        for word, frequency in counted.items():
            zipf = floor(10 * (log10(frequency) + 9) + 0.5)
            own = words(word)
            if zipf >= 10 * MIN_ZIPF and (own.terms[0] != own.hashes[0] if is_paired else len(own) == 1):
                words_of[zipf].add(own.folded.replace(" ", ""))
        lines = (" ".join((str(zipf), *sorted(words_of[zipf]))) for zipf in sorted(words_of, reverse=True))
        path = Path(__file__).parent / f"{language}.txt.gz"
        path.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))


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
    return found


def _most_common(characters: Mapping[str, float]) -> Iterator[str]:
    yield from sorted(characters, key=characters.__getitem__, reverse=True)[:COMMON_CHARACTERS]


if __name__ == "__main__":
    main()
