"""Checks of this machine: settings, Python, packages, open files, disks, ports."""

from __future__ import annotations

import errno
import os
import platform
import resource
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from workers import __version__
from workers.doctor.findings import Context, Finding, fail, ok, warn
from workers.errors import SettingsError
from workers.kafka.security import client_options
from workers.observability.disk import LOW_SHARE
from workers.settings import PREFIX, Settings
from workers.top.scraping import Endpoint, Scrape, local_endpoints, scrape
from workers.topics import disk_bytes

DISTRIBUTION = "copydesk"
GIB = 1024**3
WORKER_FILES, KAFKA_FILES = 1024, 4096
"""The fewest files that a worker, and the embedded Kafka, must be allowed to open."""
MIN_FREE = {"data": GIB, "state": GIB // 2, "temporary": 100 * 1024**2}
"""The fewest bytes that each directory must have: for Kafka's log, ledger snapshots and the language model."""
KEPT_FREE = 0.2
"""The share of the disk that the topics leave to the ledger and to Kafka's own logs."""


def read_settings(environ: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
    """The settings, and a line for each one that is not allowed, whose default is taken instead."""
    allowed = dict(environ)
    problems = []
    while True:
        try:
            settings = Settings.from_environment(allowed)
            client_options(settings)
        except SettingsError as error:
            problems.append(str(error))
            # Every such error begins with the name of a variable; one that is not set is missing.
            if allowed.pop(str(error).partition("=")[0].partition(" ")[0], None) is None:
                return Settings(), tuple(problems)
        else:
            return settings, tuple(problems)


def settings_allowed(context: Context, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Whether all settings are allowed."""
    for problem in context.setting_problems:
        yield fail(problem)
    if not context.setting_problems:
        count = sum(name.startswith(PREFIX) and bool(value) for name, value in environ.items())
        yield ok(f"{count} set, all allowed; `copydesk config` lists them")


def packages(
    context: Context,
    required: Callable[[str], list[str] | None] = requires,
    installed: Callable[[str], str] = version,
) -> Iterator[Finding]:
    """Whether the packages that Copydesk requires are installed, in the right versions."""
    try:
        requirements = [Requirement(text) for text in required(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        yield warn("Copydesk is not installed, so its packages are not checked", f"pip install {DISTRIBUTION}")
        return
    wrong = 0
    for requirement in requirements:
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = installed(requirement.name)
        except PackageNotFoundError:
            found = ""
        if not requirement.specifier.contains(found or "0", prereleases=True) or not found:
            wrong += 1
            yield fail(
                f"{requirement.name} {found or 'is missing'}{', not ' if found else ': '}{requirement.specifier}",
                f'pip install "{requirement.name}{requirement.specifier}"',
            )
    if not wrong:
        yield ok(f"Copydesk {__version__} on Python {platform.python_version()}, with the packages that it requires")


def open_files(
    context: Context, limits: Callable[[], tuple[int, int]] = lambda: resource.getrlimit(resource.RLIMIT_NOFILE)
) -> Iterator[Finding]:
    """Whether processes may open enough files."""
    soft, hard = (float("inf") if limit == resource.RLIM_INFINITY else limit for limit in limits())
    # Java raises its own limit as far as it may.
    needs = [("a worker", WORKER_FILES, soft)]
    if context.settings.is_embedded:
        needs.append(("the embedded Kafka", KAFKA_FILES, hard))
    short = [(who, need, limit) for who, need, limit in needs if limit < need]
    for who, need, limit in short:
        yield warn(f"{who} may open {limit:.0f} files, and may need {need}", f"ulimit -n {need}, or LimitNOFILE={need}")
    if not short:
        yield ok(f"processes may open {soft:.0f} files")


def disk(context: Context, usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> Iterator[Finding]:
    """Whether the directories can be written and have room."""
    settings = context.settings
    directories = {"temporary": Path(tempfile.gettempdir())}
    if settings.state_dir:
        directories = {"state": settings.state_dir, **directories}
    if settings.is_embedded:
        directories = {"data": settings.data_dir, **directories}
    for name, directory in directories.items():
        existing = nearest_existing(directory)
        size, _, free = usage(existing)
        room = f"{free / GIB:.1f} of {size / GIB:.1f} GiB free in the {name} directory {directory}"
        if not is_writable(existing):
            yield fail(f"{existing} is not writable", f"change its owner, or take another {name} directory")
        elif free < MIN_FREE[name]:
            yield fail(room, f"free at least {MIN_FREE[name] / GIB:.1f} GiB")
        elif free < LOW_SHARE * size:
            yield warn(room, "free space, or enlarge the disk")
        else:
            yield ok(room)
        limit = disk_bytes(settings)
        if name == "data" and limit and limit > (1 - KEPT_FREE) * size:
            yield warn(
                f"the topics may grow to {limit / GIB:.1f} GiB, and the disk has {size / GIB:.1f} GiB",
                "enlarge it, or lower COPYDESK_RETENTION_BYTES or COPYDESK_PARTITIONS",
            )


def nearest_existing(directory: Path) -> Path:
    """The directory, or the nearest above it that exists."""
    return next(path for path in (directory, *directory.absolute().parents) if path.exists())


def is_writable(directory: Path) -> bool:
    """Whether our user may create files in the directory."""
    return os.access(directory, os.W_OK | os.X_OK)


def ports(
    context: Context,
    ask: Callable[[Endpoint], Scrape] = scrape,
    is_free: Callable[[str, int], bool] | None = None,
) -> Iterator[Finding]:
    """Whether the ports of the metrics are free, or taken by processes of Copydesk."""
    settings = context.settings
    if settings.metrics_port == 0:
        yield ok("each process picks a free port (COPYDESK_METRICS_PORT=0)")
        return
    free, ours = 0, 0
    for endpoint in local_endpoints(settings):
        port = int(endpoint.url.rpartition(":")[2].partition("/")[0])
        try:
            available = (is_free or can_bind)(settings.metrics_host, port)
        except OSError as error:
            yield fail(
                f"port {port} cannot be bound at COPYDESK_METRICS_HOST={settings.metrics_host!r}: {error.strerror}",
                "set it to an address of this machine, and COPYDESK_METRICS_PORT to 1024 or more",
            )
            return
        if available:
            free += 1
        elif ask(endpoint).is_up:
            ours += 1
        else:
            yield fail(f"port {port} for {endpoint.role} is taken by another program", "set COPYDESK_METRICS_PORT")
    if free or ours:
        yield ok(f"{free} free, {ours} serve the metrics of a running process")


def can_bind(host: str, port: int) -> bool:
    """Whether the port is free at the address.

    Raises:
        OSError: it is not an address of this machine, or we are not allowed to bind the port.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True
