"""Which URL is an article's: its own, or one that the message or the page declares as the canonical one.

Templates of sites declare the home page, a section or an address with a hole for every article. Believing them would
make one article, with many revisions, of all of these; not believing a right one leaves an article at two URLs, which
its text still tells to be one. So whatever may be wrong is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from workers.clean.fields import caches, urls

_HOLE = re.compile(
    r"""
      \{\{ | \}\} | \$\{ | \#\{ | <% | %%\w | %7B%7B | \$%7B | %3C% | \[\[ | %5B%5B     # {{slug}}, ${slug}
    | [/=] (?: \{ | %7B ) \w+ (?: \} | %7D ) (?= [/?&\#.]|\Z )                        # /{slug}
    | [/=] (?: : (?: slug | id ) | \[ (?: slug | id | url ) \] ) (?= [/?&\#]|\Z )       # /:slug
    | [/=] (?: undefined | null | none | nan | false | object(?:%20|\+)?Object ) (?= [/?&\#]|\Z )
    | (?: /|%5B ) \[?object(?:%20|\ )Object
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PRIVATE_HOST = re.compile(
    r"localhost|127(?:\.\d{1,3}){3}|10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|.+\.(?:local|internal|lan|localdomain)"
)
_HOME = re.compile(r"/(?:(?:index|default|home)(?:\.\w{2,5})?|[a-z]{2}(?:[-_][a-z]{2})?)?", re.IGNORECASE)
_NO_ARTICLE = re.compile(
    r"""
    (?: /(?:[^/]+/)* (?:login|log-in|signin|sign-in|register|subscribe|consent|error|not-?found|search|captcha)
      | (?:/[a-z]{2}(?:[-_][a-z]{2})?)? /404  # deeper, it is the number of an article
    ) (?:\.\w{2,5})?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SCRIPT = re.compile(r"\.(?:php\d?|aspx?|jsp|cgi|pl|do|cfm|dll|exe|nsf|mvc)\Z", re.IGNORECASE)
_DOCUMENT = re.compile(r"\.(?:[sx]?html?|story|ece|amp|print|cms)\Z", re.IGNORECASE)
_SECTION_NAME = re.compile(r"[^\W\d]+(?:[-_+][^\W\d]+){0,2}\d?|\d{1,2}|(?:19|20)\d\d")  # few words, part of a date
_NUMBER = re.compile(r"(?<!\d)(?!20\d{6}(?!\d))\d{5,}")
_SAME_ARTICLE = re.compile(
    r"""
    (?:
        /?
        (?: amp | print | printable | mobile | m | share | embed
          | full | all | single | singlepage | page | p | index | default | \d{1,2}
          | comments? | gallery | photos? | video
        )
        (?: \.\w{2,5} )?
    ){1,3}
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What follows the URL of an article in those of its other forms and pages."""
_ID_NAME = re.compile(
    r"""
      \w*(?<!cl)id
    | [apnkq] | no | num | number | nr | key | code | recno | idx
    | post | story | article | artikel | art | news | item | doc | document | node | entry | content
    | slug | title | url | path | file | name
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""The names of parameters by which the articles of a site differ."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The canonical URL of an article, and the first declared one that is not believed, with the reason."""

    url: str | None
    disbelieved: tuple[str, str] | None = None


def choose(own: str | None, declared: Sequence[str]) -> Choice:
    """Return the canonical URL: the first declared one that can be believed, else the article's own.

    Args:
        own: where the article was found; in a cache or at an aggregator counts as unknown, or as the page cached.
        declared: by the message or the page, the most reliable first.
    """
    own_url = urls.normalise(caches.original(own))
    disbelieved = None
    for text in declared:
        why = doubt(own_url, text)
        if why is None:
            return Choice(urls.normalise(caches.original(text)), disbelieved)
        disbelieved = disbelieved or (text, why)
    return Choice(own_url, disbelieved)


def doubt(own_url: str | None, declared: str) -> str | None:
    """Return why a declared URL is not believed to be the canonical one; None if it is.

    Args:
        own_url: the canonical form of the article's own URL, if that is known.
        declared: the URL as it was declared.
    """
    if _HOLE.search(declared):
        return "a template with a hole, not an address"
    if why := urls.problem(declared):
        return why
    url = urls.normalise(caches.original(declared))
    if url is None:
        return "an address at an aggregator"
    if url == own_url:
        return None
    its = urlsplit(url)
    if _PRIVATE_HOST.fullmatch(its.hostname or ""):
        return "an address of the publisher's own network"
    if why := _why_no_article(its):
        return why
    return None if own_url is None else _doubt_for(urlsplit(own_url), its)


def names_no_article(url: str) -> bool:
    """Return whether a canonical URL is certainly that of no article: a home page, a login, a search."""
    return _why_no_article(urlsplit(url)) is not None


def _why_no_article(parts: SplitResult) -> str | None:
    """Why a URL, whoever declares it, is that of no article; None if it may be one."""
    if not parts.fragment and not parts.query and _HOME.fullmatch(parts.path):
        return "it names a site, not a page"
    return "it names a page of the site itself, not an article" if _NO_ARTICLE.fullmatch(parts.path) else None


def _doubt_for(own: SplitResult, its: SplitResult) -> str | None:
    """Why one of two different URLs is not believed to be the canonical one of the other."""
    is_same_site = urls.site(own.hostname or "") == urls.site(its.hostname or "")
    own_name, its_name = _last(own.path), _last(its.path)
    shares_name = own_name == its_name or bool(set(_NUMBER.findall(own.path)) & set(_NUMBER.findall(its.path)))
    if not is_same_site and own.path != its.path and not (shares_name and _names_article(its)):
        return "it is at another site"
    if own.fragment and not its.fragment and own.path == its.path:
        return "it lacks the part of the address that tells the article"
    if lost := _lost_ids(own, its):
        return f"it lacks the parameter {lost}, by which articles of the site may differ"
    if own.path == its.path or shares_name or _names_article(its):
        return None
    if own.path.startswith(its.path.rstrip("/") + "/"):
        rest = own.path[len(its.path.rstrip("/")) :]
        return None if _SAME_ARTICLE.fullmatch(rest) else "it names a section, which the article is in"
    is_above = its.path.count("/") < own.path.count("/") or its.path.count("/") == 1
    return "it names a section" if is_above and _is_article_path(own.path) else None


def _lost_ids(own: SplitResult, its: SplitResult) -> str | None:
    """The parameter that tells the article and that the other URL has not, nor a path of an article in its stead."""
    if own.path != its.path and _names_article(its):
        return None
    if _is_article_path(_DOCUMENT.sub("", own.path)):
        return None
    kept = set(its.query.split("&"))
    lost = (pair.partition("=") for pair in own.query.split("&") if pair and pair not in kept)
    return next((name for name, _, value in lost if _ID_NAME.fullmatch(name) or _NUMBER.search(value)), None)


def _names_article(parts: SplitResult) -> bool:
    """Whether a URL looks like that of one article."""
    return bool(parts.query or parts.fragment) or _is_article_path(parts.path)


def _is_article_path(path: str) -> bool:
    """Whether a path ends like an article's: with several words, a number or as a document; not a script's."""
    name = _last(path)
    if not name or _SCRIPT.search(name):
        return False
    return _DOCUMENT.search(name) is not None or _SECTION_NAME.fullmatch(name) is None


def _last(path: str) -> str:
    return unquote(path.rstrip("/").rpartition("/")[2])
