"""Launching the processes of a drill: settings, command lines and ports."""

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
from workers.processor import cpu_info, numpy_variables
from workers.settings import PREFIX, Settings, shown
from workers.supervisor import Child


def children_for(stages: Sequence[Stage]) -> list[Child]:
    """One child for the supervisor per stage, each with its own metrics port."""
    return [Child(stage, port) for stage, port in zip(stages, free_ports(len(stages)), strict=True)]


def ready(child: Child) -> bool:
    """Whether ``/readyz`` of the worker says ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{child.metrics_port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def metric(child: Child, name: str) -> float:
    """The value of a metric of the worker, 0 if it is not there. ``name`` includes the labels."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{child.metrics_port}/metrics", timeout=2) as answer:
            text: str = answer.read().decode()
    except OSError:
        return 0.0
    return next((float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"{name} ")), 0.0)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment variables of all settings that differ from their defaults."""
    defaults = Settings()
    return {
        PREFIX + row.name.upper(): shown(getattr(settings, row.name))
        for row in dataclasses.fields(Settings)
        if getattr(settings, row.name) != getattr(defaults, row.name)
    }


def command(environment: Mapping[str, str], wrapper: Sequence[str] = ()) -> Callable[[Child], list[str]]:
    """The command line of a worker with fault injection and these variables, run by the ``wrapper`` command."""
    # Those for numpy as well: a worker with fault injection imports it before the command line can set them.
    variables = {**numpy_variables(cpu_info()), **environment}
    pairs = [f"{name}={value}" for name, value in variables.items()]
    worker = [sys.executable, "-m", "tests.reliability.harness.worker", "worker", "--supervised"]
    return lambda child: [*wrapper, "env", *pairs, *worker, child.stage]


def small_disk(directory: Path, size_kib: int) -> tuple[str, ...]:
    """A wrapper command that mounts an empty disk of this size at the directory, visible to that process alone."""
    return mounted(f'mount -t tmpfs -o size={size_kib}k none "{directory}"')


def may_mount() -> bool:
    """Whether this user may mount file systems that are private to a process."""
    return subprocess.run((*small_disk(Path("/tmp"), 64), "true"), capture_output=True).returncode == 0


def little_memory(limit: int) -> tuple[str, ...]:
    """A wrapper command whose process sees ``limit`` bytes as its control group's memory limit; nothing enforces it.

    A private tree of control groups is mounted over the system's, visible to that process alone.
    """
    tree = "/sys/fs/cgroup"
    return mounted(
        f"mount -t tmpfs none {tree} && mkdir {tree}/memory && "
        f"echo {limit} | tee {tree}/memory.max > {tree}/memory/memory.limit_in_bytes"
    )


def mounted(script: str) -> tuple[str, ...]:
    """A wrapper command that runs the script in a private mount namespace, then the wrapped command."""
    return ("unshare", "--map-root-user", "--mount", "sh", "-c", f'{script} && exec "$@"', "sh")


def behind_proxy(data_dir: Path) -> tuple[FaultProxy, dict[str, str]]:
    """A proxy, and properties for a Kafka whose clients, once connected through the proxy, keep using it."""
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
