"""Whatever happens, a command ends with one line that begins with ``copydesk:``, and never with a traceback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from prometheus_client import CollectorRegistry, Gauge, start_http_server

from workers.cli import COMMANDS, main, tidy_on_signals
from workers.cli.ending import Interrupted, exit_code_of, interruptible
from workers.errors import StartRefusedError
from workers.settings import Settings

COPYDESK = f'"{sys.executable}" -m workers'
PAGE = "<p>A ferry ran aground off Valdoria on Monday.</p>"


def shell(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=os.environ | environment, timeout=60, check=False
    )


def shell_without_reader(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The script, whose output goes to a pipe with a reader that ends before the script writes."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    return shell(f"(exec 4< {pipe}) & exec 3> {pipe}; wait; {script} >&3")


def raising(error: BaseException) -> Callable[[], object]:
    def run() -> object:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (StartRefusedError("start `copydesk run` first"), 78, "start `copydesk run` first"),
        (PermissionError(13, "Permission denied", "/data/lock"), 1, "/data/lock: Permission denied"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (Interrupted("3 articles sent"), 130, "interrupted; 3 articles sent"),
        (click.BadParameter("'x' is no time.", param_hint="--from"), 2, "invalid value for --from: 'x' is no time"),
        (
            ZeroDivisionError("division\nby zero"),
            70,
            "unexpected error, please report it: ZeroDivisionError: division by",
        ),
    ],
)
def test_any_error_is_told_in_one_line(
    error: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(raising(error), debug=lambda: False) == code
    told = capsys.readouterr().err
    assert told.startswith(f"copydesk: {line}")
    assert told.count("\n") == 1


def test_debug_shows_where_an_error_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code_of(raising(ZeroDivisionError()), debug=lambda: True)
    assert "Traceback" in capsys.readouterr().err
    assert "Traceback" in CliRunner().invoke(main, ["--debug", "worker", "clean"]).stderr


def test_an_interrupt_says_how_far_the_command_has_got() -> None:
    with pytest.raises(Interrupted, match="2 sent"), interruptible(lambda: "2 sent"):
        raise KeyboardInterrupt


@pytest.mark.parametrize(("number", "raised"), [(signal.SIGTERM, SystemExit), (signal.SIGINT, KeyboardInterrupt)])
def test_a_signal_ends_a_block_even_if_its_first_exception_gets_lost(number: int, raised: type[BaseException]) -> None:
    def block() -> None:
        with tidy_on_signals():
            with suppress(raised):
                signal.raise_signal(number)
            time.sleep(60)

    with pytest.raises(raised):
        block()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["taill"], "no such command: taill; did you mean tail? see `copydesk --help`"),
        (["dead-letters", "lst"], "no such command: lst; did you mean list? see `copydesk dead-letters --help`"),
        (["tail", "--limt", "3"], "no such option: --limt; did you mean --limit? see `copydesk tail --help`"),
        (["tail", "--language", "german"], "invalid value for '--language': 'german' is not the code of a language"),
        (["demo", "--save", "x", "a.json"], "--save writes the sample articles, so it takes no FILES"),
        (["dead-letters", "replay", "--all", "--reason", "empty"], "say what to replay, in one way: LETTERs"),
        (
            ["dead-letters", "export", "--reason", "empty", "x-0-1"],
            "give LETTERs or a filter such as --reason, not both",
        ),
        (["worker"], "missing argument 'ROLE'. Choose from: clean, dedupe, enrich; see `copydesk worker --help`"),
    ],
)
def test_wrong_usage_says_what_is_right(arguments: list[str], line: str) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"copydesk: {line}")


@pytest.mark.parametrize("name", [*COMMANDS, "topics check", "dead-letters export"])
def test_help_has_examples(name: str) -> None:
    help = CliRunner().invoke(main, [*name.split(), "--help"]).output
    assert f"copydesk {name}" in help or name == "completion"
    assert "exit code" in help or name in ("topics", "completion")


@pytest.mark.process
@pytest.mark.parametrize(
    ("script", "line"),
    [
        (f"{COPYDESK} config > /dev/full", "stdout cannot be written: No space left on device"),
        (f"{COPYDESK} config >&-", "stdout cannot be written: Bad file descriptor"),
        (f"{COPYDESK} process --until clean <&- >&-", "stdin is closed"),
        (f"{COPYDESK} explain - <&-", "stdin is closed"),
        (f"{COPYDESK} process --until clean -o /nope/x <<< '{PAGE}'", "/nope/x cannot be written: No such file"),
        (
            f"{COPYDESK} run",
            "the embedded Kafka cannot use /proc/nope: No such file or directory; set COPYDESK_DATA_DIR",
        ),
    ],
)
def test_a_command_ends_with_one_line_where_the_system_fails_it(script: str, line: str) -> None:
    done = shell(script, COPYDESK_DATA_DIR="/proc/nope")
    assert done.returncode == 1
    first, *more = done.stderr.splitlines()
    assert first.startswith(f"copydesk: {line}")
    assert all(each.startswith("copydesk: 0 articles in") for each in more)


@pytest.mark.process
@pytest.mark.parametrize(
    "script",
    [
        f"{COPYDESK} --help",
        f"{COPYDESK} tail --help",
        f"{COPYDESK} config",
        f"{COPYDESK} completion bash",
        f"{COPYDESK} process --until clean <<< '{PAGE}'",
        f"{COPYDESK} explain - <<< '{PAGE}'",
    ],
)
def test_a_command_whose_reader_has_ended_ends_as_the_shell_expects(script: str, tmp_path: Path) -> None:
    done = shell_without_reader(script, tmp_path)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.process
def test_top_ends_with_its_reader(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    Gauge("copydesk_recovering", "A metric of a worker", registry=registry)
    server, _ = start_http_server(0, "127.0.0.1", registry)
    try:
        done = shell_without_reader(f"{COPYDESK} top --interval 0.2 --url localhost:{server.server_port}", tmp_path)
    finally:
        server.shutdown()
        server.server_close()
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.process
def test_closed_streams_and_odd_locales_do_not_stop_a_command() -> None:
    script = f'{COPYDESK} process --until clean <<< "{PAGE}" 2>&- && {COPYDESK} completion fish'
    done = shell(script, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert '"outcome":"clean"' in done.stdout


def test_a_user_without_a_home_has_a_data_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    assert Settings().data_dir == Path("/.local/share/copydesk")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The command, as it is called once it is installed."""
    file = tmp_path / "copydesk"
    file.write_text(f'#!/bin/sh\nexec {COPYDESK} "$@"\n')
    file.chmod(0o755)
    return file


@pytest.mark.process
def test_bash_completes_commands_options_and_values(program: Path) -> None:
    script = f"""
        PATH={program.parent}:$PATH
        eval "$(copydesk completion bash)"
        completed() {{
            COMPREPLY=() COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _copydesk_completion copydesk
            echo "${{COMPREPLY[*]}}"
        }}
        completed copydesk do
        completed copydesk tail --fo
        completed copydesk tail dead
    """
    done = shell(script)
    assert (done.stderr, done.stdout.splitlines()) == ("", ["doctor", "--follow", "dead-letters"])


@pytest.mark.process
@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_other_shells_read_their_script(name: str) -> None:
    script = CliRunner().invoke(main, ["completion", name]).output
    assert "_COPYDESK_COMPLETE=" in script
    if program := shutil.which(name):
        subprocess.run([program, "-n"], input=script, text=True, check=True)


@pytest.mark.process
@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_shows_whole_help_texts(program: Path) -> None:
    script = 'copydesk completion fish | source; complete -C "copydesk dead"'
    environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["fish", "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == f"dead-letters\t{COMMANDS['dead-letters']}\n"
