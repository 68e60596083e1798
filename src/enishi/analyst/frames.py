"""Rules over plain data frames, without a workspace: the same meaning, in memory.

    found = enishi.evaluate(rule, people)                       # a boolean column beside the rows
    bank = enishi.frame(people, key="customer_no",
                        related={"accounts": accounts}, events=events)
    people[bank.evaluate(rule)]

The frames become a small catalog and the tables of a DuckDB in memory; from there on everything is
the product's own: checking, the compiled SQL, `why`.
"""

from __future__ import annotations

import json
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from enishi.analyst.arrow import Frame, column_like, library_of, like, to_arrow
from enishi.analyst.asking import Asking
from enishi.analyst.columns import field_name, read_columns
from enishi.analyst.given import Rule, When, explained, read_rule
from enishi.book.access import OPERATOR, Actor
from enishi.catalog.load import WEEKDAYS, load_catalog
from enishi.catalog.types import Catalog, Dataset, FieldType
from enishi.kernel.clock import Clock, system_clock
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Locale, Text
from enishi.warehouse.duckdb_engine import DuckDBEngine, Writer, folded, folded_list, quoted
from enishi.warehouse.tables import prepare, shadow, table_of
from enishi.warehouse.warehouse import Warehouse

T = TypeVar("T")
_ROW = "row_no"  # the key of rows that have none: their place, from 0


@dataclass(frozen=True)
class Related:
    """A frame of rows that belong to the people: accounts, orders.

    `on`: its column with the person's key, by default named like it. `key`: what identifies a row,
    by default its place. `time`: when a row came about; rows later than `as_of` are hidden.
    """

    frame: Frame
    on: str | None = None
    key: str | None = None
    time: str | None = None


@dataclass(frozen=True)
class Events:
    """A frame of events. `time` is its column with the time, `event` the one with their names."""

    frame: Frame
    on: str | None = None
    key: str | None = None
    time: str = "ts"
    event: str = "event"


class Frames(Asking):
    """People in a frame, with what belongs to them; asked like a workspace, at no risk to one."""

    def __init__(
        self, frame: Frame, table: pa.Table, key: str, catalog: Catalog,
        tables: Mapping[str, pa.Table], locale: Locale, clock: Clock,
    ) -> None:  # fmt: skip
        self._frame, self._key = frame, table.column(key)
        self._engine = DuckDBEngine(None)
        weakref.finalize(self, self._engine.close)  # memory goes with the last reference
        prepare(self._engine, catalog)
        with self._engine.write() as writer:
            for name, rows in tables.items():
                _fill(writer, catalog.datasets[name], rows)
        super().__init__(
            Warehouse(self._engine, lambda: catalog, clock, None), lambda: OPERATOR, locale
        )

    def evaluate(self, rule: Rule, *, as_of: When = None) -> Any:
        """True or false for every row, in the order of the rows, as a column of the frame's library
        (a pandas Series with the frame's index, a polars Series, an Arrow array)."""
        return column_like(self._fits(rule, as_of), self._frame)

    def select(self, rule: Rule, *, as_of: When = None) -> Any:
        """The rows of the frame of which the rule is true, as a frame of its library."""
        fits = self._fits(rule, as_of)
        if library_of(self._frame) == "pandas":
            return self._frame[fits.to_numpy(zero_copy_only=False)]
        return like(to_arrow(self._frame).filter(fits), library_of(self._frame))

    def close(self) -> None:
        """Let go of the memory."""
        self._engine.close()

    def __enter__(self) -> Frames:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fits(self, rule: Rule, as_of: When) -> pa.BooleanArray:
        asked, at = read_rule(rule), self._at(as_of)
        table = self._aside(lambda: self._warehouse.who(asked, actor=OPERATOR, as_of=at))
        fits = pc.is_in(self._key.cast(pa.string()), value_set=table.column("_id"))
        return fits.combine_chunks() if isinstance(fits, pa.ChunkedArray) else fits

    def _aside(self, work: Callable[[], T]) -> T:
        with explained(self.locale):
            return work()

    def _asker(self) -> Actor:
        return OPERATOR  # whoever holds the frames may

    def _asked(
        self,
        actor: Actor,
        action: str,
        rule: object,
        at: datetime | None,
        told: Mapping[str, object],
        ids: Sequence[str],
    ) -> None:
        """Nobody's data but the caller's own: nothing is recorded."""


