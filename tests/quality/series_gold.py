"""The gold on series: pairs of articles from one template, and of one article and its copy or update."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "series"
NOTICE = "The newsroom of the Evening Chronicle chose and checked this report before it was published here."
"""A sentence that a publisher adds to a copy."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts in the order in which they come, and whether the second is a copy of the first."""

    kind: str
    first: str
    second: str
    is_copy: bool


def pairs(name: str) -> Iterator[Pair]:
    """The pairs of a file: ``seen`` or ``held_back``."""
    for template in tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))["template"]:
        kind, text, things = template["kind"], template["text"], template["things"]
        for first, second in combinations(things, 2):
            yield Pair(kind, text.format(*first), text.format(*second), is_copy=False)
        for update in template["updates"]:
            yield Pair(kind, text.format(*things[update["of"]]), _updated(text, things, update), is_copy=True)
        for thing in things:
            whole = text.format(*thing)
            yield Pair(kind, whole, f"{NOTICE}\n{whole}", is_copy=True)


def _updated(text: str, things: list[list[str]], update: dict[str, Any]) -> str:
    slots = list(things[update["of"]])
    for number, value in update.get("set", {}).items():
        slots[int(number)] = value
    whole = text.format(*slots)
    if keep := update.get("keep"):
        whole = ". ".join(whole.split(". ")[:keep]) + "."
    return f"{whole} {added}" if (added := update.get("add")) else whole
