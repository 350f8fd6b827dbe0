"""The rules for names that are two hold for their examples."""

from __future__ import annotations

import re

import pytest

from schemas.records import EntityType
from workers.enrich.joined_names import RULES, Rule, split_joined_names
from workers.enrich.spans import ModelSpan

CASES = [pytest.param(rule, kind, id=f"{rule.example}-{kind}") for rule in RULES for kind in rule.types]


def parts(name: str, kind: EntityType) -> list[str]:
    return [name[part.start : part.end] for part in split_joined_names(name, ModelSpan(0, len(name), kind))]


@pytest.mark.parametrize(("rule", "kind"), CASES)
def test_a_rule_divides_its_example_and_keeps_its_counterexample_whole(rule: Rule, kind: EntityType) -> None:
    name = re.sub(r"[\[\]]", "", rule.example)
    assert parts(name, kind) == re.findall(r"\[(.*?)\]", rule.example)
    assert parts(rule.counterexample, kind) == [rule.counterexample]


def test_a_part_may_be_two_names_in_turn() -> None:
    names = split_joined_names("Naxos and Santorini and Crete", ModelSpan(0, 29, EntityType.GPE))
    assert [(name.start, name.end, name.type) for name in names] == [
        (0, 5, EntityType.GPE),
        (10, 19, EntityType.GPE),
        (24, 29, EntityType.GPE),
    ]


def test_the_second_part_has_the_type_of_a_place_if_it_is_one() -> None:
    name = "Joris van Dalen of Santiago"
    assert [part.type for part in split_joined_names(name, ModelSpan(0, len(name), EntityType.PERSON))] == [
        EntityType.PERSON,
        EntityType.GPE,
    ]
