"""The article in the data from which a page's script builds the page: of Next.js, Nuxt, Apollo, Arc and their like."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import orjson
from lxml.html import HtmlElement

from schemas.records import RawArticle
from workers.clean.fields import headlines
from workers.clean.input import javascript
from workers.clean.input.formats import similar
from workers.clean.input.lenient import read_fields

_MAX_CHARS = 2_000_000
_MAX_HYDRATED_CHARS = 8_000_000  # of values that a page has once and uses often
_VALUE_CHARS = 8
_MAX_SCRIPTS = 300
_MIN_CHARS = 300  # of a script with an article
_MAX_LOOSE_VALUES = 3  # of a page, that are no JSON
_MAX_VALUES = 20  # of one script
_MAX_OBJECTS = 10_000
_MAX_ARTICLES = 500
_MAX_DEPTH = 12
_MIN_OVERLAP = 0.6  # of a headline's words with the page's titles
_SCRIPT_TYPES = ("", "text/javascript", "application/javascript", "module")
_ASSIGNED = re.compile(
    r"""
    (?P<global> \b (?: window | self | globalThis ) (?: \.[\w$]++ | \[["']\w++["']\] ) )?+ (?(global) | [\w$\])] )
    \s*+ = \s*+
    (?: (?= \{ | \[ ) | JSON\.parse\( \s*+ (?P<text> "(?: [^"\\] | \\. )*+" | '(?: [^'\\] | \\. )*+' ) )
    """,
    re.DOTALL | re.VERBOSE,
)
"""``window.STATE = {…}`` and ``= JSON.parse("…")``."""
_CALLED = re.compile(r"__NUXT__\s*+=\s*+\(?function\(([\w$,\s]*+)\)\s*+\{")
_RETURNED = re.compile(r"\breturn\s*+(?=\{)")
_PUSHED = re.compile(r"__next_f\.push\(\[1,\s*+(\"(?:[^\"\\]|\\.)*+\")\]\)", re.DOTALL)
_ROW = re.compile(rb"([0-9a-f]{1,6}):(?:T([0-9a-f]{1,6}),)?")
_REFERENCE = re.compile(rb'"\$([0-9a-f]{1,6})"')
_DECODER = json.JSONDecoder(strict=False)


def scripts(page: HtmlElement) -> tuple[str, ...]:
    """Return the scripts of the page that may hold data, those of type JSON first; none if they are too long."""
    found = [
        (script.get("type") or "", text)
        for script in islice(page.iter("script"), _MAX_SCRIPTS)
        if len(text := script.text or "") >= _MIN_CHARS
    ]
    data = [text for kind, text in found if kind == "application/json"]
    code = [text for kind, text in found if kind in _SCRIPT_TYPES]
    return (*data, *code) if sum(map(len, (*data, *code))) <= _MAX_CHARS else ()


def article(sources: Sequence[str], titles: Sequence[str | None]) -> RawArticle | None:
    """Return the article with the longest text of those whose headline is one of the page's titles.

    Args:
        sources: scripts of the page.
        titles: the titles of the page.
    """
    known = " ".join(filter(None, titles))
    each = (one for document in _documents(sources) for one in _objects(document))
    articles = islice(filter(similar.has_text, each), _MAX_ARTICLES)
    records = (read_fields(similar.FORMAT.read(one))[0] for one in articles)
    matching = (
        record
        for record in records
        if record.headline and headlines.overlap(record.headline, known) >= _MIN_OVERLAP and text_of(record)
    )
    return max(matching, key=lambda record: len(text_of(record)), default=None)


def text_of(record: RawArticle | None) -> str:
    """Return the text or HTML of an article."""
    return "" if record is None else record.body or record.text or record.html or ""


def _documents(sources: Sequence[str]) -> Iterator[Any]:
    """Yield the values in the scripts; at the end those that are no JSON, which take longer to read."""
    code = []
    for source in sources:
        if source.lstrip()[:1] in ("{", "["):
            with suppress(orjson.JSONDecodeError):
                yield _hydrated(orjson.loads(source))
        elif "__next_f" not in source:
            code.append(source)
    if pushed := [text[1] for source in sources if "__next_f" in source for text in _PUSHED.finditer(source)]:
        yield from _rows("".join(map(javascript.unquoted, pushed)).encode("utf-8", "replace"))
    unread: list[tuple[str, int]] = []
    for source in code:
        yield from _assigned(source, unread)
    for source, start in unread[:_MAX_LOOSE_VALUES]:
        with suppress(ValueError):
            yield javascript.read(source, start)[0]
    for source in code:
        if called := _CALLED.search(source):
            with suppress(ValueError):
                yield _returned(source, called)
            return


def _assigned(source: str, unread: list[tuple[str, int]]) -> Iterator[Any]:
    """Yield the objects and lists that a script assigns to names; add to ``unread`` where it assigns others."""
    end = 0
    for _ in range(_MAX_VALUES):
        found = _ASSIGNED.search(source, end)
        if found is None:
            return
        end = found.end()
        try:
            if found["text"]:
                yield orjson.loads(javascript.unquoted(found["text"]))
            else:
                value, end = _DECODER.raw_decode(source, end)
                yield value
        except (ValueError, RecursionError):
            if found["global"]:
                unread.append((source, end))


def _returned(source: str, called: re.Match[str]) -> Any:
    """Return what a script's function of values returns: ``(function (a, b) {return {…}}(1, 2))``.

    Raises:
        ValueError: it is more than values.
    """
    start = _RETURNED.search(source, called.end())
    given = source.rpartition("}(")[2].rstrip("); \n")
    arguments, _ = javascript.read(f"[{given}]")
    names = (name.strip() for name in called[1].split(","))
    known = {name: json.dumps(value) for name, value in zip(names, arguments, strict=False)}
    return javascript.read(source, start.end(), known)[0] if start else None


def _rows(stream: bytes) -> Iterator[Any]:
    """Yield the values in the rows of React's server components, with the long texts that they refer to."""
    texts: dict[bytes, bytes] = {}
    rows: list[bytes] = []
    start = 0
    while row := _ROW.match(stream, start):
        if row[2]:
            start = row.end() + int(row[2], 16)
            texts[row[1]] = orjson.dumps(stream[row.end() : start].decode("utf-8", "replace"))
        else:
            end = stream.find(b"\n", row.end())
            end = len(stream) if end < 0 else end
            start = end + 1
            rows.append(stream[row.end() : end])
    room = _MAX_CHARS

    def text(reference: re.Match[bytes]) -> bytes:
        nonlocal room
        found = texts.get(reference[1], b"")
        room -= len(found)
        return found if found and room >= 0 else reference[0]

    for line in rows:
        with suppress(orjson.JSONDecodeError):
            yield orjson.loads(_REFERENCE.sub(text, line))


def _hydrated(document: Any) -> Any:
    """Return a document in which Nuxt writes each value once, and numbers where it stands; others as they are."""
    if not (isinstance(document, list) and document and isinstance(document[0], dict | list)):
        return document
    objects = [value for value in document[:_MAX_OBJECTS] if isinstance(value, dict) and value]
    if not objects or not all(type(place) is int for value in objects for place in value.values()):
        return document
    found: dict[int, tuple[Any, int]] = {}
    room = _MAX_HYDRATED_CHARS

    def value_at(place: object, depth: int) -> Any:
        nonlocal room
        if type(place) is not int or not 0 <= place < len(document) or not depth:
            return None
        if place in found:
            value, size = found[place]
            room -= size
        else:
            found[place] = None, 0  # where a value is within itself
            before = room
            value = written(document[place], depth - 1)
            room -= len(value) if isinstance(value, str) else _VALUE_CHARS
            found[place] = value, before - room
        return value if room >= 0 else None

    def written(value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return {key: value_at(place, depth) for key, place in value.items()}
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):  # ["Ref", 5], ["Date", "2025-…"]
            return value[1] if isinstance(value[1], str) else value_at(value[1], depth)
        return [value_at(place, depth) for place in value] if isinstance(value, list) else value

    return [written(value, _MAX_DEPTH) for value in objects]


def _objects(document: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects in a document, those above before those within them."""
    pending = deque([(document, 0)])
    for _ in range(_MAX_OBJECTS):
        if not pending:
            return
        value, depth = pending.popleft()
        if isinstance(value, Mapping):
            yield value
        if isinstance(value, Mapping | list) and depth < _MAX_DEPTH:
            inner = value.values() if isinstance(value, Mapping) else value
            pending.extend((each, depth + 1) for each in inner if isinstance(each, Mapping | list))
