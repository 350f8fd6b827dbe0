"""The overhead of running a stage, compared with calling its handler: counting, sending, acknowledging and metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from itertools import islice

import pytest

from tests.integration.articles import inputs
from tests.timing import seconds
from workers.handlers import clean_stage
from workers.messages import Message, Output, Result
from workers.observability.metrics import Metrics
from workers.outcomes import Outcome, Stage
from workers.settings import Settings
from workers.stages import per_message
from workers.stream.runner import Runner
from workers.topics import RAW, topics

SETTINGS = Settings()
ARTICLES, WORDS = 200, 400
ROUNDS = 10
MAX_OVERHEAD = 0.02
"""The overhead's maximum share of the time of the cheapest stage. (Measured: 0.011.)"""


async def acknowledged() -> None:
    """Acknowledge at once, as a broker without latency would."""


async def send(output: Output) -> Awaitable[None]:
    return acknowledged()


@pytest.mark.slow
def test_counting_and_sending_take_at_most_a_fiftieth_of_cleaning() -> None:
    articles = islice(inputs(2 * ARTICLES, 1, words=WORDS, bad=0.0), ARTICLES)
    messages = [
        Message(RAW, 0, number, round(time.time() * 1000), one.value) for number, one in enumerate(articles)
    ]  # fmt: skip
    clean = per_message(clean_stage(SETTINGS))
    results = clean(messages)
    runner = Runner(
        Stage.CLEAN, lambda batch: results, send, {topic.name: topic for topic in topics(SETTINGS)}, Metrics()
    )

    def run() -> Sequence[Result]:
        return asyncio.run(runner.run(messages))

    assert {result.outcome for result in run()} == {Outcome.CLEAN}
    share = seconds(run, ROUNDS) / seconds(lambda: clean(messages), ROUNDS)
    print(f"overhead: {share:.1%} of the time of cleaning")
    assert share <= MAX_OVERHEAD
