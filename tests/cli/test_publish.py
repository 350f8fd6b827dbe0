"""``copydesk publish``: what is told, and that a run that was interrupted goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.kafka.test_publisher import Future, Producer, producer
from workers.cli import main
from workers.messages import FILE_HEADER

__all__ = ["producer"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, numbers in (("a", range(3)), ("b", range(3, 6))):
        (tmp_path / "crawl").mkdir(exist_ok=True)
        (tmp_path / "crawl" / f"{name}.jsonl").write_text("".join(f'{{"n": {number}}}\n' for number in numbers))
    return tmp_path


def publish(*arguments: str, **options: Any) -> Result:
    environment = {"COPYDESK_BROKER": "x:1", "COPYDESK_DATA_DIR": "data"}
    return CliRunner().invoke(main, ["publish", *arguments], env=environment, catch_exceptions=False, **options)


@pytest.mark.usefixtures("folder")
def test_each_message_names_file_and_line(producer: Producer) -> None:
    done = publish("crawl", "gone.json")
    assert done.exit_code == 1
    assert done.stderr.startswith("copydesk: gone.json does not exist\ncopydesk: 6 sent to x:1 in ")
    places = [dict(headers)[FILE_HEADER].decode() for _, headers in producer.sent]
    assert places == [f"crawl/{name}.jsonl, line {number}" for name in "ab" for number in (1, 2, 3)]


@pytest.mark.usefixtures("producer")
def test_an_article_that_is_refused_is_named(folder: Path) -> None:
    (folder / "crawl" / "b.jsonl").write_text("one\nlarge\n")
    done = publish("crawl/b.jsonl")
    assert done.exit_code == 1
    first, second = done.stderr.splitlines()
    assert first.startswith("copydesk: not sent: crawl/b.jsonl, line 2: 5 bytes: larger than")
    assert second.startswith("copydesk: 1 sent to x:1, 1 failed in ")


def test_resume_tries_again_what_could_not_be_sent(
    producer: Producer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "crawl" / "a.jsonl").write_text("one\nlarge\ntwo\n")
    assert publish("crawl").stderr.splitlines()[-1].startswith("copydesk: 5 sent to x:1, 1 failed in ")
    again = publish("crawl", "--resume")
    assert again.exit_code == 1
    first, second = again.stderr.splitlines()
    assert first.startswith("copydesk: not sent: crawl/a.jsonl, line 2: 5 bytes: larger than")
    assert second.startswith("copydesk: 0 sent to x:1 (the rest was sent before), 1 failed in ")
    taken: dict[bytes, Future] = {}
    monkeypatch.setattr(producer, "send", lambda topic, value, headers: taken.setdefault(value, Future()))
    assert publish("crawl", "--resume").exit_code == 0
    assert list(taken) == [b"large"]
    assert publish("crawl", "--resume").stderr.startswith("copydesk: 0 sent")


def test_sigterm_tells_how_far_the_run_has_got(
    producer: Producer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = producer.send

    def terminated(topic: str, value: bytes, headers: Any = None) -> Any:
        if value == b'{"n": 4}':
            os.kill(os.getpid(), signal.SIGTERM)
        return send(topic, value, headers)

    monkeypatch.setattr(producer, "send", terminated)
    done = publish("crawl")
    assert done.exit_code == 143
    assert done.stderr == "copydesk: 4 articles sent; to continue, run the same command with --resume\n"


@pytest.mark.usefixtures("folder")
def test_a_run_that_was_interrupted_goes_on_and_leaves_nothing_out(
    producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = producer.send

    def interrupted(topic: str, value: bytes, headers: Any = None) -> Any:
        if value == b'{"n": 4}':
            raise KeyboardInterrupt
        return send(topic, value, headers)

    monkeypatch.setattr(producer, "send", interrupted)
    done = publish("crawl")
    assert done.exit_code == 130
    assert done.stderr == "copydesk: interrupted; 4 articles sent; to continue, run the same command with --resume\n"
    monkeypatch.setattr(producer, "send", send)
    assert publish("crawl", "--resume").exit_code == 0
    assert [value for value, _ in producer.sent] == [b'{"n": %d}' % number for number in range(6)]
    assert publish("crawl", "--resume").stderr.startswith("copydesk: 0 sent")
    assert publish("crawl").stderr.startswith("copydesk: 6 sent")


@pytest.mark.usefixtures("producer", "folder")
def test_stdin_cannot_be_resumed() -> None:
    assert publish("--resume").exit_code == 2
    assert publish(input="A ferry ran aground.").stderr.startswith("copydesk: 1 sent")
