"""Draft datasets from samples: names, fields, keys. What links them is found in `infer_links`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from enishi.catalog.check import good_name
from enishi.catalog.formats import BLANKS
from enishi.catalog.guess import Guess, guess_column
from enishi.catalog.sample import Sample
from enishi.catalog.types import FieldType, Meaning
from enishi.catalog.words import label_of, parts_of, words
from enishi.kernel.text import Text, fold

LINE_FIELD = "source_line"
FILE_FIELD = "source_file"
_ID_ENDS = words("""
    id no num number code cd key uuid guid symbol
""")
_JAPANESE_IDS = ("番号", "コード", "ＩＤ", "ID", "id", "No", "NO")
_NOISE = words("""
    cp932 sjis utf8 utf utf16 euc csv tsv full partial
""")
_KEY_TYPES = (FieldType.STRING, FieldType.INTEGER)
_MAX_KEY_COLUMNS = 10
_LONG_TEXT = 60


@dataclass
class DraftField:
    """One field of the draft. `column` is its place in the sample, None for a derived one."""

    name: str
    source: str
    guess: Guess
    label: Text
    column: int | None
    derive: Mapping[str, object] | None = None
    notes: list[Text] = field(default_factory=list)

    @property
    def typed(self) -> FieldType:
        return self.guess.type


@dataclass
class DraftTable:
    """One dataset of the draft, with the cleaned values that keys and relations are found by."""

    name: str
    sample: Sample
    label: Text
    fields: dict[str, DraftField] = field(default_factory=dict)
    left_out: list[tuple[str, Text]] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    key: tuple[str, ...] = ()
    kind: str = "current"
    time: str | None = None
    planned: bool = False
    subject: str | None = None
    display: str | None = None
    event_of: dict[str, str] = field(default_factory=dict)
    name_field: str | None = None
    _values: dict[str, list[str | None]] = field(default_factory=dict)

    def values(self, name: str) -> list[str | None]:
        """The cleaned texts of a field: trimmed, words for nothing removed, 17850.0 as 17850."""
        if name not in self._values:
            found = self.fields[name]
            assert found.column is not None
            nulls, whole = self.nulls(), found.guess.type is FieldType.INTEGER
            self._values[name] = [
                _clean(value, nulls, whole=whole) for value in self.sample.values(found.column)
            ]
        return self._values[name]

    def nulls(self) -> frozenset[str]:
        """The texts that mean 'no value' in this file."""
        return frozenset().union(*(f.guess.nulls for f in self.fields.values()))

    @property
    def rows(self) -> int:
        return len(self.sample.rows)


def _clean(value: str | None, nulls: frozenset[str], *, whole: bool) -> str | None:
    text = "" if value is None else value.strip(BLANKS)
    if not text or text in nulls:
        return None
    if whole:
        return text.partition(".")[0].replace(",", "")
    return text


def draft_tables(samples: Sequence[Sample]) -> list[DraftTable]:
    """A table for each sample: named, its columns guessed, its key chosen."""
    tables: list[DraftTable] = []
    taken: set[str] = set()
    for sample in samples:
        name = unique(dataset_name(sample.name), taken)
        table = DraftTable(name, sample, label_of(name), notes=list(sample.notes))
        _fields(table)
        if not table.fields:
            continue
        choose_key(table)
        tables.append(table)
    return tables


# -------------------------------------------------------------------------------------- names


def unique(name: str, taken: set[str]) -> str:
    """The name, with a number behind it when it is taken (case does not count)."""
    found, number = name, 2
    while fold(found) in taken:
        found, number = f"{name}_{number}", number + 1
    taken.add(fold(found))
    return found


def field_name(column: str) -> str:
    """A column's name as a field's name: signs become `_`, a leading digit gets a letter."""
    plain = unicodedata.normalize("NFKC", column).strip(BLANKS)
    found = re.sub(r"\W+", "_", plain).strip("_")
    if found and not found[0].isidentifier():
        found = f"c{found}"
    if found.endswith("__f"):
        found = found[:-3]
    return found[:90] if good_name(found[:90]) else ""


def dataset_name(stem: str) -> str:
    """A file's name as a dataset's: without dates, numbers and the names of encodings."""
    plain = unicodedata.normalize("NFKC", stem)
    words = [word for word in re.split(r"[\s_.\-]+", plain) if word]
    kept = [w for w in words if not re.fullmatch(r"[0-9年月日時点v]+", w) and fold(w) not in _NOISE]
    found = field_name("_".join(kept or words)) or "table"
    return found.lower() if found.isascii() else found


# ------------------------------------------------------------------------------------- fields


def _fields(table: DraftTable) -> None:
    sample, taken = table.sample, {fold(LINE_FIELD), fold(FILE_FIELD)}
    seen: dict[str, int] = {}
    for column in sample.columns:
        seen[fold(column)] = seen.get(fold(column), 0) + 1
    for index, column in enumerate(sample.columns):
        if not column:
            if any(value and value.strip() for value in sample.values(index)):
                table.left_out.append((f"({index + 1})", _UNNAMED))
            continue
        if seen[fold(column)] > 1:
            table.left_out.append((column, _TWICE))
            continue
        guess = guess_column(column, sample.values(index), table.name)
        if guess.my_number:
            table.left_out.append((column, _MY_NUMBER))
            continue
        name = unique(field_name(column) or f"column_{index + 1}", taken)
        _add_field(table, name, column, index, guess, taken)


_UNNAMED = Text("見出しがない列です。", "this column has no name in the header")
_TWICE = Text("見出しが重複しています。", "this name stands twice in the header")
_MY_NUMBER = Text(
    "個人番号（マイナンバー）と思われるため、取り込めません。",
    "looks like 個人番号 (My Number), which may not be loaded",
)


def _add_field(
    table: DraftTable, name: str, column: str, index: int, guess: Guess, taken: set[str]
) -> None:
    """A field; where a few values do not fit, the text as written and a field read from it."""
    notes = [Text(ja, en) for ja, en in guess.notes]
    if not guess.doubtful and not guess.signs and not guess.comma:
        table.fields[name] = DraftField(name, column, guess, label_of(column), index, notes=notes)
        return
    raw = unique(f"{name}_text", taken)
    reader: dict[str, object] = {"field": raw}
    label = label_of(column)
    if guess.type in (FieldType.DATE, FieldType.TIMESTAMP):
        if guess.type is FieldType.TIMESTAMP:
            guess = Guess(FieldType.STRING, meaning=guess.meaning, pii=guess.pii)
            table.fields[name] = DraftField(name, column, guess, label, index, notes=notes)
            return
        parsed: object = [reader, guess.format] if guess.format else reader
        call = {"parse_date": parsed}
    else:
        for sign in guess.signs:
            reader = {"replace": [reader, sign, None]}
        if guess.comma:
            reader = {"replace": [{"replace": [reader, ".", None]}, ",", "."]}
        call = {"to_integer" if guess.type is FieldType.INTEGER else "to_decimal": reader}
    text = Guess(FieldType.STRING, nulls=guess.nulls, pii=guess.pii)
    table.fields[raw] = DraftField(
        raw, column, text, Text(f"{label.ja}（原文）", f"{label.en} as written"), index
    )
    if guess.doubtful:
        notes.append(_unread(guess.doubtful))
    guess.format = None
    table.fields[name] = DraftField(
        name, column, guess, label, None, derive={"try": call}, notes=notes
    )


def _unread(count: int) -> Text:
    return Text(
        f"{count}件は読めず、未設定になります。",
        f"{count} value(s) cannot be read and stay unset",
    )


# --------------------------------------------------------------------------------------- keys


def is_id_name(name: str) -> bool:
    """Whether a name speaks of an identifier: customer_id, OrderNo, 顧客番号."""
    parts = parts_of(name)
    return (bool(parts) and (parts[-1] in _ID_ENDS or name.endswith(_JAPANESE_IDS))) or (
        bool(parts) and re.search(r"[a-z]id$", parts[-1]) is not None and len(parts[-1]) <= 12
    )


def _keyable(table: DraftTable, field: DraftField) -> bool:
    if field.column is None or field.typed not in _KEY_TYPES:
        return False
    if field.guess.meaning in (Meaning.MONEY, Meaning.RATE, Meaning.NOTE, Meaning.ADDRESS):
        return False
    return not field.guess.nulls or field.guess.filled == table.rows


def _key_score(table: DraftTable, field: DraftField, first: bool) -> int:
    score = 0
    if is_id_name(field.name):
        score += 5
        stem = set(parts_of(field.name)) - _ID_ENDS
        own = {singular(part) for part in parts_of(table.name)}
        score += 3 if not stem or stem & own else 0
    if first:
        score += 3
    if field.guess.meaning is Meaning.EMAIL:
        score += 3
    if field.guess.meaning in (Meaning.PERSON_NAME, Meaning.PERSON_KANA, Meaning.PHONE):
        score -= 4
    return score


def choose_key(table: DraftTable) -> None:
    """One column that identifies rows, else a few together, else the row's place in the file."""
    rows = table.rows
    candidates = [f for f in table.fields.values() if _keyable(table, f)]
    full = [f for f in candidates if rows and f.guess.filled == rows]
    scored = [
        (_key_score(table, f, first=f.column == 0), -(f.column or 0), f)
        for f in full
        if f.guess.distinct == rows and _short(table, f)
    ]
    scored = [entry for entry in scored if entry[0] >= 3]
    if scored:
        table.key = (max(scored, key=lambda entry: entry[:2])[2].name,)
        return
    found = _composite(table) if rows else None
    if found is not None:
        table.key = found
        table.notes.append(
            Text(
                "この項目の組で行が一意です。正しいか確かめてください。",
                "rows are unique by these fields together; check that this is meant",
            )
        )
        return
    _line_key(table)


