"""Exports of a segment's members: CSV in UTF-8 or CP932, Excel, or Parquet.

Only those within the reader's row scope are written, masked as on the screen. What was exported is
audited with every person in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.downloads import Export, local, making, told
from enishi.book.sheets import write_csv, write_excel
from enishi.kernel.text import Locale, Text
from enishi.segments.asking import require_state
from enishi.segments.models import Segment
from enishi.segments.naming import named
from enishi.segments.schemas import SegmentExportIn
from enishi.segments.service import catalog, get_segment
from enishi.warehouse.process import warehouse

PAGE = 5000
_KEY, _NAME, _SINCE = Text("顧客番号", "Key"), Text("氏名", "Name"), Text("開始", "Entered")


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
    with making(named(segment.name, segment.name_en, locale), asked.format) as made:
        made.rows = table.num_rows
        if actor.scope is not None:
            # Of a segment of one person beyond the scope the count would tell all that is true.
            made.left_out = None
        else:
            made.left_out = max(0, (segment.size or 0) - table.num_rows)
        made.persons = table.column("_id").to_pylist()
        _write(made, segment, asked, table, locale)
        detail = {"format": asked.format, "rows": made.rows, "left_out": made.left_out}
        audit.record(actor, "segment.export", "segment", segment.id, detail, made.persons)
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
        (Text("基準日時", "As of")[locale], local(segment.as_of)),
        *told(made, locale),
    ]
