"""The stories gate: articles of look-alike events, in shuffled order, through the dedupe stage."""

from __future__ import annotations

import random

import orjson
import pytest

from schemas import UniqueArticle
from tests.shared import needs_shared, rows, score
from workers.in_process import InProcessStream, Line
from workers.outcomes import Stage
from workers.settings import Settings

FLOOR = 0.85
"""Just under the least that is measured."""

pytestmark = [needs_shared, pytest.mark.slow]


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_articles_of_one_event_are_grouped_as_well_as_measured(seed: int) -> None:
    gold = rows("stories/ecbplus-dev")
    random.Random(seed).shuffle(gold)
    stream = InProcessStream(Settings(), Stage.DEDUPE, Stage.DEDUPE, now=0)
    inputs = (("gold", orjson.dumps({"id": row["id"], "text": row["text"]})) for row in gold)
    stories = [story_id(line) for line in stream.run(inputs)]
    result = score().bcubed([row["event"] for row in gold], stories)
    print(seed, {name: round(value, 4) for name, value in result.items()})
    assert result["f1"] >= FLOOR


def story_id(line: Line) -> str:
    if line.duplicate:
        return line.duplicate.story_id
    assert isinstance(line.article, UniqueArticle)
    return line.article.story_id
