"""The characters that a match of a pattern can start with, so that most of hundreds of patterns need not be tried."""

from __future__ import annotations

import re

DIGIT = "0"
"""Stands for every digit."""
NO_WORD = " "
"""Stands for every character that is of no word."""
_MAX_ATOM_CHARS = 200
_MIN_NEEDED_CHARS = 3

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_QUANTIFIER = re.compile(r"(?:[*+?]|\{\d*,?\d*\})?[?+]?")
_GROUP = re.compile(r"\((?:\?[a-z]*(?:-[a-z]+)?:)?")
_PLAIN_CLASS = re.compile(r"\[([^\^\\\-\[\]]+)\]")
_ZERO_WIDTH = frozenset({"^", "$", r"\b", r"\B"})
_CLASSES = {r"\d": DIGIT, r"\W": NO_WORD, r"\s": NO_WORD}
_ANY = frozenset({".", r"\w", r"\S", r"\D"})


def key(character: str) -> frozenset[str]:
    """Return what a character may be equal to when case does not count, as ``first_characters`` writes it."""
    if character.isdecimal():
        return frozenset({DIGIT})
    if character and not character.isalnum() and character != "_":
        return frozenset({character, NO_WORD})
    return frozenset({character.lower()[:1], character.upper().lower()[:1]})


def first_characters(pattern: str) -> frozenset[str] | None:
    """Return all characters that a match of the pattern can start with, in lower case; None if it may be any."""
    found: frozenset[str] = frozenset()
    for branch in _branches(pattern):
        first = _of_sequence(branch)
        if first is None:
            return None
        found |= first
    return found


def needed(pattern: str) -> str:
    """Return the longest text that every match of the pattern has, in lower case; empty if there is none."""
    if len(_branches(pattern)) > 1:
        return ""
    texts = [""]
    while pattern:
        atom, pattern, is_needed = _next(pattern)
        if is_needed and len(atom) == 1 and (atom.isalnum() or atom in " -"):
            texts[-1] += atom.lower()
        elif is_needed and atom.startswith("(?:"):
            texts += (needed(atom[3:-1]), "")
        elif atom not in _ZERO_WIDTH:
            texts.append("")
    text = max(texts, key=len)
    return text if len(text) >= _MIN_NEEDED_CHARS else ""


def _of_sequence(pattern: str) -> frozenset[str] | None:
    found: frozenset[str] = frozenset()
    while pattern:
        atom, pattern, is_needed = _next(pattern)
        if atom.startswith("(?=") and (first := first_characters(atom[3:-1])) is not None:
            return found | first
        if atom in _ZERO_WIDTH or atom.startswith(("(?=", "(?!", "(?<")):
            continue
        first = _of_atom(atom)
        if first is None:
            return None
        found |= first
        if is_needed:
            return found
    return None


def _of_atom(atom: str) -> frozenset[str] | None:
    if group := _GROUP.match(atom):
        return first_characters(atom[group.end() : -1])
    if atom in _CLASSES:
        return frozenset({_CLASSES[atom]})
    if plain := _PLAIN_CLASS.fullmatch(atom):
        return frozenset[str]().union(*map(_itself, plain[1]))
    if atom in _ANY or atom.startswith("["):
        return None
    return _itself(atom[-1])


def _itself(character: str) -> frozenset[str]:
    return key(character) - {NO_WORD} or frozenset({NO_WORD})


def _next(pattern: str) -> tuple[str, str, bool]:
    """Return the first atom of a pattern, what follows it, and whether it must be there."""
    atom = _first_atom(pattern)
    quantifier = _QUANTIFIER.match(pattern, len(atom))
    assert quantifier is not None, "it matches nothing, too"
    return atom, pattern[quantifier.end() :], not quantifier[0].startswith(("*", "?", "{0", "{,"))


def _first_atom(pattern: str) -> str:
    if pattern[0] != "(":
        return _tokens(pattern[:_MAX_ATOM_CHARS])[0][1]
    depth = 0
    for start, part in _tokens(pattern):
        depth += (part == "(") - (part == ")")
        if depth == 0:
            return pattern[: start + 1]
    raise ValueError(f"a bracket is not closed: {pattern}")


def _branches(pattern: str) -> list[str]:
    """Return the alternatives of a pattern."""
    depth, start, found = 0, 0, []
    for index, part in _tokens(pattern):
        depth += (part == "(") - (part == ")")
        if part == "|" and depth == 0:
            found.append(pattern[start:index])
            start = index + 1
    return [*found, pattern[start:]]


def _tokens(pattern: str) -> list[tuple[int, str]]:
    """Return the characters, escapes and classes of a pattern with their offsets."""
    return [(atom.start(), atom[0]) for atom in _TOKEN.finditer(pattern)]
