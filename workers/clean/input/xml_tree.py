"""XML, parsed leniently: feeds and news formats are often not well-formed."""

from __future__ import annotations

import re
from html import escape
from html.entities import html5

from lxml import etree

from workers.clean.input.formats.base import Element

_REFERENCE = re.compile(
    r"<!\[CDATA\[(?:(?!\]\]>).)*+|&(?:(?!#|(?:amp|lt|gt|quot|apos);)(?P<name>\w{1,31};)|(?!#?\w{1,31};))", re.DOTALL
)
"""A section whose ampersands are text, an entity that XML does not have, or an ampersand that starts none."""
_SURROGATE = rb"&\#(?:x0{0,9}d[89a-f][\da-f]{2}(?![\da-f])|0{0,9}(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-3]\d\d)(?!\d));?"
_SURROGATES = re.compile(rb"(?:%b)+" % _SURROGATE, re.IGNORECASE)
_NUMBER = re.compile(rb"(x?)([\da-f]+)", re.IGNORECASE)


def parse_xml(data: str | bytes) -> Element | None:
    """Return the root element; None if this is not XML. Entities and references to other files are not followed.

    Bytes are in the encoding that they declare; of a text, whatever it declares is ignored.
    """
    encoding = "utf-8" if isinstance(data, str) else None
    if isinstance(data, str):
        data = _REFERENCE.sub(_character, data).encode("utf-8", "replace")
    parser = etree.XMLParser(encoding=encoding, resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        return etree.fromstring(_SURROGATES.sub(_characters, data), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _character(reference: re.Match[str]) -> str:
    """Return the character of an entity of HTML, ``&nbsp;``; other ampersands become characters of the text."""
    if reference["name"]:
        return escape(html5.get(reference["name"], f"&{reference['name']}"))
    return "&amp;" if reference[0] == "&" else reference[0]


def _characters(references: re.Match[bytes]) -> bytes:
    """Return references to the characters of pairs of surrogates (``&#xd83d;&#xde00;``).

    The parser would take them into its texts, which nobody could read then.
    """
    numbers = [int(digits, 16 if is_hex else 10) for is_hex, digits in _NUMBER.findall(references[0])]
    text = b"".join(number.to_bytes(2, "big") for number in numbers).decode("utf-16-be", "replace")
    return b"".join(b"&#%d;" % ord(character) for character in text)
