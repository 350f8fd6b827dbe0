"""Finds free ports for processes that are about to start."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from threading import Lock

_handed_out: set[int] = set()
"""Ports already returned: their users may not listen yet, or may be about to listen again."""
_lock = Lock()


def free_ports(count: int, *, first: int = 0) -> list[int]:
    """That many different free ports of the loopback interface, none of which this process was given before.

    Nobody listens on them yet when the function returns, so another process may still take one.

    Args:
        count: how many.
        first: the first port of the result, if it is free; may have been given before. 0 means any.

    Raises:
        OSError: no port is free.
    """
    ports: list[int] = []
    with _lock, ExitStack() as probes:  # all probes stay open until the end, else a port could be found twice
        if count and first and _can_bind(probes.enter_context(socket.socket()), first):
            ports.append(first)
        while len(ports) < count:
            ports.append(_unused_port(probes))
        _handed_out.update(ports)
    return ports


def free_port() -> int:
    """A free port of the loopback interface that this process was not given before."""
    [port] = free_ports(1)
    return port


def _unused_port(probes: ExitStack) -> int:
    """A port that was never handed out, bound until the stack is closed."""
    while True:
        probe = probes.enter_context(socket.socket())
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        if port not in _handed_out:
            return port


def _can_bind(probe: socket.socket, port: int) -> bool:
    """Whether the port is free; a port with nothing but old connections in TIME_WAIT counts as free."""
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
