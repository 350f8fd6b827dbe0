"""Settings for all tests: Hypothesis's profile, one shared Kafka, and marks that say what a test starts.

``-m "not process"`` selects the tests that start no other process. A test that starts one without the mark fails.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from workers.embedded_kafka import guard
from workers.embedded_kafka.broker import EmbeddedBroker

# The time for an example depends on the machine. What must be fast has its own tests, with tests.timing.
settings.register_profile("copydesk", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("copydesk")

# A shell starts background jobs with Ctrl-C ignored, and so would be the programs that the tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

KAFKA_FIXTURES = frozenset({"broker", "live", "secured"})
"""Fixtures that start a Kafka."""
SHARED_KAFKA = {
    "live": frozenset(f"tests/deploy/test_{name}.py" for name in ("console", "dashboards", "prometheus")),
    "broker": frozenset(
        {f"tests/integration/test_{name}.py" for name in ("notify", "reading", "seeds", "start", "stream", "trouble")}
        | {f"tests/kafka/test_{name}.py" for name in ("admin_client", "cluster_checks", "topic_admin")}
    ),
}
"""The files whose tests share a Kafka, by the fixture that starts it."""
PROCESS_EVENTS = frozenset({"os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"})
"""Python's audit events for a new process."""
PLATFORM_PROGRAMS = frozenset({"file", "uname"})
"""Programs that Python's ``platform`` module runs; libraries call it when they are imported."""

_current_test: pytest.Item | None = None


@pytest.fixture(scope="session")
def broker() -> Iterator[EmbeddedBroker]:
    """The Kafka that all tests share, in a temporary directory. Use your own names of topics and groups."""
    with EmbeddedBroker(progress=print) as shared:
        yield shared


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a Kafka as ``broker``, and these as ``process``; run them first, as they take longest."""
    for item in items:
        if not KAFKA_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("broker")
        if item.get_closest_marker("broker"):
            item.add_marker("process")
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: item.get_closest_marker("broker") is None)


class SharedKafkaScheduling(LoadScopeScheduling):
    """Runs the tests of a file in one process, and the files that share a Kafka, too."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((group for group, files in SHARED_KAFKA.items() if file in files), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharedKafkaScheduling:
    """How ``pytest --numprocesses`` spreads the tests."""
    return SharedKafkaScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Note which test runs, its fixtures included."""
    global _current_test
    _current_test = item
    try:
        return (yield)
    finally:
        _current_test = None


def _check_marks(event: str, arguments: tuple[Any, ...]) -> None:
    """Fail the test that starts a process without the mark ``process``, or a Kafka without the mark ``broker``."""
    if event not in PROCESS_EVENTS or _current_test is None:
        return
    if event == "subprocess.Popen" and arguments[0] in PLATFORM_PROGRAMS:
        return
    starts_kafka = event == "subprocess.Popen" and guard.__file__ in map(str, arguments[1])
    mark = "broker" if starts_kafka else "process"
    if not _current_test.get_closest_marker(mark):
        raise AssertionError(f"{_current_test.nodeid} starts {arguments[:2]}: mark it with pytest.mark.{mark}")


sys.addaudithook(_check_marks)
