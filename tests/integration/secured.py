"""A Kafka with TLS and logins, and certificates for it, created for the test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from workers.embedded_kafka import guard, runtime
from workers.embedded_kafka.broker import START_TIMEOUT
from workers.embedded_kafka.ports import free_ports
from workers.kafka.admin_client import wait_ready
from workers.kafka.rights import COMMAND_RIGHTS

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make certificates with")
USER, PASSWORD = "copydesk", "a secret of a kind"
LIMITED_USERS = {command: f"{command.replace(' ', '-')}-user" for command in ("nothing", *COMMAND_RIGHTS)}
"""Users without rights, by the command whose rights a test may grant them. ``USER`` may do all."""

PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=INTERNAL
listeners=INTERNAL://127.0.0.1:{internal},LOGIN://127.0.0.1:{login},ALIAS://127.0.0.2:{alias},MUTUAL://127.0.0.1:{mutual},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=INTERNAL://127.0.0.1:{internal},LOGIN://localhost:{login},ALIAS://127.0.0.2:{alias},MUTUAL://127.0.0.1:{mutual}
listener.security.protocol.map=INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT,LOGIN:SASL_SSL,MUTUAL:SSL,ALIAS:SSL
ssl.keystore.type=PEM
ssl.keystore.location={home}/broker.keystore.pem
ssl.truststore.type=PEM
ssl.truststore.location={home}/ca.pem
listener.name.login.ssl.client.auth=none
listener.name.mutual.ssl.client.auth=required
listener.name.login.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.login.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
log.dirs={home}/log
auto.create.topics.enable=false
message.max.bytes=16777216
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=8388608
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{user};User:CN=client;User:ANONYMOUS
num.network.threads=2
num.io.threads=4
"""


@dataclass(frozen=True)
class Secured:
    """A running Kafka's addresses and the directory of its files.

    Attributes:
        login: the listener for SASL_SSL.
        mutual: the listener for mutual TLS.
        alias: a listener under an address that the certificate does not cover.
        home: certificates, keys and passwords, for the broker and its clients.
    """

    login: str
    mutual: str
    alias: str
    home: Path


def certificates(home: Path) -> None:
    """Write ca.pem, broker.pem and broker.key for localhost and 127.0.0.1, client.pem and client.key with PASSWORD."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=home, check=True, capture_output=True)

    def issue(name: str, extension: str, *more: str) -> None:
        signer = [] if name == "ca" else ["-CA", "ca.pem", "-CAkey", "ca.key"]
        openssl(
            "req", "-x509", "-config", "openssl.cnf", "-subj", f"/CN={name}", "-addext", extension, "-days", "1",
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", f"{name}.key", "-out", f"{name}.pem",
            *signer, *(more or ["-nodes"]),
        )  # fmt: skip

    (home / "openssl.cnf").write_text("[req]\ndistinguished_name=dn\n[dn]\n")
    issue("ca", "basicConstraints=critical,CA:TRUE")
    issue("broker", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    issue("client", "extendedKeyUsage=clientAuth", "-passout", f"pass:{PASSWORD}")
    (home / "broker.keystore.pem").write_bytes(
        b"".join((home / f"broker.{end}").read_bytes() for end in ("key", "pem"))
    )
    (home / "password").write_text(f"{PASSWORD}\n")


@contextmanager
def secured_kafka(home: Path) -> Iterator[Secured]:
    """Run a Kafka in the directory, with a listener for SASL_SSL (SCRAM-SHA-512) and one for mutual TLS."""
    certificates(home)
    names = ("internal", "login", "mutual", "alias", "controller")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    (home / "server.properties").write_text(PROPERTIES.format(home=home, user=USER, **ports))
    java = [runtime.java(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx384m"]
    storage = [
        *java, "kafka.tools.StorageTool", "format", "--cluster-id=AAAAAAAAAAAAAAAAAAAAAA", "--config=server.properties",
    ]  # fmt: skip
    for user in (USER, *LIMITED_USERS.values()):
        storage += ["--add-scram", f'SCRAM-SHA-512=[name={user},password="{PASSWORD}"]']
    job = {
        "commands": [storage, [*java, "kafka.Kafka", "server.properties"]],
        "output": "kafka.out", "log": "kafka.log", "remove": None, "grace": 0,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", guard.__file__, json.dumps(job)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=home, start_new_session=True,
        env={**os.environ, "CLASSPATH": runtime.classpath(print)},
    )  # fmt: skip
    try:
        wait_ready(f"127.0.0.1:{ports['internal']}", timeout=START_TIMEOUT)
        yield Secured(
            f"localhost:{ports['login']}", f"127.0.0.1:{ports['mutual']}", f"127.0.0.2:{ports['alias']}", home
        )
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(15)
