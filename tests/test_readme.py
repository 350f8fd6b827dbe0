"""The commands of the documents do what they say, run one after the other with a real stream."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.harness.machine import STOP_TIMEOUT, answers_ready, free_row
from tests.test_docs import README, shell_lines
from workers.cli.demo.samples import samples

PAGE = README.parent / "deploy" / "pictures" / "bridge.html"
TIMEOUT = 240.0


def tutorial() -> list[str]:
    """The commands of the shell blocks from *Two commands* on, without comments."""
    text = README.read_text(encoding="utf-8").partition("## Two commands")[2]
    return [line.partition("  #")[0].strip() for line in shell_lines(text)]


def operators_commands() -> list[str]:
    """The calls of `copydesk` in the shell blocks of the runbooks, without repetitions."""
    documents = [README.parent / "deploy" / "README.md", *sorted(README.parent.glob("deploy/runbooks/*.md"))]
    lines = (line for document in documents for line in shell_lines(document.read_text(encoding="utf-8")))
    return list(dict.fromkeys(line.partition("  #")[0].strip() for line in lines if line.startswith("copydesk ")))


@contextmanager
def stream(directory: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run `copydesk run` in the directory until the block ends. Gives the address of its Kafka."""
    port = int(environment["COPYDESK_METRICS_PORT"])
    log = directory / "run.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "workers", "run"]
        process = subprocess.Popen(command, cwd=directory, env=environment, stdout=output, stderr=output)
    try:
        wait(lambda: answers_ready(port), log.read_text)
        (address,) = re.findall(r"running on Kafka at (\S+)\.$", log.read_text(), re.MULTILINE)
        yield address
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT)


def wait(condition: Callable[[], object], problem: Callable[[], str]) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, problem()[-4000:]
        time.sleep(0.5)


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.process
def test_the_commands_lead_from_a_crawl_to_its_articles_and_its_dead_letters(tmp_path: Path) -> None:
    (tmp_path / "crawl").mkdir()
    (tmp_path / "page.html").write_bytes(PAGE.read_bytes())
    (tmp_path / "one-raw-article.json").write_text(json.dumps({"headline": "Ferry", "body": "The ferry sails again."}))
    for sample in samples():
        (tmp_path / "crawl" / sample.name).write_bytes(sample.value)
    program = tmp_path / "copydesk"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m workers "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(README.parent),
        "COPYDESK_DATA_DIR": str(tmp_path / "data"),
        "COPYDESK_METRICS_PORT": str(free_row(4)[0]),
        "COPYDESK_ENRICH_PROCESSES": "1",
        "COPYDESK_PARTITIONS": "4",
    }

    def shell(line: str, **more: str) -> str:
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", line],
            cwd=tmp_path, env=environment | more, capture_output=True, text=True, timeout=TIMEOUT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}: {done.stderr}"
        return done.stdout

    def records() -> list[dict[str, Any]]:
        return [json.loads(line) for line in shell("copydesk tail --from beginning --json").splitlines()]

    run, publish, *commands = tutorial()
    assert run == "copydesk run"
    with stream(tmp_path, environment) as broker:
        shell(publish)
        wait(lambda: len(records()) == len(samples()), lambda: f"{len(records())} records")
        letter = next(each for each in records() if each["topic"] == "news-dead-letters")
        enriched = next(each for each in records() if each["topic"] == "news-enriched")
        # The names and coordinates in the documents stand for any.
        origin = enriched["value"]["origin"]
        real = {
            "news-raw-3-1042": f"{origin['topic']}-{origin['partition']}-{origin['offset']}",
            "news-dead-letters-0-17": f"news-dead-letters-{letter['partition']}-{letter['offset']}",
            "SOURCE": shlex.quote(enriched["value"]["source"]),
            "copydesk top": "copydesk top --once",
        }

        def with_real_names(line: str) -> str:
            return re.sub(rf"\b(?:{'|'.join(real)})\b", lambda found: real[found[0]], line)

        shown = {command: shell(with_real_names(command)) for command in commands}
        for command in operators_commands():
            shown[command] = shell(with_real_names(command), COPYDESK_BROKER=broker, ROLE="clean")
    assert "Rotterdam" in shown["copydesk tail --entity Rotterdam --from -1h"]
    assert enriched["value"]["headline"] in shown["copydesk explain news-raw-3-1042"]
    assert letter["dead_letter"]["reason"] in shown["copydesk dead-letters list --open"]
    assert (tmp_path / "articles.jsonl").read_text()
