"""What each role does with each topic: the rights that its user needs where the brokers have an authorizer."""

from __future__ import annotations

from collections.abc import Mapping

from workers.outcomes import Stage
from workers.topics import CLEAN, DEAD_LETTERS, DUPLICATES, ENRICHED, LEDGER, RAW, STORIES, UNIQUE

READ, WRITE, DESCRIBE = "READ", "WRITE", "DESCRIBE"
"""Kafka's names of operations. Who may read or write a topic may also describe it."""

TOPIC_RIGHTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    Stage.CLEAN: {RAW: (READ,), CLEAN: (WRITE,), DEAD_LETTERS: (WRITE,)},
    Stage.DEDUPE: {
        RAW: (DESCRIBE,),  # for its id: the ledger refers to its offsets
        CLEAN: (READ,), UNIQUE: (WRITE,), DUPLICATES: (WRITE,), STORIES: (WRITE,), LEDGER: (READ, WRITE),
        DEAD_LETTERS: (WRITE,),
    },
    Stage.ENRICH: {UNIQUE: (READ,), ENRICHED: (WRITE,), DEAD_LETTERS: (WRITE,)},
}  # fmt: skip
"""By role and topic."""
GROUP_RIGHTS = (READ,)
"""For each role, on its own consumer group."""
