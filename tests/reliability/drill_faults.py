"""Each fault alone: nothing is lost, nothing is judged otherwise, nothing is acknowledged too early.

And each sabotage: it is found out.

A drill mostly waits, so several run at a time (``DRILL_AT_ONCE``, 3), each on a Kafka of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.reliability.drills import DRILLS, FAKETIME, TWISTED, Drill, Figures, run
from tests.reliability.report import note

pytestmark = [pytest.mark.broker, pytest.mark.slow]

AT_ONCE = int(os.environ.get("DRILL_AT_ONCE") or 3)
NO_FAKETIME = "libfaketime is not installed (Debian: apt-get install libfaketime)"


def can_run(drill: Drill) -> bool:
    """Whether what the drill needs is there."""
    return FAKETIME is not None or drill.environment is not TWISTED


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[Figures]]]:
    """The figures to come of every drill that was asked for, by its name."""
    asked = [item.callspec.params.get("drill") for item in request.session.items if hasattr(item, "callspec")]
    pool = ThreadPoolExecutor(AT_ONCE)
    yield {drill.name: pool.submit(run, drill) for drill in asked if isinstance(drill, Drill) and can_run(drill)}
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_every_message_ends_as_in_an_undisturbed_run(drill: Drill, running: Mapping[str, Future[Figures]]) -> None:
    if not can_run(drill):
        pytest.skip(NO_FAKETIME)
    note(running[drill.name].result())
