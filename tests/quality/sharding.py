"""Prints what several shards of a language cost: pairs that stay together. ``python -m tests.quality.sharding``.

Only in one shard can an article be found to be a copy, or to belong to a story.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

from tests.dedupe.support import article
from tests.shared import rows
from workers.dedupe.sharding import shard_of
from workers.settings import Settings

COUNTS = (2, 4, 8)


def main() -> None:
    """Measure and print."""
    groups = {
        "copies": grouped((row["cluster"], row["text"]) for row in rows("near-duplicates/syndication-dev")),
        "stories": grouped(((row["topic"], row["event"]), row["text"]) for row in rows("stories/ecbplus-dev")),
    }
    for name, texts in groups.items():
        for count in COUNTS:
            print(f"{name:8} {count} shards: {kept(texts, Settings(languages=(f'en:{count}',))):.3f} of the pairs")


def grouped(named: Iterable[tuple[object, str]]) -> list[list[str]]:
    """The texts of each group."""
    groups: defaultdict[object, list[str]] = defaultdict(list)
    for name, text in named:
        groups[name].append(text)
    return list(groups.values())


def kept(groups: Sequence[Sequence[str]], settings: Settings) -> float:
    """The share of the pairs of a group that are in one shard."""
    together = pairs = 0
    for texts in groups:
        for one, other in combinations([shard_of(article(text), settings) for text in texts], 2):
            together += one == other
            pairs += 1
    return together / pairs


if __name__ == "__main__":
    main()
