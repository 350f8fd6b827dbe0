"""The README says what is so: settings, topics, metrics and commands are those of the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from schemas import EnrichedArticle, convert
from workers.cli import COMMANDS
from workers.observability.metrics import Metrics
from workers.settings import Settings, table
from workers.topics import topics

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", table(), ids=lambda row: row[0])
def test_every_setting_is_explained(row: tuple[str, str, str, str]) -> None:
    variable, _, allowed, help = row
    assert re.search(rf"^\| `{variable}` \| .* \| {re.escape(allowed)} \| {re.escape(help)} \|$", README, re.MULTILINE)


def test_no_setting_is_explained_that_is_none() -> None:
    mentioned = set(re.findall(r"COPYDESK_[A-Z_]*[A-Z]", README))
    assert mentioned == {variable for variable, *_ in table()}


@pytest.mark.parametrize("topic", topics(Settings()), ids=lambda topic: topic.name)
def test_every_topic_is_in_the_table(topic: object) -> None:
    name, key, value, by = (getattr(topic, field) for field in ("name", "key", "value", "written_by"))
    assert re.search(
        rf"^\| `{name}`[^|]* \| {re.escape(key)} \| {re.escape(value)} \| {re.escape(by)} \|", README, re.M
    )


def test_the_metrics_that_it_names_are_served() -> None:
    served = {
        sample.name for family in Metrics().registry.collect() for sample in family.samples
    } | {family.name for family in Metrics().registry.collect()} | {
        f"{family.name}_total" for family in Metrics().registry.collect()
    }  # fmt: skip
    assert set(re.findall(r"`(copydesk_\w+)", README)) <= served


def test_the_commands_that_it_names_exist() -> None:
    assert set(re.findall(r"copydesk ([a-z]+)\b", README)) - {"takes"} <= set(COMMANDS)


def test_the_record_that_it_shows_is_one() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    article = convert(json.loads(shown), EnrichedArticle)
    texts = {"body": article.body, "title": article.headline, "dateline": article.dateline and article.dateline.text}
    for entity in article.entities:
        for mention in entity.mentions:
            assert (texts[mention.section] or "")[mention.start : mention.end] == mention.text
