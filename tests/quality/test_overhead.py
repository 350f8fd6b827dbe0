"""What it costs to run a stage rather than to call it: counting, sending, acknowledging, and above all the metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from itertools import islice

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
MOST = 0.02
"""The share of the cheapest stage's own time that everything around it may take. (Measured: 0.011.)"""


async def acknowledged() -> None:
    """A broker that takes everything at once."""


async def send(output: Output, timestamp: int) -> Awaitable[None]:
    return acknowledged()


def test_counting_and_sending_take_a_fiftieth_of_what_cleaning_takes_at_most() -> None:
    articles = islice(inputs(2 * ARTICLES, 1, words=WORDS, bad=0.0), ARTICLES)
    messages = [
        Message(RAW, 0, number, round(time.time() * 1000), one.value) for number, one in enumerate(articles)
    ]  # fmt: skip
    clean = per_message(clean_stage(SETTINGS))
    answers = clean(messages)
    runner = Runner(
        Stage.CLEAN, lambda batch: answers, send, {topic.name: topic for topic in topics(SETTINGS)}, Metrics()
    )

    def run() -> Sequence[Result]:
        return asyncio.run(runner.run(messages))

    assert {result.outcome for result in run()} == {Outcome.CLEAN}
    share = seconds(run, ROUNDS) / seconds(lambda: clean(messages), ROUNDS)
    print(f"around cleaning: {share:.1%} of its own time")
    assert share <= MOST
