"""The directory of the embedded Kafka: its lock, its port, its settings, and the commands that run Kafka in it."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from string import Template

from workers.embedded_kafka.ports import free_ports
from workers.errors import EmbeddedKafkaError, StartRefusedError
from workers.settings import Settings

MIB = 1024 * 1024
LOCK_TIMEOUT = 20.0
"""Seconds to wait for the Kafka of an owner that has died; it stops by itself."""


def running_at(data_dir: Path) -> str | None:
    """The address of the embedded Kafka that runs in the data directory now; None if none does."""
    try:
        owner = int((data_dir / "lock").read_text() or 0)
        port = int((data_dir / "port").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return f"127.0.0.1:{port}" if _is_running(owner) else None


def broker_address(settings: Settings) -> str:
    """The address of the brokers in the settings, or of the embedded Kafka that `copydesk run` has started.

    Raises:
        StartRefusedError: no embedded Kafka is running, or its directory cannot be read.
    """
    try:
        address = running_at(settings.data_dir / "kafka") if settings.is_embedded else settings.broker
    except OSError as error:
        raise StartRefusedError(
            f"cannot read {error.filename}: {error.strerror}; set COPYDESK_DATA_DIR to the directory of the "
            "`copydesk run` whose Kafka you want to use, and use it as the same user"
        ) from error
    if address is None:
        raise StartRefusedError(
            "no embedded Kafka is running: start `copydesk run` and wait until it says that Copydesk is running, or "
            "set COPYDESK_BROKER to your brokers"
        )
    return address


def lock(home: Path) -> int:
    """Lock the directory and write our process id into its lock file.

    Returns:
        The file descriptor that holds the lock. Every process that inherits it holds the lock, too.

    Raises:
        EmbeddedKafkaError: another process uses the directory.
    """
    with ExitStack() as undo:
        descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        undo.callback(os.close, descriptor)
        deadline = time.monotonic() + LOCK_TIMEOUT
        while not _try_lock(descriptor):
            owner = int(os.pread(descriptor, 20, 0) or 0)
            # If the owner has died, its Kafka is about to stop.
            if _is_running(owner) or time.monotonic() > deadline:
                raise EmbeddedKafkaError(f"{home} is in use by the embedded Kafka of process {owner}: stop it first")
            time.sleep(0.1)
        # Always the same length: to write in place needs no room on a full disk.
        os.pwrite(descriptor, b"%-20d" % os.getpid(), 0)
        undo.pop_all()
    return descriptor


def make_private(home: Path) -> None:
    """Create the directory for its owner alone; take away what an existing one allows others."""
    if not home.parent.exists():
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_mode & 0o077:
        home.chmod(0o700)


def new_ports(home: Path) -> tuple[int, int]:
    """Free ports for clients and for the controller."""
    port, controller_port = free_ports(2)
    return port, controller_port


def last_ports(home: Path) -> tuple[int, int]:
    """Free ports for clients and for the controller; the first is that of the last start, if it is free."""
    file = home / "port"
    last_port = file.read_text().strip() if file.exists() else ""
    port, controller_port = free_ports(2, first=int(last_port) if last_port.isdigit() else 0)
    return port, controller_port


def write_settings(home: Path, ports: tuple[int, int], max_message_bytes: int, properties: Mapping[str, str]) -> None:
    """Write the files that Kafka reads at its start.

    Args:
        home: the directory.
        ports: where Kafka will listen for clients, and for its controller.
        max_message_bytes: the largest record batch that Kafka accepts.
        properties: Kafka settings that override ours.
    """
    port, controller_port = ports
    _write(home / "port", f"{port}\n")
    shutil.rmtree(home / "tmp", ignore_errors=True)
    (home / "tmp").mkdir()  # for native libraries that the jars unpack; a killed Kafka leaves them behind
    if (home / "kafka.log").exists():
        (home / "kafka.log").replace(home / "kafka.log.1")
    data = files("workers.embedded_kafka")
    _write(home / "log4j2.properties", (data / "log4j2.properties").read_text())
    defaults = Template((data / "server.properties").read_text()).substitute(
        port=port,
        controller_port=controller_port,
        max_message_bytes=max_message_bytes,
        max_request_bytes=max(100 * MIB, 2 * max_message_bytes),
    )
    # If a name occurs twice, Kafka takes the last value.
    overrides = "".join(f"{name}={value}\n" for name, value in properties.items())
    _write(home / "server.properties", f"{defaults}\n{overrides}")


def meta_properties(home: Path) -> Path:
    """The file with the cluster's id, which the storage format writes last."""
    return home / "log" / "meta.properties"


def kafka_commands(
    java: str, options: Sequence[str], home: Path, max_message_bytes: int, cluster_id: str
) -> list[list[str]]:
    """The commands for the guard: format the storage if it is new, then run Kafka, both with these options of Java."""
    heap_mib = max(384, 256 + 8 * max_message_bytes // MIB)
    # Limiting the compiler to C1 halves the start time and the processor time of the first minutes.
    run = [
        java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xms64m", f"-Xmx{heap_mib}m",
        "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", f"-Djava.io.tmpdir={home / 'tmp'}",
        "-Dlog4j2.configurationFile=log4j2.properties", "-XX:ErrorFile=crash.log", "-XX:-CreateCoredumpOnCrash",
        *options,
    ]  # fmt: skip
    kafka = [*run, "kafka.Kafka", "server.properties"]
    if meta_properties(home).exists():
        return [kafka]
    # Option and id are one argument, because an id may begin with a dash.
    storage = [*run, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "--config=server.properties"]
    return [storage, kafka]


def _write(file: Path, text: str) -> None:
    """Replace the file's text, unless it is the same. On a full disk the old file stays as it is."""
    if not (file.exists() and file.read_text() == text):
        new = file.with_suffix(".new")
        new.write_text(text)
        new.replace(file)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_running(pid: int) -> bool:
    """Whether the process runs; one that ended and whose parent has not noticed does not."""
    try:
        os.kill(pid, 0)
        return pid > 0 and "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except ProcessLookupError:
        return False
    except (PermissionError, FileNotFoundError):  # of another user, or without Linux's /proc
        return pid > 0
