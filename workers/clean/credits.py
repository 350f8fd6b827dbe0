"""Who wrote, edited and photographed: datelines, credit lines, bylines, captions with their photo credits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.records import Caption, Credit, Dateline

AGENCIES = {
    "reuters": "Reuters", "thomson reuters foundation": "Thomson Reuters Foundation", "ap": "AP",
    "associated press": "AP", "the associated press": "AP", "afp": "AFP", "agence france-presse": "AFP",
    "bloomberg": "Bloomberg", "dpa": "dpa", "upi": "UPI", "ani": "ANI", "pti": "PTI", "ians": "IANS", "uni": "UNI",
    "xinhua": "Xinhua", "tass": "TASS", "itar-tass": "TASS", "interfax": "Interfax", "ria novosti": "RIA Novosti",
    "sputnik": "Sputnik", "yonhap": "Yonhap", "kcna": "KCNA", "kyodo": "Kyodo", "jiji": "Jiji", "jiji press": "Jiji",
    "bernama": "Bernama", "antara": "Antara", "cna": "CNA", "efe": "EFE", "ansa": "ANSA", "agi": "AGI", "apa": "APA",
    "belga": "Belga", "anp": "ANP", "ntb": "NTB", "ritzau": "Ritzau", "tt": "TT", "ukrinform": "Ukrinform",
    "pa": "PA", "pa media": "PA", "press association": "PA", "aap": "AAP", "cp": "CP", "the canadian press": "CP",
    "canadian press": "CP", "anadolu": "Anadolu", "anadolu agency": "Anadolu", "aa": "Anadolu", "petra": "Petra",
    "wam": "WAM", "spa": "SPA", "mena": "MENA", "irna": "IRNA", "sana": "SANA", "pan": "PANA", "nan": "NAN",
    "cns": "CNS", "inter press service": "IPS", "ips": "IPS", "rfe/rl": "RFE/RL", "voa": "VOA", "cnn": "CNN",
    "bbc": "BBC", "marketwatch": "MarketWatch", "dow jones": "Dow Jones", "ap sports": "AP", "lusa": "Lusa",
}  # fmt: skip
"""News agencies as datelines name them, in lower case, and the name that they are known by."""

_NO_PLACE = frozenset({
    "advertisement", "analysis", "breaking", "breaking news", "caption", "column", "comment", "correction", "exclusive",
    "editor's note", "editor’s note", "explainer", "fact check", "factbox", "feature", "how", "live", "news", "note",
    "opinion", "photos", "podcast", "profile", "quiz", "read", "read more", "related", "review", "the", "timeline",
    "update", "video", "warning", "watch", "what", "when", "who", "why",
})  # fmt: skip
"""Words in capitals before a dash that are no place, in lower case."""


_UPPER = r"[^\W\d_a-z](?:[^\W\d_a-z]|[.'’/-])*"
_WORD = r"[^\W\d_][\w.'’/-]*"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DASH = r"(?:--?|[–—―])"
_DATELINE = re.compile(
    rf"(?P<place>{_WORD}(?:,? {_WORD}){{0,6}}?)(?:, {_MONTH} \d{{1,2}})?,? "
    rf"\((?P<agency>[^()]{{2,40}})\) ?{_DASH} ?"
)  # fmt: skip
_DATELINE_BARE = re.compile(
    rf"(?P<place>{_UPPER}(?: {_UPPER}){{0,3}})(?P<region>, {_WORD}(?: {_WORD}){{0,2}})?"
    rf"(?:, {_MONTH} \d{{1,2}})? ?(?:--|[–—―]|(?<= )-) ?(?=[\w\"“‘'])"
)

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
_BYLINE = re.compile(rf"(?:By|BY|by:)[ :]{{1,2}}[^\W\d_a-z][\w.'’-]*(?:,? {_CAPITALISED}){{0,12}},?")
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{2}|\b(?:staff|reporter|correspondent|editor|writer|desk|contributor|admin|updated|published)\b",
    re.I,
)

_MARKS = "|".join((
    "AP Photo", "AFP", "AP", "REUTERS", "Reuters", "Getty(?: Images)?", "EPA(?:-EFE)?", "AAP",
    "PA(?: Images| Wire| Media)?",
    "Alamy", "Shutterstock", "iStock", "Xinhua", "Sputnik", "TASS", "KCNA", "Yonhap", "Kyodo", "Bloomberg",
    "Anadolu(?: Agency)?", "Canadian Press", "Associated Press", "Bernama", "NurPhoto", "Imago", "IMAGO", "dpa",
    "Unsplash", "Pixabay", "Rex Features", "ZUMA(?: Press)?", "Sipa(?: USA)?", "Wikimedia(?: Commons)?", "Flickr",
))  # fmt: skip
"""Picture agencies as photo credits name them."""

_LABELS = r"(?:File |Stock |Handout )?(?:[Pp]hoto|[Ii]mage|[Pp]icture|[Pp]ic|[Ff]oto|PHOTO|IMAGE|[Pp]hotograph)s?"
_NAME = r"[^\W\d_a-z][\w.'’-]*"
_PHOTO_CREDIT = re.compile(
    rf"(?:{_LABELS} (?:by|courtesy(?: of)?|credit|via|from) ?:? ?[^.!?]{{2,120}}"
    rf"|(?:{_LABELS}|Credit|Copyright|Photographer|Image source|Source)s? ?[:,/©] ?[^.!?]{{2,120}}"
    rf"|Copyright [^.!?]{{0,60}}(?:{_MARKS})(?:\W.{{0,30}})?"
    rf"|(?:[^.!?()]{{0,80}}?/ ?|[^.!?()]{{0,80}}?\bvia )?(?:{_MARKS})(?: Photo)?"
    rf"(?: ?(?:/|via|,|\||-) ?[^.!?()]{{1,60}})?"
    rf"|(?:File|Handout|Supplied|Courtesy)(?: (?:photo|Photo|picture|image|of [^.!?]{{2,60}}))?"
    rf"|[^.!?()]{{2,60}}/ ?(?:File Photo|Handout|Pool|File)(?: via [^.!?]{{2,40}})?)"
)
_IN_BRACKETS = re.compile(
    rf"[(\[]\s*(?P<credit>(?:{_LABELS}|Credit|Pic)s? ?[:/] ?[^()\[\]]{{1,100}}"
    rf"|{_LABELS} (?:by|courtesy of|via) [^()\[\]]{{2,100}}"
    rf"|(?:[^()\[\]]{{0,60}}[/ ,])?(?:{_MARKS})(?:[/, ][^()\[\]]{{0,60}})?"
    rf"|(?:{_NAME},? ){{1,4}}?{_NAME} ?/ ?[^\W\d_a-z][^()\[\]]{{1,40}}"
    rf"|[Ff]ile(?: [Pp]hoto)?|Supplied|Handout)\s*[)\]]\.?"
    rf"(?: ?(?:{_MARKS}|(?:- )?Copyright .{{2,40}}))?"
)
_LONGEST_CAPTION = 700
_LAST_SENTENCE = re.compile(r"(?<=[.!?”\"’')\]])\s+(?=[^\W_])")


def dateline(line: str) -> tuple[Dateline, int] | None:
    """The dateline that the line begins with and the offset of the text after it, or None."""
    match = _DATELINE.match(line)
    if match is not None and (agency := AGENCIES.get(match["agency"].strip().lower())):
        return Dateline(text=match[0].strip(), place=_title(match["place"]), agency=agency), match.end()
    match = _DATELINE_BARE.match(line)
    if match is None or len(match["place"]) < 3 or match["place"].lower() in _NO_PLACE or match.end() > 60:
        return None
    return Dateline(text=match[0].strip(), place=_title(match["place"] + (match["region"] or ""))), match.end()


_INITIALS = re.compile(r"(?:[^\W\d_]\.)+,?")


def _title(place: str) -> str:
    """The place with the words that stand in capitals in ordinary case; U.S. and the like stay."""
    return " ".join(
        word.capitalize() if word.isupper() and not _INITIALS.fullmatch(word) else word for word in place.split()
    )


def credits(line: str) -> tuple[Credit, ...] | None:
    """The people that a credit line names with their roles, or None: ``(Reporting by A; Editing by B)``."""
    line = line.strip()
    if _CREDIT_LINE.fullmatch(line):
        found = [
            Credit(name=name, role=_ROLES[role.lower()])
            for match in _CREDIT.finditer(line)
            for role in re.findall(rf"{_ROLE}", match["roles"], re.I)
            for name in _people(match["names"])
        ]
        return tuple(dict.fromkeys(found)) or None
    match = _CONTRIBUTED.fullmatch(line) or _FILES.fullmatch(line)
    if match is None or len(line) > 300:
        return None
    return tuple(Credit(name=name, role="reporting") for name in _people(match["names"]))


def _people(text: str) -> list[str]:
    """Names in a credit: ``A in Seoul, B and C`` → A, B, C."""
    names = []
    for part in _NAME_BREAK.split(_WRITER.sub("", text)):
        name = _IN_PLACE.sub("", part).strip(" .()[]-–—")
        if name and name[0].isupper() and len(name) <= 60:
            names.append(name)
    return names


def names(byline: str | Sequence[str] | None) -> tuple[str, ...]:
    """The names of a byline, a string (``By A and B``) or a list; what is no name (an address, a job) is left out."""
    if byline is None:
        return ()
    values = (byline,) if isinstance(byline, str) else byline
    found: list[str] = []
    for value in values:
        text = (
            _BY.sub("", " ".join(value.split()), count=1)
            if _BY.match(" ".join(value.split()))
            else " ".join(value.split())
        )
        for part in _NAME_BREAK.split(text):
            name = part.strip(" .-–—|/")
            if 2 <= len(name) <= 60 and not _NOT_A_NAME.search(name):
                found.append(name)
    return tuple(dict.fromkeys(found))


def is_byline(line: str) -> bool:
    """Whether the line is a byline: ``By Ada Birch and Tom Reed``."""
    return len(line) <= 120 and _BYLINE.fullmatch(line) is not None


def caption(line: str) -> Caption | None:
    """The caption and photo credit that make up the line, or None. A bare credit gives a caption without text."""
    if len(line) > _LONGEST_CAPTION or line[-1:] in "!?…,;:":
        return None
    breaks = [match.end() for match in _LAST_SENTENCE.finditer(line)]
    for start in (*reversed(breaks[-3:]), 0):
        if _PHOTO_CREDIT.fullmatch(line, start):
            return Caption(text=line[:start].strip(), credit=line[start:].strip())
    open_bracket = max(line.rfind("("), line.rfind("["))
    if open_bracket >= 0 and (match := _IN_BRACKETS.fullmatch(line, open_bracket)):
        return Caption(text=line[:open_bracket].strip(), credit=match["credit"].strip())
    return None
