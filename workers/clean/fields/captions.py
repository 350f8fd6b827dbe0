"""Captions: lines that describe a picture, recognised by the photo credit at their end."""

from __future__ import annotations

import re
from functools import lru_cache

from schemas.records import Caption
from workers.clean.units import MAX_LINES_CACHED
from workers.vocabulary.agencies import CREDITED_AGENCY, PHOTO_AGENCY, PICTURE_AGENCY

_MAX_CAPTION_CHARS = 700
_MAX_CREDIT_SENTENCES = 3
_MAX_CAPTION_CHARS_BEFORE_BARE_AGENCY = 200
_MIN_CAPTION_WORDS = 4

# In verbose patterns a blank is written ``[ ]``.
_LABEL = r"""
    (?: File[ ] | Stock[ ] | Handout[ ] )?
    (?: [Pp]hoto | [Ii]mage | [Pp]icture | [Pp]ic | [Ff]oto | PHOTO | IMAGE | [Pp]hotograph ) s?
"""
_NAME = r"[^\W\d_a-z] [\w.'’-]*"
_NAMES = rf"(?: {_NAME} [ ,/]{{1,2}} (?: (?:of|the|and) [ ] ){{0,2}} ){{1,6}}"
_REST = r"""
    (?: [ ]? [/|] [ ]? [^.!?()]{1,60}
      | [ ]via[ ] [^.!?()]{1,60}
      | ,[ ]? (?: [Ff]ile | FILE | [Pp]ool | [Hh]andout ) (?: [ ][Pp]hoto )?
    )
"""
_CREDIT = re.compile(
    rf"""
      {_LABEL} [ ] (?: by | courtesy (?:[ ]of)? | credit | via ) [ ]? :? [ ]? [^\W_a-z] [^.!?]{{1,120}}
    | (?: {_LABEL} | Credit | Copyright | Photographer | Image[ ]source ) s? [ ]? [:/©] [ ]? [^.!?]{{2,120}}
    | (?: Image | Photo | Picture ) [ ] (?: source | copyright | credit | caption ) ,[ ]? [^.!?]{{2,120}}
    | Copyright[ ] [^.!?]{{0,60}} {PHOTO_AGENCY} (?: \W .{{0,30}} )?
    | [^.!?()]{{0,80}}? /[ ]? (?: [^.!?()/]{{1,40}} [ ]via[ ] )?
      {PHOTO_AGENCY} (?: [ ]Photo )? (?: [ ,] [^.!?()]{{1,60}} | {_REST} )?
    | {_NAMES} via[ ] {PHOTO_AGENCY} {_REST}?
    | (?: {_NAME} [ ] {_NAME} [ ,]{{1,2}} )? {PICTURE_AGENCY} {_REST}?
    | {PHOTO_AGENCY} {_REST}
    | (?: File | Handout | Supplied | Courtesy ) (?: [ ] (?: photo | Photo | picture | image | of[ ][^.!?]{{2,60}} ) )?
    | [^.!?()]{{2,60}} /[ ]? (?: File[ ]Photo | Handout | Pool | File ) (?: [ ]via[ ] [^.!?]{{2,40}} )?
    """,
    re.VERBOSE,
)
_BRACKETED_CREDIT = re.compile(
    rf"""
    [(\[] \s*
    (?P<credit>
        (?: {_LABEL} | Credit | Pic | File ) s? [ ]? [:/] [ ]? [^()\[\]]{{1,100}}
      | {_LABEL} [ ] (?: by | courtesy[ ]of | via ) [ ] [^()\[\]]{{2,100}}
      | (?: [^()\[\]]{{0,60}} /[ ]? | {_NAMES} (?: via[ ] )? )?
        {PHOTO_AGENCY} (?: [/,] [^()\[\]]{{0,60}} | [ ]via[ ] [^()\[\]]{{1,60}} )?
      | (?P<outlet> (?: {_NAME} ,?[ ] ){{1,4}}? {_NAME} [ ]?/[ ]? [^\W\d_a-z] [^()\[\]]{{1,40}} )
      | [Ff]ile (?: [ ][Pp]hoto )?
      | Supplied
      | Handout
    )
    \s* [)\]] \.?
    (?: [ ]? (?: {PHOTO_AGENCY} | (?: -[ ] )? Copyright[ ] .{{2,40}} ) )?
    """,
    re.VERBOSE,
)
_BARE_AGENCY = re.compile(
    rf"{CREDITED_AGENCY} (?: [ ]? [/,] [ ]? {CREDITED_AGENCY} ){{0,3}}",
    re.VERBOSE,
)
_SENTENCE_BREAK = re.compile(r"(?<=[.!?”\"’')\]])\s+(?=[^\W_])")
_SENTENCE_END = re.compile(r"[.!?…][\"”’')\]]*(?:\s|$)")


def caption(line: str) -> Caption | None:
    """Return the caption and photo credit that make up the line, or None. A bare credit gives an empty caption.

    Agencies sign paragraphs too. So the bare name of one, ``(AFP)``, makes a caption only if the text before it is not
    a sentence.
    """
    return None if len(line) > _MAX_CAPTION_CHARS or line[-1:] in "!?…,;:" else _caption(line)


@lru_cache(maxsize=MAX_LINES_CACHED)  # the search of a text repeats until nothing more is found
def _caption(line: str) -> Caption | None:
    found = _with_trailing_credit(line) or _with_bracketed_credit(line)
    return None if found is None or _is_signed_prose(found) else found


def _with_trailing_credit(line: str) -> Caption | None:
    starts = [match.end() for match in _SENTENCE_BREAK.finditer(line)]
    for start in (*reversed(starts[-_MAX_CREDIT_SENTENCES:]), 0):
        if _CREDIT.fullmatch(line, start):
            return Caption(text=line[:start].strip(), credit=line[start:].strip())
    return None


def _with_bracketed_credit(line: str) -> Caption | None:
    start = max(line.rfind("("), line.rfind("["))
    match = _BRACKETED_CREDIT.fullmatch(line, start) if start >= 0 else None
    if match is None:
        return None
    text = line[:start].strip()
    # Probably a list item: a name, with its affiliation in brackets.
    if match["outlet"] and len(text.split()) < _MIN_CAPTION_WORDS:
        return None
    return Caption(text=text, credit=match["credit"].strip())


def _is_signed_prose(found: Caption) -> bool:
    """Whether the credit is a bare agency and the text before it may be a paragraph."""
    if not _BARE_AGENCY.fullmatch(found.credit or "") or not found.text:
        return False
    return (
        len(found.text.split()) < _MIN_CAPTION_WORDS
        or len(found.text) > _MAX_CAPTION_CHARS_BEFORE_BARE_AGENCY
        or _SENTENCE_END.search(found.text) is not None
    )
