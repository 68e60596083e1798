"""Everything kept about one person in one file: to read, to work with, and to hand over.

A zip of `data.json` (whole, exact), `data.xlsx` (a sheet a table) and `index.html` (to read or
print). What others have written about her is in it; who they are is told by name.
"""

from __future__ import annotations

import html
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from enishi.book import about, audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.downloads import Export, making
from enishi.book.sheets import defused
from enishi.gate.people import names_of
from enishi.kernel.text import Locale, Text
from enishi.privacy.registry import keepers
from enishi.privacy.rows import rows_of
from enishi.warehouse.process import warehouse

_MOST_AUDIT = 100_000
_LONGEST_SHEET = 31
_TITLE = Text("保有している個人データ", "Personal data held")
_SEGMENTS = Text("セグメントへの所属", "Segments")
_AUDIT = Text("閲覧・変更の記録", "Who saw or changed it")
_STAY = (Text("セグメント", "Segment"), Text("開始", "From"), Text("終了", "Until"))
_SEEN = (
    Text("日時", "Time"), Text("利用者", "User"), Text("役割", "Role"), Text("操作", "Action"),
    Text("対象", "Object"), Text("詳細", "Detail"),
)  # fmt: skip
_STYLE = (
    "<style>body{font:14px/1.6 sans-serif;margin:2rem;color:#222}"
    "table{border-collapse:collapse;margin:0 0 2rem}"
    "td,th{border:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top}"
    "th{background:#f4f4f2}</style>"
)

Table = tuple[str, list[str], list[list[Any]]]
"""A title, the heads of its columns, its rows."""


def export_person(person: str, actor: Actor, locale: Locale) -> Export:
    """Write the zip below `var/exports`; audited. Raises NotFound for nobody we know."""
    with making(f"privacy-{now():%Y%m%d}", "zip") as made:
        found = gathered(person)
        tables = list(_tables(found, locale))
        with zipfile.ZipFile(made.path, "w", zipfile.ZIP_DEFLATED) as archive:
            text = json.dumps(found, ensure_ascii=False, indent=2, default=str)
            archive.writestr("data.json", text)
            archive.writestr("index.html", _page(tables, locale))
            with archive.open("data.xlsx", "w") as file:
                _workbook(file, tables)
        made.rows = sum(len(rows) for _, _, rows in tables)
        made.persons = [person]
        audit.record(
            actor, "privacy.export", "person", person, {"rows": made.rows, "tables": len(tables)},
            [person],
        )  # fmt: skip
    return made


def gathered(person: str) -> dict[str, Any]:
    """All that is known of a person, as JSON."""
    found = rows_of(warehouse(), person)
    book: dict[str, list[Mapping[str, Any]]] = {}
    for table, row in about.told(person):
        book.setdefault(table, []).append(row)
    others = {keeper.name: keeper.export(person) for keeper in keepers()}
    rows, total = audit.search(subject=person, limit=_MOST_AUDIT)
    names = names_of(row.actor for row in rows)
    return {
        "person": person,
        "made_at": now().isoformat(),
        **found,
        "book": book,
        "kept": {name: kept for name, kept in others.items() if kept},
        "audit": [
            {
                "at": row.at, "by": names.get(row.actor, row.actor), "role": row.role,
                "action": row.action, "object": f"{row.object_type} {row.object_id}",
                "detail": audit.opened(row),
            }
            for row in rows
        ],
        "audit_rows": total,
    }  # fmt: skip


def _tables(found: Mapping[str, Any], locale: Locale) -> Iterator[Table]:
    for dataset in found["datasets"]:
        heads = [column[locale] for column in dataset["columns"]]
        yield dataset["label"][locale], heads, dataset["rows"]
    if found["segments"]:
        yield _SEGMENTS[locale], [text[locale] for text in _STAY], found["segments"]
    for name, rows in (*found["book"].items(), *found["kept"].items()):
        heads = list(dict.fromkeys(key for row in rows for key in row))
        yield name, heads, [[_cell(row.get(head)) for head in heads] for row in rows]
    rows = [
        [row["at"], row["by"], row["role"], row["action"], row["object"], _cell(row["detail"])]
        for row in found["audit"]
    ]
    yield _AUDIT[locale], [text[locale] for text in _SEEN], rows


def _cell(value: object) -> object:
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str) if value else ""
    return value


def _page(tables: Sequence[Table], locale: Locale) -> str:
    title = _TITLE[locale]
    parts = [
        f'<!doctype html><html lang="{locale}"><meta charset="utf-8"><title>{title}</title>',
        _STYLE,
        f"<h1>{title}</h1><p>{now():%Y-%m-%d %H:%M} UTC</p>",
    ]
    for name, heads, rows in tables:
        head = "".join(f"<th>{html.escape(text)}</th>" for text in heads)
        parts.append(f"<h2>{html.escape(name)} ({len(rows):,})</h2><table><tr>{head}</tr>")
        for row in rows:
            cells = "".join(f"<td>{html.escape(_shown(value))}</td>" for value in row)
            parts.append(f"<tr>{cells}</tr>")
        parts.append("</table>")
    return "".join([*parts, "</html>"])


def _shown(value: object) -> str:
    return "" if value is None else str(_cell(value))


def _workbook(file: Any, tables: Sequence[Table]) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(
        file, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    )
    for number, (name, heads, rows) in enumerate(tables, start=1):
        plain = "".join(c for c in name if c not in "[]:*?/\\'")
        sheet = book.add_worksheet(f"{number} {plain}"[:_LONGEST_SHEET])
        for place, text in enumerate(heads):
            sheet.write_string(0, place, str(defused(text)))
        for below, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                safe = defused(_cell(value))
                if isinstance(safe, int | float):
                    sheet.write_number(below, place, safe)
                else:
                    sheet.write_string(below, place, str(safe))
    book.close()
