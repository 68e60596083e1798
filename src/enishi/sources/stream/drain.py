"""Drains the log of events into the warehouse: read, deduped, theirs, appended, exactly once.

    log ──read──▶ records ──parse──▶ events ──dedupe──▶ new ones ──whose──▶ rows of activity
                               └─ unread ─▶ dead letters        └─ nobody's yet ─▶ unclaimed

Rows, dead letters, aliases and how far the log has been read commit in one transaction of the
warehouse, together with whatever a listener writes (`on_batch`). A batch is what has come while the
one before was committed: one event when it is quiet, up to `MOST_EVENTS` when it is not.
"""

from __future__ import annotations

import gc
import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from enishi.book.unit import crash_point
from enishi.book.workspace import Workspace
from enishi.catalog.types import Catalog
from enishi.kernel.clock import Clock, system_clock
from enishi.kernel.errors import EnishiError
from enishi.sources.dead_letters import store_dead
from enishi.sources.eventlog.positions import write_drained
from enishi.sources.eventlog.reader import LogReader, shards
from enishi.sources.stream.batch import Batch, Part
from enishi.sources.stream.bringing import Bringing, letter
from enishi.sources.stream.dedupe import Seen
from enishi.sources.stream.emptying import empty, log_unreadable
from enishi.sources.stream.index import FOLDER, Position, duplicates, open_index, see_rows
from enishi.sources.stream.keeping import keep
from enishi.sources.stream.loads import LONGEST, Counts, count, open_load, seal
from enishi.sources.stream.parse import Event, events_of
from enishi.sources.stream.replaying import replay_letters
from enishi.sources.stream.types import Drained, OnBatch
from enishi.sources.types import DatasetLoad
from enishi.warehouse.duckdb_engine import DuckDBEngine, Workbench, Writer

MOST_BYTES = 8_000_000
"""About so much of the log is read into one batch."""
MOST_EVENTS = 50_000
REBUILDING = "rebuilding"
"""A file of this name beside the shards: a rebuild has begun and not ended."""

