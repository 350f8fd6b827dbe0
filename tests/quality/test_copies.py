"""The copies gate: syndicated news with every kind of variant, in stream order, through the dedupe stage."""

from __future__ import annotations

import orjson
import pytest

from tests.shared import needs_shared, rows, score
from workers.in_process import InProcessStream
from workers.outcomes import Stage
from workers.settings import Settings

FLOOR = 0.95
"""Just below the measured score."""

pytestmark = [needs_shared, pytest.mark.slow]


def test_the_score_of_syndicated_copies_does_not_fall() -> None:
    gold = rows("near-duplicates/syndication-dev")
    stream = InProcessStream(Settings(), Stage.DEDUPE, Stage.DEDUPE, now=0)
    inputs = (("gold", orjson.dumps({"id": row["id"], "text": row["text"]})) for row in gold)
    links = {line.input_id: line.duplicate.duplicate_of if line.duplicate else None for line in stream.run(inputs)}
    yardstick = score()
    found = yardstick.clusters_from_links(links)
    result = yardstick.pairwise([row["cluster"] for row in gold], [found[row["id"]] for row in gold])
    print({name: round(value, 4) for name, value in result.items()})
    assert result["f1"] >= FLOOR
