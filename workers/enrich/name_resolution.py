"""Resolves the names of one article against each other: one type per name, full names to surnames and acronyms."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from schemas.records import EntityType
from workers.enrich.contexts import votes_by_context
from workers.enrich.evidence import (
    MAX_PERSON_WORDS,
    SENTENCE_START,
    Votes,
    is_known_word,
    is_like_full_name,
    is_nobodys_name,
    votes_by_form,
)
from workers.enrich.gazetteer import common_words, is_city
from workers.enrich.gazetteer import family_names as known_family_names
from workers.enrich.gazetteer import given_names as known_given_names
from workers.enrich.lexicon import (
    PhraseMatcher,
    TokenizedText,
    entries,
    family_names,
    head_nouns,
    not_names,
    stage_names,
    titles,
)
from workers.enrich.patterns import STORM_WORDS
from workers.enrich.short_names import company_short_names, possible_short_forms, site_short_names, used_short_forms
from workers.enrich.spans import ClaimedSpans, NamedSpan
from workers.enrich.types import BY_MODEL, BY_RULE, EVENT, GPE, ORG, PERSON
from workers.enrich.variants import LEGAL_FORM, MIN_VARIANT_CHARS, normalise_name, spelling_key
from workers.vocabulary.particles import PARTICLES

MAX_NAME_WORDS = 8
"""Longest name, in words, that is searched for in the rest of the article."""

_ACRONYM_CHARS = range(3, 7)
_LEGAL_ENDS = ("Inc", "Inc.", "Corp", "Corp.", "Ltd", "Ltd.", "plc", "PLC", "LLC", "AG", "SA", "NV")
_PRONOUNS = frozenset(
    ("He", "She", "They", "We", "You", "It", "His", "Her", "Who", "This", "That", "And", "But", "The")
)
_SAME_BEGINNING = 3
"""Letters that the spellings of a name have in common at its beginning."""
_MAX_WORDS_OF_INITIALS = 4
_SITES_OR_INSTITUTIONS = frozenset(("Center", "Centre", "Hospital", "Museum"))
_MIN_CAPITALS = 4
_MIN_GIVEN_NAME = 4
_REGNAL_NUMBER = re.compile(r"[IVX]{1,5}")
_ARABIC_ARTICLES = ("al-", "el-", "as-", "ad-", "ar-", "an-", "ul-")
_SUFFIXES = ("Jr", "Sr", "II", "III", "IV")
_MAX_VOTES_OF_SURNAME = 8
_CAPITALISED_BEFORE = re.compile(r"[^\W\d_a-zß-öø-ÿ](?:[\w'’-]*|\.) $")
_GIVEN_NAME_BEFORE = re.compile(r"(?<=[a-z,] )([^\W\d_a-z]\w+(?:-\w+)?) $")

MODEL_VOTES = 1
"""Votes of a mention that a model found on the type of its name."""
_RULE_VOTES = 3
"""Votes of a mention that a rule found."""

_NAMESAKE_KEYS = ("place:", "country:", "people:", "organisation:")
"""Lexicon keys, by prefix, that give way to a person of that name (Marta Jordan) whom the article names in full."""


_NAMESAKE_COUNTRIES = frozenset(("country:JO", "country:TD", "country:?GE"))


class _Name(NamedTuple):
    """A span that was claimed as a name: the text, the name and the span."""

    text: str
    name: str
    span: NamedSpan


class _Occurrence(NamedTuple):
    """A place where a text contains a known name, with the spans already claimed there."""

    start: int
    end: int
    name: str
    overlapping: Sequence[NamedSpan]

    @property
    def outranks_overlapping(self) -> bool:
        """Whether the name has several words and every overlapping span is only a part of it."""
        length = self.end - self.start
        return " " in self.name and all(
            self.start <= span.start and span.end <= self.end and span.end - span.start < length
            for span in self.overlapping
        )


@lru_cache(maxsize=20_000)
def surnames(name: str) -> tuple[str, ...]:
    """The short names by which a text refers to a person of that full name; none for a surname alone.

    These are the last word, also with its particles (de Gaulle) and without an Arabic article (Sisi), and the first
    word if it is a family name that precedes the given name.
    """
    words = name.split()
    if len(words) == 2 and _REGNAL_NUMBER.fullmatch(words[1]):
        return (words[0],)
    while len(words) > 2 and words[-1].rstrip(".") in _SUFFIXES:
        words.pop()
    if len(words) < 2 or words[0].islower() or all(word.casefold() in PARTICLES for word in words[:-1]):
        return ()
    short_names = [words[0]] if words[0] in family_names() else []
    short_names.append(words[-1])
    particle = len(words) - 1
    while particle > 1 and words[particle - 1].casefold() in PARTICLES:
        particle -= 1
    if particle < len(words) - 1:
        short_names.append(" ".join(words[particle:]))
    if words[-1][:3].casefold() in _ARABIC_ARTICLES:
        short_names.append(words[-1][3:])
    return tuple(name for name in short_names if _may_stand_alone(name))


def _may_stand_alone(name: str) -> bool:
    """Whether a word of a full name may stand for it: no initial, number or pronoun."""
    return len(name.strip(".")) > 1 and not name.islower() and name[-1].isalpha() and name not in _PRONOUNS


@lru_cache(maxsize=20_000)
def acronyms(name: str) -> tuple[str, ...]:
    """The initials of the capitalised words of a name, also without the place at its end; at least three each.

    (The Constitutional Democratic Party of Japan is the CDPJ or the CDP.) Also the initials of all words as they are
    written, if these are few: the Department for Education is the DfE, and Marks & Spencer M&S.
    """
    words = name.replace("-", " ").split()
    without_place = name.rpartition(" of ")[0].replace("-", " ").split()
    found = dict.fromkeys("".join(word[0] for word in own if word[0].isupper()) for own in (words, without_place))
    if len(words) <= _MAX_WORDS_OF_INITIALS:
        found.setdefault("".join(word[0] for word in words))
    return tuple(initials for initials in found if len(initials) > 2)


def resolve_names(claimed: Sequence[ClaimedSpans], tokenized: Sequence[TokenizedText]) -> list[list[NamedSpan]]:
    """The names of each text, in text order, after giving each name one type and finding it everywhere.

    ``claimed`` and ``tokenized`` have one item for each text of an article.
    """
    spans = [text.in_order() for text in claimed]
    names = [
        _Name(text.text, text.text[span.start : span.end], span)
        for text, own in zip(claimed, spans, strict=True)
        for span in own
    ]
    words = _mere_words(names, tokenized)
    types = _resolve_types([text.text for text in claimed], names, tokenized, words)
    types |= dict.fromkeys(_spelling_variants(types, tokenized), PERSON)
    of_companies = company_short_names(types)
    towns = {
        name for name in of_companies if types.get(name) is GPE and any(_is_in(text.text, name) for text in claimed)
    }
    types |= site_short_names(types) | {name: kind for name, kind in of_companies.items() if name not in towns}
    types |= _without_legal_forms(types)
    initials = _acronyms_of_organisations(types)
    types = _used(initials, tokenized) | types | _storms(types) | _used(_as_words(initials, types), tokenized)
    types |= _in_capitals(claimed, types)
    # Do not search again for lexicon names: where they are not claimed, the lexicon rejected them (US in "US $5").
    lexicon = entries().phrases
    possible = possible_short_forms(types)
    to_find = types | possible if possible else types
    matcher = PhraseMatcher(
        {name: name for name in to_find if name not in lexicon and name.count(" ") < MAX_NAME_WORDS}
    )
    matches = [list(matcher.find(tokens)) for tokens in tokenized]
    types |= used_short_forms(possible, types, tokenized, matches)
    if possible.keys() - types.keys():
        matches = [[match for match in own if match[2] in types] for own in matches]
    occurrences = [list(_with_overlapping(*both)) for both in zip(matches, spans, strict=True)]
    found = Counter([name for _, name, _ in names])
    missed = Counter(occ.name for own in occurrences for occ in own if not occ.overlapping)
    resolved = []
    for text, own_spans, own_occurrences in zip(claimed, spans, occurrences, strict=True):
        by_start = {span.start: span for span in own_spans}
        last_end = 0
        for occurrence in own_occurrences:
            start, end, name = occurrence.start, occurrence.end, occurrence.name
            if occurrence.overlapping:
                if not occurrence.outranks_overlapping:
                    continue
                for span in occurrence.overlapping:
                    del by_start[span.start]
            else:
                if not (text.is_free(start, end) and _is_reliable(name, found[name], missed[name])):
                    continue
                if types[name] is PERSON and " " not in name:
                    with_given_name = _start_with_given_name(text, start)
                    start = with_given_name if with_given_name >= last_end else start
            last_end = end
            by_start[start] = NamedSpan(start, end, types[name], BY_RULE)
        resolved.append(sorted(_typed(text.text, by_start.values(), types, words), key=attrgetter("start")))
    return resolved


def _typed(
    text: str, spans: Iterable[NamedSpan], types: Mapping[str, EntityType], words: Set[str]
) -> Iterator[NamedSpan]:
    """The spans with the types of their names, without those that turn out to be no names."""
    for span in spans:
        name = text[span.start : span.end]
        typed = _with_type(name, span, types)
        if name not in words and _is_name(name, typed):
            yield typed


def _is_in(text: str, name: str) -> bool:
    """Whether something is in or near what has the name: a town, and no company that is called after it."""
    return re.search(rf"\b(?:[Ii]n|[Nn]ear|[Oo]utside|across) {re.escape(name)}\b", text) is not None


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


def _in_capitals(claimed: Sequence[ClaimedSpans], types: Mapping[str, EntityType]) -> dict[str, EntityType]:
    """The names in capitals, if a text of the article is written so (a headline)."""
    if not any(text.text.isupper() for text in claimed):
        return {}
    return {name.upper(): kind for name, kind in types.items() if len(name) >= _MIN_CAPITALS and not name.isupper()}


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


def _start_with_given_name(claimed: ClaimedSpans, start: int) -> int:
    """Where a person's name begins whose surname begins at ``start``.

    That is at the word before, if it is capitalised and within the sentence, else at ``start``.
    """
    window_start = max(0, start - 40)
    match = _GIVEN_NAME_BEFORE.search(claimed.text[window_start:start])
    if match is None or match[1] in titles().phrases or match[1] in not_names():
        return start
    name_start = window_start + match.start(1)
    return name_start if claimed.is_free(name_start, start) else start


def _with_overlapping(matches: Iterable[tuple[int, int, str]], spans: Sequence[NamedSpan]) -> Iterator[_Occurrence]:
    """Each match with the spans that it overlaps, without those that are a span already. Both are in text order."""
    first = 0
    for start, end, name in matches:
        while first < len(spans) and spans[first].end <= start:
            first += 1
        if first < len(spans) and spans[first].start == start and spans[first].end == end:
            continue
        last = first
        while last < len(spans) and spans[last].start < end:
            last += 1
        yield _Occurrence(start, end, name, spans[first:last])


def _is_reliable(name: str, found: int, missed: int) -> bool:
    """Whether a name is one wherever it occurs: it has several words, or is found more often than missed."""
    return " " in name or found == 0 or found * 2 >= missed


def _with_type(name: str, span: NamedSpan, types: Mapping[str, EntityType]) -> NamedSpan:
    """The span with its name's type. A lexicon entry keeps its own, unless it gives way to a person."""
    kind = types.get(name, span.type)
    keeps_own = not (kind is PERSON and span.key.startswith(_NAMESAKE_KEYS)) if span.key else kind is span.type
    if keeps_own:
        return span
    return span._replace(type=kind, key=None)


