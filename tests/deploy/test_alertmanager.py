"""The Alertmanager, running with our configuration: who is told of what, and which alerts silence which others."""

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


@needs("amtool")
def test_alerts_go_to_those_whom_they_concern() -> None:
    run("amtool", "check-config", CONFIG)
    for severity, receiver in (("critical", "pager"), ("warning", "mail")):
        test = ("amtool", "config", "routes", "test", f"--config.file={CONFIG}")
        assert run(*test, f"severity={severity}", "alertname=CopydeskDown").strip() == receiver


def test_no_secret_is_in_the_configuration() -> None:
    secrets = re.findall(r"^[ -]+\w*(?:password|key|url|token)\w*: \S+$", CONFIG.read_text(encoding="utf-8"), re.M)
    assert len(secrets) == 3
    assert all(re.search(r"_file: /run/secrets/", secret) for secret in secrets)


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[str]:
    """The address of an Alertmanager with our configuration, which can reach nobody."""
    with alertmanager_with(CONFIG, tmp_path) as address:
        yield f"{address}/api/v2/alerts"


CRITICAL, WARNING = "critical", "warning"


@needs("prometheus-alertmanager")
@pytest.mark.parametrize(
    ("cause", "what_follows", "silenced"),
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
def test_a_cause_silences_what_follows_from_it(
    alertmanager: str, cause: tuple[str, str, str], what_follows: tuple[str, str, str], silenced: bool
) -> None:
    for name, severity, role in (cause, what_follows):
        alert = {"labels": {"alertname": name, "severity": severity, "job": "copydesk", "role": role}}
        body = json.dumps([alert]).encode()
        request = urllib.request.Request(alertmanager, body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()
        time.sleep(0.5)  # the alert is taken in, and silences others, a little later
    name, _, role = what_follows
    deadline = time.monotonic() + (10 if silenced else 0)
    while (found := inhibited(alertmanager, name, role)) != silenced and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found == silenced


def inhibited(alertmanager: str, name: str, role: str) -> bool:
    """Whether another alert silences this one."""
    with urllib.request.urlopen(alertmanager, timeout=10) as answer:
        found = {
            (alert["labels"]["alertname"], alert["labels"]["role"]): alert["status"]["inhibitedBy"]
            for alert in json.load(answer)
        }
    return bool(found[name, role])
