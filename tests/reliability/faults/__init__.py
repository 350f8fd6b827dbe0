"""The faults: each happens to a scene under load and returns when it is over. One table, ``FAULTS``, names them all."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.reliability.faults.broker import BROKER_FAULTS
from tests.reliability.faults.partitions import PARTITION_FAULTS
from tests.reliability.faults.snapshots import SNAPSHOT_FAULTS
from tests.reliability.faults.workers import WORKER_FAULTS
from tests.reliability.harness.scene import Scene

Fault = Callable[[Scene, random.Random], None]

FAULTS: dict[str, Fault] = {
    fault.__name__: fault for fault in (*WORKER_FAULTS, *PARTITION_FAULTS, *SNAPSHOT_FAULTS, *BROKER_FAULTS)
}
