"""What speaks for each type of a name: its own words, and the words around a mention. In votes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from schemas.records import EntityType
from workers.enrich.gazetteer import cities, common_words, companies, family_names, given_names, is_city
from workers.enrich.lexicon import (
    class_nouns,
    cues,
    entries,
    first_words,
    head_noun_hints,
    head_nouns,
    not_names,
    stage_names,
    titles,
)
from workers.enrich.lexicon import given_names as frequent_given_names
from workers.enrich.types import FAC, GPE, LOC, NORP, ORG, PERSON, PRODUCT
from workers.enrich.variants import normalise_name
from workers.vocabulary.particles import PARTICLES

Votes = defaultdict[EntityType, int]

MAX_PERSON_WORDS = 4
LARGE_CITY = 100_000
"""From this population a town's name is likelier the town's than a person's."""

SENTENCE_START = re.compile(r"(?:^|[.!?:\n\"“”‘'(—–-]) *$")
"""Before a word that begins a sentence, a line or a quotation."""

_WORD_BEFORE = re.compile(r"(?<!\w)(\w+) $")
_WORD_AFTER = re.compile(r" (\w+)")
_NOUN_BEFORE = re.compile(r"(?<!\w)([a-z]\w+) $")
_RELATIVE_BEFORE = re.compile(
    r"\b(?:[Hh]is|[Hh]er|[Tt]heir) (?:\w+ )?(?:wife|husband|son|daughter|father|mother|brother|sister|partner), $"
)
_MEMBER_BEFORE = re.compile(r"\b(?:MP|MSP|MEP|[Ss]enator|[Cc]ongress(?:wo)?man) for $")
_AGE_AFTER = re.compile(r",? \(?[1-9]\d\)?(?=[,.) ])(?!,\d)")
_APPOSITION = re.compile(r" ?, (?:who|whose|who's)\b")
_WHERE_AFTER = re.compile(r" ?, where\b")
_WHICH_AFTER = re.compile(r" ?, which\b")
_REGION_AFTER = re.compile(r" ?, ((?:[A-Z][\w.'-]+)(?: [A-Z][\w.'-]+){0,2})")
_PLACE_OF_BEFORE = re.compile(
    r"\b(?:city|town|village|port|island|isle|islands|capital|state|province|region|district|suburb|county|outskirts"
    r"|streets|mayor|governor|people|residents|villagers|firefighters|firemen|voters|citizens|north|south|east|west|northeast|northwest|southeast|southwest|republic"
    r"|coast|part|parts|centre|center) of (?:the )?$|(?:km|kilomet(?:er|re)s|miles) (?:\w+ )?(?:of|from) $",
    re.IGNORECASE,
)
_MAKES_BEFORE = re.compile(r"\b(?:makers?|manufacturers?|producers?) of $")
_LIVES_IN_BEFORE = re.compile(
    r"\b(?:born|raised|lives?|lived|living|resides?|based|buried|grew up|brought up|school|home) (?:in|near) $"
)
_DISTANCE_AFTER = re.compile(r", (?:about |some |just )?[\w.-]+ (?:miles|km|kilomet(?:er|re)s)\b")
_MOVES_TO_BEFORE = re.compile(
    r"\b(?:flew|fly|flies|flying|flown|travel(?:s|led|ed|ling|ing)?|went|going|moved?|moves|fled|drove|sailed|returned|came"
    r"|trips?|roads?|trains?|flights?|way|visits?|bus|buses|headed|heading|deported|extradited) (?:back )?to $"
)
_VESSEL_BEFORE = re.compile(
    r"\b(?:(?:ship|ferry|vessel|boat|liner|yacht|tanker|trawler),? the|aboard(?: the)?"
    r"|(?:hull|engines?|deck|crew|captain|wreck|bow|stern) of the|refloat the) $"
)
_VESSEL_AFTER = re.compile(
    r" (?:capsized|docked|sailed|ran aground|was sailing|set sail|had sailed)\b"
    r"|, which (?:had |has |was )?(?:left|sailed|sailing|docked|carrying|carried) "
)
_GATHERED_BEFORE = re.compile(
    r"\b(?:waited|waiting|stood|gathered|protest(?:ed|ing)|rall(?:ied|ying)|camped) outside (?:the )?$"
)
_NATURE_OF_BEFORE = re.compile(
    r"\b(?:constellation|galaxy|planet|moon|comet|river|mountain|volcano|peak|slopes|foothills|bay|gulf|valley|lake"
    r"|peninsula|archipelago|desert|banks|waters|shores) of (?:the )?$"
)
_ON_THE_BEFORE = re.compile(r"\b(?:on|along|around|across|above|near|beyond|towards?) the $", re.IGNORECASE)
_PHRASE_ENDS = re.compile(
    r"[.,;:)\n]|$"
    r"| (?:and|or|but|of|in|on|at|for|to|out|until|from|with|by|as|that|who|is|was|are|were|has|have|had|will)\b"
    r"| (?:north|south|east|west)\b"
)
_SPEAKS = re.compile(r" (?:said|says|say|asked|told|added|warned|noted|reported|reports|wrote|announced)\b")
_EARNS = re.compile(
    r" (?:has |have |had )?(?:raised|reported|posted|earned|lost) (?:[^\s.,]+ ){0,3}"
    r"(?:million|billion|profits?|revenues?|sales|loss|losses|earnings)\b"
)
_HEADS_BEFORE = re.compile(
    r"\b(?:heads|headed|founded|founder of|co-founded|chairs|chief executive of|CEO of|chairman of|chair of|boss of"
    r"|owner of|head of|president of|director of|shares? (?:of|in)|stake in|customers? of|shareholders? of"
    r"|(?:plants?|factory|factories|unit|subsidiary|branch|arm|supplier|employees|workers|headquarters|offices) of"
    r"|(?:analyst|economist|strategist|professor|researcher|scientist|partner|lawyer|fellow|director|manager|executive"
    r"|engineer|student|editor|trader|physicist|biologist|astronomer|historian|curator|expert|lecturer) (?:at|with|for)"
    r"|who (?:leads|led)|leader of|members? of|joined|acquired|sued|works? for|worked for|buys? from|bought from) $"
)
"""Before an organisation, unless it is known as a place: head of, plant of."""
_TRADES = re.compile(
    r"(?:['’]s)? (?:shares|stock|shareholders|chief executive|CEO|co-founder|founder|headquarters|employees"
    r"|executives?)\b"
    r"| (?:rose|fell|gained|lost|dropped|jumped|slid|climbed|shed|added|plunged|surged) (?:by )?(?:about )?\d[\d.]*"
    r"(?:%| per ?cent| percent)"
    r"| (?:declined to comment|did not (?:immediately )?(?:respond|reply|comment)|could not be reached)"
    r"| (?:makes|sells|manufactures|employs|operates|unveiled|acquired|has bought|cancelled its|is to report"
    r"|shareholders)\b"
)
"""After an organisation."""
_ROLE_AFTER = re.compile(
    r", (?:(?:an?|the|its|his|her|their|once|now|then) )?"
    r"((?:(?!(?:into|of|in|on|at|to|by|for|from|with) )[\w’'-]+ ){0,4}?[a-z][\w-]+)"
    r"(?=[,.;\n]| (?:who|which|that|of|in|from|at|for|with|to|and|on|by|based|whose)\b|$)"
)
"""What a name is, after it: Wayve, a start-up from Cambridge. The last word is the noun."""
_LAST_WORDS_BEFORE = frozenset(("of", "from", "the", "aboard"))
"""The last words of the expressions for what stands before a name."""
_LAST_WORDS_OF_HEADS = frozenset(
    (
        "heads",
        "headed",
        "leads",
        "led",
        "founded",
        "of",
        "in",
        "chairs",
        "joined",
        "acquired",
        "sued",
        "for",
        "from",
        "at",
        "with",
    )
)
_DIVISIONS = frozenset(
    ("province", "district", "prefecture", "county", "oblast", "municipality", "township", "regency")
)
"""After a place's name, and hardly any other."""
_PREPOSITIONS = frozenset(("for", "of", "and", "at", "in", "on", "to", "with"))
_MIXED_CASE = re.compile(r"[a-zß-ÿ][A-Z](?!')")


