"""The embedded broker: a real Apache Kafka (KRaft, one node) that needs neither Docker nor an installed Java.

It serves the demo, the tests and ``copydesk run`` on one machine; everything else sees a bootstrap address only. It
listens on the loopback interface, and it goes when the process that started it goes, even by ``kill -9``
(``workers/embedded_kafka/guard.py``).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from importlib.resources import files
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Self

from workers.embedded_kafka import guard
from workers.embedded_kafka.ports import free_ports
from workers.embedded_kafka.runtime import Progress, classpath, java
from workers.errors import BrokerUnreachableError, EmbeddedKafkaError
from workers.kafka.admin_client import wait_ready

MIB = 1024 * 1024
START_TIMEOUT = 60.0
STOP_TIMEOUT = 10.0
"""Seconds that Kafka has for stopping in order, before it is killed; it takes well under one."""
PORT_ATTEMPTS = 5
PORT_TAKEN = "Address already in use"


class EmbeddedBroker:
    """An Apache Kafka of one's own, as a context manager; it can be started again after a stop.

    Args:
        data_dir: where messages, offsets and topics stay, over restarts and over a ``kill -9`` of Kafka; so does its
            port, while it is free. None: a temporary directory, removed at the stop.
        progress: takes a line for people when something takes its time.
        max_message_bytes: the largest record batch that it takes, in bytes.
        properties: settings of Kafka's own (``server.properties``) that go over ours.
        cluster_id: what the nodes of one cluster have in common. None: made up when a directory is first used.

    Attributes:
        pid: the process id of Kafka; None before the first start.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        progress: Progress = lambda line: None,
        *,
        max_message_bytes: int = 16 * MIB,
        properties: Mapping[str, str] | None = None,
        cluster_id: str | None = None,
    ) -> None:
        self.pid: int | None = None
        self._data_dir = data_dir
        self._progress = progress
        self._max_message_bytes = max_message_bytes
        self._properties = dict(properties or {})
        self._cluster_id = cluster_id or new_cluster_id()
        self._port: int | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients, ``127.0.0.1:port``; it stays the same until the next start.

        Raises:
            EmbeddedKafkaError: not started yet.
        """
        if self._port is None:
            raise EmbeddedKafkaError("the embedded Kafka has no address before it is started")
        return f"127.0.0.1:{self._port}"

    @property
    def alive(self) -> bool:
        """Whether Kafka runs."""
        return self._guard is not None and self._guard.poll() is None

    def start(self) -> None:
        """Return once Kafka serves clients.

        Raises:
            EmbeddedKafkaError: Java or jars are missing, another broker uses the data directory, or Kafka ends at once.
        """
        if self.alive:
            return
        self.stop()  # what is left of a Kafka that has died
        program, jars = java(), classpath(self._progress)
        with ExitStack() as undo:
            undo.callback(self.stop)
            for attempt in range(PORT_ATTEMPTS):
                home = self._launch(program, jars, keep_port=attempt == 0)
                problem = self._wait_until_ready(home)
                if problem is None:
                    undo.pop_all()
                    return
                self.stop()
                if PORT_TAKEN not in problem:  # else another process was faster: again, with other ports
                    break
        raise EmbeddedKafkaError(f"the embedded Kafka did not start: {problem}")

    def stop(self) -> None:
        """Return once Kafka has stopped, and the temporary directory is gone."""
        if self._guard is None:
            return
        assert self._guard.stdin is not None
        assert self._guard.stdout is not None
        self._guard.stdin.close()
        self._guard.wait()
        self._guard.stdout.close()
        self._guard = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self, program: str, jars: str, *, keep_port: bool) -> Path:
        """Start the guard, and by it Kafka; give the directory that it works in."""
        temporary = self._data_dir is None
        home = Path(tempfile.mkdtemp(prefix="copydesk-kafka-")) if self._data_dir is None else self._data_dir.absolute()
        with ExitStack() as undo:
            if temporary:
                undo.callback(shutil.rmtree, home, ignore_errors=True)
            try:
                home.mkdir(parents=True, exist_ok=True)
                lock = self._lock(home)
                undo.callback(os.close, lock)
                self._port = _prepare(home, self._max_message_bytes, self._properties, keep_port=keep_port)
                self._guard = _start_guard(
                    {
                        "commands": _commands(program, home, self._max_message_bytes, self._cluster_id),
                        "output": "kafka.out",
                        "log": "kafka.log",
                        "remove": str(home) if temporary else None,
                        "grace": 0 if temporary else STOP_TIMEOUT,
                    },
                    home, jars, lock,
                )  # fmt: skip
            except OSError as error:
                where = error.filename or home
                raise EmbeddedKafkaError(f"the embedded Kafka cannot use {where}: {error.strerror}") from error
            undo.pop_all()  # the directory is the guard's to remove now
            os.close(lock)  # and the lock is held by the guard and by Kafka
        return home

    def _lock(self, home: Path) -> int:
        """The descriptor of the home's lock file, locked for whoever holds it or inherits it."""
        lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        deadline = time.monotonic() + 2 * STOP_TIMEOUT
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = int(os.pread(lock, 20, 0) or 0)
                # The Kafka of an owner that has died is about to stop.
                if _runs(owner) or time.monotonic() > deadline:
                    os.close(lock)
                    raise EmbeddedKafkaError(
                        f"{home} is in use by the embedded Kafka of process {owner}: stop it first"
                    ) from None
                time.sleep(0.1)
            else:
                os.ftruncate(lock, 0)
                os.pwrite(lock, b"%d" % os.getpid(), 0)
                return lock

    def _wait_until_ready(self, home: Path) -> str | None:
        """None once Kafka serves clients, or what it said when it ended."""
        assert self._guard is not None
        assert self._guard.stdout is not None
        said = self._guard.stdout.readline()
        if said.strip().isdigit():
            self.pid = int(said)
        deadline = time.monotonic() + START_TIMEOUT
        while self._guard.poll() is None:
            # Where another Kafka was faster in taking the port, it is that one that answers, while ours ends and its
            # temporary directory goes.
            with suppress(BrokerUnreachableError, FileNotFoundError):
                if f"cluster.id={wait_ready(self.bootstrap, timeout=2)}\n" in _identity(home).read_text():
                    return None
            if time.monotonic() > deadline:
                return f"it does not answer within {START_TIMEOUT:g} s"
        return _what_matters((said + self._guard.stdout.read()).decode(errors="replace"))


