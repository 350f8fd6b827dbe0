"""Mutations of inputs that keep enough of the format for later steps to be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import orjson

from tests.fuzz.seeds import NAMES, TOKENS

_MAX_REPETITIONS = 200
_MAX_CHANGES = 4


def mutate(data: bytes, random: Random, seeds: Sequence[bytes], max_bytes: int) -> bytes:
    """Return the input with a few changes, cut to ``max_bytes``."""
    for _ in range(random.randint(1, _MAX_CHANGES)):
        change = random.choice(_CHANGES)
        data = change(data, random, seeds)[:max_bytes]
    return data


def _span(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.choice((1, 4, 16, 64, 1024)))


def _insert(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + random.choice(TOKENS) + data[at:]


def _replace(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = _span(data, random)
    return data[:start] + random.choice(TOKENS) + data[end:]


def _delete(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = _span(data, random)
    return data[:start] + data[end:]


def _repeat(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = _span(data, random)
    return data[:end] + data[start:end] * random.randint(1, _MAX_REPETITIONS) + data[end:]


def _move(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    start, end = _span(data, random)
    at = random.randint(0, len(data))
    return data[:at] + data[start:end] + data[at:]


def _splice(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


def _line(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    lines.insert(random.randint(0, len(lines)), random.choice(TOKENS))
    random.shuffle(lines)
    return b"\n".join(lines)


def _field(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """Change a value somewhere in JSON; other input stays as it is."""
    try:
        value = orjson.loads(data)
        return orjson.dumps(_changed(value, random))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return data


def _changed(value: Any, random: Random, depth: int = 0) -> Any:
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = random.choice((*value, random.choice(NAMES)))
        return value | {key: _changed(value.get(key), random, depth + 1)}
    if isinstance(value, list) and value and random.random() < 0.7:
        at = random.randrange(len(value))
        return [*value[:at], _changed(value[at], random, depth + 1), *value[at + 1 :]]
    token = random.choice(TOKENS).decode(errors="replace")
    if isinstance(value, str) and random.random() < 0.6:
        at = random.randint(0, len(value))
        return value[:at] + token * random.choice((1, 1, 3, 50)) + value[at:]
    number = random.choice((0, -1, 2**31, 2**63 - 1, 2**64 - 1, -(2**63), 0.5, 1e308, -0.0, 10_000_000_000))
    return random.choice((None, True, number, token, "", [], {}, [token], [value], {random.choice(NAMES): value}))


_CHANGES: tuple[Callable[[bytes, Random, Sequence[bytes]], bytes], ...] = (
    _insert, _insert, _replace, _delete, _repeat, _move, _splice, _line, _field, _field, _field,
)  # fmt: skip
