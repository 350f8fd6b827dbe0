"""Markdown with the fields in front of it, as trafilatura and site generators write it."""

from __future__ import annotations

import re

from workers.clean.input import toml
from workers.clean.input.formats import similar
from workers.clean.input.formats.base import Fields, Format, Group

_FRONT = re.compile(
    r"""
    (?P<mark> --- | \+\+\+ ) [ \t]*\n
    (?P<fields> (?:
      (?> [A-Za-z_][\w-]{0,40}+ [ ]*+ [:=] [^\n]*+ | [ \t]++ [^\n]*+ | (?: -[ ] | [#\[\]] ) [^\n]*+ )?+ \n
    ){1,100}? )
    (?P=mark)[ \t]*\n
    """,
    re.VERBOSE,
)
_READER = re.compile(
    r"(?P<fields>Title:[^\n]*\n\s*URL Source:[^\n]*\n(?:\s*[A-Z][\w ]{1,40}:[^\n]*\n){0,8}?)"
    r"\s*Markdown Content:[ \t]*\n"
)
"""The head of Markdown from Jina's reader, whose names have blanks."""
_LABELS = {
    "title": ("title", "headline", "titel", "überschrift", "schlagzeile", "titre", "título", "titulo", "titular",
              "titolo", "tytuł", "заголовок", "标题", "標題", "subject", "betreff", "objet", "asunto", "oggetto"),
    "author": ("author", "authors", "by", "byline", "autor", "autorin", "autoren", "auteur", "auteurs", "autore",
               "автор", "作者", "from", "von", "de", "da"),
    "date": ("date", "published", "publication date", "datum", "fecha", "data", "дата", "日期", "时间", "時間", "sent",
             "gesendet", "envoyé", "enviado", "inviato"),
    "url": ("url", "link"),
    "source": ("source", "publisher", "publication title", "quelle", "fuente", "fonte", "источник", "来源", "來源"),
    "section": ("section", "ressort", "rubrik", "rubrique", "sección"),
    "language": ("language", "sprache", "langue", "idioma"),
    "keywords": ("keywords", "tags", "schlagwörter", "mots-clés", "palabras clave"),
    "summary": ("summary", "zusammenfassung", "résumé", "resumen"),
    "dateline": ("dateline",),
    "": ("to", "cc", "reply-to", "an", "à", "para", "length"),
}  # fmt: skip
"""How people name the fields above a text, by the name that ``similar`` knows; the empty one is no field."""
_NAMES = {label: name for name, labels in _LABELS.items() for label in labels}
_LABEL = "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True))
_MAX_LABEL_CHARS = max(map(len, _NAMES))
_LABELLED = re.compile(
    rf"""
    (?: -{{3,}} [^\n-]{{3,60}} -{{3,}} [ \t]*\n )?  # of a forwarded e-mail
    (?P<fields> (?:
      (?: {_LABEL} ) [ ]? [:：] [^\n]*\n
      (?: [ \t]*\n (?= (?: {_LABEL} | (?:full[ ])? (?: body | text ) ) [ ]? [:：] ) )?
    ){{2,15}} )
    (?: [ \t]*\n | (?:full[ ])? (?: body | text ) [ ]? : [ \t]*\n? )
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Lines with the fields above a text, with a blank line or ``BODY:`` between; those of a forwarded e-mail, too."""
_LABELLED_FIELD = re.compile(rf"({_LABEL}) ?[:：][ \t]*(.*)", re.IGNORECASE)
_FORWARDED = re.compile(r"(?:(?:fwd?|wg|tr|rv|i|re|aw) ?: ?)+", re.IGNORECASE)
_FIELD = re.compile(r"([A-Za-z_][\w-]*(?: [A-Z]\w*)?) *[:=][ \t]*(.*)")
_MAX_FRONT_CHARS = 20_000


def _matches(text: str) -> bool:
    """Whether a text starts with fields, of which one names the article."""
    found = _front(text)
    return found is not None and bool({"title", "headline", "url"} & _fields_in(found).keys())


def _read(text: str) -> Fields:
    """The fields and the text."""
    found = _front(text)
    assert found is not None
    return similar.FORMAT.read(_fields_in(found)) | {"body": text[found.end() :]}


def _front(text: str) -> re.Match[str] | None:
    if text.startswith(("---", "+++")) and (found := _FRONT.match(text[:_MAX_FRONT_CHARS])):
        return found
    start = text[:_MAX_FRONT_CHARS]
    if start.startswith("Title:") and (found := _READER.match(start)):
        return found
    head = start[: _MAX_LABEL_CHARS + 2]
    return _LABELLED.match(start) if ":" in head or "：" in head or head.startswith("---") else None


def _fields_in(front: re.Match[str]) -> Fields:
    if front.re is _LABELLED:
        return _labelled(front["fields"])
    return (toml.read(front["fields"]) if front[0].startswith("+++") else None) or _fields(front["fields"])


def _labelled(front: str) -> dict[str, str | list[str]]:
    """The values by the names that ``similar`` knows."""
    found = (match for line in front.split("\n") if (match := _LABELLED_FIELD.match(line)))
    values = {_NAMES[match[1].lower()]: match[2].strip() for match in found}
    if "title" in values:
        values["title"] = _FORWARDED.sub("", values["title"], count=1)
    return {name: value for name, value in values.items() if name and value}


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
    recognised_by="lines `name: value` with `title`, `headline` or `url`, between two lines `---` or above a blank one",
    link="https://trafilatura.readthedocs.io",
    group=Group.PAGES,
    text_in="the lines below the fields",
    matches=_matches,
    read=_read,
)
