"""Draft a catalog from a folder of files: read the start of each, hand it to `catalog.infer`."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from enishi.catalog.draft import Draft, write_draft
from enishi.catalog.infer import draft_tables
from enishi.catalog.infer_links import link_tables
from enishi.catalog.sample import Sample, Skipped
from enishi.catalog.sniff import Layout, read_records, sniff
from enishi.kernel.errors import NotFound
from enishi.kernel.text import Locale, Text
from enishi.sources.encoding import CountedFile, detect_encoding, open_lines
from enishi.sources.other_readers import as_text

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE_BYTES = 64 << 20  # of text, decoded: enough for a few hundred thousand rows
SNIFF_CHARACTERS = 400_000
SAMPLE_ROWS = 200_000
MAX_FILES = 500

_TEXT = frozenset({".csv", ".tsv", ".txt", ".dat", ".asc", ".psv", ".tab", ".data"})
_EXCEL = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
_LINES = frozenset({".jsonl", ".ndjson"})
_PERIOD = re.compile(r"[0-9]{4,8}(?:[-_.]?[0-9]{2}){0,2}")

_UNKNOWN = Text("この種類のファイルは読めません。", "files of this kind are not read")
_NO_TABLE = Text("表として読めません。", "this is not a table")
_EMPTY = Text("行がありません。", "it has no rows")


def infer_workspace(data: Path, locale: Locale = "en") -> Draft:
    """Draft a catalog of every table below `data`. Raises NotFound when there is none.

    Files with one header whose names differ by a date alone (`trans_202401.csv`,
    `trans_202402.csv`) become one dataset.
    """
    if not data.is_dir():
        raise NotFound(
            Text(f"{data} というフォルダーはありません。", f"There is no folder {data}."),
            Text("データのあるフォルダーを指定してください。", "Name the folder of your files."),
            code="folder_missing",
        )
    samples: list[Sample] = []
    skipped: list[Skipped] = []
    for path in islice(_files(data), MAX_FILES):
        name = path.relative_to(data).as_posix()
        try:
            found = list(_read(path, name))
        except (OSError, EOFError, zlib.error, UnicodeError, ValueError) as error:
            plain = " ".join(str(error).split())
            skipped.append(Skipped(name, Text(f"読めません（{plain}）。", f"unreadable ({plain})")))
            continue
        for item in found:
            if isinstance(item, Sample):
                samples.append(item)
            else:
                skipped.append(item)
    tables = draft_tables(merge_periods(samples))
    if not tables:
        raise NotFound(
            Text(f"{data} に表が見つかりません。", f"No table was found in {data}."),
            Text(
                "CSV、Excel、Parquet、JSON Lines のファイルを置いてください。",
                "Put CSV, Excel, Parquet or JSON Lines files there.",
            ),
            code="no_tables",
            detail={"skipped": [f"{entry.file}: {entry.why[locale]}" for entry in skipped]},
        )
    return write_draft(link_tables(tables), skipped, locale)


def _files(data: Path) -> Iterator[Path]:
    for path in sorted(data.rglob("*")):
        below = path.relative_to(data).parts
        if path.is_file() and not any(part.startswith((".", "~")) for part in below):
            yield path


def _read(path: Path, name: str) -> Iterator[Sample | Skipped]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    plain = [suffix for suffix in suffixes if suffix != ".gz"]
    suffix = plain[-1] if plain else ""
    stem = re.sub(r"(\.gz)?$", "", path.name, flags=re.IGNORECASE)
    stem = stem[: -len(suffix)] if suffix and stem.lower().endswith(suffix) else stem
    if path.stat().st_size == 0:
        yield Skipped(name, _EMPTY)
    elif suffix in _EXCEL:
        yield from _excel(path, name, stem)
    elif suffix == ".parquet":
        yield _parquet(path, name, stem)
    elif suffix in _LINES:
        yield _json_lines(path, name, stem)
    elif suffix in _TEXT:
        yield _text(path, name, stem)
    else:
        yield Skipped(name, _UNKNOWN)


# ------------------------------------------------------------------------------- text files


def _text(path: Path, name: str, stem: str) -> Sample | Skipped:
    encoding = detect_encoding(path)
    text, complete = _decoded(path, encoding)
    if encoding in ("cp932", "euc_jp") and _western(text):
        encoding = "cp1252"
        text, complete = _decoded(path, encoding)
    start = text[:SNIFF_CHARACTERS]
    if len(start) < len(text):
        start = start[: start.rfind("\n") + 1] or start
    layout = sniff(start)
    if layout is None:
        return Skipped(name, _NO_TABLE)
    records = read_records(_below_header(text, layout), layout.delimiter, layout.quote, SAMPLE_ROWS)
    complete = complete and len(records) < SAMPLE_ROWS
    width = len(layout.columns)
    rows = [record for record in records if len(record) == width]
    if not complete and records and len(records[-1]) != width:
        records.pop()
    if not rows:
        return Skipped(name, _EMPTY)
    options: dict[str, object] = {"delimiter": layout.delimiter, "encoding": encoding}
    if layout.quote != '"':
        options["quote"] = layout.quote
    if layout.header != 1:
        options["header"] = layout.header
    if layout.trim:
        options["trim"] = True
    return Sample(
        name, stem, layout.columns, rows, complete, options, tuple(_notes(layout, records, rows))
    )


def _decoded(path: Path, encoding: str) -> tuple[str, bool]:
    """The start of a file as text, and whether that is all of it."""
    file = CountedFile(path)
    try:
        lines, inner = open_lines(file, encoding)
        blocks, size, complete = [], 0, False
        while size < SAMPLE_BYTES:
            block = lines.block(4 << 20)
            if not block:
                complete = True
                break
            blocks.append(block)
            size += len(block)
        return b"".join(blocks).decode(inner, "replace"), complete
    finally:
        file.close()


def _western(text: str) -> bool:
    """Whether text read as Japanese is Latin text: private characters, no kana, hardly a kanji."""
    odd = sum("\ue000" <= c <= "\uf8ff" or c == "\ufffd" for c in text)
    kana = sum("ぁ" <= c <= "ヺ" for c in text)
    return odd > 0 and kana == 0


def _below_header(text: str, layout: Layout) -> str:
    at = 0
    for _ in range(layout.header):
        at = text.find("\n", at) + 1
    return text[at:]


def _notes(
    layout: Layout, records: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]
) -> Iterator[Text]:
    if layout.header == 0:
        yield Text(
            "見出し行がないため、列を column_1 から順に呼びます。name を付けるには項目名を変え、"
            "source: column_1 と書いてください。",
            "no header line: the columns are column_1, column_2… To name one, rename the field and"
            " write `source: column_1`",
        )
    uneven = sum(1 for r in records if r and any(c.strip() for c in r)) - len(rows)
    if uneven > 0:
        yield Text(
            f"{uneven:,}行は列の数が違い、取り込めません（行ごとに理由が残ります）。",
            f"{uneven:,} row(s) have another number of columns and will not load (each is kept with"
            " its reason)",
        )


# ------------------------------------------------------------------------------ typed files


def _excel(path: Path, name: str, stem: str) -> Iterator[Sample | Skipped]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.CalamineError as error:
        yield Skipped(name, Text(f"開けません（{error}）。", f"cannot be opened ({error})"))
        return
    sheets = list(book.sheet_names)
    for sheet in sheets:
        cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        rows = [[as_text(cell) for cell in row] for row in cells[: SAMPLE_ROWS + 50]]
        at = _header_row(rows)
        if at is None:
            if len(sheets) == 1:
                yield Skipped(name, _EMPTY)
            continue
        columns = tuple((cell or "").strip() for cell in rows[at])
        body = [row for row in rows[at + 1 :] if any(cell for cell in row)]
        options: dict[str, object] = {"format": "excel"}
        if at:
            options["header"] = at + 1
        if len(sheets) > 1:
            options["sheet"] = sheet
        title = stem if len(sheets) == 1 or sheet.lower() in ("sheet1", "data") else sheet
        trimmed = any(cell and cell != cell.strip() for row in body[:2000] for cell in row)
        if trimmed:
            options["trim"] = True
        yield Sample(name, title, columns, body, len(cells) <= SAMPLE_ROWS, options)


def _header_row(rows: Sequence[Sequence[str | None]]) -> int | None:
    """The first of the upper rows that is as full as the table below it."""
    top = rows[:30]
    widths = [sum(bool(cell and cell.strip()) for cell in row) for row in top]
    widest = max(widths, default=0)
    if widest == 0 or len(rows) < 2:
        return None
    return next(index for index, width in enumerate(widths) if width >= max(1, 0.7 * widest))


def _parquet(path: Path, name: str, stem: str) -> Sample | Skipped:
    import pyarrow as pa
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
        batches = list(_up_to(file.iter_batches(50_000), SAMPLE_ROWS))
    except (pa.ArrowInvalid, OSError) as error:
        return Skipped(name, Text(f"開けません（{error}）。", f"cannot be opened ({error})"))
    columns = tuple(file.schema_arrow.names)
    rows = [
        [as_text(cell) for cell in row]
        for batch in batches
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    ]
    if not rows:
        return Skipped(name, _EMPTY)
    complete = file.metadata.num_rows <= len(rows)
    return Sample(name, stem, columns, rows, complete, {"format": "parquet"})


def _up_to(batches: Iterable[pa.RecordBatch], most: int) -> Iterator[pa.RecordBatch]:
    seen = 0
    for batch in batches:
        yield batch
        seen += batch.num_rows
        if seen >= most:
            return


def _json_lines(path: Path, name: str, stem: str) -> Sample | Skipped:
    encoding = detect_encoding(path)
    text, complete = _decoded(path, encoding)
    found: list[dict[str, str | None]] = []
    columns: dict[str, None] = {}
    for line in islice(text.splitlines(), SAMPLE_ROWS):
        try:
            value = json.loads(line, parse_float=str)
        except (json.JSONDecodeError, RecursionError):
            continue
        if isinstance(value, dict):
            row = dict(_flat(value, ""))
            columns.update(dict.fromkeys(row))
            found.append(row)
    if not found:
        return Skipped(name, _EMPTY)
    rows = [[row.get(column) for column in columns] for row in found]
    return Sample(name, stem, tuple(columns), rows, complete, {"format": "jsonl"})


def _flat(value: dict[str, object], above: str) -> Iterator[tuple[str, str | None]]:
    """The plain values of an object; those of inner objects under dotted names."""
    for key, item in value.items():
        name = f"{above}{key}"
        if isinstance(item, dict):
            yield from _flat(item, f"{name}.")
        else:
            yield name, as_text(item)


# ---------------------------------------------------------------------------------- periods


def merge_periods(samples: Sequence[Sample]) -> list[Sample]:
    """Join samples of one header whose file names differ by a date alone."""
    groups: dict[tuple[object, ...], list[Sample]] = {}
    for sample in samples:
        pattern = _PERIOD.sub("*", sample.files)
        shape = (pattern, sample.columns, sample.options.get("sheet"))
        key = shape if "*" in pattern else (sample.files, sample.options.get("sheet"))
        groups.setdefault(key, []).append(sample)
    merged: list[Sample] = []
    for group in groups.values():
        first = group[0]
        if len(group) == 1:
            merged.append(first)
            continue
        rows = [row for sample in group for row in sample.rows]
        same = {k: v for k, v in first.options.items() if all(v == s.options.get(k) for s in group)}
        merged.append(
            Sample(
                _PERIOD.sub("*", first.files),
                _PERIOD.sub("", first.name),
                first.columns,
                rows,
                all(sample.complete for sample in group),
                same,
                first.notes,
            )
        )
    return merged
