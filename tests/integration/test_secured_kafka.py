"""The stream on a Kafka with TLS and logins: every client connects with the right settings, and none without."""

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
from tests.integration.support import SETTINGS
from workers.errors import BrokerUnreachableError
from workers.kafka.admin_client import wait_ready
from workers.kafka.kafka_python import KafkaConsumer
from workers.kafka.security import client_options
from workers.outcomes import ExitCode, Stage
from workers.settings import PREFIX, Settings, shown
from workers.supervisor import Child, Supervisor
from workers.topics import ENRICHED

pytestmark = needs_openssl


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured_kafka(tmp_path_factory.mktemp("secured")) as running:
        yield running


def login(secured: Secured) -> Settings:
    return dataclasses.replace(
        SETTINGS,
        environment="production",
        broker=secured.login,
        security_protocol="SASL_SSL",
        sasl_username=USER,
        sasl_password_file=secured.home / "password",
        ssl_ca_file=secured.home / "ca.pem",
    )


def mutual(secured: Secured) -> Settings:
    return dataclasses.replace(
        SETTINGS,
        broker=secured.mutual,
        security_protocol="SSL",
        ssl_ca_file=secured.home / "ca.pem",
        ssl_cert_file=secured.home / "client.pem",
        ssl_key_file=secured.home / "client.key",
        ssl_key_password_file=secured.home / "password",
    )


def environment(settings: Settings) -> dict[str, str]:
    """The environment variables for the settings, defaults included."""
    fields = dataclasses.fields(Settings)
    variables = {PREFIX + field.name.upper(): shown(getattr(settings, field.name)) for field in fields}
    return {name: value for name, value in variables.items() if value}


def copydesk(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workers", *arguments],
        env=os.environ | environment(settings), capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_articles_pass_all_stages_with_tls_and_a_login(
    secured: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = login(secured)
    applied = copydesk(settings, "topics", "apply")
    assert applied.returncode == 0, applied.stderr
    articles = [item for item in inputs(30, seed=3) if item.name.startswith("article-")][:10]
    raw, log = tmp_path / "articles.jsonl", tmp_path / "workers.log"
    raw.write_bytes(b"\n".join(item.value or b"" for item in articles))
    published = copydesk(settings, "publish", str(raw))
    assert published.returncode == 0
    assert published.stderr.startswith(f"copydesk: 10 sent to {secured.login} in")

    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    with log.open("wb") as output:
        supervisor = Supervisor([Child(stage, 0) for stage in Stage], secured.login, output)
        thread = Thread(target=supervisor.run)
        thread.start()
        try:
            consumer = KafkaConsumer(
                ENRICHED, bootstrap_servers=secured.login, auto_offset_reset="earliest", **client_options(settings)
            )
            headlines: set[str] = set()
            deadline = time.monotonic() + 40
            while len(headlines) < len(articles) and time.monotonic() < deadline:
                for records in consumer.poll(timeout_ms=500).values():
                    headlines |= {json.loads(record.value)["headline"] for record in records}
            consumer.close()
        finally:
            supervisor.stopping.set()
            thread.join(60)
    text = log.read_text()
    assert headlines == {json.loads(item.value or b"")["headline"] for item in articles}, text[-4000:]
    assert PASSWORD not in text
    assert [child.crashes for child in supervisor.children] == [0, 0, 0]


@pytest.mark.parametrize("command", [("topics", "check"), ("publish", __file__), ("worker", "clean"), ("run",)])
def test_wrong_password_ends_the_command_with_one_line(secured: Secured, command: tuple[str, ...]) -> None:
    wrong = dataclasses.replace(login(secured), sasl_password_file=None, sasl_password="not this one")
    started = time.monotonic()
    completed = copydesk(wrong, *command)
    assert time.monotonic() - started < 45
    assert completed.returncode == ExitCode.UNAVAILABLE
    (line,) = completed.stderr.splitlines()
    assert f"the Kafka at {secured.login} rejects the connection: it rejects the login of '{USER}'" in line
    assert "not this one" not in completed.stdout + completed.stderr


def test_mutual_tls_needs_a_client_certificate(secured: Secured) -> None:
    settings = mutual(secured)
    assert wait_ready(secured.mutual, settings=settings)
    without = dataclasses.replace(settings, ssl_cert_file=None, ssl_key_file=None, ssl_key_password_file=None)
    with pytest.raises(BrokerUnreachableError, match=r"TLS fails \(.*\); check .* COPYDESK_SSL_CERT_FILE"):
        wait_ready(secured.mutual, settings=without)


def test_certificate_of_an_unknown_ca_is_rejected(secured: Secured) -> None:
    with pytest.raises(BrokerUnreachableError, match=r"its certificate is not valid .*; check COPYDESK_SSL_CA_FILE"):
        wait_ready(secured.login, settings=dataclasses.replace(login(secured), ssl_ca_file=None))


def test_certificate_for_another_address_is_rejected(secured: Secured) -> None:
    with pytest.raises(BrokerUnreachableError, match=r"its certificate is not valid .*IP address mismatch"):
        wait_ready(secured.alias, settings=mutual(secured))


def test_unsupported_sasl_mechanism_is_named(secured: Secured) -> None:
    with pytest.raises(BrokerUnreachableError, match="it does not support PLAIN; check COPYDESK_SASL_MECHANISM"):
        wait_ready(secured.login, settings=dataclasses.replace(login(secured), sasl_mechanism="PLAIN"))
