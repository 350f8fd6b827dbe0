"""Takes an article out of the JSON around it: lists of one, API responses, CloudEvents, change events of databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from workers.clean.input.content import Content, charset_of, from_base64, several
from workers.clean.input.formats.base import Json
from workers.clean.input.formats.schemaorg import only_article
from workers.errors import RejectedError
from workers.outcomes import Reason

LISTS = (
    "articles", "results", "items", "stories", "posts", "docs", "entries", "hits", "news", "records", "documents",
    "objects", "value", "data", "response", "item", "entry", "Records",
)  # fmt: skip
"""The keys under which responses of APIs have their articles, or an object that has them."""
_OBJECTS = (
    "_source", "article", "data", "item", "record", "document", "value", "payload", "after", "detail", "post",
    "story", "result", "response", "rss", "channel", "node", "object", "parse",
)  # fmt: skip
"""The keys under which an envelope has one article."""
_TEXTS = frozenset(
    {
        "body", "text", "html", "content", "maintext", "articleBody", "text_content", "body_text", "body_html",
        "bodies", "headline", "title", "plaintext", "@type", "@graph", "textContent", "raw_text", "webTitle",
    }
)  # fmt: skip
"""The keys of an article itself."""
_MAX_OBJECTS = 100
_MAX_LAYERS = 5
_HEADLINES = frozenset({"headline", "title", "webTitle"})
_BODIES = _TEXTS - {"headline", "title", "webTitle", "@type"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A JSON object around an article: how it is recognised, also in words for the documentation, and opened."""

    name: str
    recognised_by: str
    matches: Callable[[Json], bool]
    open: Callable[[Json], Any]


def open_envelopes(value: object) -> object:
    """Return the article in a JSON value; ``Content`` if it is bytes, a text if it is encoded once more.

    Raises:
        RejectedError: EMPTY for a deletion or an empty list; INVALID_FIELD for several articles.
    """
    for _ in range(_MAX_LAYERS):
        inner = _inner(value)
        if inner is value:
            break
        value = inner
    return value


def articles_of(value: object) -> list[Any]:
    """Return the articles in a JSON value, which may be a list or the response of an API; one is a list of one."""
    for _ in range(_MAX_LAYERS):
        if isinstance(value, list):
            return value
        if not isinstance(value, dict) or (inner := _list_in(value)) is None:
            break
        value = inner
    return [value]


def _inner(value: Any) -> Any:
    """What a JSON value wraps; the value itself if it wraps nothing."""
    if isinstance(value, list):
        return _only(value)
    if not isinstance(value, dict):
        return value
    for envelope in ENVELOPES:
        if envelope.matches(value):
            return envelope.open(value)
    if value.keys().isdisjoint(_TEXTS):
        for key in _OBJECTS:
            if isinstance(inner := value.get(key), dict) and inner:
                return inner
        if (answer := _answer(value)) is not None:
            return answer
    if isinstance(inner := value.get("content"), dict) and value.keys().isdisjoint(_BODIES - {"content"} | _HEADLINES):
        # One article of The Guardian's API; others have fields beside it.
        is_article = not inner.keys().isdisjoint(_HEADLINES) and not inner.keys().isdisjoint(_BODIES | {"fields"})
        return {name: field for name, field in value.items() if name != "content"} | inner if is_article else value
    listed = _list_in(value)
    if listed is None and value.keys().isdisjoint(_TEXTS) and (empty := next(_empty_lists(value), None)):
        raise RejectedError(Reason.EMPTY, f"the message has no articles: its list `{empty}` is empty; send an article")
    return value if listed is None else listed


def _answer(value: Json) -> Json | None:
    """The article in an answer that names it after its query, as GraphQL's have it: ``{"storyBySlug": {…}}``."""
    inner = next(iter(value.values()), None)
    return inner if len(value) == 1 and isinstance(inner, dict) and not inner.keys().isdisjoint(_BODIES) else None


def _only(items: list[Any]) -> Any:
    if not items:
        raise RejectedError(Reason.EMPTY, "the message is an empty list; send an article")
    if len(items) == 1:
        return items[0]
    # Web pages have several objects of JSON-LD, of which one is the article.
    if len(items) <= _MAX_OBJECTS and (article := only_article(items)) is not None:
        return article
    raise several(len(items), "articles" if isinstance(items[0], dict) else "values")


def _list_in(value: Json) -> Any:
    """The list of articles, or the object with one, in the response of an API; None if it is no such response."""
    if not value.keys().isdisjoint(_BODIES):
        return None
    for key in LISTS:
        inner = value.get(key)
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            return inner
        if isinstance(inner, dict) and (key in ("item", "entry") or not inner.keys().isdisjoint(LISTS)):
            return inner
    return None


