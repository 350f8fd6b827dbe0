"""What a check receives and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workers.embedded_kafka.node_files import running_at
from workers.errors import BrokerUnreachableError
from workers.kafka.admin_client import connect_admin
from workers.settings import Settings
from workers.stages import STAGES

BROKER_TIMEOUT = 10.0
"""Seconds that the brokers have to answer a check."""
ALL_ROLES = tuple(STAGES)


class Level(StrEnum):
    """How good a finding is: a stream cannot work with a failure, but can with a warning."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found; ``remedy`` says what to do, and is empty if nothing need be done."""

    level: Level
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.message}; {self.remedy}" if self.remedy else self.message
        # Some of it comes from a broker, or from records that others wrote.
        return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def ok(message: str) -> Finding:
    """A finding that needs nothing done."""
    return Finding(Level.OK, message)


def warn(message: str, remedy: str = "") -> Finding:
    """A finding with which a stream can work."""
    return Finding(Level.WARN, message, remedy)


def fail(message: str, remedy: str = "") -> Finding:
    """A finding with which a stream, or a part of it, cannot work."""
    return Finding(Level.FAIL, message, remedy)


def count(number: int, noun: str) -> str:
    """The number and the noun, in the plural unless it is one."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the checks look at.

    Attributes:
        settings: the settings, with the defaults in place of those that are not allowed.
        roles: those that our user and the settings must do for.
        setting_problems: a line for each setting that is not allowed.
        bootstrap: where to connect to; None if nowhere.
        connect: connects an admin client there, as a context manager.
    """

    settings: Settings
    roles: tuple[str, ...] = ALL_ROLES
    setting_problems: tuple[str, ...] = ()
    bootstrap: str | None = None
    connect: Callable[[], AbstractContextManager[Any]]


def context_of(settings: Settings, problems: Iterable[str] = (), roles: Iterable[str] = ()) -> Context:
    """The context for the settings and roles, all by default: their brokers, or the embedded Kafka that runs now."""
    bootstrap = running_at(settings.data_dir / "kafka") if settings.is_embedded else settings.broker

    def connect() -> AbstractContextManager[Any]:
        if bootstrap is None:
            raise BrokerUnreachableError("no embedded Kafka is running: start `copydesk run`")
        return connect_admin(bootstrap, settings, BROKER_TIMEOUT)

    return Context(
        settings=settings,
        roles=tuple(roles) or ALL_ROLES,
        setting_problems=tuple(problems),
        bootstrap=bootstrap,
        connect=connect,
    )
