"""Plain text: takes out what other programs put into it, so that a reader's text is left.

- ``markup``: HTML entities and tags within text.
- ``wiki``: the markup of MediaWiki.
- ``bbcode``: BBCode.
- ``markdown``: Markdown.
- ``typed_quotes``: quotation marks made of accents and apostrophes.
- ``wrapping``: lines that a program broke at a width, joined into paragraphs.

``read`` runs them all. Text that has none of these stays as it is, and what it returns it does not change again.
"""

from __future__ import annotations

import re

from workers.clean.plain import bbcode, escapes, markdown, markup, typed_quotes, wiki, wrapping
from workers.clean.text import tidy

_LINE_END = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_MAX_ROUNDS = 4


def read(text: str) -> str:
    """Return the text without entities, tags and marks of markup, with one paragraph per line where it was wrapped.

    Taking out one thing can expose another (``&amp;lt;b&amp;gt;``), so the steps repeat until nothing changes, at most
    four times.
    """
    for _ in range(_MAX_ROUNDS):
        before = text
        text = wiki.without_marks(escapes.without_escapes(typed_quotes.with_marks(text)))
        text = _LINE_END.sub("\n", markup.unescape(markup.without_tags(text)))
        text = wrapping.join(markdown.without_marks(bbcode.without_tags(text)))
        if text == before:
            break
    return text


def tidied(text: str) -> str:
    """Return the text read and in normal form, which has no blank lines: reading that again changes nothing."""
    found = read(text)
    text = tidy(found)
    for _ in range(_MAX_ROUNDS):
        if text == found or (found := read(text)) == text:
            break
        text = tidy(found)
    return text


def line(value: str) -> str:
    """Return the value of a field, such as a headline, without entities and tags, and with quotation marks."""
    for _ in range(_MAX_ROUNDS):
        before = value
        value = typed_quotes.with_marks(bbcode.without_tags(markup.unescape(markup.without_tags(value))))
        if value == before:
            break
    return value


__all__ = ["line", "read", "tidied"]
