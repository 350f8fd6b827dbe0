"""What a page declares about its article: in JSON-LD, in the tags of its head, in microdata and in its headings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from workers.clean.fields import headlines, urls
from workers.clean.input import json_ld
from workers.clean.text import MAX_FIELD_CHARS

_MAX_VALUES = 200
_MAX_BYLINE_CHARS = 200
_MAX_TAG_CHARS = 50
_MIN_OVERLAP = 0.3  # of a title's words, below which a headline is another article's
_SPACE = re.compile(r"\s+")
_NOT_OF_THE_ARTICLE = frozenset({"nav", "aside", "footer"})
_RELATED = re.compile(r"related|recommend|teaser|comment|sidebar|most-?read|newsletter", re.IGNORECASE)
_TAGS_NAME = re.compile(r"(?:^|[:._-])(?:tags?|keywords?|topics?)$")
_TOPIC_LINK = re.compile(
    r"/(?:tags?|topics?|thema|themen|schlagwort|schlagworte|stichwort|temas?|etiquetas?|sujets?|mots-cles|argomenti|emne)/",
    re.IGNORECASE,
)
_BYLINE_CLASS = re.compile(r"(?:^|[\s_-])(?:authors?|byline|autor(?:en|in|es)?|auteur)(?:$|[\s_-])", re.IGNORECASE)

PRECEDENCE: Mapping[str, tuple[str, ...]] = {
    "headline": ("ld:headline", "h1", "itemprop:headline", "meta:og:title", "meta:twitter:title", "meta:parsely-title",
                 "meta:dc.title", "ld:name", "title"),
    "authors": ("ld:author", "ld:creator", "meta:parsely-author", "meta:sailthru.author", "meta:og:article:author",
                "meta:article:author_name", "meta:articleauthor", "meta:cxenseparse:author", "itemprop:author",
                "rel:author", "meta:byl", "meta:article:author", "meta:author", "meta:dc.creator",
                "meta:dcterms.creator", "class:author"),
    "published": ("ld:datePublished", "meta:article:published_time", "meta:og:article:published_time",
                  "itemprop:datepublished", "meta:datepublished", "meta:parsely-pub-date", "meta:sailthru.date",
                  "meta:cxenseparse:recs:publishtime", "meta:dc.date.issued", "meta:dcterms.issued",
                  "meta:dcterms.created", "meta:dc.date", "meta:publication_date", "meta:publish-date", "meta:pubdate",
                  "meta:article.published", "ld:dateCreated", "meta:date", "time:pubdate"),
    "modified": ("ld:dateModified", "meta:article:modified_time", "meta:og:updated_time", "itemprop:datemodified",
                 "meta:datemodified", "meta:last-modified", "meta:dcterms.modified"),
    "urls": ("link:canonical", "meta:og:url", "ld:mainEntityOfPage", "ld:url", "meta:parsely-link", "link:amphtml"),
    "site": ("meta:og:site_name", "ld:publisher", "meta:application-name", "meta:dc.publisher"),
    "section": ("ld:articleSection", "meta:article:section", "meta:parsely-section", "meta:section",
                "itemprop:articlesection"),
    "tags": ("ld:keywords", "meta:news_keywords", "meta:article:tag", "meta:parsely-tags", "meta:sailthru.tags",
             "itemprop:keywords", "meta:dc.subject", "meta:keywords", "meta:*tags", "ld:about"),
    "linked_tags": ("rel:tag", "href:tag"),
    "description": ("ld:description", "meta:og:description", "meta:description", "meta:twitter:description",
                    "meta:dc.description"),
    "language": ("html:lang", "ld:inLanguage", "meta:content-language", "meta:og:locale", "meta:dc.language"),
}  # fmt: skip
"""For each field the places of a page where it may stand, the most reliable first.

Names and dates come from the first place that has any that can be used, keywords from all places, and from links to
pages about a topic only where no keywords are declared. The headline is the one that most places agree on, because
publishers write taglines, social media and search titles in each of them.
"""

_VOTING_PLACES = frozenset({"ld:headline", "h1", "meta:og:title", "title"})
"""The places that vote on the headline; the others repeat one of them and speak only where these are silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a page says about a field, and where: a place of ``PRECEDENCE``."""

    value: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page declares; what is most reliable comes first. Dates and names are as the page writes them."""

    headline: str | None
    authors: tuple[tuple[str, ...], ...]
    published: tuple[Stated, ...]
    modified: tuple[Stated, ...]
    urls: tuple[str, ...]
    publishers: tuple[str, ...]
    section: str | None
    tags: tuple[str, ...]
    description: str | None
    language: str | None
    is_free: bool


