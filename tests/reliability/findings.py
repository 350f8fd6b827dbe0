"""Texts by which the drills recognise what they find: in assertions of the harness and in findings of the checker.

A mutant (``drills/mutants.py``) counts as found only if one of these texts appears in the failure.
"""

from __future__ import annotations

LOST = "is lost"
"""An article that never came out."""
DIFFERENT = "differs from the undisturbed run in"
"""A record that an undisturbed run writes differently."""
EARLY = "was acknowledged by"
"""A message that was acknowledged before its outcome was in the topics."""
MISSING = "should be in"
"""A record that an undisturbed run writes and this one did not."""
CONFLICTING = "has conflicting values"
"""A ledger key that had more than one value."""

COMMITS_REACH_THE_END = "the commits reach the end"
FULL_DISK_ENDS_NO_WORKER = "a full disk ends no worker"
HALT_EXPECTED = "no worker halted"
SIGTERM_EXIT_CODES = "SIGTERM exit codes"
START_EXPECTED_TO_FAIL = "does not refuse to start"
ONE_PROCESS_EXPECTED = "expected one of two processes to exit"
FLOOD_THROUGHPUT = "in the flood"
ENTRIES_KEPT = "entries kept"
WORKERS_END_WITH_RUN = "the workers end with `copydesk run`"
NOT_READY_WITHOUT_KAFKA = "no worker is ready while Kafka does not answer"
KAFKA_RETURNS = "Kafka serves clients again"