def _prepare(home: Path, max_message_bytes: int, properties: Mapping[str, str], *, keep_port: bool) -> int:
    """Write what a start reads, and give the port that Kafka will listen on."""
    stored = home / "port"
    earlier = stored.read_text().strip() if keep_port and stored.exists() else ""
    port, controller_port = free_ports(int(earlier) if earlier.isdigit() else 0, 0)
    stored.write_text(f"{port}\n")
    shutil.rmtree(home / "tmp", ignore_errors=True)
    (home / "tmp").mkdir()  # for the native libraries that jars unpack, which a killed Kafka leaves behind
    if (home / "kafka.log").exists():
        (home / "kafka.log").replace(home / "kafka.log.1")
    data = files("workers.embedded_kafka")
    (home / "log4j2.properties").write_text((data / "log4j2.properties").read_text())
    ours = Template((data / "server.properties").read_text()).substitute(
        port=port,
        controller_port=controller_port,
        max_message_bytes=max_message_bytes,
        max_request_bytes=max(100 * MIB, 2 * max_message_bytes),
    )
    # The last value of a name counts.
    given = "".join(f"{name}={value}\n" for name, value in properties.items())
    (home / "server.properties").write_text(f"{ours}\n{given}")
    return port


def new_cluster_id() -> str:
    """An id for a cluster, of the kind that Kafka takes."""
    return secrets.token_urlsafe(16)


def _identity(home: Path) -> Path:
    """The file that the format writes last, with the id of the cluster."""
    return home / "log" / "meta.properties"


def _commands(program: str, home: Path, max_message_bytes: int, cluster_id: str) -> list[list[str]]:
    """What the guard runs: the format of a new directory, and Kafka."""
    heap = max(384, 256 + 8 * max_message_bytes // MIB)
    # Compiling no further than C1 halves the time to start and the processor time of the first minutes.
    run = [
        program, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xms64m", f"-Xmx{heap}m",
        "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", f"-Djava.io.tmpdir={home / 'tmp'}",
        "-Dlog4j2.configurationFile=log4j2.properties",
    ]  # fmt: skip
    kafka = [*run, "kafka.Kafka", "server.properties"]
    if _identity(home).exists():
        return [kafka]
    # In one word: an id may begin with a dash.
    format_it = [*run, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "--config=server.properties"]
    return [format_it, kafka]


def _start_guard(job: dict[str, object], home: Path, jars: str, lock: int) -> subprocess.Popen[bytes]:
    """The guard, at work, in a session of its own: Ctrl-C in a terminal reaches neither it nor Kafka."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", guard.__file__, json.dumps(job)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, pass_fds=(lock,), cwd=home,
        env={**os.environ, "CLASSPATH": jars, "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
    )  # fmt: skip


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process > 0


def _what_matters(said: str) -> str:
    """The last line of Java's words that names an error, or the last line at all."""
    lines = [
        line.strip() for line in said.splitlines() if line.strip() and not line.lstrip().startswith(("at ", "WARNING"))
    ]
    errors = [line for line in lines if re.search(r"Error|Exception|ERROR|FATAL", line)]
    return (errors or lines or ["it ended without a word"])[-1][:500]


def running_at(data_dir: Path) -> str | None:
    """The address of the embedded broker that has the data directory now; None where none runs."""
    try:
        owner = int((data_dir / "lock").read_text() or 0)
        port = int((data_dir / "port").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return f"127.0.0.1:{port}" if _runs(owner) else None
