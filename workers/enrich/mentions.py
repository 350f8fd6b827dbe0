"""Finds the names in an article's texts: combines a model's spans with the lexicon and the patterns, by priority."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set

from workers.enrich.bounds import correct_bounds
from workers.enrich.gazetteer import common_words
from workers.enrich.joined_names import split_joined_names
from workers.enrich.known_names import find_known_names, without_people
from workers.enrich.languages import LocalNames
from workers.enrich.lexicon import (
    LexiconEntry,
    LexiconMatch,
    TokenizedText,
    entries,
    head_nouns,
    shorthands,
    stage_names,
)
from workers.enrich.name_resolution import resolve_names
from workers.enrich.named_by_noun import names_by_head_noun, organisations_by_first_word
from workers.enrich.patterns import byline_names, find_codes, match_patterns
from workers.enrich.places import towns_with_region
from workers.enrich.short_names import with_short_names
from workers.enrich.spans import MAX_NAME_CHARS, ClaimedSpans, ModelSpan, NamedSpan, split
from workers.enrich.sports import is_on_sport, with_clubs
from workers.enrich.titles import skip_titles
from workers.enrich.topics import with_organisations_of_topics
from workers.enrich.types import BY_LEXICON, BY_RULE, GPE, LOC, NORP, PERSON
from workers.enrich.unlabelled import find_acronyms, find_unlabelled_names
from workers.vocabulary.letters import CAPITAL

_NO_LOCAL_NAMES = LocalNames([], [])
_AMOUNT = re.compile(r" ?[$€£]")
_CONTINUATION = re.compile(rf"[ -]{CAPITAL}")
_ADDRESS_BEFORE = re.compile(r"\b(?:M(?:r|rs|s)\.?|Lord|Lady|Baron|Baroness|Dame|Sir) $")
_CONNECTIVE_AFTER_PERSON = re.compile(r"[’'\"”),.:;]| (?:of|from|at|for|and|in|on|as|with|to) ")


def find_mentions(
    texts: Sequence[str],
    model_spans: Sequence[Sequence[ModelSpan]],
    bylines: Collection[int] = (),
    local_names: Sequence[LocalNames] = (),
) -> list[list[NamedSpan]]:
    """The names in each text of one article: in text order, without overlaps, never across a line end.

    What one text reveals about a name (its type, whose surname it is) applies in all of them.

    Args:
        texts: the texts of one article.
        model_spans: what a model labelled in each text, in any order; empty where there is no model.
        bylines: the indexes of the texts that consist of people's names.
        local_names: the names in each text by the rules of its language; empty for English.
    """
    claimed = [ClaimedSpans(text) for text in texts]
    tokenized = [TokenizedText(text) for text in texts]
    lexicon_matches = _lexicon_matches(tokenized)
    keys = {entry.key for matches in lexicon_matches for _, _, entry in matches}
    has_sentences = any(not text.isupper() for text in texts)
    towns: dict[str, set[str]] = defaultdict(set)
    every = zip(claimed, tokenized, lexicon_matches, model_spans, strict=True)
    for i, (spans, tokens, matches, labelled) in enumerate(every):
        text = spans.text
        local = local_names[i] if local_names else _NO_LOCAL_NAMES
        if has_sentences and text.isupper():
            labelled = _uncommon_words(text, labelled)
        for code in find_codes(text, tokens.different):
            spans.block(*code)
        spans.claim_all(local.sure)
        entry_at = {(start, end): entry for start, end, entry in matches}
        spans.claim_all(_with_keys(match_patterns(text, tokens.different), entry_at))
        for start, end, key in towns_with_region(text, matches):
            if spans.claim(NamedSpan(start, end, GPE, BY_RULE, key)):
                towns[text[start:end]].add(key)
        matches, nobles = _without_people(text, matches)
        spans.claim_all(nobles)
        known = find_known_names(text)
        if local.nouns_are_capitals:
            known = without_people(known)
        spans.claim_all(
            [
                *_find_shorthands(tokens, keys),
                *_with_keys(_not_within(organisations_by_first_word(tokens), text, labelled), entry_at),
                *_not_within([*_stage_names(tokens), *known.sure], text, labelled),
                *_by_priority(tokens, text, labelled, matches),
                *known.others,
                *local.others,
            ]
        )
        if i in bylines:
            spans.claim_all(byline_names(text))
        elif labelled or not local_names:
            spans.claim_all([*find_acronyms(spans), *find_unlabelled_names(spans)])
    resolved = with_short_names(texts, resolve_names(claimed, tokenized))
    return _with_towns(texts, resolved, towns) if towns else resolved


def _lexicon_matches(tokenized: Sequence[TokenizedText]) -> list[list[LexiconMatch]]:
    """The lexicon's names in each text: also clubs in articles on sport, and the organisations of other topics."""
    matches = [
        [match for match in entries().find(tokens) if not _AMOUNT.match(tokens.text, match[1])] for tokens in tokenized
    ]
    if is_on_sport(tokenized, matches):
        matches = with_clubs(tokenized, matches)
    return with_organisations_of_topics(tokenized, matches)


def _uncommon_words(text: str, labelled: Iterable[ModelSpan]) -> list[ModelSpan]:
    """The spans of a text in capitals that are names in one word: a model joins words in capitals.

    Longer names are found by those of the other texts.
    """
    words = ((span, text[span.start : span.end]) for span in labelled)
    return [span for span, word in words if " " not in word and word.casefold() not in common_words()]