def frame(
    people: Frame,
    *,
    key: str | None = None,
    related: Mapping[str, Frame | Related] | None = None,
    events: Frame | Events | None = None,
    subject: str = "person",
    timezone: str = "Asia/Tokyo",
    week_start: str = "monday",
    fiscal_year_start: int = 4,
    locale: Locale = "ja",
    clock: Clock = system_clock,
) -> Frames:
    """People and what belongs to them, ready to be asked rules.

    `key` is the column that identifies a person; it is needed with `related` and `events`. Types
    come from the frames: amounts that must be exact belong into decimal or whole-number columns.
    Raises Invalid where a key is missing or repeated, or a column that was named is not there.
    """
    maker = _Maker(timezone)
    if week_start not in WEEKDAYS:
        raise _no_weekday(week_start)
    if key is None and (related or events is not None):
        raise _key_needed()
    own = maker.add(subject, people, key=key, time=None, subject=subject)
    for name, given in (related or {}).items():
        one = given if isinstance(given, Related) else Related(given)
        maker.belonging(name, one.frame, own, on=one.on, key=one.key, time=one.time)
    if events is not None:
        what = events if isinstance(events, Events) else Events(events)
        maker.belonging(
            "events", what.frame, own, on=what.on, key=what.key, time=what.time, event=what.event
        )
    catalog = _read(
        maker,
        {"timezone": timezone, "week_start": week_start, "fiscal_year_start": fiscal_year_start},
    )
    table = maker.tables[own.name]
    return Frames(people, table, own.key, catalog, maker.tables, locale, clock)


def evaluate(
    rule: Rule,
    people: Frame,
    *,
    key: str | None = None,
    related: Mapping[str, Frame | Related] | None = None,
    events: Frame | Events | None = None,
    as_of: When = None,
    timezone: str = "Asia/Tokyo",
) -> Any:
    """True or false for every row of a frame: `people[enishi.evaluate(rule, people)]`.

    The arguments are those of `frame`, which is better for several rules over the same frames.
    """
    with frame(people, key=key, related=related, events=events, timezone=timezone) as found:
        return found.evaluate(rule, as_of=as_of)


@dataclass(frozen=True, slots=True)
class _Own:
    """The people: their dataset, their key and its type."""

    name: str
    key: str
    type: pa.DataType


class _Maker:
    """Gathers datasets, relations and tables from frames."""

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        self.datasets: dict[str, dict[str, Any]] = {}
        self.relations: list[dict[str, Any]] = []
        self.tables: dict[str, pa.Table] = {}

    def add(
        self, name: str, given: Frame, *, key: str | None, time: str | None, subject: str | None
    ) -> _Own:
        """A dataset of the rows of a frame."""
        read = read_columns(to_arrow(given), self._timezone)
        table, fields = read.table, read.fields
        if key is None:
            place = pa.array(range(table.num_rows), pa.int64())
            table = table.append_column(_ROW, place) if table.num_columns else pa.table(
                {_ROW: place}
            )  # fmt: skip
            fields[_ROW] = {"type": "integer"}
        column = _ROW if key is None else _known(key, table, name)
        _refuse_repeated(table, column, name)
        shape: dict[str, Any] = {
            "kind": "current", "key": column, "fields": fields, "label": {"ja": name, "en": name}
        }  # fmt: skip
        if subject is not None:
            shape |= {"subject": subject, "display": column}
        if time is not None:
            shape["time"] = {"field": _known(time, table, name)}
        self.datasets[name], self.tables[name] = shape, table
        return _Own(name, column, table.column(column).type)

    def belonging(
        self, name: str, given: Frame, own: _Own, *, on: str | None, key: str | None,
        time: str | None, event: str | None = None,
    ) -> None:  # fmt: skip
        """Rows that belong to the people; with `event`, what happened to them."""
        self.add(name, given, key=key, time=time, subject=None)
        column = _known(on or own.key, self.tables[name], name)
        self._same_type(name, column, own)
        if event is not None:
            names = _known(event, self.tables[name], name)
            self.datasets[name] |= {
                "kind": "event", "event": {"name_field": names, "of": {own.name: name}}
            }  # fmt: skip
        self.relations.append(
            {"from": f"{name}.{column}", "to": f"{own.name}.{own.key}", "name": own.name,
             "inverse": name}
        )  # fmt: skip

    def _same_type(self, name: str, column: str, own: _Own) -> None:
        """Bring a foreign key to the type of the key: a library may have read it as another."""
        table = self.tables[name]
        values = table.column(column)
        if values.type == own.type:
            return
        try:
            values = values.cast(own.type)
        except pa.ArrowException as error:
            raise Invalid(
                Text(
                    f"{name} の {column} は、キー {own.key} と型が違います。",
                    f"{column} of {name} has another type than the key {own.key}.",
                ),
                Text(
                    f"両方を同じ型にしてください: {values.type}、{own.type}",
                    f"Give both the same type: {values.type} and {own.type}.",
                ),
                code="key_type",
            ) from error
        self.tables[name] = table.set_column(table.schema.get_field_index(column), column, values)
        self.datasets[name]["fields"][column] = self.datasets[own.name]["fields"][own.key]


