"""The rules of ``url_parameters.toml``: parameters of URLs that do not tell pages apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from workers.clean.tables import read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of ``url_parameters.toml``, whose head explains the fields."""

    id: str
    names: tuple[str, ...]
    example: str
    counter_example: str
    source: str
    value: str | None = None
    hosts: tuple[str, ...] = ()

    def applies(self, value: str, host: str) -> bool:
        """Return whether the rule is about this value, at this host."""
        return (self.value is None or re.fullmatch(self.value, value, re.IGNORECASE) is not None) and (
            not self.hosts or any(_is_at(host, each) for each in self.hosts)
        )


def _is_at(host: str, known: str) -> bool:
    name = known.removesuffix(".*")
    if name != known:
        return f".{name}." in f".{host}"
    return host == name or host.endswith(f".{name}")


def _read() -> tuple[Rule, ...]:
    table = read_table(__package__, "url_parameters.toml")
    return tuple(
        Rule(**row | {"names": tuple(map(str.lower, row["names"])), "hosts": tuple(row.get("hosts", ()))})
        for row in table["parameter"]
    )


RULES = _read()


def _by_name() -> tuple[Mapping[str, list[Rule]], Mapping[str, list[Rule]]]:
    whole: dict[str, list[Rule]] = defaultdict(list)
    start: dict[str, list[Rule]] = defaultdict(list)
    for rule in RULES:
        for name in rule.names:
            (start[name[:-1]] if name.endswith("*") else whole[name]).append(rule)
    return dict(whole), dict(start)


_BY_NAME, _BY_START = _by_name()
_STARTS = tuple(_BY_START)


def is_superfluous(pair: str, host: str) -> bool:
    """Return whether a ``name=value`` of a query says nothing about which page it is."""
    name, _, value = pair.partition("=")
    name = name.lower()
    rules = list(_BY_NAME.get(name, ()))
    if name.startswith(_STARTS):
        rules += (rule for start, found in _BY_START.items() if name.startswith(start) for rule in found)
    return any(rule.applies(value, host) for rule in rules)
