"""``python -m tests.integration.hanging_worker MODE``: a clean worker that hangs at its first message.

MODE is one of:

- ``handler``: the stage's thread never returns.
- ``loop``: the event loop is blocked.
- ``lock``: native code holds the interpreter's lock, so that no thread runs.
- ``deaf``: the worker never fetches a message.
- ``late``: every message takes a few seconds. The watchdog allows that, but the producer's request timeout is short.
- ``healthy``: nothing hangs.
"""

from __future__ import annotations

import ctypes
import dataclasses
import os
import sys
import time
from typing import Any

import workers.stream.build
from workers.fault_points import replace_at
from workers.observability.logs import configure
from workers.outcomes import Stage
from workers.settings import Settings
from workers.stages import STAGES

MODE = sys.argv[1]
# A start may take twice as long: until the session of the worker that an earlier test has killed is over.
STALL_SECONDS = 60 if MODE == "late" else 6
LATE_SECONDS = 4
LATE_REQUEST_TIMEOUT = 2
FOREVER = 600


def hang_in_the_handler(*_: object) -> None:
    if MODE == "lock":
        ctypes.PyDLL(None).sleep(FOREVER)  # PyDLL keeps the interpreter's lock
    time.sleep(FOREVER)


def handle_late(handle: Any) -> Any:
    def late(*arguments: Any) -> Any:
        time.sleep(LATE_SECONDS)
        return handle(*arguments)

    return late


async def block_the_loop(*_: object) -> None:
    time.sleep(FOREVER)


def pause_forever(_: object) -> Any:
    def pause(worker: Any) -> None:
        worker.app.consumer.stop_flow()
        worker.app.consumer.resume_flow = lambda: None

    return pause


def with_short_request_timeout(build: Any) -> Any:
    def built(*arguments: Any, **options: Any) -> Any:
        worker = build(*arguments, **options)
        worker.app.conf.producer_request_timeout = LATE_REQUEST_TIMEOUT
        return worker

    return built


if __name__ == "__main__":
    match MODE:
        case "handler" | "lock":
            replace_at("handle batch", lambda handle: hang_in_the_handler)
        case "loop":
            replace_at("run batch", lambda run_batch: block_the_loop)
        case "deaf":
            replace_at("pause until rebalanced", pause_forever)
        case "late":
            replace_at("handle batch", handle_late)
            replace_at("build worker", with_short_request_timeout)
    configure("INFO", "json")
    settings = dataclasses.replace(Settings.from_environment(os.environ), stall_seconds=STALL_SECONDS)
    workers.stream.build.run_worker(STAGES[Stage.CLEAN], settings, settings.broker, {})
