"""How a record is shown: a few lines for people, or one line of JSON for programs."""

from __future__ import annotations

import base64
from collections import OrderedDict
from datetime import datetime
from typing import Any

import click
import orjson

from schemas.records import CopyKind, Status, StoryChangeKind
from workers.dead_letters.files import summary
from workers.dead_letters.letters import place_name
from workers.messages import Message
from workers.outcomes import Outcome
from workers.reading.entries import DELETED, RAW_OUTCOME, REVISION, STORY, STRAY, WORDS, Entry
from workers.reading.text import plural, printable
from workers.timestamps import milliseconds

COLOURS = {
    Outcome.ENRICHED.value: "green",
    Outcome.UNIQUE.value: "green",
    Outcome.CLEAN.value: "cyan",
    Outcome.DUPLICATE.value: "yellow",
    Outcome.DEAD_LETTER.value: "red",
    STORY: "magenta",
    RAW_OUTCOME: "white",
    STRAY: "red",
}
"""The colour of each outcome."""
MAX_ENTITIES = 6
REMEMBERED_HEADLINES = 20_000
"""Headlines that are remembered, to name the originals of copies."""
INDENT = " " * 20


class Lines:
    """Shows records as lines; remembers headlines to name what a copy is of."""

    def __init__(self) -> None:
        self._headlines: OrderedDict[str, str] = OrderedDict()

    def remember(self, entry: Entry) -> None:
        """Take note of a record, whether it is shown or not."""
        fields = entry.fields
        if fields.id and fields.headline and not fields.duplicate_of and entry.outcomes[0] != STORY:
            self._headlines[fields.id] = fields.headline
            if len(self._headlines) > REMEMBERED_HEADLINES:
                self._headlines.popitem(last=False)

    def show(self, entry: Entry) -> str:
        """The lines for one record."""
        fields, outcome = entry.fields, entry.outcomes[0]
        word = f"{WORDS.get(outcome, outcome):10}"
        head = (
            click.style(_clock(entry.record), dim=True) + "  " + click.style(word, fg=COLOURS.get(outcome), bold=True)
        )
        headline = printable(fields.headline) or f"({'deleted' if outcome == DELETED else 'no headline'})"
        lines = [head + click.style(headline, bold=True)]
        if why := self._why(entry):
            lines.append(INDENT + why)
        lines += [INDENT + printable(self._change(change)) for change in entry.story_changes]
        if fields.entities:
            names = [f"{printable(entity.name)} {entity.type}" for entity in fields.entities[:MAX_ENTITIES]]
            more = len(fields.entities) - MAX_ENTITIES
            lines.append(INDENT + ", ".join(names) + (f" and {more} more" if more > 0 else ""))
        lines.append(INDENT + click.style(" · ".join(map(printable, _facts(entry))), dim=True))
        return "\n".join(lines)

    def _why(self, entry: Entry) -> str:
        """What it is a copy or a revision of and how sure, or why it was refused."""
        fields = entry.fields
        if entry.letter:
            return printable(f"{entry.letter.stage}: {entry.letter.reason}: {entry.letter.message}")
        if fields.duplicate_of:
            if fields.kind == CopyKind.UNCHANGED:
                return "the same article arrived before"
            if fields.kind == CopyKind.OUTDATED:
                return printable(f"an older version of {self._named(fields.duplicate_of)}")
            return printable(self._copy(fields))
        if REVISION in entry.outcomes:
            change = f", {fields.change.extent} ({fields.change.share:.0%})" if fields.change else ""
            copy = f"; {self._copy(fields.copy)}" if fields.copy else ""
            before = self._named(fields.revision_of or "?")
            return printable(f"revision {fields.revision} of {before}{change}{copy}")
        if fields.merged_into:
            return printable(f"merged into {fields.merged_into} because of {self._named(fields.latest or '?')}")
        if entry.outcomes[0] == STORY:
            return printable(f"{plural(fields.articles or 0, 'article')}, {fields.first_seen} to {fields.last_seen}")
        if entry.outcomes[0] == STRAY:
            return f"not a record of {entry.record.topic}: somebody else has written it"
        return ""

    def _copy(self, copy: Any) -> str:
        sure = f"{copy.score:.0%} " if copy.score is not None else ""
        return f"{copy.kind} copy, {sure}of {self._named(copy.duplicate_of)}"

    def _change(self, change: Any) -> str:
        if change.kind == StoryChangeKind.MERGED:
            return f"merges {change.story_id} into this story ({plural(change.articles, 'article')})"
        return f"moves from {change.story_id} to this story: {', '.join(map(self._named, change.moved))}"

    def _named(self, id: str) -> str:
        headline = self._headlines.get(id)
        return f"{id} “{headline}”" if headline else id


def envelope(entry: Entry) -> bytes:
    """The record as one line of JSON: its coordinates, timestamp, key, headers and value.

    The value is JSON where it is and not nested too deeply, text where it is UTF-8, and otherwise null, with
    ``value_base64`` beside it.
    """
    record = entry.record
    line: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        **_text("key", record.key),
        "headers": [{"name": name, **_text("value", value)} for name, value in record.headers],
    }
    if entry.letter:
        line["dead_letter"] = summary(entry.letter)
    try:
        return orjson.dumps(line | _value(record.value))
    except TypeError:  # nested more deeply than orjson writes
        return orjson.dumps(line | _text("value", record.value))


def _facts(entry: Entry) -> list[str]:
    fields, record = entry.fields, entry.record
    story = None if entry.outcomes[0] == STORY else fields.story_id
    place = entry.letter.place if entry.letter else place_name(record.origin)
    origin = entry.file or (entry.origin if entry.origin != place else None)
    facts = (*_cautions(fields), fields.source, fields.language, fields.id, story, origin, place)
    return [fact for fact in facts if fact]


def _cautions(fields: Any) -> list[str]:
    """What a reader should know before using an article: a notice, its status, fields that could not be used."""
    status = fields.status if fields.status != Status.USABLE.value else None
    about = f" of {fields.notice_about}" if fields.notice_about else ""
    notice = f"{fields.notice.kind}{about}" if fields.notice else None
    warnings = plural(len(fields.warnings), "warning") if fields.warnings else None
    return [caution for caution in (notice, status, warnings) if caution]


def _clock(record: Message) -> str:
    """The time of writing in local time; the day, too, if it is not today."""
    written = milliseconds(record.timestamp)
    if not written:
        return "(no time)"
    time = datetime.fromtimestamp(written / 1000).astimezone()
    return f"{time:%H:%M:%S}" if time.date() == datetime.now(time.tzinfo).date() else f"{time:%Y-%m-%d %H:%M:%S}"


def _text(name: str, value: bytes | None) -> dict[str, str | None]:
    if value is None:
        return {name: None}
    try:
        return {name: value.decode()}
    except UnicodeDecodeError:
        return {name: None, f"{name}_base64": base64.b64encode(value).decode()}


def _value(value: bytes | None) -> dict[str, Any]:
    try:
        parsed = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        parsed = None
    return {"value": parsed} if isinstance(parsed, (dict, list)) else dict(_text("value", value))
