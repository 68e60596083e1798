"""How events lie on the disk: records in append-only segment files, and how to read them back.

    var/events/<shard>/<start offset, 20 digits>.log        being written, or sealed
    var/events/<shard>/<start offset, 20 digits>.log.zst    sealed, drained and compressed

A shard is what one ingest process writes (`0`, `1`…). An offset counts the bytes of a shard from
its first one and has no gaps: a segment's name is the offset at which it starts, and a record at
offset `o` of size `n` is followed by the record at `o + n`. One record is one accepted request:

    length   u32  bytes of head and body together
    check    u32  CRC-32 of everything after this field
    at       u64  when it was accepted, microseconds since 1970 UTC
    head     u16  length of the head, then that many bytes: JSON of `Head`
    body          the request's JSON as it came, valid UTF-8, an object

An event whose person was erased is `{"erased":1}` with blanks, as long as what stood there (see
`rewrite`): a body of its own, or an item of a batch. Readers pass over it.

All numbers are little-endian. A record whose length or check does not fit ends the file: it was
being written when the process died, and its request was never answered with 200.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

FIXED = struct.Struct("<IIQH")
"""length, check, at, head: what stands before the head."""

_CHECKED = struct.Struct("<QH")
MOST = 2_000_000
"""No record's head and body are longer than this, in bytes: a larger length is no record."""

ERASED = b'{"erased":1}'
"""What stands in the place of an erased event, with blanks before its brace."""

Kind = Literal["batch", "track", "identify", "page", "screen", "group", "alias"]


class Head(msgspec.Struct, frozen=True, omit_defaults=True):
    """What ingest knows of a request beside its body: the event source's id and the call."""

    source: str
    kind: Kind
    snippet: bool = False  # a browser sent it: what it says of time is trusted least


@dataclass(frozen=True, slots=True)
class Record:
    """One accepted request. `offset` is its place in the shard, `after` the next record's."""

    offset: int
    after: int
    at: int  # µs since 1970, UTC
    head: Head
    body: bytes


_decode_head = msgspec.json.Decoder(Head).decode
_encode_head = msgspec.json.Encoder().encode


def encode(at: int, head: Head, body: bytes) -> bytes:
    """One record's bytes. `at` in microseconds since 1970, UTC."""
    told = _encode_head(head)
    rest = _CHECKED.pack(at, len(told)) + told + body
    return struct.pack("<II", len(told) + len(body), zlib.crc32(rest)) + rest


def decode(data: bytes | memoryview, start: int, position: int = 0) -> Iterator[Record]:
    """The whole records in `data` from `position` on; `start` is the offset of its first byte.

    Stops before what is no whole record.
    """
    end = len(data)
    while position + FIXED.size <= end:
        length, check, at, told = FIXED.unpack_from(data, position)
        after = position + FIXED.size + length
        if length > MOST or told > length or after > end:
            return
        if zlib.crc32(data[position + 8 : after]) != check:
            return
        head_end = position + FIXED.size + told
        head = _decode_head(bytes(data[position + FIXED.size : head_end]))
        yield Record(start + position, start + after, at, head, bytes(data[head_end:after]))
        position = after


def is_erased(event: bytes) -> bool:
    """Whether an event, as it stands in a record, was taken out because its person was erased."""
    return event.startswith(ERASED[:-1]) and not event[len(ERASED) - 1 :].strip(b" }")


def name_of(start: int) -> str:
    """The file name of the segment that starts at an offset."""
    return f"{start:020d}.log"
