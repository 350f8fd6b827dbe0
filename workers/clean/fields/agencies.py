"""News agencies: their names, and the signatures that end their texts."""

from __future__ import annotations

import re

from workers.vocabulary.agencies import AGENCY_NAMES, TEXT_AGENCY

_UNNAMED = frozenset({"agencies", "agency", "news agencies", "news agency", "wires", "newswires", "wire services"})
_MAX_SIGNATURE_CHARS = 80

# In verbose patterns a blank is written ``[ ]``.
_KIND_OF_AGENCY = re.compile(
    r"""
    .{2,40} \b
    (?: news[ ]agency
      | news[ ]service
      | press[ ]agency
      | wire[ ]service
      | newswire
      | wires )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SIGNATURE = re.compile(
    rf"""
    (?: ^ | (?<= [.!?…”"’')\]] ) [ ] )                  # the whole line, or after the end of a sentence
    (?: (?:With|with|From|from|Source:|Agency:) [ ] )?
    (?: [a-z]{{2,4}} (?: [/,][ ]? [a-z]{{2,4}} )* [ ] )?  # the initials of writers: kb/mt
    (?: [–—-]{{1,2}} [ ]? )?
    [(\[]?
    (?: (?P<agency> {TEXT_AGENCY} ) (?: (?: ,[ ] | [ ]?/[ ]? | [ ]and[ ] | [ ]&[ ] ) {TEXT_AGENCY} ){{0,3}}
      | (?: [Ww]ith[ ] )? (?: (?:inputs[ ])? from[ ] )? (?:Agencies|agencies|AGENCIES) (?: [ ]inputs )?
    )
    [)\]]? \.? $
    """,
    re.VERBOSE,
)


def of_service(text: str) -> str | None:
    """Return the agency that a dateline names, also by one of its services: ``dpa/lno``, ``dpa-AFX``, ``AFP/dpa``."""
    folded = text.strip().lower()
    return AGENCY_NAMES.get(folded) or AGENCY_NAMES.get(re.split(r"[ ]?[/,][ ]?|-", folded, maxsplit=1)[0])


def agency(name: str) -> str | None:
    """Return the usual name of the agency named in a byline instead of a person (``Agencies``), or None."""
    folded = name.strip(" .()[]").lower()
    if folded in AGENCY_NAMES:
        return AGENCY_NAMES[folded]
    return name if folded in _UNNAMED or _KIND_OF_AGENCY.fullmatch(folded) else None


def signature(line: str) -> tuple[str, int] | None:
    """Return the agency that signs the end of the line and the offset of its signature, or None.

    ``… he said. (AFP)``, ``– dpa``, ``kb/mt (AFP, dpa)``. The caller must check that the line ends the article,
    where agencies sign.
    """
    offset = max(len(line) - _MAX_SIGNATURE_CHARS, 0)
    match = _SIGNATURE.search(line, offset)
    if match is None:
        return None
    surface = match["agency"]
    return AGENCY_NAMES[surface.lower()] if surface else "Agencies", match.start() + match[0].startswith(" ")
