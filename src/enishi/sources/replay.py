"""Replays the dead letters of a load: their rows are read again with today's catalog.

A replay is a load of its own, in one transaction like any other. It takes every letter of a load
that has not been replayed yet; what now fits is loaded, the rest become letters of the replay with
today's reasons. So read = loaded + dead holds for both loads, and a replay can be replayed.

    letter of load A ──replay R──▶ a row of R, or a letter of R      (letter of A: replayed_by = R)

An old row never takes the place of a newer one: where the dataset holds the key from the very load
of the letter, or the letter's load is not the dataset's latest, the letter stays, `superseded`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pyarrow as pa

from enishi.catalog.types import Catalog, Dataset, DatasetKind
from enishi.kernel.clock import Clock, system_clock
from enishi.kernel.errors import Conflict, NotFound
from enishi.kernel.text import Text
from enishi.sources.dead_letters import store_dead, unknown_dataset
from enishi.sources.readers import TYPED
from enishi.sources.reread import GONE, Cells, Rereader
from enishi.sources.service import Home, Loading, one_at_a_time, update_record
from enishi.sources.stage import STAGE, Stage
from enishi.sources.types import (
    Batch,
    DatasetLoad,
    DeadLetter,
    FileRead,
    OnProgress,
)
from enishi.warehouse.duckdb_engine import Workbench
from enishi.warehouse.engine import Arrival, Engine, Place

_LETTERS = ""  # the file that staged rows name; their lines are the letters' positions


def replay(
    workspace: Home,
    engine: Engine,
    catalog: Catalog,
    load_id: str | None = None,
    dataset: str | None = None,
    *,
    progress: OnProgress | None = None,
    clock: Clock = system_clock,
) -> DatasetLoad:
    """Replay the dead letters of a load, or of a dataset's latest load; the replay as a load.

    Rows of a versioned dataset hold from now on. Raises NotFound for an unknown load or dataset,
    Conflict `nothing_to_replay` and `load_running`.
    """
    with one_at_a_time():
        found = _letters(engine, catalog, load_of(engine, catalog, load_id, dataset))
        return _Replay(workspace, engine, catalog, found, progress, clock).run()


@dataclass(frozen=True, slots=True)
class _Letters:
    """What there is to replay of one load."""

    load_id: str
    origins: Sequence[str]  # the load, and those whose letters it has replayed before
    dataset: Dataset
    latest: bool  # whether the load is the dataset's latest
    files: Mapping[str, FileRead]
    letters: Sequence[DeadLetter]


def load_of(engine: Engine, catalog: Catalog, load_id: str | None, dataset: str | None) -> str:
    """The load named, else a dataset's latest. Raises NotFound, Conflict `nothing_to_replay`."""
    if load_id is not None:
        return load_id
    if dataset is None or dataset not in catalog.datasets:
        raise unknown_dataset(dataset or "", list(catalog.datasets))
    with engine.books.read() as question:
        found = question.one("SELECT load_id FROM enishi.datasets WHERE dataset = ?", [dataset])
    if found is None:
        raise _nothing()
    return str(found)


def _letters(engine: Engine, catalog: Catalog, load_id: str) -> _Letters:
    with engine.books.read() as question:
        loads = question.rows("SELECT dataset, files FROM enishi.loads WHERE id = ?", [load_id])
        rows = question.rows(
            "SELECT file, line, code, raw, field, reason_args FROM enishi.dead_letters"
            " WHERE load_id = ? AND replayed_by IS NULL ORDER BY file, line",
            [load_id],
        )
        latest = question.one("SELECT 1 FROM enishi.datasets WHERE load_id = ?", [load_id])
        origins = question.rows(
            "WITH RECURSIVE origin(id) AS (SELECT ? UNION SELECT d.load_id"
            " FROM enishi.dead_letters d JOIN origin o ON d.replayed_by = o.id)"
            " SELECT id FROM origin",
            [load_id],
        )
    if not loads or loads[0][0] not in catalog.datasets:
        raise NotFound(
            Text(f"読み込み {load_id} はありません。", f"There is no load {load_id}."),
            Text("`enishi data loads` で確かめてください。", "See `enishi data loads`."),
            code="load_unknown",
        )
    if not rows:
        raise _nothing()
    name, files = loads[0]
    read = [FileRead(**_tuples(file)) for file in json.loads(files)]
    letters = [
        DeadLetter(file, line, code, raw or "", field, json.loads(args or "{}"))
        for file, line, code, raw, field, args in rows
    ]
    by_path = {file.path: file for file in read}
    came = [row[0] for row in origins]
    return _Letters(load_id, came, catalog.datasets[name], bool(latest), by_path, letters)


