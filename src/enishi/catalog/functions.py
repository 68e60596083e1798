"""The closed list of derivation functions: names, parameters, and what each does in a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from enishi.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Function:
    """One function. `most` is None when it takes any number of arguments from `least` on.

    `names` are its parameters in order, for the form with names; empty when it takes a list only.
    """

    name: str
    group: str
    least: int
    most: int | None
    names: tuple[str, ...]
    does: Text


def _list(*functions: Function) -> dict[str, Function]:
    return {function.name: function for function in functions}


def _of(
    group: str, name: str, least: int, most: int | None, names: str, ja: str, en: str
) -> Function:
    return Function(name, group, least, most, tuple(names.split()), Text(ja, en))


FUNCTIONS: dict[str, Function] = _list(
    _of("basic", "field", 1, 1, "", "この行の別の項目", "another field of the row"),
    _of("basic", "literal", 1, 1, "", "書いたままの値", "the value as written"),
    _of("basic", "coalesce", 1, None, "", "最初の未設定でない値", "the first value that is set"),
    _of(
        "basic",
        "try",
        1,
        1,
        "value",
        "読めないとき、行を拒まず未設定にする",
        "unset instead of a refused row when it fails",
    ),
    _of(
        "basic", "source_line", 0, 0, "", "ファイル内の行番号", "the number of the row in its file"
    ),
    _of("basic", "source_file", 0, 0, "", "ファイル名", "the name of the file"),
    _of("text", "concat", 1, None, "", "つなぐ（未設定があれば未設定）", "joined; unset if any is"),
    _of(
        "text",
        "join",
        2,
        None,
        "",
        "区切り文字でつなぐ（未設定は飛ばす）",
        "joined by the first argument; unset ones skipped",
    ),
    _of(
        "text",
        "substring",
        2,
        3,
        "value start length",
        "start 文字目（0 から）から length 文字",
        "length characters from start (0 is the first, -1 the last)",
    ),
    _of("text", "length", 1, 1, "value", "文字数", "the number of characters"),
    _of("text", "upper", 1, 1, "value", "大文字に", "in capitals"),
    _of("text", "lower", 1, 1, "value", "小文字に", "in small letters"),
    _of("text", "trim", 1, 1, "value", "前後の空白を除く", "without blanks at both ends"),
    _of("text", "replace", 3, 3, "value old new", "置き換え", "every `old` replaced by `new`"),
    _of("number", "add", 2, None, "", "足し算", "sum"),
    _of("number", "subtract", 2, 2, "", "引き算", "first minus second"),
    _of("number", "multiply", 2, None, "", "掛け算", "product"),
    _of(
        "number",
        "divide",
        2,
        2,
        "",
        "割り算（小数6桁に四捨五入、0で割ると未設定）",
        "quotient, six places, half up; unset when divided by zero",
    ),
    _of(
        "number",
        "modulo",
        2,
        2,
        "",
        "整数の余り（割る数と同じ符号）",
        "remainder of whole numbers, with the sign of the divisor",
    ),
    _of("condition", "eq", 2, 2, "", "等しい", "equal"),
    _of("condition", "ne", 2, 2, "", "等しくない", "not equal (true when one is unset)"),
    _of("condition", "lt", 2, 2, "", "より小さい", "less"),
    _of("condition", "le", 2, 2, "", "以下", "at most"),
    _of("condition", "gt", 2, 2, "", "より大きい", "greater"),
    _of("condition", "ge", 2, 2, "", "以上", "at least"),
    _of("condition", "in", 2, 2, "", "並びのどれかに等しい", "equal to one of a list"),
    _of("condition", "contains", 2, 2, "", "含む", "the text contains the other"),
    _of("condition", "starts_with", 2, 2, "", "で始まる", "the text starts with the other"),
    _of("condition", "ends_with", 2, 2, "", "で終わる", "the text ends with the other"),
    _of("condition", "and", 1, None, "", "すべて成り立つ", "all are true"),
    _of("condition", "or", 1, None, "", "どれか成り立つ", "one is true"),
    _of("condition", "not", 1, 1, "", "成り立たない", "is not true"),
    _of("condition", "is_set", 1, 1, "", "値がある", "has a value"),
    _of("choice", "if", 2, 3, "condition then else", "条件で選ぶ", "one of two, by a condition"),
    _of(
        "choice",
        "map",
        2,
        3,
        "value table default",
        "対応表で置き換える",
        "looked up in a table; `default`, or unset, when missing",
    ),
    _of(
        "conversion",
        "parse_date",
        1,
        3,
        "value format pivot",
        "文字列を日付に",
        "a text as a date; ISO, or by a format; `pivot` is the last two-digit year of 20xx",
    ),
    _of("conversion", "to_integer", 1, 1, "value", "整数に", "as a whole number, fraction dropped"),
    _of("conversion", "to_decimal", 1, 1, "value", "小数に", "as an exact number"),
    _of("conversion", "to_string", 1, 1, "value", "文字列に", "as text"),
    _of(
        "normalise",
        "normalise_text",
        1,
        1,
        "value",
        "全角半角、空白、記号をそろえる",
        "NFKC, one blank between words",
    ),
    _of("normalise", "normalise_kana", 1, 1, "value", "全角カタカナに", "in full-width katakana"),
    _of(
        "normalise",
        "normalise_phone",
        1,
        1,
        "value",
        "電話番号を E.164 に（日本が既定）",
        "telephone as E.164, Japan by default; unset when impossible",
    ),
    _of(
        "normalise",
        "normalise_email",
        1,
        1,
        "value",
        "メールアドレスを小文字に",
        "e-mail, small letters; unset when impossible",
    ),
    _of(
        "normalise",
        "normalise_address",
        1,
        1,
        "value",
        "住所の数字、丁目、空白をそろえる",
        "address with like numbers, chome and blanks",
    ),
    _of(
        "normalise",
        "normalise_company",
        1,
        1,
        "value",
        "会社名から法人格を除く",
        "company name without its legal form",
    ),
    _of(
        "normalise",
        "normalise_postal_code",
        1,
        1,
        "value",
        "郵便番号を 123-4567 に",
        "postal code as 123-4567; unset when impossible",
    ),
)


def expression_schema() -> dict[str, Any]:
    """The `$defs` of the JSON Schema that describe derivations, for editors to complete."""
    any_argument: dict[str, Any] = {"description": "An argument, a list of them, or named ones."}
    return {
        "expression": {
            "description": "A derivation: {function: arguments}.",
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": {
                function.name: any_argument | {"description": function.does.en}
                for function in FUNCTIONS.values()
            },
        }
    }
