"""The words of a text, for comparing: without punctuation and apostrophes, case-folded and hashed.

Texts are looked at as arrays of code points, all at once: lists of words take three times as long.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Hashes, Mask
from workers.dedupe.word_forms import KOREAN, paired, plain, stems

_APOSTROPHES = "'’‘`´"
_WITH_ELISIONS = frozenset({"ca", "fr", "it", "oc"})
"""Languages that write an article or pronoun and the word after it with an apostrophe between them."""
# Ideographs and kana are written without spaces: each counts as a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W_]+")
_WORD_OR_GAP = re.compile(rf"{_WORD.pattern}|[\W_]+")
_FIRST_IDEOGRAPH = 0x3040
WITH_VOWEL_SIGNS = frozenset(
    {"bn", "gu", "hi", "km", "kn", "lo", "ml", "mr", "my", "ne", "or", "pa", "si", "ta", "te", "th"}
)
"""Languages that write vowels as signs on a letter, which are no letters."""
_SIGNS = "".join(chr(code) for code in range(0x900, 0x1800) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_WITH_SIGNS = re.compile(rf"[^\W_](?:[^\W_]|[{_SIGNS}\u200c\u200d])*")
_IDEOGRAPH = re.compile(rf"[{chr(_FIRST_IDEOGRAPH)}-\U0010ffff]")
_SPACE = 0x20

# By code point.
_CHARACTERS = np.arange(0x110000, dtype=np.uint32).view("<U1")
_IS_UPPER: Mask = np.strings.isupper(_CHARACTERS)
_IS_DIGIT: Mask = np.strings.isdigit(_CHARACTERS)
_IS_IDEOGRAPH: Mask = np.zeros(len(_CHARACTERS), np.bool_)
for _first, _last in ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF)):
    _IS_IDEOGRAPH[_first : _last + 1] = True
_IS_IN_WORD: Mask = np.strings.isalnum(_CHARACTERS) | _IS_IDEOGRAPH
del _CHARACTERS


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in their order.

    Attributes:
        folded: the words, case-folded, with spaces between them.
        hashes: a 32-bit hash of each case-folded word, without accents.
        lengths: the code points of each word as written.
        capitalised: whether the first letter of each is a capital.
        numeric: whether each begins with a digit.
        terms: the hash of each as a term of a story. A single ideograph or katakana says little: it has that of a
            pair with the next one. In some languages a word has that of its stem.
        pairs: whether the term of each is a pair.
    """

    folded: str
    hashes: Hashes
    lengths: npt.NDArray[np.intp]
    capitalised: Mask
    numeric: Mask
    terms: Hashes
    pairs: Mask

    def __len__(self) -> int:
        return len(self.hashes)


def folded(text: str) -> str:
    """The words of a short text, case-folded, with spaces between them."""
    return " ".join(_tokens(text)).casefold()


def words(text: str, language: str = "") -> Words:
    """The words of a text."""
    return words_of([text], language)[0]


def words_of(texts: Sequence[str], language: str = "") -> list[Words]:
    """The words of each text in a language. Of many short texts at once they are found faster than one by one."""
    texts = [_without_apostrophes(text, language) for text in texts]
    characters = _code_points("\n".join(texts))
    has_ideographs = bool(len(characters)) and characters.max() >= _FIRST_IDEOGRAPH
    if has_ideographs:
        texts = [" ".join(_WORD_OR_GAP.findall(text)) if _IDEOGRAPH.search(text) else text for text in texts]
        characters = _code_points("\n".join(texts))
    # False before the first character and after the last: a word begins and ends where the value changes.
    padded = np.zeros(len(characters) + 2, np.bool_)
    in_word = padded[1:-1]
    _IS_IN_WORD.take(characters, out=in_word)
    edges = (padded[1:] != padded[:-1]).nonzero()[0]
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    # The characters of all words, and one after each, which becomes a space.
    spaced = np.where(in_word, characters, np.uint32(_SPACE))[in_word | padded[:-2]].tobytes().decode("utf-32-le")
    initials = characters.take(starts)
    upper, digit, no_pairs = _IS_UPPER.take(initials), _IS_DIGIT.take(initials), np.zeros(len(initials), np.bool_)
    # A word that is not followed by a single space is followed by punctuation.
    goes_on = np.append(starts[1:] - starts[:-1] - lengths[:-1] == 1, False)
    ends_of_texts = np.array([len(text) + 1 for text in texts]).cumsum()
    ends = starts.searchsorted(ends_of_texts)  # of each text: the number of words to there,
    ends_spaced = np.append(0, (lengths + 1).cumsum())[ends]  # and of their characters
    found = []
    for (start, end), (first, last) in zip(
        pairwise([0, *ends.tolist()]), pairwise([0, *ends_spaced.tolist()]), strict=True
    ):
        joined = spaced[first : max(first, last - 1)].casefold()
        bare = plain(joined, language)
        own, hashes = slice(start, end), word_hashes(bare)
        terms, pairs = hashes, no_pairs[own]
        stemmed = stems(bare, language)
        if has_ideographs or stemmed != bare:
            terms, pairs = paired(hashes if stemmed == bare else word_hashes(stemmed), initials[own], goes_on[own])
        found.append(Words(joined, hashes, lengths[own], upper[own], digit[own], terms, pairs))
    return found


def spelled(text: str, found: Words, language: str) -> list[str]:
    """How to show each of the words found in a text in a language: ours have particles, and end at vowel signs."""
    if language == KOREAN:
        return stems(found.folded, KOREAN).split()
    if language not in WITH_VOWEL_SIGNS:
        return found.folded.split()
    whole = _WITH_SIGNS.findall(_without_apostrophes(text, language))
    return [word.casefold() for word in whole for _ in _WORD.findall(word)]


def word_hashes(joined: str) -> Hashes:
    """A 32-bit hash of each word of a text whose words have a space between them."""
    split = joined.encode().split()
    return np.fromiter(map(crc32, split), np.uint32, len(split))


def content_hash(parts: Iterable[str]) -> str:
    """A hash of the words of all parts in their order, as 16 hexadecimal digits."""
    return blake2b(" ".join(filter(None, parts)).encode(), digest_size=8).hexdigest()


def _tokens(text: str) -> list[str]:
    return _WORD.findall(_without_apostrophes(text))


def _without_apostrophes(text: str, language: str = "") -> str:
    """The text without apostrophes; two words with an elision stay two."""
    gap = " " if language in _WITH_ELISIONS else ""
    for apostrophe in _APOSTROPHES:
        text = text.replace(apostrophe, gap)
    return text


def _code_points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), "<u4")
