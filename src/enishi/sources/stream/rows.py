"""Events as rows of the dataset `activity`, columns of Arrow, with the folded texts beside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from enishi.catalog.types import Catalog, Dataset, Field, FieldType, Stream
from enishi.identity.service import source_key
from enishi.kernel.text import WAVE_DASH, fold
from enishi.sources.stream.parse import Event
from enishi.sources.stream.times import instant
from enishi.warehouse.tables import shadow, shadow_type

Read = Callable[[Any], Any]
"""A value of JSON as a field's type; None when it does not fit."""

_MICRO = 1_000_000
_NOTHING: Mapping[str, Any] = {}
_FIELDS = (
    "message_id", "event", "ts", "person", "type", "user_id", "anonymous_id", "source", "channel",
    "url", "path", "title", "referrer", "campaign", "received_at", "sent_ts", "time_mark", "unread",
    "properties",
)  # fmt: skip
_WHOLE = re.compile(r"[+-]?[0-9]{1,25}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{0,40}\.?[0-9]{0,20}([eE][+-]?[0-9]{1,3})?", re.ASCII)
_encode = msgspec.json.Encoder(order="sorted").encode
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


class Rows:
    """Gathers rows; `table` gives them and begins anew. `person` is a value of the key's type."""

    def __init__(self, catalog: Catalog) -> None:
        stream = catalog.stream
        assert stream is not None, "only a catalog with a person has a stream"
        self.dataset: Dataset = catalog.datasets[stream.activity]
        self._own = [
            (name, path.split("."), reader(self.dataset.fields[name], catalog.zone))
            for name, path in stream.properties.items()
            if name in self.dataset.fields
        ]
        self.schema = arrow_schema(self.dataset)
        self._rows: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, event: Event, person: object, source: str, channel: str) -> None:
        """One event of a person; `source` is the event source's name."""
        time, properties = event.time, event.properties
        told = event.context.page
        page: Mapping[str, Any] = told if isinstance(told, dict) else _NOTHING
        if event.call == "page":
            page = {**page, **properties}
        campaign = event.context.campaign
        own, unread = [], []
        for name, path, read in self._own:
            given = properties.get(path[0]) if len(path) == 1 else _reach(properties, path)
            value = None if given is None else read(given)
            if given is not None and value is None:
                unread.append(name)
            own.append(value)
        self._rows.append(
            (
                event.message_id, event.name, time.ts, person, event.call, event.user,
                event.anonymous, source, channel, _text(page.get("url")), _text(page.get("path")),
                _text(page.get("title")), _text(page.get("referrer")),
                _text(campaign.get("name")) if isinstance(campaign, dict) else None,
                event.origin.at, time.told, time.mark, unread or None,
                _encode(properties).decode() if properties else None, *own,
            )
        )  # fmt: skip

    def table(self, load_id: str) -> pa.Table:
        """The rows gathered, with every column of the dataset's table, and none are left."""
        names = [*_FIELDS, *(name for name, _, _ in self._own)]
        columns = dict(zip(names, zip(*self._rows, strict=True), strict=True)) if self._rows else {}
        arrays: list[pa.Array] = []
        for name, field in self.dataset.fields.items():
            values = pa.array(columns.get(name, ()), arrow_type(field))
            arrays.append(values)
            if shadow_type(field) is not None:
                arrays.append(folded(values))
        arrays.append(pa.array([load_id] * len(self), pa.string()))
        self._rows = []
        return pa.Table.from_arrays(arrays, schema=self.schema)


