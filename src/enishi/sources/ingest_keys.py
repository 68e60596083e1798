"""The write keys as the ingest process knows them: a file that the book side writes.

    {"sources": {"<SHA-256 of a key>": {"id", "name", "kind", "enabled", "origins", "until"}}}

`origins` limits the pages that may send with a key (empty: any), `until` ends a replaced key's time
(seconds since 1970; 0: none). Who can read the file learns no key of it.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Literal

import msgspec

KEYS = "keys.json"
SourceKind = Literal["web", "server", "app"]
_LOOK_EVERY = 1.0  # seconds


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
