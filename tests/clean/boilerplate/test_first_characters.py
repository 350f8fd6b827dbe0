"""Rules are tried only on lines that can match them, which finds the same as trying all."""

from __future__ import annotations

import re
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.clean.boilerplate.first_characters import DIGIT, LETTER, MARK, can_start, named_in, stand_in
from workers.clean.boilerplate.rules import RULES, core, header_rule, line_rule

PATTERNS = [one for rules in RULES.values() for rule in rules for one in rule.alternatives]
NAMED = named_in(PATTERNS)
EXAMPLES = [text for rules in RULES.values() for rule in rules for text in (rule.example, rule.counter_example)]
WHOLE = {
    kind: re.compile("|".join(f"(?P<r{n}>{rule.pattern})" for n, rule in enumerate(RULES[kind])), re.IGNORECASE)
    for kind in ("line", "header")
}


@pytest.mark.parametrize(
    ("pattern", "can", "cannot"),
    [
        ("share", "sS", "ha"),
        (r"(?:skip )?ads?", "sa", "kd"),
        (r"\bWe", "w", "be"),
        (r"\d+ of \d+", DIGIT, "o" + LETTER),
        (r"(?=\W{0,3}x)\W*.", "x" + MARK, "y"),
        (r"(?-i:[A-Z])\w+", "a", DIGIT),
        (r".{0,9}ads", "x" + DIGIT + LETTER + MARK, ""),
    ],
)
def test_a_pattern_can_match_texts_that_start_with_these_characters(pattern: str, can: str, cannot: str) -> None:
    assert all(can_start(pattern, one) for one in can)
    assert not any(can_start(pattern, one) for one in cannot)


@given(st.sampled_from(PATTERNS).flatmap(lambda one: st.tuples(st.just(one), st.from_regex(re.compile(one, re.I)))))
def test_every_match_starts_with_a_character_that_can_start_it(case: tuple[str, str]) -> None:
    pattern, text = case
    match = re.compile(pattern, re.IGNORECASE).search(text)
    assert match is not None
    assert can_start(pattern, stand_in(match[0][:1], NAMED))


def test_patterns_have_no_ranges_of_letters_but_a_to_z() -> None:
    classes = [found for one in PATTERNS for found in re.findall(r"\[(?:\\.|[^\]\\])*\]", one)]
    assert {each for one in classes for each in re.findall(r"[^\[\\]-[^\]]", one)} <= {"a-z", "A-Z"}


@given(st.sampled_from(EXAMPLES) | st.text(), st.sampled_from(["", "§", "7", "ſ", "İ", "K"]))
def test_a_table_finds_what_all_its_rules_find(text: str, before: str) -> None:
    line = before + text
    for kind, find in (("line", line_rule), ("header", header_rule)):
        match = WHOLE[kind].fullmatch(core(line))
        rule = RULES[kind][int(match.lastgroup[1:])] if match and match.lastgroup else None
        found = find(line)
        assert found is rule or (found is None and rule is not None and not rule.stop)


def test_every_cue_begins_with_a_letter_from_a_to_z() -> None:
    cues = [one for rule in RULES["cue"] for one in rule.alternatives]
    others = {*NAMED, LETTER, DIGIT, MARK} - {*ascii_lowercase, "ı"}
    assert not any(can_start(cue, other) for cue in cues for other in others)
