"""The runner with a fake broker: what it sends, awaits, counts and refuses."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import logging
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from aiokafka.errors import InvalidTimestampError, MessageSizeTooLargeError

from schemas import DeadLetterHeaders, convert
from tests.dedupe.support import PARAGRAPHS, article
from workers import __version__, topics
from workers.errors import LedgerMissingError, RejectedError
from workers.messages import Handler, Headers, Message, Output, Result
from workers.observability.metrics import Metrics
from workers.observability.tracing import Traces
from workers.outcomes import Outcome, Reason, Stage
from workers.settings import Settings
from workers.stages import per_batch, per_message
from workers.stream.dead_letters import ERROR_HEADERS, MAX_ERROR_CHARS, dead_letter
from workers.stream.delivery import InvalidRecordError
from workers.stream.runner import Runner

SENT_AT = 1_767_268_800_000
NOW = SENT_AT / 1000 + 2.5
TABLE = {topic.name: topic for topic in topics.topics(Settings())}


class FakeBroker:
    """Acknowledges outputs a little later, the first ones last; rejects those of the ``failing`` topic.

    ``refuse`` returns the error with which an output is refused for good, if it is.
    """

    refuse: Callable[[Output], Exception | None] = staticmethod(lambda output: None)

    def __init__(self, failing: str = "") -> None:
        self.sent: list[Output] = []
        self.acknowledged: list[Output] = []
        self._failing = failing

    async def __call__(self, output: Output) -> Awaitable[object]:
        self.sent.append(output)
        return self._acknowledge(output, pause=0.05 / len(self.sent))

    async def _acknowledge(self, output: Output, pause: float) -> None:
        await asyncio.sleep(pause)
        if output.topic == self._failing:
            raise ConnectionError("the broker is gone")
        if error := self.refuse(output):
            raise error
        self.acknowledged.append(output)


def message(value: bytes | None = b"raw", offset: int = 0, headers: Headers = ()) -> Message:
    return Message(topics.RAW, 2, offset, SENT_AT, value, b"a key", headers)


def passed_on(message: Message) -> Result:
    output = Output(topics.CLEAN, b"id", message.value, partition=0)
    return Result(Outcome.CLEAN, article(PARAGRAPHS[0], offset=message.offset), (output,))


def refuse(message: Message) -> Result:
    raise RejectedError(Reason.NO_BODY, "nothing in it")


def fail_on_bad(message: Message) -> Result:
    if message.value == b"bad":
        raise ZeroDivisionError("a bug")
    return passed_on(message)


class Witness:
    """An object whose end can be seen, unlike that of bytes."""


@pytest.mark.parametrize("error", [RejectedError(Reason.NO_BODY, "nothing in it"), ZeroDivisionError("a bug")])
def test_refused_message_is_freed_at_once(error: Exception) -> None:
    def handle(message: Message) -> Result:
        witness = Witness()  # as any object that the handling of the message made
        witnesses.append(weakref.ref(witness))
        try:
            raise KeyError(1)
        except KeyError as cause:
            raise error from cause

    witnesses: list[weakref.ref[Witness]] = []
    run = Run(per_message(handle))
    gc.collect()
    gc.disable()
    try:
        run(message())
        assert witnesses[-1]() is None, "a traceback holds what the message needed, in a cycle"
    finally:
        gc.enable()


class Run:
    """A runner with what it sends and counts."""

    def __init__(
        self,
        handler: Handler,
        failing: str = "",
        stage: Stage = Stage.CLEAN,
        traces: Traces | None = None,
        now: float = NOW,
    ) -> None:
        self.broker = FakeBroker(failing)
        self.metrics = Metrics()
        self._runner = Runner(stage, handler, self.broker, TABLE, self.metrics, now=lambda: now, traces=traces)

    def __call__(self, *messages: Message, first: Sequence[Output] = ()) -> list[Result]:
        return asyncio.run(self._runner.run(messages, first))

    def counted(self, name: str) -> dict[tuple[str, ...], float]:
        """The nonzero series of a metric, by their label values."""
        return {
            tuple(sample.labels.values()): sample.value
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.name == f"copydesk_{name}" and sample.value
        }

    @property
    def letters(self) -> list[Output]:
        return [output for output in self.broker.sent if output.topic == topics.DEAD_LETTERS]


def errors(letter: Output) -> dict[str, str]:
    """The error headers by name, without the prefix."""
    return {
        name.removeprefix(ERROR_HEADERS): (value or b"").decode()
        for name, value in letter.headers
        if name.startswith(ERROR_HEADERS)
    }


def message_fields(record: logging.LogRecord) -> dict[str, object]:
    """The fields of a log line that identify a message."""
    names = ("stage", "topic", "partition", "offset", "article", "reason")
    return {name: value for name, value in vars(record).items() if name in names}


def test_every_output_is_acknowledged_before_the_batch_is_done() -> None:
    run = Run(per_message(passed_on))
    run(*(message(offset=offset) for offset in range(20)))
    assert len(run.broker.acknowledged) == 20


def test_outputs_are_sent_in_message_order_after_those_that_come_first() -> None:
    deletion = Output(topics.LEDGER, b"news-raw/0/1", None, partition=0)
    run = Run(per_message(passed_on))
    run(message(b"one"), message(b"two"), first=[deletion])
    assert [(output.topic, output.value) for output in run.broker.sent] == [
        (topics.LEDGER, None),
        (topics.CLEAN, b"one"),
        (topics.CLEAN, b"two"),
    ]
    assert deletion in run.broker.acknowledged
    assert run.counted("produced_total") == {(topics.LEDGER,): 1, (topics.CLEAN,): 2}


@pytest.mark.parametrize("failing", [topics.CLEAN, topics.LEDGER])
def test_a_failed_delivery_fails_the_batch_and_counts_nothing(failing: str) -> None:
    run = Run(per_message(passed_on), failing)
    with pytest.raises(ConnectionError):
        run(message(), first=[Output(topics.LEDGER, b"news-raw/0/1", None, partition=0)])
    for name in ("articles_total", "produced_total", "records_consumed_total", "end_to_end_latency_seconds_count"):
        assert run.counted(name) == {}


def test_a_message_is_counted_once_by_stage_outcome_and_reason() -> None:
    handlers = {b"good": passed_on, b"bad": fail_on_bad, b"none": refuse}
    run = Run(per_message(lambda message: handlers[message.value or b""](message)))
    run(*(message(value) for value in (b"good", b"bad", b"none", b"good")))
    assert run.counted("articles_total") == {
        ("clean", "clean", ""): 2,
        ("clean", "dead_letter", "internal_error"): 1,
        ("clean", "dead_letter", "no_body"): 1,
    }
    assert run.counted("dead_letters_total") == {("clean", "internal_error"): 1, ("clean", "no_body"): 1}
    assert run.counted("records_consumed_total") == {(topics.RAW,): 4}
    assert run.counted("consumed_bytes_total") == {(topics.RAW,): 15}
    assert run.counted("produced_total") == {(topics.CLEAN,): 2, (topics.DEAD_LETTERS,): 2}
    assert run.counted("end_to_end_latency_seconds_sum") == {("dead_letter",): 5.0}
    assert run.counted("stage_duration_seconds_count") == {("clean",): 4}
    assert run.counted("inflight_records") == {}


def test_a_refused_message_becomes_a_dead_letter_with_its_bytes_and_the_reason() -> None:
    run = Run(per_message(refuse))
    headers = (("trace", b"\xff7"), ("trace", b"8"))
    (result,) = run(message(b"\xff\x00", 41, headers))
    assert (result.outcome, result.record, result.reason) == (Outcome.DEAD_LETTER, None, Reason.NO_BODY)
    (letter,) = run.broker.sent
    assert (letter.topic, letter.key, letter.value) == (topics.DEAD_LETTERS, b"a key", b"\xff\x00")
    assert letter.headers[:2] == headers
    assert errors(letter) == {
        "topic": topics.RAW,
        "partition": "2",
        "offset": "41",
        "timestamp": str(SENT_AT),
        "stage": "clean",
        "reason": "no_body",
        "exception": "Rejected",
        "message": "nothing in it",
        "attempt": "1",
        "first_failed_at": "2026-01-01T12:00:02Z",
        "worker_version": __version__,
    }
    typed: dict[str, Any] = {name: int(text) if text.isdigit() else text for name, text in errors(letter).items()}
    assert convert(typed, DeadLetterHeaders).reason == "no_body"


def test_a_replayed_dead_letter_counts_attempts_and_keeps_the_first_failure() -> None:
    run = Run(per_message(refuse))
    run(message(headers=(("trace", b"7"),)))
    again = message(offset=9, headers=(*run.letters[0].headers, (f"{ERROR_HEADERS}note", b"fixed")))
    later = Run(per_message(refuse), now=NOW + 3600)
    later(again)
    (letter,) = later.letters
    headers = errors(letter)
    assert (headers["attempt"], headers["first_failed_at"], headers["offset"]) == ("2", "2026-01-01T12:00:02Z", "9")
    assert "note" not in headers
    assert [name for name, _ in letter.headers if not name.startswith(ERROR_HEADERS)] == ["trace"]
    assert len(letter.headers) == len(run.letters[0].headers)


@pytest.mark.parametrize("attempt", [b"", b"soon", b"-1", b"\xff", b"9" * 5_000])
def test_malformed_error_headers_are_ignored(attempt: bytes) -> None:
    run = Run(per_message(refuse))
    run(message(headers=((f"{ERROR_HEADERS}attempt", attempt), (f"{ERROR_HEADERS}first_failed_at", b"\xff"))))
    assert errors(run.letters[0])["attempt"] == "1"


def test_a_bug_is_an_internal_error_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    run = Run(per_message(fail_on_bad))
    (result,) = run(message(b"bad"))
    assert result.reason is Reason.INTERNAL_ERROR
    headers = errors(run.letters[0])
    assert (headers["reason"], headers["exception"], headers["message"]) == (
        "internal_error", "ZeroDivisionError", "a bug",
    )  # fmt: skip
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert message_fields(record) == {
        "stage": "clean",
        "topic": topics.RAW,
        "partition": 2,
        "offset": 0,
        "reason": "internal_error",
    }
    assert ", in fail_on_bad\n" in vars(record)["traceback"]
    assert vars(record)["traceback"].endswith("\nZeroDivisionError")


@pytest.mark.parametrize(
    ("stage", "topic", "key", "article"),
    [
        (Stage.CLEAN, topics.RAW, b"00000000000000ff", None),
        (Stage.DEDUPE, topics.CLEAN, b"00000000000000ff", "00000000000000ff"),
        (Stage.ENRICH, topics.UNIQUE, b"00000000000000ff", "00000000000000ff"),
        (Stage.DEDUPE, topics.CLEAN, None, None),
        (Stage.DEDUPE, topics.CLEAN, b"\xff" * 16, None),
        (Stage.DEDUPE, topics.CLEAN, b"Marta Lindqvist won the stage", None),
    ],
)
def test_a_refusal_is_logged_with_its_offset_and_the_article_id_if_the_key_is_one(
    stage: Stage, topic: str, key: bytes | None, article: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    run = Run(per_message(refuse), stage=stage)
    run(dataclasses.replace(message(offset=41), topic=topic, key=key))
    (record,) = caplog.records
    about = {"stage": stage.value, "topic": topic, "partition": 2, "offset": 41, "reason": "no_body"}
    assert message_fields(record) == about | ({"article": article} if article else {})
    assert vars(record)["error"] == "nothing in it"


def test_an_output_too_large_is_logged_with_its_article_id(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    huge = Output(topics.CLEAN, b"id", b"x" * TABLE[topics.CLEAN].max_bytes, partition=0)
    Run(per_message(lambda _: Result(Outcome.CLEAN, article(PARAGRAPHS[0], offset=7), (huge,))))(message())
    (record,) = caplog.records
    assert message_fields(record)["article"] == f"{7:016x}"
    assert message_fields(record)["reason"] == "too_large"


@pytest.mark.parametrize("text", ["x" * 9_999, "\ud800 half a pair", "two\nlines\0"])
def test_any_error_text_fits_into_the_headers(text: str) -> None:
    def fail(message: Message) -> Result:
        raise ValueError(text)

    run = Run(per_message(fail))
    run(message())
    assert len(errors(run.letters[0])["message"]) <= MAX_ERROR_CHARS


def test_one_bad_message_does_not_affect_others_of_its_batch() -> None:
    calls: list[int] = []

    def handle(messages: Sequence[Message]) -> list[Result]:
        calls.append(len(messages))
        return [fail_on_bad(message) for message in messages]

    run = Run(per_batch(handle))
    results = run(message(b"good"), message(b"bad"), message(b"good"))
    assert [result.outcome for result in results] == [Outcome.CLEAN, Outcome.DEAD_LETTER, Outcome.CLEAN]
    assert calls == [3, 1, 1, 1]


def test_a_batch_of_good_messages_is_handled_in_one_call() -> None:
    calls: list[int] = []

    def handle(messages: Sequence[Message]) -> list[Result]:
        calls.append(len(messages))
        return [passed_on(message) for message in messages]

    Run(per_batch(handle))(message(), message())
    assert calls == [2]


def run_out_of_memory(message: Message) -> Result:
    raise MemoryError


def miss_the_ledger(message: Message) -> Result:
    raise LedgerMissingError("no ledger")


@pytest.mark.parametrize(("handle", "error"), [(run_out_of_memory, MemoryError), (miss_the_ledger, LedgerMissingError)])
@pytest.mark.parametrize(
    "handler", [per_message, lambda handle: per_batch(lambda messages: [handle(message) for message in messages])]
)
def test_an_error_that_is_no_message_s_fault_fails_the_batch_and_refuses_nothing(
    handle: Callable[[Message], Result],
    error: type[Exception],
    handler: Callable[[Callable[[Message], Result]], Handler],
) -> None:
    run = Run(handler(handle))
    with pytest.raises(error):
        run(message())
    assert run.broker.sent == []


def test_a_handler_that_skips_a_message_fails_the_batch() -> None:
    run = Run(lambda messages: [passed_on(messages[0])])
    with pytest.raises(ValueError, match="shorter"):
        run(message(), message())
    assert run.broker.sent == []


def test_an_output_too_large_for_its_topic_dead_letters_the_original() -> None:
    limit = TABLE[topics.CLEAN].max_bytes
    sizes = {limit - 1_024: Outcome.CLEAN, limit: Outcome.DEAD_LETTER}

    def grow(message: Message) -> Result:
        return Result(Outcome.CLEAN, None, (Output(topics.CLEAN, b"id", b"x" * int(message.value or b""), 0),))

    for size, outcome in sizes.items():
        run = Run(per_message(grow))
        (result,) = run(message(str(size).encode()))
        assert result.outcome is outcome
    assert result.reason is Reason.TOO_LARGE
    assert [output.value for output in run.letters] == [str(limit).encode()]
    assert "COPYDESK_MAX_MESSAGE_BYTES" in errors(run.letters[0])["message"]


@pytest.mark.parametrize("part", ["value", "key", "headers"])
def test_a_message_too_large_for_the_dead_letters_is_cut_and_marked(part: str) -> None:
    max_bytes = TABLE[topics.DEAD_LETTERS].max_bytes
    parts: dict[str, Any] = {"value": b"v" * 999, "key": b"a key", "headers": (("trace", b"7"),)}
    parts[part] = (("trace", b"7" * max_bytes),) if part == "headers" else b"x" * max_bytes
    letter = dead_letter(
        Message(topics.RAW, 0, 5, 0, **parts), Stage.CLEAN, RejectedError(Reason.TOO_LARGE, "too large"), 0.0, max_bytes
    )
    why = {name: value for name, value in letter.headers if name.startswith(ERROR_HEADERS)}
    assert why[f"{ERROR_HEADERS}cut_from"] == str(len(parts["value"])).encode()
    assert letter.value == parts["value"][: len(letter.value or b"")]
    assert letter.size <= max_bytes
    assert letter.value


def test_the_ledger_entry_of_an_article_too_large_is_still_written() -> None:
    entry = Output(topics.LEDGER, b"news-raw/0/0", b"{}", partition=0)
    huge = Output(topics.UNIQUE, b"id", b"x" * TABLE[topics.UNIQUE].max_bytes)
    run = Run(per_message(lambda _: Result(Outcome.UNIQUE, None, (huge, entry))), stage=Stage.DEDUPE)
    (result,) = run(message())
    assert result.reason is Reason.TOO_LARGE
    assert [output.topic for output in run.broker.sent] == [topics.DEAD_LETTERS, topics.LEDGER]


def refusing(topic: str, error: type[Exception], larger_than: int = 0) -> Callable[[Output], Exception | None]:
    return lambda output: error() if output.topic == topic and output.size > larger_than else None


def judged(message: Message) -> Result:
    topics_of_outputs = (topics.UNIQUE, topics.STORIES, topics.LEDGER)
    key = str(message.offset).encode()
    outputs = tuple(Output(topic, key, message.value, partition=0) for topic in topics_of_outputs)
    return Result(Outcome.UNIQUE, article(PARAGRAPHS[0], offset=message.offset), outputs)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MessageSizeTooLargeError, Reason.TOO_LARGE),
        (InvalidTimestampError, Reason.UNSENDABLE),
        (InvalidRecordError, Reason.UNSENDABLE),
    ],
)
def test_a_message_whose_outcome_the_broker_refuses_becomes_a_dead_letter(
    error: type[Exception], reason: Reason, caplog: pytest.LogCaptureFixture
) -> None:
    run = Run(per_message(judged), stage=Stage.DEDUPE)
    run.broker.refuse = refusing(topics.UNIQUE, error, larger_than=1_000)
    results = run(message(b"small"), message(b"x" * 999, 1), message(b"small", 2))
    assert [result.reason for result in results] == [None, reason, None]
    assert [letter.value for letter in run.letters] == [b"x" * 999]
    assert Counter(output.topic for output in run.broker.acknowledged) == {
        topics.UNIQUE: 2, topics.STORIES: 3, topics.LEDGER: 3, topics.DEAD_LETTERS: 1,
    }  # fmt: skip
    assert errors(run.letters[0])["reason"] == reason
    assert "`copydesk topics check`" in errors(run.letters[0])["message"]
    assert run.counted("outputs_refused_total") == {(topics.UNIQUE,): 1}
    assert run.counted("articles_total") == {("dedupe", "unique", ""): 2, ("dedupe", "dead_letter", reason): 1}
    (line,) = [vars(record) for record in caplog.records if record.levelno == logging.ERROR]
    assert (line["topic"], line["offset"], line["output"], line["error"]) == (
        topics.RAW, 1, topics.UNIQUE, error.__name__,
    )  # fmt: skip


def test_a_message_whose_outcome_is_written_keeps_it_though_its_story_is_refused() -> None:
    run = Run(per_message(judged), stage=Stage.DEDUPE)
    run.broker.refuse = refusing(topics.STORIES, MessageSizeTooLargeError)
    (result,) = run(message())
    assert result.outcome is Outcome.UNIQUE
    assert run.letters == []
    assert run.counted("outputs_refused_total") == {(topics.STORIES,): 1}
    assert run.counted("produced_total") == {(topics.UNIQUE,): 1, (topics.LEDGER,): 1}


def test_a_refused_ledger_entry_fails_the_batch() -> None:
    """Without it the next worker would judge later articles differently."""
    run = Run(per_message(judged), stage=Stage.DEDUPE)
    run.broker.refuse = refusing(topics.LEDGER, MessageSizeTooLargeError)
    with pytest.raises(MessageSizeTooLargeError):
        run(message())
    assert run.counted("articles_total") == {}


def test_a_refused_dead_letter_is_sent_without_its_value() -> None:
    run = Run(per_message(refuse))
    run.broker.refuse = refusing(topics.DEAD_LETTERS, MessageSizeTooLargeError, larger_than=3_000)
    (result,) = run(message(b"x" * 9_999, headers=(("a", b"1"),)))
    assert result.reason is Reason.NO_BODY
    (letter,) = [output for output in run.broker.acknowledged if output.topic == topics.DEAD_LETTERS]
    assert (letter.key, letter.value, errors(letter)["cut_from"]) == (b"a key", b"", "9999")
    assert "a" not in dict(letter.headers)
    assert errors(letter)["message"] == "nothing in it"


def test_a_dead_letter_that_is_refused_in_every_form_fails_the_batch() -> None:
    run = Run(per_message(refuse))
    run.broker.refuse = refusing(topics.DEAD_LETTERS, InvalidRecordError)
    with pytest.raises(InvalidRecordError):
        run(message())
    assert run.counted("articles_total") == {}


def test_headers_survive_in_a_dead_letter_and_those_of_a_forged_one_do_not_grow() -> None:
    run = Run(per_message(refuse))
    kept: Headers = (("a", None), ("a", b""), ("a", b"1"), ("é", b"\xff"))
    run(message(headers=(*kept, (f"{ERROR_HEADERS}first_failed_at", b"9" * 4_000_000), (f"{ERROR_HEADERS}x", None))))
    (letter,) = run.letters
    assert letter.headers[:4] == kept
    assert letter.size < 3_000


def test_a_message_of_unknown_time_has_no_latency() -> None:
    run = Run(per_message(refuse))
    run(dataclasses.replace(message(), timestamp=-1), message())
    assert run.counted("end_to_end_latency_seconds_count") == {("dead_letter",): 1}
    assert errors(run.letters[0])["timestamp"] == "-1"


def test_the_dead_letter_of_a_message_without_a_value_has_none() -> None:
    def empty(message: Message) -> Result:
        raise RejectedError(Reason.EMPTY, "no value")

    run = Run(per_message(empty))
    run(message(None))
    assert [letter.value for letter in run.letters] == [None]
    assert run.counted("consumed_bytes_total") == {}


def test_the_dead_letter_of_a_message_without_key_and_value_has_an_empty_key() -> None:
    run = Run(per_message(refuse))
    run(dataclasses.replace(message(None), key=None))
    assert [(letter.key, letter.value) for letter in run.letters] == [(b"", None)]
    run(dataclasses.replace(message(b"raw"), key=None))
    assert run.letters[-1].key is None


def test_the_event_loop_runs_while_a_batch_is_handled() -> None:
    """The handler waits for something that only the event loop can do."""

    async def scenario() -> None:
        ready = asyncio.Event()
        loop = asyncio.get_running_loop()

        def handle(message: Message) -> Result:
            asyncio.run_coroutine_threadsafe(ready.wait(), loop).result(5)
            return passed_on(message)

        runner = Runner(Stage.CLEAN, per_message(handle), FakeBroker(), TABLE, Metrics())
        batch = asyncio.create_task(runner.run([message()]))
        await asyncio.sleep(0.01)
        ready.set()
        assert len(await batch) == 1

    asyncio.run(scenario())
