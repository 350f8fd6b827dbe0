"""Settings for all tests: Hypothesis's profile, one shared Kafka, and marks that say what a test starts.

``-m "not process"`` selects the tests that start no other process.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from workers.embedded_kafka.broker import EmbeddedBroker

# The time for an example depends on the machine. What must be fast has its own tests, with tests.timing.
settings.register_profile("copydesk", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("copydesk")

KAFKA_FIXTURES = frozenset({"broker", "live", "secured"})
"""Fixtures that start a Kafka."""


@pytest.fixture(scope="session")
def broker() -> Iterator[EmbeddedBroker]:
    """The Kafka that all tests share, in a temporary directory. Use your own names of topics and groups."""
    with EmbeddedBroker(progress=print) as shared:
        yield shared


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a Kafka as ``broker``, and these as ``process``."""
    for item in items:
        if not KAFKA_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("broker")
        if item.get_closest_marker("broker"):
            item.add_marker("process")
