"""External programs that the tests of deploy/ need. Tests are skipped if their program is not installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
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
RUN_TIMEOUT_SECONDS = 300


def needs(program: str) -> pytest.MarkDecorator:
    """A mark that skips a test if the program is not installed."""
    return pytest.mark.skipif(
        shutil.which(program) is None,
        reason=f"{program} is not installed (Debian: apt-get install {PACKAGES[program]})",
    )


def run(*command: str | Path, cwd: Path = DEPLOY, stdin: str = "") -> str:
    """Run the program, assert that it succeeds, and return its stdout."""
    done = subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, text=True, timeout=RUN_TIMEOUT_SECONDS, check=False
    )
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def browse(url: str, picture: Path, size: str, *, dark: bool = False) -> str:
    """The elements of a page after its scripts have run in Chromium, which also writes a picture of it.

    Args:
        size: of the picture, as ``WIDTH,HEIGHT`` in pixels.
        dark: whether the reader prefers dark colours.
    """
    with tempfile.TemporaryDirectory() as profile:
        return run(
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            *(["--blink-settings=preferredColorScheme=0"] if dark else []),
            f"--user-data-dir={profile}", f"--window-size={size}", "--virtual-time-budget=8000",
            f"--screenshot={picture}", "--dump-dom", url,
        )  # fmt: skip
