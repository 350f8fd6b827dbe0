"""Sends dead letters back to the topics that they came from.

What makes it safe:

- A message of news-clean or news-unique still has the coordinates of its raw message. Dedupe finds its verdict by them,
  if it gave one, and gives it again; so a letter that is sent twice has the same outputs twice, under the same keys.
- A message of news-raw is a new message there. Its article has no verdict yet, because it never got to dedupe. If it
  is sent twice, the second is a copy of the first.
- The message keeps its time, so it is compared with what came out around it. If it is older than the window by now, it
  is compared with nothing and comes out as unique.
- Offsets are committed in order, only past letters that were sent and acknowledged, or that are not meant.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from workers.dead_letters.filters import LetterFilter
from workers.dead_letters.letters import Letter, read_letter
from workers.dead_letters.outgoing import Outgoing, outgoing_of
from workers.errors import ReplayStoppedError
from workers.messages import Message
from workers.settings import Settings
from workers.timestamps import milliseconds
from workers.topics import HOUR, MAX_PARTITIONS, RAW, UNIQUE

GROUP = "copydesk-replay"
"""The consumer groups of replays begin with this."""
MAX_ATTEMPTS = 3
"""A message that was refused this often is not sent again."""
CHUNK = 200
"""Letters that are sent before their acknowledgements are awaited, at most."""
COMMIT_SECONDS = 1.0
"""Time between two commits, about."""

STRAY, OTHERS, USED_UP, CUT, LEFT_OUT = "stray", "not meant", "attempts used up", "cut", "skipped"
SENT_BEFORE = "sent before"
"""Why a record of the dead letters is passed over."""


class Sender(Protocol):
    """Sends messages."""

    def partitions(self, topic: str) -> int:
        """The number of partitions of the topic."""

    def send(self, outgoing: Outgoing) -> Callable[[], str | None]:
        """Send it; return a function that waits for the acknowledgement, and returns why there is none, if so."""


@dataclass(slots=True)
class Report:
    """What a replay did: letters sent by reason, those older than the window, and records passed over by why."""

    sent: Counter[str] = field(default_factory=Counter)
    old: int = 0
    passed: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to send, and how.

    Attributes:
        filter: which letters are meant.
        max_attempts: letters that were refused so often are passed over.
        skip: coordinates of letters that are passed over.
        changes: fields of JSON messages to set, by path.
        rate: letters per second, at most.
        limit: letters in all, at most.
    """

    filter: LetterFilter = LetterFilter()
    max_attempts: int = MAX_ATTEMPTS
    skip: frozenset[str] = frozenset()
    changes: Mapping[str, object] = field(default_factory=dict)
    rate: float | None = None
    limit: int | None = None

    @property
    def group(self) -> str:
        """The consumer group that remembers how far this filter has got."""
        attempts = "" if self.max_attempts == MAX_ATTEMPTS else f"attempts={self.max_attempts}"
        return ".".join(part for part in (GROUP, str(self.filter), attempts) if part)

    @classmethod
    def of_group(cls, group: str, paths: Mapping[str, Sequence[str]]) -> Plan:
        """The plan whose group that is, as far as the group's name says; ``paths`` as for ``LetterFilter``.

        Raises:
            ValueError: it is no group of a filter.
        """
        found = re.fullmatch(
            rf"{GROUP}(?:\.(?!attempts=)(?P<filter>.+?))?(?:\.attempts=(?P<attempts>\d{{1,9}}))?", group
        )
        if found is None:
            raise ValueError(f"{group!r} is no group of a replay")
        attempts = int(found["attempts"]) if found["attempts"] else MAX_ATTEMPTS
        return cls(filter=LetterFilter.parse(found["filter"] or "", paths), max_attempts=attempts)

    def why_passed(self, record: Message, letter: Letter | None) -> str | None:
        """Why the record is passed over; None if it is to be sent."""
        if letter is None:
            return STRAY
        if not self.filter.matches(letter):
            return OTHERS
        if letter.place in self.skip:
            return LEFT_OUT
        if letter.attempt >= self.max_attempts:
            return USED_UP
        return CUT if letter.cut_from is not None else None


