"""The formats of raw articles, one module each. A new one is a module with a ``Format``, a row here and a golden pair.

The order counts: the first format that matches reads the document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from schemas.records import FieldWarning
from workers.clean.input.formats import (
    archives,
    eventregistry,
    feedparser_json,
    feeds,
    front_matter,
    fundus,
    gdelt,
    guardian,
    mediacloud,
    newsapi,
    newsml,
    newspaper4k,
    newsplease,
    ninjs,
    nitf,
    nytimes,
    ours,
    readability,
    schemaorg,
    similar,
    trafilatura_json,
    trafilatura_xml,
    webz,
    wire,
)
from workers.clean.input.formats.base import D, Element, Format, Json
from workers.clean.input.formats.hints import missing_text, nearest_root
from workers.clean.input.lenient import warn

JSON_FORMATS: tuple[Format[Json], ...] = (
    newsplease.FORMAT,
    webz.FORMAT,
    fundus.FORMAT,
    mediacloud.INDEX,
    mediacloud.API,
    newspaper4k.FORMAT,
    newsapi.FORMAT,
    schemaorg.FORMAT,
    ninjs.FORMAT,
    eventregistry.FORMAT,
    feedparser_json.FORMAT,
    gdelt.FORMAT,
    guardian.FORMAT,
    nytimes.FORMAT,
    readability.FORMAT,
    trafilatura_json.FORMAT,
    ours.FORMAT,
    similar.FORMAT,
)
XML_FORMATS: tuple[Format[Element], ...] = (
    nitf.FORMAT,
    newsml.FORMAT,
    feeds.FORMAT,
    trafilatura_xml.FORMAT,
    trafilatura_xml.TEI,
)
TEXT_FORMATS: tuple[Format[str], ...] = (front_matter.FORMAT, wire.FORMAT, archives.FORMAT)
"""Texts with fields in front of them."""
_BY_NAMES = (ours.FORMAT, similar.FORMAT)
"""The formats that are recognised by the names of their fields only."""

_XML_ROOTS = frozenset(
    {"nitf", "newsml", "newsmessage", "newsitem", "rss", "rdf", "feed", "channel", "item", "entry", "doc", "tei"}
)
_OTHER_ROOTS = {
    "urlset": "a sitemap", "sitemapindex": "a list of sitemaps", "opml": "a list of feeds", "error": "an error",
    "envelope": "a SOAP message", "kml": "a map", "plist": "a list of properties",
}  # fmt: skip
"""The root elements of XML that has no article, and what it is."""
_ROOT = re.compile(
    r"""
    (?> \s++
      | <\? (?> [^?] | \?(?!>) )*+ \?>
      | <!-- (?> [^-] | -(?!->) )*+ -->
      | <!DOCTYPE [^>\[]*+ (?: \[ [^\]]*+ \] \s*+ )?+ >
    )*+
    < (?: [\w.-]{1,40} : )? (?P<root> [\w.-]{1,40} ) [\s/>]
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ROOT_SEARCH_CHARS = 20_000
_SIMILARITY = 0.85
"""How alike (by ``difflib``) an unknown key and one of ours are for a warning: ``headlin``, ``keyword``."""
_MAX_KEYS = 100
_MAX_WARNINGS = 10


def format_of(document: D, formats: Sequence[Format[D]]) -> Format[D] | None:
    """The first format that the document matches; None if there is none."""
    return next((format for format in formats if format.matches(document)), None)


def xml_root(text: str) -> str | None:
    """The name of the root element, in lower case, of an XML document in one of the formats; None for other texts."""
    root = _root(text)
    return root if root in _XML_ROOTS else None


def kind_of_other_xml(text: str) -> str | None:
    """What an XML document is that never has an article, such as a sitemap; None for other texts."""
    return _OTHER_ROOTS.get(_root(text) or "")


def _root(text: str) -> str | None:
    match = _ROOT.match(text[:_ROOT_SEARCH_CHARS]) if text[:1] == "<" else None
    return match["root"].lower() if match else None


def hint_for_xml(text: str) -> str:
    """The format that XML in none of them is nearest to, as a part of a sentence; empty for HTML and other texts."""
    match = _ROOT.match(text[:_ROOT_SEARCH_CHARS]) if text.startswith("<?xml") else None
    is_unknown = match is not None and match["root"].lower() not in ("html", *_XML_ROOTS)
    return nearest_root(match["root"], XML_FORMATS) if match is not None and is_unknown else ""


def what_is_missing(document: object, format: Format[D]) -> str:
    """What an article without text needs, in words: where its format has the text, or which format may be meant."""
    others = [each for each in JSON_FORMATS if each not in _BY_NAMES] if format in _BY_NAMES else []
    return missing_text(document, format, others)


def misspelt(document: Json) -> list[FieldWarning]:
    """Warnings for keys that nobody reads and that look like one of our fields."""
    known = {name for names in similar.NAMES.values() for name in names} | set(ours.NAMES) | set(similar.PARTS)
    warnings: list[FieldWarning] = []
    for key in list(document)[:_MAX_KEYS]:
        name = similar.normalised(key)
        if {name, similar.without_type(name)}.isdisjoint(known) and (
            close := get_close_matches(name, ours.NAMES, n=1, cutoff=_SIMILARITY)
        ):
            warnings.append(warn(key[:100], document[key], f"unknown field; did you mean {close[0]}?"))
        if len(warnings) == _MAX_WARNINGS:
            break
    return warnings
