"""Records to and from JSON: orjson parses and serialises, msgspec validates."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import orjson

from schemas.errors import InvalidRecordError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


def encode(record: object) -> bytes:
    """The record (a dataclass or any JSON value) as UTF-8 JSON, with fields in the order of their definition."""
    return orjson.dumps(record)


def encode_briefly(record: DataclassInstance) -> bytes:
    """The record as ``encode`` writes it, without the fields that have their defaults, which a reader fills in."""
    return orjson.dumps(_without_defaults(record))


def _without_defaults(record: DataclassInstance) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, default in _defaults(type(record)):
        value = getattr(record, name)
        if value is not default and value != default:
            values[name] = _without_defaults(value) if hasattr(value, "__dataclass_fields__") else value
    return values


@cache
def _defaults(kind: type[DataclassInstance]) -> list[tuple[str, Any]]:
    """The name of each field, with its default."""
    return [(field.name, field.default) for field in dataclasses.fields(kind)]


def decode(data: bytes, kind: type[T]) -> T:
    """The record of the given kind, parsed from JSON.

    Unknown fields are ignored, so that old readers understand new writers.

    Raises:
        InvalidRecordError: the data is not UTF-8 JSON, or a field is missing or has the wrong type.
    """
    try:
        return convert(orjson.loads(data), kind)
    except orjson.JSONDecodeError as error:
        raise InvalidRecordError(f"not JSON: {error}") from error


def convert(value: object, kind: type[T]) -> T:
    """The record of the given kind, converted from a parsed JSON value.

    Raises:
        InvalidRecordError: a field is missing or has the wrong type; the message names its path.
    """
    try:
        return msgspec.convert(value, type=kind)
    except msgspec.ValidationError as error:
        raise InvalidRecordError(str(error)) from error


def fields_of(record: object, kind: type[DataclassInstance]) -> dict[str, Any]:
    """The record's values, by name, for the fields that ``kind`` defines. Values are not copied."""
    return {name: getattr(record, name) for name in _field_names(kind)}


@cache
def _field_names(kind: type[DataclassInstance]) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]