def _with_towns(
    texts: Sequence[str], names: Sequence[Sequence[NamedSpan]], towns: Mapping[str, Set[str]]
) -> list[list[NamedSpan]]:
    """The names in each text; those of a town that the article names with its region (Paris, Texas) are that town's.

    A surname stays a person's if the article has the full name (Lincoln Riley, Lincoln, Nebraska).
    """
    people = {
        word
        for text, own in zip(texts, names, strict=True)
        for span in own
        if span.type is PERSON and " " in (name := text[span.start : span.end])
        for word in name.split()
    }

    def in_region(text: str, span: NamedSpan) -> NamedSpan:
        name = text[span.start : span.end]
        keys = towns.get(name, ())
        may_be = span.type is GPE or (span.type is PERSON and name not in people)
        return span._replace(type=GPE, key=next(iter(keys))) if len(keys) == 1 and may_be else span

    return [[in_region(text, span) for span in own] for text, own in zip(texts, names, strict=True)]


def _without_people(text: str, matches: list[LexiconMatch]) -> tuple[list[LexiconMatch], list[NamedSpan]]:
    """The matches without places that are people's names after a form of address (Baroness Scotland), and those."""
    people = [
        (start, end, entry)
        for start, end, entry in matches
        if entry.type in (GPE, LOC) and _ADDRESS_BEFORE.search(text, max(0, start - 10), start)
    ]
    if not people:
        return matches, []
    spans = [NamedSpan(start, end, PERSON, BY_RULE) for start, end, _ in people]
    return [match for match in matches if match not in people], spans


def _with_keys(spans: Iterable[NamedSpan], entry_at: Mapping[tuple[int, int], LexiconEntry]) -> Iterator[NamedSpan]:
    """The names that patterns matched, with the lexicon keys of those that have one (NAIROBI is Nairobi)."""
    for span in spans:
        entry = entry_at.get((span.start, span.end))
        yield span._replace(key=entry.key) if entry and entry.type is span.type else span


def _find_shorthands(tokens: TokenizedText, keys: Set[str]) -> Iterator[NamedSpan]:
    """Short names (the North) of countries that the article mentions, unless more follows (the North Sea)."""
    if not any(required_keys <= keys for _, required_keys in shorthands().phrases.values()):
        return
    for start, end, (entry, required_keys) in shorthands().find(tokens):
        if required_keys <= keys and not _CONTINUATION.match(tokens.text, end):
            yield NamedSpan(start, end, entry.type, BY_RULE, entry.key)


def _not_within(spans: Iterable[NamedSpan], text: str, model_spans: Iterable[ModelSpan]) -> Iterator[NamedSpan]:
    """The spans that are no part of a longer name of the model: Marta Oyelaran Museum.

    A title before and a connective after do not make the name longer: Actress Marta Oyelaran of The Valdorian.
    """
    spans = list(spans)
    labelled = sorted(m for m in model_spans if m.end - m.start <= MAX_NAME_CHARS) if spans else []
    starts = [m.start for m in labelled]
    for span in spans:
        first, last = bisect_left(starts, span.end - MAX_NAME_CHARS), bisect_right(starts, span.start)
        if all(
            skip_titles(text, m.start, m.end) >= span.start
            and (m.end == span.end or _CONNECTIVE_AFTER_PERSON.match(text, span.end))
            for m in labelled[first:last]
            if span.end <= m.end
        ):
            yield span


def _stage_names(tokens: TokenizedText) -> Iterator[NamedSpan]:
    """People whose names do not look like it: Lady Gaga, Rihanna."""
    return (NamedSpan(start, end, PERSON, BY_RULE) for start, end, _ in stage_names().find(tokens))


def _by_priority(
    tokens: TokenizedText, text: str, model_spans: Iterable[ModelSpan], lexicon_matches: Sequence[LexiconMatch]
) -> list[NamedSpan]:
    """All candidates, the first to be claimed first.

    Model spans that contain a lexicon name (Bank of Chile) come first; then organisations by head noun, lexicon names,
    and the other model spans.
    """
    lexicon = [NamedSpan(start, end, entry.type, BY_LEXICON, entry.key) for start, end, entry in lexicon_matches]
    wider_than_lexicon: list[NamedSpan] = []
    other: list[NamedSpan] = []
    first = 0
    for model_span in sorted(model_spans, key=lambda span: (span.start, -span.end)):
        while first < len(lexicon_matches) and lexicon_matches[first][1] <= model_span.start:
            first += 1
        parts = (part for whole in split(text, model_span) for part in split_joined_names(text, whole))
        for part in parts:
            overlapping, i = [], first
            while i < len(lexicon_matches) and lexicon_matches[i][0] < part.end:
                if lexicon_matches[i][1] > part.start:
                    overlapping.append(lexicon_matches[i])
                i += 1
            if span := correct_bounds(text, part, overlapping):
                if span.end > part.end:
                    overlapping += [m for m in lexicon_matches[i : i + 1] if m[0] < span.end]
                wider = span.type is not NORP and _is_wider(span, overlapping) and not _is_role(text, span)
                (wider_than_lexicon if wider else other).append(NamedSpan(span.start, span.end, span.type))
    return [*wider_than_lexicon, *names_by_head_noun(tokens), *lexicon, *other]


def _is_role(text: str, span: ModelSpan) -> bool:
    """Whether the span's last word says that it is no name (U.S. Trade Representative)."""
    last_word = text[span.start : span.end].rpartition(" ")[2]
    return head_nouns().get(last_word, span.type) is None


def _is_wider(span: ModelSpan, lexicon_matches: Iterable[LexiconMatch]) -> bool:
    """Whether the span overlaps a lexicon name and lies within none."""
    overlaps = [(start, end) for start, end, _ in lexicon_matches if start < span.end and end > span.start]
    return bool(overlaps) and not any(start <= span.start and end >= span.end for start, end in overlaps)
