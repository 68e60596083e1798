"""A staged batch on its way into ClickHouse, by the dataset's key, as its kind keeps history.

ClickHouse has no transaction over several statements, so everything is worked out in tables aside
and one statement shows it:

    nothing but new rows    →  their parts are attached to the table (ATTACH PARTITION … FROM)
    anything else           →  the table is written anew beside and changes places with the old one
                               (EXCHANGE TABLES)

Either is atomic: a question reads the table before or after. A crash before leaves the dataset as
it was and a table aside, which the next start drops; a crash after leaves the whole load in, and
loading again finds every row unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from enishi.catalog.types import DatasetKind, FieldType
from enishi.kernel.ids import new_id
from enishi.warehouse.clickhouse_client import COMPANION, ClickHouseQuestion
from enishi.warehouse.duckdb_arrival import drop_places
from enishi.warehouse.engine import Applied, Incoming, Place
from enishi.warehouse.history import refuse_older
from enishi.warehouse.spelling import SQL, Spelling, quoted
from enishi.warehouse.tables import columns

if TYPE_CHECKING:
    from enishi.warehouse.duckdb_engine import Writer


class ClickHouseArrival:
    """See `engine.Arrival`. `created` is the statement that makes the dataset's table, its name
    left open as `{table}`."""

    def __init__(
        self,
        question: ClickHouseQuestion,
        bench: Writer,
        incoming: Incoming,
        spelling: Spelling,
        created: SQL,
    ) -> None:
        self._ask, self._bench, self._incoming = question, bench, incoming
        self._spelling, self._created = spelling, created
        self._dataset = incoming.dataset
        self._name = spelling.name
        self._table = spelling.data(incoming.dataset.name)
        mark = new_id("load")
        self._stage, self._known, self._next, self._out = (
            spelling.book(f"arriving_{part}_{mark}") for part in ("stage", "known", "next", "out")
        )
        self._crossed = self._compared = False
        self._appends = True

    def conflicts(self) -> list[Place]:
        if self._dataset.kind is not DatasetKind.EVENT or self._incoming.rebuild:
            return []
        self._compare()
        return self._places(f"SELECT _file, _line FROM {self._known} WHERE _clash = 1")

    def superseded(self, loads: Sequence[str] | None) -> list[Place]:
        self._cross()
        only = ""
        if loads is not None:
            listed = ", ".join(map(self._spelling.text, loads)) or "NULL"
            only = f" WHERE _load IN ({listed})" + (" AND isNull(_to)" * self._dataset.versioned)
        keys = ", ".join(map(self._name, self._dataset.key))
        return self._places(
            f"SELECT _file, _line FROM {self._stage}"
            f" WHERE ({keys}) IN (SELECT {keys} FROM {self._table}{only})"
        )

    def drop(self, places: Sequence[Place]) -> None:
        drop_places(self._bench, self._incoming.stage, places)
        if self._crossed:
            gone = pa.table(
                {
                    "_file": pa.array([file for file, _ in places], pa.string()),
                    "_line": pa.array([line for _, line in places], pa.int64()),
                }
            )
            self._ask.execute(
                f"CREATE TABLE {self._out} (_file String, _line Int64)"
                " ENGINE = MergeTree ORDER BY (_file, _line)"
            )
            self._ask.insert(self._out, gone)
            for table in [self._stage, *([self._known] if self._compared else [])]:
                self._ask.execute(
                    f"ALTER TABLE {table} DELETE"
                    f" WHERE (_file, _line) IN (SELECT _file, _line FROM {self._out})"
                )
            self._ask.execute(f"DROP TABLE {self._out} SYNC")

    def apply(self, *, removes: bool) -> Applied:
        dataset, incoming = self._dataset, self._incoming
        self._cross()
        staged = int(self._ask.one(f"SELECT count() FROM {self._stage}"))
        if incoming.rebuild:
            self._ask.execute(self._created.replace("{table}", self._next, 1))
        else:  # parts are attached between tables of the very same columns
            self._ask.execute(f"CREATE TABLE {self._next} AS {self._table}")
        if incoming.rebuild or not self._ask.one(f"SELECT 1 FROM {self._table} LIMIT 1"):
            self._appends = not incoming.rebuild
            self._add(f"{self._stage} s")
            return Applied(staged, 0, 0, 0)
        if dataset.versioned:
            latest = self._ask.one(f"SELECT max(_from) FROM {self._table}")
            refuse_older(dataset, latest, incoming.valid_from)
        self._compare()
        found = self._ask.rows(f"SELECT sum(_changed), count() FROM {self._known}")
        changed, known = int(found[0][0]), int(found[0][1])
        whole = removes and dataset.kind is not DatasetKind.EVENT
        held = int(self._ask.one(f"SELECT count() FROM {self._present()}")) if whole else known
        keys = self._keys("s")
        known_keys = f"SELECT {self._keys()} FROM {self._known}"
        newcomers = f"{self._stage} s WHERE ({keys}) NOT IN ({known_keys})"
        if not changed and held == known:
            self._add(newcomers)
        else:
            self._appends = False
            self._write_anew(changed, newcomers, removes=whole)
        return Applied(staged - known, changed, known - changed, held - known)

    def publish(self) -> None:
        if self._appends:
            if self._ask.one(f"SELECT 1 FROM {self._next} LIMIT 1"):
                self._ask.execute(
                    f"ALTER TABLE {self._table} ATTACH PARTITION tuple() FROM {self._next}"
                )
        else:
            self._ask.execute(f"EXCHANGE TABLES {self._table} AND {self._next}")

    def clear(self) -> None:
        """Drop what was worked in; after an EXCHANGE that is the old table."""
        if not self._ask.cancelled:
            for table in (self._stage, self._known, self._next, self._out):
                self._ask.execute(f"DROP TABLE IF EXISTS {table} SYNC")

    # ── inside ───────────────────────────────────────────────────────────────────────────────────

    def _cross(self) -> None:
        """Bring the stage over, with the columns that Enishi makes, once."""
        if self._crossed:
            return
        made, arriving = self._incoming.made, []
        types = columns(self._dataset)
        for name, type_ in types.items():
            if name in ("_from", "_to", "_load"):
                continue
            value = made.get(name, f"s.{quoted(name)}")
            if type_.endswith("[]"):
                value = f"coalesce({value}, []::VARCHAR[])"
            arriving.append(f"{value} AS {quoted(name)}")
        arriving += [f"s.{quoted(f)} IS NULL AS {quoted(f + COMPANION)}" for f in self._lists()]
        self._ask.execute(
            f"{self._created.partition(' ENGINE')[0].replace('{table}', self._stage, 1)}"
            " ENGINE = MergeTree ORDER BY tuple()"
        )
        self._ask.execute(
            f"ALTER TABLE {self._stage} ADD COLUMN _file String, ADD COLUMN _line Int64"
        )
        stage = self._incoming.stage
        for batch in self._bench.stream(
            f"SELECT s._file, s._line, {', '.join(arriving)} FROM {stage} s"
        ):
            self._ask.insert(self._stage, pa.table(batch))
        self._crossed = True

    def _places(self, sql: SQL) -> list[Place]:
        return [(file, line) for file, line in self._ask.rows(sql)]

    def _compare(self) -> None:
        """Find the staged keys that hold now, once: which say otherwise (`_changed`), and which
        take back what is set (`_clash`)."""
        if self._compared:
            return
        self._cross()
        content = [(name, self._differs(name)) for name in self._content()]
        otherwise = " OR ".join(differs for _, differs in content) or "false"
        clash = " OR ".join(f"({self._set(name, 't')} AND {d})" for name, d in content) or "false"
        self._ask.execute(
            f"CREATE TABLE {self._known} ENGINE = MergeTree ORDER BY tuple() AS"
            f" SELECT {', '.join(f's.{k} AS {k}' for k in map(self._name, self._dataset.key))},"
            f" s._file AS _file, s._line AS _line, toUInt8({otherwise}) AS _changed,"
            f" toUInt8({clash}) AS _clash"
            f" FROM {self._present()} t INNER JOIN {self._stage} s ON {self._same_key()}"
        )
        self._compared = True

    def _write_anew(self, changed: int, newcomers: SQL, *, removes: bool) -> None:
        """The whole table as it is to be: what stays, what is closed, what opens."""
        dataset, keys = self._dataset, self._keys()
        moved = f"({keys}) IN (SELECT {keys} FROM {self._known} WHERE _changed = 1)"
        if removes:
            moved = f"({moved} OR ({keys}) NOT IN (SELECT {keys} FROM {self._stage}))"
        names = [self._name(name) for name in self._columns()]
        if dataset.versioned:
            at = self._spelling.instant(self._incoming.valid_from)
            ends = f"(isNull(_to) AND {moved})"
            told = [f"if({ends}, {at}, _to)" if name == self._name("_to") else name
                    for name in names]  # fmt: skip
            # A version opened at this very instant has never held and is replaced.
            stays = f"NOT ({ends} AND _from = {at})"
        else:
            told, stays = names, f"NOT {moved}"
        self._ask.execute(
            f"INSERT INTO {self._next} ({', '.join(names)})"
            f" SELECT {', '.join(told)} FROM {self._table} WHERE {stays}"
        )
        if changed:
            again = f"SELECT {keys} FROM {self._known} WHERE _changed = 1"
            self._add(f"{self._stage} s WHERE ({self._keys('s')}) IN ({again})")
        self._add(newcomers)

    def _add(self, rows: SQL) -> None:
        """Write staged rows `s` to the table to come, valid from the load's instant."""
        incoming = self._incoming
        given = {"_load": self._spelling.text(incoming.load_id), "_to": "NULL"}
        if self._dataset.versioned:
            given["_from"] = self._spelling.instant(incoming.valid_from)
        names = self._columns()
        values = [given.get(name, f"s.{self._name(name)}") for name in names]
        self._ask.execute(
            f"INSERT INTO {self._next} ({', '.join(map(self._name, names))})"
            f" SELECT {', '.join(values)} FROM {rows}"
        )

    def _present(self) -> SQL:
        only = " WHERE isNull(_to)" if self._dataset.versioned else ""
        return f"(SELECT * FROM {self._table}{only})"

    def _columns(self) -> list[str]:
        return [*columns(self._dataset), *(f"{name}{COMPANION}" for name in self._lists())]

    def _lists(self) -> list[str]:
        fields = self._dataset.fields.values()
        return [field.name for field in fields if field.type is FieldType.STRINGS]

    def _content(self) -> list[str]:
        return [name for name in self._dataset.fields if name not in self._dataset.key]

    def _keys(self, alias: str = "") -> SQL:
        dot = f"{alias}." if alias else ""
        return ", ".join(f"{dot}{self._name(name)}" for name in self._dataset.key)

    def _same_key(self) -> SQL:
        names = map(self._name, self._dataset.key)
        return " AND ".join(f"t.{name} = s.{name}" for name in names)

    def _set(self, name: str, alias: str) -> SQL:
        if name in self._lists():
            return f"NOT {alias}.{self._name(name + COMPANION)}"
        return f"isNotNull({alias}.{self._name(name)})"

    def _differs(self, name: str) -> SQL:
        own = [self._name(name)]
        if name in self._lists():
            own.append(self._name(name + COMPANION))
        return "(" + " OR ".join(f"NOT (s.{n} <=> t.{n})" for n in own) + ")"
