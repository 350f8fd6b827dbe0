"""URLs in canonical form: one for each article, however it is written; two that may be two pages never become one.

What is equal by the standards (RFC 3986, UTS 46) is written in one way, using yarl. Beyond them, the form is:

- ``https`` for ``http``: publishers answer both with one page. An explicit port keeps its scheme.
- ``www.`` stays, because the URL is for readers, too. Revisions are recognised without it (``identity``).
- AMP and mobile pages have the URL of the page that they are a form of.
- Parameters are sorted by name, because the pages of one site link to an article with both orders. They stay in order
  if one has no name, as in ``?OpenDocument&id=7``.
- A fragment stays where it is the page (``#/story/7``, ``#!story``), and goes where it is a place in the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import quote, unquote

from yarl import URL

from workers.clean.fields.url_parameters import is_superfluous

MAX_URL_CHARS = 4000

_UNSEEN = re.compile(r"[\t\r\n\ufeff\u200b-\u200f\u202a-\u202e\u2060\u00ad]")  # browsers drop line ends, too
_ENDS = re.compile(r"\A[\s<\"'\x00-\x20]+|[\s>\"'\x00-\x20]+\Z")
_BLANK = re.compile(r"\s")
_START = re.compile(
    r"(?:https?:[/\\]{2}(?=https?:[/\\]))?(?:(?P<scheme>https?):[/\\]*|[/\\]{2,}|(?=www\.))", re.IGNORECASE
)
_AUTHORITY = re.compile(r"[^/\\?#]*")
_PATH = re.compile(r"[^?#]*")
_OTHER_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]{1,30}):(?!\d{1,5}(?:[/?#]|\Z))", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
_SECOND_QUERY = re.compile(r"\?([^?&]*)")
"""What a program that did not look adds to a URL with a query: ``?id=7?utm_source=x``."""
_ESCAPED_AMPERSAND = re.compile(r"&(?:(?:amp|#0?38);)+")
_AMP = re.compile(
    r"""
      \A /amp (?= / [^/]+ / | / [^/]* [-\d] )          # /amp/news/bridge, /amp/story-7; not /amp/guitar
    | (?<=[^/]) (?: /amp )+ (?: \.html? )? \Z
    | (?<=[^/]) (?: \.amp )+ (?= (?: \.html? )? \Z )
    """,
    re.VERBOSE,
)
_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*|(?<=/)\(S\(\w{20,30}\)\)/", re.IGNORECASE)
_OTHER_FORM = re.compile(
    r"""
      (?: m | mobile | touch | amp ) \. (?P<site> .+ )
    | (?P<edition> [a-z]{2,3} (?: -[a-z]{2,8} )? ) \. m \. (?P<project> .+ )     # en.m.wikipedia.org
    """,
    re.VERBOSE,
)
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gob", "gov", "gub", "go", "mil", "ne", "net", "nom", "or", "org"})
"""What stands before the country where sites have three labels: ``co.uk``, ``com.au``, ``or.jp``."""
_WWW = re.compile(r"(?<=://)www\d?\.(?=[^/]+\.)")


@dataclass(frozen=True, slots=True)
class _Parts:
    scheme: str
    host: str
    port: int | None
    path: str
    query: str
    fragment: str


def normalise(url: str | None) -> str | None:
    """Return the URL in canonical form, or None if it is not an absolute http(s) URL."""
    parts = _parse(url)
    if parts is None:
        return None
    place = _desktop(parts.host) if parts.port is None else f"{parts.host}:{parts.port}"
    path = _without_amp(_SESSION.sub("", parts.path))
    query = _query(parts.query, parts.host)
    fragment = _route(parts.fragment, parts.host)
    canonical = f"{parts.scheme}://{place}{path or '/'}{query and f'?{query}'}{fragment and f'#{fragment}'}"
    # What is left of a shortened path may be a dot segment, or have another session or AMP form.
    return canonical if (path or "/") == parts.path else normalise(canonical)


def problem(url: str) -> str | None:
    """Return why a text is no URL of a page, to follow it in a warning; None if it is one."""
    if len(url) > MAX_URL_CHARS:
        return f"{len(url):,} characters, and the limit is {MAX_URL_CHARS:,}"
    if _parse(url):
        return None
    scheme = _OTHER_SCHEME.match(_ENDS.sub("", url))
    if scheme and scheme["scheme"].lower() not in ("http", "https"):
        return f"an address of the scheme {scheme['scheme'].lower()}, not http or https"
    return "not an absolute http or https address"


def identity(url: str) -> str:
    """Return the part of a canonical URL by which two are the same page: without ``www.``."""
    return _WWW.sub("", url, count=1)


def host(url: str | None) -> str | None:
    """Return the host of the URL's site, without ``www.`` or ``m.``, or None if it is not an absolute http(s) URL."""
    parts = _parse(url)
    return None if parts is None else _desktop(parts.host).strip("[]").removeprefix("www.")


