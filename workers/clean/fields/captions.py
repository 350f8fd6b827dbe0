"""Captions: lines that say what a picture shows, told by the photo credit at their end."""

from __future__ import annotations

import re
from functools import lru_cache

from schemas.records import Caption

_PICTURE = "|".join((
    "AP Photo", "AFP Photo", "Reuters Photo", "Getty(?: Images)?", "EPA(?:-EFE)?", "PA(?: Images| Wire)", "Alamy",
    "Shutterstock", "iStock", "NurPhoto", "Imago", "IMAGO", "Unsplash", "Pixabay", "Rex Features", "ZUMA(?: Press)?",
    "Sipa(?: USA)?", "Wikimedia(?: Commons)?", "Flickr", "AFP-JIJI", "ANP",
))  # fmt: skip
"""Picture agencies as photo credits name them: nothing else is signed with these."""

_WIRE = "|".join((
    "AFP", "AP", "REUTERS", "Reuters", "AAP", "PA(?: Media)?", "Xinhua", "Sputnik", "TASS", "KCNA", "Yonhap", "Kyodo",
    "Bloomberg", "Anadolu(?: Agency)?", "The Canadian Press", "Canadian Press", "The Associated Press",
    "Associated Press", "Bernama", "dpa", "PTI", "ANI",
))  # fmt: skip
"""Agencies that sign texts as well as pictures: alone they prove nothing."""

_MARK = rf"(?:{_PICTURE}|{_WIRE})"
_LABEL = r"(?:File |Stock |Handout )?(?:[Pp]hoto|[Ii]mage|[Pp]icture|[Pp]ic|[Ff]oto|PHOTO|IMAGE|[Pp]hotograph)s?"
_NAME = r"[^\W\d_a-z][\w.'’-]*"
_NAMES = rf"(?:{_NAME}[ ,/]{{1,2}}(?:(?:of|the|and) ){{0,2}}){{1,6}}"
_REST = r"(?: ?[/|] ?[^.!?()]{1,60}| via [^.!?()]{1,60}|, ?(?:[Ff]ile|FILE|[Pp]ool|[Hh]andout)(?: [Pp]hoto)?)"
_CREDIT = re.compile(
    rf"(?:{_LABEL} (?:by|courtesy(?: of)?|credit|via) ?:? ?[^\W_a-z][^.!?]{{1,120}}"
    rf"|(?:{_LABEL}|Credit|Copyright|Photographer|Image source)s? ?[:/©] ?[^.!?]{{2,120}}"
    rf"|(?:Image|Photo|Picture) (?:source|copyright|credit|caption), ?[^.!?]{{2,120}}"
    rf"|Copyright [^.!?]{{0,60}}{_MARK}(?:\W.{{0,30}})?"
    rf"|[^.!?()]{{0,80}}?/ ?(?:[^.!?()/]{{1,40}} via )?{_MARK}(?: Photo)?(?:[ ,][^.!?()]{{1,60}}|{_REST})?"
    rf"|{_NAMES}via {_MARK}{_REST}?|(?:{_NAME} {_NAME}[ ,]{{1,2}})?(?:{_PICTURE}){_REST}?|{_MARK}{_REST}"
    rf"|(?:File|Handout|Supplied|Courtesy)(?: (?:photo|Photo|picture|image|of [^.!?]{{2,60}}))?"
    rf"|[^.!?()]{{2,60}}/ ?(?:File Photo|Handout|Pool|File)(?: via [^.!?]{{2,40}})?)"
)
_BRACKETED = re.compile(
    rf"[(\[]\s*(?P<credit>(?:{_LABEL}|Credit|Pic|File)s? ?[:/] ?[^()\[\]]{{1,100}}"
    rf"|{_LABEL} (?:by|courtesy of|via) [^()\[\]]{{2,100}}"
    rf"|(?:[^()\[\]]{{0,60}}/ ?|{_NAMES}(?:via )?)?{_MARK}(?:[/,][^()\[\]]{{0,60}}| via [^()\[\]]{{1,60}})?"
    rf"|(?P<outlet>(?:{_NAME},? ){{1,4}}?{_NAME} ?/ ?[^\W\d_a-z][^()\[\]]{{1,40}})"
    rf"|[Ff]ile(?: [Pp]hoto)?|Supplied|Handout)\s*[)\]]\.?"
    rf"(?: ?(?:{_MARK}|(?:- )?Copyright .{{2,40}}))?"
)
_ALONE = re.compile(rf"(?:{_WIRE})(?: ?[/,] ?(?:{_WIRE})){{0,3}}")
_SENTENCE_BREAK = re.compile(r"(?<=[.!?”\"’')\]])\s+(?=[^\W_])")
_STOP = re.compile(r"[.!?…][\"”’')\]]*(?:\s|$)")
_LONGEST = 700
_LONGEST_OF_WIRE = 200
_FEWEST_WORDS = 4


def caption(line: str) -> Caption | None:
    """The caption and photo credit that make up the line, or None. A bare credit gives a caption without text.

    Agencies sign paragraphs too, so the bare name of one, ``(AFP)``, makes a caption only of what is no sentence.
    """
    return None if len(line) > _LONGEST or line[-1:] in "!?…,;:" else _caption(line)


@lru_cache(maxsize=2048)  # a text is searched until nothing more is found
def _caption(line: str) -> Caption | None:
    found = _plain(line) or _bracketed(line)
    return None if found is None or _is_signed_prose(found) else found


def _plain(line: str) -> Caption | None:
    starts = [match.end() for match in _SENTENCE_BREAK.finditer(line)]
    for start in (*reversed(starts[-3:]), 0):
        if _CREDIT.fullmatch(line, start):
            return Caption(text=line[:start].strip(), credit=line[start:].strip())
    return None


def _bracketed(line: str) -> Caption | None:
    start = max(line.rfind("("), line.rfind("["))
    match = _BRACKETED.fullmatch(line, start) if start >= 0 else None
    if match is None:
        return None
    text = line[:start].strip()
    if match["outlet"] and len(text.split()) < _FEWEST_WORDS:  # in a list: a name, and in brackets what it belongs to
        return None
    return Caption(text=text, credit=match["credit"].strip())


def _is_signed_prose(found: Caption) -> bool:
    """Whether the credit is a bare agency and the text before it is not surely a caption."""
    if not _ALONE.fullmatch(found.credit or "") or not found.text:
        return False
    words = len(found.text.split())
    return words < _FEWEST_WORDS or len(found.text) > _LONGEST_OF_WIRE or _STOP.search(found.text) is not None
