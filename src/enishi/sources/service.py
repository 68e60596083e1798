"""Loads files into datasets: read, typed, derived, brought in by key, every row accounted for.

One dataset is one load (see `types.LoadState`), committed in one transaction together with its
dead letters and its record. read = loaded + dead + erased always holds, and is checked before the
commit.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from enishi.book.unit import crash_point
from enishi.catalog.types import Catalog, Dataset
from enishi.identity.service import link_new, link_staged
from enishi.kernel.clock import Clock, system_clock
from enishi.kernel.errors import Conflict, EnishiError
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.sources.ahead import ahead
from enishi.sources.changes import follow
from enishi.sources.dead_letters import raw_texts, store_dead, unknown_dataset
from enishi.sources.erased import drop_erased, without_erased
from enishi.sources.readers import TYPED, find_files, open_reader
from enishi.sources.stage import STAGE, Stage, made_columns, repeated
from enishi.sources.types import (
    DatasetLoad,
    DeadLetter,
    LoadState,
    OnProgress,
    OpenFile,
    Progress,
)
from enishi.warehouse.duckdb_engine import Workbench, Writer
from enishi.warehouse.engine import Arrival, Engine, Incoming, Place
from enishi.warehouse.spelling import SQL
from enishi.warehouse.tables import fit, remember, stale_fault, together

_loading = threading.Lock()  # one load at a time in a process; the file has one process


class Home(Protocol):
    """What loading needs of a workspace."""

    @property
    def data(self) -> Path: ...
    def secret(self) -> bytes: ...


def load(
    workspace: Home,
    engine: Engine,
    catalog: Catalog,
    datasets: Sequence[str] | None = None,
    files: Sequence[Path] | None = None,
    *,
    progress: OnProgress | None = None,
    clock: Clock = system_clock,
    rebuild_first: bool = False,
    valid_from: datetime | None = None,
) -> list[DatasetLoad]:
    """Load the datasets named (None: all that have a source), those others point to first.

    `files` replaces the catalog's files and needs exactly one dataset. `valid_from` (aware) is the
    instant whose state the files hold, for `versioned` datasets; default now. `rebuild_first`
    empties each dataset in the same transaction that fills it: its rows count as removed.

    A dataset that cannot be loaded is a result in state `failed` with its message; the others go
    on. Raises Conflict `load_running` when another load is under way, NotFound for an unknown name.
    """
    chosen = in_order(catalog, datasets)
    if files is not None and len(chosen) != 1:
        raise EnishiError(
            Text(
                "--file を使うときは、データセットを一つだけ指定してください。",
                "With --file, name exactly one dataset.",
            ),
            Text("例: enishi load client --file client.csv", "Try: enishi load client --file …"),
            code="one_dataset",
        )
    with one_at_a_time():
        done = []
        for dataset in chosen:
            one = Loading(workspace, engine, catalog, dataset, progress, clock, valid_from, files)
            done.append(one.run(rebuild_first=rebuild_first))
            if dataset.name in catalog.changed:
                follow(engine, catalog, clock)
        return done


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Loading is done by one at a time in a process. Raises Conflict `load_running`."""
    if not _loading.acquire(blocking=False):
        raise Conflict(
            Text("別の読み込みが進行中です。", "Another load is running."),
            Text("終わってからもう一度お試しください。", "Try again when it has ended."),
            code="load_running",
        )
    try:
        yield
    finally:
        _loading.release()


def in_order(catalog: Catalog, names: Sequence[str] | None) -> list[Dataset]:
    """The datasets to load, each after those its to-one relations lead to."""
    for name in names or ():
        if name not in catalog.datasets:
            raise unknown_dataset(name, list(catalog.datasets))
    wanted = set(names) if names else {n for n, d in catalog.datasets.items() if d.source}
    found: dict[str, Dataset] = {}

    def visit(name: str, on_the_way: frozenset[str]) -> None:
        if name in found or name in on_the_way:
            return
        for relation in catalog.relations.get(name, {}).values():
            if not relation.many and relation.columns:
                visit(relation.target, on_the_way | {name})
        found[name] = catalog.datasets[name]

    for name in catalog.datasets:
        visit(name, frozenset())
    return [dataset for name, dataset in found.items() if name in wanted]


