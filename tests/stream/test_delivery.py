"""Retries of a delivery to a fake broker: which outputs, in which order, for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

import pytest
from aiokafka.errors import (
    InvalidTimestampError,
    InvalidTopicError,
    KafkaTimeoutError,
    LeaderNotAvailableError,
    MessageSizeTooLargeError,
    NotEnoughReplicasError,
    ProducerClosed,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    UnknownError,
    for_code,
)
from faust.exceptions import ProducerSendError

from workers.stream.delivery import FIRST_PAUSE_SECONDS, MAX_ATTEMPTS, MAX_PAUSE_SECONDS, Failure, classify, deliver


class Broker:
    """A broker with scripted failures for each output, either when it is sent or in the acknowledgement."""

    def __init__(self, failures: dict[str, Sequence[BaseException]] | None = None, at_once: bool = False) -> None:
        self.failures = {name: list(errors) for name, errors in (failures or {}).items()}
        self.at_once = at_once
        self.sent: list[list[str]] = [[]]
        self.pauses: list[float] = []
        self.retries: list[tuple[list[str], str]] = []

    async def send(self, output: str) -> Awaitable[object]:
        self.sent[-1].append(output)
        errors = self.failures.get(output)
        error = errors.pop(0) if errors else None
        if error and self.at_once:
            raise error
        return self._acknowledge(error)

    async def _acknowledge(self, error: BaseException | None) -> None:
        await asyncio.sleep(0)
        if error:
            raise error

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.sent.append([])

    def on_retry(self, outputs: Sequence[str], error: BaseException) -> None:
        self.retries.append((list(outputs), type(error).__name__))

    def deliver(self, *outputs: str, timeout: float = 10) -> list[str]:
        """Deliver the outputs and return those that were refused; the key of an output is its first letter."""
        refused = asyncio.run(
            deliver(
                outputs, self.send, key=lambda output: output[0], on_retry=self.on_retry, sleep=self.sleep,
                jitter=lambda low, high: high, timeout=timeout,
            )
        )  # fmt: skip
        return [output for output, _ in refused]


def test_acknowledged_outputs_are_sent_once_and_in_order() -> None:
    broker = Broker()
    broker.deliver("a1", "b1", "a2")
    assert broker.sent == [["a1", "b1", "a2"]]
    assert broker.pauses == []


@pytest.mark.parametrize("at_once", [False, True])
def test_only_failed_outputs_and_later_ones_of_their_key_are_sent_again(at_once: bool) -> None:
    broker = Broker({"a2": [NotEnoughReplicasError()]}, at_once)
    broker.deliver("a1", "a2", "b1", "a3", "b2")
    assert broker.sent == [["a1", "a2", "b1", "a3", "b2"], ["a2", "a3"]]
    assert broker.retries == [(["a2", "a3"], "NotEnoughReplicasError")]


def test_pauses_double_up_to_a_bound_and_the_last_error_is_raised() -> None:
    broker = Broker({"a": [LeaderNotAvailableError()] * 9})
    with pytest.raises(LeaderNotAvailableError):
        broker.deliver("a", "b")
    assert broker.sent == [["a", "b"], *[["a"]] * (MAX_ATTEMPTS - 1)]
    assert broker.pauses == [min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**n) for n in range(MAX_ATTEMPTS - 1)]


def test_a_permanent_error_is_raised_at_once_whatever_else_failed() -> None:
    broker = Broker({"a": [RequestTimedOutError()], "b": [TopicAuthorizationFailedError()]})
    with pytest.raises(TopicAuthorizationFailedError):
        broker.deliver("a", "b")
    assert broker.sent == [["a", "b"]]


def test_an_output_that_is_refused_alone_is_returned_and_the_others_of_its_batch_are_delivered() -> None:
    """The broker refuses a whole batch of the producer for one output in it."""
    too_large = MessageSizeTooLargeError
    broker = Broker({"a1": [too_large()], "b1": [too_large(), too_large()], "c1": [too_large()]})
    assert broker.deliver("a1", "b1", "c1", "a2", "d1") == ["b1"]
    assert broker.sent == [["a1", "b1", "c1", "a2", "d1", "a1", "b1", "c1", "a2"]]


def test_transient_failures_are_retried_also_while_refused_outputs_are_found() -> None:
    broker = Broker({"a": [RequestTimedOutError(), RequestTimedOutError()], "b": [InvalidTimestampError()] * 2})
    assert broker.deliver("a", "b") == ["b"]
    assert broker.sent == [["a", "b", "a", "b"], ["a"]]


def test_a_permanent_error_is_raised_also_while_refused_outputs_are_found() -> None:
    broker = Broker({"a": [MessageSizeTooLargeError(), TopicAuthorizationFailedError()]})
    with pytest.raises(TopicAuthorizationFailedError):
        broker.deliver("a")


def test_a_broker_that_never_answers_ends_in_a_timeout() -> None:
    class Silent(Broker):
        async def _acknowledge(self, error: BaseException | None) -> None:
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        Silent().deliver("a", timeout=0.05)


def test_a_cancelled_delivery_is_a_failure_and_does_not_cancel_the_caller() -> None:
    with pytest.raises(ConnectionError, match="cancelled"):
        Broker({"a": [asyncio.CancelledError()]}).deliver("a")


def test_failures_are_told_apart_even_if_faust_wraps_them() -> None:
    def wrapped(cause: Exception) -> Exception:
        error: Exception = ProducerSendError("Error while sending")
        error.__cause__ = cause
        return error

    kinds: dict[Failure, list[Exception]] = {
        Failure.TRANSIENT: [KafkaTimeoutError(), TimeoutError(), LeaderNotAvailableError(), RequestTimedOutError()],
        Failure.REFUSED: [MessageSizeTooLargeError(), InvalidTimestampError(), for_code(87)()],
        Failure.PERMANENT: [
            TopicAuthorizationFailedError("t"), InvalidTopicError(), ProducerClosed(), UnknownError(), ValueError(),
            MemoryError(),
        ],
    }  # fmt: skip
    for kind, errors in kinds.items():
        for error in errors:
            assert classify(error) is kind
            assert classify(wrapped(error)) is kind
