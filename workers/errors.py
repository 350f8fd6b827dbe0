"""All errors that Copydesk raises on purpose, as one tree, and the one way to end a worker process.

::

    CopydeskError
    ├── InvalidRecordError          a field of a record is missing or has the wrong type
    ├── RejectedError               a message becomes a dead letter; has a ``Reason``
    ├── CommandError                a command cannot start or continue; it exits with ``exit_code``
    │   ├── SettingsError               a setting, or a combination of settings, is not allowed
    │   ├── StartRefusedError           the topics or arguments do not allow this start
    │   ├── BrokerUnreachableError      no Kafka answers, or it rejects the connection
    │   ├── TopicsRefusedError          the broker refuses to create or alter a topic
    │   ├── EmbeddedKafkaError          the embedded Kafka cannot run
    │   ├── NothingAnswersError         no process serves its metrics
    │   ├── UnreadableFileError         an input file cannot be read
    │   ├── UnwritableFileError         an output file cannot be written
    │   ├── NotFoundError               there is no such record
    │   └── ReplayStoppedError          a dead letter cannot be sent back
    ├── LedgerError                 a ledger cannot be used; nothing may be acknowledged
    │   ├── LedgerMissingError          this process has no ledger for the partition
    │   ├── OutOfOrderError             an entry arrived after later ones were indexed
    │   ├── RecoveryStalledError        the broker stopped sending ledger entries
    │   └── StaleLedgerError            the ledger refers to recreated topics or to other languages
    └── MissingModelError           a language model is not installed
"""

from __future__ import annotations

import logging
import os
from typing import NoReturn

from schemas.errors import CopydeskError, InvalidRecordError
from workers.outcomes import ExitCode, Reason

__all__ = [
    "BrokerUnreachableError",
    "CommandError",
    "CopydeskError",
    "EmbeddedKafkaError",
    "InvalidRecordError",
    "LedgerError",
    "LedgerMissingError",
    "MissingModelError",
    "NotFoundError",
    "NothingAnswersError",
    "OutOfOrderError",
    "RecoveryStalledError",
    "RejectedError",
    "ReplayStoppedError",
    "SettingsError",
    "StaleLedgerError",
    "StartRefusedError",
    "TopicsRefusedError",
    "UnreadableFileError",
    "UnwritableFileError",
    "end_process",
]


class RejectedError(CopydeskError):
    """A message is refused; the text says what is wrong, where, and how to fix it, but never quotes the article."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class CommandError(CopydeskError):
    """A command cannot start or continue. The command line prints the message and exits with ``exit_code``."""

    exit_code: ExitCode = ExitCode.UNAVAILABLE


class SettingsError(CommandError, ValueError):
    """A setting, or a combination of settings, is not allowed; names the variable, its value and the allowed values."""

    exit_code = ExitCode.MISCONFIGURED


class StartRefusedError(CommandError):
    """The topics or arguments do not allow this start; restarting will not help until they change."""

    exit_code = ExitCode.MISCONFIGURED


class BrokerUnreachableError(CommandError):
    """No Kafka answers at the address, or it rejects the connection. A restart may succeed."""


class TopicsRefusedError(CommandError):
    """The broker refuses to create or alter a topic."""


class EmbeddedKafkaError(CommandError):
    """The embedded Kafka cannot run."""


class NothingAnswersError(CommandError):
    """No process of the stream serves its metrics where they are expected."""


class UnreadableFileError(CommandError):
    """An input file cannot be read; names the file."""


class UnwritableFileError(CommandError):
    """An output file cannot be written; names the file."""


class NotFoundError(CommandError):
    """There is no such record, or not any more."""


class ReplayStoppedError(CommandError):
    """A dead letter cannot be sent back; those before it are sent."""


class LedgerError(CopydeskError):
    """A ledger cannot be used. The current message is not at fault and must be delivered again."""


class LedgerMissingError(LedgerError):
    """This process has no ledger for the partition."""


class OutOfOrderError(LedgerError):
    """An entry arrived after entries with higher offsets were indexed."""


class RecoveryStalledError(LedgerError):
    """The broker stopped sending ledger entries, though the topic holds more."""


class StaleLedgerError(LedgerError):
    """The ledger refers to topics that were deleted and recreated, or its partitions to other languages."""


class MissingModelError(CopydeskError):
    """A language model is not installed; names the model."""


def end_process(code: int, *, flush: bool = True) -> NoReturn:
    """End the process at once: run no ``finally`` block, commit nothing, and flush the logs unless told otherwise."""
    if flush:
        logging.shutdown()
    os._exit(code)
