"""Reads the fields of a message leniently: what cannot be used costs its own field only, never the article."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from reprlib import Repr
from typing import Any

from schemas.records import FieldWarning, RawArticle, Status
from workers.clean.input import literals
from workers.clean.text import MAX_FIELD_CHARS

MAX_WARNING_CHARS = 100
"""Characters of a value that a warning quotes."""
MAX_ITEMS = 1_000
"""Items of a list that are read."""
_QUOTE = Repr()
_QUOTE.maxlevel, _QUOTE.maxstring, _QUOTE.maxother, _QUOTE.maxlong = 3, MAX_WARNING_CHARS, MAX_WARNING_CHARS, 40
WORDS_FOR_ABSENT = frozenset({"", "none", "null", "nan", "nat", "n/a", "undefined", "[]", "{}", "()"})
"""What programs write for a value that they do not have, in lower case."""

_TEXTS = frozenset({"body", "text", "html"})
_LISTS = frozenset({"byline", "keywords"})
_DATES = frozenset({"published", "modified", "fetched", "embargoed"})
_NAMES = (
    "name", "title", "label", "term", "value", "rendered", "main", "original", "default", "string", "$date", "$oid",
    "@value", "#text", "text", "displayName", "basic", "domain", "@id", "url", "href", "uri",
)  # fmt: skip
"""The keys under which an object that stands for one value may hold it: as in WordPress, MongoDB and Avro."""
_GIVEN_NAMES = ("first_name", "firstName", "firstname", "givenName", "given_name", "first")
_FAMILY_NAMES = ("last_name", "lastName", "lastname", "familyName", "family_name", "surname", "last")
_KEY = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?|S|0")
"""The only key of an object that has a text by its language, by its type as in DynamoDB, or as a row in pandas."""
_BODY_NAMES = (
    "rendered", "processed", "value", "content", "html", "text", "main", "string", "#text", "@value", "*", "blocks",
    "root", "content_elements", "items", "data", "sections", "paragraphs", "paragraph", "elements", "body", "p",
)  # fmt: skip
"""The keys under which an object may hold a text or HTML."""
_HEADINGS = ("heading", "headline", "subheading", "title")
"""The keys under which a section has its heading."""
_PART_NAMES = ("children", "spans")
"""The keys under which the trees of editors have paragraphs, or a paragraph its parts."""
_KEYS_OF_TEXT = frozenset({"0", "ops", *_PART_NAMES, *_BODY_NAMES})
_SECONDS = ("seconds", "_seconds", "$numberLong", "epochSecond", "N")
"""The keys under which an object has a time as a number: Protobuf, Firestore, MongoDB, Java, DynamoDB."""
_STATUSES = {
    **dict.fromkeys(("publish", "published", "ok", "active", "live"), Status.USABLE),
    **dict.fromkeys(("embargoed", "draft", "private", "pending"), Status.WITHHELD),
    **dict.fromkeys(("cancelled", "killed", "retracted", "deleted"), Status.CANCELED),
}
"""What other programs write for the status."""
_BRACKETED = re.compile(r"\s*+(?:\[.*\]|\{.+\}|\((?=['\"]).*\))\s*\Z", re.DOTALL)
"""A list or an object as a program writes it; brackets alone are people's: ``(Reuters) Ida Holm (Oslo)``."""
_MAX_DEPTH = 12
_MAX_DATE_CHARS = 100


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
        except RecursionError:
            warnings.append(warn(name, value, "nested too deeply"))
    return RawArticle(**usable), tuple(warnings)


def warn(field: str, value: object, problem: str) -> FieldWarning:
    """Return a warning that quotes the start of the value."""
    text = value if isinstance(value, str) else _QUOTE.repr(value)  # not repr(), which fails for deep values
    return FieldWarning(field=field, value=text[:MAX_WARNING_CHARS], problem=problem)


def _read(name: str, value: object) -> object:
    """The value of the field; None if it is a word for absent.

    Raises:
        ValueError: it cannot be used; the message says why.
    """
    if name in _TEXTS:
        return _body(value)
    if name == "truncated":
        return _flag(value)
    if name in _DATES:
        value = _date(value)
    if name in _LISTS:
        value = _list(value)
    if name in _LISTS and isinstance(value, Sequence) and not isinstance(value, str):
        if value and all(type(item) is int for item in value):
            return None  # keys of a database, as WordPress has for tags
        items = [text for item in _flat(value[:MAX_ITEMS]) if (text := _text_or_none(item))]
        if value and not items:
            raise ValueError("none of its items is a text")
        return _limited(items)
    if isinstance(value, str) and value[:1] == "{" and isinstance(found := _list(value), dict):
        value = found  # {'id': None, 'name': 'The Courier'}, as tables have NewsAPI.org's sources
    text = _text(value)
    if name == "status":
        return None if text is None else _STATUSES.get(text.lower()) or Status(text.lower())
    return _limited(text)


def _list(value: Any) -> Any:
    """The list that an object or a text stands for; other values as they are."""
    match value:
        case {"0": _}:
            return list(value.values())  # PHP's arrays
        case dict() if len(value) == 1 and isinstance(only := next(iter(value.values())), list):
            return only  # Arc's credits: {"by": [{"name": …}]}
        case str() if _BRACKETED.match(value) and len(value) <= MAX_FIELD_CHARS:
            return found if isinstance(found := literals.items(value.strip()), str) else _list(found)
    return value


