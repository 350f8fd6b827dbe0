"""How the processes of a drill are launched: their settings, their command lines, their ports."""

from __future__ import annotations

import dataclasses
import socket
import sys
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.reliability.proxy import FaultProxy
from workers.settings import PREFIX, Settings, shown
from workers.supervisor import Child


def ready(child: Child) -> bool:
    """Whether the worker says that it takes part in the stream."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{child.metrics_port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def free_port() -> int:
    """A port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables that give a worker these settings."""
    defaults = Settings()
    return {
        PREFIX + row.name.upper(): shown(getattr(settings, row.name))
        for row in dataclasses.fields(Settings)
        if getattr(settings, row.name) != getattr(defaults, row.name)
    }


def command(environment: Mapping[str, str]) -> Callable[[Child], list[str]]:
    """The command line of a rigged worker, with these variables."""
    pairs = [f"{name}={value}" for name, value in environment.items()]
    worker = [sys.executable, "-m", "tests.reliability.worker", "worker", "--supervised"]
    return lambda child: ["env", *pairs, *worker, child.stage]


def behind_proxy(data_dir: Path) -> tuple[FaultProxy, dict[str, str]]:
    """A proxy, and the properties of a Kafka that tells whoever comes by it to come by it again."""
    port, behind, controller = free_port(), free_port(), free_port()
    proxy = FaultProxy(free_port(), behind)
    data_dir.mkdir(parents=True)
    (data_dir / "port").write_text(f"{port}\n")
    return proxy, {
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"BROKER://127.0.0.1:{port},PROXIED://127.0.0.1:{behind},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"BROKER://127.0.0.1:{port},PROXIED://127.0.0.1:{proxy.port}",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
    }
