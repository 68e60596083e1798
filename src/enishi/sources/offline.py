"""Events that happened offline (a visit to a branch, a purchase, a call), from a file of rows.

Each row becomes a track call in a shard of the log of its own, `offline`, and from there goes the
way of every event. Its message id is made of what the row says and of the source, so that the same
file again, or a longer one that holds the same rows, brings nothing twice; a row that is there
twice in one file is two events.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text
from enishi.sources.encoding import detect_encoding
from enishi.sources.eventlog.format import Head, encode
from enishi.sources.eventlog.writer import Shard
from enishi.sources.stream.parse import IMPORTED, MOST_ID, MOST_NAME
from enishi.sources.stream.waking import ring

SHARD = "offline"
MOST_BYTES = 64_000_000
"""The largest file that is taken."""
MOST_ROW = 30_000
"""The most bytes a row may have as an event."""

_TOGETHER = 100  # rows in one record of the log
_SOME_RECORDS = 100
_SHOWN = 200  # faults that are told one by one
_DELIMITERS = (",", "\t", ";", "|")
_encode = msgspec.json.Encoder().encode

TROUBLES: Mapping[str, Text] = {
    "no_user": Text("人を表す列が空です。", "The column of the user is empty."),
    "no_event": Text("イベント名の列が空です。", "The column of the event is empty."),
    "bad_time": Text("日時として読めません。", "The time cannot be read."),
    "ragged": Text("列の数が見出しと違います。", "The row has more columns than the header."),
    "too_long": Text("行が長すぎます。", "The row is too long."),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """Which column is what. Exactly one of `event` (every row) and `event_column` is given."""

    user_column: str
    time_column: str
    event: str | None = None
    event_column: str | None = None
    source: str = "offline"


@dataclass
class Imported:
    """What an import did. `faults` are the first rows that were left out: line and code."""

    rows: int = 0
    written: int = 0
    left_out: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)

    def leave_out(self, line: int, code: str) -> None:
        self.left_out += 1
        if len(self.faults) < _SHOWN:
            self.faults.append((line, code))


def import_file(
    path: Path, meaning: Meaning, events: Path, zone: ZoneInfo, *, only_look: bool = False
) -> Imported:
    """Import a CSV file, gzipped or not, in whatever encoding.

    Raises Invalid, and Conflict `shard_taken` while another import runs.
    """
    if path.stat().st_size > MOST_BYTES:
        raise _too_large()
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    text = content.decode(detect_encoding(path), "replace")
    return import_text(text, meaning, events, zone, only_look=only_look)


def import_text(
    text: str, meaning: Meaning, events: Path, zone: ZoneInfo, *, only_look: bool = False
) -> Imported:
    """Import the text of a CSV: a header, then rows. `only_look`: nothing is written.

    Times without an offset are in `zone`. Columns that mean nothing else are properties.
    """
    done = Imported()
    found = _events(text, meaning, zone, done)
    if only_look:
        done.written = sum(1 for _ in found)
        return done
    with Shard(events / SHARD) as log:
        records: list[bytes] = []
        for batch in _batches(found):
            at = int(datetime.now(UTC).timestamp() * 1_000_000)
            body = _encode({"batch": batch})
            records.append(encode(at, Head(IMPORTED + meaning.source, "batch"), body))
            done.written += len(batch)
            if len(records) >= _SOME_RECORDS:
                log.append(records)
                records = []
        if records:
            log.append(records)
    ring(events)
    return done


def _batches(events: Iterator[msgspec.Raw]) -> Iterator[list[msgspec.Raw]]:
    batch: list[msgspec.Raw] = []
    size = 0
    for event in events:
        if batch and (len(batch) >= _TOGETHER or size + len(bytes(event)) > 400_000):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += len(bytes(event))
    if batch:
        yield batch


def _events(text: str, meaning: Meaning, zone: ZoneInfo, done: Imported) -> Iterator[msgspec.Raw]:
    first = text.split("\n", 1)[0]
    rows = csv.reader(
        io.StringIO(text.removeprefix("\ufeff"), newline=""),
        delimiter=max(_DELIMITERS, key=first.count),
    )
    csv.field_size_limit(MOST_BYTES)
    header = [name.strip() for name in next(rows, [])]
    _check(header, meaning)
    seen: Counter[bytes] = Counter()
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        done.rows += 1
        found = _event(header, row, meaning, zone, seen)
        if isinstance(found, str):
            done.leave_out(rows.line_num, found)
        else:
            yield found


def _event(
    header: list[str], row: list[str], meaning: Meaning, zone: ZoneInfo, seen: Counter[bytes]
) -> msgspec.Raw | str:
    """A row as an event in JSON, or the code of why it is none."""
    if len(row) > len(header):
        return "ragged"
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=False) if cell.strip()}
    user = cells.get(meaning.user_column)
    name = meaning.event or cells.get(meaning.event_column or "")
    if not user or len(user) > MOST_ID:
        return "no_user"
    if not name or len(name) > MOST_NAME:
        return "no_event"
    at = _time(cells.get(meaning.time_column, ""), zone)
    if at is None:
        return "bad_time"
    said = _encode([meaning.source, name, sorted(cells.items())])
    digest = hashlib.sha256(said).digest()
    seen[digest] += 1
    told = {meaning.user_column, meaning.time_column, meaning.event_column}
    event = _encode(
        {
            "type": "track",
            "messageId": f"import-{digest.hex()[:40]}-{seen[digest]}",
            "userId": user,
            "event": name,
            "timestamp": at.isoformat(),
            "properties": {name: cell for name, cell in cells.items() if name not in told},
        }
    )
    return "too_long" if len(event) > MOST_ROW else msgspec.Raw(event)


def _time(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("/", "-"))
        return (found.replace(tzinfo=zone) if found.tzinfo is None else found).astimezone(UTC)
    except (ValueError, OverflowError):  # the first hours of year 1 lie before all years in UTC
        return None


def _check(header: list[str], meaning: Meaning) -> None:
    if (meaning.event is None) == (meaning.event_column is None):
        raise Invalid(
            Text(
                "イベント名か、イベント名の列の、どちらか一方を指定してください。",
                "Give either the name of the event or the column that holds it.",
            ),
            Text("例: --event 来店", "For example: --event visited"),
            code="import_event",
        )
    wanted = [meaning.user_column, meaning.time_column, meaning.event_column]
    for name in wanted:
        if name is not None and name not in header:
            raise Invalid(
                Text(f"「{name}」という列がありません。", f"There is no column “{name}”."),
                Text(
                    f"あるのは: {'、'.join(header) or 'なし'}",
                    f"There are: {', '.join(header) or 'none'}.",
                ),
                code="import_columns",
            )


def _too_large() -> Invalid:
    return Invalid(
        Text("ファイルが 64 MB を超えています。", "The file is larger than 64 MB."),
        Text("分けて取り込んでください。", "Import it in parts."),
        code="import_too_large",
    )