def _flat(items: Sequence[Any]) -> list[Any]:
    """The items, with those of lists that a program wrote as texts, or split at their commas: ``["['a'", " 'b']"]``."""
    texts = [item for item in items if isinstance(item, str)]
    if sum(map(len, texts)) > MAX_FIELD_CHARS:
        return list(items)
    if len(texts) == len(items) > 1 and texts[0].startswith("[") and texts[-1].endswith("]"):
        items = [",".join(texts)]
    found = (_list(item) if isinstance(item, str) else item for item in items)
    return [one for item in found for one in (item if isinstance(item, list) else [item])][:MAX_ITEMS]


def _body(value: object) -> str:
    """The text; a list of texts or of blocks counts as paragraphs."""
    text = _blocks(value, _MAX_DEPTH)
    if not text and value not in ("", [], {}):
        raise ValueError(f"{_kind(value)}, not a text")
    return text


def _blocks(value: object, depth: int) -> str:
    """The text of a value that is a text, a list of paragraphs, or an object that has one of them."""
    if isinstance(value, str) or not depth:
        return literals.text(value) if isinstance(value, str) else ""
    if isinstance(value, list):
        return "\n".join(filter(None, (_blocks(item, depth - 1) for item in value)))
    if not isinstance(value, dict):
        return ""
    if len(value) == 1 and _KEY.fullmatch(str(key := next(iter(value)))):
        return _blocks(value[key], depth - 1)
    if _KEYS_OF_TEXT.isdisjoint(value):
        return ""
    if "0" in value:
        return _blocks(list(value.values()), depth)  # PHP's arrays
    if isinstance(changes := value.get("ops"), list):  # Quill
        return "".join(str(change.get("insert")) for change in changes if _inserts_text(change)).strip()
    # ProseMirror has the parts of a paragraph as its content.
    for key in (*_PART_NAMES, "content") if isinstance(value.get("type"), str) else _PART_NAMES:
        if isinstance(parts := value.get(key), list):
            is_inline = any(isinstance(part, dict) and isinstance(part.get("text"), str) for part in parts)
            return ("" if is_inline else "\n").join(filter(None, (_blocks(part, depth - 1) for part in parts)))
    text = next(filter(None, (_blocks(value[key], depth - 1) for key in _BODY_NAMES if key in value)), "")
    heading = next((name for key in _HEADINGS if isinstance(name := value.get(key), str) and name), "")
    return f"{heading}\n{text}" if heading and text and "type" not in value else text


def _inserts_text(change: object) -> bool:
    return isinstance(change, dict) and isinstance(change.get("insert"), str)


def _flag(value: object) -> bool:
    if value in (True, "true", "True", "1", "yes"):
        return True
    if value in (False, "false", "False", "0", "no", ""):
        return False
    raise ValueError(f"{_kind(value)}, not true or false")


def _date(value: Any) -> Any:
    """The date as a text or number, if it is a list of year, month and day or an object with seconds."""
    match value:
        case [int(year), int(month), int(day), *rest] if year > 31:
            hour, minute, second = (*(part for part in rest[:3] if isinstance(part, int)), 0, 0, 0)[:3]
            return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        case {"year": int(year), "month": int(month), "day": int(day)}:
            time = (part for key in ("hour", "minute", "second") if isinstance(part := value.get(key, 0), int))
            return _date([year, month, day, *time])
        case {"year": _, "monthValue": month, "dayOfMonth": day}:  # Java's LocalDateTime
            return _date(value | {"month": month, "day": day})
        case {"$date": inner}:
            return _date(inner)
        case {"date": str(day), "timezone": str(zone)} if len(day) + len(zone) <= _MAX_DATE_CHARS:  # PHP's DateTime
            return f"{day} {zone}"
        case dict():
            return next((value[key] for key in _SECONDS if key in value), value)
    return value


def _text(value: object) -> str | None:
    """The value as text: a number, the first of a list and the name of an object count, too."""
    match value:
        case bool():
            pass
        case str():
            return None if value.strip().lower() in WORDS_FOR_ABSENT else literals.text(value)
        case float() if math.isnan(value) or math.isinf(value):
            return None
        case int() | float():
            return str(value)
        case list():
            return next(filter(None, map(_text_or_none, value[:MAX_ITEMS])), None)
        case dict():
            if name := _full_name(value):
                return name
            for key in _NAMES:
                if isinstance(value.get(key), str):
                    return _text(value[key])
            if len(value) == 1 and _KEY.fullmatch(str(key := next(iter(value)))) and isinstance(value[key], str):
                return _text(value[key])
    raise ValueError(f"{_kind(value)}, not a text")


def _full_name(value: Mapping[str, object]) -> str | None:
    """The name of a person of whom an object has the given and the family name."""
    given, family = (
        next((name for key in keys if isinstance(name := value.get(key), str) and name), None)
        for keys in (_GIVEN_NAMES, _FAMILY_NAMES)
    )
    return f"{given} {family}" if given and family else None


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
