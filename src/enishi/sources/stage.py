"""The stage: the rows of one load, typed and derived, before they meet the dataset.

Rows that do not fit leave it as dead letters, at each step with their reason:

    text ──typed──▶ values ──derived──▶ stage ──one a key──▶ ready to apply

Everything is a temporary table of one connection, so nothing is left behind by a crash.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from enishi.catalog.sensitive import looks_like_my_number
from enishi.catalog.types import Catalog, Dataset, Field, FieldType
from enishi.identity.service import enishi_id_sql
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Text
from enishi.sources.derived import derived_columns
from enishi.sources.reasons import classify
from enishi.sources.typed import TypedColumn, typed_columns
from enishi.sources.types import Batch, DeadLetter
from enishi.warehouse.duckdb_engine import SQL, Writer, folded, folded_list, literal, quoted
from enishi.warehouse.tables import column_type, shadow, shadow_type

STAGE = "temp._stage"
_RAW = "_raw_batch"


class Stage:
    """Takes the batches of a dataset's files. One load at a time uses a connection's stage."""

    def __init__(self, writer: Writer, dataset: Dataset, catalog: Catalog) -> None:
        self._writer, self._dataset = writer, dataset
        self._zone = catalog.timezone
        self._derived = derived_columns(dataset)
        self._looked_for_numbers = False
        writer.execute(f"DROP TABLE IF EXISTS {STAGE}")
        names = [f"{quoted(f.name)} {column_type(f)}" for f in dataset.fields.values()]
        body = ", ".join(["_file VARCHAR", "_line BIGINT", *names])
        writer.execute(f"CREATE TEMP TABLE _stage ({body})")

    def add(self, batch: Batch, file: str, *, typed_source: bool) -> list[DeadLetter]:
        """Type, derive and stage a batch; returns its dead letters, the reader's included."""
        dead = list(batch.dead)
        if batch.table.num_rows == 0:
            return dead
        loaded = typed_columns(self._dataset, self._zone, typed_source=typed_source)
        self._refuse_my_number(batch.table, loaded)
        parsed = self._parsed(loaded, file)
        self._writer.register(_RAW, batch.table)
        try:
            good = self._writer.execute(self._insert_good(parsed))
            if good < batch.table.num_rows:
                dead += self._unfit(loaded, batch, file, parsed)
        finally:
            self._writer.unregister(_RAW)
        return dead

    def _parsed(self, loaded: Sequence[TypedColumn], file: str) -> SQL:
        """The batch: each field's text, its value as `name·v`, `_unfit` the first at fault."""
        texts = ", ".join(f"{column.text} AS {quoted(column.field.name)}" for column in loaded)
        values = ", ".join(
            f"{column.value} AS {_value_name(column)}"
            for column in loaded
            if column.field.type is not FieldType.STRING
        )
        tests = " ".join(
            f"WHEN {column.unfit.replace(column.value, _value_name(column))} THEN {i}"
            if column.field.type is not FieldType.STRING
            else f"WHEN {column.unfit} THEN {i}"
            for i, column in enumerate(loaded)
            if column.unfit != "false"
        )
        unfit = f"CASE {tests} END" if tests else "NULL::INTEGER"
        comma = ", " if texts else ""
        return (
            f"SELECT *, {unfit} AS _unfit FROM ("
            f"SELECT *{', ' if values else ''}{values} FROM ("
            f"SELECT {literal(file)} AS _file, r._line{comma}{texts} FROM {_RAW} r))"
        )

    def _values(self, parsed: SQL) -> SQL:
        """The fit rows with loaded and derived values; `_failed` names a derivation that failed."""
        fields = self._dataset.fields.values()
        loaded = [
            f"{quoted(f.name)}"
            if f.type is FieldType.STRING
            else f"{quoted(f.name + '·v')} AS {quoted(f.name)}"
            for f in fields
            if f.derive is None
        ]
        inner = (
            f"SELECT {', '.join(['_file', '_line', *loaded])} FROM ({parsed}) WHERE _unfit IS NULL"
        )
        if not self._derived:
            return f"SELECT *, NULL::VARCHAR AS _failed FROM ({inner})"
        values = ", ".join(f"{column.value} AS {quoted(column.name)}" for column in self._derived)
        failures = " ".join(
            f"WHEN {column.failed} THEN {literal(column.name)}"
            for column in self._derived
            if column.failed is not None
        )
        failed = f"CASE {failures} END" if failures else "NULL::VARCHAR"
        missing = " ".join(
            f"WHEN {quoted(name)} IS NULL THEN {literal(name)}"
            for name, field in self._dataset.fields.items()
            if field.derive is not None and (field.required or name in self._dataset.key)
        )
        missed = f"CASE {missing} END" if missing else "NULL::VARCHAR"
        return (
            f"SELECT * EXCLUDE (_broken), coalesce(_broken, {missed}) AS _failed FROM ("
            f"SELECT d.*, {values}, {failed} AS _broken FROM ({inner}) d)"
        )

    def _insert_good(self, parsed: SQL) -> SQL:
        columns = ["_file", "_line", *map(quoted, self._dataset.fields)]
        # Materialised, or the test of what is unfit would type every cell a second time.
        return (
            f"INSERT INTO {STAGE} BY NAME WITH parsed AS MATERIALIZED ({parsed})"
            f" SELECT {', '.join(columns)} FROM ({self._values('FROM parsed')})"
            " WHERE _failed IS NULL"
        )

    def _unfit(
        self, loaded: Sequence[TypedColumn], batch: Batch, file: str, parsed: SQL
    ) -> list[DeadLetter]:
        texts = [quoted(column.field.name) for column in loaded]
        found = []
        for line, unfit, *values in self._writer.rows(
            f"SELECT _line, _unfit, {', '.join(texts) or 'NULL'} FROM ({parsed})"
            " WHERE _unfit IS NOT NULL ORDER BY _line"
        ):
            field = loaded[unfit].field
            code, args = classify(field, values[unfit])
            found.append(DeadLetter(file, line, code, batch.raw(line), field.name, args))
        for line, name, there in self._writer.rows(
            f"SELECT _line, _failed, {self._failed_value()} FROM ({self._values(parsed)}) g"
            " WHERE _failed IS NOT NULL ORDER BY _line"
        ):
            code = "missing" if there else "not_derived"
            found.append(DeadLetter(file, line, code, batch.raw(line), name))
        return found

    def _failed_value(self) -> SQL:
        """True when the derivation worked and gave nothing where something is required."""
        tests = " ".join(
            f"WHEN {literal(column.name)} THEN NOT coalesce({column.failed or 'false'}, false)"
            for column in self._derived
        )
        return f"CASE _failed {tests} END" if tests else "false"

    def _refuse_my_number(self, table: pa.Table, loaded: Sequence[TypedColumn]) -> None:
        if self._looked_for_numbers:
            return
        self._looked_for_numbers = True
        for column in loaded:
            if column.field.type not in (FieldType.STRING, FieldType.INTEGER):
                continue
            values = table.column(column.field.name).slice(0, 1000).to_pylist()
            if looks_like_my_number(v for v in values if v is not None):
                raise _my_number(self._dataset, column.field.name)


