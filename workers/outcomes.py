"""How an article can leave a stage, why it can be refused, and why a process ends: closed sets."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Stage(StrEnum):
    """The stages of the stream, in order."""

    CLEAN = "clean"
    DEDUPE = "dedupe"
    ENRICH = "enrich"


class Outcome(StrEnum):
    """What became of an article in a stage: exactly one of these."""

    CLEAN = "clean"
    UNIQUE = "unique"
    DUPLICATE = "duplicate"
    ENRICHED = "enriched"
    DEAD_LETTER = "dead_letter"


class Reason(StrEnum):
    """Why a message is refused. Each goes to the dead letters with its original bytes."""

    EMPTY = "empty"
    """No value, or nothing in it but white space."""
    TOO_LARGE = "too_large"
    """The message, or what a stage made of it, is larger than its topic takes."""
    INVALID_ENCODING = "invalid_encoding"
    """Text that is neither UTF-8 nor what it declares itself to be."""
    UNREADABLE = "unreadable"
    """Neither JSON nor HTML nor text: control characters, a picture, an archive."""
    INVALID_JSON = "invalid_json"
    """It begins as JSON and is not."""
    INVALID_FIELD = "invalid_field"
    """A field is missing, of the wrong type, or has a value that it cannot have."""
    INVALID_DATE = "invalid_date"
    """A date that is none, or lies in the future."""
    NO_BODY = "no_body"
    """No text is left to publish."""
    INTERNAL_ERROR = "internal_error"
    """Copydesk's own fault: the stage raised something else. Worth a report."""


class ExitCode(IntEnum):
    """Why a process ended, using the codes of sysexits.h where one fits."""

    UNAVAILABLE = 1
    """Something it needs is away, usually Kafka; a restart may succeed."""
    FAILED = 70
    """It could not go on without losing a message (EX_SOFTWARE)."""
    STALLED = 71
    """The watchdog ended it (EX_OSERR)."""
    MISCONFIGURED = 78
    """No new start will help before something is changed by hand (EX_CONFIG)."""
