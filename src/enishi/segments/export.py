"""Exports of a segment's members: CSV in UTF-8 or CP932, Excel, or Parquet.

Only those within the reader's row scope are written, masked as on the screen. What was exported is
audited with every person in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.clock import now
from enishi.book.sheets import content_type, file_name, write_csv, write_excel
from enishi.book.workspace import current_workspace
from enishi.kernel.ids import new_id
from enishi.kernel.text import Locale, Text
from enishi.segments.asking import require_state
from enishi.segments.models import Segment
from enishi.segments.schemas import SegmentExportIn, named
from enishi.segments.service import catalog, get_segment
from enishi.warehouse.process import warehouse

PAGE = 5000
_SUFFIX = {"csv_utf8": "csv", "csv_cp932": "csv", "xlsx": "xlsx", "parquet": "parquet"}
_KEY, _NAME, _SINCE = Text("顧客番号", "Key"), Text("氏名", "Name"), Text("開始", "Entered")


@dataclass
class Export:
    """A written export. `left_out`: members beyond the reader's scope. `replaced` counts
    characters that CP932 does not have."""

    path: Path
    filename: str
    content_type: str
    rows: int = 0
    left_out: int = 0
    replaced: int = 0


def export(slug: str, asked: SegmentExportIn, actor: Actor, locale: Locale) -> Export:
    """Write the members below `var/exports`; audited. Raises Conflict `never_refreshed`, Invalid
    for columns that the segment's purpose forbids, Forbidden."""
    require(actor, "segments.export")
    segment = get_segment(slug)
    require_state(segment)
    purpose = segment.purpose if segment.purpose in catalog().purposes else None
    table: pa.Table = warehouse().segment_table(
        slug, segment.subject, actor=actor, columns=asked.columns, purpose=purpose
    )
    folder = current_workspace().exports
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    suffix = _SUFFIX[asked.format]
    name = file_name(named(segment.name, segment.name_en, locale))
    kind = "application/vnd.apache.parquet" if suffix == "parquet" else content_type(asked.format)
    made = Export(folder / f"{new_id('exp')}.{suffix}", f"{name}.{suffix}", kind)
    made.rows = table.num_rows
    made.left_out = max(0, (segment.size or 0) - table.num_rows)
    try:
        _write(made, segment, asked, table, locale)
        detail = {"format": asked.format, "rows": made.rows, "left_out": made.left_out}
        audit.record(
            actor, "segment.export", "segment", segment.id, detail, table.column("_id").to_pylist()
        )
    except BaseException:
        made.path.unlink(missing_ok=True)  # nothing of an export that nobody got stays on disk
        raise
    return made


def _write(
    made: Export, segment: Segment, asked: SegmentExportIn, table: pa.Table, locale: Locale
) -> None:
    if asked.format == "parquet":
        pq.write_table(table, made.path)
    elif asked.format == "xlsx":
        title = Text("メンバー", "Members")[locale]
        write_excel(
            made.path, _rows(table, asked, locale), title, locale,
            lambda: _about(made, segment, locale),
        )  # fmt: skip
    else:
        made.replaced = write_csv(made.path, _rows(table, asked, locale), asked.format)


def _rows(table: pa.Table, asked: SegmentExportIn, locale: Locale) -> Iterator[Sequence[object]]:
    """The header, then a row a member."""
    columns = list(asked.columns)
    yield [_KEY[locale], _NAME[locale], _SINCE[locale], *columns]
    for batch in table.to_batches(max_chunksize=PAGE):
        for row in batch.to_pylist():
            yield [
                row["key"], row["display"], f"{row['entered_at']:%Y-%m-%d %H:%M}",
                *(row[name] for name in columns),
            ]  # fmt: skip


def _about(made: Export, segment: Segment, locale: Locale) -> list[tuple[str, str]]:
    """What the last sheet says of the file."""
    return [
        (Text("セグメント", "Segment")[locale], named(segment.name, segment.name_en, locale)),
        (Text("基準日時", "As of")[locale], _local(segment.as_of)),
        (Text("出力日時", "Exported")[locale], _local(now())),
        (Text("人数", "Members")[locale], str(made.rows)),
        (Text("範囲外のため除いた人数", "Left out, beyond your scope")[locale], str(made.left_out)),
    ]


def _local(at: datetime | None) -> str:
    zone = current_workspace().zone
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
