"""The public Segment HTTP specification, as far as a server needs it: calls, bodies, limits.

Nothing here does I/O. What is checked is what makes a request impossible to keep: no JSON, no
object, no valid UTF-8, too large. Whether an event makes sense is for the drain to say, which keeps
what it cannot read as a dead letter; a refused request would be dropped by the sender for ever.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

import msgspec

from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Text
from enishi.sources.eventlog.format import Kind

MOST_EVENT: Final = 32 * 1024
"""The most bytes of one event."""

MOST_BATCH: Final = 500 * 1024
"""The most bytes of one request, before and after it is unpacked."""

MOST_EVENTS: Final = 10_000
"""The most events of one request. Half a megabyte of real events holds far fewer; of items of one
byte it would hold 250,000, each of which becomes a dead letter."""

_CALLS: Final[dict[str, Kind]] = {
    "batch": "batch", "b": "batch", "import": "batch",
    "track": "track", "t": "track",
    "identify": "identify", "i": "identify",
    "page": "page", "p": "page",
    "screen": "screen", "s": "screen",
    "group": "group", "g": "group",
    "alias": "alias", "a": "alias",
}  # fmt: skip


class BadRequestError(EnishiError):
    """The request cannot be read; sending it again is of no use."""

    status = 400
    code = "event_unreadable"


class TooSlowError(EnishiError):
    """The body did not come in time; it may be sent again."""

    status = 408
    code = "event_slow"


class TooLargeError(EnishiError):
    status = 413
    code = "event_too_large"


def call_of(path: str) -> Kind | None:
    """The call a POST's path stands for, with or without `/v1`; None: no call of the protocol."""
    if path == "/beacon/v1/batch":
        return "batch"
    name = path.removeprefix("/v1/") if path.startswith("/v1/") else path.removeprefix("/")
    return _CALLS.get(name.removesuffix("/"))


def unpack(body: bytes, encoding: str = "") -> bytes:
    """A body as it was before it was packed; gzip is also known by its first bytes.

    Raises BadRequestError, or TooLargeError as soon as more than `MOST_BATCH` has come out.
    """
    if not body.startswith(b"\x1f\x8b"):
        if encoding not in ("", "identity", "gzip"):
            raise _unknown_encoding()
        return body
    opened = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        found = opened.decompress(body, MOST_BATCH + 1)
    except zlib.error as error:
        raise _bad_gzip() from error
    if len(found) > MOST_BATCH:
        raise too_large_batch()
    if not opened.eof:
        raise _bad_gzip()
    return found


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]
    writeKey: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815  the protocol's name


class _Single(msgspec.Struct):
    writeKey: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815  the protocol's name


_read_batch = msgspec.json.Decoder(_Batch).decode
_read_single = msgspec.json.Decoder(_Single).decode
_read_text = msgspec.json.Decoder(str).decode
_HALF = re.compile(
    rb"(?<!\\)((?:\\\\)*)(?:"  # backslashes that stand for themselves; a run is looked at once
    rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"  # both halves of a pair
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"  # one alone
)


class Checked(msgspec.Struct, frozen=True):
    """A body that can be kept, how many events it holds, and the write key inside it ('')."""

    body: bytes
    events: int
    write_key: str


def check(kind: Kind, body: bytes) -> Checked:
    """Check a body against the call. Raises BadRequestError and TooLargeError.

    Half a surrogate pair (a text cut in the middle of an emoji) is no text in any encoding; it
    becomes U+FFFD, which takes as many bytes, so that the rest of the request is not lost for it.
    """
    if len(body) > MOST_BATCH:
        raise too_large_batch()
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise _bad_json() from error
    # One byte is looked for many times faster than two or three.
    if b"\\" in body and (rb"\ud" in body or rb"\uD" in body):
        body = _HALF.sub(_whole, body)
    try:
        if kind == "batch":
            batch = _read_batch(body)
            events, told = batch.batch, batch.writeKey
            if len(events) > MOST_EVENTS:
                raise _too_many_events()
            if any(len(event) > MOST_EVENT for event in events):
                raise _too_large_event()
            return Checked(body, len(events), _key(told) or _key_inside(events))
        told = _read_single(body).writeKey
    except msgspec.ValidationError as error:
        raise _no_batch() if _is_object(body) else _bad_json() from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise _bad_json() from error
    if len(body) > MOST_EVENT:
        raise _too_large_event()
    return Checked(body, 1, _key(told))


