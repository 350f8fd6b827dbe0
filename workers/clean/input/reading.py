"""Bytes to an article's fields and text, whatever format they are in.

The way of a message: ``wrappers`` take it out of compression, HTTP, WARC or e-mail, ``decoding`` makes it text, and
then it is JSON or TOML (``envelopes``, ``formats``), XML (``formats``), an HTML page or plain text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from schemas.records import FieldWarning, RawArticle
from workers.clean.input import emails, html, javascript, literals, no_article, no_article_words, rtf, toml
from workers.clean.input.content import Content, several
from workers.clean.input.decoding import decode
from workers.clean.input.envelopes import open_envelopes
from workers.clean.input.formats import (
    JSON_FORMATS,
    TEXT_FORMATS,
    XML_FORMATS,
    feeds,
    format_of,
    hint_for_xml,
    kind_of_other_xml,
    misspelt,
    ours,
    similar,
    what_is_missing,
    xml_root,
)
from workers.clean.input.formats.base import D, Fields, Format, Json, picked
from workers.clean.input.lenient import read_fields
from workers.clean.input.wrappers import MAX_LAYERS, is_base64, unwrap
from workers.clean.input.xml_tree import parse_xml
from workers.clean.plain import markup
from workers.errors import RejectedError
from workers.outcomes import Reason

MAX_BYTES = 8 * 1024 * 1024
"""The largest raw message that is read, also after unpacking."""

FieldPaths = Mapping[str, Sequence[str]]
"""Dotted paths into a JSON object, by the field of ``RawArticle`` that they fill."""

MAX_XML_TAGS = 20_000
"""The most tags of an XML document."""
_SEND_TEXT = "send a JSON object, an HTML page or plain text"
_CUT = re.compile(
    r"""
    \s* (?: … | \.\.\. )? \s* \[ (?: \+? \d{1,9} [ ] char(?:acter)?s | … | \.\.\. | &hellip; | &\#8230; ) \]
    (?P<tags> (?: \s* </\w{1,10}> ){0,5} ) \s* \Z
    """,
    re.VERBOSE,
)
"""The mark of NewsAPI.org, GNews and WordPress where they cut a text."""
_CUT_CHARS = 60
_BRACKETS = re.compile(
    r"\[ ?[^\[\]{}\"'\n][^\[\]{}\"\n]{0,80}\]\s*[^\s,\]}]|\{ ?[^\[\]{}\"'\n:][^\[\]{}\"\n:]{0,80}\}\s*[^\s,\]}]"
)
"""Brackets around words at the start of a text: ``[Embargoed] The council …``."""
_WIKI = re.compile(r"\{\{\s*\w|\[\[[^\W\d]")
"""Markup of MediaWiki at the start of a text: ``{{Infobox …``, ``[[Ferries]] stop``."""
_MAX_DATA_CHARS = 2_000
_PYTHON_WORDS = {"None": "null", "True": "true", "False": "false"}
_ADDRESS_ABOVE = re.compile(r"(?:URL:[ ]?)?(?P<url>https?://[^\s<>]{4,2000})[ \t]*\n\s*(?!https?://)(?=\S)")
"""The address of an article on a line above it."""
_TEXTS = ("html", "body", "text")
_PYTHON = ("{'", "[{'")
"""The start of an object as Python writes it."""


@dataclass(frozen=True, slots=True)
class RawInput:
    """A raw message after reading: its record and its text or page.

    ``is_bare``: the text is the whole message, so its first line may be the headline. ``warnings``: the fields that
    could not be used. ``format``: the name of the format. ``hint``: the format that unknown XML is nearest to.
    ``no_text``: why there is no text, if there is none.
    """

    record: RawArticle
    text: str
    is_page: bool
    is_bare: bool
    warnings: tuple[FieldWarning, ...] = ()
    format: str = "text"
    hint: str = ""
    no_text: str = ""


def read(value: bytes | None, max_bytes: int = MAX_BYTES, paths: FieldPaths | None = None) -> RawInput:
    """Return the input that the bytes hold.

    Args:
        value: the message.
        max_bytes: the largest message to read.
        paths: where JSON has our fields (``COPYDESK_FIELDS``); they come before what a format says.

    Raises:
        RejectedError: EMPTY, TOO_LARGE, UNREADABLE, INVALID_ENCODING, INVALID_JSON, INVALID_FIELD or NO_BODY.
    """
    found = read_with_or_without_text(value, max_bytes, paths)
    if found.no_text:
        raise RejectedError(Reason.NO_BODY, found.no_text)
    return found


def read_with_or_without_text(
    value: bytes | None, max_bytes: int = MAX_BYTES, paths: FieldPaths | None = None
) -> RawInput:
    """Return the input, also if it has fields but no text. Arguments and errors as for ``read``."""
    if value is None:
        raise RejectedError(Reason.EMPTY, f"the message has no value; {_SEND_TEXT}")
    if len(value) > max_bytes:
        raise RejectedError(
            Reason.TOO_LARGE,
            f"the message is larger than the limit of {max_bytes:,} bytes; send one article per message",
        )
    try:
        return _Reader(max_bytes, paths or {}).read(Content(data=value))
    except RecursionError as error:
        raise RejectedError(
            Reason.UNREADABLE, "the message has values in values in values, too deep to read; send a flat object"
        ) from error


@dataclass(frozen=True, slots=True)
class _Reader:
    max_bytes: int
    paths: FieldPaths

    def read(self, content: Content, depth: int = 0) -> RawInput:
        """Read the content of a wrapper, or the message itself."""
        inner = unwrap(content.data, self.max_bytes)
        outer = {**(inner.fields or {}), **(content.fields or {})}
        decoded = decode(inner.data, inner.charset or content.charset)
        text = decoded.text.strip()
        if not text:
            raise RejectedError(Reason.EMPTY, f"the message is only white space; {_SEND_TEXT}")
        text = _unguarded(text)
        _check_depth(depth)
        found = self._recognise(text, outer, depth)
        if decoded.replaced:
            count = f"{decoded.replaced:,} bytes do not fit the encoding of the text and were replaced or dropped"
            found = replace(found, warnings=(*found.warnings, FieldWarning(field="encoding", value="", problem=count)))
        return found

    def _recognise(self, text: str, outer: Fields, depth: int) -> RawInput:
        document = open_envelopes(toml.read(text))
        if isinstance(document, dict) and similar.has_text(document):
            return self._from_json(document, outer, depth)
        found = self._from_json_text(text, outer, depth) or _from_xml(text, outer)
        return found or _from_text(text, outer)

    def _from_json_text(self, text: str, outer: Fields, depth: int) -> RawInput | None:
        """The article of a text that is JSON, or None if it is something else."""
        if text == "null":
            raise RejectedError(Reason.EMPTY, f"the message is null; {_SEND_TEXT}")
        if not (text[0] in "{[" or text[0] == text[-1] == '"'):
            return None
        value = open_envelopes(_parse(text))
        if isinstance(value, dict):
            return self._from_json(value, outer, depth)
        if isinstance(value, Content):
            return self.read(replace(value, fields=outer), depth + 1)
        if not isinstance(value, str):
            raise RejectedError(
                Reason.INVALID_FIELD,
                f"the message is JSON, but {_json_kind(value)} and no object with an article; {_SEND_TEXT}",
            )
        if value == text:
            return None
        inner = Content(data=value.encode("utf-8", "replace"), fields=outer)
        return self.read(inner, depth + 1)

    def _from_json(self, document: Json, outer: Fields, depth: int) -> RawInput:
        _check_depth(depth)
        if similar.is_api_error(document):
            raise no_article.refuse("the error of an API", "message")
        if similar.is_log_entry(document):
            raise no_article.refuse("a log file", "message")
        format = format_of(document, JSON_FORMATS)
        assert format is not None, "the last format matches everything"
        found = {name: value for name, value in format.read(document).items() if value is not None}
        # A crawler may name some fields its own way.
        if _used(found).keys().isdisjoint(_TEXTS) and similar.has_text(document):
            found = _used(similar.FORMAT.read(document)) | found
        found |= {name: self._unpacked(found[name]) for name in _TEXTS if name in found}
        if inner := _object_in(found.get("body")):
            # What is around an article has fields of it, and what is around a line of a log has none.
            around = {name: value for name, value in found.items() if name != "body"} if "headline" in found else {}
            return self._from_json(inner, outer | around, depth + 1)
        fields = outer | found | picked(**self.paths)(document)
        article = _from_fields(fields, format, document)
        is_known = format.name not in (ours.FORMAT.name, similar.FORMAT.name)
        return article if is_known else replace(article, warnings=(*article.warnings, *misspelt(document)))

    def _unpacked(self, value: Any) -> Any:
        """The text or HTML that a crawler has compressed or encoded in base64; others as they are."""
        if not isinstance(value, str) or not is_base64(data := value.encode("ascii", "replace")):
            return value
        inner = unwrap(data, self.max_bytes)
        return decode(inner.data, inner.charset).text


def _from_xml(text: str, outer: Fields) -> RawInput | None:
    """The article of a text that is XML, or None if it is something else or a page of HTML."""
    if xml_root(text):
        if (tags := text.count("<")) > MAX_XML_TAGS:
            raise RejectedError(
                Reason.TOO_LARGE,
                f"the XML has {tags:,} tags, and the limit is {MAX_XML_TAGS:,}; send one article per message",
            )
        root = parse_xml(text)
        if root is not None and (format := format_of(root, XML_FORMATS)):
            if format is feeds.FORMAT and (count := len(feeds.items(root))) > 1:
                raise several(count, "items of a feed")
            return _from_fields(_used(format.read(root)) | outer, format)
        if xml_root(text) in feeds.ROOTS:
            raise RejectedError(Reason.EMPTY, "the message is a feed without items; send one with an item")
    if other := kind_of_other_xml(text):
        raise no_article.refuse(other, "XML")
    return None


def _from_text(text: str, outer: Fields) -> RawInput:
    """The article of a text that is neither JSON nor XML."""
    text = emails.unquoted(text)
    for format in TEXT_FORMATS:
        if format.matches(text):
            return _from_fields(outer | _used(format.read(text)), format)
    if (address := _ADDRESS_ABOVE.match(text)) and "url" not in outer:
        outer, text = {**outer, "url": address["url"]}, text[address.end() :]
    record, warnings = read_fields(outer)
    hint = hint_for_xml(text)
    text, is_page = _text_or_page(text)
    return RawInput(record, text, is_page, is_bare=not record.headline, warnings=warnings, hint=hint)


def _check_depth(depth: int) -> None:
    if depth > MAX_LAYERS:
        raise RejectedError(Reason.UNREADABLE, f"the message is encoded more than {MAX_LAYERS} times; send it once")


_MAX_LINES_ABOVE = 6
_LINE_ABOVE = re.compile(r"\s*|```\w{0,20}\s*|//.*|/\*.*\*/\s*|#.*|[^{}\[\]]{1,200}:\s*")
_ASSIGNED = re.compile(r"(?:(?:var|let|const)\s+|(?:window|self|this|module)\.)[\w.$]{1,80}\s?=\s?(?=[{\[])")
_GUARD = re.compile(
    r"""
      \)\]\}',? \s* (?= [{\[] ) | (?: while | for ) \s? \( (?: 1 | ;; ) \); \s* (?= [{\[] )
    | (?: (?: event | id | retry ) : [^\n]{0,200} \n ){0,3} data: [ ]? (?= [{\[] )  # of a stream of events
    """,
    re.VERBOSE,
)
_BEFORE_OBJECT = re.compile(r"[^\n{}\[\]]{1,300}(?=\{)")
"""What a log has before the message of a line: time, level, program."""
_CALL = re.compile(r"(?:/\*\*/\s*)?[A-Za-z_$][\w.$]{0,60}\((?=\s*[{\[])")


def _unguarded(text: str) -> str:
    """The JSON of a text that has other things around it: a call of JavaScript, a guard, a comment, an announcement."""
    if guard := _GUARD.match(text):
        return text[guard.end() :]
    if (call := _CALL.match(text)) and (rest := text.rstrip("; \n")).endswith(")"):
        return rest[call.end() : -1].strip()
    if text[0] in "{[":
        return text[:-1].rstrip() if text[-1] in ",;" else text
    return _below_lines(text) or _behind_words(text) or literals.text(text) or text


def _behind_words(text: str) -> str | None:
    """The JSON of an article that ends a line of a log; None without."""
    words = _BEFORE_OBJECT.match(text)
    found = _object_in(text[words.end() :]) if words else None
    if words is None or found is None:
        return None
    if similar.is_log_entry(found, is_in_log=True):
        raise no_article.refuse("a log file", "message")
    return text[words.end() :]


def _below_lines(text: str) -> str | None:
    """The JSON below lines of comments, a fence of Markdown (```` ```json ````) or words with a colon; None without."""
    rest = text.removesuffix("```").rstrip("; \n")
    if rest[-1:] not in ("}", "]"):
        return None
    start = 0
    for line in text.split("\n", _MAX_LINES_ABOVE)[:_MAX_LINES_ABOVE]:
        if assigned := _ASSIGNED.match(line):
            start += assigned.end()
        elif line[:1] not in ("{", "["):
            if not _LINE_ABOVE.fullmatch(line):
                return None
            start += len(line) + 1
            continue
        try:
            value = orjson.loads(rest[start:])
        except (orjson.JSONDecodeError, UnicodeEncodeError):
            return None
        return rest[start:] if isinstance(value, dict) or (value and isinstance(value[0], dict)) else None
    return None


def _parse(text: str) -> object:
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        # Python's parser is slower and takes what some programs write: NaN, lone surrogates, raw line ends.
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            if text[0] == '"' or _BRACKETS.match(text) or _WIKI.match(text) or _starts_with_data(text):
                return text  # a text that starts and ends with a quotation, or starts with something in brackets
        try:
            return literals.read(text)
        except (ValueError, RecursionError):
            raise _no_json(text, error) from error


def _starts_with_data(text: str) -> bool:
    """Whether a text quotes data and goes on in sentences: ``{"status": "down"} was all that passengers saw …``."""
    start = text[:_MAX_DATA_CHARS]
    try:
        value, end = javascript.read(start, names=_PYTHON_WORDS)
    except (ValueError, RecursionError):
        return False
    is_article = any(isinstance(one, dict) and similar.has_text(one) for one in (value, *value))
    return not is_article and any(map(no_article_words.is_sentence, start[end:].split("\n")))


def _object_in(text: object) -> Json | None:
    """The article in a text of JSON, as Logstash and Docker's logs have it; None for other texts."""
    if not isinstance(text, str) or (stripped := text.strip())[:1] + stripped[-1:] != "{}":
        return None
    try:
        value = open_envelopes(orjson.loads(stripped))
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return None
    return value if isinstance(value, dict) and similar.has_text(value) else None


def _no_json(text: str, error: Exception) -> RejectedError:
    """The refusal of a text that starts like JSON."""
    lines = [line for line in text.split("\n", 100) if line.strip()]
    if len(lines) > 1 and all(line.strip()[0] == "{" and line.strip()[-1] == "}" for line in lines[:2]):
        return several(text.count("\n") + 1, "lines of JSON")
    if text.startswith(_PYTHON):
        hint = "it looks like Python's repr(): send json.dumps() instead"
    elif isinstance(error, orjson.JSONDecodeError) and error.pos >= len(text):
        hint = "it ends in the middle: send it whole"
    else:
        hint = "send valid JSON"
    where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, orjson.JSONDecodeError) else ""
    # What follows the first colon may quote the article.
    problem = str(error).partition(":")[0]
    return RejectedError(
        Reason.INVALID_JSON, f"the message starts like JSON but does not parse{where} ({problem}); {hint}"
    )


def _json_kind(value: object) -> str:
    return {int: "a number", float: "a number", bool: "a truth value", type(None): "null"}.get(type(value), "a value")


def _used(fields: Fields) -> Fields:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _text_or_page(text: str) -> tuple[str, bool]:
    """The text, or the HTML that it is, which may be escaped; and whether it is HTML."""
    if rtf.is_rtf(text):
        text = rtf.text_of(text)
    if (page := markup.escaped_page(text)) is not None:
        text = page
    if text[:1] == "<" and no_article_words.is_data(text):
        raise no_article.refuse("XML of data", "message")
    if not html.is_page(text):
        return markup.without_unknown_tags(text), False
    # The line ends of a text whose tags are all within its lines count: ``<b>Saltby</b> …``.
    return text, not markup.is_inline(text)


def _from_fields(values: Fields, format: Format[D], document: Json | None = None) -> RawInput:
    record, warnings = read_fields(values)
    without_text = replace(record, body=None, text=None, html=None)
    for text in (record.body, record.text):
        if text is not None and text.strip():
            if _CUT.search(text[-_CUT_CHARS:]):
                text = text[:-_CUT_CHARS] + _CUT.sub(r"\g<tags>", text[-_CUT_CHARS:])
                without_text = replace(without_text, truncated=True)
            text, is_page = _text_or_page(text)
            return RawInput(without_text, text, is_page, is_bare=False, warnings=warnings, format=format.name)
    if record.html is not None and record.html.strip():
        page = markup.escaped_page(record.html) or record.html
        return RawInput(without_text, page, is_page=True, is_bare=False, warnings=warnings, format=format.name)
    known = [field for field in ("headline", "summary", "url", "published") if getattr(record, field)]
    wrong = [
        f"{warning.field} is {warning.problem}" for warning in warnings if warning.field in ("body", "text", "html")
    ]
    if not wrong and document is not None and format in (ours.FORMAT, similar.FORMAT):
        wrong = ["body, text and html are missing or empty"]
    no_text = (
        f"the message was read as {format.name}; it has "
        f"{', '.join(known) + ', but no text' if known else 'none of our fields and no text'}"
        f"{': ' + ', '.join(wrong) if wrong else ''}; {what_is_missing(document, format)}"
    )
    return RawInput(
        without_text, "", is_page=False, is_bare=False, warnings=warnings, format=format.name, no_text=no_text
    )
