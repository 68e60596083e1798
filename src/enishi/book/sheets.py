"""Files of rows for a spreadsheet: CSV in UTF-8 or CP932, and Excel, written as the rows come.

Cells that a spreadsheet would run as a formula are defused by an apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from enishi.kernel.text import Locale, Text

SHEET_ROWS = 1_048_575  # that a sheet of Excel holds below its header
Rows = Iterator[Sequence[object]]
"""A header, then a row each."""

_FORMULA = re.compile(r"^[\s\x00]*[=+\-@\t\r＝＋－＠−]")  # − becomes － in CP932
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


def write_csv(path: Path, rows: Rows, form: str) -> int:
    """Write the rows as `csv_utf8` or `csv_cp932`; returns how many characters became 〓 because
    CP932 does not have them."""
    encoding = "utf-8-sig" if form == "csv_utf8" else "cp932"
    gone = 0
    with path.open("wb") as file:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
        first = True
        for row in rows:
            writer.writerow([defused(cell) for cell in row])
            text = buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
            if encoding == "cp932":
                text, replaced = fit_cp932(text)
                gone += replaced
                file.write(text.encode("cp932"))
            else:
                file.write(text.encode(encoding if first else "utf-8"))
            first = False
    return gone


def write_excel(
    path: Path,
    rows: Rows,
    title: str,
    locale: Locale,
    about: Callable[[], Sequence[tuple[str, str]]],
) -> None:
    """Write the rows to sheets called `title`, and what `about` gives at the end to a last one."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
         "strings_to_numbers": False},
    )  # fmt: skip
    bold = book.add_format({"bold": True})
    header = next(rows)
    sheet = _sheet(book, title, header, bold)
    for number, row in enumerate(rows):
        below = number % SHEET_ROWS + 1
        if number and below == 1:  # the sheet is full
            sheet = _sheet(book, f"{title} {number // SHEET_ROWS + 1}", header, bold)
        for place, cell in enumerate(row):
            safe = defused(cell)
            if isinstance(safe, int | float | Decimal):
                sheet.write_number(below, place, safe)
            else:
                sheet.write_string(below, place, str(safe))
    last = book.add_worksheet(Text("このファイルについて", "About")[locale])
    for number, (label, value) in enumerate(about()):
        last.write_string(number, 0, label)
        last.write_string(number, 1, value)
    book.close()


def _sheet(book: Any, title: str, header: Sequence[object], bold: Any) -> Any:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 2)
    for place, cell in enumerate(header):
        sheet.write_string(0, place, str(defused(cell)), bold)
    return sheet


def defused(value: object) -> object:
    """A cell that no spreadsheet will run: text that begins like a formula gets an apostrophe.

    Plain numbers stay numbers. Leading blanks and full-width signs are seen through, since Excel
    sees through them too.
    """
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value)
    if isinstance(value, int | float | Decimal):
        return value
    text = ", ".join(map(str, value)) if isinstance(value, list) else _text(value)
    if _FORMULA.match(text) and not _NUMBER.match(text):
        return "'" + text
    return text


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


_NEAR = str.maketrans({"\u301c": "\uff5e", "\u2212": "\uff0d", "\u2014": "\u2015", "\u00a0": " "})
"""Characters that look alike and differ between Unicode's and Microsoft's reading of JIS."""


def fit_cp932(text: str) -> tuple[str, int]:
    """The text as CP932 can hold it, 〓 for what it cannot, and how many those were."""
    near = text.translate(_NEAR)
    try:
        near.encode("cp932")
    except UnicodeEncodeError:
        pass
    else:
        return near, 0
    found = []
    replaced = 0
    for character in near:
        try:
            character.encode("cp932")
        except UnicodeEncodeError:
            character, replaced = "〓", replaced + 1
        found.append(character)
    return "".join(found), replaced
