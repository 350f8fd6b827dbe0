"""Tells which of the spans that were claimed as names are none, by their words and where these stand in an article."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from workers.enrich.evidence import SENTENCE_START
from workers.enrich.gazetteer import common_words, is_city
from workers.enrich.lexicon import TokenizedText, head_nouns, not_names
from workers.enrich.spans import NamedSpan
from workers.enrich.types import BY_RULE, GPE, ORG, PERSON


class Name(NamedTuple):
    """A span that was claimed as a name: the text, the name and the span."""

    text: str
    name: str
    span: NamedSpan


def is_name(name: str, span: NamedSpan) -> bool:
    """Whether the span is a name at all, judging by its words."""
    if span.key:
        return True
    if name in not_names() or name.islower():
        return False
    words_before, _, last_word = name.rpartition(" ")
    return not words_before or head_nouns().get(last_word, span.type) is not None


def mere_words(names: Iterable[Name], tokenized: Sequence[TokenizedText]) -> set[str]:
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
