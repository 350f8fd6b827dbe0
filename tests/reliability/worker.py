"""``python -m tests.reliability.worker worker ROLE``: the real command, with a rigged pipeline inside.

The environment says how it is rigged: ``DRILL_SLOW`` (seconds that every message takes), ``DRILL_DEATHS`` (a directory
of tokens ``role.point.count-anything``: at the count-th time that a process of the role comes to the point, it takes
the token away and dies as by kill -9), ``DRILL_SABOTAGE`` (a guarantee broken on purpose, to see the checker find it).
"""

from __future__ import annotations

import os
import select
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import workers.app
from workers.app import Pipeline
from workers.runner import Answer
from workers.stages import Message, Output
from workers.topics import DEAD_LETTERS, LEDGER

SLOW = float(os.environ.get("DRILL_SLOW") or 0)
DEATHS = os.environ.get("DRILL_DEATHS")
SABOTAGE = os.environ.get("DRILL_SABOTAGE")

POINTS = ("handled", "sent", "delivered")
"""Where every role can die: before a batch's first output is sent, after it, after the last was acknowledged."""
DEAD_LETTER, RECOVERY = "dead_letter", "recovery"
"""Where some can: after a dead letter was sent, and amid the load of a ledger."""


class Rigged(Pipeline):
    """The pipeline, slower, mortal or sabotaged."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._passed: Counter[str] = Counter()
        quick = self.runner.handler

        def handler(messages: Sequence[Message]) -> Sequence[Answer]:
            # Not time.sleep: under libfaketime it fails.
            select.select([], [], [], SLOW * len(messages))
            answers = quick(messages)
            self._die_at("handled")
            return answers

        self.runner.handler = handler

    async def _run(self, events: Any) -> None:
        if SABOTAGE == "acknowledge early":
            for event in events:
                event.ack()
                event.ack()
        await super()._run(events)
        self._die_at("delivered")

    async def _send(self, output: Output, timestamp: int) -> Any:
        if SABOTAGE == "forget the claim" and output.topic == LEDGER:
            return _nothing()
        delivery = await super()._send(output, timestamp)
        self._die_at(DEAD_LETTER if output.topic == DEAD_LETTERS else "sent")
        return delivery

    def _ledger_consumer(self) -> Any:
        consumer = super()._ledger_consumer()
        getmany = consumer.getmany

        async def few(*places: Any, **options: Any) -> Any:
            found = await getmany(*places, **(options | {"max_records": 100}))
            self._die_at(RECOVERY)
            return found

        consumer.getmany = few
        return consumer

    def _die_at(self, point: str) -> None:
        if not DEATHS:
            return
        self._passed[point] += 1
        for token in sorted(Path(DEATHS).glob(f"{self.stage}.{point}.*")):
            if self._passed[point] >= int(token.name.split(".")[2].split("-")[0]):
                with suppress(FileNotFoundError):  # another process was faster, and has died of it
                    token.unlink()
                    os.kill(os.getpid(), signal.SIGKILL)


async def _nothing() -> None:
    pass


if __name__ == "__main__":
    workers.app.Pipeline = Rigged  # type: ignore[misc]
    from workers.cli import main

    main()
