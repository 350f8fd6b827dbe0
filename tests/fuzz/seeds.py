"""The material of inputs: the project's own samples and examples, and the tokens that matter to its formats."""

from __future__ import annotations

import base64
import gzip
import zlib
from contextlib import suppress
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import get_args

import orjson
import zstandard

import schemas
from schemas.records import RawArticle, Record
from tests.clean.input.test_formats import INPUTS
from tests.clean.input.test_rtf import document
from tests.clean.input.test_wrappers import chunked, http, mail, warc
from tests.clean.samples import APPEAL, BODY, HEADLINE, STORY
from workers.clean.boilerplate.rules import RULES
from workers.clean.fields import caches
from workers.clean.fields.url_parameters import RULES as PARAMETERS
from workers.clean.input.envelopes import ENVELOPES
from workers.clean.input.wrappers import WRAPPERS
from workers.cli.demo.samples import samples
from workers.settings import table
from workers.vocabulary.agencies import AGENCY_NAMES

EXAMPLES = Path(schemas.__file__).parent / "examples"
SEPARATOR = b"\x1e"
"""Separates the parts of an input that has several."""

NAMES: tuple[str, ...] = tuple(dict.fromkeys(field.name for kind in get_args(Record) for field in fields(kind)))
"""The fields of the records."""

