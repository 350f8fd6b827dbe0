"""Connects kafka-python's admin client, and waits for a broker that is still starting."""

from __future__ import annotations

import logging
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any

from workers.errors import BrokerUnreachableError
from workers.kafka.kafka_python import KafkaAdminClient, KafkaError, KafkaNetClient
from workers.kafka.security import client_options, rejection_reason
from workers.settings import PLAINTEXT, Settings

CONNECT_TIMEOUT = 20.0
"""Seconds that a broker has to answer. Short enough that a start that cannot succeed ends within half a minute."""
STARTING_TIMEOUT = 90.0
"""The same for the embedded Kafka, which is running or is being started: otherwise its address is not known."""
TOPICS_TIMEOUT = 15.0
"""Seconds in which ``copydesk run`` creates its topics, once its Kafka answers."""
SILENCE_SECONDS = 2.0
"""Seconds of waiting after which somebody at a terminal is told."""
TCP_CONNECT_TIMEOUT = 3.0
"""Seconds for one attempt to open a TCP connection."""


def wait_ready(bootstrap: str, timeout: float = CONNECT_TIMEOUT, settings: Settings | None = None) -> str:
    """Wait until the Kafka at the address serves clients, and return its cluster id.

    Args:
        bootstrap: addresses ``host:port``, separated by commas.
        timeout: seconds to wait at most.
        settings: how to connect; by default without TLS and login.

    Raises:
        BrokerUnreachableError: no Kafka answers in time, or it rejects the connection.
    """
    with connect_admin(bootstrap, settings, timeout) as admin:
        return str(admin.describe_cluster()["cluster_id"])


@contextmanager
def connect_admin(bootstrap: str, settings: Settings | None, timeout: float | None = None) -> Iterator[Any]:
    """A connected ``KafkaAdminClient``, as a context manager. Arguments as for ``wait_ready``.

    By default, the embedded Kafka has more time to answer than others: it may be starting.

    Raises:
        BrokerUnreachableError: no Kafka answers in time, it rejects the connection, or a request in the block fails.
    """
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it logs each attempt; we report only the outcome
    if timeout is None:
        timeout = STARTING_TIMEOUT if settings and settings.is_embedded else CONNECT_TIMEOUT
    deadline = time.monotonic() + timeout
    options = client_options(settings) if settings else {}
    with _told_of_waiting(bootstrap):
        listening = _await_listening(bootstrap, timeout)
    if settings and settings.security_protocol != PLAINTEXT and (why := rejection_reason(listening[0], settings)):
        raise BrokerUnreachableError(f"the Kafka at {listening[0]} rejects the connection: {why}")
    net_clients: list[Any] = []

    def make_net_client(**configs: Any) -> Any:
        net_clients.append(KafkaNetClient(**configs))
        return net_clients[0]

    try:
        admin = KafkaAdminClient(
            bootstrap_servers=listening,  # kafka-python leaks a socket for each address that refuses the connection
            bootstrap_timeout_ms=max(100, int(1000 * (deadline - time.monotonic()))),
            reconnect_backoff_max_ms=200,
            kafka_client=make_net_client,
            **options,
        )
    except KafkaError as error:
        for client in net_clients:  # if the constructor fails, kafka-python leaves a thread and sockets behind
            client.close()
        raise _unreachable(bootstrap, timeout) from error
    try:
        yield admin
    except KafkaError as error:
        raise BrokerUnreachableError(f"the Kafka at {bootstrap} fails: {type(error).__name__}: {error}") from error
    finally:
        admin.close()


def missing_topics(admin: Any, names: Iterable[str], settings: Settings) -> list[str]:
    """Those of the topics that do not exist, or are hidden from us, once `copydesk run` has had time to create them."""
    deadline = time.monotonic() + (TOPICS_TIMEOUT if settings.is_embedded else 0)
    while True:
        existing = set(admin.list_topics())
        missing = [name for name in names if name not in existing]
        if not missing or time.monotonic() > deadline:
            return missing
        time.sleep(0.2)


@contextmanager
def _told_of_waiting(bootstrap: str) -> Iterator[None]:
    """In the block, tell somebody at a terminal what is waited for, if it takes long."""
    timer = Timer(SILENCE_SECONDS, print, (f"Connecting to Kafka at {bootstrap} ...",), {"file": sys.stderr})
    timer.daemon = True
    if sys.stderr and sys.stderr.isatty():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _await_listening(bootstrap: str, timeout: float) -> list[str]:
    """Wait until at least one address accepts connections; return those that do. Cheaper than trying a Kafka client."""
    deadline = time.monotonic() + timeout
    while True:
        attempt_timeout = min(TCP_CONNECT_TIMEOUT, timeout / 2)
        if listening := [address for address in bootstrap.split(",") if _listens(address, attempt_timeout)]:
            return listening
        if time.monotonic() > deadline:
            raise _unreachable(bootstrap, timeout)
        time.sleep(0.05)


def _listens(address: str, timeout: float) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=timeout).close()
    except OSError:
        return False
    return True


def _unreachable(bootstrap: str, timeout: float) -> BrokerUnreachableError:
    return BrokerUnreachableError(
        f"no Kafka answers at {bootstrap} within {timeout:g} s: {_cause(bootstrap.split(',')[0])}; "
        "check COPYDESK_BROKER, COPYDESK_SECURITY_PROTOCOL, and that Kafka is running"
    )


def _cause(address: str) -> str:
    """What happens at an address."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=TCP_CONNECT_TIMEOUT).close()
    except socket.gaierror:
        return f"the name {host} cannot be resolved"
    except ConnectionRefusedError:
        return "nothing listens there"
    except TimeoutError:
        return "connections get no answer"
    except OSError as error:
        return str(error.strerror or error)
    return "something listens there but does not speak Kafka's protocol, or Kafka is not ready yet"
