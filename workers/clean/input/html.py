"""Web pages: finds the article in a page, using trafilatura."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import trafilatura
from lxml import etree

from workers.clean.input.html_limits import MAX_ELEMENTS_FOR_THOROUGH_SEARCH, parse
from workers.clean.input.html_metadata import metadata
from workers.clean.text import MAX_FIELD_CHARS
from workers.errors import RejectedError
from workers.outcomes import Reason

_PAGE_START = re.compile(
    r"""
    \s* <
    (?: !doctype\b
      | !--
      | \?xml\b
      | [a-z][a-z0-9]{0,15} (?: \s [^<>]{0,2000} )? /?>
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DATE_OPTIONS = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}
_LANGUAGE = re.compile(r"""<html\b [^>]{0,500}? \blang \s*=\s* ["']? ([A-Za-z-]{2,12})""", re.IGNORECASE | re.VERBOSE)
_LANGUAGE_SEARCH_CHARS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The article of a page and its metadata; ``body`` has one paragraph per line.

    Dates and URLs are as the page writes them, the most trustworthy first; each date has its source.
    """

    body: str
    headline: str | None
    authors: tuple[str, ...]
    published: tuple[tuple[str, str], ...]
    modified: tuple[tuple[str, str], ...]
    urls: tuple[str, ...]
    language: str | None
    site: str | None
    section: str | None
    tags: tuple[str, ...]
    description: str | None


def is_page(text: str) -> bool:
    """Return whether the text starts like HTML."""
    return _PAGE_START.match(text) is not None


def extract(page: str, url: str | None = None) -> Page:
    """Return the article of an HTML page.

    Raises:
        RejectedError: NO_BODY if no article is found; TOO_LARGE for a page with more tags, text or attributes than any
            article needs; UNREADABLE if the page cannot be parsed.
    """
    try:
        tree = parse(page)
        declared = None if tree is None else metadata(tree)
        found = trafilatura.bare_extraction(
            tree,
            url=url,
            fast=tree is not None and sum(1 for _ in tree.iter()) > MAX_ELEMENTS_FOR_THOROUGH_SEARCH,
            include_comments=False,
            with_metadata=True,
            date_extraction_params=_DATE_OPTIONS,
        )
    except (RecursionError, etree.LxmlError, ValueError, AssertionError) as error:
        raise RejectedError(
            Reason.UNREADABLE, f"the page cannot be parsed as HTML ({type(error).__name__}); send valid HTML or text"
        ) from error
    if found is None or declared is None or not found.text:
        raise RejectedError(
            Reason.NO_BODY, "no article was found in the page; send a page with an article, or its text as the body"
        )
    return Page(
        body=found.text,
        headline=_headline(found.title, found.sitename, declared.headlines),
        authors=declared.authors or _short_author(found.author),
        published=declared.published,
        modified=declared.modified,
        urls=(*declared.urls, *([found.url] if found.url else [])),
        language=found.language or _declared_language(page),
        site=found.sitename,
        section=declared.section,
        tags=tuple(found.tags or ()),
        description=found.description,
    )


def _headline(title: str | None, site: str | None, declared: Sequence[str]) -> str | None:
    """Return the title that the page shows, or a declared one that is the same without the site's name."""
    for headline in declared:
        if not title or title == site or (title != headline and title.startswith(headline)):
            return headline
    return title


def _short_author(author: str | None) -> tuple[str, ...]:
    return (author,) if author and len(author) <= MAX_FIELD_CHARS else ()


def _declared_language(page: str) -> str | None:
    match = _LANGUAGE.search(page[:_LANGUAGE_SEARCH_CHARS])
    return match[1] if match else None
