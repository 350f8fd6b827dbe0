"""``copydesk explain`` with files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.explain.support import inputs
from workers.cli import main
from workers.outcomes import ExitCode


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ("explain", *arguments), env={"COPYDESK_MODELS": ""}, input=stdin)


@pytest.fixture
def crawl(tmp_path: Path) -> str:
    file = tmp_path / "crawl.jsonl"
    file.write_bytes(b"\n".join(each.value for each in inputs()))
    return str(file)


def test_an_article_of_a_file_is_explained(crawl: str, tmp_path: Path) -> None:
    shown = run(crawl, "--line", "2")
    assert shown.exit_code == 0
    assert "a copy" in shown.stdout
    page = tmp_path / "report.html"
    written = run(crawl, "-n", "2", "--html", str(page), "--json")
    assert json.loads(written.stdout)["where"].endswith("crawl.jsonl, line 2")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert run("-", stdin=next(inputs()).value).exit_code == 0


def test_of_several_articles_one_must_be_chosen(crawl: str) -> None:
    refused = run(crawl)
    assert refused.exit_code == 2
    assert "there are several articles; choose one with --number, --line or --id" in refused.stderr
    assert "  4  " in refused.stderr
    assert run(crawl, "--id", "a3").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (("nothing.json",), ExitCode.UNAVAILABLE, "nothing.json does not exist; an id has 16 hexadecimal digits"),
        (("crawl", "-n", "9"), ExitCode.UNAVAILABLE, "none of its 4 articles has number 9"),
        (("news-raw-0-0", "--line", "1"), 2, "there is no file news-raw-0-0"),
        (("crawl", "--from", "-1h"), 2, "--from is for an id"),
        (("news-raw-0-0", "--from", "soon"), 2, "'soon' is not beginning"),
        (("nothing.json", "--html", "/nowhere/x.html"), ExitCode.UNAVAILABLE, "/nowhere/x.html cannot be written"),
    ],
)
def test_bad_arguments_end_with_a_line_that_helps(
    crawl: str, arguments: tuple[str, ...], code: int, problem: str
) -> None:
    refused = run(*(crawl if each == "crawl" else each for each in arguments))
    assert refused.exit_code == code
    assert problem in refused.stderr
    assert refused.stdout == ""