def _is_name(name: str, span: NamedSpan) -> bool:
    """Whether the span is a name at all, judging by its words."""
    if span.key:
        return True
    if name in not_names() or name.islower():
        return False
    words_before, _, last_word = name.rpartition(" ")
    return not words_before or head_nouns().get(last_word, span.type) is not None


def _mere_words(names: Iterable[_Name], tokenized: Sequence[TokenizedText]) -> set[str]:
    """The single words among the names that are only capitalised words, because they begin a sentence or a line.

    These are English words that the article also writes in lower case or has at the beginning of sentences only, unless
    they are a part of a longer name of a person.
    """
    at_start: dict[str, bool] = {}
    parts_of_names: set[str] = set()
    for text, name, span in names:
        if " " in name:
            if span.type is PERSON:
                parts_of_names.update(name.split())
        elif span.key or (span.type is GPE and is_city(name)) or (span.type is ORG and span.source is BY_RULE):
            continue
        elif name[1:].islower() and name.casefold() in common_words():
            begins = SENTENCE_START.search(text, max(0, span.start - 3), span.start) is not None
            at_start[name] = begins and at_start.get(name, True)
    return {
        name
        for name, begins in at_start.items()
        if name not in parts_of_names and (begins or any(name.lower() in tokens.different for tokens in tokenized))
    }


