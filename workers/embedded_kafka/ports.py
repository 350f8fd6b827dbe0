"""Ports to listen on, found before whoever is to listen is started."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from threading import Lock

_given: set[int] = set()
"""Whoever got these may not listen yet, or may be about to listen again."""
_giving = Lock()


def free_ports(*wanted: int) -> list[int]:
    """Ports of the loopback interface that are free, all different: each the wanted one if it is free, else any.

    0 wants any that this process has given to nobody. Nobody holds them on return, so another process may still be
    faster.

    Raises:
        OSError: no port is free.
    """
    found: list[int] = []
    with _giving, ExitStack() as held:  # a port that is let go may be found again
        for port in wanted:
            if port == 0 or port in found or not _bind(held.enter_context(socket.socket()), port):
                port = _any(held)
            found.append(port)
            _given.add(port)
    return found


def free_port() -> int:
    """A port of the loopback interface that is free."""
    [port] = free_ports(0)
    return port


def _any(held: ExitStack) -> int:
    """A port that was given to nobody, held until the stack is left."""
    while True:
        probe = held.enter_context(socket.socket())
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        if port not in _given:
            return port


def _bind(probe: socket.socket, port: int) -> bool:
    """Whether the port could be had: one on which only connections of before linger counts as free."""
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
