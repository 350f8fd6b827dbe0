"""The drills: each a workload, faults and a seed. One table, ``DRILLS``; ``play.run`` runs one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path

from tests.reliability.harness.cluster import THREE
from tests.reliability.harness.scene import NO_MODEL
from workers.outcomes import Stage
from workers.settings import Settings

ONE_EACH = tuple(Stage)
TWO_EACH = tuple(chain.from_iterable(repeat(stage, 2) for stage in Stage))
LANGUAGES = ("en", "de", "fr")
SETTLE = 240
"""Seconds that a stream has after the faults to take everything through."""

SETTINGS = Settings(session_timeout=6, partitions=6, models=NO_MODEL)
THRICE = dataclasses.replace(SETTINGS, replication=THREE)
OFTEN = dataclasses.replace(SETTINGS, snapshot_seconds=1)
HEAD_START = 0.1
"""The share of the backlog that has come out when the faults begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A drill: a backlog of so many articles and more at a rate (a second) for as long as the faults last."""

    name: str
    faults: tuple[str, ...]
    seed: int
    backlog: int = 400
    rate: float = 30
    slow: float = 0.01
    roles: tuple[Stage, ...] = ONE_EACH
    proxied: bool = False
    disk: int | None = None
    """The size of the disk under the snapshots, in KiB."""
    prefill: int = 0
    """Earlier articles in the ledger of the first language."""
    bad: float = 0.04
    """The share of the messages that are refused."""
    patience: float = SETTLE
    environment: Mapping[str, str] = field(default_factory=dict)
    sabotage: str = ""
    """The guarantee that is broken on purpose."""
    finding: str | None = None
    """What must then be found; None where nothing is broken."""
    guards: bool = False
    """Whether the drill guards the delivery guarantee by itself, and so runs in CI."""
    settings: Settings = SETTINGS

    @property
    def title(self) -> str:
        """What the drill is called in the results."""
        return f"{self.name}; sabotage: {self.sabotage}" if self.sabotage else self.name


FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
"""Debian's libfaketime, where it is installed."""
TWISTED = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

# A few run at a time, neighbours: those of three brokers stand apart.
DRILLS = (
    Drill(name="kill -9 of each role", guards=True, faults=("kill_each_role",), seed=1),
    Drill(name="death at each point of a batch", guards=True, faults=("die_at_each_point",), seed=2),
    Drill(name="death amid a recovery", faults=("die_amid_recovery",), seed=3),
    Drill(name="SIGSTOP beyond the session", faults=("stop_longer_than_the_session",), seed=4, roles=TWO_EACH),
    Drill(name="rolling SIGTERM", faults=("rolling_restart",), seed=5, roles=TWO_EACH),
    Drill(name="1 to 3 to 1 workers", faults=("one_three_one",), seed=6),
    Drill(name="broker kill -9", guards=True, faults=("kill_the_broker",), seed=7),
    Drill(name="broker away for 30 s", guards=True, faults=("broker_away",), seed=8, rate=20),
    Drill(name="leader kill -9, 3 brokers", guards=True, faults=("leader_dies",), seed=13, rate=20, settings=THRICE),
    Drill(name="connection resets", faults=("reset_connections",), seed=9, proxied=True),
    Drill(name="black hole", guards=True, faults=("black_hole",), seed=10, proxied=True, rate=20),
    Drill(name="500 ms latency", faults=("latency",), seed=11, proxied=True, rate=20),
    Drill(name="rolling restart of 3 brokers", faults=("restart_each_broker",), seed=14, rate=20, settings=THRICE),
    Drill(name="clock jumps", faults=("clock_jumps",), seed=12, environment=TWISTED),
    Drill(
        name="a batch cut short", guards=True, seed=16,
        faults=("crash_amid_a_batch", "write_half_a_batch", "refuse_an_output"),
    ),
    Drill(name="ledgers there and back", guards=True, faults=("take_ledgers_away_and_back",), seed=18),
    Drill(
        name="kill -9 amid the load of 100,000 entries", faults=("reload_amid_kills_and_rebalances",), seed=19,
        prefill=100_000, rate=15,
    ),
    Drill(name="3 brokers away for 30 s", faults=("broker_away",), seed=15, rate=20, settings=THRICE),
    Drill(
        name="snapshots wiped, torn, old", guards=True, seed=23, settings=OFTEN,
        faults=("wipe_snapshots", "tear_snapshots", "bring_back_old_snapshots"),
    ),
    Drill(name="snapshots on a full disk", faults=("fill_the_disk",), seed=24, settings=OFTEN, disk=48),
    Drill(name="input in transactions", guards=True, faults=("send_in_transactions",), seed=20, backlog=20, rate=0),
    Drill(
        name="a stage hangs", faults=("hang",), seed=21, rate=5,
        settings=dataclasses.replace(SETTINGS, stall_seconds=30),
    ),
    Drill(
        name="a flood halts the worker", faults=("restart_after_each_halt",), seed=22, backlog=450, rate=0, bad=1.0,
        settings=dataclasses.replace(SETTINGS, dead_letter_window=100),
    ),
)  # fmt: skip
