"""Prints how good the results are: pages, metadata, copies, stories, entities, links, quotes. ``make quality``."""

from __future__ import annotations

from tests.quality import gold, measures
from tests.quality.pages import bodies, metadata, pages
from tests.shared import SHARED

SEEDS = (5, 6, 7, 8, 9)
"""Orders in which the articles of the stories come."""


def main() -> None:
    """Print the figures of the gold articles, and those of the development set if it is there."""
    print(gold.table())
    if not SHARED.is_dir():
        print("the figures for pages need the evaluation data in ../shared, which is not part of the repository")
        return
    print(f"pages refused        {sum(page is None for page in pages().values())} of {len(pages())}")
    for name, origin, language in (
        ("news, English", "fundus", "en"),
        ("news, all", "fundus", None),
        ("other articles", "aeb", None),
    ):
        print(f"body, {name:14} F1 {bodies(origin, language)['f1']:.3f}")
    for field, accuracy in metadata().items():
        print(f"{field:20} {accuracy:.3f}")
    print(f"copies, pairwise     F1 {measures.copies()['f1']:.3f}")
    for name, others in (("stories, BCubed", 0), ("among 3,000 others", 3_000)):
        print(f"{name:20} F1 {sum(measures.stories(seed, others)['f1'] for seed in SEEDS) / len(SEEDS):.3f}")
    for name in ("reuters2020", "worldwide"):
        print(f"names, {name:13} F1 {measures.spans(name)['all']:.3f}")


if __name__ == "__main__":
    main()
