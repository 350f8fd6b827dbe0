"""The rules for what stands around a name hold for their examples."""

from __future__ import annotations

import pytest

from workers.enrich.context_rules import AFTER, BEFORE, FIRST_AFTER, Rule, Vote
from workers.enrich.contexts import votes_by_context


def votes_around(example: str) -> list[Vote]:
    """The votes for the name in brackets."""
    before, _, rest = example.partition("[")
    name, _, after = rest.partition("]")
    return list(votes_by_context(before + name + after, len(before), len(before) + len(name)))


@pytest.mark.parametrize("rule", [*BEFORE, *AFTER, *FIRST_AFTER], ids=lambda rule: rule.example)
def test_a_rule_holds_for_its_example_and_not_for_its_counterexample(rule: Rule) -> None:
    assert set(rule.votes) <= set(votes_around(rule.example))
    assert not set(rule.votes) & set(votes_around(rule.counterexample))