@lru_cache(maxsize=20_000)
def votes_by_form(name: str) -> Mapping[EntityType, int]:
    """The votes that the words of a name give, whatever surrounds it."""
    votes: Votes = defaultdict(int)
    words = name.replace("-", " ").split()
    first, last = words[0].casefold(), words[-1].casefold()
    people = _votes_for_person(words, first, last)
    if people:
        votes[PERSON] += people
    if len(words) > 1 and words[0] in first_words():
        votes[first_words()[words[0]]] += 2 if first in given_names() and not words[1].islower() else 4
    elif not people and len(words) > 1 and last in common_words() and last not in family_names():
        votes[ORG] += 1
    if len(words) > 1 and (kind := head_noun_hints().get(words[-1])):
        votes[kind] += 3
    if len(words) > 1 and not people and words[-1] in _nations():
        votes[ORG] += 3  # Natural England
    if _is_with_acronym(name):
        votes[ORG] += 3
    towns = cities(name)
    if name.startswith("Port of ") and not towns:
        votes[FAC] += 5
    if towns:
        is_ambiguous = people or name.casefold() in family_names() or name.casefold() in common_words()
        votes[GPE] += 3 if towns[0].population >= LARGE_CITY else 1 if is_ambiguous else 2
        votes[GPE] += 3 * (len(words) > 2)  # Santiago de Compostela
    if name in companies():
        votes[ORG] += 1 if towns or name.casefold() in common_words() or name.casefold() in family_names() else 3
    if len(words) > 1 and not people and all(word.casefold() in common_words() for word in words):
        votes[PERSON] -= 3  # App Store
    if name in stage_names().phrases:
        votes[PERSON] += 8
    if "&" in name or _MIXED_CASE.search(name):
        votes[ORG] += 2
    return votes


