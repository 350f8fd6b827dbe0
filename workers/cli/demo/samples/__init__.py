"""The sample articles of the demo and the expected outcome of each.

They were written for the demo; only the places are real. ``samples.jsonl`` has one row per sample in sending order: the
message, either as JSON in ``raw`` or, if its exact bytes matter, as the name of a neighbouring ``file``, and what to
``expect``.
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
    """A raw message and its expected outcome.

    Attributes:
        outcome: ``enriched``, ``duplicate`` or ``dead_letter``.
        reason: why it becomes a dead letter; None for other outcomes.
        duplicate_of: the name of the sample that a duplicate repeats. Which of the two is the original depends on which
            one the stream sees first.
        revision_of: the name of the sample that it revises.
        story: a name shared by the samples of one story; None if no other sample tells it.
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
    """The samples in sending order: an original comes before its copies and revisions."""
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
