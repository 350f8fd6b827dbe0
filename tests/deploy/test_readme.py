"""deploy/README.md names only settings, metrics, topics, commands and files that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tests.deploy.names import unknown_metrics
from tests.deploy.programs import DEPLOY
from workers.cli import COMMANDS
from workers.cli.tail import DEFAULT_TOPICS
from workers.dead_letters.replay import GROUP
from workers.explain.in_topics import OUTPUTS
from workers.kafka.rights import ALL_TOPICS, COMMAND_GROUPS, COMMAND_RIGHTS, GROUP_RIGHTS, TOPIC_RIGHTS
from workers.reading import stories
from workers.settings import Settings, table
from workers.stages import group_of
from workers.topics import RAW, topics

README = (DEPLOY / "README.md").read_text(encoding="utf-8")


def test_settings_exist() -> None:
    assert set(re.findall(r"COPYDESK_[A-Z_]*[A-Z]", README)) <= {variable for variable, *_ in table()}


def test_metrics_are_served() -> None:
    assert not unknown_metrics(README)


def test_topics_exist() -> None:
    names = set(re.findall(r"\bnews-[a-z]+(?:-[a-z]+)?\b", README)) - {"news-enriched-v"}
    assert names <= {topic.name for topic in topics(Settings())}


def test_commands_exist() -> None:
    assert set(re.findall(r"(?:`|^)copydesk ([a-z-]+)", README, re.MULTILINE)) <= set(COMMANDS)


def test_links_point_to_files_and_headings() -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", README):
        assert (DEPLOY / link).exists(), link
    headings = {re.sub(r"\W+", "-", line.lower()) for line in re.findall(r"^## (.*)$", README, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", README)) <= headings


def rights_rows() -> Iterator[str]:
    """The rows of the table of rights."""
    for role, by_topic in TOPIC_RIGHTS.items():
        yield rights_row(f"worker {role}", by_topic, (GROUP_RIGHTS[0], group_of(role)))
    for command, by_topic in COMMAND_RIGHTS.items():
        yield rights_row(command, by_topic, COMMAND_GROUPS.get(command))


def rights_row(command: str, by_topic: Mapping[str, tuple[str, ...]], group: tuple[str, str] | None) -> str:
    by_rights: dict[tuple[str, ...], list[str]] = {}
    for topic, rights in by_topic.items():
        by_rights.setdefault(rights, []).append(f"`{topic}`")
    parts = [
        f"{', '.join(map(words, rights))}: " + ("all topics" if len(names) == len(ALL_TOPICS) else ", ".join(names))
        for rights, names in by_rights.items()
    ]
    return f"| `{command}` | {'; '.join(parts)} | {f'{words(group[0])}: `{group[1]}`' if group else ''} |"


def words(right: str) -> str:
    """The right as Kafka's documentation writes it."""
    return "".join(part.title() for part in right.split("_"))


def test_the_table_of_rights_is_that_of_the_code() -> None:
    assert [row for row in rights_rows() if row not in README.splitlines()] == []


def test_commands_have_rights_for_the_topics_that_they_read() -> None:
    assert COMMAND_RIGHTS["tail"].keys() == set(DEFAULT_TOPICS)
    assert COMMAND_RIGHTS["stories"].keys() == set(stories.TOPICS)
    assert COMMAND_RIGHTS["explain"].keys() == {RAW, *OUTPUTS}
    assert COMMAND_GROUPS["dead-letters replay"][1] == f"{GROUP}*"
