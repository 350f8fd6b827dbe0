"""Files are split into their articles, and a refusal says where the article is."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest

from tests.clean.input.test_wrappers import WINDOWS, mail, warc
from tests.clean.samples import BODY, HEADLINE, ORIGIN, RECEIVED
from workers.clean import clean
from workers.errors import UnreadableFileError
from workers.files.articles import articles
from workers.in_process import InProcessStream
from workers.outcomes import Stage
from workers.settings import Settings

TWO = [{"title": f"{HEADLINE} {number}", "content": BODY[number]} for number in range(2)]
JSON_LD = [{"@type": "WebSite", "name": "x"}, {"@type": "NewsArticle", "headline": HEADLINE, "articleBody": BODY[0]}]
FEED = (
    '<?xml version="1.0" encoding="iso-8859-1"?><rss><channel><title>Café</title>'
    + "".join(
        f"<item><title>{HEADLINE} {number}</title><description>{BODY[number]}</description></item>" for number in (0, 1)
    )
    + "</channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Courier</title>'
    + "".join(
        f"<entry><title>{HEADLINE} {number}</title><summary>{BODY[number]}</summary></entry>" for number in (0, 1)
    )
    + "</feed>"
)
MAILBOX = b"".join(b"From ida Fri Mar  7 18:20:00 2025\n" + mail() + b"\n\n" for _ in range(2))
LINES = b"\n".join(map(orjson.dumps, TWO))


@pytest.mark.parametrize(
    ("name", "data", "places"),
    [
        ("list.json", orjson.dumps(TWO), ["item 1", "item 2"]),
        ("newsapi.json", orjson.dumps({"status": "ok", "articles": TWO}), ["item 1", "item 2"]),
        ("newsapi.json.gz", gzip.compress(orjson.dumps({"articles": {"results": TWO}})), ["item 1", "item 2"]),
        ("one.json", orjson.dumps(TWO[0]), [""]),
        ("page.json", orjson.dumps(JSON_LD), [""]),
        ("lines.json", LINES, ["line 1", "line 2"]),
        ("lines.jsonl", LINES, ["line 1", "line 2"]),
        ("feed.xml", FEED.encode("latin-1"), ["item 1", "item 2"]),
        ("atom.xml", ATOM.encode(), ["item 1", "item 2"]),
        ("news.mbox", MAILBOX, ["e-mail 1", "e-mail 2"]),
        ("pages.warc", warc(*[("response", "text/html", WINDOWS)] * 2), ["record 1", "record 2"]),
        ("pages.warc.gz", warc(("warcinfo", "text/plain", b"a: b"), *[("response", "text/html", WINDOWS)] * 2,
                               compressed=True), ["record 2", "record 3"]),
        ("story.txt", BODY[0].encode(), [""]),
    ],
)  # fmt: skip
def test_a_file_is_split_into_its_articles(tmp_path: Path, name: str, data: bytes, places: list[str]) -> None:
    (tmp_path / name).write_bytes(data)
    found = list(articles([str(tmp_path / name)]))
    assert [article.place for article in found] == places
    for article in found:
        cleaned = clean(article.value, ORIGIN, RECEIVED)
        assert cleaned.body
        assert cleaned.source in (None, "Café", "The Courier", "courier.example")


def test_a_dead_letter_names_file_and_place(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(orjson.dumps(TWO[0]) + b'\n{"body": "cut off')
    (tmp_path / "b.json").write_bytes(orjson.dumps([TWO[0], {"title": HEADLINE}]))
    stream = InProcessStream(Settings(), Stage.CLEAN, Stage.CLEAN, 1_741_428_000_000)
    lines = list(stream.run(articles([str(tmp_path / "a.jsonl"), str(tmp_path / "b.json")])))
    places = [
        f"{tmp_path}/{place}" for place in ("a.jsonl, line 1", "a.jsonl, line 2", "b.json, item 1", "b.json, item 2")
    ]
    assert [line.where for line in lines] == places
    assert [line.error and line.error["where"] for line in lines] == [None, places[1], None, places[3]]


def test_a_damaged_warc_file_is_an_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.warc").write_bytes(b"WARC/9.9\r\nnot a header\r\n\r\n")
    with pytest.raises(UnreadableFileError, match="its WARC records are damaged"):
        list(articles([str(tmp_path / "x.warc")]))
