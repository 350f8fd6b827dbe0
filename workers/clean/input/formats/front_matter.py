"""Markdown with the fields in front of it, as trafilatura and site generators write it."""

from __future__ import annotations

import re

from workers.clean.input.formats import similar
from workers.clean.input.formats.base import Fields, Format, Group

_FRONT = re.compile(
    r"""
    (?P<mark> --- | \+\+\+ ) [ \t]*\n
    (?P<fields> (?: (?> [A-Za-z_][\w-]{0,40}+ [ ]*+ [:=] [^\n]*+ | [ \t]++ [^\n]*+ | -[ ] [^\n]*+ )?+ \n ){1,100}? )
    (?P=mark)[ \t]*\n
    """,
    re.VERBOSE,
)
_READER = re.compile(
    r"(?P<fields>Title:[^\n]*\n\s*URL Source:[^\n]*\n(?:\s*[A-Z][\w ]{1,40}:[^\n]*\n){0,8}?)"
    r"\s*Markdown Content:[ \t]*\n"
)
"""The head of Markdown from Jina's reader, whose names have blanks."""
_LABELLED = re.compile(
    r"""
    (?P<fields> (?:Title|Headline): [^\n]*\n
      (?: (?: Authors? | By | Byline | Date | Published | URL | Link | Source | Publisher | Section | Language | Tags
            | Keywords | Summary ) : [^\n]*\n ){1,12}
    ) [ \t]*\n
    """,
    re.VERBOSE,
)
"""Lines with the fields above a text, with a blank line between."""
_FIELD = re.compile(r"([A-Za-z_][\w-]*(?: [A-Z]\w*)?) *[:=][ \t]*(.*)")
_MAX_FRONT_CHARS = 20_000


def _matches(text: str) -> bool:
    """Whether a text starts with fields, of which one names the article."""
    found = _front(text)
    return found is not None and bool({"title", "headline", "url"} & _fields(found["fields"]).keys())


def _read(text: str) -> Fields:
    """The fields and the text."""
    found = _front(text)
    assert found is not None
    return similar.FORMAT.read(_fields(found["fields"])) | {"body": text[found.end() :]}


def _front(text: str) -> re.Match[str] | None:
    if text.startswith(("---", "+++")):
        return _FRONT.match(text[:_MAX_FRONT_CHARS])
    if not text.startswith(("Title:", "Headline:")):
        return None
    return _READER.match(text[:_MAX_FRONT_CHARS]) or _LABELLED.match(text[:_MAX_FRONT_CHARS])


def _fields(front: str) -> dict[str, str | list[str]]:
    """The values by name; a list is in brackets, or has an item on each of the following lines."""
    values: dict[str, str | list[str]] = {}
    items: list[str] = []
    for line in front.split("\n"):
        if match := _FIELD.match(line):
            items, value = [], match[2].strip()
            is_list = value.startswith("[") and value.endswith("]")
            values[match[1].lower()] = (
                [_unquoted(item) for item in value[1:-1].split(",")] if is_list else _unquoted(value)
            )
            if not value:
                values[match[1].lower()] = items
        elif line.strip().startswith("- "):
            items.append(_unquoted(line.strip()[2:]))
    return values


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


FORMAT: Format[str] = Format(
    name="Markdown with front matter",
    recognised_by="lines `name: value` between two lines `---`, with `title`, `headline` or `url`; or `Title: …` first",
    link="https://trafilatura.readthedocs.io",
    group=Group.PAGES,
    text_in="the lines below the fields",
    matches=_matches,
    read=_read,
)
