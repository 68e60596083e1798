"""From a record of the log to its events: ids, name, time and properties, or why it is none.

The calls are those of the Segment specification. An event is named by its `event` (track), or by
its call: `page`, `screen`, `identify`, `group`, `alias`. What cannot be read becomes `Unread` with
the code of a reason (see `sources.reasons`); nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from enishi.sources.eventlog.format import Record, is_erased
from enishi.sources.stream.times import Told, instant, read_time

CALLS = frozenset({"track", "identify", "page", "screen", "group", "alias"})
IMPORTED = "import:"
"""How the source of an imported event begins; its name follows."""
MOST_NAME = 200
"""The longest name of an event, in characters."""
MOST_ID = 300
"""The longest id of a message, user or device, in characters."""


class Context(msgspec.Struct, gc=False):
    """What of an event's context is kept; the rest is passed over unread."""

    page: Any = None
    campaign: Any = None


class Item(msgspec.Struct, rename="camel", gc=False):
    """One event as it was sent; any value may be of any type."""

    type: Any = None
    message_id: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    previous_id: Any = None
    group_id: Any = None
    event: Any = None
    name: Any = None
    timestamp: Any = None
    original_timestamp: Any = None
    sent_at: Any = None
    properties: Any = None
    traits: Any = None
    context: Context | None = None


class _Odd(Item, rename="camel", gc=False):
    """The same with a context that is no object."""

    context: Any = None


class Origin(msgspec.Struct, frozen=True):
    """Where an event stands in the log, and what ingest knew of its request."""

    shard: str
    offset: int  # of its record, in the shard
    at: int  # when it was received, µs since 1970
    source: str  # the event source's id
    sent: int | None = None  # when the request says it was sent, the same
    snippet: bool = False
    index: int = 0  # among the record's events

    @property
    def line(self) -> int:
        """What tells the event from all others of its shard."""
        return self.offset + self.index


class Event(msgspec.Struct, gc=False):
    """A readable event."""

    origin: Origin
    raw: bytes
    message_id: str
    call: str
    name: str
    user: str | None
    anonymous: str | None
    previous: str | None
    time: Told
    properties: dict[str, Any]
    context: Context


class Unread(msgspec.Struct):
    """An event that cannot be read: the code of why, the field, and the reason's arguments."""

    origin: Origin
    raw: bytes
    code: str
    field: str | None
    message_id: str | None
    args: dict[str, object]
    call: str | None = None  # where the request's path told it


class _Batch(msgspec.Struct, rename="camel"):
    batch: list[msgspec.Raw]
    sent_at: Any = None


_read_batch = msgspec.json.Decoder(_Batch).decode
_read_item = msgspec.json.Decoder(Item).decode
_read_odd = msgspec.json.Decoder(_Odd).decode
_EMPTY = Context()
_NOTHING: dict[str, Any] = {}


def events_of(shard: str, record: Record) -> Iterator[Event | Unread]:
    """The events of one record, in their order; those of people who have been erased are gone."""
    head = record.head
    if is_erased(record.body):
        return
    if head.kind != "batch":
        origin = Origin(shard, record.offset, record.at, head.source, None, head.snippet)
        if not is_erased(record.body):
            yield read_event(origin, record.body, head.kind)
        return
    try:
        batch = _read_batch(record.body)
    except (msgspec.MsgspecError, RecursionError):
        origin = Origin(shard, record.offset, record.at, head.source, None, head.snippet)
        yield Unread(origin, record.body, "not_object", None, None, {})
        return
    sent = None if batch.sent_at is None else instant(batch.sent_at)
    for index, raw in enumerate(map(bytes, batch.batch)):
        if raw[2:8] == b"erased" and is_erased(raw):
            continue
        if is_erased(bytes(raw)):
            continue
        origin = Origin(shard, record.offset, record.at, head.source, sent, head.snippet, index)
        yield read_event(origin, raw, None)


def read_event(origin: Origin, raw: bytes, kind: str | None) -> Event | Unread:
    """One event of its JSON text. `kind`: the call, where the request's path told it."""
    try:
        item = _read_item(raw)
    except (msgspec.MsgspecError, RecursionError):
        try:
            item = _read_odd(raw)
        except (msgspec.MsgspecError, RecursionError):
            return Unread(origin, raw, "not_object", None, None, {}, kind)
    message, user, anonymous = _id(item.message_id), _id(item.user_id), _id(item.anonymous_id)
    previous = None if item.previous_id is None else _id(item.previous_id)
    call = kind or item.type
    fault: tuple[str, str, object] | None = None
    name = item.event if call == "track" else call
    if not isinstance(call, str) or call not in CALLS:
        fault = "unknown_call", "type", call
    elif not isinstance(name, str) or not name.strip() or len(name) > MOST_NAME:
        fault = "bad_event_name", "event", name
    elif message is _BAD or user is _BAD or anonymous is _BAD or previous is _BAD:
        fields = {"messageId": message, "userId": user, "anonymousId": anonymous}
        fault = "bad_id", next((f for f, one in fields.items() if one is _BAD), "previousId"), ""
    elif (user is None and anonymous is None) or (call == "alias" and previous is None):
        fault = "no_ids", "userId" if user is None else "previousId", ""
    told = item.traits if call in ("identify", "group") else item.properties
    if fault is None and told is not None and not isinstance(told, dict):
        fault = "bad_properties", "properties", told
    if fault is not None:
        code, field, value = fault
        given = message if isinstance(message, str) else None
        return Unread(origin, raw, code, field, given, {"value": str(value)[:60]}, kind)
    if call in ("page", "screen") and isinstance(item.name, str):
        told = {**(told or _NOTHING), "name": item.name}
    elif call == "group" and item.group_id is not None:
        told = {**(told or _NOTHING), "groupId": item.group_id}
    time = read_time(
        item.original_timestamp or item.timestamp,
        origin.sent if origin.sent is not None or item.sent_at is None else instant(item.sent_at),
        origin.at,
        old=origin.source.startswith(IMPORTED),
    )
    context = item.context if isinstance(item.context, Context) else _EMPTY
    return Event(
        origin, raw, message or f"{origin.shard}-{origin.line}", call, name.strip(), user,
        anonymous, previous, time, told or _NOTHING, context,
    )  # fmt: skip


_BAD: Any = object()


def _id(value: object) -> Any:
    """An id as text; None when there is none; `_BAD` when it is neither text nor whole number."""
    if value is None:
        return None
    if type(value) is str:
        found = value.strip()
        if 0 < len(found) <= MOST_ID and found.isprintable():
            return found
        return _BAD if found else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return _BAD
