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
from collections.abc import Sequence
from typing import Any

import pytest

import workers.stream.worker
from workers.messages import Message
from workers.observability.logs import configure
from workers.outcomes import Stage
from workers.settings import Settings
from workers.stream.runner import HandlerResult
from workers.stream.worker import StageWorker

MODE = sys.argv[1]
STALL_SECONDS = {"healthy": 6, "late": 60}.get(MODE, 2)
LATE_SECONDS = 4
LATE_REQUEST_TIMEOUT = 2
FOREVER = 600


def hang_in_the_handler(messages: Sequence[Message]) -> Sequence[HandlerResult]:
    if MODE == "lock":
        ctypes.PyDLL(None).sleep(FOREVER)  # PyDLL keeps the interpreter's lock
    time.sleep(FOREVER)
    return []


class HangingWorker(StageWorker):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        handle = self.runner.handler

        def handle_late(messages: Sequence[Message]) -> Sequence[HandlerResult]:
            time.sleep(LATE_SECONDS)
            return handle(messages)

        if MODE == "late":
            self.app.conf.producer_request_timeout = LATE_REQUEST_TIMEOUT
            self.runner.handler = handle_late
        if MODE in ("handler", "lock"):
            self.runner.handler = hang_in_the_handler

    async def _run(self, events: Any) -> None:
        if MODE == "loop":
            time.sleep(FOREVER)
        await super()._run(events)


async def pause_forever(app: Any, **_: object) -> None:
    app.consumer.stop_flow()
    app.consumer.resume_flow = lambda: None


if __name__ == "__main__":
    patch = pytest.MonkeyPatch()  # fails if a name to replace does not exist
    if MODE == "deaf":
        patch.setattr(workers.stream.worker, "pause_until_rebalanced", pause_forever)
    patch.setattr(workers.stream.worker, "StageWorker", HangingWorker)
    configure("INFO", "json")
    settings = dataclasses.replace(Settings.from_environment(os.environ), stall_seconds=STALL_SECONDS)
    workers.stream.worker.run_worker(Stage.CLEAN, settings, settings.broker, {})
