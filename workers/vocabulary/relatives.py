"""Words in English for a person's closest relatives."""

from __future__ import annotations

HIS_OR_HER_RELATIVE = (
    r"\b(?:[Hh]is|[Hh]er|[Tt]heir) (?:\w+ )?(?:wife|husband|son|daughter|father|mother|brother|sister|partner)"
)
"""Matches the words for a relative of somebody: her late husband."""
