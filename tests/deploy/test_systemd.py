"""The systemd units are valid, sandboxed, and agree with the code."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.manifests import settings_of
from tests.deploy.programs import DEPLOY
from workers.embedded_kafka.broker import STOP_TIMEOUT
from workers.observability.health import HEARTBEAT_TIMEOUT_SECONDS
from workers.outcomes import ExitCode, Stage
from workers.settings import PREFIX
from workers.supervisor import SHUTDOWN_TIMEOUT

UNITS = DEPLOY / "systemd"
UNIT = (UNITS / "copydesk@.service").read_text()
PASSWORD = (UNITS / "password.conf").read_text()
RUN_UNIT = (UNITS / "copydesk.service").read_text()
MAX_EXPOSURE = 2.0
"""The highest acceptable score of `systemd-analyze security`; its range is 0 to 10."""

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="no systemd-analyze (Debian: apt-get install systemd)"
)


def values(name: str, text: str = UNIT) -> list[str]:
    """The values of a directive, in order."""
    return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)


def variables(text: str) -> dict[str, str]:
    """The variables of an environment file or of a unit's Environment= lines."""
    pairs = [pair.partition("=") for line in text.splitlines() for pair in line.split() if not line.startswith("#")]
    return {name: value for name, _, value in pairs}


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit for the role clean, with its drop-in and an existing command."""
    unit = tmp_path / "copydesk@clean.service"
    command = Path(sys.executable).with_name("copydesk")
    unit.write_text(UNIT.replace("/opt/copydesk/bin/copydesk", str(command)))
    drop_ins = tmp_path / f"{unit.name}.d"
    drop_ins.mkdir()
    (drop_ins / "password.conf").write_text(PASSWORD)
    return unit


@pytest.fixture
def installed_run(tmp_path: Path) -> Path:
    """The unit for ``copydesk run``, with an existing command."""
    unit = tmp_path / "copydesk.service"
    unit.write_text(RUN_UNIT.replace("/opt/copydesk/bin/copydesk", str(Path(sys.executable).with_name("copydesk"))))
    return unit


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments], env=os.environ | {"SYSTEMD_COLORS": "0"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.process
@needs_systemd
def test_systemd_accepts_the_units_without_warnings(installed: Path, installed_run: Path) -> None:
    done = analyze("verify", "--recursive-errors=no", "--man=no", installed, installed_run)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.process
@needs_systemd
@pytest.mark.parametrize("unit", ["installed", "installed_run"])
def test_unit_is_sandboxed(unit: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(unit)
    done = analyze("security", "--offline=true", f"--threshold={round(10 * MAX_EXPOSURE)}", path)
    assert done.returncode == 0, done.stdout
    (exposure,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert float(exposure) <= MAX_EXPOSURE


def test_instance_name_is_the_role() -> None:
    assert values("ExecStart") == ["/opt/copydesk/bin/copydesk worker ${ROLE}"]
    assert variables(values("Environment")[0])["ROLE"] == "%i"
    enabled = re.findall(r"copydesk@(\w+)", UNIT.partition("[Unit]")[0])
    assert enabled == [stage.value for stage in Stage]


def test_settings_are_valid(tmp_path: Path) -> None:
    unit_variables = variables("\n".join(values("Environment")))
    password_variables = variables("\n".join(values("Environment", PASSWORD)))
    environment = variables((UNITS / "copydesk.env").read_text()) | unit_variables | password_variables
    settings = settings_of({name: value for name, value in environment.items() if name.startswith(PREFIX)}, tmp_path)
    assert settings.environment == "production"
    assert unit_variables[f"{PREFIX}STATE_DIR"] == f"%S/{values('StateDirectory')[0]}"
    (credential,) = values("LoadCredential", PASSWORD)
    assert password_variables[f"{PREFIX}SASL_PASSWORD_FILE"] == f"%d/{credential.partition(':')[0]}"


def test_worker_is_restarted_except_after_a_configuration_error() -> None:
    assert values("Restart") == ["always"]
    assert values("StartLimitIntervalSec") == ["0"]
    assert values("RestartPreventExitStatus") == [str(ExitCode.MISCONFIGURED.value)]


def test_run_stops_in_order_within_systemd_s_time_and_is_restarted(tmp_path: Path) -> None:
    """The signal must reach ``copydesk run`` alone: it stops the workers in order, and Kafka last."""
    assert values("KillMode", RUN_UNIT) == ["mixed"]
    (seconds,) = values("TimeoutStopSec", RUN_UNIT)
    assert SHUTDOWN_TIMEOUT + STOP_TIMEOUT < float(seconds.removesuffix("s")) <= 90
    assert values("Restart", RUN_UNIT) == ["always"]
    assert values("StartLimitIntervalSec", RUN_UNIT) == ["0"]
    assert values("RestartPreventExitStatus", RUN_UNIT) == [str(ExitCode.MISCONFIGURED.value)]
    assert values("StateDirectoryMode", RUN_UNIT) == ["0700"]
    environment = variables(values("Environment", RUN_UNIT)[0])
    settings = settings_of({name: value for name, value in environment.items() if name.startswith(PREFIX)}, tmp_path)
    assert settings.is_embedded


def test_unit_uses_notifications_and_generous_timeouts() -> None:
    assert values("Type") == ["notify"]
    assert values("TimeoutStartSec") == ["20min"]
    assert values("TimeoutStopSec") == ["120s"]
    (watchdog,) = values("WatchdogSec")
    assert float(watchdog.removesuffix("s")) > HEARTBEAT_TIMEOUT_SECONDS
