"""Reads what is not delimited text: Excel sheets, Parquet, JSON Lines.

Typed cells become text by one rule each (ISO for times, plain digits for numbers), so that every
format meets the same typing, reasons and dead letters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import msgspec
import pyarrow as pa

from enishi.catalog.types import Dataset
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text
from enishi.sources.encoding import (
    HEAD_CHARACTERS,
    CountedFile,
    CutLine,
    detect_encoding,
    open_lines,
)
from enishi.sources.header import match_columns, numbered
from enishi.sources.types import (
    EMPTY_LIST,
    LIST_SEPARATOR,
    Batch,
    DeadLetter,
    FileRead,
    OpenFile,
)

_ROWS = 50_000


def as_text(value: object) -> str | None:
    """A typed cell as the text that its type is read from."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        items = [text for item in value if (text := as_text(item)) is not None]
        return LIST_SEPARATOR.join(items) or EMPTY_LIST
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, timedelta | int):
        return str(value)
    return str(value)


def _raw_json(rows: Mapping[int, object]) -> Callable[[int], str]:
    def raw(line: int) -> str:
        return json.dumps(rows[line], ensure_ascii=False, default=str)

    return raw


class ExcelReader:
    """One sheet of a workbook (.xlsx, .xls, .ods); rows are numbered as the sheet numbers them."""

    def __init__(self, file: OpenFile, dataset: Dataset) -> None:
        """Raises Invalid when the file, the sheet or a column cannot be found in it."""
        import python_calamine

        source = dataset.source
        self._size = file.path.stat().st_size
        try:
            book = python_calamine.CalamineWorkbook.from_path(str(file.path))
            name = (source and source.sheet) or book.sheet_names[0]
            if name not in book.sheet_names:
                raise _no_sheet(file.name, name, book.sheet_names)
            self._rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except python_calamine.CalamineError as error:
            raise _unreadable(file.name, "Excel", str(error)) from error
        at = 1 if source is None else source.header
        top = (self._rows[max(at - 1, 0) : max(at, 1)] or [[]])[0]
        header = numbered(len(top)) if at == 0 else [as_text(cell) or "" for cell in top]
        self._first = at + 1
        wanted = [f for f in dataset.fields.values() if f.derive is None]
        self._columns, ignored = match_columns(header, wanted, file.name)
        self.description = FileRead(
            file.name, "excel", self._size, header=tuple(header), ignored=ignored
        )

    def batches(self) -> Iterator[Batch]:
        total = len(self._rows)
        for start in range(self._first - 1, total, _ROWS):
            rows = {
                number + 1: self._rows[number]
                for number in range(start, min(start + _ROWS, total))
                if any(cell not in ("", None) for cell in self._rows[number])
            }
            table = {
                name: pa.array([as_text(_at(row, i)) for row in rows.values()], pa.string())
                for name, i in self._columns.items()
            }
            table["_line"] = pa.array(list(rows), pa.int64())
            done = self._size * min(start + _ROWS, total) // max(total, 1)
            yield Batch(pa.table(table), (), _raw_json(rows), done)


def _at(row: Sequence[object], index: int) -> object:
    return row[index] if index < len(row) else None


