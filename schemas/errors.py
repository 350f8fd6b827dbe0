"""The base of all errors that Copydesk raises, and the error of its records; ``workers.errors`` has the whole tree."""

from __future__ import annotations


class CopydeskError(Exception):
    """Any error that Copydesk raises on purpose: one readable line that says what, where and how to fix it."""


class InvalidRecordError(CopydeskError, ValueError):
    """Bytes or values that are not the record they should be; the message names the field."""
