"""Resolves the names of an article against each other: gives each one type and finds it and its forms everywhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from operator import attrgetter
from typing import NamedTuple

from schemas.records import EntityType
from workers.enrich.lexicon import PhraseMatcher, TokenizedText, entries, not_names, titles
from workers.enrich.mere_words import Name, is_name, mere_words
from workers.enrich.name_forms import with_other_forms
from workers.enrich.name_types import resolve_types
from workers.enrich.short_names import possible_short_forms, used_short_forms
from workers.enrich.spans import ClaimedSpans, NamedSpan
from workers.enrich.types import BY_RULE, PERSON

MAX_NAME_WORDS = 8
"""Longest name, in words, that is searched for in the rest of the article."""

_GIVEN_NAME_BEFORE = re.compile(r"(?<=[a-z,] )([^\W\d_a-z]\w+(?:-\w+)?) $")
_NAMESAKE_KEYS = ("place:", "country:", "people:", "organisation:")
"""Lexicon keys, by prefix, that give way to a person of that name (Marta Jordan) whom the article names in full."""

_Match = tuple[int, int, str]
"""A known name in a text: start, end and name."""


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


def resolve_names(claimed: Sequence[ClaimedSpans], tokenized: Sequence[TokenizedText]) -> list[list[NamedSpan]]:
    """The names of each text, in text order, after giving each name one type and finding it everywhere.

    ``claimed`` and ``tokenized`` have one item for each text of an article.
    """
    texts = [text.text for text in claimed]
    spans = [text.in_order() for text in claimed]
    names = [
        Name(text, text[span.start : span.end], span) for text, own in zip(texts, spans, strict=True) for span in own
    ]
    words = mere_words(names, tokenized)
    types, matches = _find_everywhere(
        with_other_forms(resolve_types(texts, names, tokenized, words), texts, tokenized), tokenized
    )
    occurrences = [list(_with_overlapping(*both)) for both in zip(matches, spans, strict=True)]
    found = Counter([name for _, name, _ in names])
    missed = Counter([occ.name for own in occurrences for occ in own if not occ.overlapping])
    unreliable = {name for name in missed if not _is_reliable(name, found[name], missed[name])}
    return [
        sorted(
            _typed(text.text, _with_occurrences(text, own, occurring, types, unreliable), types, words),
            key=attrgetter("start"),
        )
        for text, own, occurring in zip(claimed, spans, occurrences, strict=True)
    ]


def _find_everywhere(
    types: dict[str, EntityType], tokenized: Sequence[TokenizedText]
) -> tuple[dict[str, EntityType], list[list[_Match]]]:
    """Where each text has the names, in text order; and their types, with the short forms that this shows to be names.

    Names of the lexicon are not searched for: where they are not claimed, it rejected them (US in "US $5").
    """
    lexicon = entries().phrases
    possible = possible_short_forms(types)
    to_find = types | possible if possible else types
    matcher = PhraseMatcher(
        {name: name for name in to_find if name not in lexicon and name.count(" ") < MAX_NAME_WORDS}
    )
    matches = [list(matcher.find(tokens)) for tokens in tokenized]
    types = types | used_short_forms(possible, types, tokenized, matches)
    if possible.keys() - types.keys():
        matches = [[match for match in own if match[2] in types] for own in matches]
    return types, matches


def _with_occurrences(
    claimed: ClaimedSpans,
    spans: Sequence[NamedSpan],
    occurrences: Iterable[_Occurrence],
    types: Mapping[str, EntityType],
    unreliable: Set[str],
) -> Iterable[NamedSpan]:
    """The spans of a text and the occurrences of names there that nobody claimed, or that outrank what was claimed."""
    by_start = {span.start: span for span in spans}
    last_end = 0
    for occurrence in occurrences:
        start, end, name = occurrence.start, occurrence.end, occurrence.name
        if occurrence.overlapping:
            if not occurrence.outranks_overlapping:
                continue
            for span in occurrence.overlapping:
                del by_start[span.start]
        else:
            if name in unreliable or not claimed.is_free(start, end):
                continue
            if types[name] is PERSON and " " not in name:
                with_given_name = _start_with_given_name(claimed, start)
                start = with_given_name if with_given_name >= last_end else start
        last_end = end
        by_start[start] = NamedSpan(start, end, types[name], BY_RULE)
    return by_start.values()


def _with_overlapping(matches: Iterable[_Match], spans: Sequence[NamedSpan]) -> Iterator[_Occurrence]:
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


def _typed(
    text: str, spans: Iterable[NamedSpan], types: Mapping[str, EntityType], words: Set[str]
) -> Iterator[NamedSpan]:
    """The spans with the types of their names, without those that turn out to be no names."""
    for span in spans:
        name = text[span.start : span.end]
        typed = _with_type(name, span, types)
        if name not in words and is_name(name, typed):
            yield typed


def _with_type(name: str, span: NamedSpan, types: Mapping[str, EntityType]) -> NamedSpan:
    """The span with its name's type. A lexicon entry keeps its own, unless it gives way to a person."""
    kind = types.get(name, span.type)
    keeps_own = not (kind is PERSON and span.key.startswith(_NAMESAKE_KEYS)) if span.key else kind is span.type
    if keeps_own:
        return span
    return span._replace(type=kind, key=None)
