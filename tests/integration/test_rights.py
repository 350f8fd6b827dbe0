"""Each command works on a Kafka with TLS, logins and an authorizer, with the rights that it is said to need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from tests.clean.samples import BODY
from tests.dead_letters.support import letter_record
from tests.integration.secured import LIMITED_USERS, USER, Secured, needs_openssl, secured_kafka
from tests.integration.support import SETTINGS
from tests.reliability.harness.launch import environment_of
from workers.cli import main
from workers.kafka.kafka_python import KafkaProducer
from workers.kafka.rights import COMMAND_GROUPS, COMMAND_RIGHTS
from workers.kafka.security import client_options
from workers.settings import Settings

pytestmark = [needs_openssl, pytest.mark.slow]
ARGUMENTS = {
    "publish": ["article.txt"],
    "tail": ["--json"],
    "explain": ["news-dead-letters-0-0"],
    "dead-letters show": ["news-dead-letters-0-0"],
    "dead-letters replay": ["--all"],
    "doctor": ["--role", "clean"],
}


def settings_of(secured: Secured, user: str) -> Settings:
    return replace(
        SETTINGS,
        broker=secured.login,
        security_protocol="SASL_SSL",
        sasl_username=user,
        sasl_password_file=secured.home / "password",
        ssl_ca_file=secured.home / "ca.pem",
    )


def copydesk(secured: Secured, user: str, command: str) -> Result:
    arguments = [*command.split(), *ARGUMENTS.get(command, [])]
    return CliRunner().invoke(main, arguments, env=environment_of(settings_of(secured, user)))


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A Kafka with the topics, one dead letter, and the rights for each command."""
    with secured_kafka(tmp_path_factory.mktemp("rights")) as running:
        assert copydesk(running, USER, "topics apply").exit_code == 0
        letter = letter_record()
        producer = KafkaProducer(bootstrap_servers=running.login, **client_options(settings_of(running, USER)))
        producer.send(letter.topic, letter.value, letter.key, list(letter.headers), 0).get(30)
        producer.close()
        grant(running)
        yield running


def grant(secured: Secured) -> None:
    """Give each user the rights of its command."""
    rights = [
        (ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, command, right)
        for command, by_topic in COMMAND_RIGHTS.items()
        for topic, operations in by_topic.items()
        for right in operations
    ] + [
        (ResourceType.GROUP, group.rstrip("*"), ResourcePatternType.PREFIXED, command, right)
        for command, (right, group) in COMMAND_GROUPS.items()
    ]
    admin = AdminClient(
        {
            "bootstrap.servers": secured.login, "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": USER, "sasl.password": (secured.home / "password").read_text().strip(),
            "ssl.ca.location": str(secured.home / "ca.pem"),
        }
    )  # fmt: skip
    bindings = [
        AclBinding(
            kind, name, pattern, f"User:{LIMITED_USERS[command]}", "*", AclOperation[right], AclPermissionType.ALLOW
        )
        for kind, name, pattern, command, right in rights
    ]
    for done in admin.create_acls(bindings).values():
        done.result(30)


@pytest.fixture(autouse=True)
def article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "article.txt").write_text(BODY[0])


@pytest.mark.parametrize("command", [name for name in COMMAND_RIGHTS if name != "doctor"])
def test_a_command_needs_no_more_than_its_rights(secured: Secured, command: str) -> None:
    done = copydesk(secured, LIMITED_USERS[command], command)
    assert done.exit_code == 0, done.output


def test_doctor_sees_everything_with_its_rights(secured: Secured) -> None:
    lines = copydesk(secured, LIMITED_USERS["doctor"], "doctor").output.splitlines()
    about_kafka = [line for line in lines if line.split()[1] in ("broker", "topics", "groups")]
    assert about_kafka
    assert [line for line in about_kafka if "fail" in line.split()[0]] == []


@pytest.mark.parametrize("command", [name for name in COMMAND_RIGHTS if not name.startswith(("doctor", "topics"))])
def test_without_rights_a_command_says_so_in_one_line(secured: Secured, command: str) -> None:
    done = copydesk(secured, LIMITED_USERS["nothing"], command)
    assert done.exit_code in (1, 78)
    (line,) = done.stderr.splitlines()
    assert line.startswith("copydesk: ")
    assert "unexpected" not in line
