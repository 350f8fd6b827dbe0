"""Every rule of the table matches its example and not its counter-example."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

import workers.clean.boilerplate
from tests.timing import seconds
from workers.clean.boilerplate.rules import RULES, Rule, core, join, line_rule

ALL_RULES = [rule for rules in RULES.values() for rule in rules]
every_rule = pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
MAX_TABLE_LINE = 160


def matches(rule: Rule, text: str) -> bool:
    """Whether the rule matches the text, in the way that its kind is matched."""
    if rule in RULES["cue"]:
        return re.search(rule.pattern, text, re.IGNORECASE) is not None
    return re.fullmatch(rule.pattern, core(text), re.IGNORECASE) is not None


@every_rule
def test_a_rule_matches_its_example(rule: Rule) -> None:
    assert matches(rule, rule.example)


@every_rule
def test_a_rule_does_not_match_its_counter_example(rule: Rule) -> None:
    assert not matches(rule, rule.counter_example)


@pytest.mark.parametrize("rule", RULES["line"], ids=lambda rule: rule.id)
def test_no_sure_rule_matches_the_counter_example_of_another(rule: Rule) -> None:
    found = line_rule(rule.counter_example)
    assert found is None or found.sure != "always"


def test_ids_are_unique_and_patterns_have_no_groups() -> None:
    assert len({rule.id for rule in ALL_RULES}) == len(ALL_RULES)
    assert all(re.compile(rule.pattern).groups == 0 for rule in ALL_RULES)


def test_no_line_of_the_table_is_long() -> None:
    table = (files(workers.clean.boilerplate) / "rules.toml").read_text(encoding="utf-8")
    assert max(map(len, table.splitlines())) <= MAX_TABLE_LINE


def test_a_name_in_a_pattern_stands_for_its_words() -> None:
    words = {"greeting": ["hello", "good <time>"], "time": ["day", "night"]}
    assert join(["<greeting>!", "(?<=a)b"], words) == "(?:hello|good (?:day|night))!|(?<=a)b"


def test_a_name_without_words_is_an_error() -> None:
    with pytest.raises(KeyError, match="nobody"):
        join(["<nobody>"], {})


@pytest.mark.parametrize("rule", RULES["cue"], ids=lambda rule: rule.id)
def test_a_cue_starts_at_a_word_boundary(rule: Rule) -> None:
    for text in (rule.example, *(cue.example for cue in RULES["cue"])):
        starts = [match.start() for match in re.finditer(rule.pattern, text, re.IGNORECASE)]
        assert starts == [match.start() for match in re.finditer(rf"\b(?:{rule.pattern})", text, re.IGNORECASE)]


@every_rule
@pytest.mark.parametrize("text", ["a " * 350, "sign up " * 80, "we " * 230, "1 " * 350, "x, " * 230, "facebook " * 78])
def test_a_rule_takes_linear_time(rule: Rule, text: str) -> None:
    assert seconds(lambda: matches(rule, text)) < 0.1
