"""``python -m tests.integration.hanging_worker HOW``: a clean worker that hangs over its first message.

HOW is ``handler`` (the stage's thread waits for ever), ``loop`` (the event loop does), ``lock`` (native code holds the
interpreter's lock, so that no thread runs), ``deaf`` (it takes in no message at all), ``not``, or ``later``: it handles
its messages a few seconds late, and has patience itself, but its producer has little.
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

STALL_SECONDS = {"not": 6, "later": 60}.get(sys.argv[1], 2)
PRODUCER_TIMEOUT = 2
HANDLING_SECONDS = 4


def hang(_: object) -> Any:
    def handle(*_: object) -> None:
        if sys.argv[1] == "lock":
            ctypes.PyDLL(None).sleep(600)  # PyDLL keeps the interpreter lock
        time.sleep(600)

    return handle


def slow_down(handle: Any) -> Any:
    def slowly(*arguments: Any) -> Any:
        time.sleep(HANDLING_SECONDS)
        return handle(*arguments)

    return slowly


def hang_the_loop(_: object) -> Any:
    async def run_batch(*_: object) -> None:
        time.sleep(600)

    return run_batch


def never_resume(_: object) -> Any:
    def pause(worker: Any) -> None:
        worker.app.consumer.stop_flow()
        worker.app.consumer.resume_flow = lambda: None

    return pause


def with_impatient_producer(build: Any) -> Any:
    def built(*arguments: Any, **options: Any) -> Any:
        worker = build(*arguments, **options)
        worker.app.conf.producer_request_timeout = PRODUCER_TIMEOUT
        return worker

    return built


if __name__ == "__main__":
    match sys.argv[1]:
        case "handler" | "lock":
            replace_at("handle batch", hang)
        case "loop":
            replace_at("run batch", hang_the_loop)
        case "deaf":
            replace_at("pause until rebalanced", never_resume)
        case "later":
            replace_at("handle batch", slow_down)
            replace_at("build worker", with_impatient_producer)
    configure("INFO", "json")
    settings = dataclasses.replace(Settings.from_environment(os.environ), stall_seconds=STALL_SECONDS)
    workers.stream.build.run_worker(STAGES[Stage.CLEAN], settings, settings.broker, {})
