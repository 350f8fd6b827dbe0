"""Closed sets: how an article leaves a stage, why a message is refused, and why a process exits."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Stage(StrEnum):
    """The stages of the stream, in order."""

    CLEAN = "clean"
    DEDUPE = "dedupe"
    ENRICH = "enrich"


class Outcome(StrEnum):
    """How an article leaves a stage: in exactly one of these ways."""

    CLEAN = "clean"
    UNIQUE = "unique"
    DUPLICATE = "duplicate"
    ENRICHED = "enriched"
    DEAD_LETTER = "dead_letter"


class Reason(StrEnum):
    """Why a message is refused. Every refused message goes to the dead letters with its original bytes."""

    EMPTY = "empty"
    """The message has no value, or only white space."""
    TOO_LARGE = "too_large"
    """The message, or a stage's output for it, is larger than its topic accepts."""
    INVALID_ENCODING = "invalid_encoding"
    """The text is neither UTF-8 nor in the encoding that it declares."""
    UNREADABLE = "unreadable"
    """The message is neither JSON, HTML nor text: it has control characters, or it is a picture or an archive."""
    INVALID_JSON = "invalid_json"
    """The message starts like JSON but does not parse."""
    INVALID_FIELD = "invalid_field"
    """A field is missing, or has the wrong type or a value that is not allowed."""
    NO_BODY = "no_body"
    """No text is left after cleaning."""
    NO_ARTICLE = "no_article"
    """There is text, but it is no article: a consent wall, a bot check, an error page, a login or an index page."""
    UNSENDABLE = "unsendable"
    """The broker does not take a stage's output for the message, for a reason that lies in the output."""
    KILLED_WORKER = "killed_worker"
    """Every worker that handled the message ended: out of memory, by a crash, or stalled."""
    INTERNAL_ERROR = "internal_error"
    """A bug in Copydesk: the stage raised an unexpected exception. Please report it."""


class ExitCode(IntEnum):
    """Why a process exits, with the codes of sysexits.h where one fits."""

    UNAVAILABLE = 1
    """A dependency, usually Kafka, is unavailable; a restart may succeed."""
    FAILED = 70
    """It could not continue without losing a message (EX_SOFTWARE)."""
    STALLED = 71
    """The watchdog ended it (EX_OSERR)."""
    MISCONFIGURED = 78
    """A setting or topic is wrong; restarting will not help until it is fixed (EX_CONFIG)."""
