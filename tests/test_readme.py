"""The commands of README.md do what it says, run one after the other with a real stream."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.harness.machine import STOP_TIMEOUT, answers_ready, free_row
from tests.test_docs import README
from workers.cli.demo.samples import samples

PAGE = README.parent / "deploy" / "pictures" / "bridge.html"
TIMEOUT = 240.0


def tutorial() -> list[str]:
    """The commands of the shell blocks from *Two commands* on, without comments."""
    text = README.read_text(encoding="utf-8").partition("## Two commands")[2]
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line.partition("  #")[0].strip() for line in "".join(blocks).splitlines()]


@contextmanager
def stream(directory: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Run `copydesk run` in the directory until the block ends."""
    port = int(environment["COPYDESK_METRICS_PORT"])
    log = directory / "run.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "workers", "run"]
        process = subprocess.Popen(command, cwd=directory, env=environment, stdout=output, stderr=output)
    try:
        wait(lambda: answers_ready(port), log.read_text)
        yield
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
    for sample in samples():
        (tmp_path / "crawl" / sample.name).write_bytes(sample.value)
    environment = os.environ | {
        "PYTHONPATH": str(README.parent),
        "COPYDESK_DATA_DIR": str(tmp_path / "data"),
        "COPYDESK_METRICS_PORT": str(free_row(4)[0]),
        "COPYDESK_ENRICH_PROCESSES": "1",
        "COPYDESK_PARTITIONS": "4",
    }

    def copydesk(*arguments: str) -> str:
        command = [sys.executable, "-m", "workers", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def records() -> list[dict[str, Any]]:
        return [json.loads(line) for line in copydesk("tail", "--from", "beginning", "--json").splitlines()]

    run, publish, *commands = tutorial()
    assert run == "copydesk run"
    with stream(tmp_path, environment):
        copydesk(*publish.split()[1:])
        wait(lambda: len(records()) == len(samples()), lambda: f"{len(records())} records")
        letter = next(each for each in records() if each["topic"] == "news-dead-letters")
        enriched = next(each for each in records() if each["topic"] == "news-enriched")
        # The README's coordinates stand for any.
        origin = enriched["value"]["origin"]
        real = {
            "news-raw-3-1042": f"{origin['topic']}-{origin['partition']}-{origin['offset']}",
            "news-dead-letters-0-17": f"news-dead-letters-{letter['partition']}-{letter['offset']}",
        }
        shown = {}
        for command in commands:
            arguments = [real.get(word, word) for word in command.split()[1:]]
            shown[command] = copydesk(*arguments, *(["--once"] if arguments == ["top"] else []))
    assert "Rotterdam" in shown["copydesk tail --entity Rotterdam --from -1h"]
    assert enriched["value"]["headline"] in shown["copydesk explain news-raw-3-1042"]
    assert letter["dead_letter"]["reason"] in shown["copydesk dead-letters list --open"]
