"""Ports that are found free."""

from __future__ import annotations

import socket

from workers.embedded_kafka.ports import free_port, free_ports


def test_ports_that_are_found_together_differ() -> None:
    wanted = free_port()
    ports = free_ports(wanted, wanted, *[0] * 200)
    assert ports[0] == wanted
    assert len(set(ports)) == 202


def test_a_port_is_given_once_though_nobody_listens_yet() -> None:
    ports = [free_port() for _ in range(500)]
    assert len(set(ports)) == 500


def test_a_port_that_is_taken_is_exchanged() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        [port] = free_ports(taken)
    assert port != taken
