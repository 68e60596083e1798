"""Takes the rows of erased people out of the files in the data folder, so that no load brings them.

Text files (CSV, JSON Lines) are written anew without their lines, all other bytes as they were;
Parquet files without their rows. Where somebody else's row points to them, that cell is emptied.
What Enishi cannot write so is left alone and told: workbooks, compressed files, UTF-16, files it
may not write.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enishi.catalog.types import Catalog, Dataset
from enishi.kernel.errors import EnishiError
from enishi.sources.erased import erased_lines, without_erased
from enishi.sources.header import match_columns
from enishi.sources.readers import Reader, find_files, open_reader
from enishi.sources.records import Dialect, split_line
from enishi.sources.types import FileRead, OpenFile
from enishi.warehouse.duckdb_engine import Workbench
from enishi.warehouse.engine import Engine

Why = Literal["format", "read_only", "changed"]
_ROWS = "_file_rows"
_END = 1 << 62


@dataclass
class Found:
    """What of a file is theirs: the lines to leave out, as (first, one after the last), and the
    cells to empty, by line."""

    lines: list[tuple[int, int]] = field(default_factory=list)
    cells: dict[int, list[str]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return len(self.lines) + len(self.cells)


@dataclass(frozen=True, slots=True)
class Left:
    """A file that still holds `rows` of theirs, and why."""

    file: str
    rows: int
    why: Why


def mend(engine: Engine, catalog: Catalog, data: Path, secret: bytes) -> tuple[int, list[Left]]:
    """Mend every file that the catalog names; rows taken out, and the files left as they are."""
    gone, left = 0, []
    for dataset in catalog.datasets.values():
        if dataset.source is None:
            continue
        with contextlib.suppress(EnishiError):  # no file fits the pattern
            for file in find_files(dataset, data, None):
                mended, why = _mend(engine, catalog, dataset, file, secret)
                gone += mended if why is None else 0
                if why is not None:
                    left.append(Left(file.name, mended, why))
    return gone, left


def _mend(
    engine: Engine, catalog: Catalog, dataset: Dataset, file: OpenFile, secret: bytes
) -> tuple[int, Why | None]:
    before = _stamp(file.path)
    try:
        reader = open_reader(file, dataset)
    except EnishiError:  # it does not fit the catalog: nothing was ever loaded from it
        return 0, None
    with engine.books.workbench() as bench:
        found = _look(bench, catalog, dataset, reader, secret)
    if not found.rows:
        return 0, None
    told = reader.description
    plain = (told.encoding or "utf-8").lower().replace("_", "-")
    if (
        file.format not in ("csv", "jsonl", "parquet")
        or plain.startswith(("utf-16", "utf-32"))
        or (".gz" in file.path.suffixes)
    ):
        return found.rows, "format"
    if not os.access(file.path, os.W_OK) or not os.access(file.path.parent, os.W_OK):
        return found.rows, "read_only"
    if not _write(file, dataset, told, found, before):
        return found.rows, "changed"
    return found.rows, None


def _look(
    bench: Workbench, catalog: Catalog, dataset: Dataset, reader: Reader, secret: bytes
) -> Found:
    """Read a file through and note what of it is theirs."""
    found = Found()
    waiting: int | None = None  # the first line of a row of theirs whose end is not known yet
    for batch in reader.batches():
        names = set(batch.table.column_names) - {"_line"}
        bench.register(_ROWS, batch.table)
        try:
            gone, cells = erased_lines(bench, _ROWS, dataset, catalog, secret, names)
        finally:
            bench.unregister(_ROWS)
        kept = without_erased(
            batch.dead, [reader.description], dataset, catalog, secret, bench
        )  # fmt: skip
        gone += [one.line for one in batch.dead if one not in kept]
        starts = np.unique(
            np.concatenate(
                [
                    batch.table.column("_line").to_numpy(),
                    np.array([one.line for one in batch.dead], dtype=np.int64),
                ]
            )
        )
        if waiting is not None and len(starts):
            found.lines.append((waiting, int(starts[0])))
            waiting = None
        for line in sorted(gone):
            place = int(np.searchsorted(starts, line, side="right"))
            if place < len(starts):
                found.lines.append((line, int(starts[place])))
            else:
                waiting = line
        for line, name in cells:
            found.cells.setdefault(line, []).append(name)
    if waiting is not None:
        found.lines.append((waiting, _END))
    return found


def _write(
    file: OpenFile, dataset: Dataset, told: FileRead, found: Found, before: tuple[int, int]
) -> bool:
    """Write the file anew beside itself and put it in its place; False when it has changed."""
    aside = file.path.with_name(f".{file.path.name}.part")
    try:
        if file.format == "parquet":
            _write_parquet(file.path, aside, _columns(dataset, told), told, found)
        else:
            empty = _emptier(file.format, dataset, told)
            with file.path.open("rb") as old, aside.open("wb") as new:
                for line in _kept(old, found, empty):
                    new.write(line)
        with aside.open("rb") as new:
            os.fsync(new.fileno())
        if _stamp(file.path) != before:
            return False
        aside.chmod(file.path.stat().st_mode & 0o777)
        aside.replace(file.path)
    finally:
        aside.unlink(missing_ok=True)
    return True


def _write_parquet(
    path: Path, aside: Path, columns: Mapping[str, int], told: FileRead, found: Found
) -> None:
    """The same row groups without their rows, with the same types and metadata."""
    gone = np.array([line for line, _ in found.lines], dtype=np.int64)
    with pq.ParquetFile(path) as old, pq.ParquetWriter(aside, old.schema_arrow) as new:
        first = 1
        for number in range(old.num_row_groups):
            table = old.read_row_group(number)
            lines = np.arange(first, first + table.num_rows)
            first += table.num_rows
            for line in sorted(found.cells.keys() & set(lines.tolist())):
                for name in found.cells[line]:
                    table = _nulled(table, told.header[columns[name]], line - int(lines[0]))
            new.write_table(table.filter(pa.array(~np.isin(lines, gone))))


def _nulled(table: pa.Table, name: str, row: int) -> pa.Table:
    place = table.column_names.index(name)
    column = table.column(name)
    without = pa.array(np.arange(table.num_rows) == row)
    empty = pc.if_else(without, pa.scalar(None, column.type), column)
    return table.set_column(place, table.field(name), empty)


def _columns(dataset: Dataset, told: FileRead) -> Mapping[str, int]:
    wanted = [f for f in dataset.fields.values() if f.derive is None]
    return match_columns(told.header, wanted, told.path)[0]


def _kept(lines: io.BufferedReader, found: Found, empty: _Emptier) -> Iterator[bytes]:
    out = iter(sorted(found.lines))
    begin, end = next(out, (_END, _END))
    for number, line in enumerate(lines, start=1):
        while number >= end:
            begin, end = next(out, (_END, _END))
        if begin <= number < end:
            continue
        yield empty(line, found.cells[number]) if number in found.cells else line


class _Emptier:
    """Empties cells of one line, which is a whole row."""

    def __init__(
        self, columns: Mapping[str, int], dialect: Dialect | None, keys: Mapping[str, str]
    ) -> None:
        self._columns, self._dialect, self._keys = columns, dialect, keys

    def __call__(self, line: bytes, names: Sequence[str]) -> bytes:
        if self._dialect is None:
            return self._json(line, names)
        end = b"\r\n" if line.endswith(b"\r\n") else b"\n" if line.endswith(b"\n") else b""
        text = line[: len(line) - len(end)].decode(self._dialect.encoding, "surrogateescape")
        cells = list(split_line(text, self._dialect))
        for name in names:
            if self._columns[name] < len(cells):
                cells[self._columns[name]] = ""
        buffer = io.StringIO()
        csv.writer(
            buffer, delimiter=self._dialect.delimiter, quotechar=self._dialect.quote or '"',
            lineterminator="",
        ).writerow(cells)  # fmt: skip
        return buffer.getvalue().encode(self._dialect.encoding, "surrogateescape") + end

    def _json(self, line: bytes, names: Sequence[str]) -> bytes:
        row = json.loads(line)
        for name in names:
            row.pop(self._keys[name], None)
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _emptier(form: str, dataset: Dataset, told: FileRead) -> _Emptier:
    wanted = [f for f in dataset.fields.values() if f.derive is None]
    if form != "csv":
        return _Emptier({}, None, {f.name: f.source or f.name for f in wanted})
    columns = _columns(dataset, told)
    encoding = (told.encoding or "utf-8").removesuffix("-sig").removesuffix("_sig")
    return _Emptier(columns, Dialect(told.delimiter or ",", told.quote, encoding), {})


def _stamp(path: Path) -> tuple[int, int]:
    told = path.stat()
    return told.st_mtime_ns, told.st_size
