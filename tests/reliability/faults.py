"""The faults: each happens to a scene under load and returns when it is over. One table, ``FAULTS``, names them all."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.reliability.broker_faults import BROKER_FAULTS
from tests.reliability.partition_faults import PARTITION_FAULTS
from tests.reliability.scene import Scene
from tests.reliability.snapshot_faults import SNAPSHOT_FAULTS
from tests.reliability.worker_faults import WORKER_FAULTS

Fault = Callable[[Scene, random.Random], None]

FAULTS: dict[str, Fault] = {
    fault.__name__: fault for fault in (*WORKER_FAULTS, *PARTITION_FAULTS, *SNAPSHOT_FAULTS, *BROKER_FAULTS)
}