def _tuples(file: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in file.items()}


class _Replay(Loading):
    """The load that a replay is: its rows come from letters instead of files."""

    _whole = False

    def __init__(
        self,
        workspace: Home,
        engine: Engine,
        catalog: Catalog,
        found: _Letters,
        progress: OnProgress | None,
        clock: Clock,
    ) -> None:
        super().__init__(workspace, engine, catalog, found.dataset, progress, clock, None)
        self._found = found

    def _stage(self, bench: Workbench) -> None:
        stage = Stage(bench, self._dataset, self._catalog)
        letters = self._found.letters
        self._record.read = len(letters)
        self._record.files = list(self._found.files.values())
        readers = {name: Rereader(file, self._dataset) for name, file in self._found.files.items()}
        for typed in (False, True):
            rows: dict[int, Cells] = {}
            for place, letter in enumerate(letters):
                if (self._found.files[letter.file].format in TYPED) is not typed:
                    continue
                reader = readers[letter.file]
                cells = None if letter.code in GONE else reader.cells(letter.raw)
                if cells is None:
                    self._dead.append(_at_place(letter, place))
                else:
                    rows[place] = cells
            if rows:
                batch = Batch(_table(rows), (), lambda place: letters[place].raw, 0)
                self._dead += stage.add(batch, _LETTERS, typed_source=typed)
        self._tell_stage("reading", 1.0)

    def _clashes(self, bench: Workbench, arrival: Arrival) -> Iterator[tuple[str, list[Place]]]:
        yield from super()._clashes(bench, arrival)
        found = self._superseded(bench, arrival)
        if found:
            yield "superseded", found

    def _superseded(self, bench: Workbench, arrival: Arrival) -> list[Place]:
        """The staged rows for which a newer one has come in."""
        dataset, source = self._dataset, self._dataset.source
        if dataset.kind is DatasetKind.EVENT:
            return []  # what happened is not replaced, whenever it came in
        if self._found.latest:
            return arrival.superseded(self._found.origins)
        if source is not None and source.removes:
            # The whole truth has been told since, without this row or with it.
            return bench.rows(f"SELECT _file, _line FROM {STAGE}")
        return arrival.superseded(None)

    def _late_dead(self, found: Sequence[tuple[str, int, str, Mapping[str, object]]]) -> None:
        letters = self._found.letters
        for _, place, code, args in found:
            told = dict(args)
            if "line" in args:  # of a duplicate key: where the row taken stands
                taken = letters[int(str(args["line"]))]
                told = {"file": taken.file, "line": taken.line}
            self._dead.append(DeadLetter(_LETTERS, place, code, "", None, told))

    def _keep_books(self, bench: Workbench, now: datetime) -> None:
        """The letters left over return to their places in their files; the load's are done with."""
        letters, record = self._found.letters, self._record
        self._dead = [
            replace(dead, file=was.file, line=was.line, raw=was.raw)
            for dead in self._dead
            for was in [letters[dead.line]]
        ]
        store_dead(bench, record.id, record.dataset, self._dead, now)
        update_record(bench, record)
        bench.execute(
            "UPDATE enishi.dead_letters SET replayed_by = ?"
            " WHERE load_id = ? AND replayed_by IS NULL",
            [record.id, self._found.load_id],
        )
        if self._found.latest:  # its letters are now those of the replay; the data is no fresher
            bench.execute(
                "UPDATE enishi.datasets SET load_id = ? WHERE dataset = ?",
                [record.id, record.dataset],
            )


def _at_place(letter: DeadLetter, place: int) -> DeadLetter:
    return replace(letter, file=_LETTERS, line=place)


def _table(rows: Mapping[int, Cells]) -> pa.Table:
    names = next(iter(rows.values()))
    columns: dict[str, object] = {
        name: pa.array([cells[name] for cells in rows.values()], pa.string()) for name in names
    }
    columns["_line"] = pa.array(list(rows), pa.int64())
    return pa.table(columns)


def _nothing() -> Conflict:
    return Conflict(
        Text("やり直す不備の行はありません。", "There are no dead letters to replay."),
        Text("`enishi data loads` で確かめてください。", "See `enishi data loads`."),
        code="nothing_to_replay",
    )
