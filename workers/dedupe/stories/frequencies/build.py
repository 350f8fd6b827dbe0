"""Writes the word lists beside this file from the data of the package ``wordfreq``: ``pip install wordfreq==3.1.1``.

Each line has a frequency (tenths of the Zipf scale, where 30 is one in a million words) and its words.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from importlib import import_module
from math import floor, log10
from pathlib import Path

from workers.dedupe.words import words

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ru")
MIN_ZIPF = 3.3
"""Rarer words look as rare without a list."""


def main() -> None:
    """Write all lists."""
    wordfreq = import_module("wordfreq")
    for language in LANGUAGES:
        words_of: dict[int, set[str]] = defaultdict(set)
        for word, frequency in wordfreq.get_frequency_dict(language, wordlist="small").items():
            zipf = floor(10 * (log10(frequency) + 9) + 0.5)
            own = words(word)
            if zipf >= 10 * MIN_ZIPF and len(own) == 1:
                words_of[zipf].add(own.folded)
        lines = (" ".join((str(zipf), *sorted(words_of[zipf]))) for zipf in sorted(words_of, reverse=True))
        path = Path(__file__).parent / f"{language}.txt.gz"
        path.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
