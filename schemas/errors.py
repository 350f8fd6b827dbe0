"""The base class of all Copydesk errors, and the error for invalid records; ``workers.errors`` has the whole tree."""

from __future__ import annotations


class CopydeskError(Exception):
    """Any error that Copydesk raises on purpose; its one-line message says what is wrong, where, and how to fix it."""


class InvalidRecordError(CopydeskError, ValueError):
    """Bytes or values are not a valid record; the message names the field."""
