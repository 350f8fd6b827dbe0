"""The stories gate: articles about similar events, in shuffled order, through the dedupe stage."""

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
"""Just below the lowest measured score."""

pytestmark = [needs_shared, pytest.mark.slow]


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_the_score_of_grouping_articles_by_event_does_not_fall(seed: int) -> None:
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
