"""The commands, as far as they need no broker."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from workers import __version__
from workers.cli import COMMANDS, main
from workers.outcomes import ExitCode
from workers.settings import Settings, table
from workers.topics import topics


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


def test_help_lists_every_command_and_what_it_does() -> None:
    help = run("--help")
    assert help.exit_code == 0
    assert all(name in help.output for name in COMMANDS)
    assert run("-h").output == help.output


@pytest.mark.process
def test_help_answers_without_loading_what_the_commands_need() -> None:
    script = (
        "import sys; from click.testing import CliRunner; from workers.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "print([name for name in ('faust', 'spacy', 'kafka', 'numpy', 'trafilatura') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    help = run(name, "--help")
    assert help.exit_code == 0
    assert help.output.startswith("Usage:")


def test_a_command_that_is_not_there_is_refused() -> None:
    assert run("print").exit_code == 2
    assert run("worker", "print").exit_code == 2


def test_the_version_is_told() -> None:
    assert run("--version").output == f"copydesk, version {__version__}\n"


@pytest.mark.parametrize("arguments", [("config",), ("topics", "list"), ("process",), ("worker", "clean"), ("run",)])
def test_a_bad_setting_stops_the_start_with_one_line(arguments: tuple[str, ...]) -> None:
    refused = run(*arguments, COPYDESK_PARTITIONS="many")
    assert refused.exit_code == ExitCode.MISCONFIGURED
    assert refused.stdout == ""
    assert refused.stderr == "copydesk: COPYDESK_PARTITIONS='many' is not allowed: give 1 to 10000\n"


@pytest.mark.parametrize("arguments", [("worker", "clean"), ("topics", "apply"), ("topics", "check")])
def test_what_needs_a_broker_says_so(arguments: tuple[str, ...]) -> None:
    refused = run(*arguments)
    assert refused.exit_code == ExitCode.MISCONFIGURED
    assert "COPYDESK_BROKER='embedded'" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_the_settings_are_listed_with_their_values_and_what_is_allowed() -> None:
    listed = run("config", COPYDESK_WINDOW_HOURS="24").output
    for variable, _, allowed, help in table():
        assert f"{variable}=" in listed
        assert f"{help}: {allowed}" in listed
    assert "COPYDESK_WINDOW_HOURS=24  (default 72)" in listed
    assert listed.count("(default") == 1


def test_the_topics_are_listed_with_partitions_and_settings() -> None:
    listed = run("topics", "list", COPYDESK_PARTITIONS="7").output
    for topic in topics(Settings(partitions=7)):
        assert f"{topic.name}: {topic.partitions} partition" in listed


@pytest.mark.process
def test_the_package_is_a_command_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workers", "process", "--until", "clean"],
        input=json.dumps({"id": 1, "body": "A ferry ran aground off Valdoria on Monday."}).encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["outcome"] == "clean"
