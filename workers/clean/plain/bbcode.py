"""BBCode within plain text, as forums and some editors write it: ``[b]Ferries stop[/b]``.

Only a tag with its partner goes. ``[sic]`` and ``[b]`` alone stay, and so does what a text speaks of: ``[b] and [/b]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_INLINE = frozenset({
    "b", "i", "u", "s", "url", "email", "color", "colour", "size", "font", "sub", "sup", "highlight", "anchor",
})  # fmt: skip
_BLOCKS = frozenset({
    "quote", "center", "left", "right", "justify", "indent", "list", "ul", "ol", "li", "p", "h1", "h2", "h3", "h4",
    "code", "spoiler", "table", "tr",
})  # fmt: skip
_WITHOUT_TEXT = frozenset({"img", "youtube", "video", "media", "attach"})
_TAG = re.compile(
    rf"\[(?P<slash>/)?(?P<name>{'|'.join(sorted(_INLINE | _BLOCKS | _WITHOUT_TEXT, key=len, reverse=True))})"
    r"(?:=[^\[\]\n]{0,2000}|(?: \w{1,20}=[^\s\[\]]{1,200}){1,5})?\]",
    re.IGNORECASE,
)
_ITEM = re.compile(r"[ \t]*\[\*\][ \t]*")
_MAX_TAGS = 20_000
_MAX_OPEN = 200


def without_tags(text: str) -> str:
    """Return the text without BBCode; blocks stand on lines of their own, and what pictures hold goes."""
    if "[/" not in text:
        return text
    pieces: list[str] = []
    end = 0
    for start, after, gap in sorted(_cuts(text)):
        if start >= end:
            pieces += (text[end:start], gap)
        end = max(end, after)
    return _ITEM.sub("\n• ", "".join((*pieces, text[end:]))) if pieces else text


def _cuts(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the start and end of each tag that has its partner, and what stands in its place."""
    open_tags: dict[str, list[re.Match[str]]] = {}
    for _, tag in zip(range(_MAX_TAGS), _TAG.finditer(text), strict=False):
        name = tag["name"].lower()
        opened = open_tags.setdefault(name, [])
        if not tag["slash"]:
            opened.append(tag)
            del opened[:-_MAX_OPEN]
        elif opened:
            start = opened.pop()
            if name in _WITHOUT_TEXT:
                yield start.start(), tag.end(), ""
                continue
            gap = "\n" if name in _BLOCKS else ""
            if gap or not text[start.end() : tag.start()].startswith(" "):
                yield start.start(), start.end(), gap
                yield tag.start(), tag.end(), gap
