"""What the demo shows fits the terminal, names what it is about, and ends with commands that work."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from schemas import Duplicate, EnrichedArticle, Origin, Removed, encode
from tests.cli.test_tally import duplicate, enriched, letter, unique
from workers import topics
from workers.cli import main
from workers.cli.demo.summary import summary
from workers.cli.demo.tally import Tally
from workers.cli.demo.view import Lines, Rates, Screen
from workers.outcomes import Stage

HEADLINE = "Grain ships leave the harbour of Valdoria after a week of talks between the two sides"
PROMO = Removed(
    start=1, end=9, text="Sign up for our [bold]newsletter[/bold]\x1b[31m today.", rule="newsletter", category="promo"
)


def original() -> EnrichedArticle:
    return replace(enriched(0), headline=HEADLINE, source="wire.example", removed=(PROMO,))


def copy() -> Duplicate:
    return replace(duplicate(1), headline="Harbour opens", source="post.example", duplicate_of="id-0")


@pytest.fixture
def tally() -> Tally:
    """An original, its copy, and a message that was refused, all of which have come out."""
    tally = Tally()
    for offset, name in enumerate(("wire", "copy", "bad")):
        tally.add_input(name, Origin(topic=topics.RAW, partition=0, offset=offset))
    tally.record(topics.ENRICHED, encode(original()), {})
    tally.record(topics.DUPLICATES, encode(copy()), {})
    tally.record(topics.DEAD_LETTERS, *letter(topics.RAW, b"", 2, Stage.CLEAN))
    return tally


def shown(tally: Tally, width: int, files: tuple[str, ...] = (), *, is_interrupted: bool = False) -> list[str]:
    console = Console(width=width, markup=False, highlight=False, emoji=False)
    with console.capture() as text:
        console.print(summary(tally, 9.5, files, is_interrupted=is_interrupted))
    return text.get().splitlines()


@pytest.mark.parametrize("is_interrupted", [False, True])
def test_an_article_is_missing_unless_somebody_did_not_wait_for_it(tally: Tally, is_interrupted: bool) -> None:
    tally.add_input("late", Origin(topic=topics.RAW, partition=0, offset=3))
    assert ("MISSING: late" in shown(tally, 80, is_interrupted=is_interrupted)) is not is_interrupted


@pytest.mark.parametrize("width", [80, 120])
def test_the_end_shows_cuts_a_copy_beside_its_original_and_dead_letters_by_name(tally: Tally, width: int) -> None:
    lines = shown(tally, width)
    assert max(map(len, lines)) <= width
    words = " ".join(" ".join(lines).split())
    for text in (
        r"newsletter Sign up for our [bold]newsletter[/bold]\x1b[31m today.",
        "source post.example wire.example",
        "bad no_body no text",
    ):
        assert text in words


def test_the_commands_to_try_work_as_printed(tally: Tally, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = shown(tally, 80)
    commands = [line.strip().partition("   ")[0].partition("  ")[0] for line in lines if line.startswith("  copydesk")]
    assert len(commands) == 3
    for command in commands[:2]:
        done = CliRunner().invoke(main, shlex.split(command)[1:])
        assert done.exit_code == 0, done.output
    assert commands[2] == "copydesk run"
    assert "  copydesk explain 'my file.jsonl' -n 2" in "\n".join(shown(tally, 80, ("my file.jsonl",)))


def test_the_line_of_a_copy_waits_for_the_headline_of_its_original(tally: Tally) -> None:
    echoed: list[str] = []
    with Lines(tally, 60, echoed.append) as lines:
        lines.show(copy())
        assert not echoed
        tally.record(topics.UNIQUE, encode(replace(unique(0), headline=HEADLINE)), {})
        lines.show(None)
        lines.show(replace(duplicate(1), duplicate_of="gone"))
        assert len(echoed) == 1
    assert [line[:48] for line in echoed] == [
        "copy      copy              near, 100% shared with “Grain ships"[:48],
        "copy      copy              near, 100% shared with “gone”"[:48],
    ]
    assert max(map(len, echoed)) <= 60


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 50)])
def test_the_screen_fits_the_terminal(tally: Tally, width: int, height: int) -> None:
    console = Console(width=width, height=height, markup=False, force_terminal=True, record=True)
    with Screen(tally, [("clean", 9641), *[("enrich", 9643 + number) for number in range(8)]], console) as screen:
        for arrival in (original(), copy(), original(), original()):
            screen.show(arrival)
        screen.show(None)
    last = console.export_text().split("stage")[-1].splitlines()
    assert len(last) <= height
    assert max(map(len, last)) <= width


def test_rates_are_those_of_the_last_seconds() -> None:
    rates = Rates(5.0)
    assert rates.of(Counter(), 0.0)[Stage.CLEAN] == 0.0
    assert rates.of(Counter({Stage.CLEAN: 10}), 2.0)[Stage.CLEAN] == 5.0
    for second in range(3, 20):
        rate = rates.of(Counter({Stage.CLEAN: 10}), float(second))[Stage.CLEAN]
    assert rate == 0.0
