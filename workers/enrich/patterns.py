"""Names that the form of the text gives away: in datelines, credits and bylines. A table of rules with examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from workers.enrich.gazetteer import common_words, is_city
from workers.enrich.lexicon import entries, not_names
from workers.enrich.spans import NamedSpan, trim
from workers.enrich.types import BY_RULE, EVENT, GPE, NORP, ORG, PERSON, PRODUCT
from workers.vocabulary.agencies import PHOTO_AGENCY
from workers.vocabulary.desks import DESK
from workers.vocabulary.letters import CAPITAL
from workers.vocabulary.months import MONTH
from workers.vocabulary.particles import PARTICLE

_LETTERS = r"[\w'’-]{1,40}"
_FIRST_LETTER = rf"{CAPITAL}(?<!\w.)"
"""The capital that begins a word. With the lookbehind after it, a search skips to capitals: half the time."""
_LINE_BEGINS = r"[A-Z](?<![^\n].)"
"""The capital that begins a line. Checked after it, as a search for ``^`` tries every character."""
_INITIAL = rf"{CAPITAL}\."
_NAME = (
    rf"(?!By[ ]){CAPITAL}{_LETTERS}"
    rf"(?:[ ](?:{_INITIAL}|{CAPITAL}{_LETTERS}|{PARTICLE}\b)){{1,4}}"
    r"(?!\w)"
)
"""Two to five words. Spaces are in brackets so that verbose expressions can contain it."""

_TYPE_OF_GROUP = {
    "place": GPE,
    "region": GPE,
    "town": GPE,
    "agency": ORG,
    "organisation": ORG,
    "storm": EVENT,
    "ship": PRODUCT,
    "party": NORP,
    "person": PERSON,
    "people": PERSON,
}
STORM_WORDS = ("Storm", "Hurricane", "Typhoon", "Cyclone")
_ANY_NAME = re.compile(_NAME)
_PICTURE_WORDS = frozenset(
    f"{word}{s}" for word in ("Photo", "Photograph", "Picture", "Image", "Illustration") for s in ("", "s")
)
_GROUPS_WITH_BRACKETS = ("Nation", "Tribe", "Party", "Union", "Group", "Front")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule: an expression whose named groups capture names.

    The groups are ``place``, ``town`` (which must be known), ``region``, ``agency``, ``organisation``, ``storm``,
    ``ship``, ``party``, ``person``, and ``people`` for a list of several. The expression matches ``example`` and does
    not match ``counterexample``; the tests check both.
    """

    id: str
    expression: re.Pattern[str]
    example: str
    counterexample: str
    words: frozenset[str] = frozenset()
    marks: tuple[str, ...] = ()
    """Every text that matches has one of these words, and one of these marks: to skip the others quickly."""

    def may_match(self, text: str, words: Set[str]) -> bool:
        """Whether a text with those words has one of the pattern's words and one of its marks, where it needs them."""
        return (not self.words or not words.isdisjoint(self.words)) and (
            not self.marks or any(mark in text for mark in self.marks)
        )