@cache
def _nations() -> frozenset[str]:
    """The names of nations in one word: those of countries and of the parts of the United Kingdom."""
    names = {name for name, entry in entries().phrases.items() if entry.key.startswith("country:") and name.isalpha()}
    return frozenset({name for name in names if name.istitle()} | {"England", "Scotland", "Wales"})


def _is_with_acronym(name: str) -> bool:
    """Whether an acronym stands at the beginning of a name of several words (AIIMS Bilaspur)."""
    first, _, rest = name.partition(" ")
    return bool(rest) and len(first) > 2 and first.isupper() and first.isalpha() and not rest.isupper()


@lru_cache(maxsize=20_000)
def is_like_full_name(name: str) -> bool:
    """Whether a name is two words that the lists know as nothing else (Aryna Sabalenka)."""
    words = name.split()
    return (
        len(words) == 2
        and all(
            len(word) > 2 and word.isalpha() and word[0].isupper() and word[1:].islower() and not is_known_word(word)
            for word in words
        )
        and not any(word in table for word in words for table in (head_nouns(), head_noun_hints(), first_words()))
    )


def _votes_for_person(words: list[str], first: str, last: str) -> int:
    is_given = first in given_names() and first not in common_words() and first not in PARTICLES
    if len(words) == 1:
        return int(is_given)
    if any(word in _PREPOSITIONS for word in words[1:]):
        return -8  # Transport for London
    if words[-1] in _nations() and words[0] not in frequent_given_names():
        return 0
    if _is_with_acronym(" ".join(words)):
        return 0
    if len(words) > MAX_PERSON_WORDS + sum(word in PARTICLES for word in words) or any(
        word in head_nouns() or word == "&" for word in words
    ):
        return 0
    is_family = last in family_names()
    if words[-1] in head_noun_hints() and not is_family and not (is_given and not is_city(words[0])):
        return 0
    if is_given and len(words) > 2 and all(word in PARTICLES for word in words[1:-1]):
        return 3  # Laurence des Cars
    if is_given and words[0] in frequent_given_names():
        return 4
    if is_given and last not in common_words():
        return 3 if is_family else 2
    return 2 * int(is_family and last not in common_words())


