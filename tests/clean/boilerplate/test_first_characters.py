"""Rules are tried only on lines that can match them, which finds the same as trying all."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.clean.boilerplate.first_characters import DIGIT, NO_WORD, first_characters, key, needed
from workers.clean.boilerplate.rules import RULES, core, header_rule, line_rule

PATTERNS = [one for rules in RULES.values() for rule in rules for one in rule.alternatives]
EXAMPLES = [text for rules in RULES.values() for rule in rules for text in (rule.example, rule.counter_example)]
WHOLE = {
    kind: re.compile("|".join(f"(?P<r{n}>{rule.pattern})" for n, rule in enumerate(RULES[kind])), re.IGNORECASE)
    for kind in ("line", "header")
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("share", {"s"}),
        (r"(?:skip )?ads?", {"s", "a"}),
        (r"\bWe", {"w"}),
        (r"\d+ of \d+", {DIGIT}),
        (r"[ab]?c", {"a", "b", "c"}),
        (r"(?=\W{0,3}x)\W*.", {NO_WORD, "x"}),
        (r"\(c\)|©", {"(", "©"}),
        (r".{0,9}ads", None),
        (r"(?:a|.b)", None),
        ("a?", None),
    ],
)
def test_the_first_characters_of_a_pattern(pattern: str, expected: set[str] | None) -> None:
    assert first_characters(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r".{0,40}Enable JavaScript.{0,80}", "enable javascript"),
        (r".{0,9}(?:may|will) (?:earn commissions?)", "earn commission"),
        (r".{0,9}reads?\b", "read"),
        ("one|two", ""),
        ("(?:one)?", ""),
    ],
)
def test_the_text_that_every_match_of_a_pattern_has(pattern: str, expected: str) -> None:
    assert needed(pattern) == expected


@given(st.sampled_from(PATTERNS).flatmap(lambda one: st.tuples(st.just(one), st.from_regex(re.compile(one, re.I)))))
def test_every_match_starts_with_one_of_them_and_has_that_text(case: tuple[str, str]) -> None:
    pattern, text = case
    match = re.compile(pattern, re.IGNORECASE).search(text)
    assert match is not None
    if match[0]:
        first = first_characters(pattern)
        assert first is None or key(match[0][0]) & first
        assert needed(pattern) in match[0].casefold().replace("ı", "i")


@given(st.sampled_from(EXAMPLES) | st.text(), st.sampled_from(["", "§", "7", "ſ", "İ", "K"]))
def test_a_table_finds_what_all_its_rules_find(text: str, before: str) -> None:
    line = before + text
    for kind, find in (("line", line_rule), ("header", header_rule)):
        match = WHOLE[kind].fullmatch(core(line))
        rule = RULES[kind][int(match.lastgroup[1:])] if match and match.lastgroup else None
        found = find(line)
        assert found is rule or (found is None and rule is not None and not rule.stop)


def test_every_cue_begins_with_a_letter() -> None:
    cues = [one for rule in RULES["cue"] for one in rule.alternatives]
    assert all((first := first_characters(cue)) and all(map(str.isalpha, first)) for cue in cues)