def site(host: str) -> str:
    """Return what its owner registered of a host, as far as the form tells: ``x.co.uk`` for ``news.x.co.uk``."""
    labels = host.split(".")
    size = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-size:])


@lru_cache(maxsize=1024)  # a message and its page name one URL many times
def _parse(url: str | None) -> _Parts | None:
    """The parts of the URL in the form that the standards prefer, without user and default port."""
    if url is None or len(url) > MAX_URL_CHARS:
        return None
    text = _ENDS.sub("", _UNSEEN.sub("", url))
    start = _START.match(text)
    if start is None:
        return None
    scheme = (start["scheme"] or "https").lower()
    authority = _AUTHORITY.match(text, start.end())
    assert authority is not None, "it matches the empty text"
    place = unquote(authority[0].rpartition("@")[2]).strip()
    path_end = _PATH.match(text, authority.end()).end()  # type: ignore[union-attr]  # it matches the empty text
    path, query = text[authority.end() : path_end], text[path_end:]
    rest = path.replace("\\", "/") + _ESCAPED_AMPERSAND.sub("&", query)
    try:
        parsed = URL(f"{scheme}://{place}{_BLANK.sub(lambda blank: quote(blank[0]), rest)}")
        host, port = (parsed.raw_host or "").strip("."), parsed.explicit_port
        host = f"[{IPv6Address(host)}]" if ":" in host else host
    except (ValueError, UnicodeError, TypeError):  # a port that is not a number, unbalanced brackets, odd characters
        return None
    if not _HOST.fullmatch(host) or ".." in host or port == 0:
        return None
    if port in (None, 80, 443):
        is_default = port is None or port == (443 if scheme == "https" else 80)
        scheme, port = ("https", None) if is_default else (scheme, port)
    return _Parts(scheme, host, port, parsed.raw_path, parsed.raw_query_string, parsed.raw_fragment)


def _desktop(host: str) -> str:
    """The host of the site itself for the hosts of its pages for phones and of its AMP pages."""
    while (form := _OTHER_FORM.fullmatch(host)) and _is_site(rest := form["site"] or form["project"]):
        host = f"{form['edition']}.{rest}" if form["edition"] else rest
    return host


def _is_site(host: str) -> bool:
    """Whether a host is long enough to be a site's, and no more than a suffix such as ``co.uk``."""
    labels = host.split(".")
    return len(labels) > 2 or (len(labels) == 2 and labels[0] not in _SECOND_LEVEL)


def _without_amp(path: str) -> str:
    """Return the path without AMP's prefix, and without the slashes and AMP suffixes at its end, in any order."""
    while (shorter := _AMP.sub("", path.rstrip("/"))) != path:
        path = shorter
    return path


def _query(query: str, host: str) -> str:
    query = _SECOND_QUERY.sub(lambda pair: "" if is_superfluous(pair[1], host) else pair[0], query)
    pairs = [pair for pair in query.split("&") if pair and not is_superfluous(pair, host)]
    if all("=" in pair for pair in pairs):
        pairs.sort(key=lambda pair: pair.partition("=")[0])
    return "&".join(pairs)


def _route(fragment: str, host: str) -> str:
    """The fragment if a script shows another page by it, without what says nothing; else empty."""
    route, _, query = fragment.partition("?")
    if route[:1] not in ("/", "!") or not route.strip("!/"):
        return ""
    query = _query(query, host)
    return f"{route}?{query}" if query else route
