"""The people of a byline field, which a message or a page gives as one string or as a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape

from workers.clean.fields import author_patterns as patterns
from workers.clean.fields.agencies import agency

_MIN_NAME_CHARS = 2
_MAX_NAME_CHARS = 60
_MAX_NAME_WORDS = 7
_MAX_OFFICE_WORDS = 5
_MAX_BYLINE_CHARS = 2_000
_MAX_AUTHORS = 100
_LETTERS = re.compile(r"[\W_]+")
_PUBLISHER_WORDS = re.compile(r"\b(?:the|www|com|org|net|co|uk|de|fr|online|news|digital)\b")


def names(byline: str | Sequence[str] | None, publishers: Iterable[str | None] = ()) -> tuple[str, ...]:
    """Return the people of a byline, a string (``By A and B``) or a list, without addresses, jobs and agencies.

    Args:
        byline: one string or a list; ``Last, First`` is turned round.
        publishers: names of the publisher, its site and host, none of which is a person.
    """
    own = _keys(publishers)
    people = (
        name
        for name in _bylined(byline)
        if agency(name) is None and not patterns.INITIALS.fullmatch(name) and not _is_publisher(name, own)
    )
    distinct = {_key(name): name for name in reversed(list(people))}.values()
    is_named = any(_is_full(name) for name in distinct)
    return tuple(name for name in reversed(distinct) if not (is_named and _is_no_name(name)))


def _is_full(name: str) -> bool:
    return " " in name and not _is_no_name(name)


def _is_no_name(name: str) -> bool:
    """Whether what stands beside a name is a job or an organisation: ``envoyé spécial``, ``The Courier``."""
    return not is_capitalised(name) or name.startswith("The ") or patterns.OUTLET.fullmatch(name) is not None


def _keys(publishers: Iterable[str | None]) -> set[str]:
    return {key for publisher in publishers if publisher and (key := _key(publisher))}


def _is_publisher(name: str, own: set[str]) -> bool:
    """Whether a name is one of the publisher's, or its initials and a part of it: ``MDR Thüringen``."""
    first = name.partition(" ")[0]
    return _key(name) in own or (first.isupper() and first.isalpha() and len(first) > 1 and first.lower() in own)


def offices(byline: str | Sequence[str] | None, publishers: Iterable[str | None] = ()) -> tuple[str, ...]:
    """Return the agencies and desks that a byline names, as it writes them: ``The Associated Press``, ``Harbour Desk``.

    The publisher itself is none of them; a bare ``Staff`` names nobody, nor does ``and agencies``.
    """
    own = _keys(publishers)
    found = [
        text
        for value in _values(byline)
        for text in patterns.OFFICE_BREAK.split(
            patterns.AND_OTHERS.sub("", _without_label(patterns.DATE.sub("|", value).strip()))
        )
        if _is_office(text) and _key(text) not in own
    ]
    return tuple(dict.fromkeys(found))


def _is_office(text: str) -> bool:
    if len(text) > _MAX_NAME_CHARS or len(text.split()) > _MAX_OFFICE_WORDS or patterns.NO_NAME.search(text):
        return False
    named = patterns.ROLE.sub("", patterns.DESK_WORD.sub("", text)).strip(" -")
    return agency(text) is not None or (
        patterns.DESK_WORD.search(text) is not None and len(named) > 1 and named[0].isupper()
    )


def agency_of(byline: str | Sequence[str] | None) -> str | None:
    """Return the first agency that a byline names, or None: ``Agencies``, ``A, Reuters``."""
    return next(filter(None, map(agency, _bylined(byline))), None)


def is_labelled(text: str) -> bool:
    """Return whether the text starts like a byline: ``By …``, ``Written by …``, ``Texte : …``."""
    return patterns.LABEL.match(text) is not None


def is_capitalised(name: str) -> bool:
    """Return whether no word of a name starts with a small letter, but for particles: ``Ada van Birch``."""
    return not any(word[0].islower() and not patterns.IS_PARTICLE(word) for word in name.split())


def _key(name: str) -> str:
    """Return what remains of a name when case, marks and words like ``The`` and ``.com`` do not count."""
    folded = name.lower()
    return _LETTERS.sub("", _PUBLISHER_WORDS.sub("", folded)) or _LETTERS.sub("", folded)


def _bylined(byline: str | Sequence[str] | None) -> Iterator[str]:
    for value in _values(byline):
        # What follows a date is of something else, unless the date comes first: ``Ada Birch 7 May 2024 Boats``.
        yield from next(filter(None, map(list, map(_in_list, patterns.DATE.split(value)))), ())


