"""Takes one person's events out of the log without moving anything else.

A record that holds events of hers is written again with the same length at the same place: her
events become `{"erased":1}`, a single call's body too, blanks fill what is left over, and the check
is computed anew. Offsets, other people's events and the times of acceptance stay as they were, so
the drain's position and a later rebuild are untouched.

Whose an event is follows its identifiers: `userId`, else `anonymousId`; and `previousId` of an
alias. Only sealed segments are rewritten: a writer is asked to begin a new one first.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import struct
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa

from enishi.kernel.errors import Conflict, Unavailable
from enishi.kernel.text import Text
from enishi.sources.eventlog.format import ERASED, FIXED, Record, decode
from enishi.sources.eventlog.writer import ROLL, Shard

_LOCK = "rewrite.lock"
_ROLL_SECONDS = 15.0
_LOOK_SECONDS = 0.05


class Identifiers(msgspec.Struct):
    """What of an event says whose it is; anything that is no text counts as written."""

    userId: object = None  # noqa: N815  the specification's name
    anonymousId: object = None  # noqa: N815  likewise
    previousId: object = None  # noqa: N815  likewise

    @property
    def user(self) -> str | None:
        return _text(self.userId)

    @property
    def anonymous(self) -> str | None:
        return _text(self.anonymousId)

    @property
    def previous(self) -> str | None:
        return _text(self.previousId)


Whose = Callable[[Identifiers], bool]
"""Whether an event with these identifiers is to go."""


@dataclass
class Blanked:
    """What a rewriting did: events blanked, segments written again."""

    events: int = 0
    segments: int = 0


_decode_identifiers = msgspec.json.Decoder(Identifiers).decode
_decode_parts = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


def blank(
    events: Path,
    whose: Whose,
    needles: Sequence[bytes] | None = None,
    *,
    since: dict[str, int] | None = None,
) -> Blanked:
    """Blank the events for which `whose` is true, in every shard below `events`.

    `needles`: an event that is to go holds one of these texts as written in JSON; segments without
    any are passed over unread. None: every event is looked at. `since`: by shard, the offset from
    which segments are of interest. Raises Unavailable `log_busy` when a writer does not let go of
    its segment.
    """
    done = Blanked()
    for folder in sorted(path for path in events.glob("*") if path.is_dir()):
        if not any(folder.glob("*.log*")):
            continue
        seal(folder)
        with rewriting(folder):
            for path in _sealed(folder):
                begin = int(path.name.partition(".")[0])
                if since is not None and begin < since.get(folder.name, 0):
                    continue
                gone = _blank_segment(path, begin, whose, needles)
                done.events += gone
                done.segments += gone > 0
    return done


@contextlib.contextmanager
def rewriting(folder: Path) -> Iterator[None]:
    """The right to write a shard's sealed segments again, or to compress them; waits for it."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def seal(folder: Path) -> None:
    """See to it that the newest segment of a shard is empty: all that was accepted is sealed."""
    newest = max(folder.glob("*.log"), key=lambda path: path.name, default=None)
    if newest is None or newest.stat().st_size == 0:
        return
    (folder / ROLL).touch(mode=0o600)
    until = time.monotonic() + _ROLL_SECONDS
    while (folder / ROLL).exists():
        with contextlib.suppress(Conflict), Shard(folder) as shard:  # nobody writes: do it here
            shard.roll_if_asked()
            return
        if time.monotonic() > until:
            raise Unavailable(
                Text(
                    "イベントの記録が切り替わりませんでした。",
                    "The log of events was not cut to a new segment.",
                ),
                Text("しばらくして自動でやり直します。", "It is tried again by itself."),
                code="log_busy",
            )
        time.sleep(_LOOK_SECONDS)


def read_segment(path: Path) -> bytes:
    """A segment's bytes, unpacked when it is compressed."""
    if path.suffix != ".zst":
        return path.read_bytes()
    with pa.input_stream(str(path), compression="zstd") as content:
        return bytes(content.read())


def _sealed(folder: Path) -> list[Path]:
    """The segments that nobody writes to: all but the newest."""
    found = sorted(folder.glob("*.log*"), key=lambda path: path.name)
    found = [path for path in found if path.name.endswith((".log", ".log.zst"))]
    newest = max((p for p in found if p.suffix == ".log"), key=lambda p: p.name, default=None)
    return [path for path in found if path != newest]


def _blank_segment(path: Path, start: int, whose: Whose, needles: Sequence[bytes] | None) -> int:
    data = read_segment(path)
    # A text may be spelled with \u00XX for plain letters: who writes so is read whole.
    if needles is not None and b"\\u00" not in data and not any(n in data for n in needles):
        return 0
    changed = bytearray(data)
    gone = 0
    for record in decode(data, start):
        body, here = _blanked(record, whose)
        if here:
            gone += here
            _put(changed, record.offset - start, record, body)
    if gone:
        _replace(path, bytes(changed))
    return gone


def _blanked(record: Record, whose: Whose) -> tuple[bytes, int]:
    """The record's body without the events that are to go, as long as before; how many went."""
    if record.head.kind != "batch":
        if not _is_hers(record.body, whose):
            return record.body, 0
        return _filled(ERASED, len(record.body)), 1
    try:
        parts = _decode_parts(record.body)
        items = _decode_items(parts.get("batch", msgspec.Raw(b"[]")))
    except msgspec.DecodeError:
        return record.body, 0
    kept = [ERASED if _is_hers(bytes(item), whose) else bytes(item) for item in items]
    gone = sum(item is ERASED for item in kept)
    if not gone:
        return record.body, 0
    if gone == len(kept):
        return _filled(b'{"batch":[]}', len(record.body)), gone
    told = [
        _encode(name) + b":" + (b"[" + b",".join(kept) + b"]" if name == "batch" else bytes(part))
        for name, part in parts.items()
    ]
    return _filled(b"{" + b",".join(told) + b"}", len(record.body)), gone


def _is_hers(event: bytes, whose: Whose) -> bool:
    try:
        return whose(_decode_identifiers(event))
    except msgspec.DecodeError:
        return False  # no object: it names nobody


def _filled(body: bytes, length: int) -> bytes:
    """The body, its object kept open with blanks until it is as long as before."""
    assert len(body) <= length
    return body[:-1] + b" " * (length - len(body)) + b"}"


def _put(data: bytearray, position: int, record: Record, body: bytes) -> None:
    """Write a record's new body in its place, and its check."""
    after = position + (record.after - record.offset)
    data[after - len(body) : after] = body
    struct.pack_into("<I", data, position + 4, zlib.crc32(data[position + 8 : after]))
    assert FIXED.size + position <= after


def _replace(path: Path, data: bytes) -> None:
    """Put a segment's new content in place of the old: either is there, whole, at any moment."""
    aside = path.with_name(f".{path.name}.new")
    if path.suffix == ".zst":
        with pa.output_stream(str(aside), compression="zstd") as packed:
            packed.write(data)
        with aside.open("rb") as file:
            os.fsync(file.fileno())
    else:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    aside.chmod(0o600)
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def spellings(text: str) -> set[bytes]:
    """How a text stands inside a JSON string, with and without its characters escaped."""
    return {
        json.dumps(text, ensure_ascii=plain)[1:-1].encode("utf-8", "surrogatepass")
        for plain in (True, False)
    }


def _text(value: object) -> str | None:
    """An id as the drain reads it; None for what is none."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int) else None
