"""The forms of lines of plain text that is no article: data, code, logs and lists."""

from __future__ import annotations

import re
from dataclasses import dataclass

MIN_LINES = 5


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
    least: int = MIN_LINES
    sign: re.Pattern[str] | None = None


SHELL = Form(
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
)  # fmt: skip
"""A line of a shell script or of a terminal."""
PROGRAM = Form(
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
)  # fmt: skip
"""A line in most programming languages."""

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
    SHELL,
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
    PROGRAM,
)  # fmt: skip
"""The forms, each with a line that must match and one that must not."""
