"""Reads the fields of a message leniently: what cannot be used costs its own field only, never the article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from schemas.records import FieldWarning, RawArticle, Status
from workers.clean.text import MAX_FIELD_CHARS

MAX_WARNING_CHARS = 100
"""Characters of a value that a warning quotes."""
MAX_ITEMS = 1_000
"""Items of a list that are read."""
WORDS_FOR_ABSENT = frozenset({"", "none", "null", "nan", "nat", "n/a", "undefined"})
"""What programs write for a value that they do not have, in lower case."""

_TEXTS = frozenset({"body", "text", "html"})
_LISTS = frozenset({"byline", "keywords"})
_NAMES = ("name", "title", "label", "value", "@value", "#text", "@id", "url", "uri")
"""The keys under which an object that stands for one value may hold it."""


def read_fields(values: Mapping[str, Any]) -> tuple[RawArticle, tuple[FieldWarning, ...]]:
    """Return the article with every field that can be used, and a warning for each that cannot.

    Args:
        values: values of any type, by the names of the fields of ``RawArticle``; other names are ignored.
    """
    usable: dict[str, Any] = {}
    warnings: list[FieldWarning] = []
    for name in (field.name for field in fields(RawArticle)):
        value = values.get(name)
        if value is None:
            continue
        try:
            usable[name] = _read(name, value)
        except ValueError as error:
            warnings.append(warn(name, value, str(error)))
    return RawArticle(**usable), tuple(warnings)


def warn(field: str, value: object, problem: str) -> FieldWarning:
    """Return a warning that quotes the start of the value."""
    text = value if isinstance(value, str) else repr(value)
    return FieldWarning(field=field, value=text[:MAX_WARNING_CHARS], problem=problem)


def _read(name: str, value: object) -> object:
    """The value of the field; None if it is a word for absent.

    Raises:
        ValueError: it cannot be used; the message says why.
    """
    if name in _TEXTS:
        return _body(value)
    if name in _LISTS and isinstance(value, Sequence) and not isinstance(value, str):
        items = [text for item in value[:MAX_ITEMS] if (text := _text_or_none(item))]
        if value and not items:
            raise ValueError("none of its items is a text")
        return _limited(items)
    text = _text(value)
    if name == "status":
        return None if text is None else Status(text.lower())
    return _limited(text)


def _body(value: object) -> str:
    """The text; a list of texts counts as paragraphs."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    raise ValueError(f"{_kind(value)}, not a text")


def _text(value: object) -> str | None:
    """The value as text: a number, the first of a list and the name of an object count, too."""
    match value:
        case bool():
            pass
        case str():
            return None if value.strip().lower() in WORDS_FOR_ABSENT else value
        case int() | float():
            return str(value)
        case list():
            return next(filter(None, map(_text_or_none, value[:MAX_ITEMS])), None)
        case dict():
            for key in _NAMES:
                if isinstance(value.get(key), str):
                    return _text(value[key])
    raise ValueError(f"{_kind(value)}, not a text")


def _text_or_none(value: object) -> str | None:
    try:
        return _text(value)
    except ValueError:
        return None


def _limited(value: str | list[str] | None) -> str | list[str] | None:
    length = len(value or "") if not isinstance(value, list) else sum(map(len, value)) + len(value)
    if length > MAX_FIELD_CHARS:
        raise ValueError(f"{length:,} characters, and the limit is {MAX_FIELD_CHARS:,}")
    return value


def _kind(value: object) -> str:
    kinds: dict[type, str] = {
        bool: "a truth value",
        list: "a list",
        dict: "an object",
        int: "a number",
        float: "a number",
    }
    return kinds.get(type(value), type(value).__name__)
