"""Addresses of caches, archives and aggregators, which show or link to pages of publishers under their own hosts."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from workers.clean.fields import urls

_AGGREGATORS = frozenset({
    "12ft.io", "apple.news", "archive.fo", "archive.is", "archive.li", "archive.md", "archive.org", "archive.ph",
    "archive.today", "archive.vn", "bit.ly", "cc.bingj.com", "duckduckgo.com", "feedly.com", "feedproxy.google.com",
    "flipboard.com", "getpocket.com", "ghostarchive.org", "google.com", "l.facebook.com", "lm.facebook.com",
    "lnkd.in", "msn.com", "news.google.com", "news.yahoo.com", "newsbreak.com", "outline.com", "perma.cc",
    "smartnews.com", "t.co", "translate.google.com", "trib.al", "web.archive.org", "webcache.googleusercontent.com",
    "yahoo.com", "yandexwebcache.net",
})  # fmt: skip
"""Hosts that say nothing of the publisher."""
_MAX_LAYERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a service writes the address of a publisher's page in its own.

    The group ``rest`` of ``pattern`` is the page's address, perhaps without its scheme, as ``decode`` reads it.
    """

    id: str
    pattern: str
    example: str
    original: str
    decode: Callable[[str], str | None] = str


def _escaped(address: str) -> str:
    return unquote(address.partition("&")[0])


def _in_base64(code: str) -> str | None:
    """The address in the code of Google News: a protocol buffer that has it as text, or since 2024 often has it not."""
    try:
        data = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except (binascii.Error, ValueError):
        return None
    found = re.search(rb"https?://[!-~]+", data)
    return found[0].decode("ascii") if found else None


def _in_label(label: str) -> str:
    """The host that is written as one label: www.the-x.test for ``www-the--x-test``."""
    return label.replace("--", "\0").replace("-", ".").replace("\0", "-")


_GOOGLE = r"(?:www\.)? google\. [a-z.]{2,6}"
_ANY = r"(?P<rest> .+ )"
_DOTTED = r"(?P<rest> [^/]+ \. [^/]+ (?: / .* )? )"

