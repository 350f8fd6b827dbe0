"""The mutants: each pairs a sabotage with a drill that finds it. ``QUICK`` ones are part of ``make drills``."""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.reliability.drills.table import COMMIT_TIMEOUT, DRILLS, SETTINGS, Drill
from tests.reliability.faults.sabotage import SABOTAGES
from tests.reliability.findings import (
    COMMITS_REACH_THE_END,
    CONFLICTING,
    DIFFERENT,
    EARLY,
    FULL_DISK_ENDS_NO_WORKER,
    HALT_EXPECTED,
    LOST,
    MISSING,
    NEVER_SENT,
    SIGTERM_EXIT_CODES,
    STRAY_RECORDS_NAMED,
    TRIGGERS_FIRE,
)
from workers.topics import LEDGER

STUCK_TIMEOUT = 45
"""Seconds to wait for commits that a mutant is expected never to make."""

BY_NAME = {drill.name: drill for drill in DRILLS}


def mutant(sabotage: str, drill: str, finding: str, **changes: Any) -> Drill:
    """The drill with sabotaged workers; it passes only if its failure contains the finding."""
    assert sabotage in SABOTAGES
    commit_timeout = STUCK_TIMEOUT if finding in (COMMITS_REACH_THE_END, EARLY, LOST) else COMMIT_TIMEOUT
    return dataclasses.replace(
        BY_NAME[drill], sabotage=sabotage, finding=finding, commit_timeout=commit_timeout, **changes
    )


QUICK = (
    mutant("acknowledge early", "kill -9 of each role", EARLY),  # how much is lost is chance
    mutant("write no ledger entries", "kill -9 of each role", f"{MISSING} {LEDGER}"),
    mutant("compare with later articles", "an interrupted batch", DIFFERENT, faults=("write_half_a_batch",)),
    mutant("ignore failed deliveries", "an interrupted batch", LOST, faults=("reject_an_output",)),
    mutant("leave failures to Faust", "an interrupted batch", LOST, faults=("reject_an_output",)),
    mutant("reuse stale ledgers", "ledgers moved and returned", DIFFERENT),
    mutant("forget at the end of the window", "messages of 5 hours read again", DIFFERENT),
    mutant("disable the dead letter limit", "a flood halts the worker", HALT_EXPECTED),
)
OTHERS = (
    mutant("fail every commit", "input in transactions", COMMITS_REACH_THE_END),
    mutant("skip waiting for deliveries", "an interrupted batch", LOST, faults=("reject_an_output",)),
    mutant(
        "judge redelivered articles again",
        "death at each point of a batch",
        f"{CONFLICTING}: 2",
        faults=("die_before_acknowledging",),
    ),
    mutant("compare late articles", "messages of 5 hours read again", DIFFERENT),
    mutant("recover no ledger", "death at each point of a batch", DIFFERENT, faults=("die_before_acknowledging",)),
    mutant("commit only messages", "aborted and open transactions", COMMITS_REACH_THE_END),
    mutant("commit what was fetched", "kill -9 of each role", EARLY),
    mutant("read uncommitted", "aborted and open transactions", NEVER_SENT),
    mutant(
        "decompress nothing",
        "batches of every codec",
        LOST,
        settings=dataclasses.replace(SETTINGS, compression="none"),
    ),
    mutant(
        "disable the watchdog",
        "a stage hangs",
        COMMITS_REACH_THE_END,
        settings=dataclasses.replace(SETTINGS, stall_seconds=30),
    ),
    mutant("overlook what ends the reading", "the Kafka client fails", TRIGGERS_FIRE),
    mutant("ignore crash marks", "messages that kill their worker", COMMITS_REACH_THE_END),
    mutant(
        "ignore crash marks",
        "a message without end",
        COMMITS_REACH_THE_END,
        settings=dataclasses.replace(SETTINGS, stall_seconds=30, crash_limit=1),
    ),
    mutant("skip the end of the ledger", "death during recovery", DIFFERENT),
    mutant("skip the end of the ledger", "kill -9 while 100,000 entries load", DIFFERENT),
    mutant("recover no ledger", "1 to 3 to 1 workers", DIFFERENT),
    mutant("load only the snapshot", "snapshots wiped, torn, old", DIFFERENT),
    mutant("exit when a snapshot fails", "snapshots on a full disk", FULL_DISK_ENDS_NO_WORKER),
    mutant("use the wall clock", "clock jumps", DIFFERENT),
    mutant("end on a stray record", "odd records", STRAY_RECORDS_NAMED),
    mutant("trust every message time", "odd records", DIFFERENT),
    mutant("install no signal handlers", "rolling SIGTERM", SIGTERM_EXIT_CODES),
    *(
        mutant("acknowledge early", drill, EARLY)
        for drill in (
            "SIGSTOP longer than the session",
            "broker kill -9",
            "broker down for 30 s",
            "leader kill -9, 3 brokers",
            "rolling restart of 3 brokers",
            "3 brokers down for 30 s",
            "connection resets",
            "black hole",
            "500 ms latency",
        )
    ),
)
MUTANTS = (*QUICK, *OTHERS)

NOT_FOUND = frozenset({"seek as Faust does", "keep consuming while rebalancing", "drop the second reference"})
"""Sabotages that no drill finds reliably. Without Faust's Tables they need a rare race, or another safeguard covers
them (``RESULTS.md`` says what was tried)."""
