"""Why a row became a dead letter: stable codes, and their sentences made when they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from enishi.catalog.types import Field, FieldType
from enishi.kernel.text import Text
from enishi.sources.typed import DAMAGED, decimal_pattern

REASONS: Mapping[str, Text] = {
    "ragged": Text(
        "列が {expected} あるはずのところ、{found} あります。",
        "The row has {found} columns where the header has {expected}.",
    ),
    "undecodable": Text(
        "この行には、ファイルの文字コードでは読めない文字があります。",
        "The row holds bytes that are not in the file's encoding.",
    ),
    "quote_open": Text(
        "引用符が開いたまま閉じられていません。", "A quote is opened and never closed."
    ),
    "line_too_long": Text(
        "行が長すぎます（16 MB まで）。はじめの1,000文字だけを残しました。",
        "The line is longer than 16 MB. Only its first 1,000 characters were kept.",
    ),
    "stray_return": Text(
        "行の途中に改行文字（CR）があります。", "A carriage return stands inside the row."
    ),
    "not_json": Text("JSON として読めません。", "The line is not JSON."),
    "not_object": Text("JSON のオブジェクトではありません。", "The line is not a JSON object."),
    "missing": Text("必須の値がありません。", "The value is required and missing."),
    "not_integer": Text("「{value}」は整数ではありません。", "“{value}” is not an integer."),
    "not_decimal": Text("「{value}」は数ではありません。", "“{value}” is not a number."),
    "not_float": Text("「{value}」は数ではありません。", "“{value}” is not a number."),
    "not_boolean": Text(
        "「{value}」は真偽の値ではありません。", "“{value}” is neither true nor false."
    ),
    "not_date": Text(
        "「{value}」は{format}の日付として読めません。",
        "“{value}” is not a date written as {format}.",
    ),
    "not_timestamp": Text(
        "「{value}」は{format}の日時として読めません。",
        "“{value}” is not a time written as {format}.",
    ),
    "too_many_decimals": Text(
        "「{value}」は小数が{scale}桁を超えます。",
        "“{value}” has more than {scale} decimal places.",
    ),
    "out_of_range": Text("「{value}」は大きすぎます。", "“{value}” is too large."),
    "damaged_number": Text(
        "「{value}」は表計算ソフトで桁が失われた番号です。元のファイルから出し直してください。",
        "“{value}” is a number that a spreadsheet has rounded; export it again from its source.",
    ),
    "my_number": Text(
        "個人番号（マイナンバー）は保存できません。", "個人番号 (My Number) may not be kept."
    ),
    "not_derived": Text(
        "導出項目を計算できません。", "The derived field cannot be computed for this row."
    ),
    "superseded": Text(
        "同じキーの行が、この行より後に読み込まれています。",
        "A row with this key has been loaded since.",
    ),
    "duplicate_key": Text(
        "同じキーの行が{line}行目（{file}）にあり、そちらを採用しました。",
        "Another row has the same key and was taken instead: line {line} of {file}.",
    ),
    "unknown_call": Text(
        "「{value}」という種類の呼び出しはありません。", "There is no call of the type “{value}”."
    ),
    "bad_event_name": Text(
        "「{value}」はイベントの名前として読めません（1〜200文字）。",
        "“{value}” is no name of an event (1 to 200 characters).",
    ),
    "bad_id": Text(
        "識別子が文字列ではないか、長すぎます。", "An id is no text, or longer than 300 characters."
    ),
    "no_ids": Text(
        "userId も anonymousId もありません。", "There is neither a userId nor an anonymousId."
    ),
    "bad_user": Text(
        "userId「{value}」は、人のキーの型に合いません。",
        "The userId “{value}” does not fit the type of the person's key.",
    ),
    "bad_properties": Text(
        "プロパティが JSON のオブジェクトではありません。", "The properties are no JSON object."
    ),
    "no_row": Text(
        "このイベントは表の行にできません。", "The event cannot be made a row of the table."
    ),
    "event_conflict": Text(
        "同じキーのイベントが別の内容で読み込み済みです。イベントは書き換えません。",
        "An event with this key was loaded before with other content; events are not rewritten.",
    ),
}

_NOT = {
    FieldType.INTEGER: "not_integer",
    FieldType.DECIMAL: "not_decimal",
    FieldType.FLOAT: "not_float",
    FieldType.BOOLEAN: "not_boolean",
    FieldType.DATE: "not_date",
    FieldType.TIMESTAMP: "not_timestamp",
}
_SHOWN = 60


def sentence(code: str, args: Mapping[str, object]) -> Text:
    """The reason in words."""
    return REASONS[code].format(**args)


def classify(field: Field, value: str | None) -> tuple[str, dict[str, object]]:
    """Why `value` (trimmed; None: nothing there) does not fit its field: a code and its args."""
    if value is None:
        return "missing", {}
    shown = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
    if re.fullmatch(DAMAGED, value):
        return "damaged_number", {"value": shown}
    if field.type is FieldType.DECIMAL and re.fullmatch(decimal_pattern(99), value):
        fits = re.fullmatch(decimal_pattern(field.scale), value)
        if fits:
            return "out_of_range", {"value": shown}
        return "too_many_decimals", {"value": shown, "scale": field.scale}
    if field.type is FieldType.INTEGER and re.fullmatch(r"[+-]?[0-9]{19,}(\.0*)?", value):
        return "out_of_range", {"value": shown}
    code = _NOT.get(field.type, "not_derived")
    if field.type in (FieldType.DATE, FieldType.TIMESTAMP):
        return code, {"value": shown, "format": field.format or "YYYY-MM-DD"}
    return code, {"value": shown}
