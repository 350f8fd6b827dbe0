"""What the entries of a ledger refer to, in the headers of each of its records: topics, and a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from schemas import InvalidRecordError
from workers.errors import StaleLedgerError
from workers.messages import Headers
from workers.topics import CLEAN, LEDGER, RAW

SOURCE_TOPIC_IDS = "__copydesk.topics"
"""The header with the Kafka ids of the raw and clean topics that the offsets of an entry refer to."""
SHARD = "__copydesk.shard"
"""The header with the language of an entry's partition, or ``other``."""

LANGUAGES_REMEDY = 'set COPYDESK_LANGUAGES to what it was, or follow "Change the languages" in deploy/README.md'
"""What to do when the ledger was written for other languages."""


Header = tuple[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Lineage:
    """The topics and languages that a ledger is written for.

    Attributes:
        source_topic_ids: Kafka's ids of the raw and clean topics.
        shards: the languages of the partitions, in order.
    """

    source_topic_ids: str
    shards: tuple[str, ...]

    @classmethod
    def of(cls, topic_ids: Mapping[str, str], shards: tuple[str, ...]) -> Self:
        """The lineage of a ledger that is written now. ``topic_ids`` are Kafka's ids of the topics, by name."""
        return cls(f"{topic_ids.get(RAW)} {topic_ids.get(CLEAN)}", shards)

    def headers(self, partition: int) -> Headers:
        """The headers of a record in the partition."""
        return (
            (SOURCE_TOPIC_IDS, self.source_topic_ids.encode()),
            (SHARD, self.shards[partition].encode()),
        )

    def language_named(self, headers: Iterable[Header]) -> str | None:
        """The language that the headers of a record name; None without one, or if it refers to other topics."""
        topics, shard = _named(headers)
        return (shard or None) if topics == self.source_topic_ids else None

    def check(self, partition: int, headers: Iterable[Header]) -> None:
        """Return if the headers of a record in the partition agree.

        Raises:
            InvalidRecordError: they name no topics or no language, two topics that are none of ours (another cluster's,
                say), or the language of another partition: whether the languages have changed places, the start has
                found out.
            StaleLedgerError: one of the topics was recreated since, or the record is in another language.
        """
        topics, shard = _named(headers)
        if not topics or not shard:
            raise InvalidRecordError("it lacks the headers that Copydesk writes")
        if topics != self.source_topic_ids:
            if not any(map(str.__eq__, topics.split(), self.source_topic_ids.split())):
                raise InvalidRecordError(f"it refers to topics with the ids {topics}, which are none of ours")
            raise StaleLedgerError(
                f"{RAW} or {CLEAN} was deleted and recreated: {LEDGER}/{partition} refers to topics with the ids "
                f"{topics}, but theirs are {self.source_topic_ids}. Its offsets now mean other messages: delete "
                f"{LEDGER} and run `copydesk topics apply`; the window then starts empty"
            )
        if shard == self.shards[partition]:
            return
        if shard in self.shards:
            raise InvalidRecordError(f"it belongs into the partition of {shard!r}")
        raise StaleLedgerError(
            f"{LEDGER}/{partition} holds articles in {shard!r}, but with COPYDESK_LANGUAGES={self._languages} it "
            f"stands for {self.shards[partition]!r}: {LANGUAGES_REMEDY}"
        )

    @property
    def _languages(self) -> str:
        """The languages as they are set: ``en:2`` for ``en:1`` and ``en:2``."""
        last_of_each = {shard.partition(":")[0]: shard for shard in self.shards[:-1]}
        return ",".join(last_of_each.values())


def _named(headers: Iterable[Header]) -> tuple[str | None, str | None]:
    """The topics and the language that the headers name."""
    named = {name: (value or b"").decode(errors="replace") for name, value in headers}
    return named.get(SOURCE_TOPIC_IDS), named.get(SHARD)
