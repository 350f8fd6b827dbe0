"""Plain text that is no article: data, code, logs and lists that crawlers send by mistake.

The test is strict: nearly every line must have the form, since articles quote code and have tables.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from workers.clean.input import no_article_lists, no_article_words
from workers.clean.units import make_unit

_MAX_LINES = 300
_MIN_LINES = 5
_MIN_CSV_SEPARATORS = 2
_MIN_SHARE_OF_CSV = 0.9
_MAX_SHARE_OF_SENTENCES = 0.2
_MAX_CSV_ROWS = 20
_COLUMN = re.compile(r"[a-z][\w.-]{0,30}")
_COLUMNS = frozenset(
    {"title", "headline", "url", "link", "date", "published", "text", "body", "content", "id", "author"}
)
"""Names, one of which a table of articles has among its columns."""
_MIN_INDEX_LINES = 8
_MIN_SHARE_OF_TEASERS = 0.2
_MAX_LINE_CHARS = 500
_SENTENCE_ENDS = (".", "!", "?", "…", "”", "’")
_MIN_SENTENCE_BLANKS = 6


@dataclass(frozen=True, slots=True)
class Form:
    """What a line of some kind of text looks like; a text is of the kind if at least ``share`` of its lines are.

    ``sign``: what such a text must have somewhere, where a text of another kind may have such lines, too.
    """

    kind: str
    line: re.Pattern[str]
    share: float
    example: str
    counter_example: str
    least: int = _MIN_LINES
    sign: re.Pattern[str] | None = None


FORMS = (
    Form(
        "robots.txt",
        re.compile(
            r"(?:user-agent|disallow|allow|sitemap|crawl-delay|host|clean-param|noindex)[ \t]*:.*|#.*", re.IGNORECASE
        ),
        0.9, "User-agent: *", "Host of the evening: Mara Quill, who sang", least=2,
        sign=re.compile(r"^(?:user-agent|disallow|allow|sitemap)[ \t]*:", re.IGNORECASE | re.MULTILINE),
    ),
    Form(
        "a log file",
        re.compile(
            r"""
              [\[(]? \d{4} [-/] \d\d [-/] \d\d [T ,_]{1,2} \d\d : \d\d : \d\d .*
            | (?: [A-Z][a-z]{2}[ ]{1,2} )? [A-Z][a-z]{2} [ ]{1,2} \d{1,2} [ ] \d\d:\d\d:\d\d [ ] \S+ .*
            | \d{1,3} (?: \. \d{1,3} ){3} [ ] \S+ [ ] \S+ [ ] \[ .*
            | [IWEF]\d{4} [ ] \d\d:\d\d:\d\d\.\d+ [ ] .*
            | [\[(]? (?: DEBUG | INFO | WARN(?:ING)? | ERROR | FATAL | TRACE ) [\])]? [: \t] .*
            | \s+ at [ ] [\w.$<>]+ \( .* | Traceback[ ]\(most .* | \s* File[ ]".*
            """,
            re.VERBOSE,
        ),
        0.8, "2026-05-04 10:42:07 INFO started", "10:42 The mayor arrives at the town hall.", least=2,
    ),
    Form(
        "a log of changes",
        re.compile(r"commit [0-9a-f]{7,40}\b.*|(?:Author|AuthorDate|Commit|CommitDate|Date|Merge): .*|\s{4}.*"),
        0.9, "commit 8f14e45fceea167a5a36dedd4bea2543", "Commit yourselves to the boats, the mayor said",
    ),
    Form(
        "a log of changes",
        re.compile(
            r"diff --\w+ .*|index [0-9a-f]{3,40}\.\..*|(?:---|\+\+\+) \S.*|@@ -\d.*|[-+ ].*|(?:new|deleted) file .*"
        ),
        0.9, "+++ b/boats.txt", "Boats - eleven of them", least=3, sign=re.compile(r"^@@ -\d", re.MULTILINE),
    ),
    Form(
        "directory listing",
        re.compile(
            r"""
              total[ ]\d+ | [dlbcps-][rwxsStT-]{9}[.+@]? [ ] .*
            | [\w./-]{1,100} \. \w{1,5} \s+ (?: \S+ \s+ ){0,3} \d[\d.,]* [ ]? (?: [KMGT]i?B? | [Bb]ytes )? \b .*
            """,
            re.VERBOSE,
        ),
        0.9, "story-1.html  12 KB  2026-05-04", "Total of 48 boats in the harbour", least=4,
    ),
    Form(
        "a dump of bytes",
        re.compile(
            r"""
              (?:0x)? [0-9a-f]{4,16} :? \s+ (?: [0-9a-f]{2,4} \s+ ){4,16} .*
            | [A-Za-z0-9+/]{32,} ={0,2} | -{5} (?: BEGIN | END ) [ ] [A-Z ]+ -{5}
            """,
            re.IGNORECASE | re.VERBOSE,
        ),
        0.9, "00000010  48 65 6c 6c 6f 20 77 6f  |Hello wo|", "1912 fire, 1950 flood, 1988 storm", least=2,
    ),
    Form(
        "a playlist", re.compile(r"\#EXT.*|(?:\S{1,400}/)?[\w.%-]{1,200}\.(?:ts|m4s|m3u8?|mp[34]|aac|webm)(?:\?\S*)?"),
        0.9, "#EXTINF:10,", "# Extinct birds", least=2, sign=re.compile(r"^#EXT", re.MULTILINE),
    ),
    Form(
        "a list of tags",
        re.compile(r"(?=[^\W\d]).{1,40}[ ]\(\d{1,6}\)"),
        0.9, "harbour (31)", "Ada Birch (Saltby)",
    ),
    Form(
        "a configuration file",
        re.compile(
            r"""
              \[ [\w .:/-]{1,60} \] | [\w.-]{1,60} \s* = \s* \S.* | [;\#].*
            | \s* (?: -\s+ )? [a-z][\w./-]{0,40} : (?: \s+ \S{1,80} )? | \s* - \s \S{1,80}
            """,
            re.VERBOSE,
        ),
        0.9, "port = 8080", "Saltby Primary: closed", least=4,
        sign=re.compile(r"^\s*(?:-\s+)?[\w./-]{1,60}\s*[=:]", re.MULTILINE),
    ),
    Form(
        "a configuration file",
        re.compile(
            r"""
              \[ [\w.:-]{1,60} \] | [A-Z][A-Z\d]* _ [A-Z\d_]* = .*
            | [a-z][\w.-]{0,60} [ ]? = [ ]? (?: ["'\d\[{] | true\b | false\b ) .*
            """,
            re.VERBOSE,
        ),
        0.9, 'name = "boats"', "SALTBY=HOLM: a dead heat", least=2,
    ),
    Form(
        "a configuration file",  # a crontab
        re.compile(
            r"""
              (?: @(?: reboot | yearly | annually | monthly | weekly | daily | midnight | hourly )
                | (?=[^a-z]*\*) [\d*/,-]+ (?: \s+ [\d*/,-]+ ){2} (?: \s+ [\w*/,-]+ ){2} ) \s+ \S.*
            | \#.* | [A-Z_]+ \s? = .*
            """,
            re.VERBOSE,
        ),
        0.9, "*/15 * * * 1-5 /srv/boats/count", "5 4 3 2 1 the crowd counted", least=1,
        sign=re.compile(r"^(?:@[a-z]+|[\d*/,-]+ .*\*.*) \S", re.MULTILINE),
    ),
    Form(
        "SQL",
        re.compile(
            r"""
              (?: INSERT\ INTO | CREATE\ (?:TABLE|INDEX|DATABASE|VIEW) | SELECT\ .*\ FROM | DELETE\ FROM | ALTER\ TABLE
                | DROP\ TABLE | UPDATE\ .*\ SET ) \b .*
            | \( .* \) [,;] | -- .* | .* ; | \);?
            | \s* [\w"`]+ \s (?: INT | BIGINT | SERIAL | TEXT | VARCHAR | CHAR | DATE | TIMESTAMP | BOOLEAN | REAL )
              \b .*
            """,
            re.VERBOSE,
        ),
        0.9, "INSERT INTO boats VALUES (1, 'Gull');", "Select boats sail from the harbour on Monday",
        least=1,
        sign=re.compile(r"^(?:INSERT|CREATE|SELECT|DELETE|ALTER|DROP|UPDATE)\b.*(?:[;*(]|=| FROM )", re.MULTILINE),
    ),
    Form(
        "a style sheet",
        re.compile(
            r"""
              [^{}]{1,200} \{ [^{}]* (?: \{ [^{}]* \} \s* )* \}?
            | \s* [\w-]{2,40} \s* : [^{}]{1,200} ; | \s* \} | /\*.* | @[\w-]+ \s .* ;
            """,
            re.VERBOSE,
        ),
        0.9, "body { margin: 0; }", "Margin: the council won by two votes", least=3,
    ),
    Form(
        "a list of links",
        re.compile(r"(?:https?://|www\.)\S+"),
        1.0, "https://valley.example/ferry", "Ferry crews vote: https://valley.example/ferry", least=1,
    ),
    Form(
        "a list of links",
        re.compile(r"(?:[•*–-] ?|\d{1,3}[.)] ?)?(?:.{0,120}?[:\s<(])?(?:https?://|www\.)\S+[>)]?|/[\w./?=&%-]{2,200}"),
        0.8, "Ferry crews vote: https://valley.example/ferry", "See https://valley.example for more on the vote",
    ),
    Form(
        "JSON",
        re.compile(
            r"""
            \s*
            (?: ["'] [\w .$@-]{1,60} ["'] \s* : .*
              | [\[\]{}]+ ,?
              | ["'] [^"']* ["'] ,?
              | -? [\d.]+ ,?
              | (?: true | false | null ) ,?
            )
            \s*
            """,
            re.VERBOSE,
        ),
        0.9, '"headline": "Ferry crews vote",', "“Stay,” she said: it was late.",
    ),
    Form(
        "source code",
        re.compile(
            r"""
            \s* (?:
                (?: [\w.-]{1,30}@[\w.-]{1,60} [: ] \S{0,60} [$\#] | [$%] ) \s \S.*
              | (?: sudo | apt | apt-get | yum | dnf | apk | brew | npm | npx | yarn | pip3? | python3? | git | docker
                  | kubectl | systemctl | chmod | chown | mkdir | rmdir | rm | mv | cp | ls | cd | curl | wget | ssh
                  | scp | rsync | tar | unzip | grep | sed | awk ) \s \S.*
              | (?: echo | cat | make | find | set | cut | export | source | alias | kill | head | tail | sort | touch )
                \s .* [=/$~"'|<>*-] .*
              | make \s [a-z]+ | exit (?: \s \d+ )?
              | (?: for | while | until | if ) \s .* ; \s* (?: do | then ) | (?: then | do | done | fi | else | esac )
              | set \s -\w+ | \#!.* | \#\s.* | $
            )
            """,
            re.VERBOSE,
        ),
        0.8, "sudo apt install nginx", "make me a willow cabin at your gate", least=2,
        sign=re.compile(r"^(?:.{0,90}[$#%] )?[a-z]|^#!", re.MULTILINE),
    ),
    Form(
        "source code",  # a Makefile
        re.compile(
            r"""
              [\w.%/$(){}-]+ (?: [ ][\w.%/$(){}-]+ ){0,9} [ ]? ::? (?: [ ] [\w.%/$(){}*|-]+ )*
            | [\w.-]+ [ ]? [:?+!]?= .* | \t.* | \#.* | (?: ifn?eq | ifn?def | else | endif | -?include | export ) \b .*
            """,
            re.VERBOSE,
        ),
        0.9, "boats: gull.o tern.o", "Boats: the gull, the tern", least=2,
        sign=re.compile(r"^[\w.%/$(){}-]+[ ]?:(?:[ ].*)?\n\t\S", re.MULTILINE),
    ),
    Form(
        "source code",  # a terminal: commands, and lines of any form that they write
        re.compile(r"(?:[\w.-]{1,30}@[\w.-]{1,60}[: ]\S{0,60} ?[$#]|(?:PS )?[A-Z]:\\[^>]{0,80}>)(?: ?\w.*)?"),
        0.1, "ida@quay:~/boats$ ls -la", "ida@quay.example wrote: 3 boats", least=2,
        sign=re.compile(
            r"^(?:[\w.-]{1,30}@[\w.-]{1,60}[: ]\S{0,60} ?[$#]|(?:PS )?[A-Z]:\\[^>\n]{0,80}>)[ ]?\w", re.MULTILINE
        ),
    ),
    Form(
        "source code", re.compile(r".*[;}]|<\?.*\?>"), 1.0, "boats = 3;", "Boats = 3, crews = 0", least=1,
        sign=re.compile(r"[={}]|\w\(|<\?"),
    ),
    Form(
        "source code",
        re.compile(
            r"""
              (?: FROM | RUN | COPY | ADD | WORKDIR | CMD | ENTRYPOINT | ENV | EXPOSE | ARG | LABEL | USER | VOLUME
                | HEALTHCHECK | ONBUILD | SHELL | STOPSIGNAL ) \s .*
            | \s .* | \#.*
            """,
            re.VERBOSE,
        ),
        0.9, "FROM python:3.12-slim", "From the harbour they sailed on.", least=2,
        sign=re.compile(r"^FROM [a-z][\w./-]*(?::[\w.-]+)?(?: (?:AS|as) [\w-]+)?$", re.MULTILINE),
    ),
    Form(
        "source code",
        re.compile(
            r"""
            \s* (?:
                (?: import | from | package | using | \#include | \#define | use | require ) \b [^.!?]* [\w;>"')*]
              | (?: def | class | function | func | fn | interface | struct | public | private | protected | static
                  | const | let | var | async ) \s .* [:{(;,]
              | (?: if | for | while | switch | elif | else[ ]if | catch ) \s? \( .*
              | (?: if | for | while | elif | with | try | else | except | finally ) \b [^.!?]* :
              | (?: sudo | git | npm | docker | pip | curl | apt-get | systemctl | chmod | mkdir | echo | export | cd )
                [ ] \S.*
              | return \b [^.!?]* | (?: else | do | try | finally ) \s? \{? | pass | break | continue
              | .* [;{}] | .* \) \s? => \s? .* | [})\]]+ [;,]? | //.* | /\*.* | \*/? (?:\s.*)? | \#[^\s]?.* | @\w+ .*
              | [\w.$\[\]]+ \s? (?: [-+*/|]? = | \( ) [^!?]* | <[/?!]?\w[^<>]*> .*
              | (?: SELECT | INSERT | UPDATE | DELETE | CREATE | FROM | WHERE ) \s [A-Z\w*,.\s()='"]+
            ) \s*
            """,
            re.VERBOSE,
        ),
        0.8, "const boats = harbour.count();", "From the harbour they sailed on.", least=2,
        sign=re.compile(r"[={}\[\]<>$\\]|\w\(|\w\.[a-z]{2}|::"),
    ),
)  # fmt: skip
"""The forms, each with a line that must match and one that must not."""

_STACK_TRACE = re.compile(
    r"""
      Traceback[ ]\(most[ ]recent[ ]call[ ]last\):
    | Exception[ ]in[ ]thread[ ]
    | (?: [\w$]+ \. ){0,9} [A-Z]\w{0,60} (?:Error|Exception) \b [^\n]{0,500} \n \s+ at[ ]
    """,
    re.VERBOSE,
)
_BASE64 = re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=\D*\d)[A-Za-z0-9+/_-]{60,}={0,2}")
_TEASER = re.compile(
    r"""
      (?: read | continue | see | view ) (?: [ ] (?: more | all | reading | full[ ]story | story | article ) )+
      [ »›→….]*
    | (?: \d{1,2} | an? ) [ ] (?: min(?:ute)?s? | hours? | days? | weeks? | h | d ) [ ] ago
    | (?: [a-z]{3,9} ,? [ ] )? \d{1,2} \.? [ ] [a-z]{3,9} \.? ,? [ ] (?:19|20)\d\d
    | [a-z]{3,9} \.? [ ] \d{1,2} ,? [ ] (?:19|20)\d\d
    | \d{4}-\d\d-\d\d | \d{1,2}[./]\d{1,2}[./]\d{2,4} | \d+ [ ] comments?
    | weiterlesen | mehr | lire[ ]la[ ]suite | leer[ ]más
    """,
    re.IGNORECASE | re.VERBOSE,
)


def kind(text: str) -> str | None:
    """Return what a plain text is instead of an article, or None if it may be one."""
    lines = [line[:_MAX_LINE_CHARS] for line in text.split("\n", _MAX_LINES)[:_MAX_LINES] if line.strip()]
    if _is_json(text):
        return "JSON"
    if no_article_words.is_subtitles(lines):
        return "subtitles"
    if len(lines) < 2:
        return _kind_of_line(text.strip())
    if _STACK_TRACE.match(text):
        return "the error of a program"
    if _has_header(lines):
        return "CSV"
    if sum(map(_is_sentence, lines)) > _MAX_SHARE_OF_SENTENCES * len(lines):
        return None
    if (len(lines) >= _MIN_LINES and _is_csv(lines)) or no_article_lists.is_table(lines):
        return "CSV"
    if found := _kind_by_form(text, lines):
        return found
    if no_article_words.is_code(text):
        return "source code"
    if _is_index(lines):
        return "an index page"
    return "a list of headlines" if not _has_stanzas(text) and no_article_lists.is_headlines(lines) else None


def _kind_by_form(text: str, lines: Sequence[str]) -> str | None:
    for form in FORMS:
        if len(lines) >= form.least and _has_form(lines, form) and (form.sign is None or form.sign.search(text)):
            return form.kind
    return None


def _has_form(lines: Sequence[str], form: Form) -> bool:
    """Whether nearly all lines have the form, and at most one of the others is a sentence of an article around it."""
    others = [line for line in lines if not form.line.fullmatch(line.rstrip())]
    return len(others) <= (1 - form.share) * len(lines) and sum(map(_is_sentence, others)) <= 1


def _kind_of_line(line: str) -> str | None:
    """Return what a text of one line is instead of an article, or None if it may be one."""
    if no_article_lists.is_tags(line):
        return "a list of tags"
    if _BASE64.fullmatch(line):
        return "a dump of bytes"
    if _is_sentence(line):
        return None
    return _kind_by_form(line, [line]) or ("source code" if no_article_words.is_code(line) else None)


def _has_stanzas(text: str) -> bool:
    """Whether blank lines part the lines into groups, as in verse."""
    groups = text.strip().split("\n\n", _MAX_LINES)
    return len(groups) > 1 and any("\n" in group for group in groups)


def _is_sentence(line: str) -> bool:
    return line.rstrip().endswith(_SENTENCE_ENDS) and line.count(" ") >= _MIN_SENTENCE_BLANKS


def _is_json(text: str) -> bool:
    stripped = text.strip()
    if stripped[:1] + stripped[-1:] not in ("{}", "[]"):
        return False
    try:
        return isinstance(orjson.loads(stripped), dict | list)
    except orjson.JSONDecodeError:
        return False


def _is_csv(lines: Sequence[str]) -> bool:
    for separator in ("\t", ";", ",", "|"):
        counts = Counter(
            len(re.findall(r",(?! )", line)) if separator == "," else line.count(separator) for line in lines
        )
        count, times = counts.most_common(1)[0]
        if count >= _MIN_CSV_SEPARATORS and times >= _MIN_SHARE_OF_CSV * len(lines):
            return True
    return False


def _has_header(lines: Sequence[str]) -> bool:
    """Whether the first line holds names of columns, one of them of an article, and the second as many values."""
    for separator in ("\t", ";", ",", "|"):
        names = [name.strip(' "\ufeff').lower() for name in lines[0].split(separator)]
        if len(names) > _MIN_CSV_SEPARATORS and all(map(_COLUMN.fullmatch, names)) and not _COLUMNS.isdisjoint(names):
            try:
                rows = list(csv.reader(lines[:_MAX_CSV_ROWS], delimiter=separator))
            except csv.Error:
                return False
            return len(rows) > 1 and len(rows[1]) == len(names)
    return False


def _is_index(lines: Sequence[str]) -> bool:
    """Whether the lines are headlines and teasers with dates or pointers between them, and no prose."""
    units = [make_unit(0, line.strip()) for line in lines]
    if len(units) < _MIN_INDEX_LINES or any(unit.prose for unit in units):
        return False
    return sum(1 for unit in units if _TEASER.fullmatch(unit.text)) >= _MIN_SHARE_OF_TEASERS * len(units)
