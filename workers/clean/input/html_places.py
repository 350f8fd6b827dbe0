"""The places of a page that say something about its article, by name: ``meta:og:title``, ``h1``, ``rel:author`` …"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from html import unescape
from itertools import islice

import orjson
from lxml.html import HtmlElement

from workers.clean.input import html_bylines, json_ld
from workers.clean.input.html_elements import is_in_article, is_related, short_text
from workers.clean.text import MAX_FIELD_CHARS

_MAX_VALUES = 200
_MAX_HEADINGS = 20
_MAX_SEARCHED_HEADINGS = 60  # headings may be in headings, and each text be as long as the page
_MAX_TAG_CHARS = 50
_NOT_OF_HEADING = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader-text|a11y-hidden)(?:\s|$)"
    r"|(?:^|[\s_-])(?:kicker|eyebrow|overline|dachzeile)(?:\s|$)"
)
"""The classes of what only screen readers say, and of what stands above a headline."""
_ICONS = frozenset({"svg", "script", "style"})
_MARKS = re.compile(r"[\W_]+")
_SPACE = re.compile(r"\s+")
_TAGS_NAME = re.compile(r"(?:^|[:._-])(?:tags?|keywords?|topics?)$")
_TOPIC_LINK = re.compile(
    r"/(?:tags?|topics?|thema|themen|schlagwort|schlagworte|stichwort|temas?|etiquetas?|sujets?|mots-cles|argomenti|emne)/",
    re.IGNORECASE,
)
_AUTHOR_LINK = re.compile(
    r"/(?:(?:\w+-)?authors?|autor(?:en|es|in)?|auteurs?|autore|journalists?|reporters?|columnists?|contributors?|byline)"
    r"/[^/]+",
    re.IGNORECASE,
)
_SLUG = re.compile(r"[^\W\d_]{2,20}(?:-[^\W\d_]{1,20}){1,3}")
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?")
_WRITTEN_BY = re.compile(
    r"written by|author|by|verfasst von|geschrieben von|écrit par|escrito por|scritto da", re.IGNORECASE
)
_OF_ARTICLES = (
    "headline", "name", "datePublished", "dateCreated", "dateModified", "description", "articleSection", "keywords",
    "about", "inLanguage", "url", "mainEntityOfPage", "author", "creator", "contributor", "publisher",
    "isPartOf",
)  # fmt: skip


_PARSELY = {"title": "title", "author": "author", "authors": "author", "pub_date": "pub-date", "section": "section",
            "tags": "tags", "link": "link"}  # fmt: skip
"""The keys of Parse.ly's JSON, and the names of its tags."""


@lru_cache(maxsize=4096)
def _folded(place: str) -> str:
    kind, _, name = place.partition(":")
    return f"{kind}:{_MARKS.sub('', name.lower())}" if kind == "meta" and not name.startswith("*") else place


class Places:
    """The values of a page by place: ``meta:og:title``, ``h1``, ``ld:author`` …"""

    def __init__(self, page: HtmlElement) -> None:
        self._values: dict[str, list[str]] = {}
        self._byline: HtmlElement | None = None
        self._headings_left = _MAX_SEARCHED_HEADINGS
        for element in page.iter(*_READERS):
            if len(self._values) < 10 * _MAX_VALUES:
                _READERS[element.tag](self, element)
        for number in range(1, 5):
            if any(map(_WRITTEN_BY.fullmatch, self.get(f"meta:twitter:label{number}"))):
                self._add(["twitter:written by"], next(iter(self.get(f"meta:twitter:data{number}")), None))
        for element in page.xpath(".//*[@itemprop][not(self::meta)]")[: 10 * _MAX_VALUES]:
            names = (element.get("itemprop") or "").lower().split()
            if not is_related(element):
                value = element.get("content") or element.get("datetime") or short_text(element)
                self._add([f"itemprop:{name}" for name in names], value)
        for element in page.xpath(".//*[@property][not(self::meta)]")[: 10 * _MAX_VALUES]:
            if not is_related(element):
                value = element.get("content") or element.get("datetime") or short_text(element)
                for name in (element.get("property") or "").lower().split():
                    self._add([f"meta:{name}", f"itemprop:{name.rpartition(':')[2]}"], value)
        for place, text in html_bylines.shown(page):
            self._add([place], text)
        if lang := page.get("lang"):
            self._add(["html:lang"], lang)

    def get(self, place: str) -> tuple[str, ...]:
        """Return the distinct values of a place. Between the words of a name any mark may stand: ``dc:creator``."""
        return tuple(dict.fromkeys(self._values.get(_folded(place), ())))

    def add_article(self, article: json_ld.Item) -> None:
        """Add what the page's article says in JSON-LD."""
        for name in _OF_ARTICLES:
            key = "@id" if name == "mainEntityOfPage" else "name"
            stated = article.get(name)
            if name.startswith("date") and type(stated) in (int, float):
                stated = str(stated)
            for value in islice(texts(stated, key), _MAX_VALUES):
                self._add([f"ld:{name}"], value)
        for value in islice(_addresses(article.get("author")), _MAX_VALUES):
            self._add(["address:author"], _name_in(value))

    def _meta(self, tag: HtmlElement) -> None:
        attributes = map(tag.get, ("property", "name", "itemprop", "http-equiv"))
        names = {name.lower().strip() for name in attributes if name}
        if "parsely-page" in names:
            self._parsely_page(tag.get("content") or "")
        self._add([f"meta:{name}" for name in names], tag.get("content"))
        if any(_TAGS_NAME.search(name) for name in names):
            self._add(["meta:*tags"], tag.get("content"))

    def _parsely_page(self, content: str) -> None:
        """Add what a tag of Parse.ly says in JSON."""
        try:
            page = orjson.loads(unescape(content))
        except orjson.JSONDecodeError:
            return
        for key, name in _PARSELY.items() if isinstance(page, dict) else ():
            for value in texts(page.get(key), "name"):
                self._add([f"meta:parsely-{name}"], value)

    def _link(self, tag: HtmlElement) -> None:
        self._add([f"link:{rel}" for rel in (tag.get("rel") or "").lower().split()], tag.get("href"))

    def _title(self, tag: HtmlElement) -> None:
        if not self.get("title") and not any(above.tag == "svg" for above in tag.iterancestors()):
            self._add(["title"], tag.text_content())

    def _heading(self, tag: HtmlElement) -> None:
        self._headings_left -= 1
        if self._headings_left >= 0 and len(self.get("h1")) < _MAX_HEADINGS and not is_related(tag):
            self._add(["h1"], _shown(tag) or short_text(tag, MAX_FIELD_CHARS))

    def _time(self, tag: HtmlElement) -> None:
        if tag.get("pubdate") is not None:
            self._add(["time:pubdate"], tag.get("datetime") or short_text(tag))

    def _anchor(self, tag: HtmlElement) -> None:
        rel = (tag.get("rel") or "").lower().split()
        places = [f"rel:{kind}" for kind in ("author", "tag") if kind in rel]
        if not places and _AUTHOR_LINK.search(tag.get("href") or "") and self._is_first_byline(tag):
            places = ["href:author"]
        if (
            not places
            and _TOPIC_LINK.search(tag.get("href") or "")
            and is_in_article(tag)
            and tag.getparent().tag != "p"
        ):
            places = ["href:tag"]
        if places and not is_related(tag):
            self._add(places, short_text(tag, _MAX_TAG_CHARS))

    def _is_first_byline(self, link: HtmlElement) -> bool:
        """Whether a link to an author stands in the first group of such links; later ones are of other articles."""
        around = link.getparent().getparent()
        if self._byline is None and not is_related(link) and (link.text_content() or "").strip():
            self._byline = around
        return self._byline is not None and around is self._byline

    def _add(self, places: Sequence[str], value: str | None) -> None:
        if value and len(value) <= MAX_FIELD_CHARS and (text := _plain(value)):
            for place in places:
                values = self._values.setdefault(_folded(place), [])
                if len(values) < _MAX_VALUES:
                    values.append(text)


