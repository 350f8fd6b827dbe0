"""The articles that a page describes in JSON-LD (schema.org), in every shape that publishers write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import orjson
from lxml.html import HtmlElement

Item = dict[str, Any]

_ARTICLE = re.compile(r"(?:https?://schema\.org/|schema:)?\w*(?:Article|Posting|Report|Review)")
_MAX_CHARS = 1_000_000  # of all blocks
_MAX_BROKEN_CHARS = 200_000
_MAX_BLOCKS = 100
_MAX_VALUES = 20  # in one block, one after the other
_MAX_ITEMS = 2_000
_MAX_DEPTH = 8
_MAX_STARTS = 20  # where a block is tried to be read from, if it is broken
# Only here may the article of the page stand: lists of items, mentions and citations are about other articles.
_INSIDE = ("@graph", "@included", "mainEntity", "mainEntityOfPage", "article")
_INSIDE_PAGE = (*_INSIDE, "hasPart")  # an article has other articles there

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
_SLIPS = re.compile(
    rf"""
      (?P<string> {_STRING} )
    | (?P<comma> , ) (?= \s* [}}\]] )
    """,
    re.DOTALL | re.VERBOSE,
)
_TYPE = re.compile(rf'"@type"\s*:\s*\[?\s*"({_ARTICLE.pattern})"')
_FIELD = re.compile(
    r'"(?P<name>headline|datePublished|dateModified|url)"\s*:\s*"(?P<value>[^"\\\n]{1,500})"\s*(?=[,}]|$)'
)
_AUTHOR = re.compile(r'"author"\s*:\s*(?P<authors>\{[^{}]{1,2000}\}|\[[^\[\]]{1,5000}\]|"[^"\\\n]{1,200}")')
_AUTHOR_NAME = re.compile(r'"name"\s*:\s*"([^"\\\n]{1,200})"')
_ESCAPE = re.compile(r'\\(?:(?P<valid>[bfnrtu"\\/])|(?P<other>.))', re.DOTALL)
_DECODER = json.JSONDecoder(strict=False)


def articles(page: HtmlElement) -> list[Item]:
    """Return the articles in the page's JSON-LD, in order, with references to other objects (``@id``) resolved."""
    values = [value for text in _blocks(page) for value in parse(text)]
    items = list(_items(values))
    by_id = {item["@id"]: item for item in items if isinstance(item.get("@id"), str) and len(item) > 1}
    return [_resolved(item, by_id) for item in items if is_article(item)]


def is_article(item: Item) -> bool:
    """Return whether an object of JSON-LD is an article, by its type."""
    kinds = item.get("@type")
    return any(
        isinstance(kind, str) and _ARTICLE.fullmatch(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def parse(text: str) -> list[object]:
    """Return the values of a block; what does not parse is skipped.

    Publishers wrap JSON in comments and CDATA, escape it as HTML, and leave semicolons and commas behind it.
    """
    if len(text) > _MAX_CHARS:
        return []
    try:
        # Line ends inside strings are common, though JSON does not allow them.
        return [orjson.loads(_CONTROL.sub(" ", text))]
    except orjson.JSONDecodeError:
        pass
    if len(text) > _MAX_BROKEN_CHARS:
        return []
    text = _WRAPPING.sub("", text)
    if "{&quot;" in text[:200].replace(" ", "").replace("\n", ""):
        text = unescape(text)
    text = _ESCAPE.sub(lambda escape: escape["other"] or escape[0], text)
    text = _SLIPS.sub(lambda slip: slip["string"] or "", text)
    values: list[object] = []
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


def _salvaged(text: str) -> list[object]:
    """Return the article of a block that is broken, with the fields that can be told without its structure.

    Blocks end too early, or quotation marks in their texts are not escaped.
    """
    kind = _TYPE.search(text)
    fields = {match["name"]: match["value"] for match in reversed(list(_FIELD.finditer(text)))}
    if kind is None or not fields:
        return []
    authors = _AUTHOR.search(text)
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
    pending = [(value, 0) for value in reversed(values[:_MAX_BLOCKS])]
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


def _resolved(item: Item, by_id: dict[str, Item]) -> Item:
    def follow(value: object) -> object:
        if isinstance(value, list):
            return [follow(one) for one in value[:_MAX_ITEMS]]
        if isinstance(value, dict) and "name" not in value and isinstance(reference := value.get("@id"), str):
            return by_id.get(reference, value)
        return by_id.get(value, value) if isinstance(value, str) else value

    return item | {name: follow(item[name]) for name in ("author", "creator", "publisher") if name in item}
