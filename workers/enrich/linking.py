"""Decides which entity of the article each mention refers to."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.records import EntityType, Mention
from workers.enrich.languages.cyrillic import without_cases
from workers.enrich.name_resolution import acronym, surnames

_LEGAL_FORM = re.compile(
    r"""
    ,?[ ]
    (?:
        Inc | Corp | Corporation | Co | Company | Group | Holdings
      | Ltd | Limited | PLC | plc | LLC
      | AG | SA | NV
    )
    \.?$
    """,
    re.VERBOSE,
)
_MIDDLE_INITIAL = re.compile(r" [A-Z]\.?(?= )")


@dataclass(frozen=True, slots=True)
class TypedMention:
    """A mention with the type of its name and its lexicon key, if it has one."""

    mention: Mention
    type: EntityType
    key: str | None


def link_mentions(mentions: Sequence[TypedMention]) -> list[str]:
    """For each mention of an article in reading order, the key of the entity that it refers to."""
    people = _People(mentions)
    organisations = _organisation_keys(mentions)
    keys = []
    for mention in mentions:
        name = normalise_name(mention.mention.text)
        if mention.key:
            keys.append(mention.key)
        elif mention.type is EntityType.PERSON:
            keys.append(f"person:{people.full_name(mention.mention.text)}")
        elif mention.type is EntityType.ORG:
            keys.append(organisations.get(name, f"organisation:{name}"))
        else:
            keys.append(f"{mention.type.value}:{name}")
    return keys


def normalise_name(name: str) -> str:
    """The name, normalised for comparison: lower case, no accents, spaces for hyphens, no legal form, no cases."""
    decomposed = unicodedata.normalize("NFKD", _LEGAL_FORM.sub("", name))
    unaccented = "".join(char for char in decomposed if not unicodedata.combining(char))
    return without_cases(" ".join(unaccented.casefold().replace("-", " ").split()))


class _People:
    """The people of an article, by their full names and by the single words that stand for those."""

    def __init__(self, mentions: Sequence[TypedMention]) -> None:
        counts: Counter[str] = Counter()
        bearers: dict[str, set[str]] = defaultdict(set)
        by_given_name: dict[str, set[str]] = defaultdict(set)
        for mention in mentions:
            name = mention.mention.text
            if mention.type is EntityType.PERSON and mention.key is None and (short_names := surnames(name)):
                full_name = _without_middle_initial(name)
                counts[full_name] += 1
                for short_name in short_names:
                    bearers[normalise_name(short_name)].add(full_name)
                by_given_name[normalise_name(name.split()[0])].add(full_name)
        self._by_given_name = by_given_name
        self._most_frequent = {
            short_name: max(sorted(full_names), key=counts.__getitem__) for short_name, full_names in bearers.items()
        }
        self._latest: dict[str, str] = {}

    def full_name(self, name: str) -> str:
        """The normalised full name of the person that ``name`` refers to.

        Call it for the mentions in reading order: a surname refers to the person last mentioned in full, or before any
        such mention to the one mentioned most often.
        """
        if short_names := surnames(name):
            full_name = _without_middle_initial(name)
            for short_name in short_names:
                self._latest[normalise_name(short_name)] = full_name
            return full_name
        word = normalise_name(name)
        if word in self._latest:
            return self._latest[word]
        if word in self._most_frequent:
            return self._most_frequent[word]
        full_names = self._by_given_name.get(word, set())
        return next(iter(full_names)) if len(full_names) == 1 else word


def _without_middle_initial(name: str) -> str:
    return normalise_name(_MIDDLE_INITIAL.sub("", name))


def _organisation_keys(mentions: Sequence[TypedMention]) -> dict[str, str]:
    """The keys of organisations by normalised name: of those in the lexicon, and of acronyms of full names."""
    organisations = [mention for mention in mentions if mention.type is EntityType.ORG]
    keys = {normalise_name(mention.mention.text): mention.key for mention in organisations if mention.key}
    for mention in organisations:
        if short_name := acronym(mention.mention.text):
            full_name = normalise_name(mention.mention.text)
            keys.setdefault(short_name.casefold(), mention.key or f"organisation:{full_name}")
    return keys
