"""Files of any kind, packed or not, whatever their names say; and damaged ones."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
from pathlib import Path

import orjson
import pytest
import zstandard

from tests.clean.input.test_wrappers import WINDOWS, mail, warc
from tests.clean.samples import BODY
from tests.cli.test_files import ATOM, FEED, LINES, MAILBOX, TWO
from workers.files import articles as module
from workers.files import parts
from workers.files.articles import articles

WARC = warc(*[("response", "text/html", WINDOWS)] * 2)
PRETTY = json.dumps(TWO[0], indent=2).encode()
PAGE = f"<!DOCTYPE html><html><body><p>{BODY[0]}</p></body></html>".encode()


def read(file: Path | str) -> tuple[list[str], list[str]]:
    """The places of a file's articles, and the problems, without the name."""
    problems: list[str] = []
    places = [article.place for article in articles([str(file)], problems.append)]
    return places, [problem.removeprefix(f"{file}: ") for problem in problems]


@pytest.mark.parametrize(
    ("name", "data", "places"),
    [
        ("story.txt", LINES, ["line 1", "line 2"]),
        ("story.html", orjson.dumps(TWO), ["item 1", "item 2"]),
        ("page.json", PAGE, [""]),
        ("page.jsonl", PAGE.replace(b"<p>", b"\n<p>"), [""]),
        ("pages.jsonl", PAGE + b"\n" + PAGE + b"\n", ["line 1", "line 2"]),
        ("texts.jsonl", b"A ferry ran aground.\nA comet was seen.", ["line 1", "line 2"]),
        ("letters.jsonl", MAILBOX, ["e-mail 1", "e-mail 2"]),
        ("letter.json", mail(), [""]),
        ("feed.jsonl", FEED.encode("latin-1"), ["item 1", "item 2"]),
        ("pretty.jsonl", PRETTY, [""]),
        ("list.jsonl", json.dumps(TWO, indent=1).encode(), ["item 1", "item 2"]),
        ("response.jsonl", orjson.dumps({"articles": TWO}), ["item 1", "item 2"]),
        ("jq.json", PRETTY + b"\n" + PRETTY + b"\n" + PRETTY, ["item 1", "item 2", "item 3"]),
        ("first-is-broken.jsonl", b'{"body": "cut\n' + LINES, ["line 1", "line 2", "line 3"]),
        ("first-is-broken.txt", b'{"body": "cut\n' + LINES, ["line 1", "line 2", "line 3"]),
        ("one.jsonl", orjson.dumps(TWO[0]), ["line 1"]),
        ("blank-lines.jsonl", b"\n" + LINES.replace(b"\n", b"\n\n"), ["line 2", "line 4"]),
        ("powershell.json", b"\xff\xfe" + LINES.decode().encode("utf-16-le"), ["line 1", "line 2"]),
        ("powershell.xml", FEED.encode("utf-16"), ["item 1", "item 2"]),
        ("bom.jsonl", b"\xef\xbb\xbf" + LINES, ["line 1", "line 2"]),
        ("pages.bin", WARC, ["record 1", "record 2"]),
        ("empty.jsonl", b"", []),
        ("empty.txt", b"", [""]),
        ("picture.jsonl", b"\x89PNG\r\n\x1a\n" + bytes(100), ["line 1", "line 2", "line 3"]),
    ],
)
@pytest.mark.parametrize("pack", ["plain", "gzip", "zstd", "members"])
def test_the_content_says_what_a_file_is(tmp_path: Path, name: str, data: bytes, places: list[str], pack: str) -> None:
    half = len(data) // 2
    packed = {
        "plain": lambda: data,
        "gzip": lambda: gzip.compress(data),
        "zstd": lambda: zstandard.compress(data),
        "members": lambda: gzip.compress(data[:half]) + gzip.compress(data[half:]) + bytes(512),
    }[pack]()
    (tmp_path / name).write_bytes(packed)
    if name != "picture.jsonl":
        assert read(tmp_path / name) == (places, [])


def test_stdin_may_be_anything_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for data, places in (
        (gzip.compress(LINES), ["line 1", "line 2"]),
        (BODY[0].encode(), [""]),
        (ATOM.encode(), ["item 1", "item 2"]),
        (PRETTY, [""]),
        (b"", []),
    ):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert read("-") == (places, [])


def test_a_line_from_a_pipe_is_taken_before_the_next_comes() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as pipe, os.fdopen(writer, "wb", buffering=0) as sink:
        found = module._read("-", "stdin", pipe, module.refuse, lambda count: None)
        for number in (1, 2):
            sink.write(orjson.dumps(TWO[0]) + b"\n")
            assert next(found).place == f"line {number}"


