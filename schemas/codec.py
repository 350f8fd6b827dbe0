"""Records to and from JSON: orjson writes, msgspec checks what is read."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import orjson

from schemas.errors import InvalidRecordError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


def encode(record: object) -> bytes:
    """The record (a dataclass, or anything of JSON) as UTF-8 JSON, fields in the order of their definition."""
    return orjson.dumps(record)


def decode(data: bytes, kind: type[T]) -> T:
    """The record of the given kind that the JSON holds.

    Unknown fields are passed over, so that readers outlive writers.

    Raises:
        InvalidRecordError: not JSON, not UTF-8, a field missing or of the wrong type.
    """
    try:
        return convert(orjson.loads(data), kind)
    except orjson.JSONDecodeError as error:
        raise InvalidRecordError(f"not JSON: {error}") from error


def convert(value: object, kind: type[T]) -> T:
    """The record of the given kind that the JSON value holds.

    Raises:
        InvalidRecordError: a field is missing or of the wrong type; the message names its path.
    """
    try:
        return msgspec.convert(value, type=kind)
    except msgspec.ValidationError as error:
        raise InvalidRecordError(str(error)) from error


def fields_of(record: object, kind: type[DataclassInstance]) -> dict[str, Any]:
    """The fields that records of the kind have, by name, with what they hold in this one: nothing is copied."""
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(kind)}