FORMS: tuple[Form, ...] = (
    Form(
        id="amp-cache",
        pattern=rf"""
            (?: [\w-]+ \. )? (?: cdn\.ampproject\.org | bing-amp\.com | amp\.cloudflare\.com ) / \w{{1,2}} /
            (?: s/ )? {_DOTTED}
        """,
        example="https://www-courier-test.cdn.ampproject.org/c/s/www.courier.test/a.amp",
        original="https://www.courier.test/a.amp",
    ),
    Form(
        id="amp-viewer",
        pattern=rf"(?: {_GOOGLE} | (?: www\. )? bing\.com ) /amp/ (?: s/ )? {_DOTTED}",
        example="https://www.google.co.uk/amp/s/www.courier.test/amp/a",
        original="https://www.courier.test/amp/a",
    ),
    Form(
        id="wayback-machine",
        pattern=rf"web\.archive\.org / (?: web/ )? \d{{4,14}} \*? (?: [a-z]{{2}}_ )? / {_ANY}",
        example="https://web.archive.org/web/20250308id_/http://courier.test/a",
        original="http://courier.test/a",
    ),
    Form(
        id="archive-of-a-library",
        pattern=r"""
            (?: web\.archive\.org/web | archive\.org/wayback | arquivo\.pt/(?: wayback | noFrame/replay )
              | wayback\.archive-it\.org/\w+ | webarchive\.nationalarchives\.gov\.uk (?: /ukgwa )?
              | timetravel\.mementoweb\.org/memento | webarchive\.loc\.gov/all | swap\.stanford\.edu (?: /\w+ )?
            ) / (?: [\d*]{1,14} (?: [a-z]{2}_ )? / )? (?P<rest> https?: .+ )
        """,
        example="https://arquivo.pt/wayback/20250308101500/https://courier.test/a",
        original="https://courier.test/a",
    ),
    Form(
        id="reader",
        pattern=r"""
            (?: r\.jina\.ai/ | (?: www\. )? outline\.com/ | (?: www\. )? removepaywall\.com/ | href\.li/\? )
            (?P<rest> https? (?: : | %3a ) .+ )
        """,
        example="https://r.jina.ai/https://courier.test/a",
        original="https://courier.test/a",
        decode=unquote,
    ),
    Form(
        id="archive-today",
        pattern=r"""
            archive\. (?: today | ph | is | li | fo | vn | md ) /
            (?: [\d.-]{4,20} / | o/\w+/ )? (?P<rest> https?: .+ )
        """,
        example="https://archive.ph/20250308101500/https://courier.test/a",
        original="https://courier.test/a",
    ),
    Form(
        id="google-cache",
        pattern=r"""
            webcache\.googleusercontent\.com/search\? .*? \b q=cache (?: : | %3a ) (?: [\w-]{12} (?: : | %3a ) )?
            (?P<rest> [^+&]+ ) .*
        """,
        example="https://webcache.googleusercontent.com/search?q=cache:AbCdEfGhIjKl:https://courier.test/a+ferry",
        original="https://courier.test/a",
        decode=_escaped,
    ),
    Form(
        id="google-news",
        pattern=r"news\.google\.com/ (?: rss/ )? (?: __i/rss/rd/ )? (?: articles | read )/ (?P<rest> [\w=-]+ ) .*",
        example="https://news.google.com/rss/articles/CBMiFmh0dHBzOi8vY291cmllci50ZXN0L2HSAQA?oc=5",
        original="https://courier.test/a",
        decode=_in_base64,
    ),
    Form(
        id="google-translate",
        pattern=r"translate\.google(?:usercontent)?\. [a-z.]{2,6} / [^?]* \? (?: .*& )? u= (?P<rest> .+ )",
        example="https://translate.google.com/translate?sl=no&u=https%3A%2F%2Fcourier.test%2Fa&tl=en",
        original="https://courier.test/a",
        decode=_escaped,
    ),
    Form(
        id="google-translate-proxy",
        pattern=r"(?P<rest> [a-z\d-]+ ) \.translate\.goog (?P<path> [/?] [^#]*? )? (?: [?&] _x_tr_ .* )?",
        example="https://www-the--courier-test.translate.goog/a?_x_tr_sl=no&_x_tr_tl=en",
        original="https://www.the-courier.test/a",
        decode=_in_label,
    ),
    Form(
        id="redirect",
        pattern=rf"""
            (?: {_GOOGLE} /url
              | news\.google\.com/news/url
              | lm? \.facebook\.com/l\.php
              | (?: www\. )? bing\.com/news/apiclick\.aspx
              | (?: www\. )? linkedin\.com/redir/redirect
              | out\.reddit\.com/ [^?]*
              | [\w.-]+ \.safelinks\.protection\.outlook\.com/
              | (?: yandexwebcache\.net | hghltd\.yandex\.net ) /yandbtm
              | (?: www\. )? printfriendly\.com/print/?
              | (?: www\. )? webcitation\.org/query
              | (?: proxy\. )? duckduckgo\.com/ (?: l | iu ) /?
              | getpocket\.com/redirect
              | t\.umblr\.com/redirect
              | steamcommunity\.com/linkfilter/?
              | (?: www\. )? youtube\.com/redirect
              | (?: m\. )? vk\.com/away\.php
              | slack-redir\.net/link
            )
            \? (?: .*? & )?? (?: url | q | u | uddg | z | to ) = (?P<rest> https? (?: : | %3a ) .+ )
        """,
        example="https://www.google.com/url?sa=t&url=https%3A%2F%2Fcourier.test%2Fa%3Fid%3D7&usg=x",
        original="https://courier.test/a?id=7",
        decode=_escaped,
    ),
    Form(
        id="yahoo-redirect",
        pattern=r"(?: r\. )? search\.yahoo\.com/ .* /RU= (?P<rest> [^/]+ ) /RK .*",
        example="https://r.search.yahoo.com/_ylt=A/RV=2/RE=1/RO=10/RU=https%3a%2f%2fcourier.test%2fa/RK=2/RS=b",
        original="https://courier.test/a",
        decode=_escaped,
    ),
    Form(
        id="mail-filter",
        pattern=r"urldefense\.com/v3/__ (?P<rest> .+? ) __;.*",
        example="https://urldefense.com/v3/__https://courier.test/a__;!!AbC$",
        original="https://courier.test/a",
    ),
    Form(
        id="paywall-proxy",
        pattern=r"12ft\.io/ (?: proxy\?q= )? (?P<rest> https? (?: : | %3a ) .+ )",
        example="https://12ft.io/https://courier.test/a",
        original="https://courier.test/a",
        decode=unquote,
    ),
)
"""The forms that tell the publisher's page, in the order in which they are asked."""

_FORMS = tuple((form, re.compile(form.pattern, re.VERBOSE | re.IGNORECASE)) for form in FORMS)
_SCHEME = re.compile(r"https?:/{1,3}", re.IGNORECASE)


def original(url: str | None) -> str | None:
    """Return the publisher's address of a page in a cache or behind a redirect; None if it cannot be known.

    Other addresses are returned as they are.
    """
    if url is None or len(url) > urls.MAX_URL_CHARS:
        return url
    for _ in range(_MAX_LAYERS):
        inner = _inner(url)
        if inner is None:
            break
        url = inner
    return None if is_aggregator(url) else url


def is_aggregator(url: str) -> bool:
    """Return whether a URL is one of a service that shows or links to the pages of others."""
    return urls.host(url) in _AGGREGATORS


def _inner(url: str) -> str | None:
    text = url.strip()
    scheme = _SCHEME.match(text)
    if scheme is None:
        return None
    for form, pattern in _FORMS:
        match = pattern.fullmatch(text, scheme.end())
        if match and "." in (found := form.decode(match["rest"]) or ""):
            found += match.groupdict().get("path") or ""
            return found if _SCHEME.match(found) else f"https://{found}"
    return None