PATTERNS = (
    Pattern(
        "dateline",
        re.compile(
            rf"""
            (?P<place> {_LINE_BEGINS} [A-Z.'’-]+ (?: [ ][A-Z][A-Z.'’-]+ ){{0,3}} )
            (?: ,[ ] (?P<region> [A-Z][\w.]* (?: [ ][A-Z]\w+ ){{0,3}} ) )?
            (?: ,[ ] {MONTH} \.? [ ] \d{{1,2}} )?
            \.? \s{{0,3}}
            (?:
                \( (?P<agency> [A-Z][\w. ]{{1,30}} ) \) \s{{0,3}} (?: [-–—] | $ )
              | \s [-–—]{{1,2}} (?: \s | $ )
            )
            """,
            re.MULTILINE | re.VERBOSE,
        ),
        "VALPARAISO, Chile, March 3 (Reuters) - The harbour was closed.",
        "The harbour of VALPARAISO (closed since March) reopened.",
    ),
    Pattern(
        "dateline before a sentence",
        re.compile(
            rf"""
            (?P<town> {_LINE_BEGINS} [A-Z.'’-]+ (?: [ ][A-Z][A-Z.'’-]+ ){{0,3}} )
            (?: ,[ ] {MONTH} \.? [ ] \d{{1,2}} )?
            (?: [ ]? \( (?P<agency> [A-Z][\w. ]{{1,30}} ) \) :? | : )
            (?= [ ] [A-Z"“] )
            """,
            re.MULTILINE | re.VERBOSE,
        ),
        "SHIMLA, Oct 7 (PTI) The road was closed.",
        "UPDATE 2: SHIMLA (PTI)",
    ),
    Pattern(
        "picture credit",
        re.compile(
            rf"\b{PHOTO_AGENCY} ?/ ?"
            r"(?:Pool ?/ ?)?"
            rf"(?P<person>{_NAME})"
            r"(?=$| ?[\n/.)(|])"
        ),
        "Ships wait outside the harbour. REUTERS/Marta Oyelaran/File Photo",
        "Ships wait outside the harbour. REUTERS/2024",
        marks=("/",),
    ),
    Pattern(
        "credit line",
        re.compile(
            rf"""
            \b
            (?:
                Reporting
              | Additional[ ]reporting
              | Writing
              | Editing
              | Compiled
              | Photographs?
              | Photos?
              | Pictures?
              | Illustration
            )
            (?: [ ]and[ ] (?: additional[ ] )? [a-z]+ )?
            [ ]by[ ]
            (?P<people> {_NAME} (?: (?: ,[ ]and[ ] | [ ]and[ ] | ,[ ] ) {_NAME} ){{0,20}} )
            """,
            re.VERBOSE,
        ),
        "(Reporting by Marta Oyelaran and Jon Aske; Editing by Li Hua Brand)",
        "The reporting by local papers was thin.",
        frozenset({"Reporting", "Additional", "Writing", "Editing", "Compiled"} | _PICTURE_WORDS),
    ),
    Pattern(
        "labelled credit",
        re.compile(
            rf"""
            ^ (?: Photo(?:graph)? | Picture | Image | Illustration ) s? :[ ]
            (?P<person> {_NAME} ) [ ]?/[ ]? (?P<agency> {CAPITAL}[\w.&-]* (?: [ ]{CAPITAL}[\w.&-]* ){{0,3}} )
            (?= [.)]? $ )
            """,
            re.MULTILINE | re.VERBOSE,
        ),
        "Photo: Marta Oyelaran/Harbour Notes",
        "Photo: the harbour and/or the quay",
        _PICTURE_WORDS,
    ),
    Pattern(
        "platform",
        re.compile(r"\b(?:on|to) (?P<organisation>X)(?=[.,;:\n]| (?!axis|factor)[a-z]|$)"),
        "The minister wrote on X that she would resign.",
        "The dose was shown on X-rays.",
        frozenset({"X"}),
    ),
    *(
        Pattern(
            f"journal {name}",
            re.compile(
                r"\b(?:published|appeared|appears|reports?|reported|wrote|writes?|study|paper|findings|results|journal"
                r"|describes?|described|details?|research|analysis|discovery)\b"
                rf"[^.\n]{{0,40}}\b(?:in|journal) (?P<organisation>{name})"
                r"(?=[.,;:\n]| (?:on|and|or|this|last|show)\b|$)"
            ),
            f"The team reports in {name}.",
            f"A report on life in {name} Valley.",
            frozenset({name}),
        )
        for name in ("Nature", "Science", "Cell")
    ),
    *(
        Pattern(
            word.lower(),
            re.compile(
                rf"\b(?P<storm>{word} (?!(?:Cent(?:er|re)|Season|Warning|Watch|Hunters?)\b)[A-Z][a-z]+)(?! [A-Z])"
            ),
            f"{word} Amy cut power to Donegal.",
            f"The {word.lower()} Amy saw was over.",
            frozenset({word}),
        )
        for word in STORM_WORDS
    ),
    Pattern(
        "attorney's office",
        re.compile(
            r"\b(?P<organisation>(?:(?:U\.S\.|State) )?(?:[A-Z][a-z]+ ){0,2}?"
            r"(?:(?:District |State )?Attorney(?: General)?|Sheriff|Prosecutor|Coroner|Marshal)['’]s"
            r" (?:Office|Department))\b"
        ),
        "The U.S. Attorney's Office brought the case.",
        "The attorney's office was closed.",
        frozenset({"Attorney", "Sheriff", "Prosecutor", "Coroner", "Marshal"}),
    ),
    Pattern(
        "judicial district",
        re.compile(
            r"\b(?P<region>(?:Northern|Southern|Eastern|Western|Central|Middle) District of"
            rf" {CAPITAL}{_LETTERS}(?: {CAPITAL}{_LETTERS})?)"
        ),
        "She is a prosecutor for the Northern District of Vellmar.",
        "The northern district of Vellmar was flooded.",
        frozenset({"District"}),
    ),
    Pattern(
        "party's people",
        re.compile(
            r"\b(?P<party>Conservative|Liberal)"
            r" (?:leader|lawmakers?|MPs?|MEPs?|caucus|senators?|peers?|councillors?|candidates?|mayor|minister|premier"
            r"|backbenchers?|voters|government)\b"
        ),
        "The bill was drafted by a Liberal senator.",
        "A Liberal Democrat spoke.",
        frozenset({"Conservative", "Liberal"}),
    ),
    Pattern(
        "ship",
        re.compile(
            rf"(?<!\w)(?P<ship>(?:USS|HMS|HMAS|HMCS|INS)"
            rf" {CAPITAL}{_LETTERS}(?: (?:{_INITIAL}|{CAPITAL}{_LETTERS})){{0,3}})"
        ),
        "The USS Marta Oyelaran left Norfolk.",
        "The USS has ships in CAINS Harbour.",
        marks=("USS ", "INS ", "HM"),
    ),
    Pattern(
        "name with brackets",
        re.compile(
            rf"(?P<organisation>{_FIRST_LETTER}{_LETTERS} \({CAPITAL}[a-z]{{1,40}}\)"
            rf" (?:{'|'.join(_GROUPS_WITH_BRACKETS)}))\b"
        ),
        "She is a citizen of the Muscogee (Creek) Nation.",
        "The Harbour Board (HB) Union",
        frozenset(_GROUPS_WITH_BRACKETS),
        (") ",),
    ),
    *(
        Pattern(
            "nickname",
            re.compile(
                rf"(?P<person>{_FIRST_LETTER}{_LETTERS} {opening}{CAPITAL}{_LETTERS}"
                rf"(?: {CAPITAL}{_LETTERS})?{closing} {CAPITAL}{_LETTERS})"
            ),
            f"Prosecutors charged Marta {opening}Storm{closing} Oyelaran.",
            f"She wrote {opening}Storm{closing} last year.",
            marks=(f" {opening}",),
        )
        for opening, closing in ('""', "“”")
    ),
)