class ParquetReader:
    """One Parquet file; its rows are numbered from 1."""

    def __init__(self, file: OpenFile, dataset: Dataset) -> None:
        """Raises Invalid when it is no Parquet file or lacks a column."""
        import pyarrow.parquet

        try:
            self._file = pyarrow.parquet.ParquetFile(file.path)
        except (pa.ArrowInvalid, OSError) as error:
            raise _unreadable(file.name, "Parquet", str(error)) from error
        header = list(self._file.schema_arrow.names)
        wanted = [f for f in dataset.fields.values() if f.derive is None]
        self._columns, ignored = match_columns(header, wanted, file.name)
        self._header = header
        self._size = file.path.stat().st_size
        self.description = FileRead(
            file.name, "parquet", self._size, header=tuple(header), ignored=ignored
        )

    def batches(self) -> Iterator[Batch]:
        done, total = 0, max(self._file.metadata.num_rows, 1)
        sources = [self._header[i] for i in self._columns.values()]
        for read in self._file.iter_batches(_ROWS * 2, columns=list(dict.fromkeys(sources))):
            first = done + 1
            done += read.num_rows
            table = {
                name: _text_column(read.column(source))
                for name, source in zip(self._columns, sources, strict=True)
            }
            table["_line"] = pa.array(range(first, done + 1), pa.int64())

            def raw(line: int, read: pa.RecordBatch = read, first: int = first) -> str:
                row = read.slice(line - first, 1).to_pylist()[0]
                return json.dumps(row, ensure_ascii=False, default=str)

            yield Batch(pa.table(table), (), raw, self._size * done // total)


def _text_column(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column.cast(pa.string())
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind):
        # The warehouse keeps microseconds; an instant is written in UTC, whatever its zone.
        instant = pa.timestamp("us", tz=None if kind.tz is None else "UTC")
        return column.cast(instant, safe=False).cast(pa.string())
    if pa.types.is_decimal(kind) and kind.scale >= 0:
        return column.cast(pa.string())
    return pa.array([as_text(value) for value in column.to_pylist()], pa.string())


class JsonLinesReader:
    """One JSON object a line. A field's source may reach into objects by dots (`address.city`)."""

    def __init__(self, file: OpenFile, dataset: Dataset) -> None:
        source = dataset.source
        encoding = (source and source.encoding) or detect_encoding(file.path)
        self._file = CountedFile(file.path)
        self._lines, self._encoding = open_lines(self._file, encoding)
        self._name = file.name
        self._wanted = {
            f.name: f.source or f.name for f in dataset.fields.values() if f.derive is None
        }
        self.description = FileRead(
            file.name, "jsonl", file.path.stat().st_size, encoding=self._encoding
        )

    def batches(self) -> Iterator[Batch]:
        # Numbers with a point stay text, so that decimals are exact.
        decoder = msgspec.json.Decoder(float_hook=str)
        rows: dict[int, dict[str, object]] = {}
        raws: dict[int, str] = {}
        dead: list[DeadLetter] = []
        try:
            for number, line in enumerate(self._lines, start=1):
                if not line.strip():
                    continue
                text = line.decode(self._encoding, "backslashreplace").rstrip("\r\n")
                found, code = self._object(decoder, line)
                if isinstance(line, CutLine):
                    found, code, text = None, "line_too_long", text[:HEAD_CHARACTERS]
                if found is None:
                    dead.append(DeadLetter(self._name, number, code, text))
                else:
                    rows[number], raws[number] = found, text
                if len(rows) + len(dead) >= _ROWS:
                    yield self._batch(rows, raws, dead)
                    rows, raws, dead = {}, {}, []
            yield self._batch(rows, raws, dead)
        finally:
            self._file.close()

    def _object(
        self, decoder: msgspec.json.Decoder[object], line: bytes
    ) -> tuple[dict[str, object] | None, str]:
        try:
            found = decoder.decode(line.decode(self._encoding))
        except UnicodeDecodeError:
            return None, "undecodable"
        except (msgspec.DecodeError, RecursionError):
            return None, "not_json"
        return (found, "") if isinstance(found, dict) else (None, "not_object")

    def _batch(
        self, rows: dict[int, dict[str, object]], raws: dict[int, str], dead: list[DeadLetter]
    ) -> Batch:
        table = {
            name: pa.array([as_text(reach(row, source)) for row in rows.values()], pa.string())
            for name, source in self._wanted.items()
        }
        table["_line"] = pa.array(list(rows), pa.int64())
        return Batch(pa.table(table), tuple(dead), raws.__getitem__, self._file.position)


def reach(row: dict[str, object], source: str) -> object:
    """What stands in a JSON object under a name, or under names with dots between."""
    if source in row:
        return row[source]
    here: object = row
    for name in source.split("."):
        if not isinstance(here, dict):
            return None
        here = here.get(name)
    return here


def _no_sheet(file: str, sheet: str, there: list[str]) -> Invalid:
    names = "、".join(there)
    return Invalid(
        Text(f"{file} にシート「{sheet}」がありません。", f"{file} has no sheet “{sheet}”."),
        Text(
            f"カタログの sheet を直してください。あるシート: {names}",
            f"Correct `sheet` in the catalog. The file has: {', '.join(there)}.",
        ),
        code="sheet_missing",
    )


def _unreadable(file: str, format_: str, reason: str) -> Invalid:
    return Invalid(
        Text(f"{file} を {format_} として読めません。", f"{file} cannot be read as {format_}."),
        Text(
            "ファイルを出し直すか、カタログの format を直してください。",
            "Export the file again, or correct `format` in the catalog.",
        ),
        code="file_unreadable",
        detail={"reason": reason.splitlines()[0] if reason else ""},
    )
