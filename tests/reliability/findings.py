"""Texts by which the drills recognise what they find: in assertions of the harness and in findings of the checker.

A mutant (``drills/mutants.py``) counts as found only if one of these texts appears in the failure.
"""

from __future__ import annotations

LOST = "is lost"
"""An article that never came out."""
NEVER_SENT = "was never sent"
"""A record of a message that is not in the raw topic, for example because its transaction was aborted."""
DIFFERENT = "differs from the undisturbed run in"
"""A record that an undisturbed run writes differently."""
EARLY = "was acknowledged by"
"""A message that was acknowledged before its outcome was in the topics."""
MISSING = "should be in"
"""A record that an undisturbed run writes and this one did not."""
CONFLICTING = "has conflicting values"
"""A ledger key that had more than one value."""

SLOW_RESUMPTION = "output resumes"
COMMITS_REACH_THE_END = "the commits reach the end"
FULL_DISK_ENDS_NO_WORKER = "a full disk ends no worker"
HALT_EXPECTED = "no worker halted"
STRAY_RECORDS_NAMED = "the log names every stray record of the ledger"
SIGTERM_EXIT_CODES = "SIGTERM exit codes"
START_EXPECTED_TO_FAIL = "does not refuse to start"
ONE_PROCESS_EXPECTED = "expected one of two processes to exit"
HEADERS_EXPECTED = "every record is handled, whatever its header names"
SKIPPED_EXPECTED = "skipped offsets are logged and counted"
NEW_PARTITIONS_READ = "new partitions are read by a running worker"
FEW_LOG_LINES = "log lines while the broker is away"
FLOOD_THROUGHPUT = "in the flood"
ENTRIES_KEPT = "entries kept"
KILLER = "killer of {} by {}"
"""In an article's headline: it ends each worker of the stage that handles it, in a way of ``harness.worker.KILLS``."""
WORKERS_END_WITH_RUN = "the workers end with `copydesk run`"
NOT_READY_WITHOUT_KAFKA = "no worker is ready while Kafka does not answer"
KAFKA_RETURNS = "Kafka serves clients again"
