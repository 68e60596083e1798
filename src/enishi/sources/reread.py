"""A dead letter's row read again: from its text, as its file was written, by today's catalog."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from decimal import Decimal

from enishi.catalog.types import Dataset, Field
from enishi.sources.header import match_columns
from enishi.sources.other_readers import as_text, reach
from enishi.sources.records import Dialect, records
from enishi.sources.types import FileRead

Cells = Mapping[str, str | None]
GONE = frozenset({"undecodable", "duplicate_key", "line_too_long"})
"""Letters whose row cannot be read from its text, or that lost their place to another row."""


class Rereader:
    """Reads rows of one file again from their texts; the file itself is not needed."""

    def __init__(self, file: FileRead, dataset: Dataset) -> None:
        """Raises Invalid `columns_missing` when the file's header no longer fits the catalog."""
        source = dataset.source
        wanted = [field for field in dataset.fields.values() if field.derive is None]
        self._format, self._wanted = file.format, wanted
        quote = file.quote if source is None or source.quote is None else source.quote or None
        self._dialect = Dialect(file.delimiter or ",", quote, "utf-8")
        self._header = file.header
        self._columns: Mapping[str, int] = {}
        if file.format != "jsonl":
            self._columns, _ = match_columns(file.header, wanted, file.path)

    def cells(self, raw: str) -> Cells | None:
        """The text of every loaded field; None when the text is still no row of its file."""
        return self._of_line(raw) if self._format == "csv" else self._of_json(raw)

    def _of_line(self, raw: str) -> Cells | None:
        lines = deque(line.encode() for line in raw.splitlines(keepends=True))
        found = list(records(lines, 1, self._dialect, lambda: None))
        if len(found) != 1 or found[0].fault or len(found[0].fields) != len(self._header):
            return None
        return {name: found[0].fields[i] for name, i in self._columns.items()}

    def _of_json(self, raw: str) -> Cells | None:
        try:
            row = json.loads(raw, parse_float=Decimal)
        except (ValueError, RecursionError):
            return None
        if isinstance(row, list):  # a row of a sheet
            return {name: as_text(_at(row, i)) for name, i in self._columns.items()}
        if not isinstance(row, dict):
            return None
        return {field.name: as_text(reach(row, self._key(field))) for field in self._wanted}

    def _key(self, field: Field) -> str:
        if field.name in self._columns:
            return self._header[self._columns[field.name]]
        return field.source or field.name


def _at(row: Sequence[object], index: int) -> object:
    return row[index] if index < len(row) else None