def metadata(page: HtmlElement, url: str | None = None) -> Metadata:
    """Return what the page declares about its article; malformed values are ignored.

    Args:
        page: the whole page.
        url: where it was fetched, to resolve relative links and to tell its article from related ones.
    """
    places = _Places(page)
    base = _base(page, url)
    own_urls = tuple(
        dict.fromkeys(urljoin_safe(base, link) for place in PRECEDENCE["urls"][:2] for link in places.get(place))
    )
    titles = [*places.get("h1"), *places.get("meta:og:title"), *places.get("title")]
    article = _own_article(json_ld.articles(page), [*filter(None, [url]), *own_urls], titles)
    places.add_article(article)

    def all_of(field: str) -> list[Stated]:
        return [Stated(value=value, place=place) for place in PRECEDENCE[field] for value in places.get(place)]

    def first(field: str) -> str | None:
        return next((stated.value for stated in all_of(field)), None)

    links = tuple(dict.fromkeys(urljoin_safe(base, stated.value) for stated in all_of("urls")))
    publishers = tuple(stated.value for stated in all_of("site"))
    hosts = [urls.host(link) for link in (url, *links) if link]
    return Metadata(
        headline=_headline(places, [*publishers, *hosts]),
        authors=tuple(values for place in PRECEDENCE["authors"] if (values := places.get(place))),
        published=_timed_first(all_of("published")),
        modified=_timed_first(all_of("modified")),
        urls=links,
        publishers=publishers,
        section=first("section"),
        tags=tuple(stated.value for stated in all_of("tags") or all_of("linked_tags")),
        description=first("description"),
        language=first("language"),
        is_free=str(article.get("isAccessibleForFree", True)).lower() != "false",
    )


class _Places:
    """The values of a page by place: ``meta:og:title``, ``h1``, ``ld:author`` …"""

    def __init__(self, page: HtmlElement) -> None:
        self._values: dict[str, list[str]] = {}
        for element in page.iter(*_READERS):
            if len(self._values) < 10 * _MAX_VALUES:
                _READERS[element.tag](self, element)
        for element in islice(page.iterfind(".//*[@itemprop]"), 10 * _MAX_VALUES):
            names = (element.get("itemprop") or "").lower().split()
            if element.tag != "meta" and not _is_related(element):
                value = element.get("content") or element.get("datetime") or _short_text(element)
                self._add([f"itemprop:{name}" for name in names], value)
        for element in islice(page.iterfind(".//*[@class]"), 100 * _MAX_VALUES):
            if "class:author" not in self._values and _BYLINE_CLASS.search(element.get("class")):
                if not _is_related(element):
                    self._add(["class:author"], _short_text(element))
        if lang := page.get("lang"):
            self._add(["html:lang"], lang)

    def get(self, place: str) -> tuple[str, ...]:
        """Return the distinct values of a place."""
        return tuple(dict.fromkeys(self._values.get(place, ())))

    def add_article(self, article: json_ld.Item) -> None:
        """Add what the page's article says in JSON-LD."""
        for name in ("headline", "name", "datePublished", "dateCreated", "dateModified", "description", "articleSection",
                     "keywords", "about", "inLanguage", "url", "mainEntityOfPage", "author", "creator", "publisher"):  # fmt: skip
            for value in islice(_texts(article.get(name), "@id" if name == "mainEntityOfPage" else "name"), _MAX_VALUES):
                self._add([f"ld:{name}"], value)

    def meta(self, tag: HtmlElement) -> None:
        names = {(tag.get(name) or "").lower().strip() for name in ("property", "name", "itemprop", "http-equiv")} - {""}
        self._add([f"meta:{name}" for name in names], tag.get("content"))
        if any(_TAGS_NAME.search(name) for name in names):
            self._add(["meta:*tags"], tag.get("content"))

    def link(self, tag: HtmlElement) -> None:
        self._add([f"link:{rel}" for rel in (tag.get("rel") or "").lower().split()], tag.get("href"))

    def title(self, tag: HtmlElement) -> None:
        if "title" not in self._values and not any(above.tag == "svg" for above in tag.iterancestors()):
            self._add(["title"], tag.text_content())

    def heading(self, tag: HtmlElement) -> None:
        if not _is_related(tag):
            self._add(["h1"], _short_text(tag, MAX_FIELD_CHARS))

    def time(self, tag: HtmlElement) -> None:
        if tag.get("pubdate") is not None:
            self._add(["time:pubdate"], tag.get("datetime") or _short_text(tag))

    def anchor(self, tag: HtmlElement) -> None:
        rel = (tag.get("rel") or "").lower().split()
        places = [f"rel:{kind}" for kind in ("author", "tag") if kind in rel]
        if not places and _TOPIC_LINK.search(tag.get("href") or "") and _is_in_article(tag) and tag.getparent().tag != "p":
            places = ["href:tag"]
        if places and not _is_related(tag):
            self._add(places, _short_text(tag, _MAX_TAG_CHARS if "rel:author" not in places else _MAX_BYLINE_CHARS))

    def _add(self, places: Sequence[str], value: str | None) -> None:
        if value and len(value) <= MAX_FIELD_CHARS and (text := _plain(value)):
            for place in places:
                values = self._values.setdefault(place, [])
                if len(values) < _MAX_VALUES:
                    values.append(text)


