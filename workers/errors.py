"""Every error that Copydesk raises on purpose, as one tree, and the way in which a worker process ends.

::

    CopydeskError
    ├── InvalidRecordError          a record has a missing field or one of the wrong type
    ├── RejectedError               a message is refused and becomes a dead letter; has a ``Reason``
    ├── CommandError                a command cannot start or go on; ends it with ``exit_code``
    │   ├── SettingsError               a setting, or a combination of settings, is not allowed
    │   ├── StartRefusedError           topics or arguments do not allow this start
    │   ├── BrokerUnreachableError      no Kafka answers, or it does not let us in
    │   ├── TopicsRefusedError          the broker does not create or alter a topic
    │   ├── EmbeddedKafkaError          the embedded Kafka cannot run
    │   └── UnreadableFileError         an input file is broken
    ├── LedgerError                 a ledger cannot be used; nothing may be acknowledged
    │   ├── LedgerMissingError          a partition has no ledger in this process
    │   ├── OutOfOrderError             an entry arrived after later ones were indexed
    │   ├── RecoveryStalledError        the broker stopped sending ledger entries
    │   └── StaleLedgerError            the ledger refers to topics that were deleted and recreated
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
    "OutOfOrderError",
    "RecoveryStalledError",
    "RejectedError",
    "SettingsError",
    "StaleLedgerError",
    "StartRefusedError",
    "TopicsRefusedError",
    "UnreadableFileError",
    "end_process",
]


class RejectedError(CopydeskError):
    """A message is refused; the text says what is wrong, where, and how to fix it, without quoting the article."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class CommandError(CopydeskError):
    """A command cannot start or go on. The command line prints the message and exits with ``exit_code``."""

    exit_code: ExitCode = ExitCode.UNAVAILABLE


class SettingsError(CommandError, ValueError):
    """A setting, or a combination of settings, is not allowed; names the variable, its value and what is allowed."""

    exit_code = ExitCode.MISCONFIGURED


class StartRefusedError(CommandError):
    """Topics or arguments do not allow this start; restarting will not help until they change."""

    exit_code = ExitCode.MISCONFIGURED


class BrokerUnreachableError(CommandError):
    """No Kafka answers at the address, or it does not let us in. A restart may succeed."""


class TopicsRefusedError(CommandError):
    """The broker does not create or alter a topic."""


class EmbeddedKafkaError(CommandError):
    """The embedded Kafka cannot run."""


class UnreadableFileError(CommandError):
    """An input file is broken; names the file."""


class LedgerError(CopydeskError):
    """A ledger cannot be used. This is never the fault of the message at hand, which must be delivered again."""


class LedgerMissingError(LedgerError):
    """A partition has no ledger in this process."""


class OutOfOrderError(LedgerError):
    """An entry arrived after entries with higher offsets were indexed."""


class RecoveryStalledError(LedgerError):
    """The broker stopped sending ledger entries, though the topic holds more."""


class StaleLedgerError(LedgerError):
    """The ledger refers to topics that were deleted and recreated, so its offsets mean other messages now."""


class MissingModelError(CopydeskError):
    """A language model is not installed; names the model and how to install it."""


def end_process(code: int) -> NoReturn:
    """End the process at once: flush the logs, but run no ``finally`` block and commit nothing."""
    logging.shutdown()
    os._exit(code)
