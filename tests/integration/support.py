"""The stream's topics on the shared broker, and single workers as real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.reliability.harness.launch import environment_of
from workers.kafka import topic_admin
from workers.kafka.admin_client import connect_admin
from workers.kafka.topic_admin import Severity
from workers.settings import Settings
from workers.topics import topics

SETTINGS = Settings(partitions=1, languages=("en",), models={}, session_timeout=6, metrics_port=0)
"""The smallest stream. Every worker picks a free port for its metrics, so that another Copydesk may run beside it."""
DELETE_TIMEOUT = 30.0


def ensure_topics(bootstrap: str, settings: Settings) -> None:
    """Create the topics of the stream, unless they exist as the settings need them."""
    if any(drift.severity is Severity.ERROR for drift in topic_admin.check(settings, bootstrap)):
        recreate_topics(bootstrap, settings)


def recreate_topics(bootstrap: str, settings: Settings) -> None:
    """Create empty topics of the stream, in place of those that an earlier test left behind."""
    delete_topics(bootstrap)
    topic_admin.apply(settings, bootstrap)


def delete_topics(bootstrap: str) -> None:
    """Delete the topics of the stream, and with them what consumer groups committed; wait until they are gone."""
    names = {topic.name for topic in topics(SETTINGS)}
    deadline = time.monotonic() + DELETE_TIMEOUT
    with connect_admin(bootstrap, None) as admin:
        if existing := sorted(names & set(admin.list_topics())):
            admin.delete_topics(existing)
        while names & set(admin.list_topics()):
            assert time.monotonic() < deadline, "the topics are still there"
            time.sleep(0.05)


@contextmanager
def worker(bootstrap: str, log: Path, *command: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``python -m COMMAND`` with ``SETTINGS`` and the variables; kill it at the end. The log takes its stderr."""
    environment = os.environ | environment_of(SETTINGS) | {"COPYDESK_BROKER": bootstrap} | variables
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", *command], env=environment, stderr=output)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def until(condition: Callable[[], object], log: Path, seconds: float = 60) -> None:
    """Wait until the condition holds; fail with the end of the log if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        time.sleep(0.1)
