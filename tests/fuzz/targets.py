"""The targets: every decoder and every step of cleaning, with the properties that hold for any input."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from itertools import islice
from typing import Any

import orjson

from schemas import (
    CleanArticle,
    DeadLetterHeaders,
    Duplicate,
    EnrichedArticle,
    EntityType,
    InvalidRecordError,
    LedgerEntry,
    RawArticle,
    Section,
    Story,
    UniqueArticle,
    decode,
    encode,
)
from tests.clean.samples import ORIGIN, RECEIVED, raw
from tests.fuzz import seeds
from tests.fuzz.trial import Target
from workers.clean import clean, spans, text, units
from workers.clean.boilerplate import rules
from workers.clean.fields import (
    agencies,
    authors,
    bylines,
    canonical,
    captions,
    datelines,
    dates,
    headlines,
    language,
    urls,
)
from workers.clean.input import envelopes, formats, lenient, wrappers
from workers.clean.input.decoding import decode as decode_bytes
from workers.clean.input.splitting import split
from workers.clean.input.xml_tree import parse_xml
from workers.cli.demo.tally import read_dead_letter
from workers.dedupe import words
from workers.dedupe.revisions import url_hash
from workers.dedupe.sketches import sketch
from workers.dedupe.stories import Stories, occurrences
from workers.enrich import entities
from workers.enrich.limits import chunks
from workers.enrich.mentions import find_mentions
from workers.enrich.spans import ModelSpan
from workers.errors import RejectedError, SettingsError, UnreadableFileError
from workers.files.articles import articles
from workers.in_process import InProcessStream
from workers.outcomes import Stage
from workers.settings import Settings
from workers.stream.dead_letters import ERROR_HEADERS

LARGEST = Settings().max_message_bytes
_RECORDS: dict[str, type] = {
    "news-raw": RawArticle, "news-clean": CleanArticle, "news-unique": UniqueArticle, "news-enriched": EnrichedArticle,
    "news-duplicates": Duplicate, "news-stories": Story, "news-ledger": LedgerEntry,
    "news-dead-letters": DeadLetterHeaders,
}  # fmt: skip
_MAX_FULLY_SEARCHED_CHARS = 1_000
"""A text of this length has fewer layers of boilerplate than cleaning searches."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "ignore")


def cleaned(data: bytes) -> CleanArticle:
    """A clean article survives encoding and decoding, and its raw text can be rebuilt."""
    article = clean(data, ORIGIN, RECEIVED)
    raw(article)
    assert decode(encode(article), CleanArticle) == article
    return article


def cleaned_twice(data: bytes) -> None:
    """Cleaning a cleaned text changes nothing, unless it is too long to be searched completely.

    What starts with a tag is read as a page, which may show Markdown: its text is no plain text until it comes again.
    """
    body = _text(data)
    first = cleaned(orjson.dumps({"body": body}))
    is_page = "<" in (body.lstrip()[:1], first.body[0])
    if len(body) <= _MAX_FULLY_SEARCHED_CHARS and not is_page:
        again = cleaned(orjson.dumps({"headline": first.headline, "body": first.body}))
        assert (again.body, again.removed) == (first.body, ())


