"""Every rule of the table matches its example and not its counter-example."""

from __future__ import annotations

import re

import pytest

from tests.timing import seconds
from workers.clean.boilerplate.rules import RULES, Rule, core, line_rule

ALL = [rule for rules in RULES.values() for rule in rules]
by_id = pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)


def matches(rule: Rule, text: str) -> bool:
    """Whether the rule matches the text, as its kind is matched."""
    if rule in RULES["cue"]:
        return re.search(rule.pattern, text, re.IGNORECASE) is not None
    return re.fullmatch(rule.pattern, core(text), re.IGNORECASE) is not None


@by_id
def test_a_rule_matches_its_example(rule: Rule) -> None:
    assert matches(rule, rule.example)


@by_id
def test_a_rule_does_not_match_its_counter_example(rule: Rule) -> None:
    assert not matches(rule, rule.counter_example)


@pytest.mark.parametrize("rule", RULES["line"], ids=lambda rule: rule.id)
def test_no_line_rule_matches_the_counter_example_of_another(rule: Rule) -> None:
    found = line_rule(rule.counter_example)
    assert found is None or found.sure != "always"


def test_ids_are_unique_and_patterns_have_no_groups() -> None:
    assert len({rule.id for rule in ALL}) == len(ALL)
    assert all(re.compile(rule.pattern).groups == 0 for rule in ALL)


@pytest.mark.parametrize("rule", RULES["cue"], ids=lambda rule: rule.id)
def test_a_cue_begins_at_a_word(rule: Rule) -> None:
    for text in (rule.example, *(cue.example for cue in RULES["cue"])):
        starts = [match.start() for match in re.finditer(rule.pattern, text, re.IGNORECASE)]
        assert starts == [match.start() for match in re.finditer(rf"\b(?:{rule.pattern})", text, re.IGNORECASE)]


@by_id
@pytest.mark.parametrize("text", ["a " * 350, "sign up " * 80, "we " * 230, "1 " * 350, "x, " * 230, "facebook " * 78])
def test_a_rule_is_linear(rule: Rule, text: str) -> None:
    assert seconds(lambda: matches(rule, text)) < 0.1
