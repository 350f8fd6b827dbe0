"""Addresses of caches and aggregators, which show pages of publishers under their own hosts."""

from __future__ import annotations

import re

from workers.clean.fields import urls

_AGGREGATORS = frozenset({
    "news.google.com", "news.yahoo.com", "msn.com", "apple.news", "flipboard.com", "webcache.googleusercontent.com",
    "translate.google.com", "t.co", "archive.ph", "archive.is",
})  # fmt: skip
"""Hosts that say nothing of the publisher."""
_CACHES = re.compile(
    r"""
    https?://
    (?: [\w-]+ \. (?: cdn\.ampproject\.org | bing-amp\.com | amp\.cloudflare\.com ) / [a-z] /
      | (?: www\. )? google\. [a-z.]{2,6} /amp/
      | web\.archive\.org/web/ \d{4,14} (?: [a-z]{2}_ )? / https?:/{1,2}
    )
    (?P<secure> s/ )?
    (?P<rest> [^/]+ \. [^/]+ (?: / .* )? )
    """,
    re.VERBOSE,
)


def original(url: str | None) -> str | None:
    """Return the publisher's address of a page in a cache; None for one at an aggregator, others as they are."""
    if url is None or urls.host(url) in _AGGREGATORS:
        return None
    match = _CACHES.fullmatch(url.strip())
    if match is None:
        return url
    return f"http{'' if '/http:/' in url else 's'}://{match['rest']}"
