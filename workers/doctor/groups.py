"""Checks of the consumer groups, and of the brokers' clock."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workers.doctor.findings import Context, Finding, count, fail, ok, warn
from workers.errors import SettingsError
from workers.kafka.kafka_python import AuthorizationError, CoordinatorNotAvailableError, TopicPartition
from workers.kafka.rights import GROUP_RIGHTS
from workers.stages import STAGES, StageSpec, group_of
from workers.top.scraping import Endpoint, Scrape, local_endpoints, scrape
from workers.topics import RAW, topics

LATEST, EARLIEST, NEWEST = -1, -2, -3
"""In Kafka's protocol: the end of a partition, its first offset, and its highest timestamp."""
MAX_CLOCK_MS = 5_000
"""Milliseconds by which clocks may differ; a request and its answer take less."""


def groups(context: Context, ask: Callable[[Endpoint], Scrape] = scrape) -> Iterator[Finding]:
    """Who the members of each role's group are, and how many messages wait for them."""
    local = local_processes(context, ask)
    with context.connect() as admin:
        for stage in (STAGES[role] for role in context.roles):
            try:
                yield from _group(admin, stage, local[stage.name])
            except CoordinatorNotAvailableError:
                yield warn(
                    f"no broker keeps the group {group_of(stage.name)} yet",
                    "if it is not a new cluster, look at the brokers' log about __consumer_offsets",
                )
            except AuthorizationError as error:
                yield fail(
                    f"our user may not see the group {group_of(stage.name)} ({type(error).__name__})",
                    f"grant it Read on the group {group_of(stage.name)}",
                )


def local_processes(context: Context, ask: Callable[[Endpoint], Scrape]) -> Counter[str]:
    """How many processes of each role answer on this machine."""
    try:
        endpoints = local_endpoints(context.settings)
    except SettingsError:
        return Counter()
    return Counter(answer.role for answer in map(ask, endpoints) if answer.is_up)


def _group(admin: Any, stage: StageSpec, local: int) -> Iterator[Finding]:
    name = group_of(stage.name)
    group = admin.describe_groups([name])[name]
    granted = group.get("authorized_operations")
    if granted and (lacking := [right for right in GROUP_RIGHTS if right not in granted]):
        yield fail(f"our user may not {lacking[0].lower()} the group {name}", f"grant it Read on the group {name}")
    members = group["members"]
    lag = _lag(admin, name, stage.input_topic)
    waiting = "the lag is unknown" if lag is None else f"{count(lag, 'message')} waiting"
    text = f"{name}: {count(len(members), 'member')}, {waiting}"
    if members:
        yield ok(text)
    elif lag:
        yield warn(text, "start its workers: `copydesk run`, or `copydesk worker`")
    else:
        yield ok(f"{text}; it is not running")
    yield from _strangers(name, stage.input_topic, members, local)


def _lag(admin: Any, group: str, topic: str) -> int | None:
    """How many messages wait for the group; None if there is no such topic.

    Raises:
        AuthorizationError: we may not see the group or the topic.
    """
    (description,) = admin.describe_topics([topic])
    if description["error_code"]:
        return None
    partitions = [TopicPartition(topic, each["partition_index"]) for each in description["partitions"]]
    ends = admin.list_partition_offsets(dict.fromkeys(partitions, LATEST), isolation_level="read_committed")
    starts = admin.list_partition_offsets(dict.fromkeys(partitions, EARLIEST))
    committed = admin.list_group_offsets({group: partitions})[group]

    def position(partition: Any) -> int:
        offset = committed[partition].offset if partition in committed else -1
        return int(max(offset, starts[partition].offset))  # what retention has deleted does not wait

    return sum(max(0, int(ends[partition].offset) - position(partition)) for partition in partitions)


def _strangers(name: str, topic: str, members: list[Mapping[str, Any]], local: int) -> Iterator[Finding]:
    """A warning for members that may belong to another deployment.

    Kafka does not say which deployment a member is of. Where workers answer on this machine, members beyond these are
    either on other machines of the same deployment, or of another one.
    """
    foreign = sorted({other for member in members for other in _topics_of(member)} - {topic})
    if foreign:
        yield warn(
            f"{name} has a member that reads {', '.join(foreign)}, and is no worker of Copydesk",
            "find that consumer and give it another group: it takes partitions from the workers",
        )
    if local and len(members) > local:
        hosts = Counter(member["client_host"].strip("/") for member in members)
        places = ", ".join(f"{number} at {host}" for host, number in hosts.items())
        yield warn(
            f"{name} has {len(members)} members ({places}), of which {local} answer on this machine",
            "if the others are not of this deployment, give each its own cluster: they take each other's messages",
        )


def _topics_of(member: Mapping[str, Any]) -> Iterator[str]:
    assignment = member.get("member_assignment")
    if isinstance(assignment, Mapping):  # else it is of a protocol that the client does not read
        yield from (each["topic"] for each in assignment["assigned_partitions"])


def clock(context: Context, now: Callable[[], float] = time.time) -> Iterator[Finding]:
    """Whether our clock is behind the brokers', as far as the records show.

    The brokers date the records of every topic but news-raw. Nothing is written, so a clock that is ahead of theirs
    goes unnoticed.
    """
    with context.connect() as admin:
        described = admin.describe_topics([topic.name for topic in topics(context.settings) if topic.name != RAW])
        places = [
            TopicPartition(topic["name"], partition["partition_index"])
            for topic in described
            if not topic["error_code"]
            for partition in topic["partitions"]
        ]
        found = admin.list_partition_offsets(dict.fromkeys(places, NEWEST)) if places else {}
        our_ms = int(now() * 1000)
    newest, topic = max(((each.timestamp, place.topic) for place, each in found.items()), default=(-1, ""))
    if newest < 0:
        yield ok("not compared: the brokers have dated no record yet")
    elif (ahead := newest - our_ms) > MAX_CLOCK_MS:
        yield warn(
            f"this machine's clock is at least {ahead / 1000:.0f} s behind the brokers': {topic} has a record "
            "from the future",
            "synchronise the clocks (NTP), and check that the topic has message.timestamp.type=LogAppendTime",
        )
    else:
        yield ok(f"no record of the brokers is from our future; the newest is {max(0, -ahead) / 1000:.0f} s old")
