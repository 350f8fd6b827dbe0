"""The stream on a real Kafka, with the real worker processes: nothing is lost, whatever is killed."""

from __future__ import annotations

import random
import time

import pytest

from tests.integration.articles import inputs
from tests.integration.stream import slow_worker_command, stream
from workers.outcomes import Outcome, Stage
from workers.settings import Settings

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def test_every_one_of_5000_articles_leaves_the_stream_in_exactly_one_outcome() -> None:
    with stream(Settings(), [*Stage, Stage.ENRICH]) as running:
        sent = running.publish(inputs(5000, seed=1))
        running.read_until(lambda: not running.tally.missing, timeout=240)
        running.assert_each_in_exactly_one_outcome(sent)
        running.await_commits(30)
        found = running.outcomes()
        assert found[Outcome.ENRICHED] > 4000
        assert found[Outcome.DUPLICATE] > 200
        assert found[Outcome.DEAD_LETTER] > 100


def test_nothing_is_lost_when_each_role_is_killed_with_a_backlog_and_a_batch_at_hand() -> None:
    settings = Settings(session_timeout=6)
    chance = random.Random(7)
    kills = [stage for stage in Stage for _ in range(2)]
    chance.shuffle(kills)
    with stream(settings, command=slow_worker_command) as running:
        sent = running.publish(inputs(1500, seed=2, words=30))
        due = time.monotonic() + 8

        def kill_now_and_then() -> None:
            nonlocal due
            if kills and time.monotonic() > due:
                running.kill(kills.pop())
                due = time.monotonic() + chance.uniform(2, 5)

        running.read_until(lambda: not running.tally.missing and not kills, timeout=200, each_round=kill_now_and_then)
        running.await_commits(60)
        running.assert_each_in_exactly_one_outcome(sent)
