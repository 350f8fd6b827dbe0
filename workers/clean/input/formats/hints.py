"""What a refusal says to help: the format that a message is nearest to, and where that format has its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from workers.clean.input.formats.base import D, Format, Json
from workers.clean.input.formats.similar import NAMES, normalised

_SIMILARITY = 0.75
_MAX_KEYS = 100
_MAX_NAMED_KEYS = 8
_EVERYBODYS = frozenset({"headline", "title", "body", "text", "html", "content", "description", "url", "uri"})
"""Keys that tell no format from others."""
_NAME = re.compile(r"`([@$\w.:-]+)`")
_KEY = re.compile(r"[@$\w.:-]{1,40}")
"""A key that is certainly the name of a field, and no text of an article."""
_WORD = re.compile(r"[\w-]{3,40}")


def missing_text(document: object, format: Format[D], formats: Sequence[Format[Json]]) -> str:
    """Return what an article without text needs: where its format has the text, or which format may be meant.

    Args:
        document: the object that has no text; not asked of a format that is known.
        format: the one by which it was read.
        formats: those that may be meant instead, if it was read by the names of its keys only.
    """
    if formats and isinstance(document, Mapping):
        return f"send one of them{_keys(document)}{_misspelt(document)}{nearest(document, formats)}"
    return f"{format.name} has it in {format.text_in}; send it there, or a JSON object with the text as `body`"


def nearest(keys: Iterable[str], formats: Sequence[Format[Json]]) -> str:
    """Return the format that most of the keys tell, as a part of a sentence; empty if there is none."""
    known = {key for key in keys if key not in _EVERYBODYS}
    shared = {format: len(known & set(_NAME.findall(format.recognised_by))) for format in formats}
    best = max(formats, key=lambda format: shared[format])
    return _described(best) if shared[best] else ""


def nearest_root(root: str, formats: Sequence[Format[D]]) -> str:
    """Return the formats of XML, of which only the nearest if one is near, as a part of a sentence."""
    roots = {name.lower(): format for format in formats for name in _NAME.findall(format.recognised_by)}
    close = get_close_matches(root.lower(), roots, n=1, cutoff=_SIMILARITY)
    seen = f"it is XML with the root element `{root}`"
    if close:
        return seen + _described(roots[close[0]])
    return f"{seen}; send XML with one of {', '.join(f'`{name}`' for name in sorted(roots))}, or the text itself"


def _described(format: Format[D]) -> str:
    return f"; the nearest format is {format.name}, which is recognised by {format.recognised_by} ({format.link})"


def _keys(document: Json) -> str:
    names = [f"`{key}`" for key in list(document)[:_MAX_NAMED_KEYS] if _KEY.fullmatch(key)]
    return f"; its keys are {', '.join(names)}{' …' if len(document) > len(names) else ''}" if names else ""


def _misspelt(document: Json) -> str:
    names = [*NAMES["body"], *NAMES["html"]]
    for key in list(document)[:_MAX_KEYS]:
        name = normalised(key[:100])
        if not _WORD.fullmatch(key) or name in names:
            continue
        if close := get_close_matches(name, names, n=1, cutoff=_SIMILARITY):
            return f"; did you mean `{close[0]}` by `{key}`?"
    return ""
