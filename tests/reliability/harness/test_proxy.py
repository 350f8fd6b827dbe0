"""The fault proxy forwards, delays, resets and swallows."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from threading import Thread

import pytest

from tests.reliability.harness.proxy import FaultProxy


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    """A proxy in front of an echo server."""
    listener = socket.create_server(("127.0.0.1", 0))

    def echo(connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(1024):
                    connection.sendall(data)
            except OSError:
                pass

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            Thread(target=echo, args=(connection,), daemon=True).start()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    proxy = FaultProxy(0, listener.getsockname()[1])
    proxy.start()
    yield proxy
    proxy.stop()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def ask(connection: socket.socket) -> float:
    """The seconds until the echo arrives."""
    began = time.monotonic()
    connection.sendall(b"hello")
    assert connection.recv(100) == b"hello"
    return time.monotonic() - began


def test_data_is_forwarded(proxy: FaultProxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as connection:
        ask(connection)


def test_latency_applies_each_way(proxy: FaultProxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as connection:
        proxy.latency = 0.2
        assert ask(connection) >= 0.4


def test_a_reset_breaks_open_connections_only(proxy: FaultProxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as connection:
        ask(connection)
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as connection:
        ask(connection)


def test_a_black_hole_delays_everything_until_it_ends(proxy: FaultProxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as connection:
        ask(connection)
        with proxy.black_hole():
            time.sleep(0.05)
            connection.sendall(b"hello")
            connection.settimeout(0.3)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        connection.settimeout(5)
        assert connection.recv(100) == b"hello"