def _read(maker: _Maker, calendar: Mapping[str, object]) -> Catalog:
    """The catalog, by the very reader that a workspace's files go through."""
    shape = {"version": 1, "datasets": maker.datasets, "relations": maker.relations}
    with tempfile.TemporaryDirectory(prefix="enishi-frames-") as made:
        folder = Path(made)
        (folder / "catalog").mkdir()
        (folder / "enishi.toml").write_text(
            "\n".join(f"{name} = {json.dumps(value)}" for name, value in calendar.items())
        )
        text = json.dumps(shape, ensure_ascii=False)  # which is YAML too
        (folder / "catalog" / "frames.yaml").write_text(text, encoding="utf-8")
        return load_catalog(folder)


def _fill(writer: Writer, dataset: Dataset, rows: pa.Table) -> None:
    """Put the rows in, with the columns that Enishi makes: folded texts, and the subject's id."""
    made = []
    for name, field in dataset.fields.items():
        if field.type is FieldType.STRING:
            made.append(f"{folded(quoted(name))} AS {quoted(shadow(field))}")
        elif field.type is FieldType.STRINGS:
            made.append(f"{folded_list(quoted(name))} AS {quoted(shadow(field))}")
    if dataset.subject is not None:
        made.append(f"CAST({quoted(dataset.key[0])} AS VARCHAR) AS _id")
    writer.register("_rows_given", rows)
    try:
        writer.execute(
            f"INSERT INTO {table_of(dataset.name)} BY NAME"
            f" SELECT {', '.join(['*', *made])} FROM _rows_given"
        )
    finally:
        writer.unregister("_rows_given")


def _known(column: str, table: pa.Table, name: str) -> str:
    found = field_name(column)
    if found in table.column_names:
        return found
    raise Invalid(
        Text(f"{name} に「{column}」という列はありません。", f"{name} has no column {column!r}."),
        Text(
            f"ある列: {', '.join(table.column_names)}",
            f"It has: {', '.join(table.column_names)}.",
        ),
        code="column_missing",
    )


def _refuse_repeated(table: pa.Table, column: str, name: str) -> None:
    values = table.column(column)
    if values.null_count == 0 and pc.count_distinct(values).as_py() == len(values):
        return
    raise Invalid(
        Text(
            f"{name} のキー「{column}」に、空の値か重複があります。",
            f"The key {column!r} of {name} is missing or repeated in some rows.",
        ),
        Text("行を一意に決める列を指定してください。", "Name a column that identifies each row."),
        code="key_not_unique",
    )


def _key_needed() -> Invalid:
    return Invalid(
        Text("key が必要です。", "`key` is needed."),
        Text(
            'key="customer_no" のように、人を識別する列を指定してください。',
            'Name the column that identifies a person, such as key="customer_no".',
        ),
        code="key_needed",
    )


def _no_weekday(given: str) -> Invalid:
    known = ", ".join(WEEKDAYS)
    return Invalid(
        Text(f"「{given}」は曜日ではありません。", f"{given!r} is no day of the week."),
        Text(f"次から選んでください: {known}", f"Choose from: {known}."),
        code="weekday_unknown",
    )
