"""A do-not-contact list as a file: its encoding, its columns, and each row as it is meant."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from enishi.catalog.normalise import normalise_email, normalise_phone, normalise_text
from enishi.gate.types import CHANNEL_WORDS
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

MAX_BYTES = 10_000_000
MAX_ROWS = 100_000
COLUMNS = ("key", "phone", "email", "channel", "until", "reason")
IDENTIFIERS = ("key", "phone", "email")

_ENCODINGS = ("utf-8", "cp932")
_DELIMITERS = (",", "\t", ";")
_LONGEST_REASON = 500
_LONGEST_KEY = 200
_HEADERS: Mapping[str, str] = {
    "key": r"顧客番号|会員番号|客番|cif|(customer|client|member|person)[ _]?(no|number|id)?|id",
    "phone": r".*(電話|携帯).*|.*\b(phone|tel|mobile)\b.*|tel.*",
    "email": r".*(メール|e-?mail).*",
    "channel": r"チャネル|連絡手段|停止手段|channel",
    "until": r"期限|終了日|停止期限|until|end|expires?",
    "reason": r"理由|備考|reason|note|notes|comment",
}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_EVERY_CHANNEL = {"", "すべて", "全て", "全部", "all", "any", "*"}


class Lines(Protocol):
    """A reader of the csv module, which knows the line it has come to."""

    line_num: int

    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class ImportFile:
    """What was read of a file before its rows: how it is written, and which column is which."""

    encoding: str  # utf-8 | utf-16 | cp932
    delimiter: str
    header: tuple[str, ...]
    columns: Mapping[str, str]  # one of COLUMNS → the header's name


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row. `trouble` is why it cannot be used whoever it names; a line counts from 1."""

    line: int
    key: str | None
    phone: str | None  # E.164
    email: str | None
    channel: str | None
    until: datetime | None
    reason: str
    said: str  # the identifiers as the file has them, for the report to who sent the file
    trouble: str | None = None  # no_identifier | unreadable | channel_unknown | until_*


def read_file(
    content: bytes, *, key_names: tuple[str, ...], chosen: Mapping[str, str] | None = None
) -> tuple[ImportFile, Iterator[dict[str, str]]]:
    """The header and the rows of a CSV in UTF-8 (BOM or not), UTF-16 with BOM or CP932.

    `key_names` are further names of the customer number's column, from the catalog. `chosen` says
    which column is which, in place of the guess by name. Rows come as header → text with `_line`.
    Raises Invalid `import_empty`, `import_encoding`, `import_columns`, `import_too_large`.
    """
    if len(content) > MAX_BYTES:
        raise _too_large()
    text, encoding = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header = _header(rows)
    columns = _columns(header, key_names, chosen)
    return ImportFile(encoding, delimiter, header, columns), _rows(rows, header)


def meant(row: Mapping[str, str], columns: Mapping[str, str], zone: ZoneInfo, now: datetime,
          line: int) -> ImportRow:  # fmt: skip
    """One row as it is meant: identifiers in normal form, the channel, the end of the stop."""
    cell = {  # without NUL, which PostgreSQL does not keep
        name: (row.get(column) or "").replace("\0", "").strip() for name, column in columns.items()
    }
    key = normalise_text(cell.get("key", ""))
    phone = normalise_phone(cell["phone"]) if cell.get("phone") else None
    email = normalise_email(cell["email"]) if cell.get("email") else None
    said = " / ".join(cell[name] for name in IDENTIFIERS if cell.get(name))
    trouble = None
    if not said:
        trouble = "no_identifier"
    elif not (key or phone or email) or len(key or "") > _LONGEST_KEY:
        trouble = "unreadable"
    channel, known = _channel(cell.get("channel", ""))
    if not known:
        trouble = trouble or "channel_unknown"
    until, readable = _until(cell.get("until", ""), zone)
    if not readable:
        trouble = trouble or "until_unreadable"
    elif until is not None and until <= now:
        trouble = trouble or "until_past"
    reason = cell.get("reason", "")[:_LONGEST_REASON]
    return ImportRow(line, key, phone, email, channel, until, reason, said[:200], trouble)


def _decoded(content: bytes) -> tuple[str, str]:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return content.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            raise _encoding(1) from None
    body = content.removeprefix(b"\xef\xbb\xbf")
    for encoding in _ENCODINGS:
        try:
            return body.decode(encoding), encoding
        except UnicodeDecodeError as error:
            last = error
    raise _encoding(body.count(b"\n", 0, last.start) + 1)


