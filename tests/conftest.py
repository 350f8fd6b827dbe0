"""How the tests run: the same examples' profile for all, and one Kafka, started when the first test asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from workers.embedded_kafka.broker import EmbeddedBroker

# How long an example takes is the machine's matter; what must not take long has tests of its own, by tests.timing.
settings.register_profile("copydesk", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("copydesk")


@pytest.fixture(scope="session")
def broker() -> Iterator[EmbeddedBroker]:
    """The shared broker, in a temporary directory. It is shared: use topics and groups with names of your own."""
    with EmbeddedBroker(progress=print) as shared:
        yield shared


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever uses the shared broker, so that ``-m 'not broker'`` leaves it out."""
    for item in items:
        if "broker" in getattr(item, "fixturenames", ()):
            item.add_marker("broker")