def _value_name(column: TypedColumn) -> SQL:
    return quoted(f"{column.field.name}·v")


def repeated(writer: Writer, dataset: Dataset) -> tuple[list[tuple[str, int, str, int]], int]:
    """Leave one row a key on the stage.

    Of rows with the same key the last one stays (by file, then line). Rows equal to it in content
    are loaded as one and counted; the others are returned as (file, line, file taken, line taken)
    and become dead letters. Returns these and the number of equal repetitions.
    """
    keys = ", ".join(quoted(name) for name in dataset.key)
    if not writer.one(f"SELECT 1 FROM {STAGE} GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"):
        return [], 0
    content = [name for name in dataset.fields if name not in dataset.key]
    same = " AND ".join(
        f"s.{quoted(name)} IS NOT DISTINCT FROM k.{quoted(name)}" for name in content
    )
    on = " AND ".join(f"s.{quoted(name)} = k.{quoted(name)}" for name in dataset.key)
    writer.execute(
        f"CREATE OR REPLACE TEMP TABLE _kept AS SELECT * FROM {STAGE}"
        f" QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY _file DESC, _line DESC) = 1"
        f" AND count(*) OVER (PARTITION BY {keys}) > 1"
    )
    other = "(s._file <> k._file OR s._line <> k._line)"
    lost = writer.rows(
        f"SELECT s._file, s._line, k._file, k._line FROM {STAGE} s JOIN temp._kept k ON {on}"
        f" WHERE {other} AND NOT ({same or 'true'}) ORDER BY ALL"
    )
    gone = writer.execute(
        f"DELETE FROM {STAGE} s WHERE EXISTS (SELECT 1 FROM temp._kept k WHERE {on} AND {other})"
    )
    writer.execute("DROP TABLE temp._kept")
    return lost, gone - len(lost)


def _my_number(dataset: Dataset, field: str) -> EnishiError:
    return EnishiError(
        Text(
            f"{dataset.name}.{field} に個人番号（マイナンバー）と思われる値があります。"
            "個人番号は読み込めません。",
            f"{dataset.name}.{field} holds what looks like 個人番号 (My Number), which may not be"
            " loaded.",
        ),
        Text(
            "この列をファイルとカタログから取り除いてください。",
            "Remove this column from the file and from the catalog.",
        ),
        code="my_number",
    )


def made_columns(dataset: Dataset, secret: bytes) -> dict[str, SQL]:
    """The columns that Enishi makes of a staged row `s`: folded texts, and a subject's id.

    They are made where rows go into the dataset, so that unchanged rows cost none.
    """
    made = {shadow(f): _folded(f) for f in dataset.fields.values() if shadow_type(f) is not None}
    if dataset.subject is not None:
        made["_id"] = enishi_id_sql(secret, dataset, "s")
    return made


def _folded(field: Field) -> SQL:
    """What a text, or each text of a list, is compared by."""
    column = f"s.{quoted(field.name)}"
    return folded_list(column) if field.type is FieldType.STRINGS else folded(column)
