"""Each mutant: a guarantee broken on purpose, and the drill that finds it (``make drills-mutants``)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reliability import drill_load, drill_soak, drill_start
from tests.reliability.drills import Drill
from tests.reliability.mutants import MUTANTS, NOT_FOUND, STUCK
from tests.reliability.play import Figures
from tests.reliability.report import note
from tests.reliability.sabotage import SABOTAGES
from workers import admin
from workers.broker import EmbeddedBroker

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def on_a_broker(play: Callable[[EmbeddedBroker, Path, str], object]) -> Callable[[Path, str], None]:
    """The same on a Kafka of its own."""

    def played(home: Path, sabotage: str) -> None:
        with EmbeddedBroker() as broker:
            admin.apply(drill_start.SETTINGS, broker.bootstrap)
            play(broker, home, sabotage)

    return played


OTHERS: dict[str, tuple[Callable[[Path, str], object], str]] = {
    "start without topics": (on_a_broker(drill_start.start_without_a_topic), "does not refuse to start"),
    "fight for the static id": (on_a_broker(drill_start.start_two_of_one_id), "exit codes"),
    "send whatever its size": (lambda home, sabotage: drill_load.send_large(sabotage), STUCK),
    "delete nothing": (lambda home, sabotage: drill_soak.soak(4, sabotage), "entries kept"),
}
"""The sabotages that other drills find: which, and by what."""


def test_every_sabotage_has_a_drill_or_is_known_to_have_none() -> None:
    found = {mutant.environment["DRILL_SABOTAGE"] for mutant in MUTANTS} | OTHERS.keys()
    assert found | NOT_FOUND == SABOTAGES.keys()
    assert not found & NOT_FOUND


@pytest.mark.parametrize("drill", MUTANTS, ids=lambda drill: drill.name)
def test_what_was_broken_on_purpose_is_found(drill: Drill, play_out: Callable[[Drill], Figures]) -> None:
    note(play_out(drill))


@pytest.mark.parametrize("sabotage", OTHERS)
def test_what_was_broken_on_purpose_is_found_by_another_drill(sabotage: str, tmp_path: Path) -> None:
    began = time.monotonic()
    play, finding = OTHERS[sabotage]
    with pytest.raises(AssertionError, match=finding) as found:
        play(tmp_path, sabotage)
    said = str(found.value).splitlines()[0]
    note(Figures(f"sabotage: {sabotage}", 0, None, None, None, time.monotonic() - began, f"found: {said[:200]}"))
