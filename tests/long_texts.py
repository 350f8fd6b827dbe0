"""Texts that cost much more than their length suggests: one kind per row, at any length.

Every kind stands for texts that were seen, or that a crawler may well send, and may cost some step more than prose
does: memory of the model, a search that starts again at each word, a list that grows with the square of the names.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import count

_GIVEN = ("Marta", "Jon", "Li", "Amara", "Pedro", "Nadia", "Tomas", "Ines", "Karl", "Yuki", "Omar", "Freya")
_SYLLABLES = ("ba", "ko", "mi", "ra", "ten", "vor", "sul", "dan", "pe", "lis", "gar", "mo", "nek", "ya", "tur", "hel")
_PROSE = (
    "The harbour of Valparaiso reopened on Tuesday after Marta Oyelaran of the port authority said the last ship had "
    "left. Prices rose by four percent in Chile, and the Ministry of Transport expects more traffic before the winter. "
    "Jon Aske, who runs a small company in Oslo, told reporters that he would wait until the storm had passed.\n\n"
)


def _repeat(unit: str) -> Callable[[int], str]:
    return lambda size: unit * (size // len(unit) + 1)


def _joined(words: Callable[[], Iterator[str]]) -> Callable[[int], str]:
    def text(size: int) -> str:
        parts: list[str] = []
        length = 0
        for word in words():
            if length >= size:
                return "".join(parts)
            parts.append(word)
            length += len(word)
        return "".join(parts)

    return text


def _surname(number: int) -> str:
    word = ""
    for _ in range(4):
        number, digit = divmod(number, len(_SYLLABLES))
        word += _SYLLABLES[digit]
    return word.capitalize()


def _distinct_people() -> Iterator[str]:
    for number in count():
        yield f"{_GIVEN[number % len(_GIVEN)]} {_surname(number)} met {_surname(number // 2)}. "


def _namesakes() -> Iterator[str]:
    for number in count():
        yield f"Marta {_surname(number)} and {_surname(number)} Marta spoke. "


def _distinct_organisations() -> Iterator[str]:
    for number in count():
        yield f"The {_surname(number)} {_surname(number * 7)} Company Ltd hired the {_surname(number)} Group. "


def _random_words(seed: int, end: str) -> Callable[[], Iterator[str]]:
    def words() -> Iterator[str]:
        rng = random.Random(seed)
        while True:
            yield "".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) + end

    return words


def _distinct_numbers() -> Iterator[str]:
    return (f"{number} " for number in count(1_000_000, 7919))


def _addresses() -> Iterator[str]:
    return (f"{_surname(n)}.{n}@example-{n}.org https://example.org/{n}/London?q={n}&x=%20 @user{n} " for n in count())


def _times() -> Iterator[str]:
    return (f"{n % 24:02d}:{n % 60:02d} {_surname(n)} arrives at {_surname(3 * n)}\n" for n in count())


PROSE = "prose"
"""The kind to compare the others with."""

KINDS: dict[str, Callable[[int], str]] = {
    PROSE: _repeat(_PROSE),
    "prose without line ends": _repeat(_PROSE.replace("\n", " ")),
    "initials": _repeat("J. "),
    "initials of a name": _repeat("J. K. L. Oyelaran "),
    "of the": _repeat("the Ministry of the Bank of the Port of "),
    "titles": _repeat("Mr. Dr. Prof. "),
    "titles in words": _repeat("President Prime Minister Chancellor "),
    "titles with a portfolio": _repeat("Labour Minister "),
    "names": _repeat("Marta Oyelaran Jon Aske Li Hua Brand "),
    "distinct people": _joined(_distinct_people),
    "namesakes": _joined(_namesakes),
    "distinct organisations": _joined(_distinct_organisations),
    "one sentence in small letters": _joined(_random_words(1, " ")),
    "short lines": _joined(_random_words(2, "\n")),
    "lines that begin with a time": _joined(_times),
    "one word a line, capitalised": _repeat("Oyelaran\n"),
    "endless word": _repeat("a"),
    "endless capital letters": _repeat("A"),
    "capitals": _repeat(_PROSE.upper()),
    "capitals with stops": _repeat("U.S. U.N. "),
    "datelines": _repeat("VALPARAISO, Chile, March 3 "),
    "capital words": _repeat("SAN JUAN DE LOS "),
    "quotes": _repeat("“‘\"'"),
    "nested quotes": lambda size: "“" * (size // 3) + " word " * (size // 18) + "”" * (size // 3),
    "brackets": _repeat("(["),
    "nested brackets": lambda size: "( " * (size // 4) + ") " * (size // 4),
    "Chinese": _repeat("港口在星期二重新开放，部长说，价格上涨了百分之四。"),
    "Chinese without stops": _repeat("港口在星期二重新开放部长说价格上涨了百分之四"),
    "digits": _repeat("1234567890"),
    "distinct numbers": _joined(_distinct_numbers),
    "hyphens": _repeat("so-called-"),
    "capital hyphens": _repeat("Oyelaran-Aske-"),
    "dashes": _repeat("— "),
    "stops": _repeat("."),
    "spaced stops": _repeat(". "),
    "spaces": lambda size: "word" + " " * size + "word",
    "line ends": lambda size: "word" + "\n" * size + "word",
    "addresses": _joined(_addresses),
    "one address": lambda size: "https://example.org/" + "a/" * (size // 2),
    "at signs": _repeat("a@"),
    "dotted words": _repeat("a.b-c+d"),
    "credits": _repeat("Reporting by Marta Oyelaran and Jon Aske and "),
    "picture credits": _repeat("REUTERS/Marta Oyelaran Jon Aske "),
    "slashes": _repeat("Oyelaran/Aske/"),
    "commas": _repeat("Oyelaran, Aske, "),
    "possessives": _repeat("Oyelaran's Aske's "),
    "countries": _repeat("Chile, Norway and South Korea; "),
    "particles": _repeat("van der de la von "),
    "people with particles": _repeat("Jan van der Berg de la Cruz "),
    "ampersands": _repeat("Aske & Brand & "),
    "emoji": _repeat("👩‍👩‍👧‍👦🏳️‍🌈"),
    "combining marks": _repeat("e" + "\u0301" * 20),
    "marks above one letter": lambda size: "e" + "\u0301" * size,
    "bylines": _repeat("By Marta Oyelaran\n"),
    "markup": _repeat("<p>&amp;<b>"),
    "open tags": _repeat("<div>"),
    "tabs": _repeat("a\tb\t"),
    "dates": _repeat("March 3, 2024, "),
    "elisions": _repeat("L’"),
    "handles": _repeat("Bank @ab FC "),
    "underscores": _repeat("_"),
    "words with apostrophes": _repeat("d’Oyelaran’"),
    "head nouns": _repeat("Chile Labour Congress Party "),
    "Korean names": _repeat("Kim Jong Un-Kim Jong-un "),
}  # fmt: skip


def long_text(kind: str, size: int) -> str:
    """A text of the kind, of exactly ``size`` code points."""
    return KINDS[kind](size)[:size].ljust(size, "x")
