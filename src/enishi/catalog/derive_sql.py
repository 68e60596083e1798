"""Print derivations as DuckDB SQL: for each a value that never raises, and a test for a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from enishi.catalog.derive_evaluate import DECIMAL_TEXT, HUGE, INTEGER_TEXT, lower, upper
from enishi.catalog.derive_spelling import (
    column,
    digits,
    literal,
    quoted,
    sql_type,
    time_sql,
    trimmed,
)
from enishi.catalog.derive_tree import Call, Column, Kind, Literal, Lookup, Node
from enishi.catalog.formats import PIVOT, WAREKI, read_wareki
from enishi.catalog.normalise import NORMALISERS
from enishi.catalog.types import FieldType

PREFIX = "enishi_"


def _wareki(text: str) -> str:
    found = read_wareki(text)
    return "" if found is None else found.isoformat()


def _never_null(work: Callable[[str], str | None]) -> Callable[[str], str]:
    """DuckDB's functions in Python must not answer NULL: nothing is the empty text."""
    return lambda text: work(text) or ""


SQL_FUNCTIONS: Mapping[str, Callable[[str], str]] = {
    **{f"{PREFIX}{name}": _never_null(work) for name, work in NORMALISERS.items()},
    f"{PREFIX}read_wareki": _wareki,
    f"{PREFIX}upper": upper,
    f"{PREFIX}lower": lower,
}
"""Functions (VARCHAR → VARCHAR, NULL for NULL, '' for nothing) the engine must have registered."""


def value_sql(node: Node) -> str:
    """An expression for the value: NULL when unset or when it fails."""
    return _Printer().value(node)


def fault_sql(node: Node) -> str | None:
    """An expression true for rows whose derivation fails; None when it cannot fail."""
    return _Printer().fault(node)


