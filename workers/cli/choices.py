"""Arguments that name one of a fixed set; the set is loaded only when it is needed."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from difflib import get_close_matches

import click
from click.shell_completion import CompletionItem

from workers.topics import CLEAN, DEAD_LETTERS, DUPLICATES, ENRICHED, LEDGER, RAW, STORIES, UNIQUE

PREFIX = "news-"
TOPICS = (RAW, CLEAN, UNIQUE, ENRICHED, DUPLICATES, STORIES, LEDGER, DEAD_LETTERS)


class Choices(click.ParamType):
    """One of the names in ``module:NAMES``; ``-`` may stand for ``_``."""

    name = "choice"

    def __init__(self, where: str) -> None:
        self._module, _, self._names = where.partition(":")

    def names(self) -> tuple[str, ...]:
        """The allowed names."""
        return tuple(getattr(importlib.import_module(self._module), self._names))

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name as it is in the set."""
        name = value.strip().lower().replace("-", "_")
        if name not in self.names():
            self.fail(unknown(value, self.names()), param, ctx)
        return name

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The names that begin so."""
        return [CompletionItem(name) for name in self.names() if name.startswith(incomplete)]


class TopicName(click.ParamType):
    """A topic of the stream, with or without ``news-``."""

    name = "topic"

    def __init__(self, names: tuple[str, ...] = TOPICS) -> None:
        self.names = names

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name of the topic."""
        name = PREFIX + value.strip().lower().removeprefix(PREFIX).replace("_", "-")
        if name not in self.names:
            self.fail(unknown(value, [topic.removeprefix(PREFIX) for topic in self.names]), param, ctx)
        return name

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The short names that begin so."""
        short = [topic.removeprefix(PREFIX) for topic in self.names]
        return [CompletionItem(name) for name in short if name.startswith(incomplete)]


class LanguageCode(click.ParamType):
    """A language by its ISO 639 code."""

    name = "code"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code in lower case, as records have it."""
        code = value.strip().lower()
        if not re.fullmatch(r"[a-z]{2,3}", code):
            self.fail(f"{value!r} is not the code of a language, such as en", param, ctx)
        return code


def unknown(value: str, names: Iterable[str]) -> str:
    """What is wrong with the value, the nearest name, and all names."""
    names = tuple(names)
    nearest = get_close_matches(value.lower(), names, 1)
    return f"{value!r} is not one of {', '.join(names)}" + (f"; did you mean {nearest[0]}?" if nearest else "")
