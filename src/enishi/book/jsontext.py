"""JSON that keeps decimals exact: numbers with a point are read as Decimal, written by digits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(decimal_format="number")
_sorted = msgspec.json.Encoder(decimal_format="number", order="sorted")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def dumps(value: object) -> str:
    """Compact JSON: decimals by their digits, dates and instants in ISO 8601."""
    return _encoder.encode(value).decode()


def loads(text: str | bytes) -> Any:
    """The value of a JSON text; numbers with a point are Decimal. Raises ValueError."""
    return _decoder.decode(text)


_LEVELS = 150


def exact(value: object, levels: int = _LEVELS) -> object:
    """JSON with every float as the Decimal of its shortest digits: 0.7 stays seven tenths.

    The dates that YAML reads become ISO text, as JSON has them. What lies deeper than any rule may
    go is left as it is, for the rule's check to refuse with its place.
    """
    if not levels:
        return value
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: exact(item, levels - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [exact(item, levels - 1) for item in value]
    return value


def digest(value: object) -> str:
    """32 hex digits that change when the value does; the order of keys does not matter."""
    return sha256(_sorted.encode(value)).hexdigest()[:32]


class ExactEncoder(json.JSONEncoder):
    """`dumps` for Django's JSON fields."""

    def encode(self, o: object) -> str:
        return dumps(o)

    def iterencode(self, o: object, _one_shot: bool = False) -> Iterator[str]:
        return iter((dumps(o),))


class ExactDecoder(json.JSONDecoder):
    """`loads` for Django's JSON fields."""

    def decode(self, s: str, _w: object = None) -> Any:
        return loads(s)
