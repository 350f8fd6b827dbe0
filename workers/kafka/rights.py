"""What each role and command does with each topic: the rights of its user where the brokers have an authorizer."""

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

DESCRIBE_CONFIGS, ALTER_CONFIGS, CREATE = "DESCRIBE_CONFIGS", "ALTER_CONFIGS", "CREATE"
ALL_TOPICS = (RAW, CLEAN, UNIQUE, ENRICHED, DUPLICATES, STORIES, LEDGER, DEAD_LETTERS)
_LETTERS: Mapping[str, tuple[str, ...]] = {DEAD_LETTERS: (READ,)}

COMMAND_RIGHTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "publish": {RAW: (WRITE,)},
    "tail": dict.fromkeys((ENRICHED, DUPLICATES, DEAD_LETTERS), (READ,)),
    "stories": dict.fromkeys((STORIES, ENRICHED, DUPLICATES), (READ,)),
    "explain": dict.fromkeys((RAW, CLEAN, UNIQUE, STORIES, ENRICHED, DUPLICATES, DEAD_LETTERS), (READ,)),
    "dead-letters list": _LETTERS,
    "dead-letters show": _LETTERS,
    "dead-letters export": _LETTERS,
    "dead-letters replay": {**_LETTERS, RAW: (WRITE,), CLEAN: (WRITE,), UNIQUE: (WRITE,)},
    "doctor": dict.fromkeys(ALL_TOPICS, (DESCRIBE, DESCRIBE_CONFIGS)),
    "topics check": dict.fromkeys(ALL_TOPICS, (DESCRIBE, DESCRIBE_CONFIGS)),
    "topics apply": dict.fromkeys(ALL_TOPICS, (CREATE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS)),
}
"""By command and topic. ``tail`` with topics of its own needs to read those; ``explain`` with an id reads all that the
article may be in."""
COMMAND_GROUPS: Mapping[str, tuple[str, str]] = {
    "dead-letters list": (DESCRIBE, "copydesk-replay*"),
    "dead-letters show": (DESCRIBE, "copydesk-replay*"),
    "dead-letters export": (DESCRIBE, "copydesk-replay*"),
    "dead-letters replay": (READ, "copydesk-replay*"),
    "doctor": (DESCRIBE, "copydesk-*"),
}
"""By command: what it does with groups, and their names; ``*`` stands for any end."""
