"""Connecting to a broker, and what a start reports when there is none."""

from __future__ import annotations

import socket
import threading

import pytest

from workers.embedded_kafka.broker import EmbeddedBroker
from workers.embedded_kafka.ports import free_port
from workers.errors import BrokerUnreachableError
from workers.kafka.admin_client import wait_ready
from workers.kafka.topic_admin import inspect_topics
from workers.settings import Settings


def test_wait_ready_skips_addresses_where_nothing_listens(broker: EmbeddedBroker) -> None:
    assert wait_ready(f"127.0.0.1:1,{broker.bootstrap}", timeout=10)


@pytest.mark.parametrize(
    ("host", "cause"),
    [
        ("127.0.0.1", "nothing listens there"),
        ("no-such-broker.invalid", "the name no-such-broker.invalid cannot be resolved"),
    ],
)
def test_unreachable_broker_is_named_in_one_line_that_says_what_to_check(host: str, cause: str) -> None:
    address = f"{host}:{free_port()}"
    with pytest.raises(BrokerUnreachableError) as raised:
        inspect_topics(Settings(), address, timeout=0.2)
    assert str(raised.value) == (
        f"no Kafka answers at {address} within 0.2 s: {cause}; "
        "check COPYDESK_BROKER, COPYDESK_SECURITY_PROTOCOL, and that Kafka is running"
    )


def test_listener_that_is_not_kafka_is_unreachable_and_leaves_no_thread(capfd: pytest.CaptureFixture[str]) -> None:
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(BrokerUnreachableError, match="something listens there but does not speak Kafka's protocol"):
            wait_ready(address, timeout=0.5)
    assert set(threading.enumerate()) <= before
    assert capfd.readouterr() == ("", "")
