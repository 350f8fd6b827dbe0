"""What ``copydesk process`` says at the end, and what it leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from tests.clean.samples import BODY
from workers.cli import main

GOOD = orjson.dumps({"body": BODY[0]})
BAD = b'{"body": '


def process(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["process", "--until", "clean", *arguments], catch_exceptions=False)


@pytest.mark.parametrize(
    ("lines", "strict", "code", "summary"),
    [
        ([GOOD], True, 0, "1 article: 1 clean in"),
        ([GOOD, BAD, BAD], False, 0, "3 articles: 1 clean, 2 refused (2 invalid_json) in"),
        ([GOOD, BAD], True, 1, "2 articles: 1 clean, 1 refused (1 invalid_json) in"),
        ([BAD, b'{"body": ""}'], False, 1, "2 articles: 2 refused (1 invalid_json, 1 no_body) in"),
        ([], True, 0, "0 articles in"),
    ],
)
def test_the_summary_counts_outcomes_and_reasons(
    tmp_path: Path, lines: list[bytes], strict: bool, code: int, summary: str
) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    done = process(str(tmp_path / "a.jsonl"), *["--strict"] * strict)
    assert done.exit_code == code
    assert done.stderr.startswith(f"copydesk: {summary}")
    assert done.stderr.count("\n") == 1


def test_the_input_may_be_the_output(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(GOOD + b"\n" + GOOD)
    os.link(file, tmp_path / "same.jsonl")
    assert process(str(file), "-o", str(file)).exit_code == 0
    assert [orjson.loads(line)["where"] for line in file.read_bytes().splitlines()] == [
        f"{file}, line 1", f"{file}, line 2",
    ]  # fmt: skip
    assert (tmp_path / "same.jsonl").read_bytes() == GOOD + b"\n" + GOOD


def test_files_that_cannot_be_read_are_told_and_the_others_processed(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.jsonl"
    Path(os.fsdecode(name)).write_bytes(GOOD)
    done = process("gone.jsonl", os.fsdecode(name))
    assert done.exit_code == 1
    assert done.stderr.splitlines()[0] == "copydesk: gone.jsonl does not exist"
    (line,) = done.stdout_bytes.splitlines()
    assert orjson.loads(line)["where"] == f"{tmp_path}/\\xff.jsonl, line 1"


def test_without_any_file_the_output_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("old")
    done = process("gone.jsonl", "nothing-*.html", "-o", str(tmp_path / "out"))
    assert done.exit_code == 1
    assert done.stderr == "copydesk: gone.jsonl does not exist\ncopydesk: no file matches nothing-*.html\n"
    assert (tmp_path / "out").read_text() == "old"


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_the_old_output_and_nothing_else(tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "out"
    out.write_text("old")
    command = [sys.executable, "-m", "workers", "process", "--until", "clean", "-o", str(out)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        while len(list(tmp_path.iterdir())) == 1:
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(number)
        running.wait(20)
        assert running.stderr
        assert b"Traceback" not in running.stderr.read()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("out", "old")]
