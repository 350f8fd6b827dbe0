"""Headlines: what one looks like, and how much of a line's wording a text repeats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

_WORD = re.compile(r"\w+")
_MAX_HEADLINE_CHARS = 200
_MAX_HEADLINE_WORDS = 30
_STEM_CHARS = 5
_SENTENCE_END = re.compile(r"[.;,:]$|[^.]\.[\"”’']$")
_STOP_WORDS = frozenset({
    "the", "a", "an", "of", "in", "on", "to", "for", "and", "or", "as", "at", "by", "with", "from", "is", "are", "was",
    "were", "be", "it", "its", "his", "her", "their", "that", "this", "has", "have", "had", "after",
})  # fmt: skip
_SITE_BREAK = re.compile(
    r"""
      [ ]* [|｜] [ ]*
    | [ ]+ [»«›‹►▷▸◆■●★⋆] [ ]+
    | [ ]+ (?: [-–—―·•∙⋅:/~<>\\‖¦] | :: | // | --+ ) [ ]+
    | ： | 丨
    | [ ]+ [@] [ ]+
    | _(?=[^\W\d_a-z])
    """,
    re.VERBOSE,
)
_KICKER_BREAK = re.compile(rf"{_SITE_BREAK.pattern} | (?<=:)[ ]+", re.VERBOSE)
_HOST = re.compile(
    r"(?:www\.)?[a-z\d-]{2,40}(?:\.[a-z\d-]{2,30})*\.(?:com?|org|net|info|news|example|[a-z]{2})", re.IGNORECASE
)
_GLUED_DASH = re.compile(r"(?<=\S)[—–](?=\S)")
_IN_BRACKETS = re.compile(r"[ ]*[(\[【（]([^()\[\]【】（）]{2,60})[)\]】）]$")
_BAR = re.compile(r"[|｜»«›‹丨~]|::")
_OUTLET = re.compile(
    r"(?:The|(?:[A-Z\d][\w.&'’-]* ){0,2}[A-Z\d][\w.&'’-]*) (?:News|Times|Post|Tribune|Herald|Gazette|Chronicle|Guardian"
    r"|Telegraph|Mail|Journal|Courier|Observer|Independent|Express|Mirror|Inquirer|Examiner|Advertiser|TV|Zeitung)"
)
"""What reads like the name of a newspaper or broadcaster: ``Valley Post``."""
_SITE_SUFFIX = re.compile(r"(?:\.[a-z]{2,4}){1,2}$|\b(?:the|www)\b|[\W_]+")
_MAX_SITE_WORDS = 5
_MAX_SITE_CHARS = 40
_MIN_TITLE_WIDTH = 8
_MAX_PLACE_CHARS = 2  # of the US, the UK, the EU
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7a3]")
_MAX_STRIPPED = 4
_MIN_FORM_WORDS = 3
_MAX_BREAKS = 8
_MAX_SECTION_WORDS = 3
_MIN_HEADLINE_WORDS = 4
_SECTIONS = frozenset({
    "actualité", "actualités", "and", "arts", "ausland", "binnenland", "books", "breaking", "buitenland", "business",
    "climate", "comment", "companies", "cronaca", "cultura", "culture", "deportes", "economia", "economie", "economy",
    "economía", "education", "entertainment", "environment", "esportes", "esteri", "europe", "fashion", "film",
    "finance", "football", "gesellschaft", "health", "home", "industry", "inland", "internacional", "international",
    "kultur", "latest", "lifestyle", "live", "local", "lokales", "magazine", "markets", "media", "monde", "mondo",
    "money", "mundo", "music", "nachrichten", "national", "news", "nieuws", "noticias", "notizie", "opinion",
    "panorama", "politica", "politics", "politiek", "politik", "politique", "política", "property", "region",
    "regional", "science", "sociedad", "society", "société", "sport", "sports", "sucesos", "tech", "technology",
    "the", "top", "travel", "uk", "us", "video", "weather", "wirtschaft", "wissen", "world", "économie", "наука",
    "новости", "общество", "политика", "экономика",
})  # fmt: skip
"""The words of which the names of sections consist."""
_MIN_HEADING_OVERLAP = 0.3  # of a heading's words with the titles, below which it is of something else


def words(text: str) -> list[str]:
    """Return the words of the text in lower case."""
    return _WORD.findall(text.lower())


def has_same_words(line: str, other: str) -> bool:
    """Whether two lines have the same words; lines without any word must be equal."""
    line_words = words(line)
    return line_words == words(other) and (bool(line_words) or line == other)


def is_headline(line: str) -> bool:
    """Whether the line looks like a headline: short, without a full stop at its end."""
    return (
        0 < len(line) <= _MAX_HEADLINE_CHARS
        and len(line.split()) <= _MAX_HEADLINE_WORDS
        and not _SENTENCE_END.search(line)
    )


def overlap(line: str, text: str) -> float:
    """Return the share of the line's content words, compared by their first letters, that the text has; 0..1."""
    stems = {word[:_STEM_CHARS] for word in words(line) if word not in _STOP_WORDS}
    if not stems:
        return 0.0
    return len(stems & {word[:_STEM_CHARS] for word in words(text)}) / len(stems)


def without_site(title: str, sites: Iterable[str | None]) -> str:
    """Return the title without the name of the site before or after it: ``Bridge closes | Valley Post``.

    Args:
        title: the title of a page.
        sites: the site's name, its publisher and its host. A short part after a bar is taken for a site whatever its
            name; after a dash or colon, which headlines have too, only a known one.
    """
    known = {key for site in sites if site and (key := _site_key(site))}
    for _ in range(_MAX_STRIPPED):
        breaks = list(_SITE_BREAK.finditer(title))
        if not breaks:
            break
        if (without := _without_section(title, breaks)) is not None:
            title = without
            continue
        # The name of a site may have a break itself: ``Bridge closes - Valley Post - Boats``.
        starts, ends = breaks[:_MAX_BREAKS], breaks[-_MAX_BREAKS:]
        first = next((each for each in reversed(starts) if _site_key(title[: each.start()]) in known), breaks[0])
        last = next((each for each in ends if _site_key(title[each.end() :]) in known), breaks[-1])
        for before, after in pairwise(breaks):  # ``Bridge closes :: Valley Post — News from the valley``
            is_known = _site_key(title[before.end() : after.start()]) in known
            if is_known and before.start() > len(title) - after.end():
                title, last = title[: after.start()], before
                break
        head, tail = title[: last.start()], title[last.end() :]
        if _width(head) >= _MIN_TITLE_WIDTH and (
            _site_key(tail) in known
            or _HOST.fullmatch(tail)
            or (_is_bar(last[0], tail) and _is_short(tail, head))
            or (_OUTLET.fullmatch(tail) and _is_short(tail, head) and _is_long(head))
        ):
            title = head.strip()
        elif _site_key(title[: first.start()]) in known and _width(title[first.end() :]) >= _MIN_TITLE_WIDTH:
            title = title[first.end() :].strip()
        else:
            break
    if (bracket := _IN_BRACKETS.search(title)) and _site_key(bracket[1]) in known:
        title = title[: bracket.start()]
    for dash in _GLUED_DASH.finditer(title):  # sentences have such dashes, too
        if _site_key(title[dash.end() :]) in known and _width(title[: dash.start()]) >= _MIN_TITLE_WIDTH:
            title = title[: dash.start()]
            break
    rest, comma, site = title.rpartition(", ")
    if comma and _site_key(site) in known and _width(rest) >= _MIN_TITLE_WIDTH:
        title = rest
    site, colon, rest = title.partition(": ")
    return rest.strip() if colon and _site_key(site) in known and _width(rest) >= _MIN_TITLE_WIDTH else title


def without_source(title: str, sources: Iterable[str | None]) -> str:
    """Return the title without its source before or after it, as Google News has it: ``… - Valley Post``."""
    known = {key for source in sources if source and (key := _site_key(source))}
    breaks = list(_SITE_BREAK.finditer(title)) if known else []
    if not breaks:
        return title
    first, last = breaks[0], breaks[-1]
    around = [(title[last.end() :], title[: last.start()])]
    # The name may begin a sentence: ``The Courier - a paper that outlived its owners``, ``US – China talks stall``.
    if first.start() > _MAX_PLACE_CHARS and not title[first.end() : first.end() + 1].islower():
        around.append((title[: first.start()], title[first.end() :]))
    for name, rest in around:
        if _site_key(name) in known and _width(rest.strip()) >= _MIN_TITLE_WIDTH:
            return rest.strip()
    return title


def _is_bar(mark: str, after: str) -> bool:
    """Whether a mark parts the name of a site from a title whatever the name: a bar, in Chinese also ``_``."""
    return _BAR.search(mark) is not None or (mark == "_" and _WIDE.match(after) is not None)


def _width(title: str) -> int:
    """Return the number of characters, of which those of Chinese, Japanese and Korean count twice."""
    return len(title) + len(_WIDE.findall(title))


def _without_section(title: str, breaks: Sequence[re.Match[str]]) -> str | None:
    """Return the title without a section that stands beside the name of a site: ``… - Politics - Valley Post``."""
    before, beyond = title[: breaks[-2].start()] if len(breaks) > 1 else "", title[breaks[-1].end() :]
    if (
        is_section(title[len(before) : breaks[-1].start()])
        and _is_short(beyond, before)
        and _is_long(before)
        and not (beyond[:1].islower() and "." not in beyond)
    ):
        return before.strip()
    kicker, rest = title[: breaks[0].start()], title[breaks[0].end() :]
    if len(breaks) == 1 and _BAR.search(breaks[0][0]) and is_section(kicker) and _is_long(rest):  # Opinion | …
        return rest.strip()
    site, after = title[: breaks[0].start()], title[breaks[1].end() :] if len(breaks) > 1 else ""
    if after and is_section(title[breaks[0].end() : breaks[1].start()]) and _is_short(site, after) and _is_long(after):
        return after.strip()
    return None


def is_section(part: str) -> bool:
    """Return whether a text is the name of a section: ``World news``."""
    found = words(part)
    return 0 < len(found) <= _MAX_SECTION_WORDS and _SECTIONS.issuperset(found)


def _is_long(title: str) -> bool:
    return len(title.split()) >= _MIN_HEADLINE_WORDS and _width(title) >= _MIN_TITLE_WIDTH


def _site_key(name: str) -> str:
    return _SITE_SUFFIX.sub("", name.lower())


def _is_short(site: str, headline: str) -> bool:
    is_name = len(site) <= _MAX_SITE_CHARS and len(site.split()) <= _MAX_SITE_WORDS
    return is_name and _width(site) < _width(headline)


def heading(candidates: Sequence[str], titles: Sequence[str]) -> str | None:
    """Return the heading that the titles of its page share most words with; None if all are of something else.

    Sections, sites and other articles have headings, too. A heading that is the shorter half of a title, before or
    after a bar or dash, is the site's or the section's name: ``Valley Post`` of ``Bridge closes - Valley Post``.
    """
    keys = {_key(title) for title in titles}
    names = {_key(name) for title in titles for name in _names_in(title)} - keys
    headings = [heading for heading in candidates if _key(heading) not in names]
    if not titles:
        return next(iter(headings), None)
    joined = " ".join(titles)
    best = max(headings, key=lambda heading: (_key(heading) in keys, overlap(heading, joined)), default=None)
    return best if best is not None and overlap(best, joined) >= _MIN_HEADING_OVERLAP else None


def _names_in(title: str) -> Iterator[str]:
    """Yield the parts of a title, before its first and after its last break, that are short enough for a name."""
    breaks = list(_SITE_BREAK.finditer(title))
    if breaks:
        first, last = title[: breaks[0].start()], title[breaks[-1].end() :]
        yield from (
            name
            for name, rest in ((first, title[breaks[0].end() :]), (last, title[: breaks[-1].start()]))
            if _is_short(name, rest)
        )


def site_names(headings: Iterable[str], titles: Iterable[str]) -> list[str]:
    """Return the headings that are the shorter half of a title: ``Valley Post`` of ``Bridge closes - Valley Post``."""
    names = {_key(name) for title in titles for name in _names_in(title)}
    return [heading for heading in headings if _key(heading) in names]


def agreed(titles: Sequence[str]) -> str | None:
    """Return the title that most of the others repeat word by word; of equals the first.

    Where no two are the same, it is what two of them share before or after a dash or colon: one has a kicker or the
    name of its section there (``Islands - Ferries stop``), or each has its own.
    """
    for forms in (([title] for title in titles), map(_forms, titles)):
        keyed = [(key, form) for each in forms for key, form in {_key(form): form for form in each}.items()]
        counts = Counter(key for key, _ in keyed)
        if counts and (most := max(counts.values())) > 1:
            return next(form for key, form in keyed if counts[key] == most)
    return next(iter(titles), None)


def _forms(title: str) -> list[str]:
    """Return the title and what stands before and after its breaks, if that is long enough for a headline."""
    forms = [title]
    for found in islice(_KICKER_BREAK.finditer(title), _MAX_BREAKS):
        parts = (title[: found.start()], title[found.end() :]) if found[0].strip() else (title[found.end() :],)
        forms += [part for part in parts if len(words(part)) >= _MIN_FORM_WORDS]
    return forms


def _key(title: str) -> str:
    return "".join(words(title))