def _whole(found: re.Match[bytes]) -> bytes:
    return found[0] if found[2] else found[1] + rb"\ufffd"


def _key(told: msgspec.Raw) -> str:
    try:
        return _read_text(told)
    except msgspec.MsgspecError:
        return ""


def _key_inside(events: list[msgspec.Raw]) -> str:
    """Some senders put the key into each event."""
    try:
        return _key(_read_single(events[0]).writeKey) if events else ""
    except msgspec.MsgspecError:
        return ""


def _is_object(body: bytes) -> bool:
    return body.lstrip(b" \t\r\n").startswith(b"{")


def _unknown_encoding() -> BadRequestError:
    return BadRequestError(
        Text("この Content-Encoding は読めません。", "This Content-Encoding is not known."),
        Text(
            "gzip で圧縮するか、圧縮せずにお送りください。",
            "Send it gzipped, or not packed at all.",
        ),
        code="event_encoding",
    )


def _bad_gzip() -> BadRequestError:
    return BadRequestError(
        Text("gzip として読めません。", "The body cannot be unpacked as gzip."),
        Text("圧縮の設定を確認してください。", "Check how the sender packs it."),
        code="event_gzip",
    )


def _bad_json() -> BadRequestError:
    return BadRequestError(
        Text(
            "本文が UTF-8 の JSON オブジェクトではありません。",
            "The body is not a JSON object in UTF-8.",
        ),
        Text(
            "Segment の HTTP 仕様の形でお送りください。",
            "Send it as the Segment HTTP specification says.",
        ),
        code="event_json",
    )


def _no_batch() -> BadRequestError:
    return BadRequestError(
        Text("batch に配列がありません。", "There is no array named `batch`."),
        Text(
            'イベントを {"batch": [...]} の形でお送りください。',
            'Send the events as {"batch": [...]}.',
        ),
        code="event_batch",
    )


def unknown_call(name: str) -> BadRequestError:
    return BadRequestError(
        Text("この呼び出しはありません。", "There is no such call."),
        Text(
            "batch、track、identify、page、screen、group、alias のどれかをお使いください。",
            "Use batch, track, identify, page, screen, group or alias.",
        ),
        code="event_call",
        detail={"call": name[:40]},
    )


def too_slow() -> TooSlowError:
    return TooSlowError(
        Text("本文が時間内に届きませんでした。", "The body did not arrive in time."),
        Text("もう一度お送りください。", "Send it again."),
    )


def _too_large_event() -> TooLargeError:
    return TooLargeError(
        Text("イベントが 32 KB を超えています。", "An event is larger than 32 KB."),
        Text(
            "1件を 32 KB(32,768 バイト)以下にしてください。",
            "Keep each event within 32 KB (32,768 bytes).",
        ),
        detail={"limit": MOST_EVENT},
    )


def _too_many_events() -> TooLargeError:
    return TooLargeError(
        Text(
            "リクエストのイベントが 10,000 件を超えています。",
            "The request holds more than 10,000 events.",
        ),
        Text(
            "1回を 10,000 件以下に分けてください。",
            "Split it into requests of at most 10,000 events.",
        ),
        code="batch_too_many",
        detail={"limit": MOST_EVENTS},
    )


def too_large_batch() -> TooLargeError:
    return TooLargeError(
        Text("リクエストが 500 KB を超えています。", "The request is larger than 500 KB."),
        Text(
            "1回を 500 KB(512,000 バイト)以下に分けてください。",
            "Split it into requests of at most 500 KB (512,000 bytes).",
        ),
        code="batch_too_large",
        detail={"limit": MOST_BATCH},
    )
