"""The embedded broker: a real Apache Kafka (KRaft, one node) that needs neither Docker nor an installed Java.

The demo, the tests and ``copydesk run`` on one machine use it; the rest of the code sees only a bootstrap address. It
listens on the loopback interface only. It stops when the process that started it ends, even by ``kill -9``
(``workers/embedded_kafka/guard.py``).
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from workers.embedded_kafka import guard, native, node_files
from workers.embedded_kafka.ports import free_port
from workers.embedded_kafka.runtime import ProgressCallback, classpath, java
from workers.errors import BrokerUnreachableError, EmbeddedKafkaError
from workers.kafka.admin_client import wait_ready

START_TIMEOUT = 60.0
"""Seconds that Kafka has by default to answer after it was started."""
STOP_TIMEOUT = 10.0
"""Seconds that Kafka has to stop before it is killed; it usually takes less than one."""
PROBE_TIMEOUT = 2.0
"""Seconds for one attempt to connect to Kafka."""
API_VERSIONS_REQUEST = struct.pack(">ihhih", 10, 18, 0, 0, -1)
"""Asks which requests Kafka knows: size, ApiVersions, its first version, number of the request, no client id."""
PORT_ATTEMPTS = 5
"""Starts to try when other processes take the port."""
PORT_TAKEN = "Address already in use"
ERROR_LINE_CHARS = 500


class EmbeddedBroker:
    """A private Apache Kafka, as a context manager; it can be started again after a stop.

    Args:
        data_dir: keeps messages, offsets and topics over restarts and a ``kill -9`` of Kafka, and also the port as long
            as it is free. None: a temporary directory, which is removed at the stop.
        progress: called with a line for the user before something slow.
        max_message_bytes: the largest record batch that Kafka accepts, in bytes.
        properties: Kafka settings (``server.properties``) that override ours.
        cluster_id: the id of the cluster, the same for all its nodes. None: a random one for a new directory.
        start_timeout: seconds that Kafka has to answer after it was started.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        progress: ProgressCallback = lambda line: None,
        *,
        max_message_bytes: int = 16 * node_files.MIB,
        properties: Mapping[str, str] | None = None,
        cluster_id: str | None = None,
        start_timeout: float = START_TIMEOUT,
    ) -> None:
        self._data_dir = data_dir
        self._progress = progress
        self._max_message_bytes = max_message_bytes
        self._properties = dict(properties or {})
        self._cluster_id = cluster_id or new_cluster_id()
        self._start_timeout = start_timeout
        self._ports: tuple[int, int] | None = None
        self._runtime: tuple[str, str] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._first_line: bytes | None = None
        self._pid: int | None = None

    @property
    def pid(self) -> int | None:
        """Kafka's process id, or the last one's if none runs; None before the first start."""
        if self._guard is not None:
            self._read_first_line(self._guard)
        return self._pid

    @property
    def bootstrap(self) -> str:
        """The address for clients, ``127.0.0.1:port``; it does not change before the next start.

        Raises:
            EmbeddedKafkaError: the broker was never started.
        """
        if self._ports is None:
            raise EmbeddedKafkaError("the embedded Kafka has no address before it is started")
        return f"127.0.0.1:{self._ports[0]}"

    @property
    def alive(self) -> bool:
        """Whether Kafka is running."""
        return self._guard is not None and self._guard.poll() is None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that ends when Kafka does, with Kafka's exit code.

        Raises:
            EmbeddedKafkaError: the broker was never started.
        """
        if self._guard is None:
            raise EmbeddedKafkaError("the embedded Kafka has no process before it is started")
        return self._guard

    def start(self) -> None:
        """Start Kafka and wait until it serves clients.

        Raises:
            EmbeddedKafkaError: Java or jars are missing, another broker uses the data directory, or Kafka fails.
        """
        if self.alive:
            return
        self.stop()  # clean up after a Kafka that has died
        with ExitStack() as undo:
            undo.callback(self.stop)
            choose_ports = node_files.last_ports
            for _ in range(PORT_ATTEMPTS):
                home = self._launch(choose_ports)
                self._progress("Starting Kafka ...")
                problem = self._wait_until_ready(home)
                if problem is None:
                    undo.pop_all()
                    return
                self.stop()
                if PORT_TAKEN not in problem:  # otherwise another process took the port: try another port
                    break
                choose_ports = node_files.new_ports
        raise EmbeddedKafkaError(f"the embedded Kafka did not start: {problem}")

    def restart(self) -> subprocess.Popen[bytes]:
        """Start a Kafka that has died again, on its data and its port; return its process before it serves clients.

        If another process has taken the port meanwhile, the new Kafka ends, and ``end_reason`` says so.

        Raises:
            EmbeddedKafkaError: the data directory cannot be used, for example because the disk is full.
        """
        self.stop()
        assert self._ports is not None
        port = self._ports[0]
        self._launch(lambda home: (port, free_port()))
        return self.process

    def answers(self) -> bool:
        """Whether Kafka answers a request; the system accepts connections even for one that is frozen."""
        try:
            address = ("127.0.0.1", self._ports[0] if self._ports else 0)
            with socket.create_connection(address, PROBE_TIMEOUT) as connection:
                connection.settimeout(PROBE_TIMEOUT)
                connection.sendall(API_VERSIONS_REQUEST)
                return bool(connection.recv(1))
        except OSError:
            return False

    def end_reason(self) -> str:
        """Why Kafka has ended, in one line."""
        code, output = self.process.wait(), self._read_output(self.process)
        if code < 0:
            return f"its guard was killed by signal {-code}"
        return f"killed by signal {code - 128}" if code > 128 else _error_line(output)

    def stop(self) -> None:
        """Stop Kafka, wait for its end, and remove the temporary directory."""
        if self._guard is None:
            return
        assert self._guard.stdin is not None
        assert self._guard.stdout is not None
        self._guard.stdin.close()
        self._guard.wait()
        self._read_first_line(self._guard)
        self._guard.stdout.close()
        self._guard = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self, choose_ports: Callable[[Path], tuple[int, int]]) -> Path:
        """Start the guard, which starts Kafka; return the directory they work in."""
        self._runtime = program, jars = self._runtime or (java(), classpath(self._progress))
        temporary = self._data_dir is None
        home = Path(tempfile.mkdtemp(prefix="copydesk-kafka-")) if self._data_dir is None else self._data_dir.absolute()
        with ExitStack() as undo:
            if temporary:
                undo.callback(shutil.rmtree, home, ignore_errors=True)
            try:
                node_files.make_private(home)
                lock = node_files.lock(home)
                undo.callback(os.close, lock)
                self._ports = choose_ports(home)
                node_files.write_settings(home, self._ports, self._max_message_bytes, self._properties)
                self._first_line = None
                self._guard = _start_guard(
                    {
                        "commands": node_files.kafka_commands(
                            program,
                            native.options(jars, home / "native"),
                            home,
                            self._max_message_bytes,
                            self._cluster_id,
                        ),
                        "output": "kafka.out",
                        "log": "kafka.log",
                        "remove": str(home) if temporary else None,
                        "grace": 0 if temporary else STOP_TIMEOUT,
                    },
                    home, jars, lock,
                )  # fmt: skip
            except OSError as error:
                where = error.filename or home
                raise EmbeddedKafkaError(
                    f"the embedded Kafka cannot use {where}: {error.strerror}; "
                    f"set {'TMPDIR' if temporary else 'COPYDESK_DATA_DIR'} to a directory where it can write"
                ) from error
            undo.pop_all()  # from here on, the guard removes the directory
            os.close(lock)  # and the guard and Kafka hold the lock
        return home

    def _wait_until_ready(self, home: Path) -> str | None:
        """Wait until Kafka serves clients; return None then, or the error if Kafka fails."""
        assert self._guard is not None
        self._read_first_line(self._guard)
        deadline = time.monotonic() + self._start_timeout
        while self._guard.poll() is None:
            # If another Kafka took the port first, it is the one that answers, while ours ends and its temporary
            # directory disappears.
            with suppress(BrokerUnreachableError, FileNotFoundError):
                cluster_id = wait_ready(self.bootstrap, timeout=PROBE_TIMEOUT)
                if f"cluster.id={cluster_id}\n" in node_files.meta_properties(home).read_text():
                    return None
            if time.monotonic() > deadline:
                return f"it does not answer within {self._start_timeout:g} s"
        return _error_line(self._read_output(self._guard))

    def _read_first_line(self, guard: subprocess.Popen[bytes]) -> bytes:
        """The guard's first line, once it is there: Kafka's process id, unless something failed before."""
        if self._first_line is None:
            assert guard.stdout is not None
            self._first_line = guard.stdout.readline()
            if self._first_line.strip().isdigit():
                self._pid = int(self._first_line)
        return self._first_line

    def _read_output(self, guard: subprocess.Popen[bytes]) -> str:
        """What a guard that has ended told us."""
        assert guard.stdout is not None
        return (self._read_first_line(guard) + guard.stdout.read()).decode(errors="replace")


def new_cluster_id() -> str:
    """A random id for a Kafka cluster."""
    return secrets.token_urlsafe(16)


def _start_guard(job: dict[str, object], home: Path, jars: str, lock: int) -> subprocess.Popen[bytes]:
    """Start the guard in its own session, so that Ctrl-C in a terminal reaches neither it nor Kafka."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", guard.__file__, json.dumps(job)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, pass_fds=(lock,), cwd=home,
        env={**os.environ, "CLASSPATH": jars, "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
    )  # fmt: skip


def _error_line(output: str) -> str:
    """The last line of Java's output that names an error; without one, the last line."""
    lines = [
        line.strip()
        for line in output.splitlines()
        if line.strip() and not line.lstrip().startswith(("at ", "WARNING"))
    ]
    errors = [line for line in lines if re.search(r"Error|Exception|ERROR|FATAL", line)]
    return (errors or lines or ["it ended without output"])[-1][:ERROR_LINE_CHARS]
