"""The table of checks, and how they are run: each on its own, with a time limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from workers.doctor import cluster, groups, installed, machine
from workers.doctor.findings import Context, Finding, Level, fail
from workers.errors import CopydeskError


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        run: yields what it finds.
        needs_broker: whether it is run only if the check ``broker`` found one.
        limit: seconds that it may take.
    """

    name: str
    run: Callable[[Context], Iterable[Finding]]
    needs_broker: bool = False
    limit: float = 60.0


BROKER = "broker"
CHECKS = (
    Check("settings", machine.settings_allowed),
    Check("packages", machine.packages),
    Check("open files", machine.open_files),
    Check("disk", machine.disk),
    Check("ports", machine.ports),
    Check("language", installed.language_detector),
    Check("models", installed.models, limit=120.0),
    Check("embedded", installed.embedded_kafka),
    Check(BROKER, cluster.broker),
    Check("topics", cluster.topics_match, needs_broker=True),
    Check("rights", cluster.rights, needs_broker=True),
    Check("groups", groups.groups, needs_broker=True),
    Check("clock", groups.clock, needs_broker=True),
)
"""Every check, in the order of the report."""


def examine(context: Context, checks: Sequence[Check]) -> Iterator[tuple[str, Finding]]:
    """Each finding with the name of its check, in the order of the table.

    The checks run at the same time, those of the brokers once these have answered. One that fails, or takes longer than
    its limit, changes nothing for the others.
    """
    running = {check.name: _Run(check, context) for check in checks if not check.needs_broker}
    for check in checks:
        if check.needs_broker and check.name not in running:
            continue
        for finding in running[check.name].findings():
            yield check.name, finding
        if check.name == BROKER and running[BROKER].has_broker:
            running |= {each.name: _Run(each, context) for each in checks if each.needs_broker}


class _Run:
    """One check in a thread of its own, which a check that hangs keeps; the process ends without it."""

    def __init__(self, check: Check, context: Context) -> None:
        self._check = check
        self._found: SimpleQueue[Finding | None] = SimpleQueue()
        self._deadline = time.monotonic() + check.limit
        self.has_broker = False
        Thread(target=self._run, args=(context,), name=check.name, daemon=True).start()

    def _run(self, context: Context) -> None:
        try:
            for finding in self._check.run(context):
                self._found.put(finding)
        except CopydeskError as error:
            self._found.put(fail(str(error)))
        except Exception as error:  # noqa: BLE001 -- the other checks must be made all the same
            self._found.put(fail(f"the check itself failed: {type(error).__name__}: {error}", "please report it"))
        finally:
            self._found.put(None)

    def findings(self) -> Iterator[Finding]:
        """What it finds, as it finds it."""
        try:
            while finding := self._found.get(timeout=max(0.01, self._deadline - time.monotonic())):
                self.has_broker |= finding.level is Level.OK
                yield finding
        except Empty:
            yield fail(f"no result within {self._check.limit:g} s", "look whether a disk or the network hangs")