_READERS: Mapping[str, Callable[[Places, HtmlElement], None]] = {
    "meta": Places._meta, "link": Places._link, "title": Places._title, "h1": Places._heading, "time": Places._time,
    "a": Places._anchor,
}  # fmt: skip


def texts(value: object, key: str) -> Iterator[str]:
    """Yield the texts of a value of JSON-LD: a string, an object with a name, or lists of them in lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value[:_MAX_VALUES]:
            yield from texts(one, key)
    elif isinstance(value, dict):
        # A list of JSON-LD, a text with its language or type, and the role that somebody has.
        for name in (key, "@value", "@list", "author"):
            if isinstance(inner := value.get(name), str | list) or (
                name in ("author", key) and isinstance(inner, dict)
            ):
                yield from texts(inner, key)
                return
        if isinstance(given := value.get("givenName"), str) and isinstance(family := value.get("familyName"), str):
            yield f"{given} {family}"
        elif isinstance(alias := value.get("alternateName"), str):
            yield alias
        elif len(value) == 1 and _LANGUAGE.fullmatch(next(iter(value))):
            yield from texts(next(iter(value.values())), key)


def _addresses(value: object) -> Iterator[str]:
    """Yield the addresses by which JSON-LD tells a person."""
    if isinstance(value, list):
        for one in value[:_MAX_VALUES]:
            yield from _addresses(one)
    elif isinstance(value, dict):
        yield from (one for key in ("url", "@id", "name") if isinstance(one := value.get(key), str))
    elif isinstance(value, str):
        yield value


def _name_in(address: str) -> str | None:
    """Return the name in the address of a person's page: Ada Birch for ``https://…/authors/ada-birch``."""
    link = _AUTHOR_LINK.search(address)
    found = _SLUG.fullmatch(link[0].rpartition("/")[2]) if link else None
    return None if found is None else found[0].replace("-", " ").title()


def _shown(heading: HtmlElement) -> str | None:
    """Return the text of a heading without kickers, icons and what only screen readers say; None if it has none."""
    unseen = [
        each
        for each in heading.iterdescendants("*")
        if (each.tag in _ICONS or _NOT_OF_HEADING.search(each.get("class") or ""))
        and any(map(str.isalpha, each.text_content()))
    ]
    if not unseen:
        return None
    left_out = {inner for each in unseen for inner in each.iter()}
    texts = [heading.text or ""]
    for element in heading.iterdescendants():
        texts += [element.text or ""] * (element not in left_out) + [element.tail or ""] * (
            element in unseen or element not in left_out
        )
    return _SPACE.sub(" ", " ".join(texts)).strip(" -–—:|·•")[:MAX_FIELD_CHARS] or None


def _plain(value: str) -> str:
    """Return the value without entities, which many publishers escape twice, and on one line."""
    return _SPACE.sub(" ", unescape(unescape(value))).strip()
