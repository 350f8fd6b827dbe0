"""News agencies: the datelines that they open with and the signatures that they close with."""

from __future__ import annotations

import re

from schemas.records import Dateline

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


_UNNAMED = frozenset({"agencies", "agency", "news agencies", "news agency", "wires", "newswires", "wire services"})
_KIND = re.compile(r".{2,40}\b(?:news agency|news service|press agency|wire service|newswire|wires)", re.IGNORECASE)
_SPELLINGS = {spelling for name, known in AGENCIES.items() for spelling in (known, name.upper(), name.title())}
_AGENCY = "|".join(re.escape(name) for name in sorted(_SPELLINGS, key=lambda name: (-len(name), name)))
_SIGNED = re.compile(
    rf"(?:^|(?<=[.!?…”\"’')\]]) )(?:(?:With|with|From|from|Source:|Agency:) )?(?:[a-z]{{2,4}}(?:[/,] ?[a-z]{{2,4}})* )?"
    rf"(?:[–—-]{{1,2}} ?)?[(\[]?(?:(?P<agency>{_AGENCY})(?:(?:, | ?/ ?| and | & )(?:{_AGENCY})){{0,3}}"
    r"|(?:[Ww]ith )?(?:(?:inputs )?from )?(?:Agencies|agencies|AGENCIES)(?: inputs)?)[)\]]?\.?$"
)
_LONGEST_SIGNATURE = 80

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
    rf"(?:, {_MONTH} \d{{1,2}})? ?(?:--|[–—―]|(?<= )-) ?(?=[^\W_a-z]|[\"“‘'])"
)


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


def agency(name: str) -> str | None:
    """The agency that a byline names instead of a person, by its usual name, or None: ``Reuters``, ``Agencies``."""
    folded = name.strip(" .()[]").lower()
    if folded in AGENCIES:
        return AGENCIES[folded]
    return name if folded in _UNNAMED or _KIND.fullmatch(folded) else None


def signature(line: str) -> tuple[str, int] | None:
    """The agency that signs the end of the line, or is all of it, and where the signature begins; or None.

    ``… he said. (AFP)``, ``– dpa``, ``kb/mt (AFP, dpa)``. Whether it is one the place must tell: only the end of an
    article is signed.
    """
    offset = max(len(line) - _LONGEST_SIGNATURE, 0)
    match = _SIGNED.search(line, offset)
    if match is None:
        return None
    named = match["agency"]
    return AGENCIES[named.lower()] if named else "Agencies", match.start() + match[0].startswith(" ")
