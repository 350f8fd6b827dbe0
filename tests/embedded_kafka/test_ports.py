"""Free ports are different ones, and each is given out once."""

from __future__ import annotations

import socket

from workers.embedded_kafka.ports import free_port, free_ports


def test_ports_of_one_call_are_different_and_begin_with_the_preferred_one() -> None:
    preferred = free_port()
    ports = free_ports(200, first=preferred)
    assert ports[0] == preferred
    assert len(set(ports)) == 200


def test_port_is_returned_only_once_even_if_nobody_listens_on_it_yet() -> None:
    ports = [free_port() for _ in range(500)]
    assert len(set(ports)) == 500


def test_preferred_port_in_use_is_replaced() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        [port] = free_ports(1, first=taken)
    assert port != taken
