"""The stream on a real Kafka with real worker processes: nothing is lost, whichever worker is killed."""

from __future__ import annotations

import random
import time

import pytest

from tests.integration.articles import inputs
from tests.integration.stream import slow_worker_command, stream
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.outcomes import Outcome, Stage
from workers.settings import Settings

pytestmark = pytest.mark.slow


def test_each_of_5000_articles_leaves_the_stream_in_exactly_one_outcome(broker: EmbeddedBroker) -> None:
    with stream(broker.bootstrap, Settings(), [*Stage, Stage.ENRICH]) as running:
        sent = running.publish(inputs(5000, seed=1))
        running.read_until(lambda: not running.tally.missing, timeout=240)
        running.assert_each_in_exactly_one_outcome(sent)
        running.await_commits(30)
        outcomes = running.outcomes()
        assert outcomes[Outcome.ENRICHED] > 4000
        assert outcomes[Outcome.DUPLICATE] > 200
        assert outcomes[Outcome.DEAD_LETTER] > 100


def test_nothing_is_lost_if_each_stage_is_killed_within_a_batch(broker: EmbeddedBroker) -> None:
    settings = Settings(session_timeout=6)
    chance = random.Random(7)
    kills = [stage for stage in Stage for _ in range(2)]
    chance.shuffle(kills)
    with stream(broker.bootstrap, settings, command=slow_worker_command) as running:
        sent = running.publish(inputs(1500, seed=2, words=30))
        next_kill = time.monotonic() + 8

        def kill_now_and_then() -> None:
            nonlocal next_kill
            if kills and time.monotonic() > next_kill:
                running.kill(kills.pop())
                next_kill = time.monotonic() + chance.uniform(2, 5)

        running.read_until(lambda: not running.tally.missing and not kills, timeout=200, each_round=kill_now_and_then)
        running.await_commits(60)
        running.assert_each_in_exactly_one_outcome(sent)
