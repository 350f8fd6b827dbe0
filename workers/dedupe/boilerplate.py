"""The boilerplate of press releases: who their sender is, and what its lawyers ask for.

It may be longer than the news, so that two releases of one company seem to be copies, or about one event.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from workers.clean.tables import read_table

MIN_NEWS_CHARS = 150
"""Characters before it, so that the news itself is kept."""

_ARTICLE = "(?i:the|die|der|das|den|la|le|les|el|los|las|il|gli|[ao]s?|het|de)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of ``boilerplate.toml``, whose head explains the fields."""

    id: str
    pattern: str
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


def news(body: str) -> str:
    """The text up to the boilerplate of a press release; the same text if there is none."""
    start = _heading().search(body, MIN_NEWS_CHARS)
    return body[: start.start()] if start else body


@cache
def rules() -> Sequence[Rule]:
    """The rules, in the order in which they are tried."""
    return [
        Rule(
            id=rule["id"],
            pattern=rule["pattern"].replace("{article}", _ARTICLE),
            examples=tuple(rule["examples"]),
            counterexamples=tuple(rule["counterexamples"]),
        )
        for rule in read_table(__package__, "boilerplate.toml")["rule"]
    ]


@cache
def _heading() -> re.Pattern[str]:
    return re.compile("\n(?:{})".format("|".join(rule.pattern for rule in rules())))
