"""The names of sources, such as ``reuters.com`` or ``Valley Post``, in the form in which they are compared."""

from __future__ import annotations


def source_key(name: str) -> str:
    """The form of a name by which two are of one source: case, a ``www.`` and surrounding space do not matter."""
    return " ".join(name.casefold().split()).removeprefix("www.")
