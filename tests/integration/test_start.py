"""A start that must fail ends within half a minute, with one line that says what to do; and a start can be stopped."""

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
from tests.integration.support import SETTINGS, delete_topics
from tests.reliability.harness.launch import environment_of
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.embedded_kafka.ports import free_port
from workers.outcomes import ExitCode

pytestmark = pytest.mark.process
WITHOUT_ROOT_POWERS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
"""Goes before a command, so that file permissions bind it even if root runs the tests."""
START_TIMEOUT = 30.0
"""Seconds in which a start that must fail ends."""


@pytest.fixture(scope="module")
def certificate_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates; those of the broker and the client have expired, and fresh.pem is a valid one of the broker."""
    home = tmp_path_factory.mktemp("certificates")
    certificates(home)
    shutil.copy(home / "broker.pem", home / "fresh.pem")
    expire(home, "broker", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    expire(home, "client", "extendedKeyUsage=clientAuth")
    return home


def expire(home: Path, name: str, extension: str) -> None:
    """Replace the certificate by one that expired yesterday."""
    (home / "extension").write_text(f"{extension}\n")
    request = ["req", "-new", "-config", "openssl.cnf", "-subj", f"/CN={name}", "-key", f"{name}.key"]
    sign = ["x509", "-req", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "-1"]
    for command in (
        [*request, "-passin", f"pass:{PASSWORD}", "-out", "request"],
        [*sign, "-in", "request", "-extfile", "extension", "-out", f"{name}.pem"],
    ):
        subprocess.run(["openssl", *command], cwd=home, check=True, capture_output=True)


def failed_start(code: int, **variables: str) -> str:
    """Start a clean worker that must end with the code; return its one line of output."""
    started = time.monotonic()
    completed = subprocess.run(
        [*WITHOUT_ROOT_POWERS, sys.executable, "-m", "workers", "worker", "clean"],
        env=os.environ | environment_of(SETTINGS) | variables,
        capture_output=True, text=True, timeout=2 * START_TIMEOUT, check=False,
    )  # fmt: skip
    assert time.monotonic() - started < START_TIMEOUT
    assert completed.returncode == code, completed.stderr
    assert completed.stdout == ""
    (line,) = completed.stderr.splitlines()
    return line


@contextmanager
def listener(context: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of a server that accepts connections, with a TLS context or without, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    if context:
                        secure = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                        connections.append(secure)
                        with suppress(OSError):
                            secure.do_handshake()
                            secure.recv(1)
                    else:
                        connections.append(connection)

        thread = Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"localhost:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for connection in connections:
                connection.close()


@pytest.mark.slow
def test_start_without_a_broker_waits_for_it_and_then_names_its_address() -> None:
    address = f"127.0.0.1:{free_port()}"
    assert failed_start(ExitCode.UNAVAILABLE, COPYDESK_BROKER=address) == (
        f"copydesk: no Kafka answers at {address} within 20 s: nothing listens there; "
        "check COPYDESK_BROKER, COPYDESK_SECURITY_PROTOCOL, and that Kafka is running"
    )


def test_missing_topics_end_the_start_with_the_command_that_creates_them(broker: EmbeddedBroker) -> None:
    delete_topics(broker.bootstrap)
    line = failed_start(ExitCode.MISCONFIGURED, COPYDESK_BROKER=broker.bootstrap)
    assert "`copydesk topics apply` creates it (and 7 more: `copydesk topics check`)" in line


def test_metrics_host_of_another_machine_is_named(bootstrap: str) -> None:
    line = failed_start(
        ExitCode.MISCONFIGURED, COPYDESK_BROKER=bootstrap, COPYDESK_METRICS_HOST="192.0.2.1", COPYDESK_METRICS_PORT="0"
    )
    assert "COPYDESK_METRICS_HOST='192.0.2.1'" in line
    assert "(Cannot assign requested address)" in line


def test_missing_state_directory_is_named(tmp_path: Path) -> None:
    line = failed_start(
        ExitCode.MISCONFIGURED, COPYDESK_BROKER="localhost:9092", COPYDESK_STATE_DIR=str(tmp_path / "none")
    )
    assert line.endswith("is not allowed: give an existing, writable directory")


def test_read_only_state_directory_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    line = failed_start(ExitCode.MISCONFIGURED, COPYDESK_BROKER="localhost:9092", COPYDESK_STATE_DIR=str(tmp_path))
    assert line == (f"copydesk: COPYDESK_STATE_DIR='{tmp_path}' is not allowed: give an existing, writable directory")


@needs_openssl
def test_expired_certificate_of_the_broker_is_rejected_by_name(certificate_dir: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_dir / "broker.pem", certificate_dir / "broker.key")
    with listener(context) as address:
        line = failed_start(
            1,
            COPYDESK_BROKER=address,
            COPYDESK_SECURITY_PROTOCOL="SSL",
            COPYDESK_SSL_CA_FILE=str(certificate_dir / "ca.pem"),
        )
    assert "certificate has expired" in line
    assert "renew it" in line


@needs_openssl
def test_broker_rejecting_our_expired_certificate_is_reported(certificate_dir: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_dir / "fresh.pem", certificate_dir / "broker.key")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificate_dir / "ca.pem")
    with listener(context) as address:
        line = failed_start(
            1,
            COPYDESK_BROKER=address,
            COPYDESK_SECURITY_PROTOCOL="SSL",
            COPYDESK_SSL_CA_FILE=str(certificate_dir / "ca.pem"),
            COPYDESK_SSL_CERT_FILE=str(certificate_dir / "client.pem"),
            COPYDESK_SSL_KEY_FILE=str(certificate_dir / "client.key"),
            COPYDESK_SSL_KEY_PASSWORD=PASSWORD,
        )
    assert "CERTIFICATE_EXPIRED" in line
    assert "COPYDESK_SSL_CERT_FILE" in line


def test_sigterm_ends_a_start_that_waits_for_its_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = {"COPYDESK_BROKER": f"127.0.0.1:{server.getsockname()[1]}"}
        process = subprocess.Popen(
            [sys.executable, "-m", "workers", "worker", "clean"], env=os.environ | environment_of(SETTINGS) | address
        )
        server.settimeout(2 * START_TIMEOUT)
        connection, _ = server.accept()  # from here on, the start waits for an answer
        with connection:
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0


def test_language_model_without_disk_space_says_how_much_it_needs(bootstrap: str, tmp_path: Path) -> None:
    line = failed_start(
        ExitCode.MISCONFIGURED,
        COPYDESK_BROKER=bootstrap,
        TMPDIR=str(tmp_path),
        PYTHONPATH=str(forbid_large_files(tmp_path)),
    )
    assert "free 100 MB there, or set TMPDIR" in line


def forbid_large_files(directory: Path) -> Path:
    """Write a sitecustomize.py that limits files to 4 KiB; return its directory, for PYTHONPATH."""
    (directory / "sitecustomize.py").write_text(
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))\n"
    )
    return directory