_FEW = 1_000  # a shard's events beyond which the next ones are read while these are committed
_TOLD_EVERY = timedelta(seconds=10)  # how often the dataset's age is written down
_ASKED_EVERY = timedelta(seconds=10)  # how often it is asked whether waited-for persons are there
_KEPT_EVERY = timedelta(minutes=1)  # how often the log is looked after
_log = logging.getLogger("enishi.stream")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for circles of garbage: a batch makes hundreds of thousands of objects that
    form none, and looking through them again and again takes a quarter of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


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
        self._turn = threading.RLock()
        self._readers: dict[str, LogReader] = {}
        self._positions: dict[str, Position] | None = None
        self._seen: Seen | None = None
        self._bringing = Bringing(workspace, engine, catalog)
        self._ahead = ThreadPoolExecutor(1, "read-ahead")
        self._next: dict[str, Future[Part]] = {}
        self._last = ""  # the shard at which the last batch was full
        self._unreadable: set[str] = set()
        self._told: datetime | None = None
        self._kept: datetime | None = None
        self._asked: datetime | None = None

    @property
    def catalog(self) -> Catalog:
        return self._bringing.catalog

    def use_catalog(self, catalog: Catalog) -> None:
        """Drain by this catalog from the next batch on."""
        with self._turn:
            before, then = self.catalog.stream, catalog.stream
            if self._positions is not None and (
                before is None or then is None or before.keep != then.keep
            ):
                self._let_go()  # the index is for another length of time
            self._bringing.use(catalog)

    def run_once(self, on_batch: OnBatch | None = None) -> bool:
        """Drain one batch; whether there was one. Raises Conflict `reload_needed` where the catalog
        no longer fits the events there."""
        with self._turn:
            if self.catalog.stream is None:
                return False
            self._open()
            with _uncollected():
                try:
                    batch = self._read()  # which marks ids as seen: to be undone where it fails
                    if batch.parts or self._has_news():
                        self._commit(batch, on_batch)
                        return True
                except BaseException:
                    self._rolled_back()
                    raise
            self._look_after()
            return False

    def rebuild(self, tell: Callable[[int], None] = lambda _: None) -> int:
        """Drain again all that the log has, as if for the first time; returns how many events.

        What the log no longer has stays as it is. `tell` is told how many have been read so far.
        Who listens to the drain hears nothing of it. Raises Conflict `log_gone`, and Unavailable
        `log_unreadable` when a shard cannot be read to its end.
        """
        with self._turn:
            if self.catalog.stream is None:
                return 0
            self._let_go()
            unfinished = self._workspace.events / REBUILDING
            unfinished.touch(mode=0o600)
            try:
                self._drain_anew(tell)
            except EnishiError:  # told to who asked for it; trying again would end the same
                unfinished.unlink(missing_ok=True)
                raise
            unfinished.unlink(missing_ok=True)
            return self._read_so_far()

    def finish_rebuild(self) -> bool:
        """Begin a rebuild anew that a killed process has left; whether there was one."""
        if not (self._workspace.events / REBUILDING).exists():
            return False
        _log.warning("a rebuild was interrupted: it is done again")
        self.rebuild()
        return True

    def _drain_anew(self, tell: Callable[[int], None]) -> None:
        since = empty(self._workspace, self._engine, self.catalog, self._clock())
        shutil.rmtree(self._workspace.events / FOLDER, ignore_errors=True)
        self._bringing.undo()
        self._unreadable.clear()
        self._open()
        if since is not None and self._seen is not None:
            see_rows(self._seen, self._engine, self.catalog, since)
        while self.run_once():
            tell(self._read_so_far())
        if self._unreadable:
            raise log_unreadable(sorted(self._unreadable))
        seal(self._engine, self._clock)  # what comes now is another load's, that may be heard

    def replay(self, load_id: str) -> DatasetLoad:
        """Read a load's dead letters again, by the present catalog. Raises Conflict
        `nothing_to_replay`."""
        with self._turn:
            try:
                found = replay_letters(self._engine, self._bringing, load_id, self._clock())
            except BaseException:
                self._bringing.undo()
                raise
            self._bringing.commit()
            return found

    def close(self) -> None:
        """Let go of the log and the index."""
        with self._turn:
            self._let_go()
            self._ahead.shutdown()

    # ── what is read ─────────────────────────────────────────────────────────────────────────────

    def _read(self) -> Batch:
        assert self._positions is not None
        batch = Batch()
        last, self._last = self._last, ""
        for shard in sorted(shards(self._workspace.events), key=lambda one: (one <= last, one)):
            position = self._positions.get(shard)
            if position is None:
                position = self._positions[shard] = Position(len(self._positions) + 1, 0)
            part = self._readable(shard, position.offset)
            if part is not None and part.records:
                batch.parts.append(part)
                batch.events += self._new(batch, part, position.number)
            if len(batch.events) >= MOST_EVENTS:
                self._last = shard  # the next batch begins behind it, so that each has its turn
                break
        return batch

    def _readable(self, shard: str, offset: int) -> Part | None:
        """What there is of a shard; None when it cannot be read now, which keeps no other back."""
        try:
            part = self._part(shard, offset)
        except (OSError, pa.ArrowException) as error:
            if shard not in self._unreadable:
                _log.error("shard %s cannot be read at %d: %s", shard, offset, error)
            self._unreadable.add(shard)
            reader = self._readers.pop(shard, None)
            if reader is not None:
                reader.close()
            return None
        self._unreadable.discard(shard)
        return part

    def _part(self, shard: str, offset: int) -> Part:
        """What there is of a shard; and if it is much, begin to read what follows."""
        ready = self._next.pop(shard, None)
        part = ready.result() if ready is not None else self._parse(shard, offset)
        if part.start != offset:  # the batch that it was to follow has failed
            part = self._parse(shard, offset)
        if part.read >= _FEW:
            self._next[shard] = self._ahead.submit(self._parse, shard, part.after)
        return part

    def _parse(self, shard: str, offset: int) -> Part:
        reader = self._readers.get(shard)
        if reader is None:
            reader = self._readers[shard] = LogReader(self._workspace.events / shard)
        records, after = reader.read(offset, MOST_BYTES)
        part = Part(shard, offset, after)
        for record in records:
            for found in events_of(shard, record):
                if isinstance(found, Event):
                    part.events.append(found)
                else:
                    part.unread.append(found)
            part.records += 1
            if part.read >= MOST_EVENTS:
                part.after = record.after
                break
        return part

    def _new(self, batch: Batch, part: Part, number: int) -> list[Event]:
        """Those of a part's events that have not been seen."""
        if self._seen is None or not part.events:
            return part.events
        again = duplicates(self._seen, number, part.events)
        batch.duplicates[part.shard] = int(again.sum())
        if not batch.duplicates[part.shard]:
            return part.events
        return [event for event, seen in zip(part.events, again.tolist(), strict=True) if not seen]

    def _has_news(self) -> bool:
        """Whether, now and then, events that waited for a person's row have to be taken up."""
        now = self._clock()
        if self._asked is not None and now - self._asked < _ASKED_EVERY:
            return False
        self._asked = now
        with self._engine.read() as question:
            return self._bringing.has_news(question)

    # ── what is written ──────────────────────────────────────────────────────────────────────────

    def _commit(self, batch: Batch, on_batch: OnBatch | None) -> None:
        now = self._clock()
        with self._engine.workbench() as bench, bench.transaction():
            rows = self._write(bench, batch, now.astimezone(UTC).replace(tzinfo=None))
            if on_batch is not None:
                on_batch(bench, Drained(now, rows, self.catalog, self._workspace.secret()))
            crash_point("stream.worked_out")
        crash_point("stream.committed")
        if self._seen is not None:
            self._seen.commit()
        self._bringing.commit()
        assert self._positions is not None
        for part in batch.parts:
            self._positions[part.shard].offset = part.after
        for part in batch.parts:
            try:
                write_drained(self._workspace.events / part.shard, part.after)
            except OSError as error:  # it is committed all the same; the next batch tells it
                _log.warning("shard %s is not told how far it is: %s", part.shard, error)

    def _write(self, bench: Workbench, batch: Batch, now: datetime) -> pa.Table:
        stream = self.catalog.stream
        assert stream is not None
        load_id = open_load(bench, stream.activity, now)
        brought = self._bringing.bring(bench, batch.events, load_id, now)
        unread = [one for part in batch.parts for one in part.unread]
        unread = self._bringing.kept_unread(unread, brought.erased) + brought.unread
        store_dead(bench, load_id, stream.activity, [letter(one) for one in unread], now)
        counts = Counts(brought.rows.num_rows, batch.duplicates.total(), len(unread))
        count(bench, load_id, counts)
        for part in batch.parts:
            told = [
                part.after, part.read, batch.duplicates[part.shard], brought.erased[part.shard]
            ]  # fmt: skip
            self._note(bench, part.shard, told)
        if self._told is None or now - self._told >= _TOLD_EVERY:
            self._told = now
            bench.execute(
                "UPDATE enishi.datasets SET loaded_at = ? WHERE dataset = ?",
                [now, stream.activity],
            )
        return brought.rows

    def _note(self, bench: Writer, shard: str, told: Sequence[int]) -> None:
        assert self._positions is not None
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
            positions = {
                shard: Position(number, offset)
                for shard, number, offset in question.rows(
                    'SELECT shard, number, "offset" FROM enishi.stream_offsets'
                )
            }
        stream = self.catalog.stream
        assert stream is not None
        self._seen = open_index(self._workspace.events, stream.keep, positions, self._clock())
        self._positions = positions

    def _look_after(self) -> None:
        """When it is quiet: end a load that has been open long, keep the log small."""
        now = self._clock()
        if self._kept is not None and now - self._kept < _KEPT_EVERY:
            return
        self._kept = now
        assert self._positions is not None
        seal(self._engine, self._clock, before=now - LONGEST)
        with self._engine.write() as writer:
            self._bringing.purge(writer, now.astimezone(UTC).replace(tzinfo=None))
        for shard, position in self._positions.items():
            keep(self._workspace.events / shard, position.offset, now, self._workspace.keep_log)

    def _read_so_far(self) -> int:
        with self._engine.read() as question:
            return int(question.one("SELECT coalesce(sum(read), 0) FROM enishi.stream_offsets"))

    def _rolled_back(self) -> None:
        if self._seen is not None:
            self._seen.undo()
        self._bringing.undo()

    def _let_go(self) -> None:
        for future in self._next.values():
            future.exception()  # it ends, however it ends
        self._next = {}
        if self._seen is not None:
            self._seen.close()
            self._seen = None
        for reader in self._readers.values():
            reader.close()
        self._readers = {}
        self._positions = None
