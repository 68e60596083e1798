"""What a drainer remembers beside persons: event sources, and which names events have had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from enishi.sources.ingest_keys import KEYS, KeyFile
from enishi.sources.stream.parse import IMPORTED
from enishi.warehouse.duckdb_engine import Question, Writer
from enishi.warehouse.event_names import MOST


@dataclass(frozen=True, slots=True)
class Origins:
    """An event source as rows tell it: its name, and the channel web, server, app or offline."""

    name: str
    channel: str


class Sources:
    """Event sources by id, from the file that ingest reads too."""

    def __init__(self, events: Path) -> None:
        self._path = events / KEYS
        self._stamp: tuple[int, int] | None = None
        self._known: dict[str, Origins] = {}

    def find(self, source: str) -> Origins:
        """The event source of an id; one that is not known is told by its id."""
        found = self._known.get(source)
        if found is None:
            self._read()
            found = self._known.get(source)
        if found is None:
            imported = source.startswith(IMPORTED)
            name = source.removeprefix(IMPORTED) if imported else source
            found = self._known[source] = Origins(name, "offline" if imported else "server")
        return found

    def look(self) -> None:
        """Read the file again if it is another one."""
        try:
            state = self._path.stat()
        except OSError:
            return
        if (state.st_mtime_ns, state.st_ino) != self._stamp:
            self._read()

    def _read(self) -> None:
        try:
            state = self._path.stat()
            file = msgspec.json.decode(self._path.read_bytes(), type=KeyFile)
        except (OSError, msgspec.MsgspecError):
            return
        self._stamp = (state.st_mtime_ns, state.st_ino)
        self._known |= {one.id: Origins(one.name, one.kind) for one in file.sources.values()}


class Names:
    """The names that events of the stream have had, kept in `enishi.stream_names`."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._fresh: set[str] = set()

    def read(self, question: Question) -> None:
        self._known = {row[0] for row in question.rows("SELECT name FROM enishi.stream_names")}
        self._fresh = set()

    def note(self, writer: Writer, names: pa.ChunkedArray, now: datetime) -> None:
        """Note names that are new, inside the transaction of their rows; no more than `MOST`."""
        found = set(pc.unique(names).to_pylist()) - self._known
        if not found or len(self._known) > MOST:
            return
        self._fresh = found
        for name in sorted(found):
            writer.execute("INSERT INTO enishi.stream_names VALUES (?, ?)", [name, now])

    def commit(self) -> None:
        self._known |= self._fresh
        self._fresh = set()

    def undo(self) -> None:
        self._fresh = set()