def stretched(data: bytes) -> None:
    """A message of the largest size, or with the most text or tags, made by repeating a part of the input."""
    head, unit, tail = (*data.split(seeds.SEPARATOR, 2), b"", b"")[:3] if seeds.SEPARATOR in data else (b"", data, b"")
    unit = unit or b"a"
    room = LARGEST - len(head) - len(tail)
    is_page = head.lstrip()[:1] == b"<"
    if not is_page:
        room = min(room, text.MAX_TEXT_CHARS * len(unit) // max(1, len(_text(unit))))
    times = room // len(unit)
    if is_page:
        times = min(
            times, 14_900 // max(1, unit.count(b"<")), text.MAX_TEXT_CHARS // len(unit) if len(tail) % 2 else times
        )
    clean(head + unit * times + tail, ORIGIN, RECEIVED)


def registered(data: bytes) -> None:
    """What a wrapper, an envelope or a format recognises, it opens, reads or refuses, even where another is first."""
    for wrapper in wrappers.WRAPPERS:
        if wrapper.matches(data):
            with suppress(RejectedError):
                wrapper.open(data, LARGEST)
    document: Any = None
    with suppress(orjson.JSONDecodeError):
        document = orjson.loads(data)
    if isinstance(document, dict):
        for envelope in envelopes.ENVELOPES:
            if envelope.matches(document):
                with suppress(RejectedError):
                    envelope.open(document)
        for json_format in formats.JSON_FORMATS:
            if json_format.matches(document):
                lenient.read_fields(json_format.read(document))
    root = parse_xml(_text(data)) if data.lstrip()[:1] == b"<" else None
    for xml_format in formats.XML_FORMATS:
        if root is not None and xml_format.matches(root):
            lenient.read_fields(xml_format.read(root))


def recorded(kind: type, data: bytes) -> None:
    """A record survives encoding and decoding."""
    record: object = decode(data, kind)
    assert decode(encode(record), kind) == record


def dead_letter(data: bytes) -> None:
    """A dead letter may have any value and headers."""
    value, *headers = data.split(seeds.SEPARATOR)
    names = ("topic", "stage", "reason", "message", "partition", "offset")
    letter = read_dead_letter(
        value, {f"{ERROR_HEADERS}{name}": text for name, text in zip(names, headers, strict=False)}
    )
    assert letter.origin.partition >= 0
    assert letter.origin.offset >= 0


def configured(data: bytes) -> None:
    """Settings may have any value; no file is opened."""
    pairs = (line.partition("=") for line in _text(data).split("\n"))
    Settings.from_environment({name: value for name, _, value in pairs if not name.endswith(("_FILE", "_DIR"))})


def addressed(data: bytes) -> None:
    """Normalising a normalised URL changes nothing."""
    own, _, declared = _text(data).partition("\n")
    form = urls.normalise(own)
    assert urls.normalise(form) == form
    chosen = canonical.choose(own, declared.split("\n")).url
    assert urls.normalise(chosen) == chosen
    assert (urls.host(own) is None) == (form is None)
    url_hash(form)


def dated(data: bytes) -> None:
    """A date in our own format is read as itself."""
    value = _text(data)
    for tag in (None, "de", "ja", "th"):
        context = dates.Context(RECEIVED, tag, value)
        found = dates.guessed(value, context)
        if found is not None:
            assert _TIME.fullmatch(found.time)
            again = dates.guessed(found.time, context)
            assert again is not None
            assert again.time == found.time
    with suppress(ValueError):
        dates.best([(value, "json-ld"), (value[::-1], "text")], dates.Context(RECEIVED))
    dates.in_line(value, dates.Context())
    dates.in_url(value, dates.Context())


def tidied(data: bytes) -> None:
    """Tidying a tidy text changes nothing, and what is cut from it can be restored."""
    with suppress(RejectedError):
        decode_bytes(data)
    tidy = text.tidy(_text(data))
    assert text.normal_form(tidy) == tidy
    third = len(tidy) // 3
    body, removed = spans.cut(
        tidy, [spans.Removal(third, 2 * third, "a", "b"), spans.Removal(third // 2, third, "c", "d")]
    )
    assert spans.restore(body, removed) == tidy


def ruled(data: bytes) -> None:
    """The rules accept any line, and the offsets of units are right."""
    for line in text.tidy(_text(data)).split("\n"):
        rules.line_rule(line)
        rules.header_rule(line)
        captions.caption(line)
        bylines.credits(line)
        authors.names(line)
        authors.agency_of(line)
        bylines.is_byline(line)
        bylines.byline_and_rest(line)
        agencies.agency(line)
        headlines.is_headline(line)
        assert 0 <= headlines.overlap(line, line) <= 1
        for found in (datelines.dateline(line), agencies.signature(line)):
            assert found is None or 0 <= found[1] <= len(line)
    whole = text.tidy(_text(data))
    assert all(whole[unit.start : unit.end] == unit.text for unit in units.split(whole))


def languages(data: bytes) -> None:
    """A language is a two-letter code or ``und``."""
    declared, _, body = _text(data).partition("\n")
    for code in (language.language(body, declared), language.normalise(declared) or "und"):
        assert code == language.UNDETERMINED or (len(code) == 2 and code.islower())


def compared(data: bytes) -> None:
    """The fingerprints of a text have the right size."""
    headline, _, body = _text(data).partition("\n")
    body_words = words.words(body)
    assert len(words.content_hash([body_words.folded])) == 16
    assert len(sketch(body_words.hashes).samples) <= len(body_words)
    weights = _stories().weigh(occurrences(words.words(headline), body_words, "en"))["weight"]
    assert (weights > 0).all()


@cache
def _stories() -> Stories:
    return Stories()


def recognised(data: bytes) -> None:
    """Every mention has the text at its offsets."""
    title, _, body = _text(data).partition("\n")
    texts = [
        entities.SectionText(Section.TITLE, title),
        entities.SectionText(Section.BODY, body),
        entities.SectionText(Section.BYLINE, title),
    ]
    # Spans anywhere, as a model might give them.
    kinds = tuple(EntityType)
    ends = zip(data[:100:2], data[1:100:2], strict=False)
    spans = [ModelSpan(min(pair), min(len(body), max(pair)), kinds[sum(pair) % len(kinds)]) for pair in ends]
    found = find_mentions(
        [each.text for each in texts], [(), [span for span in spans if span.start < span.end], ()], [2]
    )
    where = {each.section: each.text for each in texts}
    for entity in entities.group_entities(texts, found):
        assert entity.name
        for mention in entity.mentions:
            assert mention.start < mention.end
            assert where[mention.section][mention.start : mention.end] == mention.text
    assert "".join(chunk for _, chunk in chunks(body, 64)) == body


def processed(data: bytes) -> None:
    """A line of JSON that is given to dedupe is taken or refused, and nothing else."""
    stream = InProcessStream(Settings(languages=("en",)), Stage.DEDUPE, Stage.DEDUPE, 1_741_428_000_000)
    for line in stream.run([("lines", data), ("lines", data)]):
        encode(line)
        assert line.error is None or line.error["reason"] != "internal_error", line.error


def unpacked(data: bytes) -> None:
    """A file of compressed lines may be broken anywhere, and may then be a single text."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl.gz") as file:
        file.write(data)
        file.flush()
        for _, value, place in islice(articles([file.name]), 1_000):
            assert not place.startswith("line ") or b"\n" not in value


def split_up(data: bytes) -> None:
    """A file of several articles may be broken anywhere; what comes out of it is taken or refused."""
    for _, part in islice(split(data), 3):
        with suppress(RejectedError):
            clean(part, ORIGIN, RECEIVED)


def _decoders() -> list[Target]:
    def of(topic: str) -> Callable[[], list[bytes]]:
        return lambda: seeds.examples(topic) or [b"{}"]

    return [
        Target(
            name=f"decode-{topic.removeprefix('news-')}", check=partial(recorded, kind), seeds=of(topic),
            allowed=(InvalidRecordError,), weight=8,
        )
        for topic, kind in _RECORDS.items()
    ]  # fmt: skip


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(name="clean", check=cleaned, seeds=seeds.messages, allowed=(RejectedError,), weight=5),
        Target(name="clean-json", check=cleaned, seeds=seeds.json_messages, allowed=(RejectedError,), weight=6),
        Target(name="clean-formats", check=cleaned, seeds=seeds.formats, allowed=(RejectedError,), weight=4),
        Target(name="clean-wrapped", check=cleaned, seeds=seeds.wrapped, allowed=(RejectedError,), weight=4),
        Target(name="registry", check=registered, seeds=lambda: [*seeds.formats(), *seeds.wrapped()], weight=8),
        Target(name="split", check=split_up, seeds=seeds.formats, weight=3),
        Target(name="clean-html", check=cleaned, seeds=seeds.pages, allowed=(RejectedError,), weight=1.5),
        Target(name="clean-text", check=cleaned_twice, seeds=seeds.texts, allowed=(RejectedError,), weight=3),
        Target(
            name="clean-stretched",
            check=stretched,
            seeds=seeds.stretches,
            allowed=(RejectedError,),
            weight=0.15,
            max_bytes=400,
        ),
        *_decoders(),
        Target(name="dead-letter", check=dead_letter, seeds=seeds.letters, allowed=(InvalidRecordError,), weight=8),
        Target(name="process", check=processed, seeds=seeds.json_messages, weight=1),
        Target(
            name="gzip",
            check=unpacked,
            seeds=seeds.archives,
            allowed=(UnreadableFileError,),
            weight=3,
            max_bytes=1_000,
        ),  # a kilobyte holds a million empty lines
        Target(name="settings", check=configured, seeds=seeds.environments, allowed=(SettingsError,), weight=8),
        Target(name="urls", check=addressed, seeds=seeds.addresses, weight=14, max_bytes=1_000),
        Target(name="dates", check=dated, seeds=seeds.dates, allowed=(RejectedError,), weight=10, max_bytes=120),
        Target(name="text", check=tidied, seeds=seeds.texts, weight=6),
        Target(name="rules", check=ruled, seeds=seeds.lines, weight=8),
        Target(name="language", check=languages, seeds=seeds.texts, weight=2),
        Target(name="dedupe", check=compared, seeds=seeds.texts, weight=6),
        Target(name="enrich", check=recognised, seeds=seeds.texts, weight=2.5),
    )
}
"""The targets by name."""
