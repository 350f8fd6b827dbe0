"""The commands, as far as they run without a broker."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workers import __version__
from workers.cli import COMMANDS, main
from workers.kafka import topic_admin
from workers.kafka.topic_admin import Action, Change, Drift, Severity
from workers.outcomes import ExitCode
from workers.settings import Settings, table
from workers.topics import topics


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


def test_help_lists_every_command_with_its_purpose() -> None:
    help = run("--help")
    assert help.exit_code == 0
    longest = max(map(len, COMMANDS))
    assert all(f"  {name:{longest}}  {text}" in help.output for name, text in COMMANDS.items())
    assert run("-h").output == help.output


@pytest.mark.process
def test_help_does_not_load_what_the_commands_need() -> None:
    script = (
        "import sys; from click.testing import CliRunner; from workers.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "print([name for name in ('faust', 'spacy', 'kafka', 'numpy', 'trafilatura') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    help = run(name, "--help")
    assert help.exit_code == 0
    assert help.output.startswith("Usage:")


def test_an_unknown_command_or_role_is_a_usage_error() -> None:
    assert run("print").exit_code == 2
    assert run("worker", "print").exit_code == 2


def test_the_version_is_printed() -> None:
    assert run("--version").output == f"copydesk, version {__version__}\n"


@pytest.mark.parametrize("arguments", [("config",), ("topics", "list"), ("process",), ("worker", "clean"), ("run",)])
def test_a_bad_setting_ends_a_command_with_one_line(arguments: tuple[str, ...]) -> None:
    refused = run(*arguments, COPYDESK_PARTITIONS="many")
    assert refused.exit_code == ExitCode.MISCONFIGURED
    assert refused.stdout == ""
    assert refused.stderr == "copydesk: COPYDESK_PARTITIONS='many' is not allowed: give 1 to 10000\n"


@pytest.mark.parametrize("arguments", [("worker", "clean"), ("topics", "apply")])
def test_a_command_that_needs_your_own_broker_says_so(arguments: tuple[str, ...]) -> None:
    refused = run(*arguments)
    assert refused.exit_code == ExitCode.MISCONFIGURED
    assert "COPYDESK_BROKER='embedded'" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(("severity", "code"), [(Severity.ERROR, 1), (Severity.WARNING, 0), (None, 0)])
def test_apply_fails_if_workers_could_not_start(
    severity: Severity | None, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = Change(action=Action.LEFT, topic="news-clean", detail="has partitions 8, not 2", severity=severity)
    monkeypatch.setattr(topic_admin, "apply", lambda settings, bootstrap, alter: [left])
    done = run("topics", "apply", COPYDESK_BROKER="x:1")
    assert (done.exit_code, done.stdout) == (code, f"{severity or 'left'}: news-clean has partitions 8, not 2\n")


class RunningKafka(nullcontext[None]):
    bootstrap = "x:1"


def test_run_with_other_languages_says_how_to_start_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drift = Drift(
        topic="news-clean", attribute="partitions", expected="2", found="8", severity=Severity.ERROR,
        remedy="run `copydesk topics apply`",
    )  # fmt: skip
    monkeypatch.setattr("workers.embedded_kafka.broker.EmbeddedBroker", lambda *_, **__: RunningKafka())
    monkeypatch.setattr(topic_admin, "apply", lambda *_, **__: [])
    monkeypatch.setattr(topic_admin, "check", lambda *_: [drift])
    monkeypatch.setattr("workers.observability.logs.configure", lambda *_: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    done = run("run", COPYDESK_DATA_DIR=str(tmp_path))
    assert done.exit_code == ExitCode.MISCONFIGURED
    assert done.stderr == (
        f"copydesk: news-clean has partitions 8, not 2: the data in {tmp_path} are for other languages; set "
        "COPYDESK_LANGUAGES to what it was, or COPYDESK_DATA_DIR to a new directory to start without those data\n"
    )


def test_config_lists_settings_with_values_and_allowed_values() -> None:
    listed = run("config", COPYDESK_WINDOW_HOURS="24").output
    for variable, _, allowed, help in table():
        assert f"{variable}=" in listed
        assert f"    {help}\n    allowed: {allowed}\n" in listed
    assert "COPYDESK_WINDOW_HOURS=24  (default 72)" in listed
    assert listed.count("(default") == 1


def test_topics_list_shows_the_partitions_that_the_settings_ask_for() -> None:
    listed = run("topics", "list", COPYDESK_PARTITIONS="7").output
    for topic in topics(Settings(partitions=7)):
        assert f"{topic.name}: {topic.partitions} partition" in listed


@pytest.mark.process
def test_the_package_runs_as_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workers", "process", "--until", "clean"],
        input=json.dumps({"id": 1, "body": "A ferry ran aground off Valdoria on Monday."}).encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["outcome"] == "clean"
