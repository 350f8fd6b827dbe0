"""URLs in canonical form, conservatively: two addresses that may be two pages never become one."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

TRACKING_PREFIXES = ("utm_", "mc_", "pk_", "piwik_", "mtm_", "matomo_", "hsa_", "_hs", "at_", "oly_", "vero_", "ns_")
"""Prefixes of query parameters that only say where the reader came from."""

TRACKING = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid",
    "igshid", "igsh", "mkt_tok", "mkwid", "wt_mc", "wt.mc_id", "wt_zmc", "cmpid", "cmp", "icid", "ncid", "ocid",
    "s_cid", "smid", "smtyp", "spm", "sr_share", "ito", "xtor", "recip_id", "rss_id", "ftag", "__twitter_impression",
    "fb_action_ids", "fb_ref", "fb_source", "action_object_map", "guccounter", "guce_referrer", "guce_referrer_sig",
    "srsltid", "epik", "__s", "_ga", "_gl", "ref_src", "ref_url", "taid", "traffic_source", "ftcamp", "wprov",
})  # fmt: skip
"""Query parameters that only say where the reader came from.

id, sid, cid, p, page, ref and source are not among them: pages differ by these.
"""

_PORTS = {"http": 80, "https": 443}
_AMP_PARAMETERS = frozenset({"amp=1", "amp=true", "amp", "outputtype=amp", "output=amp"})
_AMP = re.compile(r"(?<=[^/])(?:(?:/amp)+/?$|(?:\.amp)+(?=\.html?$|$))")
_BLANK = re.compile(r"[^\S\t\r\n]")  # urlsplit drops tabs and line ends, as browsers do
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_MAX_URL_CHARS = 4000


def normalise(url: str | None) -> str | None:
    """Return the URL in canonical form, or None if it is not an absolute http(s) URL.

    Scheme and host are in lower case; default port, user, fragment, tracking parameters, AMP suffix and trailing slash
    are dropped. Other parameters stay, in order.
    """
    parts = _split(url)
    if parts is None:
        return None
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    if port is not None and port != _PORTS[parts.scheme]:
        host = f"{host}:{port}"
    path = _without_amp(_ESCAPE.sub(lambda escape: escape[0].upper(), parts.path))
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_tracking(pair))
    return urlunsplit((parts.scheme, host, path or "/", query, ""))


def canonical(url: str | None, declared: str | None) -> str | None:
    """Return the canonical URL of an article: the declared one, unless that names only the site, else its own."""
    own, canonical_url = normalise(url), normalise(declared)
    if canonical_url is None or (own is not None and not _has_page(canonical_url)):
        return own
    return canonical_url


def names_page(url: str) -> bool:
    """Return whether the URL is absolute and names a page, not only a site."""
    normal = normalise(url)
    return normal is not None and _has_page(normal)


def _has_page(normal: str) -> bool:
    parts = urlsplit(normal)
    return parts.path != "/" or bool(parts.query)


def host(url: str | None) -> str | None:
    """Return the host of the URL without www., or None if it is not an absolute http(s) URL."""
    parts = _split(url)
    return None if parts is None else (parts.hostname or "").rstrip(".").removeprefix("www.")


def _split(url: str | None) -> SplitResult | None:
    if url is None or len(url) > _MAX_URL_CHARS:
        return None
    try:
        parts = urlsplit(_BLANK.sub(lambda blank: quote(blank[0]), url.strip()))
        valid = parts.scheme in _PORTS and bool((parts.hostname or "").strip(".")) and parts.port != 0
    except ValueError:  # a port that is not a number, unbalanced brackets
        return None
    return parts if valid else None


def _without_amp(path: str) -> str:
    """Return the path without the slashes and AMP suffixes at its end, in any order."""
    while (shorter := _AMP.sub("", path.rstrip("/"))) != path:
        path = shorter
    return path


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIXES) or pair.lower() in _AMP_PARAMETERS
