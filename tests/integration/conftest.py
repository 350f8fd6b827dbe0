"""The shared broker, with the topics of the smallest stream."""

from __future__ import annotations

import pytest

from tests.integration.support import SETTINGS, ensure_topics
from workers.embedded_kafka.broker import EmbeddedBroker


@pytest.fixture
def bootstrap(broker: EmbeddedBroker) -> str:
    """The address of the shared broker, with the topics of ``SETTINGS``; earlier tests may have filled them."""
    ensure_topics(broker.bootstrap, SETTINGS)
    return broker.bootstrap
