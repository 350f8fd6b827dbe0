"""Articles come out of whatever wraps them, and what is no single article is refused."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import orjson
import pytest
import zstandard

from tests.clean.input.test_bad_input import reason
from tests.clean.samples import BODY, HEADLINE, STORY, cleaned
from tests.timing import seconds
from workers.outcomes import Reason

ARTICLE = {"headline": HEADLINE, "body": STORY}
JSON = orjson.dumps(ARTICLE)
PAGE = f"<html><head><meta charset=utf-8><title>{HEADLINE}</title></head><body><article><h1>{HEADLINE}</h1>" + "".join(
    f"<p>{line}</p>" for line in BODY
)
WINDOWS = PAGE.replace("charset=utf-8", "charset=koi8-r").encode("cp1252")
ADDRESS = "https://courier.example/ferry"


def http(body: bytes, *headers: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    """A response; without a header for it, the type is HTML in Windows-1252."""
    lines = [status, "Content-Type: text/html; charset=windows-1252", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunked(body: bytes) -> bytes:
    """The body in chunks of 100 bytes."""
    parts = [body[start : start + 100] for start in range(0, len(body), 100)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


def warc(*records: tuple[str, str, bytes], compressed: bool = False) -> bytes:
    """A WARC file of records, each a type, a content type and a payload."""
    written = []
    for kind, content_type, payload in records:
        block = http(payload, f"X: {kind}") if kind == "response" else payload
        media = "application/http" if kind == "response" else content_type
        head = (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: <{ADDRESS}>\r\nWARC-Date: 2025-03-08T06:00:00Z\r\n"
            f"WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: {media}\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        written.append(head.encode() + block + b"\r\n\r\n")
    return b"".join(gzip.compress(record) if compressed else record for record in written)


def mail(encoding: str = "quoted-printable", html: str | None = None, **headers: str) -> bytes:
    """An e-mail with a text and perhaps an HTML part."""
    message = EmailMessage()
    message["From"] = headers.get("sender", '"Ida Hølm" <ida@courier.example>')
    message["Subject"] = HEADLINE + "é"
    message["Date"] = "Fri, 07 Mar 2025 19:20:00 +0100"
    message["Message-ID"] = "<41@courier.example>"
    message.set_content(STORY, cte=encoding)
    if html:
        message.add_alternative(html, subtype="html", charset="iso-8859-1", cte=encoding)
    return message.as_bytes()


CLOUD_EVENT = {"specversion": "1.0", "id": "1", "source": "/crawler", "type": "article"}
DEBEZIUM = {"before": None, "after": ARTICLE, "source": {"db": "news"}, "op": "c", "ts_ms": 1}
FIRESTORE = {
    **{key: {"stringValue": text} for key, text in ARTICLE.items()},
    "keywords": {"arrayValue": {"values": []}},
    "url": {"nullValue": None},
}


@pytest.mark.parametrize(
    "value",
    [
        gzip.compress(JSON),
        zlib.compress(JSON),
        zstandard.compress(JSON),
        gzip.compress(zstandard.compress(zlib.compress(JSON))),
        base64.b64encode(JSON),
        base64.encodebytes(gzip.compress(JSON)),
        b"\0\0\0\0\x07" + JSON,
        b"\0\0\x01\x86\xa1" + JSON,
        b"\0\0\0\0\0\0\0\0\x07" + JSON,
        b"\x03\0" + bytes(range(200, 216)) + JSON,
        b"\x03\x05" + bytes(range(16)) + zlib.compress(JSON),
        b"\xef\xbb\xbf" + JSON,
        orjson.dumps(JSON.decode()),
        orjson.dumps(orjson.dumps(JSON.decode()).decode()),
        [ARTICLE],
        [[ARTICLE]],
        {"status": "ok", "totalResults": 1, "articles": [ARTICLE]},
        {"articles": {"results": [ARTICLE], "count": 1}},
        {"hits": {"total": 1, "hits": [{"_id": "1", "_source": ARTICLE}]}},
        {"_index": "news", "_source": ARTICLE},
        {"title": "The Courier", "items": [ARTICLE]},
        {**CLOUD_EVENT, "data": ARTICLE},
        {**CLOUD_EVENT, "data": JSON.decode()},
        {**CLOUD_EVENT, "data_base64": base64.b64encode(gzip.compress(JSON)).decode()},
        [{**CLOUD_EVENT, "data": ARTICLE}],
        {"schema": {"type": "struct"}, "payload": ARTICLE},
        {"schema": {"type": "string"}, "payload": JSON.decode()},
        DEBEZIUM,
        {"schema": {}, "payload": DEBEZIUM},
        {**DEBEZIUM, "after": JSON.decode()},
        {"database": "news", "type": "insert", "data": ARTICLE},
        {"subscription": "s", "message": {"data": base64.b64encode(JSON).decode(), "messageId": "1"}},
        {"Type": "Notification", "Message": JSON.decode(), "TopicArn": "t"},
        {"Records": [{"kinesis": {"data": base64.b64encode(JSON).decode()}, "eventSource": "aws:kinesis"}]},
        {
            "Records": [
                {"eventName": "INSERT", "dynamodb": {"NewImage": {key: {"S": text} for key, text in ARTICLE.items()}}}
            ]
        },
        {"name": "projects/p/databases/d/documents/news/7", "fields": FIRESTORE, "createTime": "2025-03-07T10:00:00Z"},
        [{"document": {"fields": {"meta": {"mapValue": {"fields": FIRESTORE}}}}, "readTime": "2025-03-07T10:00:00Z"}],
        {"headline": {"0": HEADLINE}, "body": {"0": STORY}},
        {"log": f"{JSON.decode()}\n", "stream": "stdout"},
        http(JSON, "Content-Encoding: identity"),
    ],
)
def test_an_article_comes_out_of_its_wrapper(value: Any) -> None:
    article = cleaned(value)
    assert (article.headline, article.body, article.warnings) == (HEADLINE, STORY, ())


@pytest.mark.parametrize("encode", [base64.b64encode, base64.encodebytes, base64.urlsafe_b64encode])
def test_a_text_in_base64_is_read(encode: Callable[[bytes], bytes]) -> None:
    article = cleaned(encode(f"{HEADLINE}\n“Ló”, {STORY}".encode()))
    assert (article.headline, article.body) == (HEADLINE, f"“Ló”, {STORY}")
    assert cleaned({"headline": HEADLINE, "body": encode(STORY.encode()).decode()}).body == STORY


def test_bytes_that_are_no_text_in_base64_are_refused() -> None:
    assert reason(base64.b64encode(bytes(range(7, 255))))[0] is Reason.NO_ARTICLE
    assert reason(b"a1B" * 23)[0] is Reason.NO_ARTICLE


@pytest.mark.parametrize(
    "value",
    [
        http(WINDOWS),
        http(WINDOWS, status="HTTP/2 200"),
        http(gzip.compress(WINDOWS), "Content-Encoding: gzip"),
        http(chunked(gzip.compress(WINDOWS)), "Transfer-Encoding: chunked", "content-encoding: gzip"),
        http(chunked(WINDOWS), "Transfer-Encoding: Chunked"),
        http(zlib.compress(WINDOWS)[2:-4], "Content-Encoding: deflate"),
        http(WINDOWS, "Content-Encoding: br"),  # a crawler has unpacked it
        warc(("response", "text/html; charset=windows-1252", WINDOWS)),
        warc(("response", "text/html; charset=windows-1252", WINDOWS), compressed=True),
        warc(("warcinfo", "application/warc-fields", b"a: b"), ("response", "text/html; charset=cp1252", WINDOWS)),
        warc(("resource", "text/html; charset=windows-1252", WINDOWS)),
    ],
)
def test_the_charset_of_a_header_comes_before_that_of_the_page(value: bytes) -> None:
    article = cleaned(value)
    assert (article.headline, article.body) == (HEADLINE, STORY)


def test_a_warc_record_gives_url_and_time() -> None:
    article = cleaned(warc(("conversion", "text/plain", f"{HEADLINE}\n{STORY}".encode())))
    assert (article.headline, article.body, article.url) == (HEADLINE, STORY, ADDRESS)
    assert article.fetched == "2025-03-08T06:00:00Z"


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
@pytest.mark.parametrize("html", [None, "".join(f"<p>{line}</p>" for line in BODY[:3])])
def test_an_e_mail_gives_text_subject_author_and_date(encoding: str, html: str | None) -> None:
    article = cleaned(mail(encoding, html))
    assert article.body == ("\n".join(BODY[:3]) if html else STORY)
    assert (article.headline, article.byline) == (f"{HEADLINE}é", ("Ida Hølm",))
    assert (article.published, article.source_id) == ("2025-03-07T18:20:00Z", "41@courier.example")


def test_a_page_that_a_browser_saved_has_its_url() -> None:
    saved = "From: <Saved by Blink>\nSnapshot-Content-Location: https://a.example/1\nSubject: x\nMIME-Version: 1.0\n"
    html = f"<html><title>{HEADLINE}</title><p>{STORY}</p></html>"
    parts = f'Content-Type: multipart/related; boundary="x"\n\n--x\nContent-Type: text/html\n\n{html}\n--x--\n'
    assert cleaned((saved + parts).encode()).url == "https://a.example/1"


def test_a_quoted_and_forwarded_e_mail_is_read_without_its_marks() -> None:
    quoted = "> " + "\n>\n> ".join(BODY).replace(", ", ",\n> ")
    head = "From: Ida Holm <ida@courier.example>\nTo: desk@courier.example\nDate: Fri, 7 Mar 2025\n"
    head += f"Subject: Fwd: Re: {HEADLINE}\n"
    article = cleaned(f"{head}\n{quoted}\n")
    assert (article.headline, article.byline) == (HEADLINE, ("Ida Holm",))
    assert ">" not in article.body
    some = cleaned(f"{head}\n{STORY}\n\n> We stay in port,\n> he wrote.\n")
    assert "> We stay in port," in some.body


def test_a_text_that_was_quoted_and_forwarded_with_its_head_is_read_without_marks() -> None:
    quoted = f"> From: Ida Holm <ida@courier.example>\n> Subject: Fwd: {HEADLINE}\n> Date: Fri, 7 Mar 2025\n>\n> "
    quoted += "\n>\n> ".join(BODY)
    for text in (quoted, f"---------- Forwarded message ---------\n{quoted}"):
        article = cleaned(text)
        assert (article.headline, article.body) == (HEADLINE, STORY)
    assert ">" in cleaned(f"{quoted}\nWe stay in port.").body


def test_an_address_alone_is_no_author() -> None:
    assert cleaned(mail(sender="news@courier.example")).byline == ()


@pytest.mark.parametrize(
    ("value", "expected", "words"),
    [
        (orjson.dumps([ARTICLE, ARTICLE]), Reason.INVALID_FIELD, "2 articles; send one article per message"),
        (orjson.dumps({"articles": [ARTICLE] * 3}), Reason.INVALID_FIELD, "3 articles"),
        (JSON + b"\n" + JSON, Reason.INVALID_FIELD, "2 lines of JSON"),
        (warc(*[("response", "text/html", WINDOWS)] * 2), Reason.INVALID_FIELD, "2 WARC records"),
        (warc(("request", "text/html", b"GET /")), Reason.NO_BODY, "1 records, none of which has a page"),
        (b"From a Fri Mar  7 18:20:00 2025\n" + mail() + b"\n\nFrom b Fri Mar  7 18:20:00 2025\n" + mail(),
         Reason.INVALID_FIELD, "2 e-mails"),
        (b"<rss><channel>" + b"<item><title>A b</title></item>" * 2 + b"</channel></rss>", Reason.INVALID_FIELD,
         "2 items of a feed"),
        (b"[]", Reason.EMPTY, "empty list"),
        (b"[1]", Reason.INVALID_FIELD, "a number"),
        (orjson.dumps({**DEBEZIUM, "after": None, "op": "d"}), Reason.EMPTY, "deletes a row"),
        (orjson.dumps(CLOUD_EVENT), Reason.NO_BODY, "CloudEvent without data"),
        (http(b"<html>Gone", status="HTTP/1.1 404 Not Found"), Reason.NO_BODY, "status 404"),
        (http(b"<html>Moved", status="HTTP/1.1 301 Moved Permanently"), Reason.NO_BODY, "status 301"),
        (http(b"\x1b\x03\x00\xf8", "Content-Encoding: br"), Reason.UNREADABLE, "compressed with br"),
        (gzip.compress(JSON)[:-9], Reason.UNREADABLE, "looks like gzip"),
        (zlib.compress(JSON)[:-9], Reason.UNREADABLE, "looks like zlib"),
        (b"{'headline': <A b>}", Reason.INVALID_JSON, "Python's repr()"),
        (JSON[:-5], Reason.INVALID_JSON, "ends in the middle"),
    ],
)  # fmt: skip
def test_what_is_no_single_article_is_refused_with_what_it_is(value: bytes, expected: Reason, words: str) -> None:
    why, message = reason(value)
    assert why is expected
    assert words in message
    assert "walkout" not in message


@pytest.mark.parametrize("packed", [PAGE.encode(), gzip.compress(PAGE.encode())])
def test_a_page_in_json_may_be_compressed_and_in_base64(packed: bytes) -> None:
    assert cleaned({"html": base64.b64encode(packed).decode(), "url": ADDRESS}).body == STORY


def test_objects_of_json_ld_beside_the_article_do_not_count() -> None:
    news = {"@type": "NewsArticle", "headline": HEADLINE, "articleBody": STORY}
    assert cleaned([{"@type": "WebSite", "name": "The Courier"}, news]).body == STORY


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, zstandard.compress])
def test_a_bomb_is_refused_in_no_time(compress: Any) -> None:
    bomb = compress(compress(b" " * 300_000_000))
    assert seconds(lambda: reason(bomb)) < 2
    assert reason(bomb)[0] is Reason.TOO_LARGE


def test_wrappers_in_wrappers_are_opened_up_to_a_limit() -> None:
    value = JSON
    for _ in range(6):
        value = gzip.compress(value)
    assert reason(value)[0] is Reason.UNREADABLE


def test_articles_packed_in_articles_are_opened_up_to_a_limit() -> None:
    value = JSON
    for _ in range(20):
        value = orjson.dumps({"body": base64.b64encode(gzip.compress(value)).decode(), "padding": "a" * 1_000_000})
    packed = orjson.dumps({"body": base64.b64encode(gzip.compress(value)).decode()})
    assert reason(packed)[0] is Reason.UNREADABLE


def test_a_text_that_starts_like_zlib_is_a_text() -> None:
    assert cleaned(f"x^2 is on the door\n{STORY}").body.endswith(STORY)
