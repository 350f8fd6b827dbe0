"""Pages that crawlers get instead of an article: consent walls, bot checks, errors, logins, paywalls, index pages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice

from lxml.html import HtmlElement

from workers.clean.input import no_article_text
from workers.errors import RejectedError
from workers.outcomes import Reason

_MAX_TITLED_CHARS = 400
"""The text of a page that is refused for its title."""
_MAX_CHARS = 3_000
_MIN_SHARE = 0.6
_MAX_STUB_CHARS = 1_500
_MIN_PROSE_CHARS = 80
_MIN_TEASERS = 5
_MAX_TEASER_CHARS = 400
_MAX_PROSE_OF_INDEX = 300
_MAX_HEADINGS = 500
_ENDS = " \t.!?…:·•*»›→。！？"
_SENTENCE_BREAK = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])\s*|\n")
_PAYWALL = "paywall"
_FREE_SIGN_UP = re.compile(
    r"newsletter|infolettre|lettre d[’']info|bolet[ií]n|bolettino|bulletin|nieuwsbrief|rundbrief|podcast|whatsapp"
    r"|telegram|youtube|cha[iî]ne|kanal|canal|alert",
    re.IGNORECASE,
)
"""What costs nothing to subscribe to."""
_PAGES_BEHIND = "fetch the pages that it links to, and send each"
_REMEDIES = {
    **dict.fromkeys(("a sitemap", "a list of sitemaps", "an index page", "a list of links", "directory listing"),
                    _PAGES_BEHIND),
    "a list of feeds": "fetch the feeds that it names, and send those",
    "CSV": "send each row as a JSON object, with its text as `body`",
    "JSON": "send a JSON object with the text as `body`",
    "an error": "send the article once the server has it",
    "the error of an API": "send the articles of its next answer that has some",
    "error page": "send responses with the status 200 only",
    **dict.fromkeys(("bot check", "consent wall", "login page", "paywall"),
                    "send the page that comes after it, or the text as `body`"),
}  # fmt: skip
"""What to send instead of what is no article; else it is the page or text of one."""
_HEADINGS = ("h2", "h3", "h4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of ``no_article.toml``, whose head explains the fields."""

    id: str
    kind: str
    example: str
    counter_example: str
    title: tuple[str, ...] = ()
    line: tuple[str, ...] = ()


def _read() -> tuple[Rule, ...]:
    table = tomllib.loads((files(__package__) / "no_article.toml").read_text(encoding="utf-8"))
    return tuple(
        Rule(**row | {field: tuple(row[field]) for field in ("title", "line") if field in row}) for row in table["rule"]
    )


def _by_kind(rules: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, re.Pattern[str]]:
    patterns: dict[str, list[str]] = {}
    for kind, more in rules:
        patterns.setdefault(kind, []).extend(more)
    return {kind: re.compile("|".join(each), re.IGNORECASE) for kind, each in patterns.items() if each}


RULES = _read()
_TITLES = _by_kind((rule.kind, rule.title) for rule in RULES)
_LINES = _by_kind((rule.kind, rule.line) for rule in RULES)


def title_kind(title: str) -> str | None:
    """Return what a page is by its title, or None: ``bot check``, ``consent wall`` …"""
    core = title.strip(_ENDS)
    return next((kind for kind, pattern in _TITLES.items() if pattern.fullmatch(core)), None)


def line_kind(line: str) -> str | None:
    """Return what a page with this line is, if most of its lines are like it, or None."""
    core = line.strip(_ENDS)
    return next((kind for kind, pattern in _LINES.items() if pattern.fullmatch(core)), None)


def kind(titles: Sequence[str | None], text: str) -> str | None:
    """Return what a text is instead of an article, or None if it may be one.

    Args:
        titles: the titles of the page.
        text: its text, in lines.
    """
    if len(text) <= _MAX_TITLED_CHARS and (
        found := next(filter(None, (title_kind(one) for one in titles if one)), None)
    ):
        return found
    if len(text) > _MAX_CHARS:
        return None
    lines = _SENTENCE_BREAK.split(text)
    total = sum(map(len, lines))
    sizes: dict[str, int] = {}
    others = 0
    for line in sorted(lines, key=len, reverse=True):  # in an article, the first few already decide
        if found := line_kind(line):
            sizes[found] = sizes.get(found, 0) + len(line)
        else:
            others += len(line)
        if others > (1 - _MIN_SHARE) * total:
            return None
    if not sizes:
        return None
    return max(sizes, key=lambda name: sizes[name])


def text_kind(headline: str | None, text: str) -> str | None:
    """Return what a plain text is instead of an article, or None if it may be one.

    A headline alone does not tell: ``Oops! Mayor opens the wrong bridge``.
    """
    if found := no_article_text.kind(text):
        return found
    if len(text) > _MAX_CHARS:
        return None
    first, _, rest = text.strip().partition("\n")
    title = headline or first
    if (
        len(text) <= _MAX_TITLED_CHARS
        and (found := title_kind(title))
        and any(map(line_kind, _SENTENCE_BREAK.split(text if headline else rest)))
    ):
        return found
    return kind((), text)


def is_stub(text: str, around: str, *, is_free: bool) -> bool:
    """Return whether a text is only the start of an article behind a paywall.

    Args:
        text: the text of the article.
        around: all text of the page's main part.
        is_free: whether the page declares its article to be free.
    """
    if len(text) > _MAX_STUB_CHARS:
        return False
    return not is_free or any(
        line_kind(line) == _PAYWALL and not _FREE_SIGN_UP.search(line)
        for line in islice(_SENTENCE_BREAK.split(around), 300)
    )


def is_index(page: HtmlElement) -> bool:
    """Return whether a page lists articles and has none of its own: teasers, and no prose beside them."""
    headings = [
        heading
        for heading in islice(page.iter(*_HEADINGS), _MAX_HEADINGS)
        if _is_linked(heading) and not any(above.tag in ("nav", "aside", "footer") for above in heading.iterancestors())
    ]
    if len(headings) < _MIN_TEASERS:
        return False
    teasers = {around for heading in headings if (around := _teaser(heading)) is not None}
    prose = 0
    for paragraph in page.iter("p"):
        length = sum(map(len, paragraph.itertext()))
        if length >= _MIN_PROSE_CHARS and not any(above in teasers for above in islice(paragraph.iterancestors(), 8)):
            prose += length
    return prose <= _MAX_PROSE_OF_INDEX


def refuse(found: str, what: str = "page") -> RejectedError:
    """Return the refusal of a page or text that is no article."""
    remedy = _REMEDIES.get(found, f"send the {what} of one article")
    return RejectedError(Reason.NO_ARTICLE, f"the {what} is no article but looks like this: {found}; {remedy}")


def _is_linked(heading: HtmlElement) -> bool:
    around = heading.getparent()
    return heading.find(".//a[@href]") is not None or (around is not None and around.tag == "a")


def _teaser(heading: HtmlElement) -> HtmlElement | None:
    """Return the largest element around a heading that has no other heading and little text."""
    found = None
    for above in islice(heading.iterancestors(), 5):
        headings = list(islice(above.iter(*_HEADINGS), 2))
        if len(headings) > 1 or sum(map(len, above.itertext())) > _MAX_TEASER_CHARS + _MIN_PROSE_CHARS:
            break
        found = above
    return found
