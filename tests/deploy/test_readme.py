"""deploy/README.md says what is so: settings, metrics, topics, commands and files are those that there are."""

from __future__ import annotations

import re

from tests.deploy.names import unknown
from tests.deploy.programs import DEPLOY
from workers.cli import COMMANDS
from workers.settings import Settings, table
from workers.topics import topics

README = (DEPLOY / "README.md").read_text(encoding="utf-8")


def test_the_settings_that_it_names_exist() -> None:
    assert set(re.findall(r"COPYDESK_[A-Z_]*[A-Z]", README)) <= {variable for variable, *_ in table()}


def test_the_metrics_that_it_names_are_served() -> None:
    assert not unknown(README)


def test_the_topics_that_it_names_exist() -> None:
    named = set(re.findall(r"\bnews-[a-z]+(?:-[a-z]+)?\b", README)) - {"news-enriched-v"}
    assert named <= {topic.name for topic in topics(Settings())}


def test_the_commands_that_it_names_exist() -> None:
    assert set(re.findall(r"(?:`|^)copydesk ([a-z]+)", README, re.MULTILINE)) <= set(COMMANDS)


def test_the_places_that_it_links_to_are_there() -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", README):
        assert (DEPLOY / link).exists(), link
    headings = {re.sub(r"\W+", "-", line.lower()) for line in re.findall(r"^## (.*)$", README, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", README)) <= headings
