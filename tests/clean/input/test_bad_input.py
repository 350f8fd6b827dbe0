"""Bad input is refused with the right reason and a message that does not quote the article."""

from __future__ import annotations

import gzip
from contextlib import suppress

import orjson
import pytest

from tests.clean.samples import HEADLINE, ORIGIN, RECEIVED, STORY, cleaned
from tests.timing import seconds
from workers.clean import clean
from workers.clean.input.reading import MAX_BYTES
from workers.errors import RejectedError
from workers.outcomes import Reason


def reason(value: bytes | None, max_bytes: int = MAX_BYTES) -> tuple[Reason, str]:
    """Return the reason and the message with which the bytes are refused."""
    with pytest.raises(RejectedError) as refused:
        clean(value, ORIGIN, RECEIVED, max_bytes=max_bytes)
    return refused.value.reason, str(refused.value)


def clean_or_refuse(value: bytes) -> None:
    """Clean the bytes, or refuse them."""
    with suppress(RejectedError):
        clean(value, ORIGIN, RECEIVED)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, Reason.EMPTY),
        (b"", Reason.EMPTY),
        (b" \r\n\t ", Reason.EMPTY),
        (b"\xef\xbb\xbf", Reason.EMPTY),
        (b'""', Reason.EMPTY),
        (b"null", Reason.EMPTY),
        (b"\x89PNG\r\n\x1a\n and more", Reason.UNREADABLE),
        (gzip.compress(STORY.encode())[:-20], Reason.UNREADABLE),
        (bytes(range(1, 32)) * 9, Reason.UNREADABLE),
        (b'{"body": "cut off', Reason.INVALID_JSON),
        (b"[1, 2", Reason.INVALID_JSON),
        (b'{"body": ' + b"[" * 5000, Reason.INVALID_JSON),
        (b'[{"body": "one"}, {"body": "two"}]', Reason.INVALID_FIELD),
        (b'{"body": 7}', Reason.NO_BODY),
        (b"{}", Reason.NO_BODY),
        (b'{"headline": "No more"}', Reason.NO_BODY),
        (b'{"body": " \\n "}', Reason.NO_BODY),
        (b'{"body": "Advertisement"}', Reason.NO_BODY),
        (b'{"body": "--- 123 ---"}', Reason.NO_BODY),
        (b"<html><head><title>x</title></head><body></body></html>", Reason.NO_BODY),
    ],
)
def test_bad_input_is_refused_with_its_reason(value: bytes | None, expected: Reason) -> None:
    assert reason(value)[0] is expected


def test_a_message_larger_than_the_limit_is_refused() -> None:
    assert reason(b"x" * 101, max_bytes=100)[0] is Reason.TOO_LARGE


@pytest.mark.parametrize("text", ["secret words", '{"body": "secret'])
def test_the_message_does_not_quote_the_text(text: str) -> None:
    if text.startswith("{"):
        assert "secret" not in reason(text.encode())[1]
    else:
        assert "secret" not in reason(text.encode(), max_bytes=3)[1]


@pytest.mark.parametrize(
    "value",
    [
        b"x" * 10_000_000,
        b"a b. " * 1_600_000,
        b"<p>" * 2_700_000,
        b'{"body": "' + b"A b c. " * 1_100_000 + b'"}',
        b"your support " * 70_000,
        b"(Reporting by A; " * 50_000,
        b"Photo by A/" * 80_000,
        ("é " * 400_000).encode(),
        b"<html><body>" + b"<div>" * 50_000 + b"text" + b"</div>" * 50_000,
        b"<html><body>" + b"<p>A short line.</p>" * 5_000,
        b"<p>" * 30_000,
    ],
    ids=["large", "sentences", "tags", "json", "cues", "credits", "photos", "accents", "deep", "many", "open"],
)
def test_no_input_takes_long(value: bytes) -> None:
    assert seconds(lambda: clean_or_refuse(value)) < 5  # a second on an idle machine


