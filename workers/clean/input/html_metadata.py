"""What a page declares about its article: in JSON-LD, in the tags of its head, in microdata and in its headings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from workers.clean.fields import headlines, urls
from workers.clean.input import json_ld
from workers.clean.input.html_places import Places, texts
from workers.clean.text import MAX_FIELD_CHARS

_MIN_OVERLAP = 0.3  # of a title's words, below which a headline is another article's

PRECEDENCE: Mapping[str, tuple[str, ...]] = {
    "headline": ("h1", "ld:headline", "meta:og:title", "itemprop:headline", "meta:parsely-title",
                 "meta:sailthru.title", "meta:citation_title", "meta:twitter:title", "meta:dc.title",
                 "meta:dcterms.title", "ld:name", "title"),
    "authors": ("ld:author", "ld:creator", "meta:parsely-author", "meta:sailthru.author", "meta:og:article:author",
                "meta:article:author_name", "meta:articleauthor", "meta:cxenseparse:author", "meta:vr:author",
                "meta:citation_author", "meta:citation_authors", "meta:schema:author", "meta:rnews:author",
                "itemprop:author", "itemprop:creator", "rel:author", "meta:byl", "meta:byline", "twitter:written by",
                "meta:article:author", "meta:og:author", "href:author", "meta:author", "meta:authors",
                "meta:dc.creator", "meta:dcterms.creator", "meta:dcsext.author", "class:author-name", "class:author",
                "line:author", "address:author", "ld:contributor"),
    "published": ("ld:datePublished", "meta:article:published_time", "meta:og:article:published_time",
                  "itemprop:datepublished", "meta:datepublished", "meta:schema:datepublished",
                  "meta:rnews:datepublished", "meta:parsely-pub-date", "meta:sailthru.date",
                  "meta:cxenseparse:recs:publishtime", "meta:vr:published_time", "meta:dc.date.issued",
                  "meta:dcterms.issued", "meta:dcterms.created", "meta:dc.created", "meta:dc.date", "meta:dcterms.date",
                  "meta:citation_online_date", "meta:citation_publication_date", "meta:citation_date",
                  "meta:originalpublicationdate", "meta:article_date_original", "meta:analyticsattributes.articledate",
                  "meta:dcsext.articlefirstpublished", "meta:publication_date", "meta:publish-date",
                  "meta:published-date", "meta:pubdate", "meta:published_at", "meta:published_time",
                  "meta:og:published_time", "meta:og:pubdate", "meta:article.published", "meta:article.created",
                  "meta:article:publish_date", "meta:cxenseparse:publishtime", "meta:bt:pubdate", "meta:ptime",
                  "meta:pdate", "ld:dateCreated", "meta:published", "meta:date", "meta:created", "time:pubdate"),
    "modified": ("ld:dateModified", "meta:article:modified_time", "meta:og:article:modified_time",
                 "meta:og:updated_time", "itemprop:datemodified", "meta:datemodified", "meta:schema:datemodified",
                 "meta:article:modified", "meta:article.updated", "meta:updated_time", "meta:last-modified",
                 "meta:lastmod", "meta:dcterms.modified", "meta:dc.date.modified", "meta:revised"),
    "urls": ("link:canonical", "meta:og:url", "ld:mainEntityOfPage", "ld:url", "meta:parsely-link", "link:amphtml"),
    "site": ("meta:og:site_name", "ld:publisher", "meta:application-name", "meta:dc.publisher", "ld:isPartOf"),
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
pages about a topic only where no keywords are declared. The headline is the one that most of ``_VOTING_PLACES`` agree
on, because publishers write taglines, social media and search titles in each of them.
"""

