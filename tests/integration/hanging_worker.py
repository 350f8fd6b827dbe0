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
from collections.abc import Sequence
from typing import Any

import workers.stream.worker
from workers.messages import Message
from workers.observability.logs import configure
from workers.outcomes import Stage
from workers.settings import Settings
from workers.stream.runner import HandlerResult

PATIENCE = {"not": 6, "later": 60}.get(sys.argv[1], 2)
PRODUCER_PATIENCE = 2
LATE = 4


def hang_in_the_handler(messages: Sequence[Message]) -> Sequence[HandlerResult]:
    if sys.argv[1] == "lock":
        ctypes.PyDLL(None).sleep(600)  # PyDLL does not let the lock go
    time.sleep(600)
    return []


class Hanging(workers.stream.worker.StageWorker):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        quick = self.runner.handler

        def late(messages: Sequence[Message]) -> Sequence[HandlerResult]:
            time.sleep(LATE)
            return quick(messages)

        if sys.argv[1] == "later":
            self.app.conf.producer_request_timeout = PRODUCER_PATIENCE
            self.runner.handler = late
        if sys.argv[1] in ("handler", "lock"):
            self.runner.handler = hang_in_the_handler

    async def _run(self, events: Any) -> None:
        if sys.argv[1] == "loop":
            time.sleep(600)
        await super()._run(events)


async def never_resume(app: Any, **_: object) -> None:
    app.consumer.stop_flow()
    app.consumer.resume_flow = lambda: None


if __name__ == "__main__":
    if sys.argv[1] == "deaf":
        workers.stream.worker.__dict__["hold_flow"] = never_resume
    workers.stream.worker.__dict__["Pipeline"] = Hanging
    configure("INFO", "json")
    settings = dataclasses.replace(Settings.from_environment(os.environ), stall_seconds=PATIENCE)
    workers.stream.worker.run_worker(Stage.CLEAN, settings, settings.broker, {})
