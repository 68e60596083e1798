"""Text columns to typed columns, set-wise in DuckDB.

For each field two expressions over the raw row `r`: its trimmed text (NULL when the file says
nothing), and the typed value (NULL when the text cannot be read). A row whose text is there and
whose value is not is unfit; why, `reasons.classify` says for the few rows concerned.
"""

from __future__ import annotations

from dataclasses import dataclass

from enishi.catalog.derive_spelling import time_sql
from enishi.catalog.formats import BLANKS, WAREKI, compile_format
from enishi.catalog.types import Dataset, Field, FieldType
from enishi.sources.types import EMPTY_LIST, LIST_SEPARATOR
from enishi.warehouse.duckdb_engine import SQL, literal, quoted
from enishi.warehouse.tables import column_type

WHOLE = r"([0-9]+|[0-9]{1,3}(,[0-9]{3})+)"  # digits, in groups of three or not
INTEGER = rf"[+-]?{WHOLE}(\.0*)?"
FLOAT = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
ISO_DATE = r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
ISO_TIME = r"[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?"
ISO_MIDNIGHT = r"([ T]0?0:00(:00(\.0+)?)?)?"
ISO_OFFSET = r" ?(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)"
DAMAGED = r"[0-9](\.[0-9]+)?E\+[0-9]+"  # 5.07E+12: a long number that a spreadsheet has rounded
TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """One loaded field: `text` reads the raw row, `value` and `unfit` read `text` AS `name`."""

    field: Field
    text: SQL
    value: SQL
    unfit: SQL  # true when the row cannot be loaded because of this field


def decimal_pattern(scale: int) -> str:
    """Decimal texts that a field of this scale holds exactly."""
    if scale == 0:
        return INTEGER
    return rf"[+-]?({WHOLE}(\.[0-9]{{0,{scale}}}0*)?|\.[0-9]{{1,{scale}}}0*)"


def typed_columns(dataset: Dataset, zone: str, *, typed_source: bool) -> list[TypedColumn]:
    """The loaded fields of a dataset. `typed_source`: the file has types of its own (Parquet…)."""
    source = dataset.source
    nulls = () if source is None else source.nulls
    found = []
    for field in dataset.fields.values():
        if field.derive is not None:
            continue
        name = quoted(field.name)
        needed = field.required or field.name in dataset.key
        kept = field.type is FieldType.STRING and not (source and source.trim)
        text = _text(name, nulls, trimmed=not kept)
        value = _value(field, name, zone, typed_source=typed_source)
        unfit = f"{name} IS NOT NULL AND {value} IS NULL"
        if needed:
            unfit = f"({name} IS NULL OR {unfit})"
        if field.type is FieldType.STRING:
            unfit = f"{name} IS NULL" if needed else "false"
            if field.name in dataset.key:
                unfit += f" OR regexp_full_match({name}, '{DAMAGED}')"
        found.append(TypedColumn(field, text, value, unfit))
    return found


def _text(name: SQL, nulls: tuple[str, ...], *, trimmed: bool) -> SQL:
    """The cell's text; NULL when it is empty or one of the file's words for nothing."""
    bare = f"trim(r.{name}, {literal(BLANKS)})"
    # Trimming costs more than typing; most cells are plain ASCII without blanks around them.
    usual = f"regexp_full_match(r.{name}, '[!-~]([ -~]*[!-~])?')"
    cheap = f"CASE WHEN {usual} THEN r.{name} ELSE nullif({bare}, '') END"
    text = cheap if trimmed else f"nullif(r.{name}, '')"
    said = [null for null in nulls if null]
    if not said:
        return text
    return f"CASE WHEN {bare} IN ({', '.join(map(literal, said))}) THEN NULL ELSE {text} END"


def _value(field: Field, name: SQL, zone: str, *, typed_source: bool) -> SQL:
    kind = field.type
    if kind is FieldType.STRING:
        return name
    if kind is FieldType.INTEGER:
        plain = f"TRY_CAST({name} AS BIGINT)"
        whole = f"replace(split_part({name}, '.', 1), ',', '')"
        other = _matching(name, INTEGER, f"TRY_CAST({whole} AS BIGINT)")
        return _first(_written_so(name, plain), other)
    if kind is FieldType.DECIMAL:
        plain = f"TRY_CAST({name} AS {column_type(field)})"
        cast = f"TRY_CAST(replace({name}, ',', '') AS {column_type(field)})"
        other = _matching(name, decimal_pattern(field.scale), cast)
        return _first(_written_so(name, plain), other)
    if kind is FieldType.FLOAT:
        cast = f"TRY_CAST({name} AS DOUBLE)"
        fits = f"regexp_full_match({name}, '{FLOAT}') AND isfinite({cast})"
        return f"CASE WHEN {fits} THEN {cast} END"
    if kind is FieldType.BOOLEAN:
        yes, no = booleans(field)
        return (
            f"CASE WHEN lower({name}) IN ({', '.join(map(literal, yes))}) THEN true"
            f" WHEN lower({name}) IN ({', '.join(map(literal, no))}) THEN false END"
        )
    if kind is FieldType.STRINGS:
        return _strings(field, name, typed_source=typed_source)
    return _time(field, name, zone, typed_source=typed_source)


