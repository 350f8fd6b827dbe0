"""The mutants: for each sabotage the drills that find it, and by what. ``QUICK`` are part of ``make drills``."""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.reliability.drills.table import DRILLS, SETTINGS, SETTLE, Drill
from tests.reliability.faults.sabotage import SABOTAGES

STUCK = "the commits reach the end"
"""What a drill says that does not come to its end."""
LOST, OTHERWISE, EARLY = "is lost", "stands otherwise in", "was acknowledged by"
"""What the checker says of an article that never came out, of one that was judged differently, and of a message that
was acknowledged before its outcome was there."""
PATIENCE = 45
"""Seconds that a mutant has to come to its end where it need not."""

BY_NAME = {drill.name: drill for drill in DRILLS}


def mutant(sabotage: str, drill: str, finding: str, **changes: Any) -> Drill:
    """The drill with rigged workers, which must come to the finding."""
    assert sabotage in SABOTAGES
    patience = PATIENCE if finding == STUCK else SETTLE
    return dataclasses.replace(BY_NAME[drill], sabotage=sabotage, finding=finding, patience=patience, **changes)


QUICK = (
    mutant("acknowledge early", "kill -9 of each role", EARLY),  # what is lost by it is chance
    mutant("forget the claim", "kill -9 of each role", "should be in news-ledger"),
    mutant("compare with later articles", "a batch cut short", OTHERWISE, faults=("write_half_a_batch",)),
    mutant("go on after failed deliveries", "a batch cut short", LOST, faults=("refuse_an_output",)),
    mutant("leave failures to Faust", "a batch cut short", LOST, faults=("refuse_an_output",)),
    mutant("trust old ledgers", "ledgers there and back", OTHERWISE),
    mutant("refuse without limit", "a flood halts the worker", "no worker halts"),
)
OTHERS = (
    mutant("commit nothing", "input in transactions", STUCK),
    mutant("await no delivery", "a batch cut short", LOST, faults=("refuse_an_output",)),
    mutant("ignore the claim", "death at each point of a batch", "has 2 values", faults=("die_unacknowledged",)),
    mutant("read no ledger", "death at each point of a batch", OTHERWISE, faults=("die_unacknowledged",)),
    mutant("count gaps as Faust does", "input in transactions", STUCK),
    mutant("have no watchdog", "a stage hangs", STUCK, settings=dataclasses.replace(SETTINGS, stall_seconds=30)),
    mutant("leave the end of the ledger", "death amid a recovery", OTHERWISE),
    mutant("leave the end of the ledger", "kill -9 amid the load of 100,000 entries", OTHERWISE),
    mutant("read no ledger", "1 to 3 to 1 workers", OTHERWISE),
    mutant("trust snapshots alone", "snapshots wiped, torn, old", OTHERWISE),
    mutant("need every snapshot", "snapshots on a full disk", "a full disk ends no worker"),
    mutant("end the window by the wall clock", "clock jumps", OTHERWISE),
    mutant("handle no signal", "rolling SIGTERM", "SIGTERM ends workers with"),
    *(
        mutant("acknowledge early", drill, EARLY)
        for drill in (
            "SIGSTOP beyond the session",
            "broker kill -9",
            "broker away for 30 s",
            "leader kill -9, 3 brokers",
            "rolling restart of 3 brokers",
            "3 brokers away for 30 s",
            "connection resets",
            "black hole",
            "500 ms latency",
        )
    ),
)
MUTANTS = (*QUICK, *OTHERS)

NOT_FOUND = frozenset({"seek as Faust does", "let the flow go", "hold nothing"})
"""What no drill finds reliably: without Tables it takes a rare race, or another remedy stands behind it
(``RESULTS.md`` says what was tried)."""