def _empty_lists(value: Json) -> Iterator[str]:
    """Yield the names of lists of articles that have none."""
    yield from (key for key in LISTS if value.get(key) == [])


def _event_data(event: Json) -> Any:
    """The data of a CloudEvent (structured mode)."""
    charset = charset_of(str(event.get("datacontenttype") or ""))
    if isinstance(data := event.get("data_base64"), str):
        return Content(data=from_base64(data), charset=charset)
    if event.get("data") is None:
        raise RejectedError(
            Reason.NO_BODY, "the message is a CloudEvent without data; send the article as data or data_base64"
        )
    return event["data"]


def _row_after(event: Json) -> Any:
    """The row after a change event of Debezium. MongoDB's connector has it as a text of JSON."""
    if event.get("after") is None:
        raise RejectedError(Reason.EMPTY, "the change event deletes a row; send the article, or nothing")
    return event["after"]


def _is_single_answer(value: Json) -> bool:
    inner = next(iter(value.values()), None)
    return len(value) == 1 and isinstance(inner, dict) and isinstance(inner.get("info"), dict)


def _is_push(value: Json) -> bool:
    message = value.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("data"), str):
        return False
    return not value.keys().isdisjoint(("subscription", "ackId")) or "messageId" in message


def _is_firestore(value: Json) -> bool:
    fields = value.get("fields")
    return isinstance(fields, dict) and bool(fields) and all(map(_is_typed, fields.values()))


def _is_typed(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).endswith("Value")


def _without_types(value: Any) -> Any:
    """The value that Firestore writes with its type: ``{"stringValue": "Ferries"}``."""
    match value:
        case {"mapValue": dict(inner)}:
            return _document(inner)
        case {"arrayValue": dict(items)}:
            found = items.get("values")
            return list(map(_without_types, found)) if isinstance(found, list) else []
        case {"nullValue": _}:
            return None
    return next(iter(value.values())) if _is_typed(value) else value


def _document(value: Json) -> Json:
    """The fields of a document of Firestore, and its id, the last part of its name."""
    named = {"id": name.rpartition("/")[2]} if isinstance(name := value.get("name"), str) and "fields" in value else {}
    fields = value.get("fields")
    return named | {key: _without_types(field) for key, field in fields.items()} if isinstance(fields, dict) else {}


def _new_image(value: Json) -> Any:
    """The row of DynamoDB after a change."""
    if (row := value["dynamodb"].get("NewImage")) is None:
        raise RejectedError(Reason.EMPTY, "the change event has no new row; send one with its `NewImage`")
    return row


def _is_kinesis_record(value: Json) -> bool:
    record = value.get("kinesis")
    return isinstance(record, dict) and isinstance(record.get("data"), str)


ENVELOPES: tuple[Envelope, ...] = (
    Envelope(
        name="CloudEvents (structured mode)",
        recognised_by="`specversion`; `data` may be an object or a text, `data_base64` any bytes",
        matches=lambda value: "specversion" in value,
        open=_event_data,
    ),
    Envelope(
        name="Kafka Connect",
        recognised_by="`schema` and `payload`",
        matches=lambda value: value.keys() == {"schema", "payload"},
        open=lambda value: value["payload"],
    ),
    Envelope(
        name="Debezium",
        recognised_by="`op`, and `after` or `before`",
        matches=lambda value: "op" in value and ("after" in value or "before" in value),
        open=_row_after,
    ),
    Envelope(
        name="Google Pub/Sub",
        recognised_by="`message.data`, and `subscription`, `ackId` or `message.messageId`",
        matches=_is_push,
        open=lambda value: Content(data=from_base64(value["message"]["data"])),
    ),
    Envelope(
        name="Amazon SNS",
        recognised_by="`Type` Notification and `Message`",
        matches=lambda value: value.get("Type") == "Notification" and isinstance(value.get("Message"), str),
        open=lambda value: value["Message"],
    ),
    Envelope(
        name="Amazon Kinesis",
        recognised_by="`kinesis.data`",
        matches=_is_kinesis_record,
        open=lambda value: Content(data=from_base64(value["kinesis"]["data"])),
    ),
    Envelope(
        name="Amazon DynamoDB Streams",
        recognised_by="`dynamodb` and `eventName`",
        matches=lambda value: isinstance(value.get("dynamodb"), dict) and "eventName" in value,
        open=_new_image,
    ),
    Envelope(
        name="Google Firestore",
        recognised_by="`fields` whose values have their type: `stringValue` …",
        matches=_is_firestore,
        open=_document,
    ),
    Envelope(
        name="Event Registry (one article)",
        recognised_by="`info` under the article's id",
        matches=_is_single_answer,
        open=lambda value: next(iter(value.values()))["info"],
    ),
)
"""What JSON may come in, beside lists and the answers of APIs."""
