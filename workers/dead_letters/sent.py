"""Which letters were sent back, as far as Kafka remembers: it keeps what replays commit for a week after the last time.

- The replay of a filter has passed the letters before the offsets that its group has committed.
- A replay of LETTERs or of a file notes them in the group ``SINGLES``, beside the offset: ``3,17-19``.

Both cost a few requests, however many letters there are. The sent messages themselves carry the headers of their
letters, but finding them would mean reading all of the raw topic.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from workers.dead_letters.letters import MAX_NUMBER, Letter
from workers.dead_letters.replay import GROUP, Plan
from workers.kafka.admin_client import connect_admin
from workers.kafka.kafka_python import AuthorizationError, CoordinatorNotAvailableError
from workers.settings import Settings
from workers.topics import DEAD_LETTERS

SINGLES = f"{GROUP}.letters"
"""The group that notes letters which were sent one by one."""
MAX_NOTE_CHARS = 4_000
"""Kafka keeps 4,096 bytes beside an offset (``offset.metadata.max.bytes``): some 500 runs of letters. The last ones are
noted."""
_RUN = re.compile(r"(\d{1,19})(?:-(\d{1,19}))?")

Runs = Sequence[tuple[int, int]]
"""Runs of offsets, in order, with both ends."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The letters that were sent back.

    Attributes:
        passed: how far each replay of a filter has got: the plan, and the next offset by partition.
        singles: the letters that were sent one by one, by partition.
    """

    passed: Collection[tuple[Plan, Mapping[int, int]]] = ()
    singles: Mapping[int, Runs] | None = None

    def has(self, letter: Letter) -> bool:
        """Whether the letter was sent back; also if a replay of a filter has left it out because of ``--skip``."""
        partition, offset = letter.record.partition, letter.record.offset
        if any(first <= offset <= last for first, last in (self.singles or {}).get(partition, ())):
            return True
        return any(
            offset < offsets.get(partition, 0) and plan.why_passed(letter.record, letter) is None
            for plan, offsets in self.passed
        )


def read_sent(settings: Settings, bootstrap: str) -> Sent | None:
    """The letters that were sent back; None if our user may not see the groups of replays.

    Raises:
        BrokerUnreachableError: no Kafka answers.
    """
    with connect_admin(bootstrap, settings) as admin:
        names = {group["group_id"] for group in admin.list_groups()}
        groups = sorted(name for name in names if name == GROUP or name.startswith(f"{GROUP}."))
        try:
            # Groups that we may not see are not listed, but asking for one by its name is an error then.
            found = admin.list_group_offsets(list(dict.fromkeys((SINGLES, *groups))))
        except CoordinatorNotAvailableError:  # nobody has committed anything yet
            return Sent()
        except AuthorizationError:
            return None
    passed: list[tuple[Plan, Mapping[int, int]]] = []
    singles: dict[int, Runs] = {}
    for group, places in found.items():
        commits = {place.partition: commit for place, commit in places.items() if place.topic == DEAD_LETTERS}
        if group == SINGLES:
            singles = {partition: parse_runs(commit.metadata) for partition, commit in commits.items()}
            continue
        with suppress(ValueError):  # somebody else's group
            plan = Plan.of_group(group, settings.fields)
            passed.append((plan, {partition: commit.offset for partition, commit in commits.items()}))
    return Sent(passed, singles)


class Notes:
    """Notes letters that are sent one by one. If two replays do so at the same moment, one note may be lost.

    Args:
        read: returns the note for a partition of the dead letters.
        write: commits an offset for a partition, with a note.
    """

    def __init__(self, read: Callable[[int], str], write: Callable[[int, int, str], None]) -> None:
        self._read, self._write = read, write

    def add(self, letters: Iterable[Letter]) -> None:
        """Note the letters."""
        by_partition: dict[int, list[int]] = {}
        for letter in letters:
            if letter.record.topic == DEAD_LETTERS:
                by_partition.setdefault(letter.record.partition, []).append(letter.record.offset)
        for partition, offsets in by_partition.items():
            runs = with_offsets(parse_runs(self._read(partition)), offsets)
            self._write(partition, runs[-1][1] + 1, note_of(runs))


def with_offsets(runs: Runs, offsets: Iterable[int]) -> Runs:
    """The runs with these offsets, too."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted([*runs, *((offset, offset) for offset in offsets)]):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def note_of(runs: Runs) -> str:
    """The last of the runs as text, as many as a note may hold."""
    note = ""
    for first, last in reversed(runs):
        longer = (f"{first}" if first == last else f"{first}-{last}") + (f",{note}" if note else "")
        if len(longer) > MAX_NOTE_CHARS:
            break
        note = longer
    return note


def parse_runs(note: str | None) -> Runs:
    """The runs in a note; none if it is no note of ours."""
    return list(_runs(note or ""))


def _runs(note: str) -> Iterator[tuple[int, int]]:
    for text in note.split(","):
        if found := _RUN.fullmatch(text):
            first, last = int(found[1]), int(found[2] or found[1])
            if first <= last <= MAX_NUMBER:
                yield first, last
