"""News agencies: the datelines that start their texts and the signatures that end them."""

from __future__ import annotations

import re
from functools import lru_cache

from schemas.records import Dateline
from workers.clean.units import MAX_LINES_CACHED
from workers.vocabulary.agencies import AGENCY_NAMES, TEXT_AGENCY
from workers.vocabulary.months import MONTH

_NOT_PLACES = frozenset({
    "advertisement", "analysis", "breaking", "breaking news", "caption", "column", "comment", "correction", "exclusive",
    "editor's note", "editor’s note", "explainer", "fact check", "factbox", "feature", "how", "live", "news", "note",
    "opinion", "photos", "podcast", "profile", "quiz", "read", "read more", "related", "review", "the", "timeline",
    "update", "video", "warning", "watch", "what", "when", "who", "why",
})  # fmt: skip
"""Words in capitals before a dash that are not places, in lower case."""
_UNNAMED = frozenset({"agencies", "agency", "news agencies", "news agency", "wires", "newswires", "wire services"})
_MIN_PLACE_CHARS = 3
_MAX_BARE_DATELINE_CHARS = 60
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
_CAPITALS = r"[^\W\d_a-z] (?: [^\W\d_a-z] | [.'’/-] )*"
_WORD = r"[^\W\d_] [\w.'’/-]*+"
_DATE = rf"(?: ,[ ] {MONTH} \.? [ ] \d{{1,2}} )?"
_DATELINE = re.compile(
    rf"""
    (?P<place> {_WORD} (?: (?: ,?[ ] | [ ]/[ ]? ) {_WORD} ){{0,6}}? )  # a slash between words is part of a word
    {_DATE} ,? [ ]
    \( (?P<agency> [^()]{{2,40}} ) \)
    [ ]? (?: --? | [–—―] | _ (?= [ ] ) ) [ ]?
    """,
    re.VERBOSE,
)
_DATELINE_WITHOUT_AGENCY = re.compile(
    rf"""
    (?P<place> {_CAPITALS} (?: [ ] {_CAPITALS} ){{0,3}} )
    (?P<region> ,[ ] {_WORD} (?: [ ] {_WORD} ){{0,2}} )?
    {_DATE}
    [ ]? (?: -- | [–—―] | (?<= [ ] ) - ) [ ]?
    (?= [^\W_a-z] | ["“‘'] )
    """,
    re.VERBOSE,
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+,?")


def dateline(line: str) -> tuple[Dateline, int] | None:
    """Return the dateline at the start of the line and the offset of the text after it, or None."""
    match = _DATELINE.match(line)
    if match is not None and (name := _agency_or_service(match["agency"])):
        return Dateline(text=match[0].strip(), place=_in_title_case(match["place"]), agency=name), match.end()
    match = _DATELINE_WITHOUT_AGENCY.match(line)
    if (
        match is None
        or len(match["place"]) < _MIN_PLACE_CHARS
        or match["place"].lower() in _NOT_PLACES
        or match.end() > _MAX_BARE_DATELINE_CHARS
    ):
        return None
    place = _in_title_case(match["place"] + (match["region"] or ""))
    return Dateline(text=match[0].strip(), place=place), match.end()


def _agency_or_service(text: str) -> str | None:
    """Return the agency, also of one of its services: ``dpa/lno``, ``dpa-AFX``, ``AFP/dpa``."""
    folded = text.strip().lower()
    return AGENCY_NAMES.get(folded) or AGENCY_NAMES.get(re.split(r"[ ]?[/,][ ]?|-", folded, maxsplit=1)[0])


def _in_title_case(place: str) -> str:
    """Return the place with words in capitals put in title case; initials (U.S.) stay."""
    return " ".join(
        word.capitalize() if word.isupper() and not _INITIALS.fullmatch(word) else word for word in place.split()
    )


def agency(name: str) -> str | None:
    """Return the usual name of the agency named in a byline instead of a person (``Agencies``), or None."""
    folded = name.strip(" .()[]").lower()
    if folded in AGENCY_NAMES:
        return AGENCY_NAMES[folded]
    return name if folded in _UNNAMED or _KIND_OF_AGENCY.fullmatch(folded) else None


@lru_cache(maxsize=MAX_LINES_CACHED)  # asked twice for each line below the text
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
