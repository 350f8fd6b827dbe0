"""Links people by the user's file of people or the tables of politicians. None rather than a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from functools import cache
from pathlib import Path
from typing import NamedTuple

from schemas.records import EntityType
from workers.enrich.gazetteer import politicians
from workers.enrich.lexicon import LexiconEntry, rows
from workers.enrich.variants import spelling_key
from workers.errors import SettingsError

_OFFICE_BEFORE = re.compile(
    r"\b(?:[Pp]resident|[Pp]rime [Mm]inister|[Cc]hancellor|[Pp]remier|[Kk]ing|[Qq]ueen|[Ee]mperor|[Ss]ultan|[Ee]mir"
    r"|[Ss]ecretary-[Gg]eneral|[Cc]rown [Pp]rince|[Ss]upreme [Ll]eader|[Pp]résidente?|[Pp]residente|[Pp]räsident(?:in)?"
    r"|[Kk]anzler(?:in)?|[Bb]undeskanzler(?:in)?) $"
)
_SEAT_BEFORE = re.compile(
    r"\b(?:[Ss]enator|Sen\.|[Cc]ongress(?:man|woman)|Rep\.|MP|MEP|MK|TD|[Ss]peaker|[Ll]awmaker|Taoiseach|[Mm]inister"
    r"|(?:Chief|Home|Foreign|Interior|Health|Education|Defen[cs]e|Treasury|Justice|Labor|Energy|Commerce|Agriculture"
    r"|Transport|Transportation|Business|Environment|Culture|Housing|State) Secretary|Secretary of State"
    r"|(?:Majority|Minority|[Oo]pposition) (?:[Ll]eader|[Ww]hip)|Chancellor|Premier|Governor|Gov\.) $"
)
"""The seats and offices of politicians before a name. There are too many presidents of other things than countries."""


class OfficeHolder(NamedTuple):
    """A person of the table, and the ids or keys of which an article mentions one if it means that person."""

    id: str
    name: str
    beside: frozenset[str]


@cache
def office_holders() -> Mapping[str, OfficeHolder]:
    """The office holders by the key of their name's spelling, without names that two of them bear."""
    found: dict[str, OfficeHolder] = {}
    shared: set[str] = set()
    for name, item, beside, _ in rows("office_holders"):
        key = spelling_key(name)
        if key in found:
            shared.add(key)
        found[key] = OfficeHolder(f"wikidata:{item}", name, frozenset(beside.split("|")))
    return {key: person for key, person in found.items() if key not in shared}


@cache
def office_holders_by_key() -> Mapping[str, LexiconEntry]:
    """Lexicon entries of the office holders, for the names that other scripts have for them."""
    entries = (
        LexiconEntry(f"person:{person.id.removeprefix('wikidata:')}", person.name, EntityType.PERSON, person.id)
        for person in office_holders().values()
    )
    return {entry.key: entry for entry in entries}


def person_id(
    names: Iterable[str], before: Iterable[str], mentioned: Set[str], people: Mapping[str, str]
) -> str | None:
    """The id of the person whom an article calls by these names; None if it is not certain who is meant.

    Args:
        names: the names, full ones and others.
        before: the text before each mention.
        mentioned: the ids and keys of the countries and organisations of the article.
        people: ids by the spelling key of a name, as ``read_people`` returns them: these win.
    """
    names = list(names)
    keys = [spelling_key(name) for name in names]
    own = {people[key] for key in keys if key in people}
    if own:
        return own.pop() if len(own) == 1 else None
    found = {office_holders()[key] for key in keys if key in office_holders()}
    if not found:
        return _politician_id(names, before, mentioned)
    if len(found) != 1:
        return None
    (person,) = found
    is_meant = not person.beside.isdisjoint(mentioned) or any(_OFFICE_BEFORE.search(text) for text in before)
    return person.id if is_meant else None


def _politician_id(names: Iterable[str], before: Iterable[str], mentioned: Set[str]) -> str | None:
    """The id of the one politician of these names whose country the article mentions, if it gives an office, too."""
    bearers = {politician for name in names for politician in politicians(name)}
    countries = {id.removeprefix("iso3166:") for id in mentioned} if bearers else set()
    found = {bearer.item for bearer in bearers if not bearer.countries.isdisjoint(countries)}
    if len(found) != 1 or not any(_SEAT_BEFORE.search(text) for text in before):
        return None
    return f"wikidata:{found.pop()}"


def read_people(path: Path) -> dict[str, str]:
    """The ids of a file of people, by the spelling key of each name.

    A line has an id and the person's names, separated by tabs: ``staff:17<TAB>Marta Oyelaran<TAB>M. Oyelaran``. Lines
    that begin with ``#`` are comments.

    Raises:
        SettingsError: the file cannot be read, a line has no name, or two ids share a name.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"COPYDESK_PEOPLE: cannot read {path}: {error}") from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        id, *names = (field.strip() for field in line.split("\t"))
        if not id or not any(names):
            raise SettingsError(f"COPYDESK_PEOPLE: {path}, line {number}: give an id, a tab and at least one name")
        for name in filter(None, names):
            if found.setdefault(spelling_key(name), id) != id:
                raise SettingsError(f"COPYDESK_PEOPLE: {path}, line {number}: {name!r} has two ids")
    return found
