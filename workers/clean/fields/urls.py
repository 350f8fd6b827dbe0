"""URLs in one form, conservatively: two addresses that might be two pages are never made one."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

TRACKING_PREFIXES = ("utm_", "mc_", "pk_", "piwik_", "mtm_", "matomo_", "hsa_", "_hs", "at_", "oly_", "vero_", "ns_")
"""What a query parameter's name begins with if it only says how the reader came."""

TRACKING = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid",
    "igshid", "igsh", "mkt_tok", "mkwid", "wt_mc", "wt.mc_id", "wt_zmc", "cmpid", "cmp", "icid", "ncid", "ocid",
    "s_cid", "smid", "smtyp", "spm", "sr_share", "ito", "xtor", "recip_id", "rss_id", "ftag", "__twitter_impression",
    "fb_action_ids", "fb_ref", "fb_source", "action_object_map", "guccounter", "guce_referrer", "guce_referrer_sig",
    "srsltid", "epik", "__s", "_ga", "_gl", "ref_src", "ref_url", "taid", "traffic_source", "ftcamp", "wprov",
})  # fmt: skip
"""Query parameters that only say how the reader came. Pages differ by id, sid, cid, p, page, ref, source: not here."""

_PORTS = {"http": 80, "https": 443}
_AMP_PARAMETERS = frozenset({"amp=1", "amp=true", "amp", "outputtype=amp", "output=amp"})
_AMP = re.compile(r"(?<=[^/])(?:(?:/amp)+/?$|(?:\.amp)+(?=\.html?$|$))")
_BLANK = re.compile(r"[^\S\t\r\n]")  # within an address; urlsplit drops tabs and line ends, as browsers do
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_LONGEST = 4000


def normalise(url: str | None) -> str | None:
    """The URL in canonical form, or None where it is no absolute http(s) URL.

    Scheme and host in lower case, no default port, no user, no fragment, no tracking parameters, no AMP suffix and no
    trailing slash; other parameters stay in their order.
    """
    parts = _split(url)
    if parts is None:
        return None
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    if port is not None and port != _PORTS[parts.scheme]:
        host = f"{host}:{port}"
    path = _bare(_ESCAPE.sub(lambda escape: escape[0].upper(), parts.path))
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_tracking(pair))
    return urlunsplit((parts.scheme, host, path or "/", query, ""))


def canonical(url: str | None, declared: str | None) -> str | None:
    """The canonical URL of an article: the declared one if it names a page and not just the site, else its own."""
    own, said = normalise(url), normalise(declared)
    if said is None or (own is not None and urlsplit(said).path == "/" and not urlsplit(said).query):
        return own
    return said


def names_page(url: str) -> bool:
    """Whether the URL is absolute and names a page and not just a site."""
    own = normalise(url)
    return own is not None and bool(urlsplit(own).path != "/" or urlsplit(own).query)


def host(url: str | None) -> str | None:
    """The host of the URL without www., or None where it is no absolute http(s) URL."""
    parts = _split(url)
    return None if parts is None else (parts.hostname or "").rstrip(".").removeprefix("www.")


def _split(url: str | None) -> SplitResult | None:
    if url is None or len(url) > _LONGEST:
        return None
    try:
        parts = urlsplit(_BLANK.sub(lambda blank: quote(blank[0]), url.strip()))
        valid = parts.scheme in _PORTS and bool((parts.hostname or "").strip(".")) and parts.port != 0
    except ValueError:  # a port that is no number, brackets that do not match
        return None
    return parts if valid else None


def _bare(path: str) -> str:
    """The path without slashes and AMP suffixes at its end, in whatever order they stand there."""
    while (shorter := _AMP.sub("", path.rstrip("/"))) != path:
        path = shorter
    return path


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIXES) or pair.lower() in _AMP_PARAMETERS
