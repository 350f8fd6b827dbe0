"""Finds organisations and buildings by the noun in their names: Chile Labour Congress, Banco do Brasil."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.enrich.evidence import is_place
from workers.enrich.lexicon import TokenizedText, clubs_by_name, entries, first_words, head_nouns, titles
from workers.enrich.spans import NamedSpan, trim
from workers.enrich.types import BY_RULE, FAC, ORG
from workers.vocabulary.letters import CAPITAL
from workers.vocabulary.months import MONTH_EXACTLY

_MAX_WORDS_BEFORE_HEAD_NOUN = 6

_OWNERS = frozenset(
    (
        "Workers",
        "Farmers",
        "Teachers",
        "Peoples",
        "Students",
        "Lawyers",
        "Doctors",
        "Nurses",
        "Drivers",
        "Miners",
        "Writers",
        "Players",
        "Veterans",
        "Artists",
        "Firefighters",
        "Engineers",
        "Girls",
        "Boys",
        "Traders",
    )
)
"""Plurals with an apostrophe in the names of organisations: Workers' Party."""
_OF_PLACE = re.compile(
    rf" (?:(?:d[oaei]s?|del|della|du|of)(?: the)? )?({CAPITAL}\w+(?: {CAPITAL}\w+){{0,2}})(?![\w&-])"
)
_OF_COUNTRY = re.compile(r" of (?:the )?([A-Z]\w+(?: [A-Z]\w+)*)(?![\w&-])")
_CONTINUATION = re.compile(rf"[ -]{CAPITAL}")
_CONNECTIVE_AFTER = re.compile(
    rf" (?:of|for|and|&) | on (?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|{MONTH_EXACTLY}\b|[a-z\d])"
)
_CONNECTIVE_BEFORE = re.compile(r"(?:\b(?:of|for|and|on|in)|[&’'-]) ?$")


def names_by_head_noun(tokens: TokenizedText) -> Iterator[NamedSpan]:
    """Organisations and buildings of two to seven capitalised words that end in a head noun (Chile Labour Congress).

    Without those that seem to continue (Labour Congress for Peace) or to have begun earlier (and Labour Congress). A
    country at the end belongs to the name (State Railway of Chile).
    """
    text, types = tokens.text, head_nouns()
    for i in tokens.indexes_of(types.keys()):
        end, kind = tokens.ends[i], types[tokens.words[i]]
        if kind is not ORG and kind is not FAC:
            continue
        if kind is ORG and (after_country := _after_country(text, end)):
            end = after_country
        elif _CONTINUATION.match(text, end) or _CONNECTIVE_AFTER.match(text, end):
            continue
        start, end = trim(text, tokens.starts[_first_word(tokens, i)], end)
        name = text[start:end]
        in_lexicon = name in entries().phrases or name in clubs_by_name() or name.split(" ")[0] in titles().phrases
        if " " in name and not in_lexicon and not _CONNECTIVE_BEFORE.search(text[max(0, start - 5) : start]):
            yield NamedSpan(start, end, kind, BY_RULE)


def _after_country(text: str, start: int) -> int:
    """Where the name ends if "of" and a country follow; else 0."""
    of_country = _OF_COUNTRY.match(text, start) if text.startswith(" of ", start) else None
    entry = entries().phrases.get(of_country[1]) if of_country else None
    return of_country.end() if of_country and entry and entry.key.startswith("country:") else 0


def _first_word(tokens: TokenizedText, last: int) -> int:
    """The index of the first of the capitalised words that end with a word, if no more than seven."""
    text, starts, ends = tokens.text, tokens.starts, tokens.ends
    first = last
    while (
        first
        and last - first < _MAX_WORDS_BEFORE_HEAD_NOUN
        and text[starts[first - 1]].isupper()
        and (
            text[ends[first - 1] : starts[first]] == " "
            or (text[ends[first - 1] : starts[first]] == "' " and tokens.words[first - 1] in _OWNERS)
            or (ends[first - 1] - starts[first - 1] == 1 and text[ends[first - 1] : starts[first]] == ". ")
        )
    ):
        first -= 1
    return first


def organisations_by_first_word(tokens: TokenizedText) -> Iterator[NamedSpan]:
    """Organisations that are called after a place (Banco do Brasil, Real Madrid)."""
    for i in tokens.indexes_of(first_words().keys()):
        is_organisation = first_words()[tokens.words[i]] is ORG
        if is_organisation and (place := _OF_PLACE.match(tokens.text, tokens.ends[i])) and is_place(place[1]):
            yield NamedSpan(tokens.starts[i], place.end(), ORG, BY_RULE)
