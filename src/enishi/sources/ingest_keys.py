"""The write keys as the ingest process knows them: a file that the book side writes.

    {"sources": {"<SHA-256 of a key>": {"id", "name", "kind", "enabled", "origins", "until"}}}

`origins` limits the pages that may send with a key (empty: any), `until` ends a replaced key's time
(seconds since 1970; 0: none). Who can read the file learns no key of it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs

import msgspec

from enishi.kernel.errors import EnishiError, Forbidden
from enishi.kernel.text import Text
from enishi.sources.ingest_answers import Headers, Message

KEYS = "keys.json"
SourceKind = Literal["web", "server", "app"]
_LOOK_EVERY = 1.0  # seconds


class WrongKeyError(EnishiError):
    status = 401
    code = "write_key_unknown"


class KnownSource(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event source as a write key leads to it."""

    id: str
    name: str
    kind: SourceKind
    enabled: bool = True
    origins: tuple[str, ...] = ()
    until: float = 0.0

    def accepts(self, origin: str) -> bool:
        """Whether a page of this origin may send; what is no page says none."""
        return not self.origins or not origin or origin in self.origins


class KeyFile(msgspec.Struct):
    sources: dict[str, KnownSource]


def digest(key: str) -> str:
    """How a write key is stored: keys are random, so a plain hash cannot be turned round."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class Keys:
    """The key file, read again within a second of a change, and at once for an unknown key."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._sources: dict[str, KnownSource] | None = None
        self._look_at = 0.0
        self._read_anew()

    @property
    def known(self) -> bool:
        """Whether there is a key file at all; without one no key can be called unknown."""
        if self._sources is None:
            self._read_anew()
        return self._sources is not None

    def find(self, key: str) -> KnownSource | None:
        """The event source of a key; None for one that is unknown, disabled or out of date."""
        if time.monotonic() >= self._look_at:
            self._read_anew()
        hashed = digest(key)
        found = (self._sources or {}).get(hashed)
        if found is None:  # made a moment ago, perhaps
            self._read_anew()
            found = (self._sources or {}).get(hashed)
        if found is None or not found.enabled or (found.until and found.until <= time.time()):
            return None
        return found

    def _read_anew(self) -> None:
        """Read the file when it is another one. One that cannot be read changes nothing."""
        self._look_at = time.monotonic() + _LOOK_EVERY
        try:
            state = self._path.stat()
            stamp = (state.st_mtime_ns, state.st_ino, state.st_size)
            if stamp != self._stamp:
                self._sources = msgspec.json.decode(self._path.read_bytes(), type=KeyFile).sources
                self._stamp = stamp
        except (OSError, msgspec.MsgspecError):
            return


def key_of(scope: Message, headers: Headers) -> str:
    """The write key from Basic auth (`key:`) or from the query; '' when neither says one."""
    told = headers.get(b"authorization", b"")
    if told[:6].lower() == b"basic ":
        try:
            pair = base64.b64decode(told[6:], validate=False)
        except (binascii.Error, ValueError):
            return ""
        return pair.decode("utf-8", "replace").partition(":")[0]
    query: bytes = scope.get("query_string", b"")
    if b"riteKey" in query or b"ritekey" in query:
        try:
            asked = parse_qs(query.decode("latin-1"), max_num_fields=50)
        except ValueError:
            return ""
        return (asked.get("writeKey") or asked.get("writekey") or [""])[0]
    return ""


def wrong_key() -> WrongKeyError:
    return WrongKeyError(
        Text(
            "この書き込みキーでは受け付けられません。",
            "This write key is unknown or no longer valid.",
        ),
        Text(
            "「イベント」の送信元でキーを確認してください。",
            "Look the key up among the event sources.",
        ),
    )


def wrong_origin() -> Forbidden:
    return Forbidden(
        Text("このサイトからは受け付けられません。", "Pages of this site may not send here."),
        Text(
            "送信元の設定に、このサイトを加えてください。",
            "Add the site to the event source's origins.",
        ),
        code="origin_not_allowed",
    )
