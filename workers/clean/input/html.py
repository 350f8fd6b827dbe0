"""Web pages: finds the article in a page, using trafilatura."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, defs

from schemas.records import RawArticle
from workers.clean import plain
from workers.clean.input import html_dates, html_state, no_article, no_article_lists
from workers.clean.input.html_elements import text_length
from workers.clean.input.html_limits import (
    MAX_CHARS_FOR_THOROUGH_SEARCH,
    MAX_ELEMENTS_FOR_THOROUGH_SEARCH,
    drop_scripts,
    parse,
)
from workers.clean.input.html_metadata import Metadata, metadata
from workers.clean.input.html_tree import lines, prepare
from workers.clean.plain import markup
from workers.clean.text import MAX_TEXT_CHARS
from workers.errors import RejectedError
from workers.outcomes import Reason

_PAGE_START = re.compile(
    r"""
    \s* <
    (?: !doctype\b
      | !--
      | \?xml\b
      | (?P<name> [a-z][a-z0-9]{0,15} ) (?: \s [^<>]{0,2000} )? /?>
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WHOLE_PAGE = re.compile(r"<(?:!doctype|html|head|body|title)\b", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<(?:!doctype|html|head|body|p|br|pre|script|style)\b", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_TABLE_RULE = re.compile(r"^\|[-|: ]+\|[ ]*\n", re.MULTILINE)
_TABLE_ROW = re.compile(r"^\|[ ]?(.*)\|[ ]*$", re.MULTILINE)
_MAX_SHORT_PAGE_CHARS = 2_000
_MAX_PIECES = 40  # of a line
_MIN_SCRIPT_BODY_CHARS = 200
_MAX_SHARE_OF_SCRIPT_BODY = 0.25
_START_CHARS = 60
_ENDS_WITH_TAG = re.compile(r"</[a-z][a-z0-9]{0,15}>\s*\Z", re.IGNORECASE)
_MAX_TAG_CHARS = 100
_NO_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The article of a page and its metadata; ``body`` has one paragraph per line.

    ``is_from_script``: the page's own HTML has no article, so the body is that of its JSON-LD or of its script's data.
    Dates, names and URLs are as the page writes them, the most reliable first; each date has its source.
    """

    body: str
    url: str | None
    headline: str | None
    authors: tuple[tuple[str, ...], ...]
    published: tuple[tuple[str, str], ...]
    modified: tuple[tuple[str, str], ...]
    urls: tuple[str, ...]
    publishers: tuple[str, ...]
    language: str | None
    section: str | None
    tags: tuple[str, ...]
    description: str | None
    captions: tuple[str, ...] = ()
    truncated: bool = False
    is_from_script: bool = False
    left_out: dict[str, int] = field(default_factory=dict)


def is_page(text: str) -> bool:
    """Return whether the text starts like HTML: a text that starts with ``<applause>`` has blocks of HTML, too."""
    start = _PAGE_START.match(text)
    if start is None:
        return False
    is_known = start["name"].lower() in defs.tags if start["name"] else "?xml" not in start[0].lower()
    return is_known or markup.has_block(text)


def extract(page: str, url: str | None = None) -> Page:
    """Return the article of an HTML page or of a fragment of one.

    Args:
        page: the HTML.
        url: where it was fetched.

    Raises:
        RejectedError: NO_BODY if no article is found; TOO_LARGE for a page with more tags, text or attributes than any
            article needs; UNREADABLE if the page cannot be parsed.
    """
    try:
        return _extract(page, url)
    except (RecursionError, etree.LxmlError, ValueError, AssertionError) as error:
        raise RejectedError(
            Reason.UNREADABLE, f"the page cannot be parsed as HTML ({type(error).__name__}); send valid HTML or text"
        ) from error


def _extract(page: str, url: str | None) -> Page:
    tree = parse(_with_breaks(page))
    declared = metadata(tree, url)
    shown = [(date, "text") for date in (*html_dates.lines_below_headline(tree), *html_dates.in_title(declared.title))]
    published = (*declared.published, *((date, "time") for date in html_dates.published_times(tree)), *shown)
    modified = (*declared.modified, *((date, "time") for date in html_dates.modified_times(tree)), *shown)
    language = declared.language
    scripts = html_state.scripts(tree)
    preformatted = next((element.text_content() for element in tree.iter("pre")), "")
    prepared = prepare(tree, language)
    if not _WHOLE_PAGE.search(page):
        body = around = "\n".join(lines(tree))
    elif not declared.is_article and no_article.is_index(tree):
        raise no_article.refuse("an index page")
    else:
        around = "\n".join(lines(tree))
        body = _unescaped(_article(tree, url, around))
    script_body = _script_body(declared.article_body, body, around)
    in_state: RawArticle | None = None
    if not script_body and scripts and len(around) <= _MAX_SHORT_PAGE_CHARS:
        in_state = html_state.article(scripts, (declared.headline, declared.title))
        script_body = _script_body(html_state.text_of(in_state), body, around)
        in_state = in_state if script_body else None
    if script_body:
        body = script_body
    elif found := _kind(tree, declared, body, around, preformatted):
        raise no_article.refuse(found)
    if not body:
        raise RejectedError(
            Reason.NO_BODY,
            f"no article was found in the {len(around):,} characters of text that the page has; send a page with an "
            "article, or its text as the body",
        )
    return Page(
        body=body,
        url=url,
        headline=declared.headline,
        authors=(*declared.authors, *_authors(in_state)),
        published=(*published, *_date(in_state.published if in_state else None)),
        modified=(*modified, *_date(in_state.modified if in_state else None)),
        urls=declared.urls,
        publishers=declared.publishers,
        language=language,
        section=declared.section,
        tags=declared.tags,
        description=declared.description,
        captions=prepared.captions,
        is_from_script=bool(script_body),
        truncated=no_article.is_stub(body, around, is_free=declared.is_free),
        left_out=_left_out(prepared.left_out, around, body),
    )


def _with_breaks(page: str) -> str:
    """Return a fragment without elements for paragraphs with breaks for its blank lines, as WordPress shows it."""
    return page if _PARAGRAPH.search(page) else _BLANK_LINE.sub("<br>", page)


def _authors(article: RawArticle | None) -> tuple[tuple[str, ...], ...]:
    byline = article and article.byline
    return () if not byline else ((byline,) if isinstance(byline, str) else tuple(byline),)


def _date(written: str | None) -> tuple[tuple[str, str], ...]:
    """Return the date in a page's data with its source."""
    return ((written, "meta"),) if written else ()


def _kind(tree: HtmlElement, declared: Metadata, body: str, around: str, preformatted: str) -> str | None:
    """Return what a page is instead of an article, or None if it may be one.

    Browsers show a text that is no page as preformatted.
    """
    titles, text = (declared.headline, declared.title), body or around[:_MAX_SHORT_PAGE_CHARS]
    if found := no_article.kind(titles, text, has_article_data=declared.has_article_data):
        return found
    if no_article_lists.is_links(tree, body.split("\n")):
        return "a list of links"
    is_bare_text = bool(preformatted) and len(_letters(preformatted)) >= len(_letters(body))
    return no_article.text_kind(None, preformatted) if is_bare_text else None


def _article(tree: HtmlElement, url: str | None, around: str) -> str:
    """Return the text of the article in a whole page; all text (``around``) of a page that is too short to search."""
    drop_scripts(tree)
    is_short = text_length(tree) <= _MAX_SHORT_PAGE_CHARS
    is_large = len(around) > MAX_CHARS_FOR_THOROUGH_SEARCH or (
        tree.xpath("count(//*)") > MAX_ELEMENTS_FOR_THOROUGH_SEARCH
    )
    found = trafilatura.bare_extraction(tree, url=url, fast=is_large, include_comments=False)
    text = "" if found is None else found.text or ""
    if not text:
        return around if is_short else ""
    text = _TABLE_ROW.sub(lambda row: row[1].rstrip(" |"), _TABLE_RULE.sub("", text))
    return _whole_lines(text, around) if len(text) <= _MAX_SHORT_PAGE_CHARS else text


def _unescaped(text: str) -> str:
    """Return the text of HTML that a page shows as text, escaped or in a field of a form; other texts as they are."""
    return "\n".join(lines(parse(text))) if is_page(text) and _ENDS_WITH_TAG.search(text[-_MAX_TAG_CHARS:]) else text


def _whole_lines(text: str, around: str) -> str:
    """Return a short text with its lines as the page has them: the extractor breaks them at links and bold words."""
    shown = {letters: line for line in around.split("\n") if (letters := _letters(line))}
    pieces = [(line, _letters(line)) for line in text.split("\n")]
    found: list[str] = []
    start = 0
    while start < len(pieces):
        end, (line, joined) = start + 1, pieces[start]
        if joined not in shown:
            for last, (_, more) in enumerate(pieces[end : start + _MAX_PIECES], start=end):
                joined += more
                if joined in shown:
                    end, line = last + 1, shown[joined]
        found.append(line)
        start = end
    return "\n".join(found)


def _script_body(declared: str, body: str, around: str) -> str:
    """Return the text that a script of the page declares if its HTML has none, as where a script builds the page."""
    if not _MIN_SCRIPT_BODY_CHARS <= len(declared) <= MAX_TEXT_CHARS:
        return ""
    if html_page := (markup.escaped_page(declared) or (declared if is_page(declared) else None)):
        text = "\n".join(lines(parse(html_page)))
    else:
        text = plain.tidied(declared)
    shown, end = _letters(around), _letters(body)[-_START_CHARS:]
    if end and end in _letters(text) and end not in shown:  # the extractor took it, on one line
        return text
    is_shown = _letters(text)[:_START_CHARS] in shown and len(shown) >= _MAX_SHARE_OF_SCRIPT_BODY * len(text)
    return text if len(body) < _MAX_SHARE_OF_SCRIPT_BODY * len(text) and not is_shown else ""


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text)


def _left_out(by_kind: dict[str, int], around: str, body: str) -> dict[str, int]:
    """Return the characters of the page that are not in the body, by kind."""
    other = len(around) - len(body) - sum(size for kind, size in by_kind.items() if kind != "hidden")
    return by_kind | ({"other": other} if other > 0 else {})
