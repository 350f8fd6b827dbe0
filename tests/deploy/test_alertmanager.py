"""The Alertmanager with our configuration: which receiver gets an alert, and which alerts inhibit others."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.programs import DEPLOY, needs, run
from tests.deploy.watchers import alertmanager_with

CONFIG = DEPLOY / "alertmanager" / "alertmanager.yml"


@pytest.mark.process
@needs("amtool")
def test_severity_selects_the_receiver() -> None:
    run("amtool", "check-config", CONFIG)
    for severity, receiver in (("critical", "pager"), ("warning", "mail")):
        test = ("amtool", "config", "routes", "test", f"--config.file={CONFIG}")
        assert run(*test, f"severity={severity}", "alertname=CopydeskDown").strip() == receiver


def test_configuration_contains_no_secret() -> None:
    secrets = re.findall(r"^[ -]+\w*(?:password|key|url|token)\w*: \S+$", CONFIG.read_text(encoding="utf-8"), re.M)
    assert len(secrets) == 3
    assert all(re.search(r"_file: /run/secrets/", secret) for secret in secrets)


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[str]:
    """The alerts API of a running Alertmanager with our configuration. It cannot reach its receivers."""
    with alertmanager_with(CONFIG, tmp_path) as address:
        yield f"{address}/api/v2/alerts"


CRITICAL, WARNING = "critical", "warning"
SETTLE_SECONDS = 0.5
"""Time after which an alert that was posted inhibits others."""
INHIBITION_TIMEOUT_SECONDS = 10


@pytest.mark.process
@needs("prometheus-alertmanager")
@pytest.mark.parametrize(
    ("cause", "consequence", "inhibited"),
    [
        (("CopydeskDown", CRITICAL, "clean"), ("CopydeskFreshnessSLO", CRITICAL, "clean"), True),
        (("CopydeskDown", CRITICAL, "clean"), ("CopydeskTargetDown", WARNING, "clean"), True),
        (("CopydeskDown", CRITICAL, "clean"), ("CopydeskFreshnessSLO", CRITICAL, "enrich"), False),
        (("CopydeskKafkaUnreachable", CRITICAL, "enrich"), ("CopydeskDown", CRITICAL, "clean"), True),
        (("CopydeskDown", CRITICAL, "clean"), ("CopydeskKafkaUnreachable", CRITICAL, "clean"), False),
        (("CopydeskKafkaUnreachable", CRITICAL, "enrich"), ("CopydeskKafkaUnreachable", CRITICAL, "clean"), False),
        (("CopydeskHalted", CRITICAL, "clean"), ("CopydeskStalled", CRITICAL, "clean"), True),
        (("CopydeskStalled", CRITICAL, "clean"), ("CopydeskHalted", CRITICAL, "clean"), False),
        (("CopydeskDeadLetterPublishFailing", CRITICAL, "clean"), ("CopydeskStalled", CRITICAL, "clean"), True),
        (("CopydeskStalled", CRITICAL, "enrich"), ("CopydeskFreshnessSLO", CRITICAL, "enrich"), True),
        (("CopydeskFreshnessSLO", CRITICAL, "enrich"), ("CopydeskLagGrowing", WARNING, "enrich"), True),
        (("CopydeskFreshnessSLO", CRITICAL, "enrich"), ("CopydeskLagGrowing", WARNING, "clean"), False),
        (("CopydeskLagGrowing", WARNING, "enrich"), ("CopydeskModelMissing", WARNING, "enrich"), False),
    ],
)
def test_cause_inhibits_its_consequence(
    alertmanager: str, cause: tuple[str, str, str], consequence: tuple[str, str, str], inhibited: bool
) -> None:
    for name, severity, role in (cause, consequence):
        alert = {"labels": {"alertname": name, "severity": severity, "job": "copydesk", "role": role}}
        body = json.dumps([alert]).encode()
        request = urllib.request.Request(alertmanager, body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()
        time.sleep(SETTLE_SECONDS)
    name, _, role = consequence
    deadline = time.monotonic() + (INHIBITION_TIMEOUT_SECONDS if inhibited else 0)
    while is_inhibited(alertmanager, name, role) != inhibited and time.monotonic() < deadline:
        time.sleep(0.2)
    assert is_inhibited(alertmanager, name, role) == inhibited


def is_inhibited(alertmanager: str, name: str, role: str) -> bool:
    """Whether another alert inhibits this one."""
    with urllib.request.urlopen(alertmanager, timeout=10) as response:
        inhibitors = {
            (alert["labels"]["alertname"], alert["labels"]["role"]): alert["status"]["inhibitedBy"]
            for alert in json.load(response)
        }
    return bool(inhibitors[name, role])