def votes_by_context(text: str, start: int, end: int) -> Iterator[tuple[EntityType, int]]:
    """The votes that the words around a mention give."""
    name_is_word = text.find(" ", start, end) < 0
    next_sign = text[end : end + 1]
    before = _word_before(text, start)
    after = after_name[1] if next_sign == " " and (after_name := _WORD_AFTER.match(text, end)) else ""
    for side, word in (("before", before), ("after", after)):
        if word and (cue := cues().get((side, word))) and (name_is_word or cue[1] > 1):
            yield cue[0], cue[1] if name_is_word else 1
    if kind := class_nouns().get(before):
        yield kind, 5
    if after == "people" and before in ("the", "The"):
        yield NORP, 4
    if after == "airport" and not text[start:end].isupper():
        yield FAC, 3
    if (kind := class_nouns().get(after)) is ORG:
        yield ORG, 1
    elif kind is LOC:
        yield LOC, 3
    elif after in _DIVISIONS and not text.startswith(" district attorney", end):
        yield GPE, 8
    if before in ("the", "The"):
        yield from _votes_by_article(text, start, end)
    if after and _EARNS.match(text, end):
        yield ORG, 3
    if next_sign in " '’" and _TRADES.match(text, end):
        yield ORG, 3
    if before in _LAST_WORDS_OF_HEADS and _HEADS_BEFORE.search(text, max(0, start - 24), start):
        yield ORG, 2
    if before in ("at", "outside", "inside") and text.endswith(" House", start, end):
        yield FAC, 5
    if before in ("outside", "the") and _GATHERED_BEFORE.search(text, max(0, start - 24), start):
        yield FAC, 3
    if before in ("in", "near") and _LIVES_IN_BEFORE.search(text, max(0, start - 20), start):
        yield GPE, 4
    if before == "to" and _MOVES_TO_BEFORE.search(text, max(0, start - 24), start):
        yield GPE, 2
    if before in _LAST_WORDS_BEFORE:
        if before == "of" and _MAKES_BEFORE.search(text, max(0, start - 24), start):
            yield PRODUCT, 3
        if _VESSEL_BEFORE.search(text, max(0, start - 24), start):
            yield PRODUCT, 3
        if _PLACE_OF_BEFORE.search(text, max(0, start - 24), start):
            yield GPE, 3
        if _NATURE_OF_BEFORE.search(text, max(0, start - 24), start):
            yield LOC, 4
    if next_sign in " ," and _VESSEL_AFTER.match(text, end):
        yield PRODUCT, 3
    if next_sign in ", (":
        if _AGE_AFTER.match(text, end):
            yield PERSON, 3
        elif _DISTANCE_AFTER.match(text, end):
            yield GPE, 4
        elif _APPOSITION.match(text, end):
            yield PERSON, 2
        elif name_is_word and _WHERE_AFTER.match(text, end):
            yield GPE, 2
        elif _WHICH_AFTER.match(text, end):
            yield PERSON, -3
            yield ORG, 0
        elif (role := _ROLE_AFTER.match(text, end)) and (kind := class_nouns().get(role[1].rpartition(" ")[2])):
            yield kind, 4
        elif (region := _REGION_AFTER.match(text, end)) and _is_region(region[1]):
            yield GPE, 2
    if text.endswith(", ", 0, start) and _RELATIVE_BEFORE.search(text, max(0, start - 30), start):
        yield PERSON, 4
    if before == "for" and _MEMBER_BEFORE.search(text, max(0, start - 20), start):
        yield GPE, 4
    if follows_title(text, start):
        yield PERSON, 3


def _word_before(text: str, start: int) -> str:
    """The word right before ``start``, if a blank stands between."""
    if text[start - 1 : start] != " ":
        return ""
    word = _WORD_BEFORE.search(text, max(0, start - 20), start)
    return word[1] if word else ""


def _votes_by_article(text: str, start: int, end: int) -> Iterator[tuple[EntityType, int]]:
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


@lru_cache(maxsize=20_000)
def is_nobodys_name(name: str) -> bool:
    """Whether a name is a single word that the lists have neither as a given nor as a family name."""
    if " " in name or not name[1:].islower() or name in stage_names().phrases:
        return False
    keys = {key for word in (name.casefold(), normalise_name(name)) for key in (word, word.rpartition("-")[2])}
    return keys.isdisjoint(given_names()) and keys.isdisjoint(family_names())


@lru_cache(maxsize=20_000)
def is_known_word(word: str) -> bool:
    """Whether a word is known for something else than a person: as a word, a name, a title, a town or no name."""
    return (
        word.casefold() in common_words()
        or word in entries().phrases
        or word in not_names()
        or word in titles().phrases
        or is_city(word)
    )


def follows_title(text: str, start: int) -> bool:
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
