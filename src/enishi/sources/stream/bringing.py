"""Brings events into the warehouse, inside a transaction: whose they are, then their rows."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
import pyarrow as pa

from enishi.book.faults import kind_and_place
from enishi.book.workspace import Workspace
from enishi.catalog.types import Catalog
from enishi.sources.eventlog.rewrite import Identifiers
from enishi.sources.stream.known import Names, Sources
from enishi.sources.stream.parse import IMPORTED, Event, Unread
from enishi.sources.stream.rows import Rows, user_speller
from enishi.sources.stream.tombstones import Erased
from enishi.sources.stream.whose import Whose
from enishi.sources.types import DeadLetter
from enishi.warehouse.duckdb_engine import DuckDBEngine, Question, Writer
from enishi.warehouse.tables import fit, stale_fault, table_of

_log = logging.getLogger("enishi.stream")
_read_identifiers = msgspec.json.Decoder(Identifiers).decode
LETTERS = "stream:"
"""How the `file` of a dead letter of the stream begins; the shard follows. Its `line` is the
record's offset, plus the event's place in it."""


@dataclass
class Brought:
    """What was appended, what could not be read after all, and by shard how many events were
    dropped because their person has been erased."""

    rows: pa.Table
    unread: list[Unread]
    erased: Counter[str] = field(default_factory=Counter)


class Bringing:
    """Remembers persons, names and sources between transactions; `undo` after a failed one."""

    def __init__(self, workspace: Workspace, engine: DuckDBEngine, catalog: Catalog) -> None:
        self._engine, self.catalog = engine, catalog
        self._erased = Erased(workspace.secret())
        self._sources = Sources(workspace.events)
        self._names = Names()
        self._made: tuple[Rows, Whose] | None = None

    def use(self, catalog: Catalog) -> None:
        """Go by this catalog from now on."""
        if catalog.version != self.catalog.version:
            self._made = None
        self.catalog = catalog

    def bring(
        self, writer: Writer, events: Sequence[Event], load_id: str, now: datetime
    ) -> Brought:
        """Append events as rows of a load. `now` is naive UTC. Raises Conflict `reload_needed`."""
        rows, whose = self._makers(writer)
        self._erased.refresh(writer)
        self._sources.look()
        erased: Counter[str] = Counter()
        events = self._kept(_not_imported_yet(writer, rows.dataset.name, events), erased)
        settled = whose.settle(writer, events)
        for event, person in settled.hers:
            source = self._sources.find(event.origin.source)
            try:
                rows.add(event, person, source.name, source.channel)
            except Exception as error:  # one event keeps no other back
                _log.error("an event cannot be made a row: %s", kind_and_place(error))
                settled.unread.append(_no_row(event))
        table = rows.table(load_id)
        if table.num_rows:
            writer.insert(table_of(rows.dataset.name), table)
            self._names.note(writer, table.column("event"), now)
        return Brought(table, settled.unread, erased)

    def has_news(self, question: Question) -> bool:
        """Whether somebody whom events wait for may have been loaded since the last batch."""
        return (
            Whose(self.catalog).has_news(question)
            if self._made is None
            else (self._made[1].has_news(question))
        )

    def purge(self, writer: Writer, now: datetime) -> int:
        """Drop events that have waited too long for somebody to claim them."""
        return self._makers(writer)[1].purge(writer, now)

    def commit(self) -> None:
        self._names.commit()

    def undo(self) -> None:
        """Forget what the books may not have."""
        self._names.undo()
        self._made = None

    def _makers(self, writer: Writer) -> tuple[Rows, Whose]:
        """What makes rows and finds persons by the present catalog."""
        if self._made is None:
            stream = self.catalog.stream
            assert stream is not None, "only a catalog with a person has a stream"
            dataset = self.catalog.datasets[stream.activity]
            differences = fit(self._engine, writer, dataset, self.catalog)
            if differences:
                raise stale_fault(dataset, differences)
            self._names.read(writer)
            self._made = Rows(self.catalog), Whose(self.catalog)
        return self._made

    def _kept(self, events: Sequence[Event], erased: Counter[str]) -> Sequence[Event]:
        """Those of people who have not been erased; the others are counted."""
        if not len(self._erased):
            return events
        kept = []
        for event in events:
            if self._is_erased(event.user, event.anonymous, event.previous):
                erased[event.origin.shard] += 1
            else:
                kept.append(event)
        return kept

    def kept_unread(self, unread: Sequence[Unread], erased: Counter[str]) -> list[Unread]:
        """The same of what could not be read, as far as it says whose it is. After `bring`, in the
        same transaction."""
        if not len(self._erased):
            return list(unread)
        kept = []
        for one in unread:
            try:
                told = _read_identifiers(one.raw)
            except (msgspec.MsgspecError, RecursionError):
                told = Identifiers()
            if self._is_erased(told.user, told.anonymous, told.previous):
                erased[one.origin.shard] += 1
            else:
                kept.append(one)
        return kept

    def _is_erased(self, user: str | None, anonymous: str | None, previous: str | None) -> bool:
        stream = self.catalog.stream
        if user is not None and stream is not None:
            user = user_speller(self.catalog, stream)(user)
        return self._erased.is_erased(user, anonymous) or self._erased.is_erased(None, previous)


def _no_row(event: Event) -> Unread:
    return Unread(event.origin, event.raw, "no_row", None, event.message_id, {}, event.call)


def _not_imported_yet(writer: Writer, activity: str, events: Sequence[Event]) -> Sequence[Event]:
    """Without those of files that have been imported before, however long ago that was."""
    imported = [one.message_id for one in events if one.origin.source.startswith(IMPORTED)]
    if not imported:
        return events
    writer.register("_asked", pa.table({"id": pa.array(imported, pa.string())}))
    try:
        taken = {
            row[0]
            for row in writer.rows(
                f"SELECT a.message_id FROM {table_of(activity)} a JOIN _asked q"
                " ON q.id = a.message_id WHERE a.channel = 'offline'"
            )
        }
    finally:
        writer.unregister("_asked")
    return [one for one in events if one.message_id not in taken] if taken else events


def letter(one: Unread) -> DeadLetter:
    """The dead letter of an event; its `args` hold what it takes to read it again."""
    told = {**one.args, "origin": msgspec.to_builtins(one.origin), "call": one.call}
    raw = one.raw.decode("utf-8", "replace")
    file = f"{LETTERS}{one.origin.shard}"
    return DeadLetter(file, one.origin.line, one.code, raw, one.field, told)