_COMPARE = {"eq": "=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_TEXT_TESTS = {"contains": "contains", "starts_with": "starts_with", "ends_with": "suffix"}
_CAN_FAIL = frozenset(
    {"add", "subtract", "multiply", "divide", "parse_date", "to_integer", "to_decimal", "as_field"}
)


class _Printer:
    # ------------------------------------------------------------------------------- values

    def value(self, node: Node) -> str:
        if isinstance(node, Literal):
            return literal(node)
        if isinstance(node, Column):
            return (
                f"NULLIF({column(node.name)}, '')"
                if node.kind.type is FieldType.STRING
                else column(node.name)
            )
        if isinstance(node, Lookup):
            value = self.value(node.value)
            cases = " ".join(
                f"WHEN {quoted(key) if isinstance(key, str) else key}"
                f" THEN {self.cast(found, node.kind)}"
                for key, found in node.table
            )
            return f"(CASE {value} {cases} ELSE {self.cast(node.default, node.kind)} END)"
        if node.name in _COMPARE or node.name == "ne":
            return self._comparison(node)
        if node.name in ("add", "subtract", "multiply"):
            return self._arithmetic(node)
        printer: Callable[[Call], str] | None = getattr(self, f"_{node.name}", None)
        if printer is not None:
            return printer(node)
        return self._by_name(node)

    def cast(self, node: Node, kind: Kind) -> str:
        """The value in another kind, NULL when it does not fit."""
        if node.kind == kind:
            return self.value(node)
        return f"TRY_CAST({self.value(node)} AS {sql_type(kind)})"

    def _by_name(self, node: Call) -> str:
        args = [self._typed(arg) for arg in node.args]
        if node.name in NORMALISERS:
            return f"NULLIF({PREFIX}{node.name}({args[0]}), '')"
        if node.name in _TEXT_TESTS:
            return f"COALESCE({_TEXT_TESTS[node.name]}({args[0]}, {args[1]}), false)"
        if node.name == "trim":
            return f"NULLIF({trimmed(args[0])}, '')"
        if node.name == "replace":
            return f"NULLIF(replace({args[0]}, {args[1]}, COALESCE({args[2]}, '')), '')"
        if node.name in ("upper", "lower"):  # engines differ in the letters they know
            return f"{PREFIX}{node.name}({args[0]})"
        return f"{node.name}({', '.join(args)})"  # length

    def _typed(self, node: Node) -> str:
        """The value; a null as a text, so that the engine need not choose among its functions."""
        return self.value(node) if node.kind.type is not None else "CAST(NULL AS VARCHAR)"

    def _concat(self, node: Call) -> str:
        return "(" + " || ".join(self._typed(arg) for arg in node.args) + ")"

    def _join(self, node: Call) -> str:
        parts = ", ".join(self._typed(arg) for arg in node.args[1:])
        return f"NULLIF(concat_ws(COALESCE({self.value(node.args[0])}, ''), {parts}), '')"

    def _substring(self, node: Call) -> str:
        value, start = self._typed(node.args[0]), node.args[1]
        number = int(str(start.value)) if isinstance(start, Literal) else 0
        if number < 0:  # the last characters; all of a shorter text
            value, number = f"right({value}, {-number})", 0
        rest = f", {self.value(node.args[2])}" if len(node.args) == 3 else ""
        return f"NULLIF(substring({value}, {number + 1}{rest}), '')"

    def _comparison(self, node: Call) -> str:
        first, second = self._comparable(node)
        test = f"COALESCE({first} {_COMPARE.get(node.name, '=')} {second}, false)"
        return f"(NOT {test})" if node.name == "ne" else test

    def _in(self, node: Call) -> str:
        first, *among = self._comparable(node)
        return f"COALESCE({first} IN ({', '.join(among)}), false)"

    def _comparable(self, node: Call) -> list[str]:
        values = [self.value(arg) for arg in node.args]
        if any(arg.kind.type is FieldType.FLOAT for arg in node.args):
            return [f"CAST({value} AS DOUBLE)" for value in values]
        return values

    def _and(self, node: Call) -> str:
        return "(" + " AND ".join(self._true(arg) for arg in node.args) + ")"

    def _or(self, node: Call) -> str:
        return "(" + " OR ".join(self._true(arg) for arg in node.args) + ")"

    def _not(self, node: Call) -> str:
        return f"(NOT {self._true(node.args[0])})"

    def _true(self, node: Node) -> str:
        return f"COALESCE({self.cast(node, Kind(FieldType.BOOLEAN))}, false)"

    def _is_set(self, node: Call) -> str:
        return f"({self.value(node.args[0])} IS NOT NULL)"

    def _try(self, node: Call) -> str:
        tried = node.args[0]
        value = self.value(tried)
        return (
            value if self._shows(tried) else f"(CASE WHEN NOT {self.fault(tried)} THEN {value} END)"
        )

    def _shows(self, node: Node) -> bool:
        """Whether there is no value wherever something within cannot be read: so it is but where a
        value stands in for one that is missing."""
        if self.fault(node) is None:
            return True
        if not isinstance(node, Call) or node.name not in _CAN_FAIL:
            return False
        return all(self._shows(arg) for arg in node.args)

    def _if(self, node: Call) -> str:
        condition, then, otherwise = node.args
        return (
            f"(CASE WHEN {self._true(condition)} THEN {self.cast(then, node.kind)}"
            f" ELSE {self.cast(otherwise, node.kind)} END)"
        )

    def _coalesce(self, node: Call) -> str:
        return f"COALESCE({', '.join(self.cast(arg, node.kind) for arg in node.args)})"

    # ------------------------------------------------------------------------------ numbers

    def _arithmetic(self, node: Call) -> str:
        sign = {"add": "+", "subtract": "-", "multiply": "*"}[node.name]
        total, scale = self._operand(node.args[0], node.kind), node.args[0].kind.scale
        for arg in node.args[1:]:
            step = f"({total}) {sign} ({self._operand(arg, node.kind)})"
            scale = scale + arg.kind.scale if node.name == "multiply" else node.kind.scale
            scale = min(scale, node.kind.scale)
            total = self._bounded(step, Kind(node.kind.type, scale))
        return total

    def _operand(self, arg: Node, kind: Kind) -> str:
        if kind.type is FieldType.INTEGER:
            return f"CAST({self.value(arg)} AS HUGEINT)"
        if kind.type is FieldType.FLOAT:
            return f"CAST({self.value(arg)} AS DOUBLE)"
        return f"CAST({self.value(arg)} AS DECIMAL(38, {arg.kind.scale}))"

    def _bounded(self, step: str, kind: Kind) -> str:
        """A result within its column's range, else NULL; DuckDB's own overflow is NULL too."""
        if kind.type is FieldType.FLOAT:
            return f"NULLIF(NULLIF(TRY({step}), 'inf'::DOUBLE), '-inf'::DOUBLE)"
        return f"TRY_CAST(TRY({step}) AS {sql_type(kind)})"

    def _divide(self, node: Call) -> str:
        above, below = node.args
        if node.kind.type is FieldType.FLOAT:
            first, second = (self._operand(arg, node.kind) for arg in node.args)
            return self._bounded(f"{first} / NULLIF({second}, 0)", node.kind)
        power = node.kind.scale + below.kind.scale - above.kind.scale
        top = f"{self._stored(above)} * {10 ** max(power, 0)}::HUGEINT"
        bottom = f"{self._stored(below)} * {10 ** max(-power, 0)}::HUGEINT"
        half_up = (
            "(2 * abs(x.t) + abs(x.b)) // NULLIF(2 * abs(x.b), 0) * sign(x.t)::HUGEINT"
            " * sign(x.b)::HUGEINT"
        )
        bounded = f"CASE WHEN abs(x.t) < {HUGE} AND abs(x.b) < {HUGE} THEN {half_up} END"
        pair = f"[{{'t': TRY({top}), 'b': TRY({bottom})}}]"
        whole = f"list_transform({pair}, lambda x: {bounded})[1]"
        scale = node.kind.scale
        return (
            f"TRY_CAST(TRY(CAST({whole} AS DECIMAL(38, 0))"
            f" * CAST(1e-{scale} AS DECIMAL(10, {scale}))) AS {sql_type(node.kind)})"
        )

    def _stored(self, arg: Node) -> str:
        """A decimal as the whole number the engine stores for it."""
        value = f"CAST({self.value(arg)} AS DECIMAL(38, {arg.kind.scale}))"
        return f"CAST({value} * {10**arg.kind.scale} AS HUGEINT)"

    def _modulo(self, node: Call) -> str:
        first, second = (f"CAST({self.value(arg)} AS HUGEINT)" for arg in node.args)
        pair = f"[{{'a': {first}, 'b': NULLIF({second}, 0)}}]"
        return f"CAST(list_transform({pair}, lambda x: ((x.a % x.b) + x.b) % x.b)[1] AS BIGINT)"

    # -------------------------------------------------------------------------- conversions

    def _parse_date(self, node: Call) -> str:
        text, written = trimmed(self.value(node.args[0])), str(node.option("format"))
        if written == WAREKI:
            return f"TRY_CAST({PREFIX}read_wareki({text}) AS DATE)"
        pivot = node.option("pivot")
        return (
            f"CAST({time_sql(text, written, pivot if isinstance(pivot, int) else PIVOT)} AS DATE)"
        )

    def _to_integer(self, node: Call) -> str:
        arg = node.args[0]
        value = self.value(arg)
        if arg.kind.type is FieldType.STRING:
            return f"TRY_CAST({digits(value, INTEGER_TEXT)} AS BIGINT)"
        if arg.kind.type is FieldType.INTEGER:
            return value
        return f"TRY_CAST(trunc({value}) AS BIGINT)"

    def _to_decimal(self, node: Call) -> str:
        arg = node.args[0]
        if arg.kind.type is FieldType.STRING:
            plain = f"TRY_CAST({digits(self.value(arg), DECIMAL_TEXT)} AS DECIMAL(38, 18))"
            return f"TRY_CAST({plain} AS {sql_type(node.kind)})"
        return self.cast(arg, node.kind)

    def _to_string(self, node: Call) -> str:
        return f"CAST({self.cast(node.args[0], node.args[0].kind)} AS VARCHAR)"

    def _as_field(self, node: Call) -> str:
        value = self.cast(node.args[0], node.kind)
        if node.kind.type is FieldType.DECIMAL:
            return f"TRY_CAST({value} AS DECIMAL(18, {node.kind.scale}))"
        return value

    # ------------------------------------------------------------------------------- faults

    def fault(self, node: Node) -> str | None:
        if isinstance(node, Lookup):
            keys = ", ".join(quoted(k) if isinstance(k, str) else str(k) for k, _ in node.table)
            missing = f"(NOT COALESCE({self.value(node.value)} IN ({keys}), false))"
            return _any(self.fault(node.value), _both(missing, self.fault(node.default)))
        if not isinstance(node, Call) or node.name == "try":
            return None
        faults = [self.fault(arg) for arg in node.args]
        if node.name == "if":
            chosen = self._true(node.args[0])
            return _any(faults[0], _both(chosen, faults[1]), _both(f"(NOT {chosen})", faults[2]))
        if node.name in ("and", "or", "coalesce"):
            return self._until_decided(node, faults)
        return _any(*faults, self._own_fault(node) if node.name in _CAN_FAIL else None)

    def _until_decided(self, node: Call, faults: list[str | None]) -> str | None:
        """Later arguments are read only while the earlier ones leave the answer open."""
        found: str | None = None
        for arg, fault in zip(reversed(node.args), reversed(faults), strict=True):
            if node.name == "coalesce":
                still_open = f"({self.value(arg)} IS NULL)"
            else:
                still_open = self._true(arg) if node.name == "and" else f"(NOT {self._true(arg)})"
            found = _any(fault, _both(still_open, found))
        return found

    def _own_fault(self, node: Call) -> str:
        """All arguments are there, and yet there is no value."""
        given = [f"{self.value(arg)} IS NOT NULL" for arg in node.args]
        if node.name == "divide":
            given.append(f"{self.value(node.args[1])} <> 0")
        if node.args[0].kind.type is FieldType.STRING:  # blank text is unset, not wrong
            given = [f"NULLIF({trimmed(self.value(node.args[0]))}, '') IS NOT NULL"]
        if node.name == "as_field" and node.kind.type is not FieldType.DECIMAL:
            return "false"
        return f"({' AND '.join(given)} AND {self.value(node)} IS NULL)"


def _any(*tests: str | None) -> str | None:
    found = [test for test in tests if test is not None and test != "false"]
    return f"({' OR '.join(found)})" if found else None


def _both(first: str, second: str | None) -> str | None:
    return None if second is None else f"({first} AND {second})"
