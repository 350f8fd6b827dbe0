"""The sample articles of the demo: written for it, invented but for the places, with what must become of each.

``samples.jsonl`` holds a row for each, in the order in which they are sent: a JSON message in ``raw``, or a ``file``
beside it where the bytes matter, and what to ``expect``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import orjson

from schemas.codec import convert
from workers.outcomes import Outcome, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A raw message and what must become of it.

    Attributes:
        outcome: ``enriched``, ``duplicate`` or ``dead_letter``.
        reason: of a dead letter.
        duplicate_of: the name of the sample that a duplicate repeats. Which of the two counts as the original is a
            matter of which the stream sees first.
        revision_of: the name of the sample that it revises.
        story: a name that the samples of one story share; None for an article on its own.
    """

    name: str
    description: str
    value: bytes
    outcome: Outcome
    reason: Reason | None = None
    duplicate_of: str | None = None
    revision_of: str | None = None
    story: str | None = None


@cache
def samples() -> tuple[Sample, ...]:
    """Every sample article, in the order in which they are sent: an original before its copies and revisions."""
    folder = files(__name__)
    rows = [orjson.loads(line) for line in (folder / "samples.jsonl").read_bytes().splitlines()]
    return tuple(
        convert(
            {
                "name": row["name"],
                "description": row["description"],
                "value": (folder / row["file"]).read_bytes() if "file" in row else orjson.dumps(row["raw"]),
                **row["expect"],
            },
            Sample,
        )
        for row in rows
    )