ROWS = b"".join(orjson.dumps({"body": f"{number} {os.urandom(200).hex()}"}) + b"\n" for number in range(2_000))


@pytest.mark.parametrize(
    ("name", "compress", "problem"),
    [
        ("a.jsonl.gz", gzip.compress, "its gzip data end too early"),
        ("a.jsonl.zst", zstandard.compress, "its zstd data end too early"),
    ],
)
def test_what_is_before_the_damage_is_read(tmp_path: Path, name: str, compress: object, problem: str) -> None:
    packed = compress(ROWS)  # type: ignore[operator]
    file = tmp_path / name
    file.write_bytes(packed[: len(packed) // 2])
    problems: list[str] = []
    found = list(articles([str(file)], problems.append))
    assert 500 < len(found) < 1_500
    assert [article.value for article in found] == ROWS.splitlines()[: len(found)]
    assert problems == [f"{file}: {problem}; what follows line {len(found)} was not read"]


def test_damaged_bytes_and_other_bytes_after_the_end_are_told(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(LINES) + b"garbage")
    places, (problem,) = read(file)
    assert places == ["line 1"]  # whether the last line was whole is not known
    assert problem.startswith("its gzip data are damaged")
    file.write_bytes(b"\x1f\x8b\x08nothing")
    assert read(file)[0] == []


@pytest.mark.parametrize(
    ("data", "places"),
    [
        (orjson.dumps(TWO), ["item 1"]),
        (orjson.dumps({"status": "ok", "articles": TWO}), ["item 1"]),
        (FEED.encode("latin-1"), ["item 1"]),
        (MAILBOX, ["e-mail 1"]),
        (WARC, ["record 1"]),
        (PAGE, []),
        (PRETTY, []),
    ],
    ids=["list", "response", "feed", "mailbox", "warc", "page", "json"],
)
def test_an_article_that_is_cut_off_is_no_article(tmp_path: Path, data: bytes, places: list[str]) -> None:
    file = tmp_path / "x"
    # Stored, not packed: the cut is where we make it, in the second article.
    packed = gzip.compress(data, compresslevel=0)
    file.write_bytes(packed[: len(packed) - 30 - (300 if data is WARC else 0)])
    found, problems = read(file)
    assert found == places
    assert problems == [f"its gzip data end too early; {_rest(places)}"]


def _rest(places: list[str]) -> str:
    return f"what follows {places[-1]} was not read" if places else "nothing of it was read"


def test_a_warc_file_that_ends_early_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.warc"
    file.write_bytes(WARC[:-300])
    assert read(file) == (["record 1"], ["its record 2 ends too early; what follows record 1 was not read"])


@pytest.mark.parametrize(
    ("data", "last"),
    [
        (orjson.dumps(TWO), '"title"'),
        (orjson.dumps({"status": "ok", "articles": TWO}), '"title"'),
        (PRETTY + PRETTY, '"title"'),
        (FEED.encode("latin-1"), "Café"),
        (ATOM.encode(), "The Courier"),
    ],
    ids=["list", "response", "values", "rss", "atom"],
)
def test_large_files_are_read_item_by_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, last: str
) -> None:
    monkeypatch.setattr(parts, "SMALL_BYTES", len(PRETTY) + 10)
    (tmp_path / "x").write_bytes(data)
    first, second = articles([str(tmp_path / "x")])
    assert (first.place, second.place) == ("item 1", "item 2")
    for article, own, other in ((first, BODY[0], BODY[1]), (second, BODY[1], BODY[0])):
        text = article.value.decode()
        assert last in text
        if data != PRETTY + PRETTY:
            assert (own in text, other in text) == (True, False)


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "a.jsonl").write_bytes(LINES)
    problems: list[str] = []
    names = [str(tmp_path / name) for name in ("link", "gone", "a.jsonl")]
    assert len(list(articles(names, problems.append))) == 2
    assert problems == [f"{tmp_path}/link is a broken symbolic link", f"{tmp_path}/gone does not exist"]


@pytest.mark.parametrize("data", [b"[" * 100_000, b'[{"body": ' + b"[" * 1_000 + b"]" * 1_000 + b'}, {"body": 1}]'])
def test_json_that_is_nested_too_deeply_is_one_input(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "deep.json"
    file.write_bytes(data)
    assert read(file) == ([""], [])
