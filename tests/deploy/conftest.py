"""One monitored stream, shared by all tests that query it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.watched import WatchedStream, watched_stream
from workers.outcomes import Stage


@pytest.fixture(scope="package")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedStream]:
    """A stream in which every metric has a value; to get one for rebalances, it kills a worker once articles flow."""
    directory: Path = tmp_path_factory.mktemp("watched")
    with watched_stream(directory) as stream:
        stream.wait_for_values("sum(copydesk_entities_total) > 100", seconds=240)
        stream.worker(Stage.ENRICH).kill()
        yield stream
