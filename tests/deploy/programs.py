"""The programs of other people that the tests of deploy/ need: where one is not installed, its tests are skipped."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "amtool": "prometheus-alertmanager",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "chromium": "chromium",
}
"""The Debian package of each program."""


def needs(program: str) -> pytest.MarkDecorator:
    """A mark that skips a test where the program is not installed."""
    return pytest.mark.skipif(
        shutil.which(program) is None,
        reason=f"{program} is not installed (Debian: apt-get install {PACKAGES[program]})",
    )


def run(*command: str | Path, cwd: Path = DEPLOY, stdin: str = "") -> str:
    """What the program says, once it ends well."""
    done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
