"""What is sent again, in which order, for how long, before a broker that is made for the test."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

import pytest
from aiokafka.errors import (
    KafkaTimeoutError,
    LeaderNotAvailableError,
    MessageSizeTooLargeError,
    NotEnoughReplicasError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
)
from faust.exceptions import ProducerSendError

from workers.stream.delivery import FIRST_PAUSE_SECONDS, MAX_ATTEMPTS, MAX_PAUSE_SECONDS, deliver, is_transient


class Broker:
    """Fails each output as often and as is said, at the sending itself or at the acknowledgement."""

    def __init__(self, failures: dict[str, Sequence[BaseException]] | None = None, at_once: bool = False) -> None:
        self.failures = {name: list(errors) for name, errors in (failures or {}).items()}
        self.at_once = at_once
        self.sent: list[list[str]] = [[]]
        self.pauses: list[float] = []
        self.told: list[tuple[list[str], str]] = []

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
        self.told.append((list(outputs), type(error).__name__))

    def deliver(self, *outputs: str, timeout: float = 10) -> None:
        """An output's key is its first letter."""
        asyncio.run(
            deliver(
                outputs, self.send, key=lambda output: output[0], on_retry=self.on_retry, sleep=self.sleep,
                jitter=lambda low, high: high, timeout=timeout,
            )
        )  # fmt: skip


def test_what_is_acknowledged_is_sent_once_and_in_order() -> None:
    broker = Broker()
    broker.deliver("a1", "b1", "a2")
    assert broker.sent == [["a1", "b1", "a2"]]
    assert broker.pauses == []


@pytest.mark.parametrize("at_once", [False, True])
def test_only_what_failed_is_sent_again_with_what_followed_it_under_its_key(at_once: bool) -> None:
    broker = Broker({"a2": [NotEnoughReplicasError()]}, at_once)
    broker.deliver("a1", "a2", "b1", "a3", "b2")
    assert broker.sent == [["a1", "a2", "b1", "a3", "b2"], ["a2", "a3"]]
    assert broker.told == [(["a2", "a3"], "NotEnoughReplicasError")]


def test_the_pauses_double_up_to_a_bound_and_the_last_attempt_s_error_is_raised() -> None:
    broker = Broker({"a": [LeaderNotAvailableError()] * 9})
    with pytest.raises(LeaderNotAvailableError):
        broker.deliver("a", "b")
    assert broker.sent == [["a", "b"], *[["a"]] * (MAX_ATTEMPTS - 1)]
    assert broker.pauses == [min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**n) for n in range(MAX_ATTEMPTS - 1)]


def test_an_error_that_stays_is_raised_at_once_whatever_else_failed() -> None:
    broker = Broker({"a": [RequestTimedOutError()], "b": [MessageSizeTooLargeError()]})
    with pytest.raises(MessageSizeTooLargeError):
        broker.deliver("a", "b")
    assert broker.sent == [["a", "b"]]


def test_a_broker_that_never_answers_is_waited_for_no_longer_than_is_patience() -> None:
    class Silent(Broker):
        async def _acknowledge(self, error: BaseException | None) -> None:
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        Silent().deliver("a", timeout=0.05)


def test_a_cancelled_delivery_is_a_failure_and_no_cancellation_of_ours() -> None:
    with pytest.raises(ConnectionError, match="cancelled"):
        Broker({"a": [asyncio.CancelledError()]}).deliver("a")


def test_what_passes_is_told_from_what_stays_also_when_faust_wraps_it() -> None:
    def wrapped(cause: Exception) -> Exception:
        error: Exception = ProducerSendError("Error while sending")
        error.__cause__ = cause
        return error

    for passing in (KafkaTimeoutError(), TimeoutError(), LeaderNotAvailableError(), RequestTimedOutError()):
        assert is_transient(passing)
        assert is_transient(wrapped(passing))
    for staying in (MessageSizeTooLargeError(), TopicAuthorizationFailedError("t"), ValueError(), MemoryError()):
        assert not is_transient(staying)
        assert not is_transient(wrapped(staying))