def _resolve_types(
    texts: Sequence[str], names: Iterable[_Name], tokenized: Sequence[TokenizedText], words: Set[str]
) -> dict[str, EntityType]:
    """One type for each name in the article, and for the surnames and acronyms that come with the names.

    The form of a name decides; else the majority of votes from its mentions. The lexicon overrules both, except for
    people.
    """
    votes: dict[str, Votes] = defaultdict(lambda: defaultdict(int))
    mentions: Counter[str] = Counter()
    lexicon_types: dict[str, EntityType] = {}
    for text, name, span in names:
        if span.key:
            lexicon_types[name] = span.type
        elif name not in words and _is_name(name, span):
            _add_votes(votes[name], text, span)
            mentions[name] += 1
    surnames_of = {name: surname for name in votes if (surname := _distinct_surname(name))}
    votes_alone = _votes_where_alone(set(surnames_of.values()), tokenized)
    for name in votes:
        votes[name][PERSON] += votes_alone.get(surnames_of.get(name, ""), 0)
    by_head_noun = {name: kind for name in votes if (kind := _head_noun_type(name))}
    namesakes = {name: surname for name in by_head_noun if (surname := _surname_like_head_noun(name))}  # Charles Hall
    alone = _votes_where_alone(set(namesakes.values()), tokenized) if namesakes else {}
    people = {surname for surname, own in alone.items() if own > _RULE_VOTES}
    types = {name: by_head_noun.get(name) or _winner(name, count, mentions[name]) for name, count in votes.items()}
    types |= {name: PERSON for name, surname in namesakes.items() if surname in people}
    short_names = {
        name
        for name in _short_names_of_people(types) | people
        if not (_is_country(name) and any(_is_place_in(text, name) for text in texts))
        and f"{name}s" not in lexicon_types  # a Houthi attack, of the Houthis
    }
    types |= dict.fromkeys(short_names, PERSON)
    short_forms = {short for name, kind in types.items() if kind is ORG for short in acronyms(name)}
    for name, kind in types.items():
        # A model often labels an unknown acronym as a person. A surname in capitals is known from its full name.
        uppercase_person = kind is PERSON and name.isupper() and name.capitalize() not in short_names
        uppercase_person = uppercase_person and name not in stage_names().phrases
        if name in short_forms or (uppercase_person and name.isalpha() and len(name) in _ACRONYM_CHARS):
            types[name] = ORG
    return types | {name: kind for name, kind in lexicon_types.items() if types.get(name) is not PERSON}


