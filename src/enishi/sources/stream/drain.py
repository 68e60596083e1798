"""Drains the log of events into the warehouse: read, deduped, theirs, appended, exactly once.

    log ──read──▶ records ──parse──▶ events ──dedupe──▶ new ones ──whose──▶ rows of activity
                               └─ unread ─▶ dead letters        └─ nobody's yet ─▶ unclaimed

Rows, dead letters, aliases and how far the log has been read commit in one transaction of the
warehouse, together with whatever a listener writes (`on_batch`). A batch is what has come while the
one before was committed: one event when it is quiet, up to `MOST_EVENTS` when it is not.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa

from enishi.book.unit import crash_point
from enishi.book.workspace import Workspace
from enishi.catalog.types import Catalog
from enishi.kernel.clock import Clock, system_clock
from enishi.sources.dead_letters import store_dead
from enishi.sources.eventlog.format import Record
from enishi.sources.eventlog.positions import write_drained
from enishi.sources.eventlog.reader import LogReader, shards, walk
from enishi.sources.stream.dedupe import PARTS, Seen, hashes, place
from enishi.sources.stream.known import Names, Sources
from enishi.sources.stream.loads import Counts, count, open_load
from enishi.sources.stream.parse import Event, Unread, events_of
from enishi.sources.stream.rows import Rows
from enishi.sources.stream.tombstones import Erased
from enishi.sources.stream.types import Drained, OnBatch
from enishi.sources.stream.whose import Whose
from enishi.sources.types import DeadLetter
from enishi.warehouse.duckdb_engine import DuckDBEngine, Workbench, Writer
from enishi.warehouse.tables import fit, stale_fault, table_of

ENV_DEDUPE = "ENISHI_STREAM_DEDUPE"
"""`off` lets copies of events in: to show that the kill campaign would find them."""

LETTERS = "stream:"
"""How the `file` of a dead letter of the stream begins; the shard follows. Its `line` is the
record's offset, plus the event's place in it."""

MOST_BYTES = 8_000_000
"""About so much of the log is read into one batch."""

MOST_EVENTS = 50_000
_TOLD_EVERY = timedelta(seconds=10)  # how often the dataset's age is written down
_log = logging.getLogger("enishi.stream")


@dataclass(slots=True)
class Position:
    """How far a shard has been drained. `number` (1 to 255) stands for it in the dedupe index."""

    number: int
    offset: int


@dataclass
class Batch:
    """What has been read for one transaction."""

    records: int = 0
    events: list[Event] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    after: dict[str, int] = field(default_factory=dict)  # shard → the offset to go on at
    read: dict[str, int] = field(default_factory=dict)
    duplicates: dict[str, int] = field(default_factory=dict)
    erased: dict[str, int] = field(default_factory=dict)


class Drainer:
    """The one that drains a workspace's log. Its methods take turns, in whatever threads."""

    def __init__(
        self,
        workspace: Workspace,
        engine: DuckDBEngine,
        catalog: Catalog,
        clock: Clock = system_clock,
    ) -> None:
        self._workspace, self._engine, self._clock = workspace, engine, clock
        self._catalog = catalog
        self._turn = threading.RLock()
        self._readers: dict[str, LogReader] = {}
        self._positions: dict[str, Position] | None = None
        self._seen: Seen | None = None
        self._erased = Erased(workspace.secret())
        self._sources = Sources(workspace.events)
        self._names = Names()
        self._rows: Rows | None = None
        self._whose: Whose | None = None
        self._told: datetime | None = None

    @property
    def catalog(self) -> Catalog:
        return self._catalog

    def use_catalog(self, catalog: Catalog) -> None:
        """Drain by this catalog from the next batch on."""
        with self._turn:
            if catalog.version != self._catalog.version:
                self._rows = self._whose = None
            self._catalog = catalog

    def run_once(self, on_batch: OnBatch | None = None) -> bool:
        """Drain one batch; whether there was one. Raises Conflict `reload_needed` where the catalog
        no longer fits the events there."""
        with self._turn:
            if self._catalog.stream is None:
                return False
            self._open()
            batch = self._read()
            if not batch.records:
                return False
            try:
                self._commit(batch, on_batch)
            except BaseException:
                self._rolled_back()
                raise
            return True

    def close(self) -> None:
        """Let go of the log and the index."""
        with self._turn:
            self._forget()

    # ── what is read ─────────────────────────────────────────────────────────────────────────────

    def _read(self) -> Batch:
        assert self._positions is not None
        batch = Batch()
        for shard in shards(self._workspace.events):
            position = self._positions.get(shard)
            if position is None:
                position = self._positions[shard] = Position(len(self._positions) + 1, 0)
            reader = self._readers.get(shard)
            if reader is None:
                reader = self._readers[shard] = LogReader(self._workspace.events / shard)
            records, after = reader.read(position.offset, MOST_BYTES)
            if records:
                self._parse(batch, shard, position, records, after)
            if len(batch.events) >= MOST_EVENTS:
                break
        return batch

    def _parse(
        self, batch: Batch, shard: str, position: Position, records: Sequence[Record], after: int
    ) -> None:
        events: list[Event] = []
        unread = len(batch.unread)
        for number, record in enumerate(records, 1):
            for found in events_of(shard, record):
                if isinstance(found, Event):
                    events.append(found)
                else:
                    batch.unread.append(found)
            batch.records += 1
            if len(batch.events) + len(events) >= MOST_EVENTS and number < len(records):
                after = record.after
                break
        batch.after[shard] = after
        batch.read[shard] = len(events) + len(batch.unread) - unread
        batch.events += self._new(batch, shard, position.number, events)

    def _new(self, batch: Batch, shard: str, number: int, events: list[Event]) -> list[Event]:
        """Those of a shard's events that have not been seen."""
        if self._seen is None or not events:
            return events
        again = self._seen.duplicates(
            hashes([event.message_id for event in events]),
            np.array([place(number, event.origin.offset) for event in events], np.uint64),
            np.array([event.origin.at for event in events], np.int64),
        )
        batch.duplicates[shard] = int(again.sum())
        if not batch.duplicates[shard]:
            return events
        return [event for event, known in zip(events, again.tolist(), strict=True) if not known]

    # ── what is written ──────────────────────────────────────────────────────────────────────────

    def _commit(self, batch: Batch, on_batch: OnBatch | None) -> None:
        now = self._clock()
        naive = now.astimezone(UTC).replace(tzinfo=None)
        with self._engine.workbench() as bench, bench.transaction():
            rows = self._write(bench, batch, naive)
            if on_batch is not None:
                drained = Drained(now, rows, self._catalog, self._workspace.secret())
                on_batch(bench, drained)
            crash_point("stream.worked_out")
        crash_point("stream.committed")
        if self._seen is not None:
            self._seen.commit()
        self._names.commit()
        assert self._positions is not None
        for shard, after in batch.after.items():
            self._positions[shard].offset = after
            write_drained(self._workspace.events / shard, after)

    def _write(self, bench: Workbench, batch: Batch, now: datetime) -> pa.Table:
        rows, whose = self._makers(bench)
        self._erased.refresh(bench)
        events = self._not_erased(batch)
        settled = whose.settle(bench, events)
        for event, person in settled.hers:
            source = self._sources.find(event.origin.source)
            rows.add(event, person, source.name, source.channel)
        load_id = open_load(bench, rows.dataset.name, now)
        table = rows.table(load_id)
        if table.num_rows:
            bench.insert(table_of(rows.dataset.name), table)
            self._names.note(bench, table.column("event"), now)
        dead = [_letter(one) for one in (*batch.unread, *settled.unread)]
        store_dead(bench, load_id, rows.dataset.name, dead, now)
        count(
            bench, load_id,
            Counts(table.num_rows, sum(batch.duplicates.values()), len(dead)),
        )  # fmt: skip
        self._note_offsets(bench, batch)
        if self._told is None or now - self._told >= _TOLD_EVERY:
            self._told = now
            bench.execute(
                "UPDATE enishi.datasets SET loaded_at = ? WHERE dataset = ?",
                [now, rows.dataset.name],
            )
        return table

    def _makers(self, writer: Writer) -> tuple[Rows, Whose]:
        """What makes rows and finds persons by the present catalog."""
        if self._rows is None or self._whose is None:
            stream = self._catalog.stream
            assert stream is not None
            dataset = self._catalog.datasets[stream.activity]
            differences = fit(self._engine, writer, dataset, self._catalog)
            if differences:
                raise stale_fault(dataset, differences)
            self._rows, self._whose = Rows(self._catalog), Whose(self._catalog)
        return self._rows, self._whose

    def _not_erased(self, batch: Batch) -> list[Event]:
        if not len(self._erased):
            return batch.events
        kept = []
        for event in batch.events:
            if self._erased.is_erased(event.user, event.anonymous) or self._erased.is_erased(
                None, event.previous
            ):
                shard = event.origin.shard
                batch.erased[shard] = batch.erased.get(shard, 0) + 1
            else:
                kept.append(event)
        return kept

    def _note_offsets(self, bench: Writer, batch: Batch) -> None:
        assert self._positions is not None
        for shard, after in batch.after.items():
            told = [
                after, batch.read.get(shard, 0), batch.duplicates.get(shard, 0),
                batch.erased.get(shard, 0),
            ]  # fmt: skip
            changed = bench.execute(
                'UPDATE enishi.stream_offsets SET "offset" = ?, read = read + ?,'
                " duplicates = duplicates + ?, erased = erased + ? WHERE shard = ?",
                [*told, shard],
            )
            if not changed:
                bench.execute(
                    "INSERT INTO enishi.stream_offsets VALUES (?, ?, ?, ?, ?, ?)",
                    [shard, self._positions[shard].number, *told],
                )

    # ── where it stands ──────────────────────────────────────────────────────────────────────────

    def _open(self) -> None:
        """Know how far each shard has been drained, and which ids have been seen."""
        if self._positions is not None:
            return
        with self._engine.read() as question:
            self._positions = {
                shard: Position(number, offset)
                for shard, number, offset in question.rows(
                    'SELECT shard, number, "offset" FROM enishi.stream_offsets'
                )
            }
            self._names.read(question)
        if os.environ.get(ENV_DEDUPE) == "off":
            _log.warning("copies of events are let in: %s is off", ENV_DEDUPE)
            return
        stream = self._catalog.stream
        assert stream is not None
        keep = stream.keep // timedelta(microseconds=1)
        self._seen = Seen(self._workspace.events / "dedupe", keep)
        if self._seen.whole:
            self._seen.forget({one.number: one.offset for one in self._positions.values()})
        else:
            self._see_again(self._seen, keep)

    def _see_again(self, seen: Seen, keep: int) -> None:
        """Fill the index from the log with what had been received within `keep` and is drained."""
        assert self._positions is not None
        since = int(self._clock().timestamp() * 1_000_000) - keep - keep // PARTS
        for shard, position in self._positions.items():
            records: list[Record] = []
            for record in walk(self._workspace.events / shard, 0, position.offset):
                if record.at >= since:
                    records.append(record)
                if len(records) >= 1000:
                    self._see(seen, shard, position.number, records)
                    records = []
            self._see(seen, shard, position.number, records)
        seen.commit()

    def _see(self, seen: Seen, shard: str, number: int, records: Sequence[Record]) -> None:
        events = [
            event
            for record in records
            for event in events_of(shard, record)
            if isinstance(event, Event)
        ]
        seen.duplicates(
            hashes([event.message_id for event in events]),
            np.array([place(number, event.origin.offset) for event in events], np.uint64),
            np.array([event.origin.at for event in events], np.int64),
        )

    def _rolled_back(self) -> None:
        if self._seen is not None:
            self._seen.undo()
        self._names.undo()
        self._rows = self._whose = None

    def _forget(self, *, clean: bool = True) -> None:
        if self._seen is not None:
            self._seen.close(clean=clean)
            self._seen = None
        for reader in self._readers.values():
            reader.close()
        self._readers = {}
        self._positions = None
        self._rows = self._whose = None


def _letter(one: Unread) -> DeadLetter:
    """The dead letter of an event; its `args` hold what it takes to read it again."""
    told = {**one.args, "origin": msgspec.to_builtins(one.origin), "call": one.call}
    raw = one.raw.decode("utf-8", "replace")
    file = f"{LETTERS}{one.origin.shard}"
    return DeadLetter(file, one.origin.line, one.code, raw, one.field, told)