_VOTING_PLACES = frozenset({"h1", "ld:headline", "meta:og:title"})
"""The places that vote on the headline: what readers, search engines and social media see.

The others repeat one of them, ``title`` mostly ``og:title``, and speak only where these are silent.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a page says about a field, and where: a place of ``PRECEDENCE``."""

    value: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page declares; what is most reliable comes first. Names are as the page writes them.

    Dates are too, each with its source: ``json-ld``, ``meta`` (also microdata) or ``time`` (an element).
    ``has_article_data`` says whether JSON-LD describes it as an article, as ``og:type`` does many other pages, too.
    """

    headline: str | None
    authors: tuple[tuple[str, ...], ...]
    published: tuple[tuple[str, str], ...]
    modified: tuple[tuple[str, str], ...]
    urls: tuple[str, ...]
    publishers: tuple[str, ...]
    section: str | None
    tags: tuple[str, ...]
    description: str | None
    language: str | None
    title: str | None
    is_article: bool
    has_article_data: bool
    is_free: bool
    article_body: str = ""


def metadata(page: HtmlElement, url: str | None = None) -> Metadata:
    """Return what the page declares about its article; malformed values are ignored.

    Args:
        page: the whole page.
        url: where it was fetched, to resolve relative links and to tell its article from related ones.
    """
    places = Places(page)
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
        title=next(iter(places.get("title")), None),
        has_article_data=json_ld.is_article(article),
        is_article=json_ld.is_article(article)
        or "article" in places.get("meta:og:type")
        or any(stated.place != "ld:datePublished" for stated in all_of("published")),
        article_body=next((text for text in texts(article.get("articleBody"), "@value") if text.strip()), ""),
        is_free=str(article.get("isAccessibleForFree", True)).lower() != "false",
    )


def _base(page: HtmlElement, url: str | None) -> str:
    declared = next((tag.get("href") for tag in page.iter("base") if tag.get("href")), None)
    return urljoin_safe(url or "", declared) if declared else url or ""


def urljoin_safe(base: str, link: str) -> str:
    """Return the link resolved against the base; as it is if that cannot be done."""
    if len(base) + len(link) > 2 * urls.MAX_URL_CHARS:
        return link
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
        stated = [*texts(article.get("url"), "@id"), *texts(article.get("mainEntityOfPage"), "@id"),
                  *texts(article.get("@id"), "@id")]  # fmt: skip
        stated_paths = {path for url in stated if (path := _path(url))}
        headline = next(texts(article.get("headline") or article.get("name"), "name"), "")[:MAX_FIELD_CHARS]
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


def _headline(places: Places, sites: Sequence[str | None]) -> str | None:
    """Return the headline that most places agree on once the site's name is off; of equals the most reliable."""
    repeated = _keys((*places.get("ld:headline"), *places.get("meta:og:title")))
    headings = [heading for heading in places.get("h1") if _keys([heading]).isdisjoint(repeated)]
    declared, sites = sites, [*sites, *headlines.site_names(headings, places.get("title")[:1])]
    known = _keys(sites)

    def titles(place: str) -> list[str]:
        cleaned = (headlines.without_site(value, sites) for value in places.get(place))
        return [value for value in cleaned if value and "".join(headlines.words(value)) not in known]

    heading = headlines.heading(
        titles("h1"), [*titles("ld:headline"), *titles("meta:og:title"), *places.get("title")[:1]]
    )
    votes: list[str] = [heading] if heading else []
    for place in PRECEDENCE["headline"][1:]:
        if place in _VOTING_PLACES or not votes:
            votes += titles(place)[:1]
    return headlines.agreed(votes) or next(iter(titles("h1")), None) or _whole_title(places, declared)


def _whole_title(places: Places, sites: Sequence[str | None]) -> str | None:
    """Return the page's title without the names that it declares for its site; None if nothing else is in it.

    In ``Tides | The Courier | Boats | Islands``, a heading of the first words was taken for the site's name.
    """
    title = headlines.without_site(next(iter(places.get("title")), ""), sites)
    return title if title and "".join(headlines.words(title)) not in _keys(sites) else None


def _keys(sites: Iterable[str | None]) -> set[str]:
    """Return the words of each site's name, run together."""
    return {"".join(headlines.words(site)) for site in sites if site}


_DATE_SOURCES = {"ld": "json-ld", "meta": "meta", "itemprop": "meta", "time": "time"}


def _timed_first(dates: Sequence[Stated]) -> tuple[tuple[str, str], ...]:
    """Return the distinct dates with their sources, those with a time of day first."""
    distinct: dict[str, str] = {}
    for date in dates:
        distinct.setdefault(date.value, _DATE_SOURCES[date.place.partition(":")[0]])
    return tuple(sorted(distinct.items(), key=lambda date: ":" not in date[0]))
