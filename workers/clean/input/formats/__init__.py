"""The formats of raw articles, one module each. A new one is a module with a ``Format``, a row here and a golden pair.

The order counts: the first format that matches reads the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from schemas.records import FieldWarning
from workers.clean.input.formats import (
    eventregistry,
    feedparser_json,
    feeds,
    fundus,
    gdelt,
    mediacloud,
    newsapi,
    newspaper4k,
    newsplease,
    ninjs,
    nitf,
    ours,
    schemaorg,
    similar,
    trafilatura_json,
    trafilatura_xml,
    webz,
)
from workers.clean.input.formats.base import D, Element, Format, Json
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
    trafilatura_json.FORMAT,
    ours.FORMAT,
    similar.FORMAT,
)
XML_FORMATS: tuple[Format[Element], ...] = (nitf.FORMAT, feeds.FORMAT, trafilatura_xml.FORMAT)

_SIMILARITY = 0.85
"""How alike (by ``difflib``) an unknown key and one of ours are for a warning: ``headlin``, ``keyword``."""
_MAX_KEYS = 200


def format_of(document: D, formats: Sequence[Format[D]]) -> Format[D] | None:
    """The first format that the document matches; None if there is none."""
    return next((format for format in formats if format.matches(document)), None)


def misspelt(document: Json) -> list[FieldWarning]:
    """Warnings for keys that nobody reads and that look like one of our fields."""
    known = {name for names in similar.NAMES.values() for name in names} | set(ours.NAMES)
    warnings = []
    for key in list(document)[:_MAX_KEYS]:
        name = similar.normalised(key)
        if name not in known and (close := get_close_matches(name, ours.NAMES, n=1, cutoff=_SIMILARITY)):
            warnings.append(warn(key, document[key], f"unknown field; did you mean {close[0]}?"))
    return warnings
