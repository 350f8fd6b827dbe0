"""Who wrote, reported and edited: credit lines and bylines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from schemas.records import Credit
from workers.clean.fields.agencies import agency

_ROLES = {
    "reporting": "reporting", "report": "reporting", "reported": "reporting", "writing": "writing",
    "written": "writing", "editing": "editing", "edited": "editing", "compiled": "compilation",
    "compiling": "compilation", "translation": "translation", "translated": "translation",
    "photography": "photography", "photographs": "photography", "graphics": "graphics", "graphic": "graphics",
    "video": "video", "research": "research", "production": "production", "produced": "production",
    "illustration": "illustration", "illustrations": "illustration",
}  # fmt: skip
_ROLE = "|".join(sorted(_ROLES, key=len, reverse=True))
_CREDIT = re.compile(
    rf"\b(?P<roles>(?:{_ROLE})(?:(?:,| and|, and) (?:{_ROLE})){{0,3}}) by:? (?P<names>[^;()]{{2,300}})", re.I
)
_CREDIT_LINE = re.compile(
    rf"(?i:[(\[]? ?[–—-]* ?(?:with )?(?:additional |further |extra |original |other )?"
    rf"(?:{_ROLE})(?:(?:,| and) (?:{_ROLE})){{0,3}} by:? )[^\W\d_a-z].{{1,400}}"
)
_CONTRIBUTED = re.compile(
    r"[(\[]?[–—-]* ?(?:[\w ]{2,30}(?:’s|'s)? (?:writers?|reporters?|journalists?|correspondents?|producers?) )?"
    r"(?P<names>[^\W\d_][^.;()]{2,250}?) (?:also )?contributed(?: reporting)? (?:to|from) "
    r"(?:this|the) (?:report|story|article|piece).{0,40}"
)
_FILES = re.compile(
    r"[(\[]?[–—-]* ?With (?:files|reporting|additional reporting|inputs?|agency inputs?) (?:from|by) "
    r"(?P<names>[^;()]{2,200})[)\]]?\.?"
)
_IN_PLACE = re.compile(r" (?:in|from|at) [^\W\d_].*$")
_NAME_BREAK = re.compile(r"\s*(?:,|;|\||\band\b|&|\bund\b|\bet\b|\by\b)\s*")
_WRITER = re.compile(
    r"(?:the )?(?:associated press|ap|reuters|afp|bloomberg) (?:staff )?(?:writers?|reporters?|journalists?) ", re.I
)

_BY = re.compile(r"(?:(?:story |written |words )?by|von|par|por)[:\s]+", re.I)
_CAPITALISED = r"(?:[^\W\d_a-z][\w.'’-]*|and|for|the|of|de|da|del|di|du|la|le|van|von|der|den|bin|bint|al|el|with|&|in)"
_FULL_NAME = (
    r"[^\W\d_a-z][\w.'’-]*(?: (?:(?:de|da|del|di|du|la|le|van|von|der|den|bin|al|el) )?[^\W\d_a-z][\w.'’-]*){1,3}"
)
_OFFICE = r"(?:[Ss]taff|[Dd]esk|[Nn]ewsroom|[Ee]ditors?|[Tt]eam|[Pp]ress)"
_BYLINE = re.compile(
    rf"(?:By|BY|by:)[ :]{{1,2}}"
    rf"(?:(?:THE|The) (?:[^\W\d_a-z][\w.'’-]* ){{0,3}}{_OFFICE}"
    r"|(?!(?:The|A|An|My|His|Her|Our|Its) )[^\W\d_a-z][\w.'’-]*(?!,? (?:and|for|the|of|in|&) )"
    rf"(?:,? {_CAPITALISED}){{0,12}}),?"
)
_BYLINE_AND_REST = re.compile(
    rf"(?P<names>(?:By|BY|by:?) {_FULL_NAME}(?:(?:,| and|, and| &) {_FULL_NAME}){{0,3}}|{_FULL_NAME}(?= ?[|•·]))"
    r"(?: ?[|•·–—] ?|, ?| - )(?P<rest>.+)"
)
_LONGEST_BYLINE = 120
_LONGEST_NAME = 60
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{2}|\b(?:staff|reporter|correspondent|editor|writer|desk|contributor|admin|updated|published)\b",
    re.I,
)


def credits(line: str) -> tuple[Credit, ...] | None:
    """The people that a credit line names with their roles, or None: ``(Reporting by A; Editing by B)``.

    A line that names agencies only gives nobody: ``(With inputs from PTI)``.
    """
    line = line.strip()
    if _CREDIT_LINE.fullmatch(line):
        found = [
            Credit(name=name, role=_ROLES[role.lower()])
            for match in _CREDIT.finditer(line)
            for role in re.findall(rf"{_ROLE}", match["roles"], re.I)
            for name in _people(match["names"])
        ]
        return tuple(dict.fromkeys(found))
    match = _CONTRIBUTED.fullmatch(line) or _FILES.fullmatch(line)
    if match is None or len(line) > 300:
        return None
    return tuple(Credit(name=name, role="reporting") for name in _people(match["names"]))


def _people(text: str) -> list[str]:
    """Names in a credit: ``A in Seoul, B and C`` → A, B, C."""
    names = []
    for part in _NAME_BREAK.split(_WRITER.sub("", text)):
        name = _IN_PLACE.sub("", part).strip(" .()[]-–—")
        if name and name[0].isupper() and len(name) <= _LONGEST_NAME and agency(name) is None:
            names.append(name)
    return names


def names(byline: str | Sequence[str] | None) -> tuple[str, ...]:
    """The people of a byline, a string (``By A and B``) or a list; an address, a job or an agency is left out."""
    return tuple(dict.fromkeys(name for name in _bylined(byline) if agency(name) is None))


def agency_of(byline: str | Sequence[str] | None) -> str | None:
    """The first agency that a byline names, or None: ``Agencies``, ``A, Reuters``."""
    return next(filter(None, map(agency, _bylined(byline))), None)


def _bylined(byline: str | Sequence[str] | None) -> Iterator[str]:
    for value in (byline,) if isinstance(byline, str) else byline or ():
        text = " ".join(value.split())
        for part in _NAME_BREAK.split(text[by.end() :] if (by := _BY.match(text)) else text):
            name = part.strip(" .-–—|/")
            if 2 <= len(name) <= _LONGEST_NAME and not _NOT_A_NAME.search(name):
                yield name


def is_byline(line: str) -> bool:
    """Whether the line is a byline: ``By Ada Birch and Tom Reed``."""
    return len(line) <= _LONGEST_BYLINE and _BYLINE.fullmatch(line) is not None


def byline_and_rest(line: str) -> tuple[str, str] | None:
    """The byline and what comes after it on the line, or None: ``Ada Birch | Published 3 May 2024``.

    Whether it is one must be told by the rest, which is a date or the like.
    """
    match = _BYLINE_AND_REST.fullmatch(line) if len(line) <= _LONGEST_BYLINE else None
    return None if match is None else (match["names"], match["rest"])
