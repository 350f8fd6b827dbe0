"""Datelines: where a text is from, and of which agency, as it says at its start: ``SALTBY, Norway (Reuters) -``."""

from __future__ import annotations

import re

from schemas.records import Dateline
from workers.clean.fields.agencies import of_service
from workers.vocabulary.months import MONTH

_NOT_PLACES = frozenset({
    "advertisement", "analysis", "breaking", "breaking news", "caption", "column", "comment", "correction", "exclusive",
    "editor's note", "editor’s note", "explainer", "fact check", "factbox", "feature", "how", "live", "news", "note",
    "opinion", "photos", "podcast", "profile", "quiz", "read", "read more", "related", "review", "the", "timeline",
    "update", "video", "warning", "watch", "what", "when", "who", "why",
})  # fmt: skip
"""Words in capitals before a dash that are not places, in lower case."""
_CURRENCIES = re.compile(
    r"(?:.*/)?(?:USD[TC]?|EUR|GBP|JPY|CHF|CNY|RUB|INR|AUD|CAD|BTC|ETH|XAU|XAG|XRP)(?:/[A-Z]{3,5})?"
)
"""Pairs of currencies in capitals before a dash, which are no places either."""
_MIN_PLACE_CHARS = 3
_MAX_BARE_DATELINE_CHARS = 60

# In verbose patterns a blank is written ``[ ]``.
_CAPITALS = r"[^\W\d_a-z] (?: [^\W\d_a-z] | [.'’/-] )*"
_WORD = r"[^\W\d_] (?: [\w.'’/] | - (?!-) )*+"
_DATE = rf"""
    (?: ,? [ ] (?: {MONTH} \.? [ ] \d{{1,2}} | \d{{1,2}} \.? [ ] (?: de[ ] )? [^\W\d_]{{3,10}} )
        (?: ,? [ ] (?: de[ ] )? (?:19|20)\d\d )? \.?
    )?
"""
_DATELINE = re.compile(
    rf"""
    (?P<place> {_WORD} (?: (?: ,?[ ] | [ ]/[ ]? ) {_WORD} ){{0,6}}? )  # a slash between words is part of a word
    (?P<country> [ ] \( [^()\d]{{3,30}} \) )?
    {_DATE}
    (?: ,?[ ] | -- )
    (?: \( (?P<agency> [^()]{{2,40}} ) \)  [ ]? \.? (?: --? | [–—―] | _ (?= [ ] ) )
      | / (?P<slashed> [^/]{{2,20}} ) / [ ]? (?: \.? --? | [–—―] | \. )
    )
    [ ]?
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
_REPORTERS = r"[^\W\d_]{2,4} (?: [·ㆍ、,，/ ] [ ]? [^\W\d_]{2,4} ){0,4}"
_HAN = r"[\u4e00-\u9fff]"
_EAST_ASIAN = re.compile(
    rf"""
      (?: (?P<agency> {_HAN}{{1,4}}? [社网網] | 本[报報社] ) (?P<place> (?: {_HAN} | [·/] ){{2,16}}? )?
          (?: \d{{4}}年 )? (?: \d{{1,2}}月 )? \d{{1,2}}日 [电電讯訊]
        | 据 (?P<cited> {_HAN}{{1,4}}? 社 ) [电電]
        | 本[报報] [讯訊]
      )
      (?: [ ]? [(（] [^()（）]{{0,10}}? [记記]者 [ ]? (?P<reporters> {_REPORTERS} ) [)）] )?
      [ 　]?
    | [(（] (?P<bracketed> {_HAN}{{1,4}}? 社 ) [^()（）]{{2,30}} \d{{1,2}}日 [^()（）]{{0,6}} [電电] [)）]
    | 【 (?P<city> [^【】＝=\d]{{1,12}}? ) (?: [＝=] (?P<writer> [^【】＝=\d]{{2,12}} ) | (?P<wire> 共同 | 時事 ) ) 】
    | [\[［] (?P<town> [^\[\]\d]{{1,12}} ) [ 　] \d{{1,2}}日 [ 　] (?P<service> ロイター | 共同 | 時事 ) [\]］]
      [ ]? - [ ]?
    | [(\[] (?P<where> [^()\[\]=＝]{{1,12}} ) = (?P<korean> [^()\[\]=]{{2,12}} ) [)\]] [ ]?
      (?: (?P<korean_reporters> {_REPORTERS} ) [ ]? (?: \w{{2}} )? (?: 기자 | 특파원 | 통신원 ) [ ]? = [ ]? )?
    """,
    re.VERBOSE,
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+,?")


def dateline(line: str) -> tuple[Dateline, int] | None:
    """Return the dateline at the start of the line and the offset of the text after it, or None."""
    match = _DATELINE.match(line)
    if match is not None and (name := of_service(match["agency"] or match["slashed"])):
        place = _in_title_case(match["place"] + (match["country"] or ""))
        return Dateline(text=match[0].strip(), place=place, agency=name), match.end()
    match = _EAST_ASIAN.match(line)
    if match is not None:
        named = _first(match, "agency", "cited", "bracketed", "wire", "service", "korean")
        agency = of_service(named or "")
        if agency or not match["korean"]:
            where = _first(match, "place", "city", "town", "where")
            return Dateline(text=match[0].strip(), place=where, agency=agency), match.end()
    match = _DATELINE_WITHOUT_AGENCY.match(line)
    if (
        match is None
        or len(match["place"]) < _MIN_PLACE_CHARS
        or match["place"].lower() in _NOT_PLACES
        or _CURRENCIES.fullmatch(match["place"])
        or match.end() > _MAX_BARE_DATELINE_CHARS
    ):
        return None
    place = _in_title_case(match["place"] + (match["region"] or ""))
    return Dateline(text=match[0].strip(), place=place), match.end()


def _first(match: re.Match[str], *groups: str) -> str | None:
    return next((match[group] for group in groups if match[group]), None)


def reporters(dateline: str) -> str | None:
    """Return the reporters whom an East Asian dateline names: ``(서울=연합뉴스) 김민수 기자 =``; None for others."""
    match = _EAST_ASIAN.match(dateline)
    named = _first(match, "reporters", "writer", "korean_reporters") if match else None
    return named and named.replace(" ", "、")


def _in_title_case(place: str) -> str:
    """Return the place with words in capitals put in title case; initials (U.S.) stay."""
    return " ".join(
        word.capitalize() if word.isupper() and not _INITIALS.fullmatch(word) else word for word in place.split()
    )
