"""The undisturbed run: the same stages and runner handle the same input again, in this process, without a broker.

Each stage reads its input topic as it is at the end of the run, each origin once, in offset order. The output topics
must hold exactly what comes out, byte for byte, whatever happened to the workers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence

from schemas import Origin
from tests.reliability.checker.history import History, origin_of
from tests.reliability.findings import KILLER
from workers.dedupe import Ledger
from workers.messages import Handler, HandlerResult, Message, Output
from workers.observability.metrics import Metrics
from workers.settings import Settings
from workers.stages import STAGES, StageContext
from workers.stream.crash_guard import killed_worker
from workers.stream.runner import Runner
from workers.topics import topics

Expected = dict[Origin, list[Output]]
"""The outputs that each raw message must have in all stages together."""


def new_ledgers(history: History) -> dict[int, Ledger]:
    """The ledger of each language shard, as it was before the run."""
    settings = history.settings
    ledgers = {shard: Ledger(history.window_ms, history.memory_ms) for shard in range(len(settings.shards))}
    for entry in history.prefilled:
        ledgers[entry.partition].load((entry.key or b"").decode(), entry.value or b"")
    return ledgers


def undisturbed(history: History) -> tuple[Expected, dict[int, Ledger]]:
    """The expected outputs for the history's input, and the ledgers after it."""
    settings, ledgers = history.settings, new_ledgers(history)
    context = StageContext(settings=settings, ledger_of=ledgers.__getitem__)
    expected: Expected = {}
    for stage in STAGES.values():
        if stage.name in history.stages:
            handler = stage.make_handler(context)
            asyncio.run(_replay(stage.name, handler, history.without_repeats(stage.input_topic), settings, expected))
    return expected, ledgers


async def _replay(
    stage: str, handler: Handler, messages: Iterable[Message], settings: Settings, expected: Expected
) -> None:
    outputs: list[Output] = []

    async def send(output: Output) -> Awaitable[object]:
        outputs.append(output)
        return asyncio.sleep(0)

    runner = Runner(stage, handler, send, {topic.name: topic for topic in topics(settings)}, Metrics())

    async def give_up(messages: Sequence[Message]) -> Sequence[HandlerResult]:
        return [killed_worker(settings.crash_limit)]

    killer = KILLER.format(stage, "").encode()
    for message in messages:
        outputs.clear()
        await runner.run([message], handle=give_up if killer in (message.value or b"") else None)
        expected.setdefault(origin_of(message), []).extend(outputs)
