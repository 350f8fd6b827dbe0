"""Texts as press archives export them, with fields above and below: Nexis and Factiva.

Ferry crews vote for walkout        HD
The Courier                         Ferry crews vote for walkout
March 7, 2025 Friday                WC
Length: 171 words                   171 words
Byline: Ida Holm                    LP
Body                                Ferry crews …
Ferry crews …                       TD
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from workers.clean.input.formats.base import Fields, Format, Group

_MAX_HEAD_LINES = 60
_MAX_HEAD_CHARS = 6_000
_MAX_FIELD_CHARS = 60
_MAX_PROSE_IN_FIELD = 1  # lines, such as the caption of a graphic
_MIN_WORDS_OF_PROSE = 8
_COUNT = re.compile(r"(?:length: *)?\d[\d,]* words", re.IGNORECASE)
_NUMBERED = re.compile(r"\d+ of \d+ documents", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?P<name>byline|author|section|dateline|highlight|length|headline|source)\s?:\s*(?P<value>.*)", re.IGNORECASE
)
_NAMES = {"byline": "byline", "author": "byline", "section": "section", "dateline": "dateline",
          "highlight": "summary", "headline": "headline", "source": "source"}  # fmt: skip
_BODY = re.compile(r"body:?", re.IGNORECASE)
_RIGHTS = re.compile(r"(?:\(c\)|©|copyright\b).*", re.IGNORECASE)
_DATE = re.compile(r"(?=.{6,60}\Z)(?=.*\b(?:19|20)\d\d\b)(?=.*\b\d{1,2}\b)(?=.*[^\W\d_]{3}).*")
_BELOW = re.compile(
    r"""
      (?: load-date | publication-type | language | graphic | subject | journal[ ]code | document-type | classification
        | industry | geographic ) (?: \s? : .* )?
    | end[ ]of[ ]document | document[ ][A-Z]{2,10}0[\dA-Za-z]{15,30}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CODES = frozenset({
    "SE", "HD", "BY", "CR", "WC", "PD", "ET", "SN", "SC", "ED", "PG", "VOL", "LA", "CY", "LP", "TD", "ART", "CO", "IN",
    "NS", "RE", "IPC", "IPD", "PUB", "AN", "CLM", "RF", "CT",
})  # fmt: skip
_OF_CODES = {"HD": "headline", "BY": "byline", "PD": "published", "SN": "source", "SE": "section", "LA": "language"}


def _matches(text: str) -> bool:
    """Whether a text has the fields of an archive above it."""
    return _read_any(text) is not None


def _read(text: str) -> Fields:
    """The fields above the text, and the text without those below it."""
    fields = _read_any(text)
    assert fields is not None
    return fields


def _read_any(text: str) -> Fields | None:
    start = text[:_MAX_HEAD_CHARS]
    if not _COUNT.search(start):
        return None
    lines = [line.strip() for line in text.split("\n")]
    return _coded(lines) or _of_nexis(lines) or _of_factiva(lines)


def _coded(lines: Sequence[str]) -> Fields | None:
    """Factiva's export with codes: each stands on a line of its own above its field."""
    if lines[0] not in ("HD", "SE") or "LP" not in lines[:_MAX_HEAD_LINES]:
        return None
    fields: dict[str, list[str]] = {}
    code = ""
    for line in lines:
        if line in _CODES:
            code = line
        else:
            fields.setdefault(code, []).append(line)
    found: Fields = {name: " ".join(fields[code]).strip() for code, name in _OF_CODES.items() if code in fields}
    return found | {"body": "\n".join((*fields.get("LP", ()), "", *fields.get("TD", ()))).strip()}


def _of_nexis(lines: Sequence[str]) -> Fields | None:
    """Nexis' export: fields with labels, then the text, below ``Body`` in newer ones."""
    head = lines[:_MAX_HEAD_LINES]
    labelled = [place for place, line in enumerate(head) if _LABELLED.fullmatch(line)]
    count = next((place for place in labelled if _COUNT.fullmatch(head[place])), None)
    if count is None:
        return None
    start = next((place for place, line in enumerate(head) if _BODY.fullmatch(line)), _last_of(labelled, count, head))
    is_numbered = _NUMBERED.fullmatch(lines[0]) is not None
    named = [line for line in head[is_numbered : labelled[0]] if line and not _RIGHTS.fullmatch(line)]
    day = next((place for place, line in enumerate(named) if place and _DATE.fullmatch(line)), None)
    if day is None or start < labelled[0]:
        return None
    around = (named[day + 1 :], named[:day]) if is_numbered else (named[:1], named[1:day])
    found: Fields = {"headline": " ".join(around[0]), "source": " ".join(around[1][:1]), "published": named[day]}
    for line in (head[place] for place in labelled if place <= start):
        if (match := _LABELLED.fullmatch(line)) and (name := _NAMES.get(match["name"].lower())):
            found[name] = match["value"]
    return found | {"body": _without_fields_below(lines[start + 1 :])}


def _last_of(labelled: Sequence[int], count: int, lines: Sequence[str]) -> int:
    """Return the place of the last field; lines with a label that come after others are a part of the text."""
    last = count
    for place in labelled:
        if place > last and not any(lines[last + 1 : place]):
            last = place
    return last


def _of_factiva(lines: Sequence[str]) -> Fields | None:
    """Factiva's export without codes: the number of words, day and source, each on a line, and then the rights."""
    head = [(place, line) for place, line in enumerate(lines[:_MAX_HEAD_LINES]) if line]
    count = next((index for index, (_, line) in enumerate(head) if _COUNT.fullmatch(line)), None)
    rights = next((index for index, (_, line) in enumerate(head) if _RIGHTS.fullmatch(line)), None)
    if not count or rights is None or not count + 2 < rights <= count + 9 or not _DATE.fullmatch(head[count + 1][1]):
        return None
    if any(len(line) > _MAX_FIELD_CHARS for _, line in head[count:rights]):
        return None
    found: Fields = {"headline": head[0][1], "published": head[count + 1][1]}
    # A time may stand between the day and the source.
    found["source"] = next(line for _, line in head[count + 2 : rights + 1] if not line[:1].isdigit())
    if count > 1:
        found["byline"] = head[count - 1][1]
    body = _without_fields_below(lines[head[rights][0] + 1 :])
    return found | {"body": body.removesuffix(f"\n{found['source']}").rstrip()}


def _without_fields_below(lines: Sequence[str]) -> str:
    """Return the text above the first field that others follow, with a caption or so between, and no more text."""
    fields = [place for place, line in enumerate(lines) if line and _BELOW.fullmatch(line)]
    end = len(lines)
    for place, following in zip(reversed(fields), (len(lines), *reversed(fields)), strict=False):
        if sum(map(_is_prose, lines[place + 1 : following])) > _MAX_PROSE_IN_FIELD:
            break
        end = place
    return "\n".join(lines[:end]).strip()


def _is_prose(line: str) -> bool:
    return len(line.split()) >= _MIN_WORDS_OF_PROSE and line.endswith((".", "!", "?", "”", '"'))


FORMAT: Format[str] = Format(
    name="Press archives (Nexis, Factiva)",
    recognised_by="a line `Length: 171 words` or `171 words` above the text, beside day and source",
    link="https://www.lexisnexis.com",
    group=Group.APIS,
    text_in="the lines below `Body`, the last field or the rights, or the codes `LP` and `TD`",
    matches=_matches,
    read=_read,
)
