"""Pages that crawlers get instead of an article: consent walls, bot checks, errors, logins, paywalls, index pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from workers.clean.input import no_article_text, no_article_words
from workers.clean.tables import read_table
from workers.errors import RejectedError
from workers.outcomes import Reason

_MAX_TITLED_CHARS = 400
"""The text of a page that is refused for its title, if it does not say who said something."""
_MAX_CHARS = 3_000
_MAX_LIST_CHARS = 20_000
_MAX_ENTRY_CHARS = 80
_MIN_ENTRIES = 3
_MAX_SHARE_BETWEEN_ENTRIES = 0.2
_MIN_SHARE = 0.6
_MAX_STUB_CHARS = 1_500
_MIN_PROSE_CHARS = 80
_MIN_TEASERS = 5
_MAX_TEASER_CHARS = 400
_MAX_PROSE_OF_INDEX = 300
_MAX_HEADINGS = 500
_ENDS = " \t.!?…:·•*»›→。！？"
_ENDS_OF_ENTRIES = _ENDS + "¿¡+–—>|_"
_SENTENCE_BREAK = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])\s*|\n")
_ENTRY_BREAK = re.compile(r"\s+[|｜·•›»>/]\s+|[ ]{3,}|\t")
_COUNTER = re.compile(r"\s*[(\[]?\d{1,6}[)\]]?$")
_NO_BLANKS = re.compile(r"[\u2e80-\u9fff\u0e00-\u0e7f]")
_ATTRIBUTED = re.compile(
    r"\b(?:said|says|told|sagten?|erklärten?|dijo|dijeron|disse|disseram|ha detto|a déclaré|a dit|zei|сказал[аи]?)\b"
)
"""What sentences of news have and those of error pages and walls do not."""
_IDIOMS = re.compile(
    r"\b(?:(?:that|as|having|being) said|said:|(?:are|were|been|is|was) (?:said|told)|told (?:to|you|us))",
    re.IGNORECASE,
)
"""Where they have them, too: ``That said, you may try later``."""
_REPORTED = re.compile(
    r"""
      \b (?: he | she | they | [A-Z][\w’'-]+ ) [ ] said \b | [,”"] [ ] said \b
    | \b said [ ] (?: on | that | it | he | she ) \b
    | \b (?: sagten? | erklärten? | dijo | dijeron | disse | disseram | ha[ ]detto | a[ ]déclaré | zei
          | сказал[аи]? ) \b
    """,
    re.VERBOSE,
)
"""The same, without what legal texts have, too: the said content, what you told us."""
_PAYWALL = "paywall"
_LEGAL = "a legal page"
"""Whose title tells however long its text is."""
_FREE_SIGN_UP = re.compile(
    r"newsletter|infolettre|lettre d[’']info|bolet[ií]n|bolettino|bulletin|nieuwsbrief|rundbrief|podcast|whatsapp"
    r"|telegram|youtube|cha[iî]ne|kanal|canal|alert",
    re.IGNORECASE,
)
"""What costs nothing to subscribe to."""
_PAGES_BEHIND = "fetch the pages that it links to, and send each"
_REMEDIES = {
    **dict.fromkeys(
        ("a sitemap", "a list of sitemaps", "an index page", "a list of links", "a list of headlines", "a menu",
         "directory listing"),
        _PAGES_BEHIND,
    ),
    "a list of feeds": "fetch the feeds that it names, and send those",
    "CSV": "send each row as a JSON object, with its text as `body`",
    "XML of data": "send XML in one of the formats, or a JSON object with the text as `body`",
    "JSON": "send a JSON object with the text as `body`",
    "a log file": "send the text of one article",
    "an error": "send the article once the server has it",
    "the error of an API": "send the articles of its next answer that has some",
    "error page": "send responses with the status 200 only",
    **dict.fromkeys(("bot check", "consent wall", "login page", "paywall", "a wall against ad blockers"),
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
    entry: tuple[str, ...] = ()
    is_list: bool = False


def _read() -> tuple[Rule, ...]:
    rows = read_table(__package__, "no_article.toml")["rule"]
    fields = ("title", "line", "entry")
    return tuple(Rule(**row | {field: tuple(row[field]) for field in fields if field in row}) for row in rows)


def _by_kind(rules: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, re.Pattern[str]]:
    patterns: dict[str, list[str]] = {}
    for kind, more in rules:
        patterns.setdefault(kind, []).extend(more)
    return {kind: re.compile("|".join(each), re.IGNORECASE) for kind, each in patterns.items() if each}


def _folded(entry: str) -> str:
    return _COUNTER.sub("", entry.strip(_ENDS_OF_ENTRIES).casefold().replace("’", "'")).strip(_ENDS_OF_ENTRIES)


RULES = _read()
_TITLES = _by_kind((rule.kind, rule.title) for rule in RULES)
_LINES = _by_kind((rule.kind, rule.line) for rule in RULES)
_ENTRIES = {_folded(entry): rule.kind for rule in RULES for entry in rule.entry}
_GLUED_ENTRIES = re.compile(
    "|".join(sorted((entry for entry in _ENTRIES if len(entry) > 1 and _NO_BLANKS.match(entry)), key=len, reverse=True))
)
"""Entries of scripts without blanks, which stand side by side on one line."""
_LISTS = frozenset(rule.kind for rule in RULES if rule.is_list)


def title_kind(title: str) -> str | None:
    """Return what a page is by its title, or None: ``bot check``, ``consent wall`` …"""
    core = title.strip(_ENDS)
    return next((kind for kind, pattern in _TITLES.items() if pattern.fullmatch(core)), None)


def line_kind(line: str) -> str | None:
    """Return what a page with this line is, if most of its lines are like it, or None."""
    core = line.strip(_ENDS)
    if len(core) <= _MAX_ENTRY_CHARS and (found := _ENTRIES.get(_folded(core))):
        return found
    return _sentence_kind(core)


def _sentence_kind(core: str) -> str | None:
    if _ATTRIBUTED.search(core):
        return None
    return next((kind for kind, pattern in _LINES.items() if pattern.fullmatch(core)), None)


def kind(titles: Sequence[str | None], text: str, *, has_article_data: bool = False) -> str | None:
    """Return what a text is instead of an article, or None if it may be one.

    Args:
        titles: the titles of the page.
        text: its text, in lines.
        has_article_data: whether the page's data describes it as an article: then no legal title tells, nor does one
            above a text that reports what somebody said.
    """
    titled = next(filter(None, (title_kind(one) for one in titles if one)), None)
    if titled not in (None, _LEGAL) and len(text) <= _MAX_TITLED_CHARS:
        sentences = _SENTENCE_BREAK.split(text)
        if not _ATTRIBUTED.search(_IDIOMS.sub("", text)) or any(map(line_kind, sentences)):
            return titled
    if len(text) <= _MAX_CHARS:
        title = next(filter(None, titles), None)
        if found := no_article_words.count_kind(text) or no_article_words.row_kind(title, text):
            return found
    is_legal = titled == _LEGAL and not has_article_data and not _REPORTED.search(text)
    return _kind_of_lines(text) or (_LEGAL if is_legal else None)


def _kind_of_lines(text: str) -> str | None:
    """Return what most lines of a text are, if no article has them, or None."""
    if len(text) > _MAX_LIST_CHARS or (len(text) > _MAX_CHARS and _has_long_line(text)):
        return None
    lines = [
        entry for line in _SENTENCE_BREAK.split(text) for part in _ENTRY_BREAK.split(line) for entry in _entries(part)
    ]
    total = sum(map(len, lines))
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    others = 0
    has_sentence = False
    for line in sorted(lines, key=len, reverse=True):  # in an article, the first few already decide
        if found := line_kind(line):
            counts[found] += 1
            sizes[found] += len(line)
        else:
            others += len(line)
            has_sentence = has_sentence or no_article_words.is_sentence(line)
        if others > (1 - _MIN_SHARE) * total:
            return None
    listed = sum(sizes[name] for name in _LISTS)
    if has_sentence and others + listed > (1 - _MIN_SHARE) * total:
        return None
    found = max(sizes, key=lambda name: sizes[name], default=None)
    return None if found in _LISTS and sum(counts.values()) < _MIN_ENTRIES else found


def _entries(part: str) -> list[str]:
    """Return a part of a line, or the entries that stand side by side in it."""
    if not part:
        return []
    if _NO_BLANKS.match(part) and len(_GLUED_ENTRIES.sub("", part)) <= _MAX_SHARE_BETWEEN_ENTRIES * len(part):
        return _GLUED_ENTRIES.findall(part)
    tokens = part.split()
    return tokens if len(tokens) >= _MIN_ENTRIES and all(_folded(token) in _ENTRIES for token in tokens) else [part]


def _has_long_line(text: str) -> bool:
    return any(len(line) > _MAX_ENTRY_CHARS for line in text.split("\n"))


def text_kind(headline: str | None, text: str) -> str | None:
    """Return what a plain text is instead of an article, or None if it may be one.

    A headline alone does not tell: ``Oops! Mayor opens the wrong bridge``.
    """
    if len(text) > _MAX_CHARS:
        return no_article_text.kind(text)
    if found := (
        no_article_words.count_kind(text) or no_article_text.kind(text) or no_article_words.row_kind(headline, text)
    ):
        return found
    if found := _kind_of_lines(text):
        return found
    first, _, rest = text.strip().partition("\n")
    title = headline or first
    if (
        len(text) <= _MAX_TITLED_CHARS
        and (found := title_kind(title))
        and any(map(line_kind, _SENTENCE_BREAK.split(text if headline else rest)))
    ):
        return found
    return "a list of words" if no_article_words.is_words(headline, text) else None


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
        _sentence_kind(line.strip(_ENDS)) == _PAYWALL and not _FREE_SIGN_UP.search(line)
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
