"""A rule of every shape over the world of `rules_edges`: operators, measures, windows, ways."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

D = Decimal
Json = dict[str, object]


def f(path: str, op: str, *value: object, **more: object) -> Json:
    return {"field": path, "op": op} | ({"value": value[0]} if value else {}) | more


def rel(path: str, **more: object) -> Json:
    return {"related": path} | more


def ev(name: object, **more: object) -> Json:
    return {"event": name} | more


def of(value: Json, **more: object) -> Json:
    return {"of": value} | more


_WINDOWS: list[Json] = [
    {"last": "7d"}, {"last": "1mo"}, {"last": "1y"}, {"next": "2w"}, {"calendar": "today"},
    {"calendar": "yesterday"}, {"calendar": "this_month"}, {"calendar": "last_fiscal_year"},
    {"from": "1949-09-10"}, {"to": {"today": "-1d"}},
    {"from": {"today": "-40d"}, "to": {"today": "0d"}}, {"from": "0001-01-01", "to": "9999-12-31"},
]  # fmt: skip
_NUMBERS: list[object] = [
    0, 1, -1, D("0.01"), D("0.125"), D("-0.0001"), D("100.1"), D("0.333333333333333333333333333"),
    10**40, D("9999999999999999.99"), 9_000_000_000_000_000,
]  # fmt: skip
_TEXTS = [
    "ABC", "a.c", "it's", "a\\b", "\\", "%", "_", "${x}", "?", "10~20", "STRASSE", "吉", "𠮷", "\n",
    "a\nc", "\t", "b1", "商事", "",
]  # fmt: skip
_PATTERNS = [
    "a.c", "(?i)ABC", "(?i)ａｂｃ", "^a", "c$", "b$", "[[:alpha:]]+", r"\d", r"\s$", r"\p{Han}",
    "𠮷野?家", r"\$\{x\}", r"\\", r"it's", r"[^a-z\n]{2,}", r"\Qa\b\E", r"(a|s)\b", r"\x{20BB7}",
    r"(?P<x>s)t", r"a[\[\]&&]?", "x{,2}", r"[\s\d]", r"\bABC", r"\A.\n", r"\z", r"\pL",
]  # fmt: skip

SPARK_REFUSES = frozenset({"(?m)^c", "(?U)a+", r"[\S]b", r"[[:^alpha:]]x", r"\p{Any}"})
"""Java has no like of these, or reads them otherwise."""


def shapes() -> Iterator[Json]:
    """Rules over persons: every node, operator, measure, window, part and way."""
    yield from _fields()
    yield from _times()
    yield from _rows()
    yield from _ordered()
    yield from _sequences()
    yield from _sets()
    yield from _groups()


def _fields() -> Iterator[Json]:
    for path in ("name", "born", "joined", "n", "score", "vip", "tags", "money", "branch.region",
                 "branch.hours", "branch.opened"):  # fmt: skip
        yield f(path, "is_set")
        yield f(path, "is_not_set")
    for op in ("eq", "ne", "lt", "le", "gt", "ge"):
        for value in _NUMBERS:
            yield f("money", op, value)
            yield f("n", op, value)
        for value in (0, D("0.1"), D("2.5"), 10**30):
            yield f("score", op, value)
        for path, other in (("money", "n"), ("rate", "money"), ("n", "score"), ("score", "money")):
            yield f(path, op, {"field": other})
        yield f("money", op, of({"field": "n"}, times=D("-1.25"), plus=D("0.1")))
        yield f("n", op, of({"field": "money"}, times=100, plus=-10))
        yield f("score", op, of({"field": "score"}, times=2, plus=D("0.5")))
    yield f("money", "between", [D("-0.01"), D("0.019")])
    yield f("n", "between", [{"field": "rate"}, 10])
    yield f("n", "in", [0, 1, D("2.5"), {"field": "pid"}])
    yield f("money", "not_in", [D("100.1"), {"field": "rate"}])
    yield f("n", "in", [])
    yield f("vip", "is_true")
    yield f("vip", "is_false")
    yield f("vip", "eq", True)
    yield f("vip", "ne", False)
    yield f("vip", "in", [True, False])
    for op in ("eq", "ne", "contains", "not_contains", "starts_with", "ends_with"):
        for value in _TEXTS:
            yield f("name", op, value)
            yield f("other", op, value, exact=True)
        yield f("name", op, {"field": "other"})
        yield f("branch.region", op, "関")
    yield f("name", "in", ["ABC商事", {"field": "other"}, "a\nc", ""])
    yield f("home", "in", ["b1", "zz"])
    yield f("home", "eq", "b1")
    yield f("name", "not_in", ["𠮷野家"], exact=True)
    for pattern in (*_PATTERNS, *sorted(SPARK_REFUSES)):
        yield f("name", "matches", pattern)
        yield {"not": f("other", "matches", pattern)}
    for op, value in (
        ("has", "gold"), ("has", "it's"), ("has", "ア"), ("has", ""), ("has_any", ["x", "GOLD"]),
        ("has_any", []), ("has_all", ["X", "y"]), ("has_all", []), ("has_none", ["x"]),
        ("has_all", ["x", {"field": "other"}]), ("has", {"field": "name"}),
    ):  # fmt: skip
        yield f("tags", op, value)
        yield {"not": f("tags", op, value, exact=True)}
    yield f("branch.hours", "has", "9")
    for path in ("tags", "branch.hours"):
        yield f(path, "is_empty")
        yield f(path, "is_not_empty")


def _times() -> Iterator[Json]:
    for path in ("born", "joined"):
        for window in _WINDOWS:
            yield f(path, "during", window)
            yield f(path, "not_during", window)
            yield f(path, "anniversary_during", window)
        for part in ("year", "month", "day", "week", "age"):
            for value in (3, 9, 49, 1949, 1969, 52):
                yield f(f"{path}.{part}", "ge", value)
        yield f(f"{path}.weekday", "in", ["sat", "Sun", "wed"])
        yield f(f"{path}.weekday", "eq", "mon")
        yield f(f"{path}.date", "le", {"today": "0d"})
    yield f("joined", "during", {"last": "36h"})
    for value in (0, 9, 15, 23):
        yield f("joined.hour", "eq", value)
    for op in ("eq", "ne", "lt", "le", "gt", "ge"):
        yield f("joined", op, "1950-05-07")
        yield f("joined", op, "1950-05-07T00:00")
        yield f("joined", op, {"now": "-1d"})
        yield f("joined", op, {"today": "-1d"})
        yield f("joined", op, {"field": "born"})
        yield f("born", op, {"field": "branch.opened"})
        yield f("born", op, "1969-12-31")
        yield f("born", op, {"now": "0h"})
    yield f("branch.opened.year", "le", 1900)


def _rows() -> Iterator[Json]:
    rows: list[Json] = [
        rel("owned"), rel("owned", where=f("kind", "eq", "普通預金")),
        rel("owned", during={"next": "7d"}),
        rel("owned.transactions"), rel("neighbours"), rel("clicks", during={"last": "2d"}),
        rel("owned", where=f("aid", "ge", {"subject": "n"})),
        rel("owned", where=rel("transactions", op="ge", value=2)),
        ev("trans"), ev("LOGIN"), ev("nothing"), ev(["login", "購入"]), ev("*"),
        ev("trans", during={"last": "30d"}),
        ev(["login", "trans"], during={"calendar": "this_month"}),
        ev("*", where=f("event", "ne", "visit"), during={"to": {"today": "0d"}}),
        ev("visit", during={"last": "7d"}), ev("*", where=f("ts", "ge", {"now": "-2d"})),
        ev("login", where=f("pages", "gt", {"subject": "n"})),
    ]  # fmt: skip
    for value in rows:
        yield value
        for op, wanted in (("eq", 0), ("ge", 2), ("lt", 3), ("ne", 1), ("le", -1)):
            yield value | {"op": op, "value": wanted}
        yield value | {"op": "between", "value": [1, 2]}
        yield value | {"op": "in", "value": [0, 4, D("0.5")]}
    yield rel("owned", op="eq", value=of(ev("trans"), times=2))
    amounts = [
        (ev("trans"), "amount"), (rel("owned"), "balance"), (ev(["trans", "login"]), "amount"),
        (ev("*"), "pages"), (ev("login"), "pages"), (rel("neighbours"), "n"),
        (rel("neighbours"), "score"), (rel("neighbours"), "born.year"),
        (rel("clicks", during={"last": "1y"}), "pages"),
    ]  # fmt: skip
    for value, path in amounts:
        for measure in ("sum", "avg", "min", "max"):
            counted = value | {"measure": {measure: path}}
            floating = path == "score"
            for op in ("lt", "ge", "gt") if floating else ("eq", "ne", "lt", "ge"):
                for wanted in (0, 2, D("3.5"), D("0.0333333333333333"), D("1999999999.998")):
                    yield counted | {"op": op, "value": wanted}
            yield counted | {"op": "is_set"}
            yield counted | {"op": "gt", "value": of(counted, times=D("0.7"), plus=D("0.5"))}
            yield counted | {"op": "le", "value": {"field": "score" if floating else "rate"}}
    yield rel("owned", measure={"avg": "balance"}, op="ge",
              value=of(ev("trans", measure={"avg": "amount"}), times=2, plus=1))  # fmt: skip
    for path in ("due", "marks", "kind"):
        yield rel("owned", where=f(f"{path}.since", "le", {"now": "-15d"}))
        yield rel("owned", where=f(f"{path}.since", "is_not_set"))
    yield rel("owned", where=f("balance.since", "during", {"last": "12d"}))


def _ordered() -> Iterator[Json]:
    for kind in ("first", "last"):
        yield ev("trans", measure={kind: "memo"}, op="eq", value="b")
        yield ev("trans", measure={kind: "memo"}, op="ne", value="A", exact=True)
        yield ev("trans", measure={kind: "memo"}, op="is_not_set")
        yield ev("login", measure={kind: "pages"}, op="ge", value=4)
        yield ev("*", measure={kind: "ts"}, op="during", value={"last": "2d"})
        yield ev("*", measure={kind: "event"}, op="in", value=["login", "visit"])
        yield ev("*", measure={kind: "tags"}, op="is_set")
        yield ev("login", measure={kind: "tags"}, op="is_empty")
        yield ev("login", measure={kind: "tags"}, op="has", value="b")
        yield ev("login", measure={kind: "tags"}, op="is_not_set")
        yield ev("*", measure={kind: "ts.weekday"}, op="eq", value="sun")
        yield rel("owned", measure={kind: "kind"}, op="eq", value="普通預金")
        yield rel("owned", measure={kind: "balance"}, op="ge", value={"field": "money"})
        yield f("name", "ne", of(ev("trans", measure={kind: "memo"})))
    for kind in ("min", "max"):
        yield ev("trans", measure={kind: "ts"}, op="le", value={"today": "-7d"})
        yield ev(["trans", "visit"], measure={kind: "ts"}, op="eq", value="2024-11-03")
        yield ev(["trans", "visit"], measure={kind: "ts"}, op="lt", value={"now": "-2d"})
        yield rel("owned", measure={kind: "due"}, op="anniversary_during", value={"last": "2mo"})
    for path in ("ts.date", "pages", "event"):
        yield ev("*", measure={"distinct": path}, op="ge", value=2)
    yield ev("trans", measure={"distinct": "memo"}, op="eq", value=3)
    yield ev("trans", measure={"distinct": "amount"}, op="ge", value=2)


def _sequences() -> Iterator[Json]:
    steps: list[list[Json]] = [
        [ev("login")], [ev("login"), ev("購入")], [ev("login"), ev("購入", within="1d")],
        [ev("login"), ev("購入", within="7d")], [ev("login"), ev("login", within="24h")],
        [ev("login"), {"no_event": "購入", "within": "1d"}],
        [ev("login"), {"no_event": "購入", "within": "7d"}],
        [ev("login"), {"no_event": "nothing", "within": "2d"}, ev("購入", within="2d")],
        [ev("login"), {"no_event": "login", "within": "12h"}, ev("購入")],
        [ev(["login", "trans"]), ev("trans", within="4w"), ev("trans", within="4w")],
        [ev("visit"), ev("visit", within="7d")], [ev("visit"), ev("visit", within="1d")],
        [ev("visit"), ev("visit", within="25h")], [ev("*"), ev("visit", within="30d")],
        [ev("login", where=f("pages", "ge", 3)), ev("購入", where=f("tags", "is_empty"))],
        [ev("trans"), ev("trans"), ev("trans")],
    ]  # fmt: skip
    for found in steps:
        yield {"sequence": found}
        yield {"not": {"sequence": found, "during": {"last": "6d"}}}
        if all(str(s.get("event", s.get("no_event"))) in ("login", "購入") for s in found):
            yield {"sequence": found, "same": "order"}
            yield {"sequence": found, "same": "pages", "during": {"last": "10d"}}


def _sets() -> Iterator[Json]:
    for slug in ("vip", "other"):
        yield {"segment": slug}
        yield {"not": {"segment": slug}}
        for window in (
            {"last": "7d"},
            {"last": "3d"},
            {"calendar": "today"},
            {"from": "2020-01-01"},
        ):
            yield {"segment": slug, "entered": window}
            yield {"segment": slug, "left": window}
    yield {"list": "calls"}
    yield {"list": "calls", "status": ["done"]}
    yield {"not": {"list": "calls", "status": ["new", "done"]}}
    loans = {"version": 1, "subject": "person", "purpose": "loans"}
    yield loans | {"rule": f("income", "ge", 5)}
    yield loans | {"rule": {"not": f("income", "ge", 6)}}
    for percent in (0, D("0.01"), D("12.5"), 50, 100):
        yield {"sample": {"percent": percent, "salt": "it's 春"}}


def _groups() -> Iterator[Json]:
    some = [f("n", "ge", 0), ev("login"), {"segment": "vip"}, f("vip", "is_true"),
            {"sequence": [ev("login"), ev("購入")]}]  # fmt: skip
    yield {"all": []}
    yield {"any": []}
    yield {"not": {"any": []}}
    yield {"all": some[:3]}
    yield {"any": some}
    yield {"not": {"all": some[:2]}}
    yield {"all": [{"any": some[:2]}, {"not": {"any": some[3:]}}]}
    for count in range(7):
        yield {"at_least": count, "of": some}
    yield {"not": {"at_least": 2, "of": some}}
