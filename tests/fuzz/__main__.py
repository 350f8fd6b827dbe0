"""``python -m tests.fuzz`` runs the campaign; ``python -m tests.fuzz TARGET FILE`` replays one input with traceback."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz import campaign
from tests.fuzz.targets import TARGETS
from tests.fuzz.trial import attempt


def replay(name: str, path: Path) -> int:
    """Run one input and return the exit code, 0 if it has no fault. The target's exception propagates."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("error")
    target, data = TARGETS[name], path.read_bytes()
    trial = attempt(target, data)
    print(f"{name}: {1000 * trial.seconds:,.0f} ms, {trial.fault or 'no fault'}")
    if trial.fault not in (None, "slow"):
        target.check(data)
    return 1 if trial.fault else 0


if __name__ == "__main__":
    if len(sys.argv) == 3:
        sys.exit(replay(sys.argv[1], Path(sys.argv[2])))
    if find_spec("atheris") is None:
        sys.exit("the campaign needs atheris, which supports Linux on x86_64 with Python 3.11 to 3.13")
    inputs = int(os.environ.get("FUZZ_INPUTS") or campaign.INPUTS)
    sys.exit(campaign.report(campaign.run(inputs, Path("fuzz-faults").absolute())))
