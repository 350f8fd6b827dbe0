"""Gives each name in an article one type, by the votes of all its mentions."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence, Set

from schemas.records import EntityType
from workers.enrich.acronyms import acronyms
from workers.enrich.contexts import votes_by_context
from workers.enrich.evidence import Votes, is_like_full_name, is_nobodys_name, votes_by_form
from workers.enrich.lexicon import TokenizedText, entries, head_nouns, stage_names
from workers.enrich.mere_words import Name, is_name
from workers.enrich.spans import NamedSpan
from workers.enrich.surnames import distinct_surname, short_names_of_people, surname_like_head_noun
from workers.enrich.types import BY_MODEL, ORG, PERSON
from workers.vocabulary.letters import CAPITAL

_MODEL_VOTES = 1
"""Votes of a mention that a model found on the type of its name."""
_RULE_VOTES = 3
"""Votes of a mention that a rule found."""
_MAX_VOTES_OF_SURNAME = 8
_ACRONYM_CHARS = range(3, 7)
_SITES_OR_INSTITUTIONS = frozenset(("Center", "Centre", "Hospital", "Museum"))
_NAMESAKE_COUNTRIES = frozenset(("country:JO", "country:TD", "country:?GE"))
"""The keys of countries that people are called like: Jordan, Chad, Georgia."""
_CAPITALISED_BEFORE = re.compile(rf"{CAPITAL}(?:[\w'’-]*|\.) $")


def resolve_types(
    texts: Sequence[str], names: Sequence[Name], tokenized: Sequence[TokenizedText], words: Set[str]
) -> dict[str, EntityType]:
    """One type for each name in the article, and for the surnames and acronyms that come with the names.

    The form of a name decides; else the majority of votes from its mentions. The lexicon overrules both, except for
    people. ``words`` are those of the names that are mere words.
    """
    lexicon_types = {name: span.type for _, name, span in names if span.key}
    unlisted = [own for own in names if not own.span.key and own.name not in words and is_name(own.name, own.span)]
    votes = _votes_by_name(unlisted, tokenized)
    mentions = Counter([own.name for own in unlisted])
    by_head_noun = {name: kind for name in votes if (kind := _head_noun_type(name))}
    types = {name: by_head_noun.get(name) or _winner(name, count, mentions[name]) for name, count in votes.items()}
    people = _people_like_sites(by_head_noun, tokenized)
    types |= dict.fromkeys(people, PERSON)
    short_names = {
        name
        for name in short_names_of_people(types) | set(people.values())
        if not (_is_country(name) and any(_is_place_in(text, name) for text in texts))
        and f"{name}s" not in lexicon_types  # a Houthi attack, of the Houthis
    }
    types |= dict.fromkeys(short_names, PERSON)
    short_forms = {short for name, kind in types.items() if kind is ORG for short in acronyms(name)}
    for name, kind in types.items():
        if name in short_forms or (kind is PERSON and name.isupper() and _is_acronym(name, short_names)):
            types[name] = ORG
    return types | {name: kind for name, kind in lexicon_types.items() if types.get(name) is not PERSON}


def _votes_by_name(names: Sequence[Name], tokenized: Sequence[TokenizedText]) -> dict[str, Votes]:
    """The votes on the type of each name: of its mentions, and for a person where its last word stands alone."""
    votes: dict[str, Votes] = defaultdict(lambda: defaultdict(int))
    for text, name, span in names:
        _add_votes(votes[name], text, span)
    surnames_of = {name: surname for name in votes if (surname := distinct_surname(name))}
    votes_alone = _votes_where_alone(set(surnames_of.values()), tokenized)
    for name in votes:
        votes[name][PERSON] += votes_alone.get(surnames_of.get(name, ""), 0)
    return votes


def _people_like_sites(names: Collection[str], tokenized: Sequence[TokenizedText]) -> dict[str, str]:
    """The people among the names that look like sites (Charles Hall), with their surnames: these also stand alone."""
    surnames_of = {name: surname for name in names if (surname := surname_like_head_noun(name))}
    alone = _votes_where_alone(set(surnames_of.values()), tokenized) if surnames_of else {}
    return {name: surname for name, surname in surnames_of.items() if alone.get(surname, 0) > _RULE_VOTES}


def _is_acronym(name: str, short_names: Set[str]) -> bool:
    """Whether a name in capitals that a model labelled as a person is an acronym, which it often does.

    A surname in capitals is known from its full name.
    """
    is_person = name.capitalize() in short_names or name in stage_names().phrases
    return not is_person and name.isalpha() and len(name) in _ACRONYM_CHARS


def _add_votes(votes: Votes, text: str, span: NamedSpan) -> None:
    """Add the votes of one mention on its name's type: of what found it and of the words around it.

    Of the words that are no person's name and that a model calls people, one in five is one. That counts nothing.
    """
    if span.source is not BY_MODEL:
        votes[span.type] += _RULE_VOTES
    elif span.type is PERSON and is_nobodys_name(text[span.start : span.end]):
        votes[PERSON] += 0
        votes[ORG] += 0
    else:
        votes[span.type] += _MODEL_VOTES
    for kind, weight in votes_by_context(text, span.start, span.end):
        votes[kind] += weight


def _votes_where_alone(surnames: Set[str], texts: Sequence[TokenizedText]) -> Mapping[str, int]:
    """The votes for a person that each surname gets where it stands alone (Djokovic said, of Novak Djokovic)."""
    votes: Counter[str] = Counter()
    for tokens in texts:
        for i in tokens.indexes_of(surnames):
            start, end = tokens.starts[i], tokens.ends[i]
            if not _CAPITALISED_BEFORE.search(tokens.text, max(0, start - 30), start):
                votes[tokens.words[i]] += sum(
                    weight for kind, weight in votes_by_context(tokens.text, start, end) if kind is PERSON
                )
    return {surname: min(own, _MAX_VOTES_OF_SURNAME) + _RULE_VOTES for surname, own in votes.items() if own}


def _head_noun_type(name: str) -> EntityType | None:
    """The type that the last word of a name implies; None if it implies none."""
    words = name.split()
    if len(words) < 2:
        return None
    words[-1] = words[-1].rstrip(".")
    own = head_nouns().get(" ".join(words[-2:])) or head_nouns().get(words[-1])
    if own is None and words[-1] not in head_nouns() and " of " in name:
        head = name.partition(" of ")[0].rpartition(" ")[2]
        return head_nouns().get(head) if head not in _SITES_OR_INSTITUTIONS else None  # Central Bank of Chile
    return own


def _winner(name: str, votes: Votes, mentions: int) -> EntityType:
    """The type with the most votes; ties go to the first that a mention had.

    What only a model calls an organisation is a person if it looks like nothing but a full name.
    """
    by_form = votes_by_form(name)
    for kind, weight in by_form.items():
        votes[kind] += weight * mentions
    is_models = {kind for kind, own in votes.items() if own > 0} == {ORG} and votes[ORG] <= _MODEL_VOTES * mentions
    if is_models and not by_form and votes[PERSON] == 0 and is_like_full_name(name):
        return PERSON
    return max(votes, key=votes.__getitem__)


def _is_country(name: str) -> bool:
    """Whether the name is a country's that people seldom bear."""
    entry = entries().phrases.get(name)
    return entry is not None and entry.key.startswith("country:") and entry.key not in _NAMESAKE_COUNTRIES


def _is_place_in(text: str, name: str) -> bool:
    """Whether a preposition says that a text means a place by the name."""
    return name in text and re.search(rf"\b(?:[Ii]n|[Ff]rom|[Tt]o|of|across|with|against) {name}\b", text) is not None
