"""Wire copy with the header of ANPA 1312, as agencies send text: ``^BC-SALTBY-BRIDGE, 1st Ld-Writethru,0212<``."""

from __future__ import annotations

import re

from workers.clean.fields import agencies
from workers.clean.input.formats.base import Fields, Format, Group

_SLUG = re.compile(
    r"""
    (?: [a-z]\d{3,4} [ ] \n? )?
    \^? (?P<slug> [A-Z]{2} (?: [-–] | \x20\x1e ) [^\n<,]{2,80} ) (?: , [^\n<]{0,100} )? <? [ \t]* \n
    """,
    re.VERBOSE,
)
_WORD_COUNT = re.compile(r",\s?\d{3,4}<?\s*$")
_LINE_END = re.compile(r"[<=\s]+$")
_NOTE = re.compile(
    r"(?:eds?|editors?|adv(?:isory)?|with|note|embargo(?:ed)?|for release|ap photos?|graphic)\b.{0,20}:?.*",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:by|von|par|por)[ ](?P<name>.{2,100})", re.IGNORECASE)
_JOB = re.compile(r".{2,40}\b(?:writer|correspondent|reporter|editor)s?", re.IGNORECASE)
_MAX_HEAD_LINES = 20
_RECORDED = re.compile(r"\^.{1,200}|[^<>=]{2,200}[<=]")
"""The lines of a header that the rule ``wire-header`` takes out of the text, so that its record has them."""


def _matches(text: str) -> bool:
    """Whether a text starts with the slug of a wire, which has a mark or a word count."""
    found = _SLUG.match(text)
    return found is not None and (
        found[0].startswith("^") or found[0].rstrip().endswith("<") or _WORD_COUNT.search(found[0]) is not None
    )


def _read(text: str) -> Fields:
    """The fields of the header and the text."""
    found = _SLUG.match(text)
    assert found is not None
    fields: Fields = {}
    people: list[str] = []
    lines = text[found.end() :].split("\n")
    body_from = 0
    for line in lines[:_MAX_HEAD_LINES]:
        stripped = line.strip()
        if stripped and not (stripped.startswith("^") or stripped.endswith(("<", "="))):
            break
        body_from += 1
        value = _LINE_END.sub("", stripped.lstrip("^")).strip()
        if (byline := _BYLINE.fullmatch(value)) is not None:
            people.append(_in_title_case(byline["name"]))
        elif agencies.agency(value):
            people.append(value)
        elif value and not _NOTE.fullmatch(value) and not (people and _JOB.fullmatch(value)):
            fields.setdefault("headline", value)
    fields["byline"] = people
    header = [line for line in (*found[0].split("\n"), *lines[:body_from]) if _RECORDED.fullmatch(line.strip())]
    fields["body"] = "\n\n".join((*header, "\n".join(lines[body_from:])))
    return fields


def _in_title_case(name: str) -> str:
    return " ".join(word.title() if word.isupper() and len(word) > 2 else word for word in name.split())


FORMAT: Format[str] = Format(
    name="Wire copy (ANPA)",
    recognised_by="a first line `^BC-SLUG,0212<`; the header's lines start with `^` and end with `<` or `=`",
    link="https://en.wikipedia.org/wiki/ANPA-1312",
    group=Group.AGENCIES,
    text_in="the lines below the header",
    matches=_matches,
    read=_read,
)