def booleans(field: Field) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folded texts of true and of false; a format such as `有|無` names its own two."""
    if field.format and field.format.count("|") == 1:
        yes, no = field.format.lower().split("|")
        return (yes,), (no,)
    return TRUE, FALSE


def _written_so(name: SQL, value: SQL) -> SQL:
    """The value where the text is just as DuckDB writes it: a cheap test of the usual text."""
    return f"CASE WHEN CAST({value} AS VARCHAR) = {name} THEN {value} END"


def _first(usual: SQL, other: SQL) -> SQL:
    """The usual reading, else the other; the other is computed for the rest of the rows alone."""
    return f"coalesce({usual}, {other})"


def _matching(name: SQL, pattern: str, value: SQL) -> SQL:
    return f"CASE WHEN regexp_full_match({name}, {literal(pattern)}) THEN {value} END"


def _strings(field: Field, name: SQL, *, typed_source: bool) -> SQL:
    separator = LIST_SEPARATOR if typed_source else field.separator
    split = f"list_transform(string_split({name}, {literal(separator)}), lambda x: trim(x))"
    some = f"list_filter({split}, lambda x: x <> '')"
    return f"CASE WHEN {name} = {literal(EMPTY_LIST)} THEN []::VARCHAR[] ELSE {some} END"


def _time(field: Field, name: SQL, zone: str, *, typed_source: bool) -> SQL:
    dated = field.type is FieldType.DATE
    iso = _iso_date(name) if dated else _iso_timestamp(name, zone)
    if field.format is None:
        return iso
    written = _written(field.format, name)
    parsed = f"CAST({written} AS DATE)" if dated else _to_utc(written, zone)
    if dated and field.format != WAREKI and compile_format(field.format).has_time:
        midnight = f"{written} = date_trunc('day', {written})"
        parsed = f"CASE WHEN {midnight} THEN {parsed} END"
    return f"coalesce({parsed}, {iso})" if typed_source else parsed


def _written(written: str, name: SQL) -> SQL:
    """A naive timestamp read by a format of the catalog."""
    if written == WAREKI:
        return f"TRY_CAST(enishi_read_wareki({name}) AS TIMESTAMP)"
    return time_sql(name, written)


def _iso_date(name: SQL) -> SQL:
    plain = f"TRY_CAST({name} AS DATE)"
    usual = f"CASE WHEN strlen({name}) = 10 AND CAST({plain} AS VARCHAR) = {name} THEN {plain} END"
    day = f"TRY_CAST(replace(regexp_extract({name}, '^{ISO_DATE}'), '/', '-') AS DATE)"
    return _first(usual, _matching(name, ISO_DATE + ISO_MIDNIGHT, day))


def _iso_timestamp(name: SQL, zone: str) -> SQL:
    """Without an offset a time is the workspace's; a bare date is its local midnight."""
    read = f"TRY_CAST({name} AS TIMESTAMP)"
    usual = (
        f"CASE WHEN strlen({name}) = 19 AND CAST({read} AS VARCHAR) = replace({name}, 'T', ' ')"
        f" THEN {_to_utc(read, zone)} END"
    )
    plain = f"replace(replace({name}, '/', '-'), ',', '.')"
    local = _to_utc(f"TRY_CAST({plain} AS TIMESTAMP)", zone)
    instant = f"TRY_CAST({plain} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'"
    other = (
        f"CASE WHEN regexp_full_match({name}, {literal(f'{ISO_DATE}({ISO_TIME})?')}) THEN {local}"
        f" WHEN regexp_full_match({name}, {literal(f'{ISO_DATE}{ISO_TIME}{ISO_OFFSET}')})"
        f" THEN {instant} END"
    )
    return _first(usual, other)


def _to_utc(local: SQL, zone: str) -> SQL:
    return f"(({local}) AT TIME ZONE {literal(zone)}) AT TIME ZONE 'UTC'"
