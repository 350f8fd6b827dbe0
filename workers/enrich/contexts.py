"""What the words around a mention say about its type, in votes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from workers.enrich.context_rules import AFTER, BEFORE, FIRST_AFTER, Rule, Vote
from workers.enrich.lexicon import class_nouns, cues, entries, titles
from workers.enrich.types import FAC, GPE, LOC, NORP, ORG, PERSON

_REACH = 30
"""Characters before a mention in which a rule finds its words."""


def _by_beside(rules: Iterable[Rule]) -> Mapping[str, Sequence[Rule]]:
    """The rules by each word or sign beside a name with which they can match."""
    found = defaultdict[str, list[Rule]](list)
    for rule in rules:
        for word in rule.beside:
            found[word].append(rule)
    return dict(found)


_BEFORE, _AFTER, _FIRST_AFTER = _by_beside(BEFORE), _by_beside(AFTER), _by_beside(FIRST_AFTER)

_WORD_BEFORE = re.compile(r"(?<!\w)(\w+) $")
_WORD_AFTER = re.compile(r" (\w+)")
_REGION_AFTER = re.compile(r" ?, ((?:[A-Z][\w.'-]+)(?: [A-Z][\w.'-]+){0,2})")
_ROLE_AFTER = re.compile(
    r", (?:(?:an?|the|its|his|her|their|once|now|then) )?"
    r"((?:(?!(?:into|of|in|on|at|to|by|for|from|with) )[\w’'-]+ ){0,4}?[a-z][\w-]+)"
    r"(?=[,.;\n]| (?:who|which|that|of|in|from|at|for|with|to|and|on|by|based|whose)\b|$)"
)
"""What a name is, after it: Wayve, a start-up from Cambridge. The last word is the noun."""
_ON_THE_BEFORE = re.compile(r"\b(?:on|along|around|across|above|near|beyond|towards?) the $", re.IGNORECASE)
_PHRASE_ENDS = re.compile(
    r"[.,;:)\n]|$"
    r"| (?:and|or|but|of|in|on|at|for|to|out|until|from|with|by|as|that|who|is|was|are|were|has|have|had|will)\b"
    r"| (?:north|south|east|west)\b"
)
_SPEAKS = re.compile(r" (?:said|says|say|asked|told|added|warned|noted|reported|reports|wrote|announced)\b")
_DIVISIONS = frozenset(
    ("province", "district", "prefecture", "county", "oblast", "municipality", "township", "regency")
)
"""After a place's name, and hardly any other."""


def votes_by_context(text: str, start: int, end: int) -> Iterator[Vote]:
    """The votes that the words around a mention give."""
    name = text[start:end]
    before, next_sign = _word_before(text, start), text[end : end + 1]
    after = following[1] if next_sign == " " and (following := _WORD_AFTER.match(text, end)) else ""
    yield from _votes_by_words(name, before, after)
    if after in _DIVISIONS and not text.startswith(" district attorney", end):
        yield GPE, 8
    if before in ("the", "The"):
        yield from _votes_by_article(text, start, end)
    for rule in _AFTER.get(next_sign, ()):
        if rule.expression.match(text, end):
            yield from rule.votes
    for rule in _BEFORE.get(before, ()):
        if rule.expression.search(text, max(0, start - _REACH), start):
            yield from rule.votes
    if next_sign in (",", " "):
        yield from _votes_by_apposition(text, start, end)
    if _follows_title(text, start):
        yield PERSON, 3


def _votes_by_words(name: str, before: str, after: str) -> Iterator[Vote]:
    """The votes of the words right beside a name."""
    is_word = " " not in name
    for side, word in (("before", before), ("after", after)):
        if word and (cue := cues().get((side, word))) and (is_word or cue[1] > 1):
            yield cue[0], cue[1] if is_word else 1
    if kind := class_nouns().get(before):
        yield kind, 5
    if after == "people" and before in ("the", "The"):
        yield NORP, 4
    if after == "airport" and not name.isupper():
        yield FAC, 3
    if before in ("at", "outside", "inside") and name.endswith(" House"):
        yield FAC, 5
    if (kind := class_nouns().get(after)) is ORG:
        yield ORG, 1
    elif kind is LOC:
        yield LOC, 3


def _votes_by_apposition(text: str, start: int, end: int) -> Iterator[Vote]:
    """The votes of what stands after a name and a comma: an age, a clause, a role, the region of a town."""
    is_word = text.find(" ", start, end) < 0
    for rule in _FIRST_AFTER.get(text[end], ()):
        if (is_word or not rule.is_for_words) and rule.expression.match(text, end):
            yield from rule.votes
            return
    if (role := _ROLE_AFTER.match(text, end)) and (kind := class_nouns().get(role[1].rpartition(" ")[2])):
        yield kind, 4
    elif (region := _REGION_AFTER.match(text, end)) and _is_region(region[1]):
        yield GPE, 2


def _word_before(text: str, start: int) -> str:
    """The word right before ``start``, if a blank stands between; or a comma."""
    if text[start - 1 : start] != " ":
        return ""
    if text[start - 2 : start - 1] == ",":
        return ","
    word = _WORD_BEFORE.search(text, max(0, start - 20), start)
    return word[1] if word else ""


def _votes_by_article(text: str, start: int, end: int) -> Iterator[Vote]:
    """The votes of a "the" before a name that ends its phrase: no person has one (the Musikverein, on the Maasvlakte).

    A noun after the name would own the article (the Trump administration), and a family is many (the Obamas). Without
    any other vote, it is an organisation's.
    """
    name = text[start:end]
    is_word = " " not in name
    if (is_word and name.endswith("s")) or not (
        _PHRASE_ENDS.match(text, end) or (is_word and _SPEAKS.match(text, end))
    ):
        return
    if name in titles().phrases:
        return
    yield PERSON, -7
    yield (LOC, 3) if _ON_THE_BEFORE.search(text, max(0, start - 11), start) else (ORG, 0)


def _is_region(name: str) -> bool:
    entry = entries().phrases.get(name)
    return entry is not None and entry.key.startswith(("country:", "place:")) and entry.id is not None


def _follows_title(text: str, start: int) -> bool:
    """Whether a title that only people bear stands right before ``start``."""
    if text[start - 1 : start] != " ":
        return False
    words = text[max(0, start - 30) : start].split()
    if not words or words[-1] not in _last_words_of_titles():
        return False
    only_people = titles().phrases
    return any(only_people.get(" ".join(words[-n:]), False) for n in (1, 2, 3))


@cache
def _last_words_of_titles() -> frozenset[str]:
    return frozenset(title.split()[-1] for title in titles().phrases)
