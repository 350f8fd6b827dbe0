"""Particles of people's names: the small words between given name and surname."""

from __future__ import annotations

PARTICLES = (
    "dela", "delos",  # Spanish, in the Philippines
    "de", "des", "del", "della", "da", "das", "di", "do", "dos", "du", "la", "las", "le", "los",  # Romance
    "van", "von", "der", "den", "ter",  # Dutch, German
    "bin", "bint", "ibn", "al", "el",  # Arabic
)  # fmt: skip

PARTICLE = rf"(?:{'|'.join(sorted(PARTICLES, key=len, reverse=True))})"
"""Matches one particle; the pattern around it must say where the word ends."""