def _distinct_surname(name: str) -> str | None:
    """The last word of a name that may be a person's, if it is no other word; else None."""
    words = name.split()
    surname = words[-1]
    if not 1 < len(words) <= MAX_PERSON_WORDS or surname.casefold() in common_words() or surname in entries().phrases:
        return None
    return surname if surname[0].isupper() and surname not in head_nouns() else None


def _surname_like_head_noun(name: str) -> str | None:
    """The last word of a name that looks like a person's, but for that word (Charles Hall); else None."""
    given_name, _, surname = name.partition(" ")
    is_surname = surname in head_nouns() and surname.casefold() in known_family_names()
    return surname if is_surname and given_name.casefold() in known_given_names() else None


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


def _is_country(name: str) -> bool:
    """Whether the name is a country's that people seldom bear."""
    entry = entries().phrases.get(name)
    return entry is not None and entry.key.startswith("country:") and entry.key not in _NAMESAKE_COUNTRIES


def _is_place_in(text: str, name: str) -> bool:
    """Whether a preposition says that a text means a place by the name."""
    return name in text and re.search(rf"\b(?:[Ii]n|[Ff]rom|[Tt]o|of|across|with|against) {name}\b", text) is not None


def _winner(name: str, votes: Votes, mentions: int) -> EntityType:
    """The type with the most votes; ties go to the first that a mention had.

    What only a model calls an organisation is a person if it looks like nothing but a full name.
    """
    by_form = votes_by_form(name)
    for kind, weight in by_form.items():
        votes[kind] += weight * mentions
    is_models = {kind for kind, own in votes.items() if own > 0} == {ORG} and votes[ORG] <= MODEL_VOTES * mentions
    if is_models and not by_form and votes[PERSON] == 0 and is_like_full_name(name):
        return PERSON
    return max(votes, key=votes.__getitem__)


def _short_names_of_people(types: Mapping[str, EntityType]) -> set[str]:
    """The surnames of the people among the names, and those of their given names that are names as well.

    A given name alone may be another word. Then it counts only if the article already has it as a name.
    """
    people = [name for name, kind in types.items() if kind is PERSON]
    short_names = {
        surname
        for name in people
        for short in surnames(name)
        for surname in ((short, short[0].upper() + short[1:]) if short[0].islower() else (short,))  # De Gaulle wrote
        if surname not in not_names() and surname not in head_nouns()
    }
    given = {
        given_name
        for name in people
        if (given_name := name.partition(" ")[0]) != name
        and (given_name in types or _is_distinct_given_name(given_name))
    }
    return short_names | given


def _is_distinct_given_name(word: str) -> bool:
    """Whether a given name means nothing else, so that it is its bearer's where it stands alone (Deepti)."""
    return len(word) >= _MIN_GIVEN_NAME and word[1:].islower() and not is_known_word(word)


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
        votes[span.type] += MODEL_VOTES
    for kind, weight in votes_by_context(text, span.start, span.end):
        votes[kind] += weight


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
