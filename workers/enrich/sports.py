"""Tells articles on sport, in which the names of many towns and words are those of clubs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from workers.enrich.evidence import SENTENCE_START
from workers.enrich.gazetteer import is_city
from workers.enrich.lexicon import (
    LexiconEntry,
    LexiconMatch,
    PhraseMatcher,
    TokenizedText,
    clubs_by_name,
    has_other_meaning,
    sports_entries,
    sports_words,
)
from workers.vocabulary.letters import CAPITAL

_MIN_SPORTS_WORDS = 5
_MAX_CLUBS = 2
_MIN_POSSIBLE_CLUBS = 4
_MAY_BE_SCORE = tuple(re.compile(rf"{dash}(?<=\d.)\d") for dash in "-–")
"""What every score contains, found by its dash: the searches for scores are slow."""
_SCORE = re.compile(r"(?<= )(?<!\d )\d{1,3}[-–]\d{1,3}(?=[ ,.;:)(]|$)")
_BEFORE_SCORE = re.compile(r"(\w+) \d{1,2}[-–]\d{1,2}(?!\w)")
_CAPITALISED_BEFORE = re.compile(rf"(?<![\w'’-])({CAPITAL}[\w'’-]*) $")
_CONNECTIVES = frozenset({
    "After", "Against", "Although", "And", "As", "At", "Because", "Before", "Both", "But", "By", "Even", "For",
    "From", "How", "If", "Like", "Once", "Only", "Since", "So", "Still", "That", "The", "Then", "Though",
    "Unlike", "Until", "What", "When", "While", "Why", "With", "Yet",
})  # fmt: skip
"""Words that begin a sentence, and seldom a name."""
_CAPITALISED_AFTER = re.compile(rf"[ -]{CAPITAL}")
_PLAYS_AFTER = re.compile(
    r" (?:had|has|beat|beats|won|wins|lost|loses|drew|play|plays|played|led|lead|trailed|scored|visit|host|face"
    r"|faces|fell|have|are|were)\b"
)
_PLAYS_BEFORE = re.compile(r"\b(?:beat|beats|for|against|past|over|defeated|downed|edged|by) $")
_PLACE_BEFORE = re.compile(r"\b(?:in|near|around|outside|across) $", re.IGNORECASE)


def is_on_sport(texts: Sequence[TokenizedText], matches: Iterable[Sequence[LexiconMatch]] = ()) -> bool:
    """Whether an article is on sport, judging by its words; a score and each of two clubs count for two words.

    Of names that may also be other words or towns, two count for one word, if there are many.

    ``matches`` are the names in the texts that mean nothing else.
    """
    found = frozenset[str]().union(*(tokens.different & sports_words() for tokens in texts))
    if len(found) >= _MIN_SPORTS_WORDS:
        return True
    if not found:
        return False  # a score and a club alone are not enough
    with_scores = [tokens.text for tokens in texts if any(dash.search(tokens.text) for dash in _MAY_BE_SCORE)]
    has_score = any(_SCORE.search(text) for text in with_scores)
    has_club = any(not _words_of_clubs().isdisjoint(tokens.different) for tokens in texts) or any(
        match[1] in clubs_by_name() for text in with_scores for match in _BEFORE_SCORE.finditer(text)
    )
    clubs = {entry.key for own in matches for _, _, entry in own if entry.key in _keys_of_clubs()}
    has_clubs = max(has_club, min(len(clubs), _MAX_CLUBS))
    words = len(found) + 2 * has_score + 2 * has_clubs
    return words >= _MIN_SPORTS_WORDS or (len(found) > 1 and words + _possible_clubs(texts) // 2 >= _MIN_SPORTS_WORDS)


def _possible_clubs(texts: Sequence[TokenizedText]) -> int:
    """How many clubs the words and towns in an article may be, if they are many (Leeds, Villa, Forest and Wolves)."""
    clubs = {
        match[2].key
        for tokens in texts
        for match in sports_entries().find(tokens)
        if stands_alone(tokens, match) and not _is_place(tokens, match)
    }
    return len(clubs) if len(clubs) >= _MIN_POSSIBLE_CLUBS else 0


@cache
def _keys_of_clubs() -> frozenset[str]:
    return frozenset(entry.key for entry in clubs_by_name().values())


@cache
def _words_of_clubs() -> frozenset[str]:
    """The one-word names of clubs that mean nothing else (Everton)."""
    return frozenset(name for name in clubs_by_name() if " " not in name and not has_other_meaning(name))


def with_clubs(
    tokenized: Sequence[TokenizedText], matches: Sequence[Sequence[LexiconMatch]]
) -> list[list[LexiconMatch]]:
    """The matches in each text with the clubs whose names also mean something else.

    Those are clubs that are called after their town (Liverpool, but not in Liverpool), and the last word of a club that
    the article names in full (City of Manchester City).
    """
    with_towns = [
        joined_matches(own, [club for club in sports_entries().find(tokens) if not _is_place(tokens, club)])
        for tokens, own in zip(tokenized, matches, strict=True)
    ]
    last_words = _last_words(entry for own in with_towns for _, _, entry in own)
    towns = _towns(entry for own in with_towns for _, _, entry in own)
    return [
        joined_matches(
            own,
            [
                *(club for club in last_words.find(tokens) if stands_alone(tokens, club)),
                *(club for club in towns.find(tokens) if stands_alone(tokens, club) and _plays(tokens, club)),
            ],
        )
        for tokens, own in zip(tokenized, with_towns, strict=True)
    ]


def _is_place(tokens: TokenizedText, match: LexiconMatch) -> bool:
    """Whether the words around a match say that it means a town."""
    return tokens.text.startswith(", where ", match[1]) or _PLACE_BEFORE.search(_before(tokens, match)) is not None


def _towns(entries: Iterable[LexiconEntry]) -> PhraseMatcher[LexiconEntry]:
    """The towns of the clubs among the entries (Toronto of Toronto Blue Jays), without those of two clubs."""
    clubs = {entry.key: entry for entry in entries if entry.name in clubs_by_name() and " " in entry.name}
    found: dict[str, list[LexiconEntry]] = {}
    for entry in clubs.values():
        words = entry.name.split()
        for n in range(1, len(words)):
            if is_city(town := " ".join(words[:n])):
                found.setdefault(town, []).append(entry)
    return PhraseMatcher({town: own[0] for town, own in found.items() if len(own) == 1})


def _plays(tokens: TokenizedText, match: LexiconMatch) -> bool:
    """Whether a town plays there, or is played against."""
    return bool(_PLAYS_AFTER.match(tokens.text, match[1]) or _PLAYS_BEFORE.search(_before(tokens, match)))


def _last_words(entries: Iterable[LexiconEntry]) -> PhraseMatcher[LexiconEntry]:
    """The last words of the names of the clubs among the entries, without towns and those that two clubs share."""
    clubs = {entry.key: entry for entry in entries if entry.name in clubs_by_name() and " " in entry.name}
    last_words = Counter(entry.name.rpartition(" ")[2] for entry in clubs.values())
    return PhraseMatcher(
        {
            word: entry
            for entry in clubs.values()
            if last_words[word := entry.name.rpartition(" ")[2]] == 1 and not is_city(word)
        }
    )


def stands_alone(tokens: TokenizedText, match: tuple[int, int, object]) -> bool:
    """Whether no other capitalised word is next to the match, but one that only begins the sentence (But Everton)."""
    if _CAPITALISED_AFTER.match(tokens.text, match[1]):
        return False
    before = _CAPITALISED_BEFORE.search(tokens.text, max(0, match[0] - 30), match[0])
    return before is None or (
        before[1] in _CONNECTIVES
        and SENTENCE_START.search(tokens.text, max(0, before.start() - 3), before.start()) is not None
    )


def _before(tokens: TokenizedText, match: LexiconMatch) -> str:
    return tokens.text[max(0, match[0] - 30) : match[0]]


def joined_matches(matches: Sequence[LexiconMatch], clubs: Sequence[LexiconMatch]) -> list[LexiconMatch]:
    """The matches and the clubs, in text order without overlaps: the longer one stays, and of equals the club."""
    found: list[LexiconMatch] = []
    for match in sorted([*clubs, *matches], key=lambda match: (match[0], -match[1])):
        if not found or match[0] >= found[-1][1]:
            found.append(match)
    return found
