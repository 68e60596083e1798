"""Rows kept in memory, by what leads to them: what live deciding reads again and again.

Of each dataset that live rules read, the columns and (of events) the names and the time they need,
sorted by the column over which the rows are reached: finding some people's rows then takes two
searches instead of a scan. What the drain appends is kept beside, until there is so much of it
that all is read anew.

What is kept is checked against the warehouse before it is used, by the last load of the dataset
and by its number of rows; where they differ it is thrown away. Datasets that are too large, or are
reached over something that cannot be searched, are asked of the warehouse as before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from enishi.catalog.types import Catalog, Dataset, DatasetKind, FieldType
from enishi.warehouse.engine import Question
from enishi.warehouse.gather import aware
from enishi.warehouse.spelling import SQL, Spelling

MOST = 12_000_000
"""Datasets of which more rows would have to be kept are not."""
FLUSH = 50_000
"""So many appended rows are put in order together."""
RUNS = 16
"""After so many times all is read anew, without what has grown too old to matter."""
_LONGEST = 48  # bytes of a key that is a text

Keys: TypeAlias = NDArray[Any]
Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of one dataset: columns, and where all rules agree, since when and which
    events."""

    columns: tuple[str, ...]
    since: datetime | None
    names: frozenset[str] | None

    def holds(self, other: Reading) -> bool:
        """Whether what is read by this holds all that the other reads."""
        far = self.since is None or (other.since is not None and other.since >= self.since)
        return far and self.columns == other.columns and self.names == other.names


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows in the order of their keys."""

    keys: Keys
    table: pa.Table

    def find(self, wanted: Keys) -> list[Row]:
        starts = np.searchsorted(self.keys, wanted, "left")
        ends = np.searchsorted(self.keys, wanted, "right")
        places = [np.arange(a, b) for a, b in zip(starts, ends, strict=True) if b > a]
        if not places:
            return []
        rows: list[Row] = self.table.take(np.concatenate(places)).to_pylist()
        return rows


@dataclass
class _Kept:
    """The rows of one dataset by one column. `total` is how many rows the dataset had, `heard` how
    many it has got since."""

    load: str | None
    total: int
    runs: list[_Run]
    heard: int = 0
    tail: dict[object, list[Row]] = field(default_factory=dict)
    tables: list[pa.Table] = field(default_factory=list)


class Memory:
    """What is kept for the rules that `plan` speaks of. Not for several threads at a time."""

    def __init__(
        self,
        catalog: Catalog,
        spelling: Spelling,
        plan: Callable[[], Mapping[str, Reading] | None],
    ) -> None:
        """`plan` tells, by dataset, what all live rules read; None while there are none."""
        self._catalog, self._spell, self._plan = catalog, spelling, plan
        self._reads: Mapping[str, Reading] = {}
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._refused: set[tuple[str, str]] = set()  # too large, or not to be searched

    def forget(self) -> None:
        """Keep nothing."""
        self._kept.clear()
        self._refused.clear()
        self._reads = {}

    def heard(self, rows: pa.Table) -> None:
        """Events that the drain has appended to the activity, committed or about to be."""
        stream = self._catalog.stream
        assert stream is not None
        for (name, column), kept in self._kept.items():
            if name == stream.activity:
                self._append(kept, column, rows.select(self._listed(name)))

    def fit(self, question: Question) -> None:
        """Throw away what is no longer as the warehouse has it, or what is no longer wanted."""
        reads = self._plan() or {}
        if set(reads) != set(self._reads) or not all(
            one.holds(reads[name]) for name, one in self._reads.items()
        ):
            self.forget()
            self._reads = reads
        if not self._kept:
            return
        names = sorted({name for name, _ in self._kept})
        loads, totals = self._loads(question, names), self._totals(question, names)
        for where, kept in list(self._kept.items()):
            name = where[0]
            same = kept.total + kept.heard == totals[name] and kept.load == loads.get(name)
            if not same or len(kept.runs) > RUNS:
                del self._kept[where]

    def rows(
        self, question: Question, name: str, column: str, values: Sequence[object]
    ) -> list[Row] | None:
        """The rows of a dataset whose column is one of these; None: ask the warehouse."""
        if name not in self._reads or not self._may_keep(name, column):
            return None
        where = (name, column)
        kept = self._kept.get(where)
        if kept is None and where not in self._refused:
            kept = self._read(question, name, column)
            if kept is None:
                self._refused.add(where)
            else:
                self._kept[where] = kept
        if kept is None:
            return None
        found: list[Row] = []
        for run in kept.runs:
            wanted = _keys(values, run.keys.dtype)
            found += run.find(wanted)
        for value in values:
            found += kept.tail.get(value, ())
        return list(aware(found))

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _may_keep(self, name: str, column: str) -> bool:
        stream = self._catalog.stream
        if stream is not None and name == stream.crossing:
            return False  # live deciding appends to it all the time
        dataset = self._catalog.datasets[name]
        if column == "_id":
            return True
        return dataset.fields[column].type in (FieldType.STRING, FieldType.INTEGER)

    def _listed(self, name: str) -> list[str]:
        dataset = self._catalog.datasets[name]
        found = list(self._reads[name].columns)
        found += ["_id"] if dataset.subject is not None else []
        return found + (["_from", "_to"] if dataset.versioned else [])

    def _read(self, question: Question, name: str, column: str) -> _Kept | None:
        spell, source = self._spell, self._spell.data(name)
        only = self._only(self._catalog.datasets[name], self._reads[name])
        where = f"{spell.name(column)} IS NOT NULL{only}"
        if question.one(f"SELECT count(*) FROM {source} WHERE {where}") > MOST:
            return None
        listed = list(dict.fromkeys([*self._listed(name), column]))
        told = ", ".join(map(spell.name, listed))
        table = question.table(
            f"SELECT {told} FROM {source} WHERE {where} ORDER BY {spell.name(column)}"
        )
        keys = _column_keys(table.column(column))
        if keys is None:
            return None
        loads, totals = self._loads(question, [name]), self._totals(question, [name])
        return _Kept(loads.get(name), totals[name], [_Run(keys, table.combine_chunks())])

    def _only(self, dataset: Dataset, reading: Reading) -> SQL:
        spell, found = self._spell, ""
        if dataset.kind is not DatasetKind.EVENT or dataset.time is None:
            return found
        if reading.since is not None:
            found += f" AND {spell.name(dataset.time.field)} >= {spell.instant(reading.since)}"
        if reading.names is not None and dataset.event is not None and dataset.event.name_field:
            named = ", ".join(spell.text(one) for one in sorted(reading.names)) or "NULL"
            found += f" AND {spell.name(dataset.event.name_field + '__f')} IN ({named})"
        return found

    def _append(self, kept: _Kept, column: str, rows: pa.Table) -> None:
        kept.heard += rows.num_rows
        kept.tables.append(rows)
        for row in rows.to_pylist():
            kept.tail.setdefault(row[column], []).append(row)
        if sum(table.num_rows for table in kept.tables) < FLUSH:
            return
        table = pa.concat_tables(kept.tables)
        table = table.filter(pc.is_valid(table.column(column))).sort_by(column)
        keys = _column_keys(table.column(column))
        if keys is not None:
            kept.runs.append(_Run(keys, table.combine_chunks()))
        else:
            kept.total = -1  # cannot be searched: to be thrown away
        kept.tables.clear()
        kept.tail.clear()

    def _loads(self, question: Question, names: Iterable[str]) -> dict[str, str]:
        """The last load of each dataset; of events that stream in their number says enough."""
        stream = self._catalog.stream
        listed = ", ".join(self._spell.text(name) for name in names)
        found: dict[str, str] = dict(
            question.rows(
                "SELECT dataset, max(id) FROM enishi.loads WHERE state = 'loaded'"
                f" AND dataset IN ({listed}) GROUP BY dataset"
            )
        )
        if stream is not None:
            found.pop(stream.activity, None)
        return found

    def _totals(self, question: Question, names: Sequence[str]) -> dict[str, int]:
        counts = ", ".join(f"(SELECT count(*) FROM {self._spell.data(name)})" for name in names)
        (found,) = question.rows(f"SELECT {counts}")
        return dict(zip(names, map(int, found), strict=True))


def _column_keys(column: pa.ChunkedArray) -> Keys | None:
    """A sorted column as an array that can be searched; None where it cannot."""
    if pa.types.is_integer(column.type):
        return np.asarray(column.to_numpy())
    if not len(column):
        return np.array([], dtype="S1")
    longest = pc.max(pc.binary_length(column)).as_py()
    if longest > _LONGEST or pc.any(pc.match_substring(column, "\0")).as_py():
        return None
    return np.array(column.cast(pa.binary()).to_pylist(), dtype=f"S{max(1, longest)}")


def _keys(values: Sequence[object], kind: np.dtype[Any]) -> Keys:
    """The values looked for, as keys are kept; those that no key can be are left out."""
    if kind.kind == "S":
        told = [str(value).encode() for value in values]
        return np.array([one for one in told if 0 < len(one) <= kind.itemsize], dtype=kind)
    return np.array([value for value in values if isinstance(value, int)], dtype=kind)
