"""The limit on dead letters: a worker that refuses this many messages is probably at fault itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from workers.fault_points import fault_point
from workers.hooks import WorkerHook
from workers.messages import Message, Result
from workers.outcomes import Outcome


class DeadLetterLimit(WorkerHook):
    """Whether more than ``percent`` of the last ``window_messages`` messages were refused.

    The limit is never exceeded before that many messages were handled.
    """

    def __init__(self, percent: int, window_messages: int) -> None:
        self._percent = percent
        self._recent: deque[bool] = deque(maxlen=window_messages)
        self._refused = 0

    def batch_finished(self, messages: Sequence[Message], results: Sequence[Result]) -> None:
        """Count which messages of the batch were refused."""
        for result in results:
            refused = result.outcome is Outcome.DEAD_LETTER
            if len(self._recent) == self._recent.maxlen:
                self._refused -= self._recent[0]
            self._recent.append(refused)
            self._refused += refused

    @property
    def percent_refused(self) -> float:
        """Percent of the last messages that were refused."""
        return 100 * self._refused / max(1, len(self._recent))

    @fault_point("dead letter limit")
    def is_exceeded(self) -> bool:
        """Whether the worker must stop consuming."""
        return len(self._recent) == self._recent.maxlen and self.percent_refused > self._percent
