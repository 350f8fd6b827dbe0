"""``python -m tests.bounds STAGE [SIZE [KIND …]]``: the time and memory that a stage takes for long texts of each kind.

Every figure is for one message in a process that is warm: CPU seconds, and the peak of its resident memory above what
it had before. The last line has the worst of each. The memory limits in ``deploy/`` derive from ``MAX_EXTRA_BYTES``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from schemas import encode
from tests.long_texts import KINDS, PROSE, long_text
from workers import topics
from workers.dedupe import Ledger
from workers.in_process import _as_read
from workers.messages import Handler, Message
from workers.outcomes import Stage
from workers.settings import Settings
from workers.stages import STAGES, StageContext

SIZE = 400_000
"""Code points: the longest text that clean accepts."""
MAX_EXTRA_BYTES = 150 * 1024**2
"""What one message may add to the memory of a warm stage, whatever it holds."""
WORKER_BYTES = 350 * 1024**2
"""A warm worker with its Kafka client and an empty ledger."""
FETCHED_BYTES = 52 * 1024**2
"""What aiokafka may have fetched from a broker and not yet handed over (its ``fetch_max_bytes``)."""

_PROC = Path("/proc/self")


def messages_of(stage: Stage) -> Callable[[str], Message]:
    """A function that returns a new message for the stage with a text as its body."""
    offset = 0

    def message(body: str) -> Message:
        nonlocal offset
        offset += 1
        article = {"headline": "Harbour reopens", "body": body, "url": f"https://example.org/{offset}"}
        raw = Message(topics.RAW, 0, offset, 1_700_000_000_000, orjson.dumps(article))
        if stage is Stage.CLEAN:
            return raw
        named = orjson.dumps(article | {"id": f"{offset:016x}", "language": "en"})
        record = _as_read(Message(topics.RAW, 0, offset, raw.timestamp, named), STAGES[stage], Settings())
        return Message(STAGES[stage].input_topic, 0, offset, raw.timestamp, encode(record))

    return message


def handler_of(stage: Stage) -> Handler:
    """The handler of the stage, as in a worker with default settings."""
    ledger = Ledger(72 * topics.HOUR)
    return STAGES[stage].make_handler(StageContext(settings=Settings(), ledger_of=lambda partition: ledger))


def measure(handler: Handler, message: Message) -> tuple[float, int]:
    """The CPU seconds and the peak of additional resident bytes while the handler handles the message."""
    (_PROC / "clear_refs").write_text("5")  # resets the peak
    before = _resident("VmRSS")
    began = time.process_time()
    handler([message])
    return time.process_time() - began, _resident("VmHWM") - before


def _resident(name: str) -> int:
    lines = (_PROC / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def main(stage: Stage, size: int, kinds: Sequence[str]) -> None:
    """Print a line for each kind of text, and the worst of each figure."""
    handler, message = handler_of(stage), messages_of(stage)
    handler([message(long_text(PROSE, 20_000))])
    worst_seconds, worst_bytes = 0.0, 0
    for kind in kinds:
        seconds, extra = measure(handler, message(long_text(kind, size)))
        worst_seconds, worst_bytes = max(worst_seconds, seconds), max(worst_bytes, extra)
        print(f"{stage} {kind:32} {seconds:6.2f} s {extra / 1024**2:6.0f} MB", flush=True)
    print(f"{stage} worst {worst_seconds:.2f} s {worst_bytes / 1024**2:.0f} MB")


if __name__ == "__main__":
    main(Stage(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else SIZE, sys.argv[3:] or list(KINDS))