_TAGS = (
    "html", "head", "title", "meta", "link", "script", "style", "body", "article", "section", "div", "p", "span", "a",
    "b", "i", "br", "h1", "h2", "ul", "li", "table", "tr", "td", "blockquote", "pre", "code", "img", "figure",
    "figcaption", "time", "footer", "header", "nav", "main", "form", "svg", "iframe", "noscript", "textarea",
)  # fmt: skip
_MARKUP = (
    "<!DOCTYPE html>", "<!--", "-->", "<![CDATA[", "]]>", "<?xml version='1.0' encoding='utf-8'?>", "<!ENTITY a 'b'>",
    "&amp;", "&lt;", "&nbsp;", "&#0;", "&#x110000;", "&#xd800;", "&copy", "&a;", ' class="comment"', " lang=en",
    "[b]", "[/b]", "[quote=a]", "[/quote]",
    ' itemprop="datePublished"', '<meta charset="', '<meta property="og:title" content="A">',
    "<meta name=author content=",
    '<meta name="date" content="2025-03-08">', '<script type="application/ld+json">', '{"@type":"NewsArticle",',
    '"@graph":[', '"author":{"name":"Ida Holm"}', '"mainEntityOfPage":', '<link rel="canonical" href="https://x.test/a">',
    '<time datetime="2025-03-08T10:00:00Z">', "</script>", "<p", "</",
    "<script>", "window.A={a:undefined,", "__NUXT__=(function(a,b){return {", "}}(", "=JSON.parse('", '"$1"', "1:T10,",
    'self.__next_f.push([1,"',
)  # fmt: skip
_CHARS = (
    "\0", "\r", "\n", "\r\n", "\t", "\v", "\x1c", "\x85", "\u2028", "\u200b", "\u200d", "\u200f", "\u202e", "\ufeff",
    "\u0301", "\u00ad", "\u00a0", "\u3000", "â€™", "Ã©", "ﬁ", "İ", "ß", "ǆ", "中文。", "한국", "שלום", "नमस्ते",
    "😀", "🇳🇴",
    "\U0010ffff", "Ａ", "’", "“", "”", "—", "…", "•", "·", "»", "。", "²", "٣", "½",
)  # fmt: skip
_WORDS = (
    "SEOUL (Reuters) - ", "SALTBY, Norway — ", "By Ida Holm and Jon Vale", "BY IDA HOLM", "(Reporting by Ida Holm; ",
    "Editing by Jon Vale)", "(AP)", "– dpa", "Photo: ", "via Getty Images", "/Pool via REUTERS", "Ida Holm/AFP",
    "Home > World > ", "• Islands", "Most Read", "Others Also Read", "Read more: ", "Published 3 May 2024",
    "5 hours ago", "## What next", "[it](https://u.test/a)", "![it](a.jpg)", "[1]: https://u.test", "**old**", "*old*",
    "\n> We stay.", "\n- Boats", "\\*", "|---|---|", "```", "&amp;lt;b&amp;gt;", "^BC-FERRIES,0171<\n", "har-\n",
    "With files from ", " contributed to this report.", "Mr. ", "President ", "Bank of ", "U.S.", "Jr.", "Inc.",
    "de la ", "Kim Jong-un", "Congress", "the North", "@name", "a@b.test", "www.", "$5", "’s ", "20 2025 A",
)  # fmt: skip
_DATES = (
    "2025-03-08", "2025-03-08T10:00:00+02:00", "Sat, 08 Mar 2025 10:00:00 GMT", "8 March 2025", "1741428000",
    "1741428000000", "10/11/12", "0000-00-00", "9999-12-31T23:59:59-23:59", "None", "24:00", "+99:99", "Z",
    " EST", " am", "Montag, 4. Mai 2026, 08:30 Uhr", "2026年5月4日 下午8:30", "令和8年5月4日", "4 พ.ค. 2569",
    "٤ مايو ٢٠٢٦",
    "Mon May 04 2026 08:30:00 GMT+0200 (Central European Summer Time)", "/Date(1777876200000)/", "2026-W19-1T08:30",
    "datetime.datetime(2026, 5, 4, tzinfo=datetime.timezone.utc)", "vor 2 Stunden", "gestern 14:30", "5 hours ago",
    "Published 4 May 2026 | Updated 5 May 2026", "Posted by Ada Birch on May 4, 2026 8:30 p.m. ET", " UTC+2",
    "/2026/05/04/", "[Europe/Berlin]", "二〇二六年五月四日",
)  # fmt: skip
_ADDRESSES = (
    "https://", "HTTP://", "www.x.test", ":443", ":99999", ":0", "?utm_source=a&", "&amp=1", "/amp/", ".amp.html",
    "%2e", "%",
    "[::1]", "@", "#a", "//", "..", "xn--", "？", "℀", "\u2100",
)  # fmt: skip
_CHARSETS = (
    "utf-8", "utf-16", "utf-7", "utf-32", "windows-1252", "iso-8859-1", "gb18030", "shift_jis", "iso-2022-jp", "hz",
    "unicode_escape", "idna", "punycode", "rot13", "undefined", "cp65001",
)  # fmt: skip
_JSON = ("{", "[", "}", "]", '"', ":", ",", "null", "1e999", "-", "\\u0000", "\\ud800", "\\", "9" * 40, "[" * 600)
_BYTES = (b"\xff", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc3", b"\xe9", b"\xed\xa0\x80", b"\x1f\x8b", SEPARATOR)

RULE_LINES = tuple(line for rows in RULES.values() for rule in rows for line in (rule.example, rule.counter_example))
"""The examples of the cleaner's rules."""

TOKENS: tuple[bytes, ...] = (
    *_BYTES,
    *(token.encode() for token in (
        *(f"<{tag}>" for tag in _TAGS), *(f"</{tag}>" for tag in _TAGS), *_MARKUP, *_CHARS, *_WORDS, *_DATES,
        *_ADDRESSES, *_CHARSETS, *_JSON, *RULE_LINES, *BODY, *APPEAL, *sorted(AGENCY_NAMES),
        *(f'"{name}":' for name in NAMES),
    )),
)  # fmt: skip
"""Tokens that matter to the formats: tags, entities, charsets, fields, dates, addresses, phrases, odd characters."""

PAGE = (
    f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{HEADLINE} | The Courier</title>'
    '<meta property="article:published_time" content="2025-03-08T10:00:00Z"><meta name="author" content="Ida Holm">'
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferries stop", "author": [{"name": "Ida '
    'Holm"}], "datePublished": "2025-03-08", "mainEntityOfPage": {"@id": "https://courier.test/1"}}</script></head>'
    f"<body><nav>Home > Islands</nav><article><h1>{HEADLINE}</h1>{''.join(f'<p>{line}</p>' for line in BODY[:3])}"
    "</article><footer>© 2025 The Courier</footer></body></html>"
)


@cache
def messages() -> list[bytes]:
    """Return the samples of the demo: messages in every accepted format."""
    return [sample.value for sample in samples()]


@cache
def json_messages() -> list[bytes]:
    """Return the samples and examples that are JSON, and one with every field."""
    every = dict.fromkeys((field.name for field in fields(RawArticle)), "2025-03-08") | {"body": STORY, "status": None}
    return [orjson.dumps(every), *(value for value in messages() if value[:1] == b"{"), *examples("news-raw", "valid")]


@cache
def pages() -> list[bytes]:
    """Return complete web pages."""
    return [PAGE.encode(), *(value for value in messages() if value.lstrip()[:1] == b"<")]


@cache
def formats() -> list[bytes]:
    """Return the golden input of every format; a format has one, or its own test fails."""
    return [path.read_bytes() for path in INPUTS]


def _wrapped() -> dict[str, list[bytes]]:
    page, article = PAGE.encode(), {"headline": HEADLINE, "body": STORY}
    encoded = base64.b64encode(orjson.dumps(article)).decode()
    return {
        "gzip": [gzip.compress(page, mtime=0), gzip.compress(b"", mtime=0) + gzip.compress(page, mtime=0)],
        "zstd": [zstandard.compress(page)],
        "zlib": [zlib.compress(page)],
        "WARC record": [warc(("response", "text/html", page)), warc(("conversion", "text/plain", STORY.encode()))],
        "HTTP response": [
            http(page, "Content-Encoding: identity"),
            http(chunked(page), "Transfer-Encoding: chunked"),
            http(gzip.compress(page, mtime=0), "Content-Encoding: gzip"),
        ],
        "schema registry's JSON": [b"\0\0\0\0\7" + orjson.dumps(article)],
        "base64": [encoded.encode(), base64.b64encode(b"The ferries stop on Monday, and boats with them. " * 3)],
        "e-mail": [
            mail("quoted-printable", PAGE[:2_000]),
            mail("base64"),
            b"From ida Fri Mar  7 18:20:00 2025\n" + mail(),
        ],
        "RTF": [document(HEADLINE, *BODY).encode()],
        "CloudEvents (structured mode)": [
            orjson.dumps({"specversion": "1.0", "type": "a", "data_base64": encoded}),
            orjson.dumps({"specversion": "1.0", "type": "a", "source": "b", "data": article}),
        ],
        "Kafka Connect": [orjson.dumps({"schema": {}, "payload": article})],
        "Debezium": [orjson.dumps({"schema": {}, "payload": {"op": "c", "before": None, "after": article}})],
        "Google Pub/Sub": [orjson.dumps({"subscription": "a", "message": {"data": encoded}})],
        "Amazon SNS": [orjson.dumps({"Type": "Notification", "Message": orjson.dumps(article).decode()})],
        "Amazon Kinesis": [orjson.dumps({"Records": [{"kinesis": {"data": encoded}}]})],
        "Amazon DynamoDB Streams": [orjson.dumps({"eventName": "INSERT", "dynamodb": {"NewImage": article}})],
        "Google Firestore": [orjson.dumps({"fields": {key: {"stringValue": text} for key, text in article.items()}})],
        "Event Registry (one article)": [orjson.dumps({"7": {"info": article}})],
    }


@cache
def wrapped() -> list[bytes]:
    """Return articles in every wrapper and envelope, and in several encodings.

    Raises:
        LookupError: a wrapper or envelope of the registry has no example here.
    """
    examples = _wrapped()
    names = {wrapper.name for wrapper in WRAPPERS} | {envelope.name for envelope in ENVELOPES}
    if missing := names ^ examples.keys():
        raise LookupError(f"no examples of, or none in the registry: {', '.join(sorted(missing))}")
    return [
        *(example for each in examples.values() for example in each),
        orjson.dumps({"articles": {"results": [{"title": HEADLINE, "content": {"rendered": STORY}}]}}),
        *(f"{HEADLINE}\n{STORY} Ärger über Zölle".encode(codec) for codec in ("utf-16", "utf-32-be", "cp1252")),
        *(f"{HEADLINE}\nМост закрыт 橋".encode(codec, "ignore") for codec in ("koi8-r", "shift_jis", "iso2022_jp")),
    ]


@cache
def texts() -> list[bytes]:
    """Return texts of articles, clean and with boilerplate."""
    bodies = []
    for value in json_messages():
        with suppress(orjson.JSONDecodeError):
            bodies.append(dict(orjson.loads(value)).get("body"))
    bare = [value for value in messages() if value[:1].isalpha()]
    with_boilerplate = "\n".join((HEADLINE, "By Ida Holm", "SALTBY (AP) — " + BODY[0], *APPEAL, *BODY[1:], *RULE_LINES))
    short = ["\n".join((HEADLINE, "By Ida Holm", line, BODY[0], line)).encode() for line in RULE_LINES]
    return [
        STORY.encode(),
        with_boilerplate.encode(),
        *short,
        *bare,
        *(body.encode() for body in bodies if isinstance(body, str)),
    ]


@cache
def lines() -> list[bytes]:
    """Return single lines: of rules, articles and names."""
    return [line.encode() for line in (*RULE_LINES, *BODY, *APPEAL, HEADLINE, *_WORDS)]


@cache
def dates() -> list[bytes]:
    """Return dates as publishers write them."""
    return [date.encode() for date in _DATES]


@cache
def addresses() -> list[bytes]:
    """Return web addresses."""
    own = ("https://www.courier.test:443/a/amp/?utm_source=x&id=1#top", "http://[::1]:80/", "//x.test/a")
    forms = (form.example for form in caches.FORMS)
    return [url.encode() for url in (*own, *forms, *(f"https://x.test/a?{rule.example}" for rule in PARAMETERS))]


@cache
def examples(topic: str, verdict: str = "*") -> list[bytes]:
    """Return the examples of a topic's records, valid and invalid."""
    return [path.read_bytes() for path in sorted((EXAMPLES / topic).glob(f"{verdict}/*.json"))]


@cache
def letters() -> list[bytes]:
    """Return dead letters: a value and the values of its headers."""
    headers = [b"news-raw", b"clean", b"no_body", b"why", b"3", b"41"]
    value = examples("news-clean")[0]
    return [SEPARATOR.join((value, *headers)), SEPARATOR.join((value, b"news-clean", *headers[1:]))]


@cache
def environments() -> list[bytes]:
    """Return settings as lines of NAME=value."""
    return ["\n".join(f"{name}={default}" for name, default, *_ in table()).encode(), b"COPYDESK_BROKER=a:9092"]


@cache
def archives() -> list[bytes]:
    """Return compressed lines, complete and truncated."""
    whole = gzip.compress(b"\n".join(json_messages()[:3]), mtime=0)
    return [whole, whole[:-9], gzip.compress(b"\n" * 100_000, mtime=0)]


@cache
def stretches() -> list[bytes]:
    """Return inputs for ``stretched``: a head, what to repeat, and a tail."""
    units = [*(f"<{tag}>" for tag in _TAGS), *_CHARS, *_WORDS, *RULE_LINES, "<p>a</p>", "a b. ", "Ab ", "a\n"]
    heads = (b"", b'{"body":"', b"<html><body><article><p>")
    tails = (b"", b'"}', b"</p>")
    return [
        SEPARATOR.join((head, unit.encode(), tail)) for head, tail in zip(heads, tails, strict=True) for unit in units
    ]
