"""Checks of the brokers: that they answer, their version, their topics, our rights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from workers.doctor.findings import ALL_ROLES, Context, Finding, count, fail, ok, warn
from workers.kafka.kafka_python import TopicAuthorizationFailedError
from workers.kafka.rights import TOPIC_RIGHTS, WRITE
from workers.kafka.topic_admin import UNKNOWN, Drift, Severity, check
from workers.settings import Settings
from workers.topics import RAW, topics

OLDEST_KAFKA = (3, 6)
"""The first Kafka that refuses timestamps from the future in news-raw."""
UNTOLD = "the checks of topics, rights, groups and clock"


def broker(context: Context) -> Iterator[Finding]:
    """Whether the brokers answer, which version they have, and whether they are enough."""
    if context.setting_problems:
        yield warn(f"not asked, nor are {UNTOLD} made", "first correct the settings")
        return
    if context.bootstrap is None:
        yield warn(f"no embedded Kafka is running, so {UNTOLD} are not made", "start `copydesk run`")
        return
    with context.connect() as admin:
        cluster = admin.describe_cluster()
        nodes = [node["broker_id"] for node in cluster["brokers"]]
        version = tuple(admin.get_broker_version_data(nodes[0]).broker_version)
    name = ".".join(map(str, version))
    yield ok(f"{count(len(nodes), 'broker')} at {context.bootstrap}, cluster {cluster['cluster_id']}, Kafka {name}")
    if version < OLDEST_KAFKA:
        yield warn(
            f"Kafka {name} is older than {'.'.join(map(str, OLDEST_KAFKA))}",
            "upgrade it: it takes messages from the future, and `copydesk topics apply` may fail",
        )
    if len(nodes) < context.settings.replication:
        yield fail(
            f"there are fewer brokers than COPYDESK_REPLICATION={context.settings.replication}",
            "add brokers, or lower it",
        )


def topics_match(context: Context, check: Callable[[Settings, str], Iterable[Drift]] = check) -> Iterator[Finding]:
    """Whether the topics are those that Copydesk needs."""
    assert context.bootstrap
    needed = {name for role in context.roles for name in TOPIC_RIGHTS[role]}
    drifts = [
        drift
        for drift in check(context.settings, context.bootstrap)
        if drift.topic in needed or drift.found != UNKNOWN  # what other roles' topics are is for their users to see
    ]
    for drift in drifts:
        make = fail if drift.severity is Severity.ERROR else warn
        yield make(f"{drift.topic} {drift.difference}", drift.remedy)
    if not drifts:
        yield ok(f"{len(topics(context.settings))} topics match the expected configuration")


def rights(context: Context) -> Iterator[Finding]:
    """Whether our user may do with the topics what the roles do."""
    names = [topic.name for topic in topics(context.settings)]
    with context.connect() as admin:
        described = {topic["name"]: topic for topic in admin.describe_topics(names)}
    allowed = {name: granted for name in names if (granted := _granted(described.get(name))) is not None}
    if not allowed:
        yield warn("the broker does not tell which rights our user has")
        return
    missing = list(_missing(allowed, context.roles))
    yield from missing
    if not missing:
        yield ok(f"our user may do with the topics what {', '.join(context.roles)} must")


def _granted(description: Mapping[str, Any] | None) -> frozenset[str] | None:
    """The operations that the broker allows us on the topic; None if it does not tell, or has no such topic."""
    if description is None:
        return None
    if description["error_code"] == TopicAuthorizationFailedError.errno:
        return frozenset()
    operations = description.get("authorized_operations")
    return None if description["error_code"] or not operations else frozenset(operations)


def _missing(allowed: Mapping[str, frozenset[str]], roles: tuple[str, ...]) -> Iterator[Finding]:
    for name, granted in allowed.items():
        needs: dict[str, list[str]] = {}
        for role in roles:
            for operation in TOPIC_RIGHTS[role].get(name, ()):
                # Who may read or write a topic may describe it, and the broker says so.
                if operation not in granted:
                    needs.setdefault(operation, []).append(role)
        for operation, users in needs.items():
            who = f"{' and '.join(users)} {'need' if users[1:] else 'needs'}"
            yield fail(
                f"our user may not {_word(operation)} {name}, which {who}",
                f"grant it {_word(operation).title()} on {name}",
            )
        if name == RAW and roles == ALL_ROLES and granted and WRITE not in granted:
            yield warn(f"our user may not write {RAW}", f"for `copydesk publish`, grant it Write on {RAW}")


def _word(operation: str) -> str:
    return operation.lower()
