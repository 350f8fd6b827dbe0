"""Each mutant: a guarantee broken on purpose, and the drill that finds it (``make drills-mutants``)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reliability.drills import drill_load, drill_soak, drill_start
from tests.reliability.drills.mutants import MUTANTS, PATIENCE, STUCK
from tests.reliability.drills.play import Figures
from tests.reliability.drills.report import note
from tests.reliability.drills.table import Drill
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.kafka import topic_admin

pytestmark = [pytest.mark.broker, pytest.mark.slow]

STARTED = "does not refuse to start"
"""What a drill says of a worker that should not have started."""


def on_a_broker(play: Callable[[EmbeddedBroker, Path, str], object]) -> Callable[[Path, str], None]:
    """The same on a Kafka of its own."""

    def played(home: Path, sabotage: str) -> None:
        with EmbeddedBroker() as broker:
            topic_admin.apply(drill_start.SETTINGS, broker.bootstrap)
            play(broker, home, sabotage)

    return played


OTHERS: tuple[tuple[str, str, Callable[[Path, str], object], str], ...] = (
    ("a missing topic", "start without topics", on_a_broker(drill_start.start_without_a_topic), STARTED),
    ("a wrong partition count", "start without topics", on_a_broker(drill_start.start_with_other_partitions), STARTED),
    (
        "two processes of one static id", "fight for the static id", on_a_broker(drill_start.start_two_of_one_id),
        "exit codes",
    ),
    ("poison flood", "refuse slowly", lambda _, sabotage: drill_load.flood(sabotage), "in the flood"),
    (
        "oversized messages", "send whatever its size",
        lambda _, sabotage: drill_load.send_large(drill_load.LARGER, sabotage, PATIENCE), STUCK,
    ),
    (
        "messages too large for the dead letters", "keep dead letters whole",
        lambda _, sabotage: drill_load.send_large(drill_load.EVEN_LARGER, sabotage, PATIENCE), STUCK,
    ),
    ("the soak, 4 windows", "delete nothing", lambda _, sabotage: drill_soak.soak(4, sabotage), "entries kept"),
)  # fmt: skip
"""The drills that stand in no table: each with a sabotage, how it is played, and by what it finds that."""


@pytest.mark.parametrize("drill", MUTANTS, ids=lambda drill: drill.title)
def test_what_was_broken_on_purpose_is_found(drill: Drill, play_out: Callable[[Drill], Figures]) -> None:
    note(play_out(drill))


@pytest.mark.parametrize(("drill", "sabotage", "play", "finding"), OTHERS, ids=[drill for drill, *_ in OTHERS])
def test_what_was_broken_on_purpose_is_found_by_a_drill_of_its_own(
    drill: str, sabotage: str, play: Callable[[Path, str], object], finding: str, tmp_path: Path
) -> None:
    began = time.monotonic()
    with pytest.raises(AssertionError, match=finding) as found:
        play(tmp_path, sabotage)
    said = str(found.value).splitlines()[0]
    title, seconds = f"{drill}; sabotage: {sabotage}", time.monotonic() - began
    note(Figures(title, 0, None, None, None, seconds, f"found: {said[:200]}"))
