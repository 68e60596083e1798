"""Reads delimited text in blocks: a fast path for clean blocks, records one by one for the rest.

A block takes the fast path when Arrow finds exactly one well-formed row on each physical line;
then line numbers are known without counting. Anything else (quoted line breaks, ragged rows,
undecodable bytes) sends that block, and that block alone, through `records`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.csv

from enishi.catalog.types import Dataset
from enishi.sources.encoding import CountedFile, CutLine, detect_encoding, open_lines
from enishi.sources.header import match_columns, numbered
from enishi.sources.records import Dialect, Record, complete, cut_record, records, split_line
from enishi.sources.types import Batch, DeadLetter, FileRead, OpenFile

_DELIMITERS = (",", "\t", ";", "|")


class CsvReader:
    """One delimited file of a dataset. `batches` may be iterated once."""

    def __init__(self, file: OpenFile, dataset: Dataset) -> None:
        """Reads as far as the header. Raises Invalid when a column of the catalog is missing."""
        source = dataset.source
        encoding = (source and source.encoding) or detect_encoding(file.path)
        self._file = CountedFile(file.path)
        self._lines, inner = open_lines(self._file, encoding)
        self._name = file.name
        quote = '"' if source is None or source.quote is None else source.quote or None
        self._dialect = Dialect((source and source.delimiter) or ",", quote, inner)
        header = self._header(
            1 if source is None else source.header, source.delimiter if source else None
        )
        wanted = [f for f in dataset.fields.values() if f.derive is None]
        self._columns: Mapping[str, int]
        self._columns, ignored = match_columns(header, wanted, file.name)
        self._width = len(header)
        self.description = FileRead(
            path=file.name,
            format="csv",
            bytes=file.path.stat().st_size,
            encoding=encoding,
            delimiter=self._dialect.delimiter,
            quote=quote,
            header=tuple(header),
            ignored=ignored,
        )

    def batches(self) -> Iterator[Batch]:
        try:
            while block := self._lines.block():
                yield from self._batches_of(block)
        finally:
            self._file.close()

    def _header(self, at: int, delimiter: str | None) -> list[str]:
        """The names of the columns; the lines up to the header are consumed."""
        for _ in range(at - 1):
            self._lines.next_line()
        line = self._lines.next_line() if at else self._lines.peek()
        text = (line or b"").decode(self._dialect.encoding, "replace").rstrip("\r\n")
        if delimiter is None:
            best = max(_DELIMITERS, key=text.count)
            self._dialect = Dialect(best, self._dialect.quote, self._dialect.encoding)
        self._lines.line = at + 1
        names = split_line(text, self._dialect)
        return names if at else numbered(len(names))

    def _batches_of(self, block: bytes) -> Iterator[Batch]:
        first = self._lines.line
        if isinstance(block, CutLine):
            self._lines.line += 1
            found = _Rows(self._name, self._columns, self._width)
            found.add(cut_record(block, first, self._dialect))
            yield found.batch(self._file.position)
            return
        table = self._fast(block)
        if table is None:
            yield from self._slow(block, first)
            return
        self._lines.line += table.num_rows
        numbers = pa.arange(first, first + table.num_rows)

        lines: list[bytes] = []  # split once, when the first row of the block is unfit

        def raw(line: int) -> str:
            if not lines:
                lines.extend(block.split(b"\n"))
            return lines[line - first].decode(self._dialect.encoding, "replace").rstrip("\r")

        yield Batch(table.append_column("_line", numbers), (), raw, self._file.position)

    def _fast(self, block: bytes) -> pa.Table | None:
        """The wanted columns, or None when the block is not one plain row a line."""
        rows = block.count(b"\n") + (not block.endswith(b"\n"))
        if block.count(b"\r") != block.count(b"\r\n") or _has_blank_line(block):
            return None
        if not self._columns:
            return None
        last = block[block.rstrip(b"\r\n").rfind(b"\n") + 1 :]
        if not complete(last, self._dialect):
            return None
        text = block
        if self._dialect.encoding != "utf-8":
            try:
                text = block.decode(self._dialect.encoding).encode()
            except UnicodeDecodeError:
                return None
        try:
            table = _arrow_rows(text, self._dialect, self._width, self._columns)
        except pa.ArrowInvalid:
            return None
        return table if table.num_rows == rows else None

    def _slow(self, block: bytes, first: int) -> Iterator[Batch]:
        lines = deque(block.split(b"\n"))
        tail = lines.pop()
        lines = deque(line + b"\n" for line in lines)
        if tail:
            lines.append(tail)
        drawn = len(lines)

        def more() -> bytes | None:
            nonlocal drawn
            line = self._lines.next_line()
            drawn += line is not None
            return line

        found = _Rows(self._name, self._columns, self._width)
        for record in records(lines, first, self._dialect, more):
            found.add(record)
            if len(found) >= 100_000:
                yield found.batch(self._file.position)
                found = _Rows(self._name, self._columns, self._width)
        self._lines.line = first + drawn
        yield found.batch(self._file.position)


class _Rows:
    """Records gathered into a batch, the unfit ones as dead letters."""

    def __init__(self, file: str, columns: Mapping[str, int], width: int) -> None:
        self._file, self._columns, self._width = file, columns, width
        self._good: list[Record] = []
        self._dead: list[DeadLetter] = []

    def __len__(self) -> int:
        return len(self._good) + len(self._dead)

    def add(self, record: Record) -> None:
        code, args = record.fault, dict[str, object]()
        if code is None and len(record.fields) != self._width:
            code = "ragged"
            args = {"expected": self._width, "found": len(record.fields)}
        if code is None and any(_broken(record.fields[i]) for i in self._columns.values()):
            code = "undecodable"
        if code is None:
            self._good.append(record)
            return
        raw = record.raw.encode("utf-8", "backslashreplace").decode()
        self._dead.append(DeadLetter(self._file, record.line, code, raw, args=args))

    def batch(self, position: int) -> Batch:
        good = self._good
        columns: dict[str, object] = {
            name: pa.array([record.fields[i] for record in good], pa.string())
            for name, i in self._columns.items()
        }
        columns["_line"] = pa.array([record.line for record in good], pa.int64())
        return Batch(pa.table(columns), tuple(self._dead), _raw_of(good), position)


def _raw_of(good: Sequence[Record]) -> Callable[[int], str]:
    by_line = {record.line: record.raw for record in good}

    def raw(line: int) -> str:
        return by_line[line].encode("utf-8", "backslashreplace").decode()

    return raw


def _broken(text: str) -> bool:
    """Whether bytes of this text could not be decoded (lone surrogates stand for them)."""
    return not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)


def _has_blank_line(block: bytes) -> bool:
    return block.startswith((b"\n", b"\r\n")) or b"\n\n" in block or b"\n\r\n" in block


def _arrow_rows(text: bytes, dialect: Dialect, width: int, columns: Mapping[str, int]) -> pa.Table:
    names = [f"c{i}" for i in range(width)]
    read = pa.csv.read_csv(
        pa.py_buffer(text),
        read_options=pa.csv.ReadOptions(column_names=names, block_size=1 << 20),
        parse_options=pa.csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote or False,
            ignore_empty_lines=False,
        ),
        convert_options=pa.csv.ConvertOptions(
            include_columns=[names[i] for i in columns.values()],
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
        ),
    )
    return read.rename_columns(list(columns))
