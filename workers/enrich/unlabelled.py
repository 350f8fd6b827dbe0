"""Finds names that neither a model nor the lexicon has found: by what stands beside them, and in lists of names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from schemas.records import EntityType
from workers.enrich.contexts import votes_by_context
from workers.enrich.evidence import SENTENCE_START, Votes, votes_by_form
from workers.enrich.gazetteer import common_words, is_city
from workers.enrich.lexicon import class_nouns, entries, head_nouns, not_names, titles
from workers.enrich.spans import ClaimedSpans, NamedSpan
from workers.enrich.titles import skip_titles
from workers.enrich.types import BY_RULE, GPE, LOC, ORG, PERSON
from workers.vocabulary.letters import CAPITAL
from workers.vocabulary.months import MONTH_OR_DAY
from workers.vocabulary.particles import PARTICLE

_REST = rf"[^\W\d_]*(?:-{CAPITAL}?[^\W\d_]+)*"
_RUN = re.compile(rf"{CAPITAL}(?<![\w@#$./&'’-].){_REST}(?: (?:{PARTICLE} ){{0,3}}{CAPITAL}{_REST})*(?![\w&-])")
"""Capitalised words. What stands before is checked after the first letter, so that a search skips to capitals."""
_LINK = re.compile(r",? (?:and|or|&) |, ")
_NOUN_BEFORE = re.compile(r"(?<![\w-])([A-Za-z][a-z-]+) $")
_ACRONYM = re.compile(
    r"[A-Z](?<=[Tt]he .)[A-Z]{2,5}(?=['’]s\b|[.,;:)\n]"
    r"| (?:says|has|had|is|was|will|also|told|and|in|to|which|did|said|[a-z]+ed)\b|$)"
)
"""Initials as an organisation's name: without a noun after them that they describe (the GPS signal)."""
_MIN_VOTES = 2
_MAX_WORDS = 5
_PREFIXES = frozenset(("co", "ex", "vice", "non", "pro", "anti", "pre", "post", "mid", "multi", "semi", "sub"))
_LISTED = frozenset({PERSON, ORG, GPE, LOC})


def find_unlabelled_names(claimed: ClaimedSpans) -> Iterator[NamedSpan]:
    """The names in what no span of a text claims yet, in text order.

    A capitalised word is one if no other word is written so, it does not begin a sentence, and the words around it say
    what it is; or if it stands in a list of names (Barrett, Gorsuch and Roberts).
    """
    text = claimed.text
    spans = claimed.in_order()
    ends, starts = {span.end: span for span in spans}, {span.start: span for span in spans}
    for match in _RUN.finditer(text):
        start, end = match.span()
        if not claimed.is_free(start, end):
            continue
        first, _, more = match.group().partition(" ")
        if more and titles().may_begin_with(first):
            name_start = skip_titles(text, start, end, only_people=True)
            if name_start > start and _has_word(text[name_start:end]):
                continue
            start = name_start
        if not _may_be_name(text, start, end):
            continue
        kind = (
            _type_by_noun(text, start)
            or _type_in_list(text, start, end, starts, ends)
            or _type_after_person(text, start, end, ends)
            or _type_by_votes(text, start, end)
        )
        if kind:
            span = NamedSpan(start, end, kind, BY_RULE)
            starts[start] = ends[end] = span
            yield span


def find_acronyms(claimed: ClaimedSpans) -> Iterator[NamedSpan]:
    """The organisations that a text calls by their initials, in what no span of it claims yet (the RSPB)."""
    for match in _ACRONYM.finditer(claimed.text):
        if match.group() not in not_names() and claimed.is_free(*match.span()):
            yield NamedSpan(*match.span(), ORG, BY_RULE)


def _has_word(name: str) -> bool:
    return any(word.casefold() in common_words() or word in head_nouns() for word in name.split())


def _may_be_name(text: str, start: int, end: int) -> bool:
    name = text[start:end]
    words = name.split()
    if name in not_names() or len(words) > _MAX_WORDS or len(name) < 3 or name.isupper() or MONTH_OR_DAY.match(name):
        return False
    if words[0] in titles().phrases or name in entries().phrases:
        return False
    parts = [part.casefold() for word in words for part in word.split("-")]
    if all(part in common_words() or part in _PREFIXES for part in parts):  # Co-chief
        return False
    begins = SENTENCE_START.search(text, max(0, start - 3), start) is not None
    return not (begins and words[0].casefold() in common_words())


def _type_by_noun(text: str, start: int) -> EntityType | None:
    """The type by the noun right before the name: the chipmaker Nexperia."""
    noun = _NOUN_BEFORE.search(text, max(0, start - 24), start)
    return class_nouns().get(noun[1].casefold()) if noun else None


def _type_in_list(
    text: str, start: int, end: int, starts: dict[int, NamedSpan], ends: dict[int, NamedSpan]
) -> EntityType | None:
    """The type of the names beside it in a list."""
    after = _LINK.match(text, end)
    beside = [starts[after.end()]] if after and after.end() in starts else []
    for link in (", ", " and ", " or ", ", and "):
        if text.endswith(link, 0, start) and start - len(link) in ends:
            beside.append(ends[start - len(link)])
    kinds = {span.type for span in beside}
    return kinds.pop() if len(kinds) == 1 and kinds <= _LISTED else None


def _type_after_person(text: str, start: int, end: int, ends: dict[int, NamedSpan]) -> EntityType | None:
    """The type of what a person is of: David Risinger of Leerink."""
    person = ends.get(start - len(" of ")) if text.endswith(" of ", 0, start) else None
    if person is None or person.type is not PERSON or " " not in text[person.start : person.end]:
        return None
    return GPE if is_city(text[start:end]) else ORG


def _type_by_votes(text: str, start: int, end: int) -> EntityType | None:
    votes: Votes = defaultdict(int)
    for kind, weight in votes_by_context(text, start, end):
        votes[kind] += weight
    if not votes or max(votes.values()) < _MIN_VOTES:
        return None
    for kind, weight in votes_by_form(text[start:end]).items():
        votes[kind] += weight
    return max(votes, key=votes.__getitem__)