class Replay:
    """One replay; ``report`` says what was done so far.

    Args:
        sender: sends the messages; None for a dry run.
        commit: called with the offset of the next letter, by partition, once all before it are done.
        note_sent: called with letters that were acknowledged.
        is_sent: whether another replay has sent the letter back; ``run`` leaves it then.
        now: the time in seconds since 1970.
    """

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        sender: Sender | None,
        commit: Callable[[Mapping[int, int]], None] = lambda offsets: None,
        note_sent: Callable[[Sequence[Letter]], None] = lambda letters: None,
        is_sent: Callable[[Letter], bool] = lambda letter: False,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.report = Report()
        self._plan, self._settings = plan, settings
        self._sender, self._commit, self._note_sent, self._is_sent = sender, commit, note_sent, is_sent
        self._now, self._sleep = now, sleep
        self._next: dict[int, int] = {}  # by partition of the letters: the offset after the last that was taken
        self._pending: list[tuple[Letter, Callable[[], str | None]]] = []
        self._committed_at = now()
        self._free_at = 0.0

    def run(self, records: Iterable[Message], show: Callable[[Letter], None] = lambda letter: None) -> None:
        """Send the letters that are meant, in their order, and commit. ``show`` is called with each that is sent.

        Raises:
            ReplayStoppedError: a letter cannot be edited or is not accepted. What is before it is committed.
        """
        sent = 0
        try:
            for record in records:
                letter = read_letter(record)
                why = self._plan.why_passed(record, letter)
                if letter is not None and why is None and self._is_sent(letter):
                    why = SENT_BEFORE
                if why is None:
                    assert letter is not None
                    if sent == self._plan.limit:
                        break
                    self._send(letter)
                    show(letter)
                    sent += 1
                else:
                    self.report.passed[why] += 1
                self._next[record.partition] = record.offset + 1
                if len(self._pending) >= CHUNK or self._now() - self._committed_at > COMMIT_SECONDS:
                    self._settle()
        finally:
            self._settle()

    def send_all(self, letters: Iterable[Letter], show: Callable[[Letter], None] = lambda letter: None) -> None:
        """Send these letters, whatever the filter says; nothing is committed.

        Raises:
            ReplayStoppedError: a letter cannot be edited, has only a part of its message, or is not accepted.
        """
        try:
            for letter in letters:
                if letter.cut_from is not None:
                    raise ReplayStoppedError(
                        f"{letter.place} has only a part of its message; the whole one may still be in "
                        f"{letter.refused.topic} at offset {letter.refused.offset}"
                    )
                self._send(letter)
                show(letter)
                if len(self._pending) >= CHUNK:
                    self._settle()
        finally:
            self._settle()

    def _send(self, letter: Letter) -> None:
        count = self._sender.partitions(letter.refused.topic) if self._sender else MAX_PARTITIONS
        outgoing = outgoing_of(letter, self._plan.changes, self._settings, count, int(1000 * self._now()))
        if self._sender is None:
            self._count(letter)
            return
        if self._plan.rate:
            self._sleep(max(0.0, self._free_at - self._now()))
            self._free_at = max(self._free_at, self._now()) + 1 / self._plan.rate
        self._pending.append((letter, self._sender.send(outgoing)))

    def _settle(self) -> None:
        """Wait until what was sent is acknowledged, and commit up to the first letter that is not."""
        failed: dict[int, tuple[Letter, str]] = {}
        sent: list[Letter] = []
        for letter, acknowledgement in self._pending:
            if error := acknowledgement():
                failed.setdefault(letter.record.partition, (letter, error))
            else:
                self._count(letter)
                sent.append(letter)
        self._pending = []
        if sent:
            self._note_sent(sent)
        for partition, (letter, _) in failed.items():
            self._next[partition] = letter.record.offset
        if self._sender is not None and self._next:
            self._commit(self._next)
        self._next, self._committed_at = {}, self._now()
        if failed:
            letter, error = next(iter(failed.values()))
            raise ReplayStoppedError(
                f"{letter.refused.topic} does not take {letter.place}: {error}; fix the cause, or leave it out with "
                f"--skip {letter.place}"
            )

    def _count(self, letter: Letter) -> None:
        self.report.sent[letter.reason] += 1
        written = milliseconds(letter.timestamp) if letter.refused.topic == RAW else letter.record.raw_time
        if (
            letter.refused.topic != UNIQUE
            and written
            and written < 1000 * self._now() - self._settings.window_hours * HOUR
        ):
            self.report.old += 1
