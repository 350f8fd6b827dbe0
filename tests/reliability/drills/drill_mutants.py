"""Every mutant: a guarantee broken on purpose must be found by a drill (``make drills-mutants``)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reliability.drills import drill_input, drill_load, drill_machine, drill_soak, drill_start
from tests.reliability.drills.mutants import MUTANTS, STUCK_TIMEOUT
from tests.reliability.drills.report import note
from tests.reliability.drills.run import Figures
from tests.reliability.drills.table import Drill
from tests.reliability.findings import (
    COMMITS_REACH_THE_END,
    DIFFERENT,
    ENTRIES_KEPT,
    FEW_LOG_LINES,
    FLOOD_THROUGHPUT,
    HEADERS_EXPECTED,
    MEMORY_BOUNDED,
    MISSING,
    NEW_PARTITIONS_READ,
    ONE_PROCESS_EXPECTED,
    SKIPPED_EXPECTED,
    START_EXPECTED_TO_FAIL,
)
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.kafka import topic_admin
from workers.topics import DEAD_LETTERS

pytestmark = [pytest.mark.broker, pytest.mark.process, pytest.mark.slow]


def with_broker(run: Callable[[EmbeddedBroker, Path, str], object]) -> Callable[[Path, str], None]:
    """Run the drill on its own Kafka."""

    def run_with_broker(home: Path, sabotage: str) -> None:
        with EmbeddedBroker() as broker:
            topic_admin.apply(drill_start.SETTINGS, broker.bootstrap)
            run(broker, home, sabotage)

    return run_with_broker


OTHERS: tuple[tuple[str, str, Callable[[Path, str], object], str], ...] = (
    ("a missing topic", "skip the topic check", with_broker(drill_start.start_without_a_topic), START_EXPECTED_TO_FAIL),
    (
        "a wrong partition count", "skip the topic check", with_broker(drill_start.start_with_other_partitions),
    START_EXPECTED_TO_FAIL,
    ),
    (
        "other languages", "skip the language check", with_broker(drill_start.start_with_other_languages),
        START_EXPECTED_TO_FAIL,
    ),
    (
        "two processes of one static id", "reclaim the static id", with_broker(drill_start.start_two_of_one_id),
        ONE_PROCESS_EXPECTED,
    ),
    ("bad header names", "end at bad records", with_broker(drill_input.read_bad_headers), HEADERS_EXPECTED),
    ("bombs", "unpack every header", with_broker(drill_input.read_bombs), MEMORY_BOUNDED),
    ("bombs", "only count records", with_broker(drill_input.read_bombs), MEMORY_BOUNDED),
    ("deleted offsets", "reset silently", with_broker(drill_input.skip_deleted), SKIPPED_EXPECTED),
    (
        "new partitions", "look for no new partitions", with_broker(drill_input.add_partitions), NEW_PARTITIONS_READ,
    ),
    ("a quiet outage", "log every repetition", drill_input.stay_quiet, FEW_LOG_LINES),
    ("poison flood", "delay each refusal", lambda _, sabotage: drill_load.flood(sabotage), FLOOD_THROUGHPUT),
    (
        "oversized messages", "ignore the topic size limit",
        lambda _, sabotage: drill_load.send_large(drill_load.OVER_TOPIC_LIMIT, sabotage), f"{MISSING} {DEAD_LETTERS}",
    ),
    (
        "messages too large for the dead letters", "ignore the dead letter size limit",
        lambda _, sabotage: drill_load.send_large(drill_load.OVER_DEAD_LETTER_LIMIT, sabotage), DIFFERENT,
    ),
    (
        "outputs that the broker refuses", "end on a refused output",
        lambda _, sabotage: drill_load.refuse_outputs(sabotage, STUCK_TIMEOUT), COMMITS_REACH_THE_END,
    ),
    ("the soak, 4 windows", "keep expired entries", lambda _, sabotage: drill_soak.soak(4, sabotage), ENTRIES_KEPT),
)  # fmt: skip
"""The drills outside ``DRILLS``: name, sabotage, how to run it, and the text that must appear in its failure."""


@pytest.mark.parametrize("drill", MUTANTS, ids=lambda drill: drill.title)
def test_the_drill_finds_the_sabotage(drill: Drill, figures_of: Callable[[Drill], Figures]) -> None:
    note(figures_of(drill))


@pytest.mark.parametrize("drill", drill_machine.MUTANTS, ids=lambda drill: drill.title)
def test_the_drill_of_one_machine_finds_the_sabotage(drill: drill_machine.MachineDrill) -> None:
    drill_machine.skip_without_disk(drill)
    note(drill_machine.run_on_one_machine(drill))


@pytest.mark.parametrize(("drill", "sabotage", "run", "finding"), OTHERS, ids=[drill for drill, *_ in OTHERS])
def test_a_drill_outside_the_table_finds_the_sabotage(
    drill: str, sabotage: str, run: Callable[[Path, str], object], finding: str, tmp_path: Path
) -> None:
    began = time.monotonic()
    with pytest.raises(AssertionError, match=re.escape(finding)) as failure:
        run(tmp_path, sabotage)
    first_line = str(failure.value).splitlines()[0]
    title, seconds = f"{drill}; sabotage: {sabotage}", time.monotonic() - began
    note(Figures(title, 0, None, None, None, seconds, f"found: {first_line[:200]}"))
