"""A dead letter for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from workers.dead_letters.filters import source_of
from workers.dead_letters.letters import Letter, place_name
from workers.dead_letters.replay import CUT, SENT_BEFORE, STRAY, USED_UP, Plan, Report
from workers.dead_letters.sent import Sent
from workers.reading.text import plural, printable
from workers.settings import Settings
from workers.stream.dead_letters import ERROR_HEADERS
from workers.timestamps import milliseconds, rfc3339

MAX_LINES = 40
MAX_BYTES = 4_000
"""What is shown of a message at most."""
HEX_BYTES = 512
HEX_WIDTH = 16
HEADINGS = ("letter", "time", "state", "stage", "reason", "source", "message", "why")
OPEN, SENT, UNKNOWN = "open", "sent back", "unknown"
"""Whether a letter was sent back."""


def state_of(letter: Letter, sent: Sent | None) -> str:
    """Whether the letter was sent back; ``sent`` is None where that is not known."""
    if sent is None:
        return UNKNOWN
    return SENT if sent.has(letter) else OPEN


def columns(letters: Collection[tuple[Letter, str]], paths: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The letters with their states as lines of a table with headings; nothing without letters."""
    rows = [HEADINGS, *(row(letter, state, paths) for letter, state in letters)] if letters else []
    widths = [max((len(cells[number]) for cells in rows), default=0) for number in range(len(HEADINGS) - 1)]
    for cells in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)), cells[-1]])


def row(letter: Letter, state: str, paths: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The letter in one row, with what ``HEADINGS`` says."""
    written = milliseconds(letter.record.timestamp)
    time = f"{datetime.fromtimestamp(written / 1000).astimezone():%Y-%m-%d %H:%M:%S}" if written else "?"
    what = letter.file or place_name(letter.refused)
    source = source_of(letter, paths) or "-"
    return tuple(map(printable, (letter.place, time, state, letter.stage, letter.reason, source, what, letter.message)))


def details(letter: Letter, state: str, paths: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The letter in full: why, headers, and the message as text, or in hexadecimal if it is none."""
    record, written = letter.record, milliseconds(letter.timestamp)
    facts = {
        "letter": letter.place,
        "refused": f"{place_name(letter.refused)} by {letter.stage}",
        "file": letter.file,
        "source": source_of(letter, paths) or "cannot be told from the message",
        "state": state,
        "reason": letter.reason,
        "why": letter.message,
        "attempt": f"{letter.attempt}, first refused at {letter.first_failed_at or 'an unknown time'}",
        "time": f"{rfc3339(written)} (of the message)" if written else "the message has none",
        "cut": f"only a part of {letter.cut_from:,} bytes" if letter.cut_from is not None else None,
        "key": None if record.key is None else _text(record.key),
    }
    for name, fact in facts.items():
        if fact is not None:
            yield f"{name + ':':9}{printable(fact)}"
    for name, header in record.headers:
        if not name.startswith(ERROR_HEADERS):
            yield f"{'header:':9}{printable(name)} = {'null' if header is None else _text(header)}"
    value = record.value
    if value is None:
        yield "message: null"
        return
    yield f"message: {len(value):,} bytes"
    yield from _body(value)


def counted(counts: Mapping[str, int], one: str, several: str = "") -> str:
    """The sum and the counts in one line: ``3 dead letters: no_body 2, empty 1``."""
    by_reason = ", ".join(f"{reason} {count:,}" for reason, count in Counter(counts).most_common())
    return plural(sum(counts.values()), one, several) + (f": {by_reason}" if by_reason else "")


def report_lines(report: Report, plan: Plan, settings: Settings, *, is_dry: bool) -> Iterator[str]:
    """What a replay did, or would do."""
    done = "would be sent back" if is_dry else "sent back"
    yield counted(report.sent, done, done)
    for why, text in {
        SENT_BEFORE: "left: sent back by other replays (--again)",
        USED_UP: f"were refused {plan.max_attempts} times or more and are left (--max-attempts)",
        CUT: "have only a part of their message and are left; its own topic may still have the whole",
        STRAY: "are stray records, which no stage has written",
    }.items():
        if count := report.passed[why]:
            yield f"{count:,} {text}"
    if report.old:
        yield (
            f"{report.old:,} are older than the window of {settings.window_hours} h: they are compared with nothing "
            "and come out as unique, even if the same text came out meanwhile"
        )


def _text(value: bytes) -> str:
    return printable(value.decode(errors="backslashreplace"))[:MAX_BYTES]


def _body(value: bytes) -> Iterator[str]:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        yield from _hex(value)
        return
    lines = text[:MAX_BYTES].splitlines()
    yield from (f"  {printable(line)}" for line in lines[:MAX_LINES])
    if len(text) > MAX_BYTES or len(lines) > MAX_LINES:
        yield "  … (cut; --json shows all of it)"


def _hex(value: bytes) -> Iterator[str]:
    for start in range(0, min(len(value), HEX_BYTES), HEX_WIDTH):
        part = value[start : start + HEX_WIDTH]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        yield f"  {start:08x}  {part.hex(' '):{3 * HEX_WIDTH}} {shown}"
    if len(value) > HEX_BYTES:
        yield "  … (cut; --json shows all of it)"
