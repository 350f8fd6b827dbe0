"""Starts that cannot go well end within half a minute, with one line that says what to do; and a start can be ended."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest

from tests.integration.secured import PASSWORD, certificates, needs_openssl
from tests.reliability.harness.launch import environment_of
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.embedded_kafka.ports import free_port
from workers.kafka import topic_admin
from workers.outcomes import ExitCode
from workers.settings import Settings

pytestmark = pytest.mark.slow
SETTINGS = Settings(partitions=1, languages=("en",), models={})
LIKE_ANYONE = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
"""Before a command of root's: he may not write where it says that he may not."""
WITHIN = 30.0
"""Seconds in which a start ends that cannot go well."""


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    """A Kafka with the topics of the stream."""
    with EmbeddedBroker() as running:
        topic_admin.apply(SETTINGS, running.bootstrap)
        yield running.bootstrap


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates, of which the broker's and the client's have expired; fresh.pem is another one of the broker's."""
    home = tmp_path_factory.mktemp("certificates")
    certificates(home)
    shutil.copy(home / "broker.pem", home / "fresh.pem")
    expire(home, "broker", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    expire(home, "client", "extendedKeyUsage=clientAuth")
    return home


def expire(home: Path, name: str, extension: str) -> None:
    """Write the certificate anew, as one of yesterday."""
    (home / "extension").write_text(f"{extension}\n")
    request = ["req", "-new", "-config", "openssl.cnf", "-subj", f"/CN={name}", "-key", f"{name}.key"]
    sign = ["x509", "-req", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "-1"]
    for command in (
        [*request, "-passin", f"pass:{PASSWORD}", "-out", "request"],
        [*sign, "-in", "request", "-extfile", "extension", "-out", f"{name}.pem"],
    ):
        subprocess.run(["openssl", *command], cwd=home, check=True, capture_output=True)


def refused(code: int, **variables: str) -> str:
    """The one line that a worker says before it ends with the code."""
    given = environment_of(SETTINGS) | variables
    began = time.monotonic()
    done = subprocess.run(
        [*LIKE_ANYONE, sys.executable, "-m", "workers", "worker", "clean"], env=os.environ | given,
        capture_output=True, text=True, timeout=2 * WITHIN, check=False,
    )  # fmt: skip
    assert time.monotonic() - began < WITHIN
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


@contextmanager
def listener(context: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of somebody who takes connections, with TLS or without, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def take() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    if context:
                        secure = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                        held.append(secure)
                        with suppress(OSError):
                            secure.do_handshake()
                            secure.recv(1)
                    else:
                        held.append(connection)

        thread = Thread(target=take, daemon=True)
        thread.start()
        try:
            yield f"localhost:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for connection in held:
                connection.close()


def test_a_broker_that_is_not_there_is_named() -> None:
    address = f"127.0.0.1:{free_port()}"
    assert f"no Kafka answers at {address} within" in refused(1, COPYDESK_BROKER=address)


def test_a_broker_whose_name_nobody_knows_is_named() -> None:
    line = refused(1, COPYDESK_BROKER="no-such-broker.invalid:9092")
    assert "no Kafka answers at no-such-broker.invalid:9092" in line
    assert "check COPYDESK_BROKER" in line


def test_somebody_who_is_no_kafka_is_named() -> None:
    with listener() as address:
        assert f"no Kafka answers at {address} within" in refused(1, COPYDESK_BROKER=address)


def test_missing_topics_end_the_start_with_the_command_that_makes_them() -> None:
    with EmbeddedBroker() as empty:
        line = refused(ExitCode.MISCONFIGURED, COPYDESK_BROKER=empty.bootstrap)
    assert "`copydesk topics apply` creates it (and 7 more: `copydesk topics check`)" in line


def test_a_port_that_another_process_has_is_named(bootstrap: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refused(
            ExitCode.MISCONFIGURED,
            COPYDESK_BROKER=bootstrap,
            COPYDESK_METRICS_HOST="127.0.0.1",
            COPYDESK_METRICS_PORT=port,
        )
    assert f"COPYDESK_METRICS_PORT={port}" in line
    assert "(Address already in use): give a port that no other process has" in line


def test_an_address_that_is_not_this_machine_s_is_named(bootstrap: str) -> None:
    line = refused(
        ExitCode.MISCONFIGURED, COPYDESK_BROKER=bootstrap, COPYDESK_METRICS_HOST="192.0.2.1", COPYDESK_METRICS_PORT="0"
    )
    assert "COPYDESK_METRICS_HOST='192.0.2.1' can not be had" in line


def test_a_state_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    line = refused(ExitCode.MISCONFIGURED, COPYDESK_BROKER="localhost:9092", COPYDESK_STATE_DIR=str(tmp_path / "none"))
    assert line.endswith("is not allowed: give an existing, writable directory")


def test_a_state_directory_that_may_not_be_written_to_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    line = refused(ExitCode.MISCONFIGURED, COPYDESK_BROKER="localhost:9092", COPYDESK_STATE_DIR=str(tmp_path))
    assert line == (f"copydesk: COPYDESK_STATE_DIR='{tmp_path}' is not allowed: give an existing, writable directory")


@needs_openssl
def test_a_broker_whose_certificate_has_expired_is_refused_and_told_so(files: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "broker.pem", files / "broker.key")
    with listener(context) as address:
        line = refused(
            1, COPYDESK_BROKER=address, COPYDESK_SECURITY_PROTOCOL="SSL", COPYDESK_SSL_CA_FILE=str(files / "ca.pem")
        )
    assert "certificate has expired" in line
    assert "renew it" in line


@needs_openssl
def test_a_certificate_of_ours_that_has_expired_is_refused_by_the_broker_and_told_so(files: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "fresh.pem", files / "broker.key")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(files / "ca.pem")
    with listener(context) as address:
        line = refused(
            1,
            COPYDESK_BROKER=address,
            COPYDESK_SECURITY_PROTOCOL="SSL",
            COPYDESK_SSL_CA_FILE=str(files / "ca.pem"),
            COPYDESK_SSL_CERT_FILE=str(files / "client.pem"),
            COPYDESK_SSL_KEY_FILE=str(files / "client.key"),
            COPYDESK_SSL_KEY_PASSWORD=PASSWORD,
        )
    assert "CERTIFICATE_EXPIRED" in line
    assert "COPYDESK_SSL_CERT_FILE" in line


def test_a_start_that_waits_for_its_broker_ends_at_once_when_it_is_told_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        given = environment_of(SETTINGS) | {"COPYDESK_BROKER": f"127.0.0.1:{server.getsockname()[1]}"}
        process = subprocess.Popen([sys.executable, "-m", "workers", "worker", "clean"], env=os.environ | given)
        server.settimeout(2 * WITHIN)
        connection, _ = server.accept()  # it waits for an answer now, however long it took to get there
        with connection:
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0


def test_where_the_language_model_finds_no_room_the_line_says_how_much_it_takes(bootstrap: str, tmp_path: Path) -> None:
    line = refused(
        ExitCode.MISCONFIGURED, COPYDESK_BROKER=bootstrap, TMPDIR=str(tmp_path), PYTHONPATH=str(full(tmp_path))
    )
    assert "free 100 MB there, or set TMPDIR" in line


def full(directory: Path) -> Path:
    """A directory for the path of modules, by which no temporary file can be written."""
    (directory / "sitecustomize.py").write_text(
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))\n"
    )
    return directory
