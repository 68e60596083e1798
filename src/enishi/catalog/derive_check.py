"""Read a derivation and find its type; every mistake is a fault at its own path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from decimal import Decimal

from enishi.catalog.derive_tree import (
    BOOLEAN,
    DATE,
    DIVIDE_SCALE,
    FILE,
    FLOAT,
    INTEGER,
    LINE,
    MAX_SCALE,
    TEXT,
    UNSET,
    Call,
    Kind,
    Literal,
    Lookup,
    Node,
    decimal,
)
from enishi.catalog.faults import Faults, remedy_for
from enishi.catalog.formats import PIVOT, format_problem
from enishi.catalog.functions import FUNCTIONS
from enishi.catalog.types import FieldType
from enishi.kernel.text import Text

MAX_DEPTH = 40
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT})
_ORDERED = _NUMBERS | {FieldType.DATE, FieldType.TIMESTAMP}
_LIMIT = 10**18
_AS_TEXT = frozenset(
    {FieldType.STRING, FieldType.INTEGER, FieldType.DECIMAL, FieldType.BOOLEAN, FieldType.DATE}
)


class RefusedError(Exception):
    """An expression with a fault; the fault is already recorded."""


class Checker:
    """Checks the expressions of one dataset.

    `resolve(name, path)` gives the tree of a field (a column, or the tree of a derived field) or
    raises RefusedError after recording why.
    """

    def __init__(self, faults: Faults, resolve: Callable[[str, str], Node]) -> None:
        self.faults = faults
        self.resolve = resolve
        self._depth = 0

    def refuse(self, code: str, path: str, message: Text, remedy: Text) -> RefusedError:
        self.faults.add(code, path, message, remedy)
        return RefusedError()

    # ---------------------------------------------------------------------------- reading

    def read(self, given: object, path: str) -> Node:
        """The typed tree of an expression. Raises RefusedError when it has a fault."""
        if given is None:
            return Literal(UNSET, None)
        if isinstance(given, (str, bool, int, Decimal)):
            return self._literal(given, path)
        if not isinstance(given, Mapping) or len(given) != 1:
            raise self.refuse(
                "bad_expression",
                path,
                Text("ここには値か関数を1つ書きます。", "Here stands one value or one function."),
                Text("例: {field: 項目名}", "For instance {field: name}."),
            )
        name, argument = next(iter(given.items()))
        if name not in FUNCTIONS:
            raise self.refuse(
                "unknown_function",
                f"{path}.{name}",
                Text(f"「{name}」という関数はありません。", f"There is no function `{name}`."),
                remedy_for(str(name), FUNCTIONS),
            )
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                raise self.refuse(
                    "too_deep",
                    path,
                    Text("入れ子が深すぎます。", "This is nested too deeply."),
                    Text("項目をいくつかに分けてください。", "Split it into several fields."),
                )
            return self._call(name, argument, f"{path}.{name}")
        finally:
            self._depth -= 1

    def _literal(self, given: str | bool | int | Decimal, path: str) -> Literal:
        if isinstance(given, bool):
            return Literal(BOOLEAN, given)
        if isinstance(given, str):
            return Literal(TEXT, given) if given else Literal(UNSET, None)
        if not -_LIMIT < given < _LIMIT:
            raise self.refuse(
                "too_large",
                path,
                Text("数が大きすぎます。", "The number is too large."),
                Text("18桁までにしてください。", "Keep it within 18 digits."),
            )
        if isinstance(given, int):
            return Literal(INTEGER, given)
        scale = max(0, -int(given.as_tuple().exponent))
        if scale > MAX_SCALE:
            raise self.refuse(
                "too_precise",
                path,
                Text("小数点以下の桁が多すぎます。", "There are too many decimal places."),
                Text(f"小数は{MAX_SCALE}桁までです。", f"At most {MAX_SCALE} are kept."),
            )
        return Literal(decimal(scale), given)

    def _call(self, name: str, argument: object, path: str) -> Node:
        if name == "field":
            if not isinstance(argument, str):
                raise self._wants(path, Text("項目名", "the name of a field"))
            return self.resolve(argument, path)
        if name == "literal":
            if argument is not None and not isinstance(argument, (str, bool, int, Decimal)):
                raise self._wants(path, Text("値", "a plain value"))
            return self.read(argument, path)
        given = self._arguments(name, argument, path)
        if name == "map":
            return self._map(given, path)
        if name == "in":
            return self._in(given, path)
        if name == "parse_date":
            return self._parse_date(given, path)
        if name == "source_line":
            return LINE
        if name == "source_file":
            return FILE
        args = self._read_all(given, path)
        return self._typed(name, args, path)

    def _wants(self, path: str, what: Text) -> RefusedError:
        return self.refuse(
            "bad_argument",
            path,
            Text(f"ここには{what.ja}が要ります。", f"This needs {what.en}."),
            Text(
                "カタログの説明「派生項目」をご覧ください。", "See the reference, “Derived fields”."
            ),
        )

    def _read_all(self, given: list[object], path: str) -> tuple[Node, ...]:
        """Read every argument, so that all their faults are found."""
        nodes, refused = [], False
        for index, item in enumerate(given):
            try:
                nodes.append(self.read(item, path if len(given) == 1 else f"{path}[{index}]"))
            except RefusedError:
                refused = True
        if refused:
            raise RefusedError
        return tuple(nodes)

    def _arguments(self, name: str, argument: object, path: str) -> list[object]:
        """The arguments in order, from a list, from names, or from a single one."""
        function = FUNCTIONS[name]
        if isinstance(argument, list):
            given = argument
        elif isinstance(argument, Mapping) and function.names and function.names[0] in argument:
            unknown = [key for key in argument if key not in function.names]
            for key in unknown:
                self.faults.add(
                    "unknown_key",
                    f"{path}.{key}",
                    Text(f"「{key}」という引数はありません。", f"There is no argument `{key}`."),
                    remedy_for(key, function.names),
                )
            if unknown:
                raise RefusedError
            used = max(i for i, key in enumerate(function.names) if key in argument)
            given = [argument.get(key) for key in function.names[: used + 1]]
        elif argument is None and function.least == 0:
            given = []
        else:
            given = [argument]
        if len(given) < function.least or (
            function.most is not None and len(given) > function.most
        ):
            wanted = (
                str(function.least)
                if function.least == function.most
                else f"{function.least}–{function.most or '…'}"
            )
            raise self.refuse(
                "wrong_count",
                path,
                Text(
                    f"「{name}」の引数は{wanted}個です（{len(given)}個ありました）。",
                    f"`{name}` takes {wanted} arguments; {len(given)} were given.",
                ),
                Text(function.does.ja, f"It gives: {function.does.en}."),
            )
        return given

    # ----------------------------------------------------------------------------- typing

    def _typed(self, name: str, args: tuple[Node, ...], path: str) -> Node:
        kinds = [arg.kind for arg in args]
        group = FUNCTIONS[name].group
        if group == "normalise":
            self._all(name, args, {FieldType.STRING}, path)
            return Call(TEXT, name, args)
        if name in ("add", "subtract", "multiply", "divide", "modulo"):
            return self._arithmetic(name, args, path)
        if name in ("eq", "ne", "lt", "le", "gt", "ge"):
            if name not in ("eq", "ne"):
                self._all(name, args, _ORDERED, path)
            args = self._alike(name, args, path)
            return Call(BOOLEAN, name, args)
        if name in ("contains", "starts_with", "ends_with"):
            self._all(name, args, {FieldType.STRING}, path)
            return Call(BOOLEAN, name, args)
        if name in ("and", "or", "not"):
            self._all(name, args, {FieldType.BOOLEAN}, path)
            return Call(BOOLEAN, name, args)
        if name == "is_set":
            return Call(BOOLEAN, name, args)
        if name == "try":
            return Call(kinds[0], name, args)
        if name == "coalesce":
            args = self._alike(name, args, path)
            return Call(_widest(args), name, args)
        if name == "if":
            self._all(name, args[:1], {FieldType.BOOLEAN}, path)
            otherwise = args[2] if len(args) == 3 else Literal(UNSET, None)
            branches = self._alike(name, (args[1], otherwise), path)
            return Call(_widest(branches), name, (args[0], *branches))
        if name in ("to_integer", "to_decimal", "to_string"):
            return self._conversion(name, args, path)
        self._text_function(name, args, path)
        return Call(INTEGER if name == "length" else TEXT, name, args)

    def _text_function(self, name: str, args: tuple[Node, ...], path: str) -> None:
        if name == "substring":
            self._all(name, args[:1], {FieldType.STRING}, path)
            for index, arg in enumerate(args[1:], start=1):
                lowest = -10_000 if index == 1 else 0
                if (
                    not isinstance(arg, Literal)
                    or arg.kind != INTEGER
                    or not isinstance(arg.value, int)
                    or not lowest <= arg.value <= 10_000
                ):
                    raise self._wants(f"{path}[{index}]", Text("整数", "a whole number as written"))
            return
        self._all(name, args, {FieldType.STRING}, path)
        if name == "replace" and (
            not all(isinstance(arg, Literal) for arg in args[1:]) or args[1].kind == UNSET
        ):
            raise self._wants(path, Text("書いたままの文字列", "texts as written"))
        if name == "join" and not isinstance(args[0], Literal):
            raise self._wants(f"{path}[0]", Text("書いたままの文字列", "a text as written"))

    def _all(
        self,
        name: str,
        args: tuple[Node, ...],
        wanted: set[FieldType] | frozenset[FieldType],
        path: str,
    ) -> None:
        refused = False
        for index, arg in enumerate(args):
            if arg.kind.type is None or arg.kind.type in wanted:
                continue
            refused = True
            names = " / ".join(sorted(wanted))
            self.faults.add(
                "wrong_type",
                path if len(args) == 1 else f"{path}[{index}]",
                Text(
                    f"「{name}」には {names} が要りますが、{arg.kind} です。",
                    f"`{name}` needs {names}; this is {arg.kind}.",
                ),
                _convert_hint(arg.kind, wanted),
            )
        if refused:
            raise RefusedError

    def _alike(self, name: str, args: tuple[Node, ...], path: str) -> tuple[Node, ...]:
        """The arguments, which must be of one sort; whole numbers widen, literals adapt."""
        types = {arg.kind.type for arg in args} - {None}
        if len(types) <= 1:
            return args
        if types <= {FieldType.INTEGER, FieldType.DECIMAL}:
            return args
        if types <= _NUMBERS and all(_may_be_float(arg) for arg in args):
            return tuple(_as_float(arg) for arg in args)
        names = " / ".join(sorted(str(t) for t in types))
        raise self.refuse(
            "unlike_types",
            path,
            Text(f"「{name}」の値の型がそろっていません（{names}）。", f"`{name}` mixes {names}."),
            Text(
                "parse_date、to_integer、to_decimal、to_string でそろえてください。",
                "Make them alike with parse_date, to_integer, to_decimal or to_string.",
            ),
        )

    def _arithmetic(self, name: str, args: tuple[Node, ...], path: str) -> Node:
        wanted = frozenset({FieldType.INTEGER}) if name == "modulo" else _NUMBERS
        self._all(name, args, wanted, path)
        args = self._alike(name, args, path)
        types = {arg.kind.type for arg in args}
        if FieldType.FLOAT in types:
            return Call(FLOAT, name, args)
        if name == "divide":
            return Call(decimal(DIVIDE_SCALE), name, args)
        if FieldType.DECIMAL not in types:
            return Call(INTEGER, name, args)
        scales = [arg.kind.scale for arg in args]
        return Call(decimal(sum(scales) if name == "multiply" else max(scales)), name, args)

    def _conversion(self, name: str, args: tuple[Node, ...], path: str) -> Node:
        kind = args[0].kind
        if name == "to_string":
            self._all(name, args, _AS_TEXT, path)
            return Call(TEXT, name, args)
        if name == "to_integer":
            self._all(name, args, {FieldType.STRING} | _NUMBERS, path)
            return Call(INTEGER, name, args)
        self._all(name, args, {FieldType.STRING, FieldType.INTEGER, FieldType.DECIMAL}, path)
        scale = kind.scale if kind.type is FieldType.DECIMAL else DIVIDE_SCALE
        return Call(decimal(scale), name, args)

    # ---------------------------------------------------------------------- special forms

    def _in(self, given: list[object], path: str) -> Node:
        options = given[1]
        if not isinstance(options, list) or not options:
            raise self._wants(f"{path}[1]", Text("値の並び", "a list of values"))
        args = self._read_all([given[0], *options], path)
        return Call(BOOLEAN, "in", self._alike("in", args, path))

    def _parse_date(self, given: list[object], path: str) -> Node:
        value = self.read(given[0], f"{path}[0]" if len(given) > 1 else path)
        self._all("parse_date", (value,), {FieldType.STRING}, path)
        written = given[1] if len(given) > 1 and given[1] is not None else "%Y-%m-%d"
        pivot = given[2] if len(given) > 2 and given[2] is not None else PIVOT
        if not isinstance(written, str):
            raise self._wants(path, Text("書式の文字列", "a format as text"))
        if isinstance(pivot, bool) or not isinstance(pivot, int) or not -1 <= pivot <= 99:
            raise self._wants(path, Text("-1 から 99 の pivot", "a pivot from -1 to 99"))
        problem = format_problem(written)
        if problem is not None:
            raise self.refuse("bad_format", path, *problem)
        return Call(DATE, "parse_date", (value,), (("format", written), ("pivot", pivot)))

    def _map(self, given: list[object], path: str) -> Node:
        value = self.read(given[0], f"{path}.value")
        self._all("map", (value,), {FieldType.STRING, FieldType.INTEGER}, path)
        if not isinstance(given[1], Mapping) or not given[1]:
            raise self._wants(f"{path}.table", Text("対応表", "a table {from: to}"))
        table: list[tuple[str | int, Literal]] = []
        for key, to in given[1].items():
            at = f"{path}.table.{key}"
            found = self.read(to, at)
            if not isinstance(found, Literal):
                raise self._wants(at, Text("書いたままの値", "a value as written"))
            table.append((self._map_key(str(key), value.kind, at), found))
        default = self.read(given[2], f"{path}.default") if len(given) > 2 else Literal(UNSET, None)
        alike = self._alike("map", (default, *(literal for _, literal in table)), path)
        kind = _widest(alike)
        pairs = tuple(
            (key, literal)
            for (key, _), literal in zip(table, alike[1:], strict=True)
            if isinstance(literal, Literal)
        )
        return Lookup(kind, value, pairs, alike[0])

    def _map_key(self, key: str, kind: Kind, path: str) -> str | int:
        if kind.type is not FieldType.INTEGER:
            return key
        try:
            return int(key)
        except ValueError:
            raise self._wants(path, Text("整数の見出し", "whole numbers as keys")) from None


def _may_be_float(arg: Node) -> bool:
    """Whether an argument can stand beside a float: exact decimals cannot, unless as written."""
    return arg.kind.type is not FieldType.DECIMAL or isinstance(arg, Literal)


def _as_float(arg: Node) -> Node:
    if isinstance(arg, Literal) and isinstance(arg.value, (int, Decimal)):
        return Literal(FLOAT, float(arg.value))
    return arg


def _widest(args: tuple[Node, ...]) -> Kind:
    kinds = [arg.kind for arg in args if arg.kind.type is not None]
    if not kinds:
        return UNSET
    if any(kind.type is FieldType.FLOAT for kind in kinds):
        return FLOAT
    if any(kind.type is FieldType.DECIMAL for kind in kinds):
        return decimal(max(kind.scale for kind in kinds))
    return kinds[0]


def _convert_hint(kind: Kind, wanted: Set[FieldType]) -> Text:
    if FieldType.STRING in wanted and kind.type is not FieldType.FLOAT:
        return Text("to_string で文字列にしてください。", "Turn it into text with to_string.")
    if FieldType.BOOLEAN in wanted:
        return Text(
            "eq、gt、is_set などの条件にしてください。", "Use a condition: eq, gt, is_set…."
        )
    if kind.type is FieldType.STRING:
        return Text(
            "to_integer、to_decimal、parse_date で変えてください。",
            "Convert it with to_integer, to_decimal or parse_date.",
        )
    return Text("別の項目を使ってください。", "Use another field.")
