"""Files of people made for one download: begun below `var/exports`, sent, and gone from there.

Whoever writes one records in the audit whom it holds. Nothing of a file that nobody got stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from django.http import FileResponse

from enishi.book.clock import now
from enishi.book.workspace import current_workspace
from enishi.kernel.ids import new_id
from enishi.kernel.text import Locale, Text

_FORMS = {
    "csv_utf8": ("csv", "text/csv; charset=utf-8"),
    "csv_cp932": ("csv", "text/csv; charset=shift_jis"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
    "zip": ("zip", "application/zip"),
}


@dataclass
class Export:
    """A written file and what it holds.

    `left_out` counts those beyond the reader's scope (None: not to be told), `replaced` characters
    that CP932 does not have; `persons` are the Enishi ids in it.
    """

    path: Path
    filename: str
    content_type: str
    rows: int = 0
    left_out: int | None = 0
    replaced: int = 0
    persons: list[str] = field(default_factory=list)


@contextmanager
def making(name: str, form: str) -> Iterator[Export]:
    """A file to be written and audited inside, of one of these forms: `csv_utf8`, `csv_cp932`,
    `xlsx`, `parquet`, `zip`."""
    suffix, content_type = _FORMS[form]
    folder = current_workspace().exports
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name)[:80]  # without what file systems refuse
    made = Export(folder / f"{new_id('exp')}.{suffix}", f"{kept}.{suffix}", content_type)
    try:
        yield made
    except BaseException:
        made.path.unlink(missing_ok=True)
        raise


def sent(made: Export) -> FileResponse:
    """The response that carries it. Headers tell `X-Enishi-Rows`, `X-Enishi-Left-Out` and
    `X-Enishi-Replaced`."""
    response = FileResponse(made.path.open("rb"), content_type=made.content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(made.filename)}"
    response["X-Enishi-Rows"] = str(made.rows)
    if made.left_out is not None:
        response["X-Enishi-Left-Out"] = str(made.left_out)
    response["X-Enishi-Replaced"] = str(made.replaced)
    response["Cache-Control"] = "no-store"
    made.path.unlink()  # the open handle still reads it
    return response


def told(made: Export, locale: Locale) -> list[tuple[str, str]]:
    """What a workbook's last sheet says of the file, below what it is of."""
    found = [
        (Text("出力日時", "Exported")[locale], local(now())),
        (Text("人数", "Members")[locale], str(made.rows)),
    ]
    if made.left_out is not None:
        label = Text("範囲外のため除いた人数", "Left out, beyond your scope")[locale]
        found.append((label, str(made.left_out)))
    return found


def local(at: datetime | None) -> str:
    """An instant in the workspace's zone, to the minute; empty for none."""
    return "" if at is None else at.astimezone(current_workspace().zone).strftime("%Y-%m-%d %H:%M")
