"""The people of a byline field, which a message or a page gives as one string or as a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from workers.clean.fields.agencies import agency
from workers.vocabulary.desks import DESK
from workers.vocabulary.months import MONTH_EXACTLY
from workers.vocabulary.particles import PARTICLE

_MIN_NAME_CHARS = 2
_MAX_NAME_CHARS = 60
_MAX_NAME_WORDS = 7
_MAX_OFFICE_WORDS = 5
_MAX_BYLINE_CHARS = 2_000
_MAX_AUTHORS = 100

# In verbose patterns a blank is written ``[ ]``.
_ADDRESS = re.compile(
    r"""
      [<(\[]? \s* (?: mailto: )? [\w.+-]{1,64} @ [\w-]{1,63} (?: \. [\w-]{1,63} ){1,5} \s* [>)\]]?
    | [(\[]? \s* (?: https?:// | www\. ) [^\s)\]]{1,500} \s* [)\]]?
    | [(\[] \s* @\w{1,50} \s* [)\]]
    | (?<! \S ) @\w{1,50}
    | </?\w [^<>]{0,300} >  # a tag
    """,
    re.VERBOSE,
)
_BUTTONS = re.compile(
    r"""
    (?: (?<! \w ) (?:
        share (?: [ ] (?: this | on | via | with | article | story ) \b | [ ]? : )
      | click [ ] to [ ] (?: share | e-?mail | print )
      | like [ ] this [ ]? :
      | follow (?: [ ] (?: @ | on \b | him \b | her \b | the [ ] author ) | [ ]* $ )
      | e-?mail [ ] (?: this | the [ ] author | author )
      | (?: facebook | flipboard | whatsapp | linkedin | reddit )
      | (?: share | copy[ ]link | print ) [ ]* $
      | (?: share | print | e-?mail | tweet ) (?: [ ,|/]+ (?: share | print | e-?mail | tweet | comments? ) \b )+
    ) ) [^\n]*
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
"""What buttons beside a byline say, to the end of the line: ``Share this: Facebook``."""
_BRACKETED = re.compile(r"\s*[(\[](?P<inside>[^()\[\]]{0,80})[)\]]\s*")
_DATE = re.compile(
    rf"""
    (?: \b (?: last[ ] | originally[ ] | first[ ] )? (?: updated | published | posted | modified | reviewed )
        (?: [ ]on | [ ]? : )? [ ]? )?
    (?: \b (?: on | at | am | um | el | le | il | em | op | den | kl\.? ) [ ] )?
    (?: \b (?: mon | tues | wednes | thurs | fri | satur | sun ) day ,? [ ] )?
    (?: \b {MONTH_EXACTLY} \.? [ ] \d{{1,2}} (?: st | nd | rd | th )? \b (?: ,? [ ] \d{{4}} )?
      | \b \d{{1,2}} \.? [ ] (?: de[ ] )? [^\W\d_]{{3,12}} \.? ,? [ ] (?: de[ ] )? (?:19|20)\d\d \b
      | \b \d{{1,4}} [./-] \d{{1,2}} [./-] \d{{1,4}} (?: T[\d:.+Z-]* )?
      | \b \d{{1,2}} [:.] \d\d (?: :\d\d )? [ ]? (?: [ap]\.?m\b\.? | uhr\b )?
        (?: [ ] (?-i: [A-Z]{{2,3}}T | GMT | UTC | ET ) \b )?
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LABEL = re.compile(
    r"""
    (?: (?: (?: (?:this|an?|the) [ ] )? (?: story | article | post | words | text | report | opinion | analysis
              | column | comment | review | interview | essay ) [ ] (?: (?:is|was) [ ] )?
            (?: written [ ] )? by
          | (?: written | authored | reported | posted | compiled | published ) [ ] (?: and[ ]\w+[ ] )? by
          | (?: view[ ]all[ ] | more[ ] | all[ ] )? (?: posts | articles | stories ) [ ] (?: by | from | of )
          | more[ ] (?: by | from )
        ) \b [:\s]*
      | (?: words | text | texte | texto | tekst | story | interview | author | authors | autor | autorin | autoren
          | autora | autore | autori | auteur | auteurs | reporter | автор | авторы ) \s* : \s*
      | (?: (?:the|about[ ]the)[ ] )? authors? \s+ (?= \S+ \s+ \S )
      | (?: 作者 | 文 | 撰文 | 取材 | 記者 | 记者 ) \s* [:：/／] \s*
      | by \s* [:\s] \s*
      | (?: geschrieben | verfasst | ein[ ]beitrag | ein[ ]artikel | ein[ ]gastbeitrag | aufgezeichnet ) \s+ von \s+
      | (?: propos[ ]recueillis | écrit | rédigé ) \s+ par \s+
      | (?: escrito | publicado | redactado ) \s+ por \s+
      | (?: scritto | pubblicato ) \s+ da \s+
      | (?: geschreven ) \s+ door \s+
      | (?: skrevet | skriven | skrivet | publisert ) \s+ a[vf] \s+
      | (?: von | par | por | di | door | af | av | från ) \s* : \s*
      # These are given names and particles too: ``Von Miller``, ``Di Maria``.
      | (?: von | par | por | di | door | af | av | från ) \s+ (?= \S+ \s+ \S )
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PREPOSITION = re.compile(r"(?:by|von|par|por|di|door|af|av|från) ", re.IGNORECASE)
_NOT_BY = re.compile(
    r"""
    (?i: (?: edited | reviewed | (?: fact [ -] )? checked | tested | researched | translated | photographed
          | illustrated | produced ) [ ] by
       | (?: photos? | pictures? | fotos? | foto | images? | video | illustrations? | graphics ) (?: [ ] by | \s* : )
    ) \b .*
    """,
    re.VERBOSE,
)
_SUFFIX = re.compile(r",?[ ]*\b(?P<suffix>Jr\b\.?|Sr\b\.?|II|III|IV)(?=[ ]*(?:,|;|$|\band\b|&))")
_EAST_ASIAN_ROLE = re.compile(r"[ ]*(?:特派員|特派员|記者|记者|기자|특파원)$")
_DEGREE = re.compile(r",?[ ]+(?:Ph\.?[ ]?D|M\.?D|MBA|MSc|BSc|MA|MP|QC|KC|Esq)\b\.?(?=[ ]*(?:,|;|$))")
_FAMILY_FIRST = re.compile(
    rf"""
    (?P<family> (?: (?:{PARTICLE}) [ ] ){{0,2}} [^\W\d_][\w'’-]+ )
    ,[ ]?
    (?P<given> [^\W\d_][\w'’.-]* (?: [ ] [^\W\d_]\. )? )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PARTICLE_FIRST = re.compile(rf"(?:{PARTICLE} ){{2}}[^\W\d_][\w'’-]+, [^\W\d_][\w'’.-]*", re.IGNORECASE)
_IS_PARTICLE = re.compile(rf"{PARTICLE}|d['’]\w.*|y|e|zu|zur|af|av|dalla|dello|ten|te|'t|op").fullmatch
_LIST_BREAK = re.compile(r"\s*(?:;|\||·|•|\n)\s*")
_AND = re.compile(r",? (?:and|und|et|y|e|&) ")
_NAME_BREAK = re.compile(
    r"""
      \s* (?: , | ، | 、 | & ) \s* (?: (?i: and | und ) \s+ (?: by \s+ )? )?
    | \s+ [/–—-] \s+
    | \s+ (?i: (?: and | und ) (?: \s+ by )? | by | et ) \s+
    """,
    re.VERBOSE,
)
_AND_OTHERS = re.compile(r",? (?:and|&|with|und|et|y) (?:other )?(?:news )?(?:agencies|wires|newswires|wire services)$")
_OFFICE_BREAK = re.compile(r"\s*(?:[;|·•\n,&/]|\s(?:and|und|et|y)\s)\s*")
_SHORT_BREAK = re.compile(
    r"\s+(?:y|e|og|och|en|ja|i|и|та|oraz|sowie|és|ve|dan|và|și|şi|a|with|mit|avec|con|med)\s+|/"
)  # within names too: José Ortega y Gasset
_PLACE = re.compile(r"\s+(?:in|at|from|for|aus|à|en|på|i)\s+[^\W\d_a-z].*$")
_ROLE_WORD = r"""
    (?i: \b (?: staff | reporters? | correspondents? | editors? | writers? | desk | contributors? | contributing | admin
         | columnists? | journalists? | producers? | photographers? | presenters? | analysts? | professor | lecturer
         | newsroom | editorial | special[ ]to | bureau[ ]chief | chef(?:in)? | developer | webmaster
         | vice[ ]president | director | manager | head[ ]of | (?:co-)?founder | ceo | expert | consultant | coordinator
         | specialist | freelance(?:r)? | blogger | intern | team
         | updated | published | min(?:ute)?s?[ ]read
         | redaktion | redakteur(?:in)? | korrespondent(?:in)? | autor(?:in)? | journalistin? | volontär(?:in)?
         | redacción | redactor(?:a)? | periodista | corresponsal | redazione | giornalista | rédaction | journaliste
         | redactie | redactora? | redação | jornalista
       ) \b )
"""
_ROLE = re.compile(_ROLE_WORD, re.VERBOSE)
_DESK_WORD = re.compile(rf"(?:\b|(?<=-)){DESK}\b", re.IGNORECASE)
_JOB_START = re.compile(
    r"""
    (?: chief | senior | junior | deputy | associate | assistant | managing | executive | foreign | political | politics
      | economics? | business | health | science | environment | education | technology | transport | sports? | crime
      | legal | diplomatic | defence | defense | security | arts | culture | religious | global
      | world | national | local | regional | north | south | east | west | middle | data | investigations? | features?
      | digital | multimedia | video | news | our
    ) \b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""The words that jobs start with and names do not: ``Chief Political Correspondent``."""
_RANK_AFTER_NAME = re.compile(
    r"""
    (?P<name> [^\W\d_a-z]\S* \s+ [^\W\d_a-z]\S* (?: \s+ [^\W\d_a-z]\S* )? ) \s+
    (?: Chief | Senior | Junior | Deputy | Associate | Assistant | Managing | Executive | Head | Lead | Technical
      | Certified
    ) \s .*
    """,
    re.VERBOSE,
)
_ROLE_AFTER_NAME = re.compile(
    rf"(?P<name> [^\W\d_a-z]\S* \s+ [^\W\d_a-z]\S* ) \s+ (?: .{{0,60}} \s )? {_ROLE_WORD} .*", re.VERBOSE
)
_NO_NAME = re.compile(
    r"""
      https?:
    | www\.
    | [@:\d]
    | ^ \W* $
    | \w \. (?: com | org | net | [a-z]{2} ) \b
    | ^ (?i: view | follow | read | subscribe | contact | full[ ]profile | here | fact[ -]checked
          | (?: more[ ] )? about ) \b
    """,
    re.VERBOSE,
)
_REPEATED = re.compile(r"(?P<once>\S+ .+?)(?: (?P=once))+")
_INITIALS = re.compile(r"[a-z]{2,3}")  # a writer's, or red for the desk: jse
_ABSENT = frozenset({
    "none", "null", "n/a", "unknown", "anonymous", "by", "written by", "author", "the author", "authors", "guest",
    "admin", "true", "false",
})  # fmt: skip
_LETTERS = re.compile(r"[\W_]+")
_PUBLISHER_WORDS = re.compile(r"\b(?:the|www|com|org|net|co|uk|de|fr|online|news|digital)\b")


def names(byline: str | Sequence[str] | None, publishers: Iterable[str | None] = ()) -> tuple[str, ...]:
    """Return the people of a byline, a string (``By A and B``) or a list, without addresses, jobs and agencies.

    Args:
        byline: one string or a list; ``Last, First`` is turned round.
        publishers: names of the publisher, its site and host, none of which is a person.
    """
    own = _keys(publishers)
    people = (
        name
        for name in _bylined(byline)
        if agency(name) is None and not _INITIALS.fullmatch(name) and not _is_publisher(name, own)
    )
    return tuple({_key(name): name for name in reversed(list(people))}.values())[::-1]


def _keys(publishers: Iterable[str | None]) -> set[str]:
    return {key for publisher in publishers if publisher and (key := _key(publisher))}


def _is_publisher(name: str, own: set[str]) -> bool:
    """Whether a name is one of the publisher's, or its initials and a part of it: ``MDR Thüringen``."""
    first = name.partition(" ")[0]
    return _key(name) in own or (first.isupper() and first.isalpha() and len(first) > 1 and first.lower() in own)


def offices(byline: str | Sequence[str] | None, publishers: Iterable[str | None] = ()) -> tuple[str, ...]:
    """Return the agencies and desks that a byline names, as it writes them: ``The Associated Press``, ``Harbour Desk``.

    The publisher itself is none of them; a bare ``Staff`` names nobody, nor does ``and agencies``.
    """
    own = _keys(publishers)
    found = [
        text
        for value in _values(byline)
        for text in _OFFICE_BREAK.split(_AND_OTHERS.sub("", _without_label(_DATE.sub("|", value).strip())))
        if _is_office(text) and _key(text) not in own
    ]
    return tuple(dict.fromkeys(found))


def _is_office(text: str) -> bool:
    if len(text) > _MAX_NAME_CHARS or len(text.split()) > _MAX_OFFICE_WORDS or _NO_NAME.search(text):
        return False
    named = _ROLE.sub("", _DESK_WORD.sub("", text)).strip(" -")
    return agency(text) is not None or (_DESK_WORD.search(text) is not None and len(named) > 1 and named[0].isupper())


def agency_of(byline: str | Sequence[str] | None) -> str | None:
    """Return the first agency that a byline names, or None: ``Agencies``, ``A, Reuters``."""
    return next(filter(None, map(agency, _bylined(byline))), None)


def is_labelled(text: str) -> bool:
    """Return whether the text starts like a byline: ``By …``, ``Written by …``, ``Texte : …``."""
    return _LABEL.match(text) is not None


def is_capitalised(name: str) -> bool:
    """Return whether no word of a name starts with a small letter, but for particles: ``Ada van Birch``."""
    return not any(word[0].islower() and not _IS_PARTICLE(word) for word in name.split())


def _key(name: str) -> str:
    """Return what remains of a name when case, marks and words like ``The`` and ``.com`` do not count."""
    folded = name.lower()
    return _LETTERS.sub("", _PUBLISHER_WORDS.sub("", folded)) or _LETTERS.sub("", folded)


def _bylined(byline: str | Sequence[str] | None) -> Iterator[str]:
    for value in _values(byline):
        # What follows a date is of something else, unless the date comes first: ``Ada Birch 7 May 2024 Boats``.
        yield from next(filter(None, map(list, map(_in_list, _DATE.split(value)))), ())


def _in_list(text: str) -> Iterator[str]:
    """Yield the names and agencies of a text without dates."""
    for part in _LIST_BREAK.split(text):
        one_line = " ".join(part.split()).strip(" ,–—-")
        each = _AND.split(one_line)
        for one in each if all(map(_FAMILY_FIRST.fullmatch, each)) else (one_line,):
            yield from _pieces(one)


def _values(byline: str | Sequence[str] | None) -> Iterator[str]:
    """Yield the texts of a byline without addresses."""
    for value in (byline,) if isinstance(byline, str) else (byline or ())[:_MAX_AUTHORS]:
        if len(value) <= _MAX_BYLINE_CHARS:
            yield _BUTTONS.sub("", _ADDRESS.sub(" ", value))


def _pieces(text: str) -> Iterator[str]:
    """Yield the names and agencies of a text that has no list marks but commas and words."""
    text = _NOT_BY.sub("", text)
    text = _bare_or_inside(_without_label(text))
    text = _DEGREE.sub("", _SUFFIX.sub(r" \g<suffix>", text))
    family_first = _FAMILY_FIRST.fullmatch(text)
    if family_first and not any(map(_no_person, (family_first["family"], family_first["given"]))):
        text = f"{family_first['given']} {family_first['family']}"
    pieces = [name for piece in _NAME_BREAK.split(text) for name in _names_in(piece)]
    is_named = False
    for name in pieces:
        # After a name, a single word is where or what somebody is: ``Ada Birch, Oslo``, ``Ada Birch, DVM``.
        if not is_named or " " in name or agency(name):
            yield name
        is_named = is_named or " " in name or agency(name) is not None


def _without_label(text: str) -> str:
    if (label := _LABEL.match(text)) and not _PARTICLE_FIRST.fullmatch(text):
        return text[label.end() :]
    if preposition := _PREPOSITION.match(text):
        rest = text[preposition.end() :]
        return rest if agency(rest) or _ROLE.fullmatch(rest) else text
    return text


def _names_in(piece: str) -> Iterator[str]:
    parts = _SHORT_BREAK.split(piece)
    for part in parts if all(len(part.split()) > 1 or agency(part) for part in parts) else (piece,):
        name = _without_role(_EAST_ASIAN_ROLE.sub("", _PLACE.sub("", part).strip(" -–—|/:*").removesuffix(" .")))
        if _is_name(name):
            yield repeated["once"] if (repeated := _REPEATED.fullmatch(name)) else name


def _bare_or_inside(text: str) -> str:
    """Return the text without what stands in brackets; where nothing else is left, what stands in them."""
    bare = _BRACKETED.sub(" ", text).strip()
    inside = _BRACKETED.search(text)
    return bare if bare or inside is None else inside["inside"].strip()


def _no_person(word: str) -> bool:
    return agency(word) is not None or _ROLE.search(word) is not None


def _without_role(piece: str) -> str:
    """Return the name before a job (``Ada Birch Political Editor``); empty for a job alone."""
    if agency(piece) is not None:
        return piece
    if (ranked := _RANK_AFTER_NAME.fullmatch(piece)) and not _JOB_START.match(piece):
        return ranked["name"]
    if _ROLE.search(piece) is None:
        return piece
    match = _ROLE_AFTER_NAME.fullmatch(piece)
    if match is None or _ROLE.search(match["name"]) or _JOB_START.match(match["name"]):
        return ""
    return match["name"]


def _is_name(name: str) -> bool:
    return (
        _MIN_NAME_CHARS <= len(name) <= _MAX_NAME_CHARS
        and len(name.split()) <= _MAX_NAME_WORDS
        and name.lower() not in _ABSENT
        and not _NO_NAME.search(name)
    )
