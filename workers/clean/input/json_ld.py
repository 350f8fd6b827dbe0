"""The articles that a page describes in JSON-LD (schema.org), in every shape that publishers write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import Any

import orjson
from lxml.html import HtmlElement

Item = dict[str, Any]

_PREFIX = r"(?:https?://(?:www\.)?schema\.org/|schema:)"
_ARTICLE = re.compile(rf"{_PREFIX}?\w*(?:Article|Posting|Report|Review)")
_PAGE = re.compile(rf"{_PREFIX}?(?:Web|Item|About|Medical)?Page")
_PREFIXED = re.compile(rf"{_PREFIX}(?=[a-zA-Z]+\Z)")
_MAX_CHARS = 1_000_000  # of all blocks
_MAX_BROKEN_CHARS = 200_000
_MAX_BLOCKS = 100
_MAX_VALUES = 20  # in one block, one after the other
_MAX_ITEMS = 2_000
_MAX_DEPTH = 8
_MAX_ENCODINGS = 3
_MAX_STARTS = 20  # where a block is tried to be read from, if it is broken
# Only here may the article of the page stand: lists of items, mentions and citations are about other articles.
_INSIDE = ("@graph", "@included", "mainEntity", "mainEntityOfPage", "article")
_INSIDE_PAGE = (*_INSIDE, "hasPart")  # an article has other articles there

_REFERRING = ("author", "creator", "contributor", "publisher", "isPartOf")
_CONTROL = re.compile(r"[\x00-\x1f]+")
_WRAPPING = re.compile(
    r"""
      ^ [ \t]*+ (?: // [ \t]*+ )? <!\[CDATA\[
    | (?: // [ \t]*+ )? \]\]> [ \t\r]*+ $
    | ^ [ \t]*+ <!--
    | (?: // [ \t]*+ )? --> [ \t\r]*+ $
    | /\* [^*]{0,200}+ \*/
    | ^ [ \t]*+ // [^\n]*+
    """,
    re.MULTILINE | re.VERBOSE,
)
_START = re.compile(r"[{\[]")
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'  # one that is not closed goes to the end, or each quote in it would be tried
_AFTER = r"(?= \s*+ [:,}\]] )"
_SLIPS = re.compile(
    rf"""
      (?P<string> {_STRING} )
    | (?P<comma> , ) (?= \s*+ [}}\]] )
    | (?<= ["}}\]] ) (?P<gap> \s++ ) (?= ["{{] )                          # a comma is missing
    | [“”] (?P<curly> [^“”"\\\n]{{0,1000}}+ ) [“”] {_AFTER}
    | (?<= [\s{{\[,:] ) ' (?P<single> (?: [^'\\\n] | (?<=\w)'(?=\w) ){{0,2000}}+ ) ' {_AFTER}
    | (?P<key> \b [A-Za-z_]\w{{0,40}}+ ) (?= \s*+ : )
    | (?P<blank> [\u00a0\ufeff\u2028\u2029]++ )
    """,
    re.DOTALL | re.VERBOSE,
)
_ESCAPED = re.compile(r"\s*+[\[{][\s\[{]*+&(?:quot|#34|#x22);")
_TYPE = re.compile(rf'"@type"\s*:\s*\[?\s*"({_ARTICLE.pattern})"')
_FIELD = re.compile(
    r"""
    "(?P<name> headline | datePublished | dateModified | url | keywords )" \s*+ : \s*+
    " (?P<value> [^\\\n]{1,500}? ) " \s*+ (?= , \s*+ "[@\w]+" \s*+ : | \} | \Z )
    """,
    re.VERBOSE,
)
_KEYWORDS = re.compile(r'"keywords"\s*:\s*\[([^\[\]]{1,5000})\]')
_IN_QUOTES = re.compile(r'"([^"\\\n]{1,200})"')
_AUTHOR = re.compile(r'"author"\s*:\s*(?P<authors>\{[^{}]{1,2000}\}|\[[^\[\]]{1,5000}\]|"[^"\\\n]{1,200}")')
_AUTHOR_NAME = re.compile(r'"name"\s*:\s*"([^"\\\n]{1,200})"')
_ESCAPE = re.compile(r'\\(?:(?P<valid>[bfnrtu"\\/])|(?P<other>.))', re.DOTALL)
_DECODER = json.JSONDecoder(strict=False)


def articles(page: HtmlElement) -> list[Item]:
    """Return the articles in the page's JSON-LD, in order, with references to other objects (``@id``) resolved."""
    values = [value for text in _blocks(page) for value in parse(text)]
    items = list(_items(values))
    found = [item for item in items if is_article(item)]
    # Some plugins describe only the page of the article.
    found = found or [item for item in items if _is_of(item, _PAGE) and "datePublished" in item]
    return [resolved(item, references(items)) for item in found]


def is_article(item: Mapping[str, Any]) -> bool:
    """Return whether an object of JSON-LD is an article, by its type."""
    return _is_of(item, _ARTICLE)


def _is_of(item: Mapping[str, Any], kind: re.Pattern[str]) -> bool:
    kinds = next((item[key] for key in ("@type", "@Type", "type") if key in item), None)
    return any(isinstance(one, str) and kind.fullmatch(one) for one in (kinds if isinstance(kinds, list) else [kinds]))


def with_plain_names(value: Any, depth: int = _MAX_DEPTH) -> Any:
    """Return a value of JSON-LD whose keys are without prefixes: ``headline`` for ``http://schema.org/headline``."""
    if not depth:
        return value
    if isinstance(value, list):
        return [with_plain_names(one, depth - 1) for one in value[:_MAX_ITEMS]]
    if isinstance(value, dict):
        return {_PREFIXED.sub("", key[:100]): with_plain_names(one, depth - 1) for key, one in value.items()}
    return value


def parse(text: str) -> list[object]:
    """Return the values of a block; what does not parse is skipped.

    Publishers wrap JSON in comments and CDATA, escape it as HTML, and leave semicolons and commas behind it.
    """
    if len(text) > _MAX_CHARS:
        return []
    values = _valid(text)
    if values or len(text) > _MAX_BROKEN_CHARS:
        return values
    text = _WRAPPING.sub("", text)
    if _ESCAPED.match(text):
        text = unescape(text)
    text = _ESCAPE.sub(lambda escape: escape["other"] or escape[0], text)
    text = _SLIPS.sub(_without_slip, text)
    offset = failures = 0
    while len(values) < _MAX_VALUES and failures < _MAX_STARTS and (start := _START.search(text, offset)):
        try:
            value, offset = _DECODER.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            offset = start.end()
            failures += 1
            continue
        values.append(value)
    if failures and not any(isinstance(value, dict) and is_article(value) for value in values):
        values += _salvaged(text)
    return values


def _valid(text: str) -> list[object]:
    """Return the value of a block, which may be encoded more than once; none if it is not JSON."""
    value: object = text
    try:
        for _ in range(_MAX_ENCODINGS):
            if not isinstance(value, str):
                break
            # Line ends inside strings are common, though JSON does not allow them.
            value = orjson.loads(_CONTROL.sub(" ", value))
    except orjson.JSONDecodeError:
        return []
    return [value]


def _without_slip(slip: re.Match[str]) -> str:
    if slip["string"] is not None:
        return slip["string"]
    if slip["gap"] or slip["blank"]:
        return ", " if slip["gap"] else " "
    word = next((slip[name] for name in ("curly", "single", "key") if slip[name] is not None), None)
    return "" if word is None else orjson.dumps(word).decode()


def _salvaged(text: str) -> list[object]:
    """Return the article of a block that is broken, with the fields that can be told without its structure.

    Blocks end too early, or quotation marks in their texts are not escaped.
    """
    kind = _TYPE.search(text)
    fields = {match["name"]: match["value"] for match in reversed(list(_FIELD.finditer(text)))}
    if kind is None or not fields:
        return []
    authors = _AUTHOR.search(text)
    if keywords := _KEYWORDS.search(text):
        fields["keywords"] = ", ".join(_IN_QUOTES.findall(keywords[1]))
    return [{"@type": kind[1], **fields, "author": _AUTHOR_NAME.findall(authors[0]) if authors else []}]


def _blocks(page: HtmlElement) -> Iterator[str]:
    size = 0
    for count, script in enumerate(page.iter("script")):
        if count < _MAX_BLOCKS * 10 and "ld+json" in (script.get("type") or "").lower():
            text = script.text or ""
            size += len(text)
            if size > _MAX_CHARS:
                return
            yield text


def _items(values: list[object]) -> Iterator[Item]:
    """Yield the objects that may be the page's article or describe a part of it."""
    pending = [(with_plain_names(value), 0) for value in reversed(values[:_MAX_BLOCKS])]
    for _ in range(_MAX_ITEMS):
        if not pending:
            return
        value, depth = pending.pop()
        if depth > _MAX_DEPTH:
            continue
        if isinstance(value, list):
            pending += [(item, depth + 1) for item in reversed(value[:_MAX_ITEMS])]
        elif isinstance(value, dict):
            yield value
            inside = _INSIDE if is_article(value) else _INSIDE_PAGE
            pending += [(value[name], depth + 1) for name in reversed(inside) if name in value]


def references(items: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the objects by their ``@id``, by which others refer to them."""
    return {item["@id"]: item for item in items if isinstance(item.get("@id"), str) and len(item) > 1}


def resolved(item: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> Item:
    """Return the article with its people and publisher in place of references to them."""

    def follow(value: object) -> object:
        if isinstance(value, list):
            return [follow(one) for one in value[:_MAX_ITEMS]]
        if isinstance(value, dict) and "name" not in value and isinstance(reference := value.get("@id"), str):
            return by_id.get(reference, value)
        return by_id.get(value, value) if isinstance(value, str) else value

    found = {**item, **{name: follow(item[name]) for name in _REFERRING if name in item}}
    # The name of a page or of the article itself is the headline.
    if isinstance(page := found.get("isPartOf"), dict) and (_is_of(page, _PAGE) or is_article(page)):
        found["isPartOf"] = follow(page.get("isPartOf"))
    return found
