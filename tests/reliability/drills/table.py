"""The drills. One table, ``DRILLS``; each row has a workload, faults and a seed. ``run.run`` runs one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path

from tests.reliability.harness.cluster import REPLICAS
from tests.reliability.harness.stream import NO_MODEL
from workers.outcomes import Stage
from workers.settings import Settings

ONE_EACH = tuple(Stage)
TWO_EACH = tuple(chain.from_iterable(repeat(stage, 2) for stage in Stage))
LANGUAGES = ("en", "de", "fr")
COMMIT_TIMEOUT = 240
"""Seconds after the faults until every role must have committed all of its input."""

KILLER_TIMEOUT = 420
"""The same for drills in which workers end several times: the supervisor waits longer and longer before a restart."""

SETTINGS = Settings(session_timeout=6, partitions=6, models=NO_MODEL)
REPLICATED = dataclasses.replace(SETTINGS, replication=REPLICAS)
FREQUENT_SNAPSHOTS = dataclasses.replace(SETTINGS, snapshot_seconds=1)
HEAD_START = 0.1
"""The share of the backlog that must have come out before the faults begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A drill: faults in a stream that works on a backlog while more articles arrive.

    Attributes:
        faults: names from ``FAULTS``, one after the other.
        backlog: articles published before the faults.
        rate: articles published per second during the faults.
        slow: seconds added to every message in every stage.
        roles: one worker for each entry.
        proxied: whether workers connect through the fault proxy.
        disk_kib: size of the disk for snapshots; None uses the usual disk.
        prefill: entries in the ledger of the first language before the run.
        bad: share of the messages that are refused.
        commit_timeout: seconds after the faults until every role must have committed all of its input.
        environment: more variables for the workers.
        sabotage: the guarantee to break, from ``SABOTAGES``.
        finding: the text that must then appear in the failure; None if nothing is broken.
        guards: whether the drill alone guards the delivery guarantee, and so runs in CI.
    """

    name: str
    faults: tuple[str, ...]
    seed: int
    backlog: int = 400
    rate: float = 30
    slow: float = 0.01
    roles: tuple[Stage, ...] = ONE_EACH
    proxied: bool = False
    disk_kib: int | None = None
    prefill: int = 0
    bad: float = 0.04
    commit_timeout: float = COMMIT_TIMEOUT
    environment: Mapping[str, str] = field(default_factory=dict)
    sabotage: str = ""
    finding: str | None = None
    guards: bool = False
    settings: Settings = SETTINGS

    @property
    def title(self) -> str:
        """The name of the drill in the results."""
        return f"{self.name}; sabotage: {self.sabotage}" if self.sabotage else self.name


FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
"""Debian's libfaketime; None if it is not installed."""
FAKE_CLOCK = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

# Neighbours run at the same time. Drills with three brokers are kept apart.
DRILLS = (
    Drill(name="kill -9 of each role", guards=True, faults=("kill_each_role",), seed=1),
    Drill(name="death at each point of a batch", guards=True, faults=("die_at_each_point",), seed=2),
    Drill(name="death during recovery", faults=("die_during_recovery",), seed=3),
    Drill(name="SIGSTOP longer than the session", faults=("freeze_longer_than_the_session",), seed=4, roles=TWO_EACH),
    Drill(name="rolling SIGTERM", faults=("rolling_restart",), seed=5, roles=TWO_EACH),
    Drill(name="1 to 3 to 1 workers", faults=("scale_up_and_down",), seed=6),
    Drill(name="broker kill -9", guards=True, faults=("kill_broker",), seed=7),
    Drill(name="broker down for 30 s", guards=True, faults=("broker_outage",), seed=8, rate=20),
    Drill(
        name="leader kill -9, 3 brokers", guards=True, faults=("kill_partition_leader",), seed=13, rate=20,
        settings=REPLICATED,
    ),
    Drill(name="connection resets", faults=("reset_connections",), seed=9, proxied=True),
    Drill(name="black hole", guards=True, faults=("black_hole",), seed=10, proxied=True, rate=20),
    Drill(name="500 ms latency", faults=("latency",), seed=11, proxied=True, rate=20),
    Drill(
        name="rolling restart of 3 brokers", faults=("restart_brokers_in_turn",), seed=14, rate=20, settings=REPLICATED,
    ),
    Drill(name="clock jumps", faults=("clock_jumps",), seed=12, environment=FAKE_CLOCK),
    Drill(
        name="an interrupted batch", guards=True, seed=16,
        faults=("crash_during_a_batch", "write_half_a_batch", "reject_an_output"),
    ),
    Drill(name="the Kafka client fails", guards=True, faults=("fail_in_the_client",), seed=28),
    Drill(name="ledgers moved and returned", guards=True, faults=("move_ledgers_and_back",), seed=18),
    Drill(
        name="messages of 5 hours read again", guards=True, faults=("read_again",), seed=27, backlog=0, rate=0,
        # One partition: the articles come in the order of their times, apart from late ones.
        settings=dataclasses.replace(SETTINGS, partitions=1, window_hours=1, raw_retention_hours=12),
    ),
    Drill(
        name="kill -9 while 100,000 entries load", faults=("reload_during_kills_and_rebalances",), seed=19,
        prefill=100_000, rate=15,
    ),
    Drill(name="3 brokers down for 30 s", faults=("broker_outage",), seed=15, rate=20, settings=REPLICATED),
    Drill(
        name="snapshots wiped, torn, old", guards=True, seed=23, settings=FREQUENT_SNAPSHOTS,
        faults=("wipe_snapshots", "tear_snapshots", "bring_back_old_snapshots"),
    ),
    Drill(
        name="snapshots on a full disk", faults=("fill_the_disk",), seed=24, settings=FREQUENT_SNAPSHOTS, disk_kib=48,
    ),
    Drill(name="input in transactions", guards=True, faults=("send_in_transactions",), seed=20, backlog=20, rate=0),
    Drill(name="odd records", guards=True, faults=("send_odd_records",), seed=25, backlog=200, rate=20),
    Drill(
        name="batches of every codec", guards=True, faults=("compress_with_every_codec",), seed=25, backlog=20, rate=0,
    ),
    Drill(
        name="aborted and open transactions", guards=True, faults=("abort_transactions",), seed=26, backlog=20, rate=0,
    ),
    Drill(
        name="a stage hangs", faults=("hang",), seed=21, rate=5,
        settings=dataclasses.replace(SETTINGS, stall_seconds=30),
    ),
    Drill(
        name="messages that kill their worker", faults=("send_killers",), seed=25, backlog=100, rate=10,
        commit_timeout=KILLER_TIMEOUT, settings=dataclasses.replace(SETTINGS, crash_limit=2),
    ),
    Drill(
        name="a message without end", faults=("send_an_endless_article",), seed=26, backlog=100, rate=0,
        commit_timeout=KILLER_TIMEOUT, settings=dataclasses.replace(SETTINGS, stall_seconds=30, crash_limit=1),
    ),
    Drill(
        name="a flood halts the worker", faults=("restart_after_each_halt",), seed=22, backlog=450, rate=0, bad=1.0,
        settings=dataclasses.replace(SETTINGS, dead_letter_window=100),
    ),
)  # fmt: skip
