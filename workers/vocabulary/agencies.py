"""News agencies: the table ``agencies.tsv``, and the patterns that find their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Agency:
    """A row of ``agencies.tsv``, whose head explains the columns."""

    name: str
    texts: tuple[str, ...]
    credits: tuple[str, ...]
    pictures: tuple[str, ...]


def _read() -> tuple[Agency, ...]:
    table = (files(__package__) / "agencies.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return tuple(Agency(name, *map(_surfaces, (*cells, "", "", "")[:3])) for name, *cells in rows[1:])


def _surfaces(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(" | ")) if cell else ()


def _any_of(surfaces: Iterable[str]) -> str:
    """Return a pattern for any of the surfaces; the longest is tried first."""
    return rf"(?:{'|'.join(map(re.escape, sorted(set(surfaces), key=lambda surface: (-len(surface), surface))))})"


AGENCIES = _read()
"""The agencies, those that sign texts first."""

AGENCY_NAMES = {surface.lower(): agency.name for agency in AGENCIES for surface in agency.texts}
"""The name of an agency by each of the surfaces that sign texts, in lower case."""

TEXT_AGENCY = _any_of(
    spelling for surface, name in AGENCY_NAMES.items() for spelling in (name, surface.upper(), surface.title())
)
"""Matches an agency as texts are signed: in its own spelling, in capitals or in title case."""

CREDITED_AGENCY = _any_of(surface for agency in AGENCIES for surface in agency.credits)
"""Matches an agency as photo credits name it, where the same words also sign texts."""

PICTURE_AGENCY = _any_of(surface for agency in AGENCIES for surface in agency.pictures)
"""Matches an agency as only pictures are signed."""

PHOTO_AGENCY = _any_of(surface for agency in AGENCIES for surface in (*agency.credits, *agency.pictures))
"""Matches any agency that photo credits name."""
