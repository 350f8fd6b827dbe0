"""deploy/README.md names only settings, metrics, topics, commands and files that exist."""

from __future__ import annotations

import re

from tests.deploy.names import unknown_metrics
from tests.deploy.programs import DEPLOY
from workers.cli import COMMANDS
from workers.settings import Settings, table
from workers.topics import topics

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
