"""The stream on a Kafka that wants TLS and a login: every client gets in with the settings, and none without."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.integration.articles import inputs
from tests.integration.secured import PASSWORD, USER, Secured, needs_openssl, secured_kafka
from workers.errors import BrokerUnreachableError
from workers.kafka.admin_client import wait_ready
from workers.kafka.kafka_python import KafkaConsumer
from workers.kafka.security import client_options
from workers.outcomes import Stage
from workers.settings import PREFIX, Settings, shown
from workers.supervisor import Child, Supervisor
from workers.topics import ENRICHED

pytestmark = [pytest.mark.broker, pytest.mark.slow, needs_openssl]
SMALL = Settings(partitions=1, languages=("en",), models={})


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured_kafka(tmp_path_factory.mktemp("secured")) as running:
        yield running


def login(kafka: Secured) -> Settings:
    return dataclasses.replace(
        SMALL,
        environment="production",
        broker=kafka.login,
        security_protocol="SASL_SSL",
        sasl_username=USER,
        sasl_password_file=kafka.home / "password",
        ssl_ca_file=kafka.home / "ca.pem",
    )


def mutual(kafka: Secured) -> Settings:
    return dataclasses.replace(
        SMALL,
        broker=kafka.mutual,
        security_protocol="SSL",
        ssl_ca_file=kafka.home / "ca.pem",
        ssl_cert_file=kafka.home / "client.pem",
        ssl_key_file=kafka.home / "client.key",
        ssl_key_password_file=kafka.home / "password",
    )


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give the settings."""
    fields = dataclasses.fields(Settings)
    given = {PREFIX + field.name.upper(): shown(getattr(settings, field.name)) for field in fields}
    return {name: value for name, value in given.items() if value}


def copydesk(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workers", *arguments],
        env=os.environ | environment(settings), capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_articles_pass_all_three_stages_with_tls_and_a_login(
    kafka: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = login(kafka)
    applied = copydesk(settings, "topics", "apply")
    assert applied.returncode == 0, applied.stderr
    articles = [one for one in inputs(30, seed=3) if one.name.startswith("article-")][:10]
    raw, log = tmp_path / "articles.jsonl", tmp_path / "workers.log"
    raw.write_bytes(b"\n".join(one.value or b"" for one in articles))
    published = copydesk(settings, "publish", str(raw))
    assert (published.returncode, published.stdout) == (0, f"10 sent to {kafka.login}\n")

    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    with log.open("wb") as output:
        supervisor = Supervisor([Child(stage, 0) for stage in Stage], kafka.login, output)
        thread = Thread(target=supervisor.run)
        thread.start()
        try:
            consumer = KafkaConsumer(
                ENRICHED, bootstrap_servers=kafka.login, auto_offset_reset="earliest", **client_options(settings)
            )
            found: set[str] = set()
            deadline = time.monotonic() + 40
            while len(found) < len(articles) and time.monotonic() < deadline:
                for records in consumer.poll(timeout_ms=500).values():
                    found |= {json.loads(record.value)["headline"] for record in records}
            consumer.close()
        finally:
            supervisor.stopping.set()
            thread.join(60)
    said = log.read_text()
    assert found == {json.loads(one.value or b"")["headline"] for one in articles}, said[-4000:]
    assert PASSWORD not in said
    assert [child.falls for child in supervisor.children] == [0, 0, 0]


@pytest.mark.parametrize("command", [("topics", "check"), ("publish", __file__), ("worker", "clean"), ("run",)])
def test_a_wrong_password_is_one_readable_line_and_a_failure(kafka: Secured, command: tuple[str, ...]) -> None:
    wrong = dataclasses.replace(login(kafka), sasl_password_file=None, sasl_password="not this one")
    began = time.monotonic()
    refused = copydesk(wrong, *command)
    assert time.monotonic() - began < 15
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert f"the Kafka at {kafka.login} rejects the connection: it rejects the login of '{USER}'" in line
    assert "not this one" not in refused.stdout + refused.stderr


def test_a_listener_that_asks_for_a_certificate_takes_ours_and_nobody_without(kafka: Secured) -> None:
    settings = mutual(kafka)
    assert wait_ready(kafka.mutual, settings=settings)
    without = dataclasses.replace(settings, ssl_cert_file=None, ssl_key_file=None, ssl_key_password_file=None)
    with pytest.raises(BrokerUnreachableError, match=r"TLS fails \(.*\); check .* COPYDESK_SSL_CERT_FILE"):
        wait_ready(kafka.mutual, settings=without)


def test_a_broker_whose_certificate_nobody_vouches_for_is_refused(kafka: Secured) -> None:
    with pytest.raises(BrokerUnreachableError, match=r"its certificate is not valid .*; check COPYDESK_SSL_CA_FILE"):
        wait_ready(kafka.login, settings=dataclasses.replace(login(kafka), ssl_ca_file=None))


def test_a_broker_under_a_name_that_is_not_its_own_is_refused(kafka: Secured) -> None:
    with pytest.raises(BrokerUnreachableError, match=r"its certificate is not valid .*IP address mismatch"):
        wait_ready(kafka.alias, settings=mutual(kafka))


def test_a_mechanism_that_the_broker_does_not_know_is_named(kafka: Secured) -> None:
    with pytest.raises(BrokerUnreachableError, match="it does not support PLAIN; check COPYDESK_SASL_MECHANISM"):
        wait_ready(kafka.login, settings=dataclasses.replace(login(kafka), sasl_mechanism="PLAIN"))