_DESK_WORD = re.compile(rf"\b{DESK}\b", re.IGNORECASE)

ADDRESS = Pattern(
    "address",
    re.compile(
        r"""
        \b (?: https?:// | www\. ) \S+            # a URL
        | (?<!\S) [\w.+-]{1,64} @ [\w-]+ \.\w\S*  # an e-mail address
        | (?<!\w) @\w+                            # a handle
        """,
        re.VERBOSE,
    ),
    "See https://example.org/London/Reuters for more.",
    "See London for more.",
    marks=("@", "://", "www."),
)
"""URLs, e-mail addresses and handles."""

TICKER = Pattern(
    "ticker",
    re.compile(
        r"""
        \(\s?
        (?:
            (?: NASDAQ | Nasdaq | NYSE | LSE | TSX | ASX | HKEX | OTC ) \s?:\s? [A-Z0-9.]{1,8}
          | \^? [A-Z0-9]{1,6} \. [A-Z]{1,3}  # a Reuters code
        )
        \s?\)
        """,
        re.VERBOSE,
    ),
    "Nvidia (NVDA.O) rose.",
    "The Harbour Board (HB) met.",
    marks=("(",),
)

CASHTAG = Pattern("cashtag", re.compile(r"\$[A-Z]{1,5}\b"), "$NVDA rose.", "It cost US$5 and A$7.", marks=("$",))

TITLE_OF_WORK = Pattern(
    "title of a work, in one word",
    re.compile(
        r"[\"“](?<!called .)(?<!dubbed .)(?<!named .)(?<!known as .)"
        rf"{CAPITAL}{_LETTERS}[\"”](?! {CAPITAL})"
    ),
    'The choir sang "Jerusalem" twice.',
    'He was called "Jerusalem" by his friends.',
    marks=('"', "“"),
)


def find_codes(text: str, words: Set[str]) -> Iterator[tuple[int, int]]:
    """The start and end of codes and of works' titles in a text with those words: no names are searched for in them."""
    for pattern in (ADDRESS, TICKER, CASHTAG, TITLE_OF_WORK):
        if pattern.may_match(text, words):
            yield from (match.span() for match in pattern.expression.finditer(text))


def match_patterns(text: str, words: Set[str]) -> Iterator[NamedSpan]:
    """The names that ``PATTERNS`` capture in a text with those words, in the order of the rules."""
    for pattern in (pattern for pattern in PATTERNS if pattern.may_match(text, words)):
        for match in pattern.expression.finditer(text):
            for group, name in match.groupdict().items():
                if (
                    name is None
                    or name in not_names()
                    or (group == "place" and not match.groupdict().get("region") and _is_slug(name))
                ):
                    continue
                if group == "town" and not is_city(name.title()):
                    continue
                spans = (found.span() for found in _ANY_NAME.finditer(text, *match.span(group)))
                for start, end in spans if group == "people" else [match.span(group)]:
                    is_known = group == "place" and name in entries().phrases  # THE HAGUE
                    start, end = (start, end) if is_known else trim(text, start, end)
                    yield NamedSpan(start, end, _TYPE_OF_GROUP[group], BY_RULE)


def _is_slug(name: str) -> bool:
    """Whether a dateline's place is no place but the desk's or the subject's word (SOCCER -)."""
    words = name.split()
    is_town = is_city(name.title()) or name in entries().phrases
    return not is_town and all(word.casefold() in common_words() for word in words)


def byline_names(byline: str) -> Iterator[NamedSpan]:
    """Every capitalised name in a byline as a person: bylines contain hardly anything else but agencies and desks.

    Agencies are in the lexicon, which comes first.
    """
    for name in _ANY_NAME.finditer(byline):
        if name.group() not in not_names() and not _DESK_WORD.search(name.group()):
            yield NamedSpan(*name.span(), PERSON, BY_RULE)
