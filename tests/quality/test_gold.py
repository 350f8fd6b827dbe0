"""The gold articles: each figure stays at what was measured, or above."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.quality.gold import scores

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Floors:
    """The least of each figure of a group of articles."""

    entities: float
    invented: int
    aliases: float
    salience: float
    quote_precision: float
    quote_recall: float


FLOORS = {
    "English": Floors(0.980, 0, 0.997, 0.885, 1.0, 0.980),
    "English, newest": Floors(0.986, 0, 0.997, 0.988, 1.0, 0.846),
    "English, winter": Floors(0.948, 0, 0.996, 0.907, 1.0, 0.955),
    "English, fresh": Floors(0.912, 3, 0.993, 0.909, 1.0, 1.0),
    "English, held back": Floors(0.923, 0, 0.995, 0.928, 1.0, 0.986),
    "English, probe": Floors(0.982, 0, 0.998, 0.859, 1.0, 0.937),
    "English, probe, unread": Floors(0.940, 0, 0.993, 0.912, 1.0, 0.923),
    "French (model)": Floors(0.861, 2, 0.979, 0.773, 1.0, 1.0),
    "Russian (model)": Floors(0.967, 0, 0.986, 1.0, 1.0, 1.0),
    "de, es, it, pt": Floors(0.890, 0, 0.972, 0.912, 1.0, 0.947),
    "other scripts": Floors(0.875, 0, 1.0, 0.777, 1.0, 0.333),
    "other languages, fresh": Floors(0.933, 2, 0.996, 0.907, 0.981, 0.944),
    "other languages, later": Floors(0.898, 0, 0.997, 0.945, 1.0, 0.965),
}


@pytest.mark.parametrize("name", list(FLOORS))
def test_the_gold_articles_are_read_as_well_as_before(name: str) -> None:
    floors, score = FLOORS[name], scores()[name]
    problems = "\n".join(score.problems)
    assert score.entities.value >= floors.entities, problems
    assert score.invented.right <= floors.invented, problems
    assert score.aliases >= floors.aliases
    assert score.salience >= floors.salience
    assert score.quote_precision.value >= floors.quote_precision, problems
    assert score.quote_recall.value >= floors.quote_recall, problems


@pytest.mark.parametrize("kind", ["countries", "cities", "organisations"])
def test_no_link_is_wrong(kind: str) -> None:
    assert all(score.links[kind].right == score.links[kind].total for score in scores().values())
