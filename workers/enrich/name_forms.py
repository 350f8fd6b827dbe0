"""Finds the other forms of an article's names that it may use: acronyms, capitals, spellings, short names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from schemas.records import EntityType
from workers.enrich.acronyms import acronyms
from workers.enrich.gazetteer import common_words
from workers.enrich.lexicon import TokenizedText, not_names
from workers.enrich.patterns import STORM_WORDS
from workers.enrich.short_names import company_short_names, site_short_names
from workers.enrich.types import EVENT, GPE, ORG, PERSON
from workers.enrich.variants import LEGAL_FORM, MIN_VARIANT_CHARS, normalise_name, spelling_key

_LEGAL_ENDS = ("Inc", "Inc.", "Corp", "Corp.", "Ltd", "Ltd.", "plc", "PLC", "LLC", "AG", "SA", "NV")
_SAME_BEGINNING = 3
"""Letters that the spellings of a name have in common at its beginning."""
_MIN_CAPITALS = 4


def with_other_forms(
    types: Mapping[str, EntityType], texts: Sequence[str], tokenized: Sequence[TokenizedText]
) -> dict[str, EntityType]:
    """The names of an article and their other forms, with their types.

    ``texts`` and ``tokenized`` have one item for each text of the article.
    """
    found = {**types, **dict.fromkeys(_spelling_variants(types, tokenized), PERSON)}
    found |= site_short_names(found) | _short_names_of_companies(found, texts)
    found |= _without_legal_forms(found)
    initials = _acronyms_of_organisations(found)
    found = _used(initials, tokenized) | found | _storms(found) | _used(_as_words(initials, found), tokenized)
    return found | _in_capitals(texts, found)


def _short_names_of_companies(types: Mapping[str, EntityType], texts: Sequence[str]) -> dict[str, EntityType]:
    """The short names of the companies among the names, without those of towns that a text means."""
    return {
        name: kind
        for name, kind in company_short_names(types).items()
        if not (types.get(name) is GPE and any(_is_in(text, name) for text in texts))
    }


def _is_in(text: str, name: str) -> bool:
    """Whether something is in or near what has the name: a town, and no company that is called after it."""
    return re.search(rf"\b(?:[Ii]n|[Nn]ear|[Oo]utside|across) {re.escape(name)}\b", text) is not None


def _spelling_variants(types: Mapping[str, EntityType], tokenized: Sequence[TokenizedText]) -> Iterator[str]:
    """The words of the texts that are other spellings of a person's surname (Zelenskiy of Zelensky)."""
    known = {
        spelling_key(name): name
        for name, kind in types.items()
        if kind is PERSON and " " not in name and len(name) >= MIN_VARIANT_CHARS
    }
    beginnings = {start for name in known.values() for start in (name[:_SAME_BEGINNING], _beginning(name))}
    for tokens in tokenized if known else ():
        alike = [
            word
            for word in tokens.different
            if word[:_SAME_BEGINNING] in beginnings or (not word.isascii() and _beginning(word) in beginnings)
        ]
        yield from (w for w in alike if w not in types and len(w) >= MIN_VARIANT_CHARS and spelling_key(w) in known)


def _beginning(name: str) -> str:
    """The first letters of a name without accents, as a name is capitalised."""
    return normalise_name(name[:_SAME_BEGINNING]).capitalize()


def _without_legal_forms(types: Mapping[str, EntityType]) -> dict[str, EntityType]:
    """The names of the companies among the names without their legal form: Halden-Marsh of Halden-Marsh Corp."""
    bare = (LEGAL_FORM.sub("", name) for name, kind in types.items() if kind is ORG and name.endswith(_LEGAL_ENDS))
    return {name: ORG for name in bare if name in types}


def _storms(types: Mapping[str, EntityType]) -> dict[str, EntityType]:
    """The names of the storms among the names without what they are: Amy of Storm Amy."""
    storms = [name.partition(" ") for name, kind in types.items() if kind is EVENT and name.startswith(STORM_WORDS)]
    if not storms:
        return {}
    people = {word for name, kind in types.items() if kind is PERSON and " " in name for word in name.split()}
    return {name: EVENT for _, _, name in storms if name and " " not in name and name not in people}


def _used(names: Iterable[str], tokenized: Sequence[TokenizedText]) -> dict[str, EntityType]:
    """Those of the names of organisations that a text may use, by their first word."""
    return {name: ORG for name in names if any(name.partition("&")[0] in tokens.different for tokens in tokenized)}


def _acronyms_of_organisations(types: Mapping[str, EntityType]) -> list[str]:
    """The acronyms of the organisations among the names, to search for (HBU of the Harbour Board Union)."""
    organisations = [name for name, kind in types.items() if kind is ORG and " " in name]
    return [short for name in organisations for short in acronyms(name) if short not in not_names()]


def _as_words(acronyms: Iterable[str], types: Mapping[str, EntityType]) -> list[str]:
    """The acronyms as British papers write those that are spoken as words: Wada of WADA."""
    words = {acronym.capitalize() for acronym in acronyms if len(acronym) >= _MIN_CAPITALS and acronym.isupper()}
    return [word for word in words if types.get(word) is not PERSON and word.casefold() not in common_words()]


def _in_capitals(texts: Sequence[str], types: Mapping[str, EntityType]) -> dict[str, EntityType]:
    """The names in capitals, if a text of the article is written so (a headline)."""
    if not any(text.isupper() for text in texts):
        return {}
    return {name.upper(): kind for name, kind in types.items() if len(name) >= _MIN_CAPITALS and not name.isupper()}