def _short(table: DraftTable, field: DraftField) -> bool:
    return all(len(value or "") <= _LONG_TEXT for value in table.values(field.name)[:1000])


def _composite(table: DraftTable) -> tuple[str, ...] | None:
    """Two or three columns that are unique together: identifiers, dates, short codes."""
    able = [
        f
        for f in table.fields.values()
        if f.column is not None
        and f.guess.filled == table.rows
        and (
            is_id_name(f.name)
            or f.typed in (FieldType.DATE, FieldType.TIMESTAMP)
            or f.guess.meaning is Meaning.CATEGORY
        )
    ]
    able.sort(key=lambda f: (not is_id_name(f.name), f.column))
    if not any(is_id_name(f.name) for f in able):
        return None
    for size in (2, 3):
        for chosen in combinations(able[:_MAX_KEY_COLUMNS], size):
            if not is_id_name(chosen[0].name):
                continue
            columns = [table.values(f.name) for f in chosen]
            if _unique_together(columns):
                return tuple(f.name for f in chosen)
    return None


def _unique_together(columns: list[list[str | None]]) -> bool:
    seen: set[tuple[str | None, ...]] = set()
    for row in zip(*columns, strict=True):
        if row in seen:
            return False
        seen.add(row)
    return True


def _line_key(table: DraftTable) -> None:
    """No column identifies a row: its place in its file does."""
    names = [LINE_FIELD]
    if any(c in table.sample.files for c in "*?["):
        names.insert(0, FILE_FIELD)
    for name in names:
        kind = FieldType.INTEGER if name == LINE_FIELD else FieldType.STRING
        label = (
            Text("ファイルの行", "Line in the file")
            if name == LINE_FIELD
            else Text("ファイル", "File")
        )
        table.fields[name] = DraftField(name, name, Guess(kind), label, None, derive={name: []})
    table.key = tuple(names)
    table.notes.append(
        Text(
            "行を一意に決める列がないため、ファイル内の位置をキーにしました。"
            "行の順が変わると別の行とみなされます。",
            "no column identifies a row, so its place in the file does; rows that move count as"
            " other rows",
        )
    )


def singular(word: str) -> str:
    """A word without its plural ending, as far as file names need it."""
    if word in ("trans", "news", "sms", "gps") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def plural(word: str) -> str:
    """The name of the many: order → orders; Japanese words stay."""
    if not word.isascii():
        return word
    if word.endswith("s"):
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("x", "ch", "sh")) else "s")