def folded(values: pa.Array) -> pa.Array:
    """Texts, or lists of texts, folded as `kernel.text.fold` does it."""
    if pa.types.is_list(values.type):
        inner = folded(values.flatten())
        return pa.ListArray.from_arrays(values.offsets, inner, mask=values.is_null())
    if values.null_count == len(values):
        return values
    if pc.all(pc.string_is_ascii(values)).as_py():
        return pc.ascii_lower(values)
    coded = values.dictionary_encode()
    texts = [None if one is None else _fold(one) for one in coded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(coded.indices)


def arrow_schema(dataset: Dataset) -> pa.Schema:
    """The columns of a dataset's table in Arrow, `_load` last."""
    found: list[tuple[str, pa.DataType]] = []
    for name, field in dataset.fields.items():
        found.append((name, arrow_type(field)))
        if shadow_type(field) is not None:
            found.append((shadow(field), arrow_type(field)))
    return pa.schema([*found, ("_load", pa.string())])


def arrow_type(field: Field) -> pa.DataType:
    """The Arrow type of a field's values."""
    match field.type:
        case FieldType.STRING:
            return pa.string()
        case FieldType.INTEGER:
            return pa.int64()
        case FieldType.DECIMAL:
            return pa.decimal128(38 if field.scale > 8 else 18, field.scale)
        case FieldType.FLOAT:
            return pa.float64()
        case FieldType.BOOLEAN:
            return pa.bool_()
        case FieldType.DATE:
            return pa.date32()
        case FieldType.TIMESTAMP:
            return pa.timestamp("us")
        case FieldType.STRINGS:
            return pa.list_(pa.string())


def person_reader(catalog: Catalog, stream: Stream) -> Read:
    """How a userId is read as a value of the person's field that it is."""
    return reader(catalog.datasets[stream.person].fields[stream.user], catalog.zone)


def user_speller(catalog: Catalog, stream: Stream) -> Callable[[str], str]:
    """How a userId is spelled in the warehouse: a number may be sent with zeros before it, say, and
    is the same one. What is no such value stays as it is."""
    if catalog.datasets[stream.person].fields[stream.user].type is FieldType.STRING:
        return str
    read = person_reader(catalog, stream)

    def spelled(sent: str) -> str:
        value = read(sent)
        return sent if value is None else source_key([value])

    return spelled


def reader(field: Field, zone: ZoneInfo) -> Read:
    """How a value of JSON is read as this field's type."""
    match field.type:
        case FieldType.STRING:
            return _string
        case FieldType.INTEGER:
            return _integer
        case FieldType.DECIMAL:
            return lambda value: _decimal(value, field.scale)
        case FieldType.FLOAT:
            return _float
        case FieldType.BOOLEAN:
            return _boolean
        case FieldType.DATE:
            return lambda value: _date(value, zone)
        case FieldType.TIMESTAMP:
            return _timestamp
        case FieldType.STRINGS:
            return _strings


def _reach(properties: Mapping[str, Any], path: list[str]) -> Any:
    found: Any = properties
    for part in path:
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    if unicodedata.is_normalized("NFKC", text):  # as nearly all text is; it costs less to see
        return text.casefold().replace(WAVE_DASH, "~")
    return fold(text)


def _string(value: object) -> str | None:
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


def _integer(value: object) -> int | None:
    if isinstance(value, str):
        value = int(value) if _WHOLE.fullmatch(value) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    return None


def _decimal(value: object, scale: int) -> Decimal | int | None:
    if type(value) is int and abs(value) < 10**9:
        return value  # as most amounts are; Arrow takes it as it is
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        text = str(value).strip()
        found = Decimal(text) if _NUMBER.fullmatch(text) else Decimal("NaN")
        if not found.is_finite():
            return None
        exact = round(found, scale)
    except (InvalidOperation, ValueError):
        return None
    most = 38 if scale > 8 else 18
    return exact if exact == found and abs(exact) < Decimal(10) ** (most - scale) else None


def _float(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < float("inf") else None


def _boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    text = str(value).lower() if isinstance(value, (str, int)) else ""
    return True if text in _TRUE else False if text in _FALSE else None


def _date(value: object, zone: ZoneInfo) -> date | None:
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    micros = _timestamp(value)
    if micros is None:
        return None
    return datetime.fromtimestamp(micros / _MICRO, UTC).astimezone(zone).date()


def _timestamp(value: object) -> int | None:
    found = instant(value)
    if found is None or not -62_135_596_800_000_000 <= found < 253_370_764_800_000_000:
        return None
    return found


def _strings(value: object) -> list[str] | None:
    items = value if isinstance(value, list) else [value]
    found = [_string(item) for item in items]
    return None if any(one is None for one in found) else [one for one in found if one]