def _header(rows: Lines) -> tuple[str, ...]:
    try:
        names = next(rows)
    except (csv.Error, StopIteration):
        names = []
    header = tuple(unicodedata.normalize("NFKC", name).strip() for name in names)
    if not any(header):
        raise Invalid(
            Text("ファイルに見出しの行がありません。", "The file has no header row."),
            Text(
                "1行目に「顧客番号」「電話番号」「メール」などの見出しを入れてください。",
                "Put headings such as customer number, phone or e-mail on the first line.",
            ),
            code="import_empty",
        )
    return header


def _columns(
    header: tuple[str, ...], key_names: tuple[str, ...], chosen: Mapping[str, str] | None
) -> dict[str, str]:
    if chosen:
        found = {name: column for name, column in chosen.items() if column}
        strange = [c for n, c in found.items() if n not in COLUMNS or c not in header]
        if strange:
            raise _no_column(strange[0])
    else:
        found = _guessed(header, key_names)
    if not any(name in found for name in IDENTIFIERS):
        raise Invalid(
            Text(
                "顧客番号・電話番号・メールのどの列も見つかりません。",
                "No column holds a customer number, a phone number or an e-mail address.",
            ),
            Text("どの列が何を表すかを選んでください。", "Choose which column is which."),
            code="import_columns",
            detail={"header": list(header)},
        )
    return found


def _guessed(header: tuple[str, ...], key_names: tuple[str, ...]) -> dict[str, str]:
    keys = {unicodedata.normalize("NFKC", name).strip().casefold() for name in key_names}
    found: dict[str, str] = {}
    for column in header:
        plain = column.casefold()
        for name in COLUMNS:
            if name in found:
                continue
            if (name == "key" and plain in keys) or re.fullmatch(_HEADERS[name], plain):
                found[name] = column
                break
    return found


def _rows(rows: Lines, header: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Rows as header → text; `_line` is where the row ends in the file."""
    count = 0
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            raise _broken(rows.line_num) from None
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MAX_ROWS:
            raise _too_large()
        yield {**dict(zip(header, cells, strict=False)), "_line": str(rows.line_num)}


def _channel(text: str) -> tuple[str | None, bool]:
    """A channel by its code or its word in either language; whether it is known."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if plain in _EVERY_CHANNEL:
        return None, True
    for channel, words in CHANNEL_WORDS.items():
        if plain in (str(channel).casefold(), words.ja.casefold(), words.en.casefold()):
            return str(channel), True
    return None, False


def _until(text: str, zone: ZoneInfo) -> tuple[datetime | None, bool]:
    """The end of the day that is told, in the workspace's zone; whether it could be read."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None, True
    told = _DATE.fullmatch(plain)
    if told is None:
        return None, False
    try:
        day = date(int(told[1]), int(told[2]), int(told[3]))
        return datetime.combine(day + timedelta(days=1), time(), zone), True
    except (ValueError, OverflowError):
        return None, False


def _too_large() -> Invalid:
    return Invalid(
        Text(
            f"一度に読み込めるのは{MAX_ROWS:,}行、{MAX_BYTES // 1_000_000}MBまでです。",
            f"A file may hold {MAX_ROWS:,} rows and {MAX_BYTES // 1_000_000} MB.",
        ),
        Text("ファイルを分けて読み込んでください。", "Split the file."),
        code="import_too_large",
    )


def _encoding(line: int) -> Invalid:
    return Invalid(
        Text(
            f"{line}行目の文字を読めません。文字コードが UTF-8 でも CP932 でもありません。",
            f"Line {line} cannot be read: the file is neither UTF-8 nor CP932.",
        ),
        Text(
            "表計算ソフトで「CSV UTF-8」として保存し直してください。",
            "Save the file again as CSV UTF-8.",
        ),
        code="import_encoding",
        detail={"line": line},
    )


def _broken(line: int) -> Invalid:
    return Invalid(
        Text(f"{line}行目が CSV として壊れています。", f"Line {line} is not sound CSV."),
        Text(
            "引用符の閉じ忘れがないかを確かめてください。", "Look for a quote that is not closed."
        ),
        code="import_broken",
        detail={"line": line},
    )


def _no_column(name: str) -> Invalid:
    return Invalid(
        Text(f"列「{name}」はファイルにありません。", f"The file has no column {name}."),
        Text("見出しから選び直してください。", "Choose from the header."),
        code="import_columns",
    )
