"""The faults, collected in one table, ``FAULTS``.

A fault is a function that disturbs a stream under load and returns when the disturbance is over. What it chooses at
random comes from the generator that it is given, so that a drill's seed reproduces it.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.reliability.faults.broker import BROKER_FAULTS
from tests.reliability.faults.partitions import PARTITION_FAULTS
from tests.reliability.faults.producers import PRODUCER_FAULTS
from tests.reliability.faults.records import RECORD_FAULTS
from tests.reliability.faults.rewinds import REWIND_FAULTS
from tests.reliability.faults.snapshots import SNAPSHOT_FAULTS
from tests.reliability.faults.workers import WORKER_FAULTS
from tests.reliability.harness.stream import DrillStream

Fault = Callable[[DrillStream, random.Random], None]

FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        *WORKER_FAULTS,
        *PARTITION_FAULTS,
        *PRODUCER_FAULTS,
        *RECORD_FAULTS,
        *REWIND_FAULTS,
        *SNAPSHOT_FAULTS,
        *BROKER_FAULTS,
    )
}  # fmt: skip
