"""Lines that say who wrote, reported and edited: credit lines and bylines."""

from __future__ import annotations

import re

from schemas.records import Credit
from workers.clean.fields.agencies import agency
from workers.vocabulary.months import MONTH_EXACTLY
from workers.vocabulary.particles import PARTICLE

_ROLES = {
    "reporting": "reporting", "report": "reporting", "reported": "reporting", "writing": "writing",
    "written": "writing", "editing": "editing", "edited": "editing", "compiled": "compilation",
    "compiling": "compilation", "translation": "translation", "translated": "translation",
    "photography": "photography", "photographs": "photography", "graphics": "graphics", "graphic": "graphics",
    "video": "video", "research": "research", "production": "production", "produced": "production",
    "illustration": "illustration", "illustrations": "illustration",
}  # fmt: skip
"""The words for a role in a credit line, and the role in the record."""
_MAX_CONTRIBUTION_CHARS = 300
_MAX_BYLINE_CHARS = 120
_MAX_NAME_CHARS = 60

# In verbose patterns a blank is written ``[ ]``.
_ROLE = rf"(?:{'|'.join(sorted(_ROLES, key=len, reverse=True))})"
_ROLE_WORD = re.compile(_ROLE, re.IGNORECASE)
_CREDIT = re.compile(
    rf"""
    \b (?P<roles> {_ROLE} (?: (?: , | [ ]and | ,[ ]and ) [ ] {_ROLE} ){{0,3}} )
    [ ]by:?[ ]
    (?P<names> [^;()]{{2,300}} )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CREDIT_LINE = re.compile(
    rf"""
    (?i:
      [(\[]? [ ]? [–—-]* [ ]? (?:with[ ])?
      (?: additional[ ] | further[ ] | extra[ ] | original[ ] | other[ ] )?
      {_ROLE} (?: (?: , | [ ]and ) [ ] {_ROLE} ){{0,3}}
      [ ]by:?[ ]
    )
    [^\W\d_a-z] .{{1,400}}
    """,
    re.VERBOSE,
)
_GOES_ON = re.compile(r", (?:the|this|these|it|its|he|his|she|her|they|their) [a-zß-öø-ÿ]+(?: [^\s,;]+){2,}\.$")
"""What makes a sentence of a credit: ``Written by Jon Vale in 1911, the play is about a pier.``"""
_CONTRIBUTED = re.compile(
    r"""
    [(\[]? [–—-]* [ ]?
    (?: [\w ]{2,30} (?: ’s | 's )? [ ] (?: writers? | reporters? | journalists? | correspondents? | producers? ) [ ] )?
    (?P<names> [^\W\d_] [^.;()]{2,250}? )
    [ ] (?:also[ ])? contributed (?:[ ]reporting)? [ ] (?:to|from)
    [ ] (?:this|the) [ ] (?:report|story|article|piece) .{0,40}
    """,
    re.VERBOSE,
)
_WITH_FILES_FROM = re.compile(
    r"""
    [(\[]? [–—-]* [ ]?
    With[ ] (?: files | reporting | additional[ ]reporting | inputs? | agency[ ]inputs? ) [ ] (?:from|by) [ ]
    (?P<names> [^;()]{2,200} )
    [)\]]? \.?
    """,
    re.VERBOSE,
)
_IN_PLACE = re.compile(r" (?:in|from|at) [^\W\d_].*$")
_NAME_BREAK = re.compile(
    r"""
    \s*
    (?: ,
      | ;
      | \|
      | \band\b
      | &
      | \bund\b
      | \bet\b
      | \by\b
    )
    \s*
    """,
    re.VERBOSE,
)
_AGENCY_WRITERS = re.compile(
    r"""
    (?:the[ ])? (?: associated[ ]press | ap | reuters | afp | bloomberg )
    [ ] (?:staff[ ])? (?: writers? | reporters? | journalists? ) [ ]
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CAPITALISED = r"[^\W\d_a-z] [\w.'’-]*"
_NAME_WORD = rf"(?: {_CAPITALISED} | and | for | the | of | {PARTICLE} | with | & | in )"
_FULL_NAME = rf"{_CAPITALISED} (?: [ ] (?: {PARTICLE} [ ] )? {_CAPITALISED} ){{1,3}}"
_OFFICE = r"(?: [Ss]taff | [Dd]esk | [Nn]ewsroom | [Ee]ditors? | [Tt]eam | [Pp]ress )"
_BYLINE = re.compile(
    rf"""
    (?:By|BY|by:) [ :]{{1,2}}
    (?: (?:THE|The) [ ] (?: {_CAPITALISED} [ ] ){{0,3}} {_OFFICE}
      | (?! (?: The | A | An | My | His | Her | Our | Its ) [ ] )
        {_CAPITALISED}
        (?! ,?[ ] (?: and | for | the | of | in | & ) [ ] )
        (?: ,?[ ] {_NAME_WORD} ){{0,12}}
    )
    ,?
    """,
    re.VERBOSE,
)
_LABELLED_NAMES = rf"""
    (?:By|BY|by:?|Von|Par|Por|Di|Door|Av|Af) [ ] {_FULL_NAME}
    (?: (?: , | [ ]and | ,[ ]and | [ ]& ) [ ] {_FULL_NAME} ){{0,3}}
"""
_BYLINE_AND_REST = re.compile(
    rf"""
    (?P<names> {_LABELLED_NAMES} | {_FULL_NAME} (?= [ ]? [|•·] ) )
    (?: [ ]? [|•·–—] [ ]? | ,[ ]? | [ ]-[ ] | [ ] (?= (?: {MONTH_EXACTLY} \b | \d{{1,2}} [ ./] ) ) )
    (?P<rest> .+ )
    """,
    re.VERBOSE,
)
_REST_AND_BYLINE = re.compile(
    rf"(?P<rest> .{{6,80}}? ) (?: [ ]?[|•·–—][ ]? | ,[ ] | [ ] (?:-[ ])? ) (?P<names> {_LABELLED_NAMES} )", re.VERBOSE
)


def credits(line: str) -> tuple[Credit, ...] | None:
    """Return the people that a credit line names, with their roles, or None: ``(Reporting by A; Editing by B)``.

    A line that names only agencies gives no people: ``(With inputs from PTI)``.
    """
    line = line.strip()
    if _CREDIT_LINE.fullmatch(line) and not _GOES_ON.search(line):
        people = [
            Credit(name=name, role=_ROLES[role.lower()])
            for match in _CREDIT.finditer(line)
            for role in _ROLE_WORD.findall(match["roles"])
            for name in _people(match["names"])
        ]
        return tuple(dict.fromkeys(people))
    match = _CONTRIBUTED.fullmatch(line) or _WITH_FILES_FROM.fullmatch(line)
    if match is None or len(line) > _MAX_CONTRIBUTION_CHARS:
        return None
    return tuple(Credit(name=name, role="reporting") for name in _people(match["names"]))


def _people(text: str) -> list[str]:
    """Return the names in a credit: ``A in Seoul, B and C`` → A, B, C."""
    people = []
    for piece in _NAME_BREAK.split(_AGENCY_WRITERS.sub("", text)):
        name = _IN_PLACE.sub("", piece).strip(" .()[]-–—")
        if name and name[0].isupper() and len(name) <= _MAX_NAME_CHARS and agency(name) is None:
            people.append(name)
    return people


def is_byline(line: str) -> bool:
    """Return whether the line is a byline: ``By Ada Birch and Tom Reed``."""
    return len(line) <= _MAX_BYLINE_CHARS and _BYLINE.fullmatch(line) is not None


def byline_and_rest(line: str) -> tuple[str, str] | None:
    """Return the byline and what else is on the line, or None: ``Ada Birch | Published 3 May 2024``.

    The caller decides by the rest, a date or the like, whether it is a byline.
    """
    match = len(line) <= _MAX_BYLINE_CHARS and (_BYLINE_AND_REST.fullmatch(line) or _REST_AND_BYLINE.fullmatch(line))
    return (match["names"], match["rest"]) if match else None
