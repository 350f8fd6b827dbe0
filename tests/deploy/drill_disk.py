"""The alert on a disk that fills: `copydesk run` on a small disk, watched by Prometheus."""

from __future__ import annotations

import json
import shutil
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from tests.deploy.programs import needs
from tests.deploy.watched import wait_until
from tests.deploy.watchers import RUN, prometheus
from tests.reliability.drills.table import SETTINGS
from tests.reliability.harness.launch import may_mount
from tests.reliability.harness.machine import machine
from workers.supervisor import Child

pytestmark = [
    pytest.mark.slow,
    pytest.mark.broker,
    needs("prometheus"),
    pytest.mark.skipif(not may_mount(), reason="this user may not mount (user namespaces are off)"),
]

DISK_MIB, LEFT_MIB = 200, 10
"""The size of the disk, and what is left: less than the tenth at which the alert fires, enough for an idle Kafka."""
ALERT = "CopydeskDiskFilling"


def firing(address: str) -> set[str]:
    """The names of the alerts that fire."""
    with urllib.request.urlopen(f"{address}/api/v1/alerts", timeout=30) as answer:
        alerts = json.load(answer)["data"]["alerts"]
    return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}


def test_filling_disk_fires_until_there_is_room(tmp_path: Path) -> None:
    with machine(replace(SETTINGS, partitions=1), {}, DISK_MIB) as (running, _):
        ballast = running.inside(running.data / "ballast")
        with prometheus(tmp_path, [Child(RUN, running.port)], None, hurried=True) as address:
            wait_until(lambda: firing(address), 60, lambda: "nothing is evaluated")  # the roles are not scraped
            assert ALERT not in firing(address)
            free = shutil.disk_usage(ballast.parent).free
            ballast.write_bytes(bytes(free - LEFT_MIB * 1024 * 1024))
            wait_until(lambda: ALERT in firing(address), 60, lambda: f"firing: {firing(address)}")
            ballast.unlink()
            wait_until(lambda: ALERT not in firing(address), 180, lambda: f"firing: {firing(address)}")
