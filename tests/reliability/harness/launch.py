"""How the processes of a drill are launched: their settings, their command lines, their ports."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.reliability.harness.proxy import FaultProxy
from workers.embedded_kafka.ports import free_ports
from workers.outcomes import Stage
from workers.settings import PREFIX, Settings, shown
from workers.supervisor import Child


def children_for(stages: Sequence[Stage]) -> list[Child]:
    """Workers to be of these stages, each with a port of its own for its metrics."""
    return [Child(stage, port) for stage, port in zip(stages, free_ports(len(stages)), strict=True)]


def ready(child: Child) -> bool:
    """Whether the worker says that it takes part in the stream."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{child.metrics_port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def metric(child: Child, name: str) -> float:
    """The value of the worker's metric, with its labels if it has any; 0 where it is not told."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{child.metrics_port}/metrics", timeout=2) as answer:
            told: str = answer.read().decode()
    except OSError:
        return 0.0
    return next((float(line.split()[-1]) for line in told.splitlines() if line.startswith(f"{name} ")), 0.0)


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables that give a worker these settings."""
    defaults = Settings()
    return {
        PREFIX + row.name.upper(): shown(getattr(settings, row.name))
        for row in dataclasses.fields(Settings)
        if getattr(settings, row.name) != getattr(defaults, row.name)
    }


def command(environment: Mapping[str, str], around: Sequence[str] = ()) -> Callable[[Child], list[str]]:
    """The command line of a rigged worker, with these variables, run by the command ``around`` it."""
    pairs = [f"{name}={value}" for name, value in environment.items()]
    worker = [sys.executable, "-m", "tests.reliability.harness.worker", "worker", "--supervised"]
    return lambda child: [*around, "env", *pairs, *worker, child.stage]


def small_disk(directory: Path, size: int) -> tuple[str, ...]:
    """The command that runs another with an empty disk of so many KiB at the directory, seen by nobody else."""
    return _mounted(f'mount -t tmpfs -o size={size}k none "{directory}"')


def may_mount() -> bool:
    """Whether this user may mount what only processes of their own see."""
    return subprocess.run((*small_disk(Path("/tmp"), 64), "true"), capture_output=True).returncode == 0


def little_memory(limit: int) -> tuple[str, ...]:
    """The command that runs another which finds so many bytes as the limit of its control group, and is not held to it.

    It finds a tree of control groups of our own in the place of the system's, seen by nobody else.
    """
    tree = "/sys/fs/cgroup"
    return _mounted(
        f"mount -t tmpfs none {tree} && mkdir {tree}/memory && "
        f"echo {limit} | tee {tree}/memory.max > {tree}/memory/memory.limit_in_bytes"
    )


def _mounted(script: str) -> tuple[str, ...]:
    """The command that runs another once the script has mounted what only that one sees."""
    return ("unshare", "--map-root-user", "--mount", "sh", "-c", f'{script} && exec "$@"', "sh")


def behind_proxy(data_dir: Path) -> tuple[FaultProxy, dict[str, str]]:
    """A proxy, and the properties of a Kafka that tells whoever comes by it to come by it again."""
    port, behind, controller, front = free_ports(4)
    proxy = FaultProxy(front, behind)
    data_dir.mkdir(parents=True)
    (data_dir / "port").write_text(f"{port}\n")
    return proxy, {
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"BROKER://127.0.0.1:{port},PROXIED://127.0.0.1:{behind},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"BROKER://127.0.0.1:{port},PROXIED://127.0.0.1:{proxy.port}",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
    }