_READERS: Mapping[str, Callable[[_Places, HtmlElement], None]] = {
    "meta": _Places.meta, "link": _Places.link, "title": _Places.title, "h1": _Places.heading, "time": _Places.time,
    "a": _Places.anchor,
}  # fmt: skip


def _texts(value: object, key: str) -> Iterator[str]:
    """Yield the texts of a value of JSON-LD: a string, an object with a name, or lists of them in lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value[:_MAX_VALUES]:
            yield from _texts(one, key)
    elif isinstance(value, dict):
        if isinstance(name := value.get(key), str | list):
            yield from _texts(name, key)
        elif isinstance(given := value.get("givenName"), str) and isinstance(family := value.get("familyName"), str):
            yield f"{given} {family}"


def _plain(value: str) -> str:
    """Return the value without entities, which many publishers escape twice, and on one line."""
    return _SPACE.sub(" ", unescape(unescape(value))).strip()


def _short_text(element: HtmlElement, limit: int = _MAX_BYLINE_CHARS) -> str | None:
    text, size = [], 0
    for piece in element.itertext():
        text.append(piece)
        size += len(piece)
        if size > 4 * limit:
            return None
    joined = _SPACE.sub(" ", " ".join(text)).strip()
    return joined if len(joined) <= limit else None


def _is_related(element: HtmlElement) -> bool:
    """Whether the element stands where pages show other things than their article."""
    return any(
        above.tag in _NOT_OF_THE_ARTICLE or _RELATED.search(f"{above.get('class') or ''} {above.get('id') or ''}")
        for above in islice(element.iterancestors(), 6)
        if above.tag not in ("body", "html")
    )


def _is_in_article(element: HtmlElement) -> bool:
    return any(above.tag in ("article", "main") for above in element.iterancestors())


def _base(page: HtmlElement, url: str | None) -> str:
    declared = next((tag.get("href") for tag in page.iter("base") if tag.get("href")), None)
    return urljoin_safe(url or "", declared) if declared else url or ""


def urljoin_safe(base: str, link: str) -> str:
    """Return the link resolved against the base; as it is if that cannot be done."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return link


def _path(url: str) -> str:
    normal = urls.normalise(url)
    return urlsplit(normal).path.rstrip("/") if normal else ""


def _own_article(articles: Sequence[json_ld.Item], own: Sequence[str], titles: Sequence[str]) -> json_ld.Item:
    """Return the article of the page: the one with its URL, else the one with its headline; else the first.

    An article with another URL and none of the words of the page's titles is a related one.
    """
    paths = {path for url in own if (path := _path(url))}
    title_keys = {key for title in titles if (key := "".join(headlines.words(title)))}

    def rank(article: json_ld.Item) -> int:
        stated = [*_texts(article.get("url"), "@id"), *_texts(article.get("mainEntityOfPage"), "@id"),
                  *_texts(article.get("@id"), "@id")]  # fmt: skip
        stated_paths = {path for url in stated if (path := _path(url))}
        headline = next(_texts(article.get("headline") or article.get("name"), "name"), "")
        key = "".join(headlines.words(unescape(headline)))
        if stated_paths & paths:
            return 3
        if key and any(key in title or title in key for title in title_keys):
            return 2
        is_other = bool(stated_paths) and bool(paths) and bool(titles) and bool(key)
        alike = max((headlines.overlap(headline, title) for title in titles), default=0.0)
        return 0 if is_other and alike < _MIN_OVERLAP else 1

    best = max(articles, key=rank, default={})
    return best if articles and rank(best) else {}


def _headline(places: _Places, sites: Sequence[str | None]) -> str | None:
    """Return the headline that most places agree on once the site's name is off; of equals the most reliable."""
    known = {"".join(headlines.words(site)) for site in sites if site}
    titles: list[str] = []
    for place in PRECEDENCE["headline"]:
        cleaned = [headlines.without_site(value, sites) for value in places.get(place)]
        cleaned = [value for value in cleaned if value and "".join(headlines.words(value)) not in known]
        if place == "h1" and len(cleaned) > 1:
            declared = " ".join((*places.get("title"), *places.get("meta:og:title")))
            cleaned = [max(cleaned, key=lambda value: headlines.overlap(value, declared))]
        if place in _VOTING_PLACES or not titles:
            titles += cleaned[:1]
    return headlines.agreed(titles)


def _timed_first(dates: Sequence[Stated]) -> tuple[Stated, ...]:
    """Return the dates, those with a time of day first."""
    distinct: dict[str, Stated] = {}
    for date in dates:
        distinct.setdefault(date.value, date)
    return tuple(sorted(distinct.values(), key=lambda date: ":" not in date.value))