class Loading:
    """One dataset's load on its way from `loading` to its end."""

    _whole = True  # the files hold all that there is to say now

    def __init__(
        self,
        workspace: Home,
        engine: Engine,
        catalog: Catalog,
        dataset: Dataset,
        progress: OnProgress | None,
        clock: Clock,
        valid_from: datetime | None,
        given: Sequence[Path] | None = None,
    ) -> None:
        self._workspace, self._engine, self._catalog = workspace, engine, catalog
        self._dataset, self._clock = dataset, clock
        self._tell = progress or (lambda _: None)
        started = clock()
        self._at = (valid_from or started).astimezone(UTC).replace(tzinfo=None)
        self._record = DatasetLoad(new_id("load"), dataset.name, LoadState.LOADING, started)
        self._dead: list[DeadLetter] = []
        self._given = given
        self._files: Sequence[OpenFile] = ()

    def run(self, *, rebuild_first: bool = False) -> DatasetLoad:
        """Load, to the end; what cannot be loaded comes back in state `failed`."""
        record = self._record
        with self._engine.books.write() as writer:
            _insert_record(writer, record)
        try:
            with self._engine.books.workbench() as bench:
                self._stage(bench)
                self._tell_stage("applying", 1.0)
                with bench.transaction():
                    self._apply(bench, rebuild_first=rebuild_first)
        except EnishiError as error:
            self._end(LoadState.FAILED, error)
        except BaseException:
            self._end(LoadState.FAILED, _unexpected())
            raise
        self._tell_stage("done", 1.0)
        return record

    def _stage(self, bench: Workbench) -> None:
        """Read every row, and count it; those that do not fit become dead letters."""
        files = self._files = find_files(self._dataset, self._workspace.data, self._given)
        stage = Stage(bench, self._dataset, self._catalog)
        total = sum(file.path.stat().st_size for file in files) or 1
        before = 0
        for file in files:
            reader = open_reader(file, self._dataset)
            self._record.files.append(reader.description)
            for batch in ahead(reader.batches()):
                dead = stage.add(batch, file.name, typed_source=file.format in TYPED)
                self._dead += dead
                self._record.read += batch.table.num_rows + len(batch.dead)
                self._tell_stage("reading", min((before + batch.position) / total, 1.0))
            before += reader.description.bytes
        self._record.bytes = before

    def _apply(self, bench: Workbench, *, rebuild_first: bool) -> None:
        record, dataset = self._record, self._dataset
        differences = fit(self._engine, bench, dataset, self._catalog)
        emptied = 0
        if rebuild_first:
            emptied = _rows_known(bench, dataset.name)
            remember(bench, dataset)
        elif differences:
            raise stale_fault(dataset, differences)
        self._drop_erased(bench)
        lost, equal = repeated(bench, dataset)
        replaced = [(f, n, "duplicate_key", {"file": by, "line": at}) for f, n, by, at in lost]
        self._late_dead(replaced)
        made = made_columns(dataset, self._workspace.secret())
        near = together(self._catalog, dataset)
        incoming = Incoming(dataset, STAGE, made, record.id, self._at, rebuild_first, near)
        with self._engine.arrival(bench, incoming) as arrival:
            for code, clashes in self._clashes(bench, arrival):
                arrival.drop(clashes)
                self._late_dead([(file, line, code, {}) for file, line in clashes])
            applied = arrival.apply(
                removes=self._whole and bool(dataset.source and dataset.source.removes)
            )
            record.added, record.changed = applied.added, applied.changed
            record.unchanged, record.removed = applied.unchanged + equal, applied.removed + emptied
            record.dead = len(self._dead)
            record.loaded = record.added + record.changed + record.unchanged
            if record.read != record.loaded + record.dead + record.erased:
                raise AssertionError(
                    f"{record.read} read, {record.loaded} loaded, {record.dead} dead,"
                    f" {record.erased} erased"
                )
            record.state, record.ended_at = LoadState.LOADED, self._clock()
            now = record.ended_at.astimezone(UTC).replace(tzinfo=None)
            self._link(bench, made, now)
            self._keep_books(bench, now)
            bench.execute("DROP TABLE IF EXISTS temp._stage")
            crash_point("load.worked_out")
            arrival.publish()
            crash_point("load.published")

    def _drop_erased(self, bench: Workbench) -> None:
        """Pass over the rows of people whom we have erased, fit or unfit."""
        secret = self._workspace.secret()
        dropped = drop_erased(bench, STAGE, self._dataset, self._catalog, secret)
        kept = without_erased(
            self._dead, self._record.files, self._dataset, self._catalog, secret, bench
        )
        self._record.erased = dropped + len(self._dead) - len(kept)
        self._dead = kept

    def _link(self, bench: Workbench, made: Mapping[str, SQL], now: datetime) -> None:
        """Record the subjects that come for the first time."""
        if self._engine is self._engine.books:
            link_new(bench, self._dataset, self._record.id, now)
        else:
            link_staged(bench, self._dataset, STAGE, made, now)

    def _clashes(
        self,
        bench: Workbench,  # noqa: ARG002  a replay looks at the stage
        arrival: Arrival,
    ) -> Iterator[tuple[str, list[Place]]]:
        """Staged rows that may not be applied, as (`_file`, `_line`), by the code of why."""
        found = arrival.conflicts()
        if found:
            yield "event_conflict", found

    def _keep_books(self, bench: Workbench, now: datetime) -> None:
        store_dead(bench, self._record.id, self._record.dataset, self._dead, now)
        update_record(bench, self._record)
        _note_dataset(bench, self._record)

    def _late_dead(self, found: Sequence[tuple[str, int, str, Mapping[str, object]]]) -> None:
        """Dead letters found after reading: their texts are fetched from the files again."""
        if not found:
            return
        texts = raw_texts(self._files, self._dataset, {(file, line) for file, line, _, _ in found})
        self._dead += [
            DeadLetter(file, line, code, texts.get((file, line), ""), None, args)
            for file, line, code, args in found
        ]

    def _end(self, state: LoadState, error: EnishiError) -> None:
        record = self._record
        record.state, record.ended_at = state, self._clock()
        record.message = {"ja": error.as_json("ja"), "en": error.as_json("en")}
        record.loaded = record.added = record.changed = record.unchanged = record.removed = 0
        record.dead = record.erased = 0
        with self._engine.books.write() as writer:
            update_record(writer, record)

    def _tell_stage(self, stage: str, part: float) -> None:
        self._tell(Progress(self._dataset.name, self._record.read, len(self._dead), part, stage))


