"""The limit on dead letters: when so many messages are refused, it is more likely us than them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


class DeadLetterLimit:
    """Whether too many of the last messages were refused: over ``percent`` of ``window``, once that many were seen."""

    def __init__(self, percent: int, window: int) -> None:
        self._percent = percent
        self._last: deque[bool] = deque(maxlen=window)
        self._refused = 0

    def count(self, refused: Iterable[bool]) -> None:
        """Take in further messages, in order: whether each was refused."""
        for one in refused:
            if len(self._last) == self._last.maxlen:
                self._refused -= self._last[0]
            self._last.append(one)
            self._refused += one

    @property
    def share(self) -> float:
        """Percent of the last messages that were refused."""
        return 100 * self._refused / max(1, len(self._last))

    @property
    def exceeded(self) -> bool:
        """Whether to stop consuming."""
        return len(self._last) == self._last.maxlen and self.share > self._percent
