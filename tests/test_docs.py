"""The documents name only settings, metrics, topics, commands, options, files and headings that exist."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import pytest

import workers
from schemas import EnrichedArticle, convert
from tests.deploy.names import unknown_metrics
from workers.cli import COMMANDS, main
from workers.observability.metrics import RunMetrics
from workers.settings import Settings, table
from workers.topics import topics

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
DOCUMENTS = [
    README,
    ROOT / ".github/CONTRIBUTING.md",
    *sorted(ROOT.glob("deploy/*.md")),
    *sorted(ROOT.glob("deploy/runbooks/*.md")),
]

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def shell_lines(text: str) -> list[str]:
    """The lines of the shell blocks in a Markdown text."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return "".join(blocks).replace("\\\n", " ").splitlines()


def code_in(text: str) -> list[str]:
    """The lines of code in a Markdown text: those of shell blocks, and inline code."""
    return [*shell_lines(text), *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))]


def calls_in(lines: Iterable[str]) -> list[list[str]]:
    """The arguments of each call of ``copydesk`` in lines of code."""
    calls = [re.search(r"(?:^ *|&& |\$\(|[A-Z_]=\S+ )copydesk ([a-z-].*)", line) for line in lines]
    return [shlex.split(re.split(r" [|>#&;]|[);]|…", call[1])[0], comments=True) for call in calls if call]


@every_document
def test_settings_exist(document: Path) -> None:
    named = set(re.findall(r"COPYDESK_[A-Z_]*[A-Z]", document.read_text(encoding="utf-8")))
    assert named <= {variable for variable, *_ in table()} | {"COPYDESK_KAFKA_JARS"}


@every_document
def test_each_row_of_a_table_has_a_cell_for_each_column(document: Path) -> None:
    columns, uneven = 0, []
    for line in re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL).splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        if columns and cells not in (0, columns):
            uneven.append(line)
        columns = cells and (columns or cells)
    assert not uneven


@every_document
def test_metrics_are_served(document: Path) -> None:
    of_run = {sample.name for family in RunMetrics().registry.collect() for sample in family.samples}
    assert unknown_metrics(document.read_text(encoding="utf-8")) <= of_run


@every_document
def test_topics_exist(document: Path) -> None:
    names = set(re.findall(r"\bnews-[a-z]+(?:-[a-z]+)?\b", document.read_text(encoding="utf-8")))
    assert names - {"news-please", "news-enriched-v"} <= {topic.name for topic in topics(Settings())}


@every_document
def test_commands_and_their_options_exist(document: Path) -> None:
    for arguments in calls_in(code_in(document.read_text(encoding="utf-8"))):
        assert_exists(arguments)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_examples_of_help_texts_exist(name: str) -> None:
    for command in all_commands(main.get_command(click.Context(main), name)):
        examples = re.findall(r"Examples?:\n(.*?)(?:\n\n|$)", command.help or "", re.DOTALL)
        for arguments in calls_in(line.strip().partition("   ")[0] for line in "\n".join(examples).splitlines()):
            assert_exists(arguments)


def all_commands(command: click.Command | None) -> Iterator[click.Command]:
    """The command with all below it."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from all_commands(each)
    if command:
        yield command


def assert_exists(arguments: list[str]) -> None:
    """Assert that there is such a command with such options."""
    command: click.Command = main
    while isinstance(command, click.Group) and arguments:
        name, found, arguments = command.resolve_command(click.Context(command), arguments)
        assert found, name
        command = found
    command.make_parser(click.Context(command)).parse_args(arguments)


@every_document
def test_links_lead_to_files_and_headings(document: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s:]*)(?:#([\w-]*))?\)", document.read_text(encoding="utf-8")):
        path = document.parent / target if target else document
        assert path.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readmes_record_is_a_valid_enriched_article() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    article = convert(json.loads(example), EnrichedArticle)
    texts = {"body": article.body, "title": article.headline}
    for entity in article.entities:
        for mention in entity.mentions:
            assert (texts[mention.section] or "")[mention.start : mention.end] == mention.text


def test_every_path_in_the_map_exists() -> None:
    """The map is the docstring of ``workers``; its paths contain a slash."""
    paths = set(re.findall(r"``([\w.-]*/[\w./-]*)``", workers.__doc__ or ""))
    assert paths
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_the_map_names_every_folder_of_workers() -> None:
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "workers").glob("*/__init__.py")}
    assert not [folder for folder in folders if f"``{folder}/``" not in (workers.__doc__ or "")]
