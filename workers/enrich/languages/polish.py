"""Cases of Polish names: the forms of a place's name, and what the forms of a person's name share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

_FORMS = (
    ("ska", ("ska", "skiej", "ską")),
    ("cka", ("cka", "ckiej", "cką")),
    ("owa", ("owa", "owej", "ową", "owy", "owie", "owę")),
    ("lna", ("lna", "lnej", "lną", "lny", "lnie", "lnę")),
    ("nia", ("nia", "ni", "nii", "nię", "nią")),
    ("ia", ("ia", "ii", "i", "ię", "ią")),
    ("ea", ("ea", "ei", "eę", "eą")),
    ("ja", ("ja", "ji", "i", "ję", "ją")),
    ("ka", ("ka", "ki", "ce", "kę", "ką")),
    ("ga", ("ga", "gi", "dze", "gę", "gą")),
    ("ta", ("ta", "ty", "cie", "tę", "tą")),
    ("da", ("da", "dy", "dzie", "dę", "dą")),
    ("ra", ("ra", "ry", "rze", "rę", "rą")),
    ("ła", ("ła", "ły", "le", "łę", "łą")),
    ("a", ("a", "y", "ie", "ę", "ą", "i")),
    ("ów", ("ów", "owa", "owie", "owem", "owowi")),
    ("ódź", ("ódź", "odzi", "odzią")),
    ("aw", ("aw", "awia", "awiu", "awiem", "awiowi")),
    ("ń", ("ń", "nia", "niu", "niem", "niowi")),
    ("ść", ("ść", "ści", "ścią")),
    ("ź", ("ź", "zi", "zią")),
    ("ice", ("ice", "ic", "icach", "icom", "icami")),
    ("ny", ("ny", "n", "nach", "nom", "nami")),
    ("ki", ("ki", "k", "kach", "kiego", "kiemu", "kim")),
    ("chy", ("chy", "ch", "chach", "chom")),
    ("one", ("one", "onych", "onym", "onymi")),
    ("no", ("no", "na", "nie", "nem", "nu")),
    ("ek", ("ek", "ka", "ku", "kiem", "kowi")),
    ("ec", ("ec", "ca", "cu", "cem")),
    ("st", ("st", "stu", "sta", "ście", "stem")),
    ("t", ("t", "tu", "ta", "cie", "tem")),
    ("d", ("d", "du", "da", "dzie", "dem")),
    ("r", ("r", "ru", "ra", "rze", "rem")),
    ("ł", ("ł", "łu", "ła", "le", "łem")),
    ("", ("", "a", "u", "ie", "em", "iem", "owi")),
)
"""The endings of nouns and adjectives by that of the nominative. The first that fits counts."""
_VOWELS = "aeiouyąęó"
_GIVEN_NAME_ENDINGS = (("a", ""), ("owi", ""), ("iem", ""), ("em", ""), ("y", "a"), ("i", "a"), ("ę", "a"), ("ą", "a"))
_POLISH = re.compile(
    r"(?!.*(?:(.)\1|[^c]h))[A-PR-UWYZŁŚŻ][a-pr-uwyząćęłńóśźż]{2,12}(?: [A-Z][a-pr-uwyząćęłńóśźż]{2,10})?"
)
"""Without double letters and foreign sounds."""
_MIN_STEM = 3
_CASES = re.compile(r"(?:iego|iemu|ego|emu|owi|iem|em|im|ym|iej|ą|ę|ie|i|y|a|u|e)$")
_FEMININE = re.compile(r"(?<=\w{3})[sc]k(?:a|iej|ą)$")


def may_be_polish(name: str) -> bool:
    """Whether Polish could write the name so: a city has a name in each of a hundred languages."""
    return _POLISH.fullmatch(name) is not None


def forms(name: str) -> Iterator[str]:
    """The name in all cases, with some forms that do not exist."""
    for words in product(*(_forms(word) for word in name.split())):
        yield " ".join(words)


def _forms(word: str) -> tuple[str, ...]:
    for ending, others in _FORMS:
        if word.endswith(ending) and (ending or word[-1] not in _VOWELS):
            stem = word[: len(word) - len(ending)]
            return tuple(stem + other for other in others)
    return (word,)


def stem(name: str) -> str:
    """What the cases of a person's name share: Tusk of Tuskiem. A woman's Nowicka differs from a man's Nowicki."""
    return " ".join(map(_stem, name.split()))


def _stem(word: str) -> str:
    cut = _CASES.sub("", word)
    return (cut if len(cut) >= _MIN_STEM else word) + ("a" if _FEMININE.search(word) else "")


def given_name_forms(name: str) -> Iterator[str]:
    """What the nominative of a given name in lower case may be."""
    for ending, nominative in _GIVEN_NAME_ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= _MIN_STEM:
            yield name[: len(name) - len(ending)] + nominative


def nominatives(names: Iterable[str]) -> Mapping[str, str]:
    """The nominative of each of the names that an article has in several cases: the shortest form."""
    by_stem: dict[str, set[str]] = {}
    for name in names:
        by_stem.setdefault(stem(name), set()).add(name)
    return {
        name: shortest
        for same in by_stem.values()
        for shortest in [min(same, key=lambda form: (len(form), form))]
        for name in same
        if name != shortest
    }
