"""The article in the data from which a page's script builds the page: ``__NEXT_DATA__`` of Next.js and its like."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson
from lxml.html import HtmlElement

from workers.clean.fields import headlines
from workers.clean.input.formats import similar
from workers.clean.input.lenient import read_fields

_MAX_CHARS = 2_000_000
_MAX_OBJECTS = 10_000
_MAX_ARTICLES = 500
_MAX_DEPTH = 12
_MIN_OVERLAP = 0.6  # of a headline's words with the page's titles


def state(page: HtmlElement) -> str:
    """Return the data of the page's script, empty if it has none: JSON."""
    return max((script.text or "" for script in page.xpath("//script[@type='application/json']")), key=len, default="")


def article_body(data: str, titles: Sequence[str | None]) -> str:
    """Return the longest text of the objects whose headline is one of the page's titles; empty if there is none."""
    if len(data) > _MAX_CHARS:
        return ""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return ""
    known = " ".join(filter(None, titles))
    articles = islice(filter(similar.has_text, _objects(document)), _MAX_ARTICLES)
    records = (read_fields(similar.FORMAT.read(each))[0] for each in articles)
    texts = (
        record.body or record.text or record.html or ""
        for record in records
        if record.headline and headlines.overlap(record.headline, known) >= _MIN_OVERLAP
    )
    return max(texts, key=len, default="")


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
