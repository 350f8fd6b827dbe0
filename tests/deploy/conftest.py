"""One watched stream for all tests that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.watched import Watched, watched
from workers.outcomes import Stage


@pytest.fixture(scope="package")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The stream, with enough behind it for every metric to have a figure: a worker is killed once articles flow."""
    directory: Path = tmp_path_factory.mktemp("watched")
    with watched(directory) as stream:
        stream.until_figures("sum(copydesk_entities_total) > 100", seconds=240)
        stream.worker(Stage.ENRICH).kill()
        yield stream
