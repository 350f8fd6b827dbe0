"""Web pages: the article that a page holds, found by trafilatura."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import trafilatura
from lxml import etree

from workers.clean.input.html_limits import MANY_ELEMENTS, parse
from workers.clean.input.html_metadata import metadata
from workers.clean.text import MAX_FIELD
from workers.errors import RejectedError
from workers.outcomes import Reason

_PAGE = re.compile(r"\s*<(?:!doctype\b|!--|\?xml\b|[a-z][a-z0-9]{0,15}(?:\s[^<>]{0,2000})?/?>)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says of its article; ``body`` has one paragraph a line.

    Dates and URLs are as the page writes them, in the order in which they are to be believed.
    """

    body: str
    headline: str | None
    authors: tuple[str, ...]
    published: tuple[str, ...]
    modified: tuple[str, ...]
    urls: tuple[str, ...]
    language: str | None
    site: str | None
    section: str | None
    tags: tuple[str, ...]
    description: str | None


def is_page(text: str) -> bool:
    """Whether the text begins as HTML does."""
    return _PAGE.match(text) is not None


def extract(page: str, url: str | None = None) -> Page:
    """The article of an HTML page.

    Raises:
        RejectedError: NO_BODY where no article is found; TOO_LARGE for a page of more tags, text or attributes than any
            article needs; UNREADABLE where the page cannot be parsed.
    """
    try:
        tree = parse(page)
        declared = None if tree is None else metadata(tree)
        found = trafilatura.bare_extraction(
            tree,
            url=url,
            fast=tree is not None and sum(1 for _ in tree.iter()) > MANY_ELEMENTS,
            include_comments=False,
            with_metadata=True,
            date_extraction_params=_DATES,
        )
    except (RecursionError, etree.LxmlError, ValueError, AssertionError) as error:
        raise RejectedError(Reason.UNREADABLE, f"the page cannot be parsed as HTML: {type(error).__name__}") from error
    if found is None or declared is None or not found.text:
        raise RejectedError(Reason.NO_BODY, "no article was found in the page")
    return Page(
        body=found.text,
        headline=_headline(found.title, found.sitename, declared.headlines),
        authors=declared.authors or ((found.author,) if found.author and len(found.author) <= MAX_FIELD else ()),
        published=(*declared.published, *([found.date] if found.date else [])),
        modified=declared.modified,
        urls=(*declared.urls, *([found.url] if found.url else [])),
        language=found.language or _declared_language(page),
        site=found.sitename,
        section=declared.section,
        tags=tuple(found.tags or ()),
        description=found.description,
    )


def _headline(title: str | None, site: str | None, declared: Sequence[str]) -> str | None:
    """The title that the page shows, or the one that it declares where that is better: the same without the site."""
    for better in declared:
        if not title or title == site or (title != better and title.startswith(better)):
            return better
    return title


_DATES = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}
_LANGUAGE = re.compile(r"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?([A-Za-z-]{2,12})", re.IGNORECASE)


def _declared_language(page: str) -> str | None:
    match = _LANGUAGE.search(page[:5000])
    return match[1] if match else None
