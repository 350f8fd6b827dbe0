"""Files of articles: which ones are meant, what is in them, and output that is written aside."""

from __future__ import annotations

import os

STDIN = "-"
"""What stands for standard input among the names of files."""


def display_name(name: str) -> str:
    """A file's name for messages and records: bytes that are no UTF-8, and control characters, are escaped."""
    if name == STDIN:
        return "stdin"
    if not name:
        return "''"
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
