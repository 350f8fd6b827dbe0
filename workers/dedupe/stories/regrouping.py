"""What later articles have changed in the stories: which are merged, and which articles belong to another story.

All of it is derived from the verdicts of the articles within the window: a change holds for as long as the article that
showed it is among them. The articles that it moves came before that article, so they leave the window before it, or
hardly later.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, KeysView, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np

from schemas import StoryChange, StoryChangeKind, Verdict
from workers.dedupe.arrays import Arrays
from workers.dedupe.keys import KeyArray, keys_of

BYTES_PER_CHANGE = 1_500
"""Bytes in memory per article that has changed other stories."""

_OWN_ID = re.compile("(story-)?[0-9A-Fa-f]{16}")
_OWN_IDS = re.compile(r"(?:(?:story-)?[0-9A-Fa-f]{16}\n)*")

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Changed:
    """What a verdict changes: ``story`` is where articles move to, and ``positions`` the offsets of single articles."""

    story: str
    changes: tuple[StoryChange, ...]
    positions: tuple[int, ...]


class Regrouping:
    """The changes of the stories, by the stream offset of the article that showed them."""

    def __init__(self) -> None:
        self._changed: dict[int, _Changed] = {}
        self._clear()

    @property
    def nbytes(self) -> int:
        """Approximate size in memory, in bytes."""
        return BYTES_PER_CHANGE * len(self._changed)

    def add(self, offset: int, verdict: Verdict) -> None:
        """Add the changes of a verdict, if it has any. Offsets must rise."""
        if verdict.story_changes:
            changed = _Changed(verdict.story_id, verdict.story_changes, verdict.moved_positions)
            self._changed[offset] = changed
            self._enter(offset, changed)

    def discard(self, offset: int) -> None:
        """Remove the changes of the verdict at an offset, if it has any."""
        if changed := self._changed.pop(offset, None):
            for latest, key, _ in self._values(changed):
                latest.discard(key, offset)

    def story_of(self, article: str, story: str) -> str:
        """The story that an article, by its id, belongs to now; ``story`` is that of its verdict.

        Several entries may have one id, as where a page goes back to an earlier version: it counts what moved last.
        """
        return self._now(self._articles.latest(article)[1] or story)

    def story_at(self, offset: int, story: str) -> str:
        """The story that the article at an offset belongs to now; ``story`` is that of its verdict."""
        return self._now(self._positions.latest(offset)[1] or story)

    def is_merged(self, story: str) -> bool:
        """Whether a story is merged into another one."""
        return story_key(story) in self._merged.keys

    def keys_of(self, positions: Sequence[int], keys: Sequence[int]) -> list[int]:
        """The keys of the stories to which the articles at these offsets belong now.

        ``keys`` are those of the stories of their verdicts.
        """
        now = list(keys)
        if not self._positions.keys.isdisjoint(positions):  # seldom
            moved = [self._positions.latest(position)[1] for position in positions]
            now = [story_key(story) if story else key for story, key in zip(moved, keys, strict=True)]
        if not self._merged.keys.isdisjoint(now):
            now = [story_key(survivor) if (survivor := self._survivor(key)) else key for key in now]
        return now

    def last_split(self, story: str) -> tuple[int, StoryChange | None]:
        """The last split of a story, and the offset of the article that showed it; (-1, None) if there was none."""
        return self._split.latest(story)

    def dump(self) -> Arrays:
        """The changes."""
        return {"changes": np.frombuffer(msgspec.msgpack.encode(self._changed), np.uint8)}

    def restore(self, arrays: Arrays) -> None:
        """Replace the changes."""
        self._changed = msgspec.msgpack.decode(arrays["changes"].tobytes(), type=dict[int, _Changed])
        self._clear()
        for offset, changed in self._changed.items():
            self._enter(offset, changed)

    def _clear(self) -> None:
        self._merged = _Latest[int, str]()  # by the key of a story: the one that it is merged into
        self._split = _Latest[str, StoryChange]()  # by the id of a story
        self._articles = _Latest[str, str]()  # by the id of an article: the story that it has moved to
        self._positions = _Latest[int, str]()  # the same by its offset

    def _enter(self, offset: int, changed: _Changed) -> None:
        for latest, key, value in self._values(changed):
            latest.add(key, offset, value)

    def _values(self, changed: _Changed) -> Iterator[tuple[_Latest[Any, Any], Hashable, str | StoryChange]]:
        """Yield what a verdict changes: the values, each with its key and where it is held."""
        for change in changed.changes:
            if change.kind is StoryChangeKind.MERGED:
                yield self._merged, story_key(change.story_id), changed.story
            else:
                yield self._split, change.story_id, change
            for article in change.moved:
                yield self._articles, article, changed.story
        for position in changed.positions:
            yield self._positions, position, changed.story

    def _now(self, story: str) -> str:
        return self._survivor(story_key(story)) or story

    def _survivor(self, key: int) -> str | None:
        """The story into which the one with the key is merged, directly or by way of others, or None."""
        since, survivor = -1, None
        while True:
            # A story merges into one that is not merged itself, so each merger on the way is later than the one before.
            offset, into = self._merged.latest(key)
            if into is None or offset <= since:
                return survivor
            since, survivor, key = offset, into, story_key(into)


class _Latest(Generic[K, V]):
    """Values by key, each with the offset from which it holds: the latest one counts."""

    def __init__(self) -> None:
        self._values: dict[K, list[tuple[int, V]]] = {}

    @property
    def keys(self) -> KeysView[K]:
        """The keys that have a value."""
        return self._values.keys()

    def add(self, key: K, offset: int, value: V) -> None:
        """Add a value; offsets must rise."""
        self._values.setdefault(key, []).append((offset, value))

    def discard(self, key: K, offset: int) -> None:
        """Remove the values with the offset, if there are any."""
        kept = [each for each in self._values.pop(key, ()) if each[0] != offset]
        if kept:
            self._values[key] = kept

    def latest(self, key: K) -> tuple[int, V | None]:
        """The latest offset and value of a key, or (-1, None)."""
        found = self._values.get(key)
        return found[-1] if found else (-1, None)


def story_key(story: str) -> int:
    """64 bits for a story id. Ids of ours already hold 64 bits, as hexadecimal digits."""
    if _OWN_ID.fullmatch(story):
        return int(story[-16:], 16)
    return int.from_bytes(blake2b(story.encode(), digest_size=8).digest(), "big")


def story_keys(stories: Sequence[str]) -> KeyArray:
    """The key of each story. For many at once this is faster."""
    lines = "".join([f"{story}\n" for story in stories])
    if _OWN_IDS.fullmatch(lines) and lines.count("\n") == len(stories):
        return keys_of(lines.replace("story-", ""))
    return np.array([story_key(story) for story in stories], np.uint64)