def _in_list(text: str) -> Iterator[str]:
    """Yield the names and agencies of a text without dates."""
    for part in patterns.LIST_BREAK.split(text):
        one_line = " ".join(part.split()).strip(" ,–—-")
        each = patterns.AND.split(one_line)
        for one in each if all(map(patterns.FAMILY_FIRST.fullmatch, each)) else (one_line,):
            yield from _pieces(one)


def _values(byline: str | Sequence[str] | None) -> Iterator[str]:
    """Yield the texts of a byline without addresses."""
    for value in (byline,) if isinstance(byline, str) else (byline or ())[:_MAX_AUTHORS]:
        if len(value) <= _MAX_BYLINE_CHARS:
            value = patterns.INVISIBLE_BREAK.sub(", ", unescape(value) if "&" in value else value)
            value = patterns.ADDRESS.sub(" ", patterns.IN_BRACKETS.sub(r"\1", value))
            yield patterns.MORE.sub("", patterns.BUTTONS.sub("", value))


def _pieces(text: str) -> Iterator[str]:
    """Yield the names and agencies of a text that has no list marks but commas and words."""
    text = patterns.NOT_BY.sub("", patterns.ALSO_PICTURES.sub("by", text)).strip(" ,;–—-")
    if patterns.CHINESE_REPORTERS.match(text):
        text = patterns.CHINESE_NAMES.sub(lambda people: people[0].replace(" ", "、"), text)
    text = _bare_or_inside(_without_label(text))
    text = patterns.DEGREE.sub("", patterns.SUFFIX.sub(r" \g<suffix>", text))
    family_first = patterns.FAMILY_FIRST.fullmatch(text)
    if family_first and not any(map(_no_person, (family_first["family"], family_first["given"]))):
        text = f"{family_first['given']} {family_first['family']}{family_first['suffix'] or ''}"
    pieces = [name for piece in patterns.NAME_BREAK.split(text) for name in _names_in(piece)]
    is_named = False
    for name in pieces:
        # After a name, a single word is where or what somebody is: ``Ada Birch, Oslo``, ``Ada Birch, DVM``.
        if not is_named or " " in name or agency(name):
            yield name
        is_named = is_named or " " in name or agency(name) is not None


def _without_label(text: str) -> str:
    if (label := patterns.LABEL.match(text)) and not patterns.PARTICLE_FIRST.fullmatch(text):
        return text[label.end() :]
    if preposition := patterns.PREPOSITION.match(text):
        rest = text[preposition.end() :]
        return rest if agency(rest) or patterns.ROLE.fullmatch(rest) else text
    return text


def _names_in(piece: str) -> Iterator[str]:
    parts = patterns.SHORT_BREAK.split(piece)
    for part in parts if all(len(part.split()) > 1 or agency(part) for part in parts) else (piece,):
        name = _without_role(
            patterns.EAST_ASIAN_ROLE.sub("", patterns.PLACE.sub("", part).strip(' -–—|/:*"“”').removesuffix(" ."))
        )
        if _is_name(name):
            yield repeated["once"] if (repeated := patterns.REPEATED.fullmatch(name)) else name


def _bare_or_inside(text: str) -> str:
    """Return the text without what stands in brackets; where nothing else is left, what stands in them."""
    bare = patterns.BRACKETED.sub(" ", text).strip()
    inside = patterns.BRACKETED.search(text)
    return bare if bare or inside is None else inside["inside"].strip()


def _no_person(word: str) -> bool:
    return agency(word) is not None or patterns.ROLE.search(word) is not None


def _without_role(piece: str) -> str:
    """Return the name before a job (``Ada Birch Political Editor``); empty for a job alone."""
    if agency(piece) is not None:
        return piece
    if (ranked := patterns.RANK_AFTER_NAME.fullmatch(piece)) and not patterns.JOB_START.match(piece):
        return ranked["name"]
    if patterns.ROLE.search(piece) is None:
        return piece
    match = patterns.ROLE_AFTER_NAME.fullmatch(piece)
    name = match["name"] if match else ""
    is_none = patterns.ROLE.search(name) or patterns.JOB_START.match(name) or patterns.OF_OFFICE.search(name)
    return "" if is_none else name


def _is_name(name: str) -> bool:
    return (
        _MIN_NAME_CHARS <= len(name) <= _MAX_NAME_CHARS
        and len(name.split()) <= _MAX_NAME_WORDS
        and name.lower() not in patterns.ABSENT
        and not patterns.ABSENT.issuperset(name.lower().split())
        and not patterns.NO_NAME.search(name)
    )
