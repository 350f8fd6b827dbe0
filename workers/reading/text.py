"""Text of strangers, made safe to print."""

from __future__ import annotations

import unicodedata

UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""The categories of characters that a terminal obeys, hides or cannot show; some of them turn the text around."""
JOINERS = "\u200c\u200d"
"""Invisible characters that Persian, Hindi and emoji need."""


def printable(text: str) -> str:
    """The text in one line, with every character that a terminal would obey or hide escaped: ``\\x1b``, ``\\u202e``."""
    return "".join(map(_printable, text))


def plural(count: int, one: str, several: str = "") -> str:
    """The count with the word for it: ``1 copy``, ``2 copies``."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def _printable(character: str) -> str:
    if character in "\r\n\t":
        return " "
    if unicodedata.category(character) in UNPRINTABLE and character not in JOINERS:
        return (
            character.encode("ascii", "backslashreplace").decode()
            if ord(character) > 127
            else f"\\x{ord(character):02x}"
        )
    return character
