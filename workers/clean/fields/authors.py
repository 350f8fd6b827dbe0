"""The people of a byline field, which a message or a page gives as one string or as a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from workers.clean.fields.agencies import agency
from workers.vocabulary.particles import PARTICLE

_MIN_NAME_CHARS = 2
_MAX_NAME_CHARS = 60
_MAX_NAME_WORDS = 7
_MAX_BYLINE_CHARS = 2_000
_MAX_AUTHORS = 100

# In verbose patterns a blank is written ``[ ]``.
_ADDRESS = re.compile(
    r"""
      [<(\[]? \s* (?: mailto: )? [\w.+-]{1,64} @ [\w-]{1,63} (?: \. [\w-]{1,63} ){1,5} \s* [>)\]]?
    | [(\[]? \s* (?: https?:// | www\. ) [^\s)\]]{1,500} \s* [)\]]?
    | [(\[] \s* @\w{1,50} \s* [)\]]
    | (?<! \S ) @\w{1,50}
    """,
    re.VERBOSE,
)
_BRACKETED = re.compile(r"\s*[(\[](?P<inside>[^()\[\]]{0,80})[)\]]\s*")
_LABEL = re.compile(
    r"""
    (?: (?: story | written | words | text | report | reported | posted | compiled ) \s+ by \b [:\s]*
      | (?: words | text | story | author | authors | autor | autorin | autore | auteur | reporter ) \s* : \s*
      | by \s* [:\s] \s*
      | (?: geschrieben | ein[ ]beitrag | ein[ ]artikel | ein[ ]gastbeitrag | aufgezeichnet ) \s+ von \s+
      | (?: propos[ ]recueillis | écrit ) \s+ par \s+
      | (?: escrito | publicado ) \s+ por \s+
      # These are given names and particles too: ``Von Miller``, ``Di Maria``.
      | (?: von | par | por | di | door | af | av ) [:\s] \s* (?= \S+ \s+ \S )
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SUFFIX = re.compile(r",?[ ]*\b(?P<suffix>Jr\b\.?|Sr\b\.?|II|III|IV)(?=[ ]*(?:,|;|$|\band\b|&))")
_DEGREE = re.compile(r",?[ ]+(?:Ph\.?[ ]?D|M\.?D|MBA|MSc|BSc|MA|MP|QC|KC|Esq)\b\.?(?=[ ]*(?:,|;|$))")
_FAMILY_FIRST = re.compile(
    rf"""
    (?P<family> (?: (?:{PARTICLE}) [ ] ){{0,2}} [^\W\d_][\w'’-]+ )
    ,[ ]?
    (?P<given> [^\W\d_][\w'’.-]* (?: [ ] [^\W\d_]\. )? )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LIST_BREAK = re.compile(r"\s*(?:;|\||·|•|\n)\s*")
_NAME_BREAK = re.compile(
    r"""
      \s* (?: , | ، | 、 | & ) \s* (?: (?: and | und ) \s+ )?
    | \s+ / \s+
    | \s+ (?: and | und | by | et ) \s+
    """,
    re.VERBOSE,
)
_SHORT_BREAK = re.compile(r"\s+(?:y|e|og|och|en|ja|i|и)\s+")  # within names too: José Ortega y Gasset
_PLACE = re.compile(r"\s+(?:in|at|from|for|aus|à|en)\s+[^\W\d_].*$")
_ROLE_WORD = r"""
    (?i: \b (?: staff | reporters? | correspondents? | editors? | writers? | desk | contributors? | contributing | admin
         | columnists? | journalists? | producers? | photographers? | presenters? | analysts? | professor | lecturer
         | newsroom | editorial | special[ ]to | bureau[ ]chief | chef(?:in)? | developer | webmaster
         | updated | published | minutes?[ ]read
         | redaktion | redakteur(?:in)? | korrespondent(?:in)? | autor(?:in)? | journalistin? | volontär(?:in)?
         | redacción | redactor(?:a)? | periodista | corresponsal | redazione | giornalista | rédaction | journaliste
         | redactie | redactora? | redação | jornalista
       ) \b )
"""
_ROLE = re.compile(_ROLE_WORD, re.VERBOSE)
_ROLE_AFTER_NAME = re.compile(
    rf"(?P<name> [^\W\d_a-z]\S* \s+ [^\W\d_a-z]\S* ) \s+ (?: .{{0,60}} \s )? {_ROLE_WORD} .*", re.VERBOSE
)
_NO_NAME = re.compile(r"https?:|www\.|[@:]|\d|^\W*$|\w\.(?:com|org|net|[a-z]{2})\b")
_ABSENT = frozenset({"none", "null", "n/a", "unknown", "anonymous", "author", "guest", "admin", "true", "false"})
_LETTERS = re.compile(r"[\W_]+")
_PUBLISHER_WORDS = re.compile(r"\b(?:the|www|com|org|net|co|uk|de|fr|online|news|digital)\b")


def names(byline: str | Sequence[str] | None, publishers: Iterable[str | None] = ()) -> tuple[str, ...]:
    """Return the people of a byline, a string (``By A and B``) or a list, without addresses, jobs and agencies.

    Args:
        byline: one string or a list; ``Last, First`` is turned round.
        publishers: names of the publisher, its site and host, none of which is a person.
    """
    own = {key for publisher in publishers if publisher and (key := _key(publisher))}
    people = (name for name in _bylined(byline) if agency(name) is None and not _is_publisher(name, own))
    return tuple({_key(name): name for name in reversed(list(people))}.values())[::-1]


def _is_publisher(name: str, own: set[str]) -> bool:
    """Whether a name is one of the publisher's, or its initials and a part of it: ``MDR Thüringen``."""
    first = name.partition(" ")[0]
    return _key(name) in own or (first.isupper() and first.isalpha() and len(first) > 1 and first.lower() in own)


def agency_of(byline: str | Sequence[str] | None) -> str | None:
    """Return the first agency that a byline names, or None: ``Agencies``, ``A, Reuters``."""
    return next(filter(None, map(agency, _bylined(byline))), None)


def _key(name: str) -> str:
    """Return what remains of a name when case, marks and words like ``The`` and ``.com`` do not count."""
    folded = name.lower()
    return _LETTERS.sub("", _PUBLISHER_WORDS.sub("", folded)) or _LETTERS.sub("", folded)


def _bylined(byline: str | Sequence[str] | None) -> Iterator[str]:
    for value in (byline,) if isinstance(byline, str) else (byline or ())[:_MAX_AUTHORS]:
        if len(value) <= _MAX_BYLINE_CHARS:
            for part in _LIST_BREAK.split(_ADDRESS.sub(" ", value)):
                yield from _pieces(" ".join(part.split()))


def _pieces(text: str) -> Iterator[str]:
    """Yield the names and agencies of a text that has no list marks but commas and words."""
    if label := _LABEL.match(text):
        text = text[label.end() :]
    text = _bare_or_inside(text)
    text = _DEGREE.sub("", _SUFFIX.sub(r" \g<suffix>", text))
    family_first = _FAMILY_FIRST.fullmatch(text)
    if family_first and not any(map(_no_person, (family_first["family"], family_first["given"]))):
        text = f"{family_first['given']} {family_first['family']}"
    for piece in _NAME_BREAK.split(text):
        yield from _names_in(piece)


def _names_in(piece: str) -> Iterator[str]:
    parts = _SHORT_BREAK.split(piece)
    for part in parts if all(len(part.split()) > 1 for part in parts) else (piece,):
        name = _without_role(_PLACE.sub("", part).strip(" -–—|/:*"))
        if _is_name(name):
            yield name


def _bare_or_inside(text: str) -> str:
    """Return the text without what stands in brackets; where nothing else is left, what stands in them."""
    bare = _BRACKETED.sub(" ", text).strip()
    inside = _BRACKETED.search(text)
    return bare if bare or inside is None else inside["inside"].strip()


def _no_person(word: str) -> bool:
    return agency(word) is not None or _ROLE.search(word) is not None


def _without_role(piece: str) -> str:
    """Return the name before a job (``Ada Birch Political Editor``); empty for a job alone."""
    if _ROLE.search(piece) is None or agency(piece) is not None:
        return piece
    match = _ROLE_AFTER_NAME.fullmatch(piece)
    return "" if match is None or _ROLE.search(match["name"]) else match["name"]


def _is_name(name: str) -> bool:
    return (
        _MIN_NAME_CHARS <= len(name) <= _MAX_NAME_CHARS
        and len(name.split()) <= _MAX_NAME_WORDS
        and name.lower() not in _ABSENT
        and not _NO_NAME.search(name)
    )
