"""What derivations mean: plain Python, one row at a time. The printed SQL must agree with this."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any

from enishi.catalog.derive_tree import Call, Column, Kind, Literal, Lookup, Node
from enishi.catalog.formats import BLANKS, PIVOT, read_time
from enishi.catalog.normalise import NORMALISERS
from enishi.catalog.types import FieldType

INTEGER_TEXT = r"[+-]?([0-9]{1,18}|[0-9]{1,3}(,[0-9]{3}){1,5})"
DECIMAL_TEXT = INTEGER_TEXT + r"(\.[0-9]{1,18})?"

_BIG = 2**63
HUGE = 2**125  # of whole numbers inside a division, so that no engine overflows
_LIMIT = Decimal(10) ** 18
_EXACT = Context(prec=200)


class DeriveError(ValueError):
    """A row whose derivation fails. `code`: not_a_date, not_a_number, out_of_range."""

    def __init__(self, code: str, value: object) -> None:
        super().__init__(f"{code}: {value!r}")
        self.code = code
        self.value = value


def evaluate(node: Node, row: Mapping[str, object]) -> Any:
    """The value of an expression for one row; None is unset. Raises DeriveError.

    `row` holds loaded fields by name (and `_line`, `_file`): str, int, Decimal, float, bool, date,
    aware datetime or None.
    """
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Column):
        found = row.get(node.name)
        return None if found == "" else found
    with localcontext(_EXACT):
        if isinstance(node, Lookup):
            return _lookup(node, row)
        special = _LAZY.get(node.name)
        if special is not None:
            return special(node, row)
        args = [evaluate(arg, row) for arg in node.args]
        return _EAGER[node.name](node, args)


# ------------------------------------------------------------------ not every argument is read


def _lookup(node: Lookup, row: Mapping[str, object]) -> Any:
    value = evaluate(node.value, row)
    for key, found in node.table:
        if key == value:
            return fit(found.value, node.kind)
    return fit(evaluate(node.default, row), node.kind)


def _if(node: Call, row: Mapping[str, object]) -> Any:
    chosen = node.args[1] if evaluate(node.args[0], row) is True else node.args[2]
    return fit(evaluate(chosen, row), node.kind)


def _coalesce(node: Call, row: Mapping[str, object]) -> Any:
    for arg in node.args:
        value = evaluate(arg, row)
        if value is not None:
            return fit(value, node.kind)
    return None


def _try(node: Call, row: Mapping[str, object]) -> Any:
    try:
        return evaluate(node.args[0], row)
    except DeriveError:
        return None


def _and(node: Call, row: Mapping[str, object]) -> bool:
    return all(evaluate(arg, row) is True for arg in node.args)


def _or(node: Call, row: Mapping[str, object]) -> bool:
    return any(evaluate(arg, row) is True for arg in node.args)


_LAZY: dict[str, Callable[[Call, Mapping[str, object]], Any]] = {
    "if": _if,
    "coalesce": _coalesce,
    "try": _try,
    "and": _and,
    "or": _or,
}


# ------------------------------------------------------------------------------------ numbers


def fit(value: Any, kind: Kind) -> Any:
    """A value in the type of an expression: whole numbers widen, decimals take its scale."""
    if value is None or isinstance(value, bool):
        return value
    if kind.type is FieldType.DECIMAL and isinstance(value, (int, Decimal)):
        return rounded(Decimal(value), kind.scale)
    if kind.type is FieldType.FLOAT and isinstance(value, int):
        return float(value)
    return value


def rounded(value: Decimal, scale: int) -> Decimal:
    """Half up (away from zero), within 18 digits before the point; zero has no sign."""
    with localcontext(_EXACT):
        found = value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
        if abs(found) >= _LIMIT:
            raise DeriveError("out_of_range", value)
        return found if found else abs(found)


def _number(value: Any, kind: Kind) -> Any:
    """Keep a result within what a column can hold."""
    if kind.type is FieldType.INTEGER:
        if not -_BIG <= value < _BIG:
            raise DeriveError("out_of_range", value)
        return value
    if kind.type is FieldType.DECIMAL:
        return rounded(Decimal(value), kind.scale)
    if not math.isfinite(value):
        raise DeriveError("out_of_range", value)
    return value


def _arithmetic(step: Callable[[Any, Any], Any]) -> Callable[[Call, list[Any]], Any]:
    def apply(node: Call, args: list[Any]) -> Any:
        if any(arg is None for arg in args):
            return None
        args = [fit(a, node.kind) if node.kind.type is FieldType.FLOAT else a for a in args]
        total = args[0]
        scale = node.args[0].kind.scale
        for arg, given in zip(args[1:], node.args[1:], strict=True):
            scale = given.kind.scale + scale if node.name == "multiply" else node.kind.scale
            kind = Kind(node.kind.type, min(scale, node.kind.scale))
            scale = kind.scale
            total = _number(step(total, arg), kind)
        return total

    return apply


def _divide(node: Call, args: list[Any]) -> Any:
    above, below = args
    if above is None or below is None or below == 0:
        return None
    if node.kind.type is FieldType.FLOAT:
        return _number(float(above) / float(below), node.kind)
    top, bottom = (
        scaled(Decimal(above), node.args[0].kind),
        scaled(Decimal(below), node.args[1].kind),
    )
    power = node.kind.scale + node.args[1].kind.scale - node.args[0].kind.scale
    if power >= 0:
        top *= 10**power
    else:
        bottom *= 10**-power
    if abs(top) >= HUGE or abs(bottom) >= HUGE:
        raise DeriveError("out_of_range", above)
    whole, rest = divmod(abs(top), abs(bottom))
    whole += rest * 2 >= abs(bottom)
    sign = -1 if (top < 0) != (bottom < 0) else 1
    return rounded(Decimal(sign * whole).scaleb(-node.kind.scale), node.kind.scale)


def scaled(value: Decimal, kind: Kind) -> int:
    """A decimal as the whole number an engine stores for it."""
    return int(value.scaleb(kind.scale))


def _modulo(_: Call, args: list[Any]) -> int | None:
    above, below = args
    if above is None or below is None or below == 0:
        return None
    return int(above % below)


# ------------------------------------------------------------------- comparisons, conversions


def _compare(name: str) -> Callable[[Call, list[Any]], bool]:
    tests: dict[str, Callable[[Any, Any], bool]] = {
        "eq": lambda a, b: bool(a == b),
        "lt": lambda a, b: bool(a < b),
        "le": lambda a, b: bool(a <= b),
        "gt": lambda a, b: bool(a > b),
        "ge": lambda a, b: bool(a >= b),
        "contains": lambda a, b: b in a,
        "starts_with": lambda a, b: bool(a.startswith(b)),
        "ends_with": lambda a, b: bool(a.endswith(b)),
    }
    test = tests[name]

    def apply(_: Call, args: list[Any]) -> bool:
        first, second = args
        return first is not None and second is not None and test(first, second)

    return apply


def _parse_date(node: Call, args: list[Any]) -> date | None:
    if args[0] is None or not args[0].strip(BLANKS):
        return None
    pivot = node.option("pivot")
    found = read_time(
        args[0], str(node.option("format")), pivot if isinstance(pivot, int) else PIVOT
    )
    if found is None:
        raise DeriveError("not_a_date", args[0])
    return found.date()


def _plain_number(text: str, pattern: str) -> str | None:
    """The digits of a written number without its commas; None for blank text."""
    stripped = text.strip(BLANKS)
    if not stripped:
        return None
    if re.fullmatch(pattern, stripped) is None:
        raise DeriveError("not_a_number", text)
    return stripped.replace(",", "")


def _to_integer(_: Call, args: list[Any]) -> int | None:
    value = args[0]
    if isinstance(value, str):
        plain = _plain_number(value, INTEGER_TEXT)
        return None if plain is None else int(plain)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value) or not -_BIG <= math.trunc(value) < _BIG:
            raise DeriveError("out_of_range", value)
        return math.trunc(value)
    return int(value.to_integral_value(rounding=ROUND_DOWN))


def _to_decimal(node: Call, args: list[Any]) -> Decimal | None:
    value = args[0]
    if isinstance(value, str):
        plain = _plain_number(value, DECIMAL_TEXT)
        return None if plain is None else rounded(Decimal(plain), node.kind.scale)
    return None if value is None else rounded(Decimal(value), node.kind.scale)


def _to_string(node: Call, args: list[Any]) -> str | None:
    value, kind = args[0], node.args[0].kind
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if kind.type is FieldType.DECIMAL:
        return format(rounded(Decimal(value), kind.scale), "f")
    return str(value)


def _as_field(node: Call, args: list[Any]) -> Any:
    value = fit(args[0], node.kind)
    if isinstance(value, Decimal) and abs(value) >= Decimal(10) ** (18 - node.kind.scale):
        raise DeriveError("out_of_range", value)
    return value


# --------------------------------------------------------------------------------------- text


def _text(work: Callable[..., str]) -> Callable[[Call, list[Any]], str | None]:
    """A function that is unset when an argument is, and whose empty result is unset."""

    def apply(_: Call, args: list[Any]) -> str | None:
        if any(arg is None for arg in args):
            return None
        return work(*args) or None

    return apply


def _substring(text: str, start: int, length: int | None = None) -> str:
    first = max(len(text) + start, 0) if start < 0 else start
    return text[first:] if length is None else text[first : first + length]


def _join(_: Call, args: list[Any]) -> str | None:
    return (args[0] or "").join(arg for arg in args[1:] if arg is not None) or None


def _replace(_: Call, args: list[Any]) -> str | None:
    if args[0] is None:
        return None
    return str(args[0]).replace(args[1], args[2] or "") or None


def upper(text: str) -> str:
    """Capitals, letter by letter: a letter whose capital is several letters stays."""
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in text)


def lower(text: str) -> str:
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _normalise(work: Callable[[str], str | None]) -> Callable[[Call, list[Any]], str | None]:
    def apply(_: Call, args: list[Any]) -> str | None:
        return None if args[0] is None else work(args[0]) or None

    return apply


_EAGER: dict[str, Callable[[Call, list[Any]], Any]] = {
    "add": _arithmetic(lambda a, b: a + b),
    "subtract": _arithmetic(lambda a, b: a - b),
    "multiply": _arithmetic(lambda a, b: a * b),
    "divide": _divide,
    "modulo": _modulo,
    **{
        name: _compare(name)
        for name in ("eq", "lt", "le", "gt", "ge", "contains", "starts_with", "ends_with")
    },
    "ne": lambda node, args: not _compare("eq")(node, args),
    "in": lambda _, args: args[0] is not None and any(args[0] == a for a in args[1:]),
    "not": lambda _, args: args[0] is not True,
    "is_set": lambda _, args: args[0] is not None,
    "concat": _text(lambda *parts: "".join(parts)),
    "join": _join,
    "substring": _text(_substring),
    "length": lambda _, args: None if args[0] is None else len(args[0]),
    "upper": _text(upper),
    "lower": _text(lower),
    "trim": _text(lambda text: text.strip(BLANKS)),
    "replace": _replace,
    "parse_date": _parse_date,
    "to_integer": _to_integer,
    "to_decimal": _to_decimal,
    "to_string": _to_string,
    "as_field": _as_field,
    **{name: _normalise(work) for name, work in NORMALISERS.items()},
}
