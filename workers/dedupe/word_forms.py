"""What stands for a word that would not be found again as it is: accents are left out, it changes its form, or has no
spaces."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Hashes, Mask

INFLECTED = (
    *("be", "bg", "bs", "cs", "hr", "mk", "pl", "sh", "sk", "sl", "sr", "uk"),
    *("el", "et", "fi", "hu", "hy", "is", "ka", "kk", "lt", "lv", "ro", "sq", "tr"),
)
"""Languages whose words have many endings, and of which only the most common words are listed as such."""
STEM_LETTERS = 5
"""First letters of a word that stand for it there (as in Can et al. 2008, Information retrieval on Turkish texts)."""
KOREAN, ARABIC = "ko", "ar"
IN_TWO_SCRIPTS = frozenset({"bs", "sh", "sr"})
"""Serbian and its relatives, whose publishers write in Latin letters, in Cyrillic ones, or in both."""

_LONG_WORD = re.compile(rf"\b([^\W\d_]{{{STEM_LETTERS}}})[^\W\d_]+")
# Korean particles follow their noun without a space.
_PARTICLE = re.compile(
    r"(?<=[\uac00-\ud7a3]{2})"
    r"(?:으로부터|에서는|에게서|으로는|이라고|이라는|에서|에게|께서|으로|라고|라는|까지|부터|보다|처럼|에는|로는"
    r"|은|는|이|가|을|를|의|에|로|와|과|도|만)(?= |$)"
)
# The Arabic article precedes its noun without a space, and so do “and”, “in”, “as” and “to” before it.
_ARTICLE = re.compile(r"(?<![^ ])و?(?:[بكف]?ال|لل)(?=\w\w)")
_STEMS = {KOREAN: (_PARTICLE, ""), ARABIC: (_ARTICLE, ""), **dict.fromkeys(INFLECTED, (_LONG_WORD, r"\1"))}

_PAIR_MIXER = np.uint32(0x01000193)
# The script by code point, of characters that make pairs: two ideographs or two katakana are mostly a word, or part of
# one, unless they are particles.
_CHINESE_AND_JAPANESE_PARTICLES = (
    "的了是在和与也都就而及或被把将从对为以这那其之于有不没又还很等着过说到并但由向给让他她它们我你会后来"
    "與將從對為這於沒還著過說並給讓們會後來・"
)
_IDEOGRAPH_SCRIPT, _KATAKANA_SCRIPT = 1, 2
_SCRIPT: npt.NDArray[np.uint8] = np.zeros(0x110000, np.uint8)
_SCRIPT[0x3400:0x4DC0] = _SCRIPT[0x4E00:0xA000] = _IDEOGRAPH_SCRIPT
_SCRIPT[0x30A0:0x3100] = _KATAKANA_SCRIPT
_SCRIPT[[ord(particle) for particle in _CHINESE_AND_JAPANESE_PARTICLES]] = 0

_LATIN = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
_LATIN |= {"љ": "lj", "њ": "nj", "џ": "dž"}
_TO_LATIN = str.maketrans(_LATIN | {letter.upper(): latin.capitalize() for letter, latin in _LATIN.items()})


GERMAN = "de"
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue"}
WITH_TONES = frozenset({"vi"})
"""Languages in which a word without its accents is another word."""


def _without_accents() -> npt.NDArray[np.uint32]:
    """By code point, the letter that is written where the accents of Latin or Greek ones are left out, and the like.

    Digits of all scripts are those of ASCII.
    """
    plain = np.arange(0x110000, dtype=np.uint32)
    for code in (*range(0xC0, 0x250), *range(0x370, 0x400), *range(0x1E00, 0x2000)):
        letter = unicodedata.normalize("NFD", chr(code))[0]
        if letter.isalpha():
            plain[code] = ord(letter)
    for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)):  # as wide as ideographs
        plain[code] = code - 0xFEE0
    for code in range(0x660, 0x10000):
        if chr(code).isdecimal():
            plain[code] = ord(str(unicodedata.decimal(chr(code))))
    for letters, bare in (("łŁ", "l"), ("đĐð", "d"), ("øØ", "o"), ("ı", "i"), ("ё", "е"), ("أإآ", "ا")):
        plain[[ord(letter) for letter in letters]] = ord(bare)
    return plain


_PLAIN = _without_accents()


def plain(joined: str, language: str) -> str:
    """Case-folded words as they are where a keyboard has no accents, or a publisher writes none."""
    if joined.isascii() or language in WITH_TONES:
        return joined
    if language == GERMAN:
        for umlaut, letters in _UMLAUTS.items():
            joined = joined.replace(umlaut, letters)
    return _PLAIN.take(np.frombuffer(joined.encode("utf-32-le"), "<u4")).tobytes().decode("utf-32-le")


def in_latin(text: str) -> str:
    """A text in Serbian in Latin letters."""
    return text.translate(_TO_LATIN)


def stems(joined: str, language: str) -> str:
    """Words with spaces between them, each without what may change from text to text."""
    if language not in _STEMS:
        return joined
    changing, rest = _STEMS[language]
    return changing.sub(rest, joined)


def paired(hashes: Hashes, initials: npt.NDArray[np.uint32], goes_on: Mask) -> tuple[Hashes, Mask]:
    """The hashes of words, that of a pair where two characters make one, for the first; and which are of pairs.

    Args:
        initials: the first character of each word.
        goes_on: whether the next word follows without punctuation between them.
    """
    script = _SCRIPT.take(initials)
    is_pair = np.zeros(len(hashes), np.bool_)
    is_pair[:-1] = (script[:-1] == script[1:]) & (script[1:] > 0) & goes_on[:-1]
    first = is_pair.nonzero()[0]
    terms = hashes.copy()
    terms[first] = hashes[first] * _PAIR_MIXER ^ hashes[first + 1]
    return terms, is_pair