def doubly_encoded(text: str) -> str:
    """Return the text as it looks after its UTF-8 was read as Latin-1 twice."""
    return text.encode().decode("latin-1").encode().decode("latin-1")


MEBI = 1 << 20
LD = b'<html><script type="application/ld+json">'
PROSE = b"The council voted on Monday to close the bridge. " * 9 + b"\n"
HOSTILE = {
    "line-ends": b"\n" * (2 * MEBI),
    "one-word": b"a" * (2 * MEBI),
    "brackets": b"(" * 390_000,
    "quotes": "“".encode() * 390_000,
    "addresses": b"http://" * 55_000,
    "pointers": b"Read more\n" * 39_000,
    "photo-credits": b"Photo by A/Reuters\n" * 20_000,
    "datelines": b"SEOUL (Reuters) - " * 21_000,
    "signatures": b"He said. (AFP)\n" * 26_000,
    "repeated-headline": b"A headline that stands here many times\n" * 10_000,
    "short-lines": b"a b\n" * 97_000,
    "bullets": "• a\n".encode() * 97_000,
    "pointers-and-prose": b"Read more\nA tale of two towns that nobody told to anyone at all.\n" * 5_500,
    "mojibake": "â€™ ".encode() * 97_000,
    "keywords": orjson.dumps({"body": "A text.", "keywords": [f"é{number}" for number in range(150_000)]}),
    "long-attribute": b'<html><p title="' + b"x" * (2 * MEBI) + b'">A b</p>',
    "entities": b"<html><body><p>" + b"&amp;" * 390_000,
    "deep-json": b'{"body":' * 250_000,
    "deep-json-ld": b'<html><script type="application/ld+json">' + b'{"a":' * 190_000 + b"</script><p>A b</p>",
    "many-json-ld": b"<html>" + b'<script type="application/ld+json">{"@type":"NewsArticle"}</script>' * 7_000,
    "open-tags": b"<html><body>" + b"<p>a " * 14_900,
    "attributes": b"<html><body><p " + b"".join(b"a%d=b " % number for number in range(100_000)) + b">text",
    "text-in-depth": b"<html><body><article>" + b"<h1>a b c " * 240 + b"x y z. " * 250_000,
    "side-by-side": b"<html><body><article><p>" + b'<a href="http://x.y/z">link</a> ' * 7_400,
    "tables": b"<html><body><article>" + b"<table>Some words here.</table>" * 7_400,
    "broken-json-ld": b'<html><script type="application/ld+json">' + b'"author": {' * 80_000 + b"</script><p>A b</p>",
    "classes": b"<html><body><p class='" + b"comment " * 230_000 + b"'>text</p>",
    "headline-of-no-words": b'"""\nOthers Also Read',
    "one-letter-lines": b"a\n" * 200_000,
    "sentences-of-a-bullet": "• ".encode() * 200_000,
    "headline": orjson.dumps({"body": "A text.", "headline": "a é Ã© " * 150_000}),
    "section": orjson.dumps({"body": "A text.", "section": "Ã© " * 300_000}),
    "byline": orjson.dumps({"body": "A text.", "byline": ["A B"] * 250_000}),
    "long-keywords": orjson.dumps({"body": "A text.", "keywords": ["Ã© a " * 1_000] * 190}),
    "mojibake-lines": (doubly_encoded("中") + "\n").encode() * 50_000,
    "legacy-bytes": bytes(range(128, 256)) * (MEBI // 64),
    "xml-tags": b"<nitf><body.content>" + b"<p>a</p>" * (MEBI // 4),
    "xml-in-depth": b"<doc><main>" + b"<p>" * 200 + b"<head>a</head>" * 9_000,
    "xml-entities": b"<!DOCTYPE rss [<!ENTITY a 'aa'>"
    + b"".join(b"<!ENTITY a%d '&a;&a;'>" % number for number in range(1_000))
    + b"]><rss><channel><item><title>&a999;</title></item></channel></rss>",
    "feed-items": b"<rss><channel>" + b"<item/>" * (MEBI // 4),
    "front-matter": b"---\n" + b"a: b\n" * (MEBI // 4),
    "mailbox": b"From a Fri Mar  7 18:20:00 2025\n\n" * (MEBI // 20),
    "mail-headers": b"From: a\nTo: b\nSubject: c\n" + b"X-A: b\n" * (MEBI // 4) + b"\ntext",
    "mail-subject": b"From: a\nTo: b\nSubject: " + b"=?utf-8?q?a?= " * (MEBI // 8) + b"\n\ntext",
    "mail-parts": b"From: a\nTo: b\nContent-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\nx\n" * (MEBI // 4),
    "mail-nested": b"From: a\nTo: b\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=a%d\n\n--a%d\n" % (each, each) for each in range(20_000)),
    "warc-records": b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n\r\n\r\n" * (MEBI // 30),
    "http-headers": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * (MEBI // 3) + b"\r\ntext",
    "json-list": b"[" + b"{}," * (MEBI // 2) + b"{}]",
    "json-graph": orjson.dumps({"@graph": [{"@graph": [{"@graph": [{}] * 100}] * 100}] * 20}),
    "json-keys": orjson.dumps({f"headlin{number}": 1 for number in range(100_000)} | {"body": "A text."}),
    "json-long-keys": orjson.dumps({"aA" * (3 * MEBI): 1, "body": "A text."}),
    "json-ld-lines": LD + b"{" + b"\n " * 490_000 + b"x</script><p>A b</p>",
    "json-ld-quotes": LD + b'{"' + b'\\"' * 450_000 + b"</script><p>A b</p>",
    "json-ld-headline": LD + b'{"@type": "Article", "headline": "' + b"a b " * 240_000 + b'"}</script><p>A b</p>',
    "front-matter-indented": b"---\ntitle: a\n" + b"        a\n" * 60 + b"b",
    "json-ld-blocks": (LD + b"{x</script>") * 30_000,
    "text-in-one-element": b"<html><body><article><figure>" + b"a b " * 95_000,
    "attributes-of-many": b"<html><body>" + (b"<i " + b"".join(b"a%d=b " % each for each in range(490)) + b">a") * 400,
    "dates": b"4 May 2026\n" * 9_000,
    "credits": b"(Reporting by A B; " * 20_000,
    "deep-json-field": b'{"body":"A text.","headline":' + b"[" * 900 + b"]" * 900 + b"}",
    "deep-json-date": b'{"body":"A text.","published":' + b'{"$date":' * 900 + b"1" + b"}" * 901,
    "http-chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 350_000,
    "http-content-type": b"HTTP/1.1 200 OK\r\nContent-Type: a/b; " + b"a=b; " * 38_000 + b"\r\n\r\ntext",
    "warc-headers": b"WARC/1.0\r\nWARC-Type: response\r\n" + b"A: b\r\n" * 330_000,
    "warc-blank-lines": b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 1\r\n\r\na" + b"\r\n" * MEBI,
    "gzip-members": gzip.compress(b"", mtime=0) * 100_000,
    "mail-report": b"From: a\nTo: b\nContent-Type: message/delivery-status\n\n" + b"A: b\n\n" * 300_000,
    "mail-lines": b"From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n" + b"a\n" * MEBI,
    "mail-content-type": b"From: a\nTo: b\nContent-Type: text/plain; a=" + b"';" * 90_000 + b"\n\ntext",
    "json-graphs": orjson.dumps([{"@graph": [{}] * 1_000}] * 100),
    "script-data": b'<html><title>A</title><script type="application/json">'
    + orjson.dumps([{f"title{key}": "A" for key in range(1_000)}] * 60)
    + b"</script>",
    "script-data-objects": b'<html><title>A b</title><script type="application/json">'
    + orjson.dumps([{"title": "A b", "body": "c"}] * 30_000)
    + b"</script>",
    "script-rows": b"<html><title>A b</title><script>__next_f.push([1,"
    + orjson.dumps("1:1\n" * 380_000)
    + b"])</script>",
    "script-arguments": b"<html><title>A b</title><script>__NUXT__=(function(a){return {title:'A b',body:["
    + b"a," * 25_000
    + b"]}}('"
    + b"A b c " * 50_000
    + b"'))</script>",
    "script-numbers": b'<html><title>A b</title><script type="application/json">'
    + orjson.dumps([{"title": 1, "body": 2}, "A b", *([place] * 100 for place in range(3, 8)), "A b c " * 500])
    + b"</script>",
    "script-numbers-of-a-text": b'<html><title>A b</title><script type="application/json">'
    + orjson.dumps([{"title": 1, "body": 2}, "A b", [3] * 30_000, "A b c " * 50_000])
    + b"</script>",
    "headings-in-headings": b"<html><body>" + b"<h1>" * 200 + b"<br>a" * 4_500,
    "preformatted": b"<html><body><pre>" + b"a\n" * 190_000,
    "python-quotes": b"{'a': b'" + b"\\'" * (3 * MEBI),
    "python-dates": b"{'a': datetime.datetime(2025, " + b"1," * (3 * MEBI),
    "objects-as-texts": orjson.dumps({"body": "A text.", "keywords": [f"{{{'a b,' * 1_700}}}"] * 900}),
    "wiki-marks": b"[[a]]" + b"''a '''b " * 39_000,
    "json-ld-single-quotes": LD + b"{" + b"'a' " * 47_000 + b"</script><p>A b</p>",
    "json-ld-names": LD + b"{" + b"a:" * 95_000 + b"</script><p>A b</p>",
    "marks": ("a" + "\u0315\u0300" * 190_000).encode(),
    "marks-above-each-letter": ("a" + "\u0301" * 29).encode() * 13_000,
    "key-points": "• The mayor of the town says no\n".encode() * 9_900
    + b"The council voted on Monday to close it. " * 9,
    "bullets-above-prose": "• a\n".encode() * 9_900 + PROSE,
    "credit-lines": PROSE + b"".join(b"(Reporting by Ida Holm %d; Editing by Jon Vale)\n" % n for n in range(6_000)),
    "caption-lines": PROSE + b"".join(b"Seals %d. Ida Holm/AFP via Getty Images\n" % n for n in range(9_000)),
    "quoted-lines": b"".join(b"> We stay %d.\n" % n for n in range(9_900)) + PROSE,
    "url-parameter": orjson.dumps({"body": "A text.", "url": f"https://a.example/b?ref={'rss-1-' * 25}!"}),
    "toml-tables": b"".join(b"[a%d.b.c.d.e.f]\nx=1\n" % number for number in range(21_000)),
    "toml-dotted-keys": b"[a%s]\n" % (b".a" * 28)
    + b"".join(b"a%d%s=1\n" % (each, b".b" * 28) for each in range(7_500)),
    "json-empty-blocks": orjson.dumps({"body": [{}] * 600_000}),
    "json-blocks-of-numbers": orjson.dumps({"body": [{"p": 0}] * 230_000}),
    "wrapped-lines": b"".join(b"the crews of the ferries on the northern islands %d\n" % n for n in range(7_500)),
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_hostile_input_takes_long(value: bytes) -> None:
    assert seconds(lambda: clean_or_refuse(value)) < 2  # well under a second on an idle machine


def test_a_declared_charset_is_used_if_the_bytes_are_not_utf_8() -> None:
    paragraphs = "".join(f"<p>{line}</p>" for line in STORY.split("\n"))
    head = f"<head><meta charset=windows-1252><title>{HEADLINE}</title></head>"
    page = f"<html>{head}<body><article>{paragraphs}</article></body></html>"
    assert cleaned(page.encode("windows-1252")).body == STORY


def test_a_text_in_quotation_marks_is_not_a_json_string() -> None:
    assert cleaned('"We are open," she said. "Come in"').body == '"We are open," she said. "Come in"'


def test_a_json_string_is_a_bare_text() -> None:
    article = cleaned(orjson.dumps(f"{HEADLINE}\n{STORY}"))
    assert (article.headline, article.body) == (HEADLINE, STORY)