def _insert_record(writer: Writer, record: DatasetLoad) -> None:
    writer.execute(
        "INSERT INTO enishi.loads (id, dataset, state, started_at) VALUES (?, ?, ?, ?)",
        [record.id, record.dataset, record.state.value, _naive(record.started_at)],
    )


def _rows_known(writer: Writer, dataset: str) -> int:
    """How many rows, without their history, the loads so far have left in a dataset."""
    return int(
        writer.one(
            "SELECT greatest(coalesce(sum(coalesce(added, 0) - coalesce(removed, 0)), 0), 0)"
            " FROM enishi.loads WHERE dataset = ? AND state = 'loaded'",
            [dataset],
        )
    )


def update_record(writer: Writer, record: DatasetLoad) -> None:
    """Write what a load has come to, inside its transaction."""
    files = [
        {name: getattr(file, name) for name in file.__dataclass_fields__} for file in record.files
    ]
    writer.execute(
        "UPDATE enishi.loads SET state = ?, ended_at = ?, files = ?, read = ?, loaded = ?,"
        " dead = ?, added = ?, changed = ?, unchanged = ?, removed = ?, erased = ?, bytes = ?,"
        " message = ? WHERE id = ?",
        [
            record.state.value,
            _naive(record.ended_at) if record.ended_at else None,
            json.dumps(files, ensure_ascii=False),
            record.read,
            record.loaded,
            record.dead,
            record.added,
            record.changed,
            record.unchanged,
            record.removed,
            record.erased,
            record.bytes,
            json.dumps(record.message, ensure_ascii=False) if record.message else None,
            record.id,
        ],
    )


def _note_dataset(writer: Writer, record: DatasetLoad) -> None:
    writer.execute(
        "UPDATE enishi.datasets SET loaded_at = ?, load_id = ? WHERE dataset = ?",
        [_naive(record.ended_at or record.started_at), record.id, record.dataset],
    )


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _unexpected() -> EnishiError:
    return EnishiError(
        Text("読み込みが途中で止まりました。", "The load stopped on the way."),
        Text(
            "データは読み込み前のままです。もう一度読み込んでください。",
            "The dataset is as it was before. Load it again.",
        ),
        code="load_stopped",
    )
