"""Every sentence of the language's meaning, by hand: a rule, an instant, and who it is true of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import duckdb
import pytest
from rules_bank import AS_OF, EVERYBODY, bank, jst

from enishi.rules import (
    Facts,
    check_rule,
    check_value,
    compile_rule,
    compile_view,
    evaluate,
    value_of,
)
from rules_world import World

Json = dict[str, object]


def f(path: str, op: str, *value: object, **more: object) -> Json:
    return {"field": path, "op": op} | ({"value": value[0]} if value else {}) | more


def rel(path: str, **more: object) -> Json:
    return {"related": path} | more


def ev(name: object, **more: object) -> Json:
    return {"event": name} | more


LAST = "last"
CASES: list[tuple[str, Json, str] | tuple[str, Json, str, datetime]] = [
    # ── two-valued ────────────────────────────────────────────────────────────────────────────
    ("an unset value fails eq", f("n", "eq", 0), "c"),
    ("… and passes ne", f("n", "ne", 0), "abde"),
    ("… fails lt", f("n", "lt", 5), "cde"),
    ("not is the complement", {"not": f("n", "lt", 5)}, "ab"),
    ("ge is no complement of lt", f("n", "ge", 5), "a"),
    ("not_in passes unset", f("n", "not_in", [0, 10]), "bde"),
    ("in nothing is false", f("n", "in", []), ""),
    ("not_in nothing is true", f("n", "not_in", []), EVERYBODY),
    ("not_contains passes unset", f("name", "not_contains", "abc"), "bcde"),
    ("the empty text is unset", f("name", "is_not_set"), "bc"),
    ("… so is_set fails it", f("name", "is_set"), "ade"),
    ("comparing with the empty text is comparing with unset", f("name", "eq", ""), ""),
    ("… so ne is true of all", f("name", "ne", ""), EVERYBODY),
    ("starts_with the empty text is false", f("name", "starts_with", ""), ""),
    ("an unset operand", f("n", "gt", {"field": "score"}), "ac"),
    ("… and its negated twin", f("name", "ne", {"field": "other"}), "bce"),
    ("all of nothing is true", {"all": []}, EVERYBODY),
    ("any of nothing is false", {"any": []}, ""),
    ("not any of nothing", {"not": {"any": []}}, EVERYBODY),
    ("at least two of three", {"at_least": 2, "of": [f("n", "ge", 0), f("vip", "is_true"),
                                                    f("born", "is_set")]}, "acde"),
    ("at least none", {"at_least": 0, "of": []}, EVERYBODY),
    ("at least more than there are", {"at_least": 2, "of": [f("pid", "is_set")]}, ""),
    ("is_false is not the negation of is_true", f("vip", "is_false"), "c"),
    ("eq true", f("vip", "eq", True), "ad"),
    ("ne true passes unset", f("vip", "ne", True), "bce"),
    # ── lists of texts ────────────────────────────────────────────────────────────────────────
    ("has folds", f("tags", "has", "gold"), "ad"),
    ("has, exactly", f("tags", "has", "gold", exact=True), "d"),
    ("half-width kana are kana", f("tags", "has", "ア"), "a"),
    ("has_any", f("tags", "has_any", ["x", "gold"]), "ade"),
    ("has_all", f("tags", "has_all", ["X", "y"]), "e"),
    ("has_all of nothing", f("tags", "has_all", []), EVERYBODY),
    ("has_none passes unset", f("tags", "has_none", ["gold"]), "bce"),
    ("an unset list is empty", f("tags", "is_empty"), "bc"),
    ("is_not_empty", f("tags", "is_not_empty"), "ade"),
    ("an empty list is set", f("tags", "is_set"), "acde"),
    # ── text ──────────────────────────────────────────────────────────────────────────────────
    ("full width folds", f("name", "starts_with", "abc"), "a"),
    ("exact does not fold", f("name", "starts_with", "abc", exact=True), ""),
    ("a wave dash is a tilde", f("name", "eq", "10~20"), "d"),
    ("… and a full-width tilde", f("name", "eq", {"field": "other"}), "ad"),
    ("ß folds to ss", f("name", "eq", "STRASSE"), "e"),
    ("ends_with", f("name", "ends_with", "商事"), "a"),
    ("contains of a percent sign is literal", f("name", "contains", "%"), ""),
    ("matches works on the text as stored", f("name", "matches", "^ABC"), ""),
    ("… searching", f("name", "matches", "商"), "a"),
    ("… with (?i) on stored width", f("name", "matches", "(?i)ａｂｃ"), "a"),
    ("keys never fold", f("home", "eq", "b1"), "a"),
    ("… nor when joined", f("branch.region", "is_set"), "a"),
    ("… nor against a text", f("home", "in", ["B1", "zz"]), "cd"),
    # ── numbers ───────────────────────────────────────────────────────────────────────────────
    ("decimals are exact", f("money", "eq", Decimal("100.1")), "a"),
    ("a literal with more places", f("money", "gt", Decimal("100.0999")), "ae"),
    ("… never equal", f("money", "eq", Decimal("100.101")), ""),
    ("between has both ends in", f("money", "between", [Decimal("-0.01"), 0]), "cd"),
    ("a literal beyond any number", f("n", "lt", 10**30), "acde"),
    ("a float field equals its literal", f("score", "eq", Decimal("0.1")), "a"),
    ("times and plus", f("money", "ge", {"of": {"field": "n"}, "times": 10,
     "plus": Decimal("0.1")}),
     "ade"),
    # ── paths and parts ───────────────────────────────────────────────────────────────────────
    ("a to-one hop", f("branch.opened.year", "eq", 1999), "a"),
    ("age in completed years", f("born.age", "eq", 50), "d"),
    ("… is 49 the day before", f("born.age", "ge", 50), "", jst(2024, 3, 30, 23, 59)),
    ("born on 29 February ages on the 28th", f("born.age", "ge", 23), "acd", jst(2023, 2, 28)),
    ("… not on the 27th", f("born.age", "ge", 23), "cd", jst(2023, 2, 27, 23, 0)),
    ("… and on the 29th in a leap year", f("born.age", "ge", 24), "cd", jst(2024, 2, 28, 12, 0)),
    ("the day of an instant is local", f("joined.day", "eq", 31), "a"),
    ("the hour of an instant is local", f("joined.hour", "eq", 23), "c"),
    ("the week is ISO", f("born.week", "eq", 9), "a"),
    ("weekdays", f("joined.weekday", "in", ["sun", "Sat"]), "ac"),
    ("the date of an instant", f("joined.date", "eq", "2024-03-30"), "c"),
    # ── dates against instants ────────────────────────────────────────────────────────────────
    ("an instant against a date is a local date", f("joined", "le", "2024-03-30"), "cde"),
    ("… eq", f("joined", "eq", "2024-03-31"), "a"),
    ("an instant against an instant", f("joined", "lt", "2024-03-31T00:00:00+09:00"), "cde"),
    ("a naive literal is local", f("joined", "ge", "2024-03-31T00:00"), "a"),
    ("a date against an instant", f("born", "eq", "2024-03-30T15:00:00+00:00"), "e"),
    ("today", f("born", "eq", {"today": "0d"}), "e"),
    ("a month before the 31st is the 29th", f("joined", "ge", {"today": "-1mo"}), "acde"),
    ("… as an instant the end of that day", f("joined", "ge", {"now": "-1mo"}), "acd"),
    ("hours ago", f("joined", "ge", {"now": "-12h"}), "a"),
    # ── windows ───────────────────────────────────────────────────────────────────────────────
    ("the last day on instants excludes its start", f("joined", "during", {LAST: "12h"}), ""),
    ("… a tick more includes it", f("joined", "during", {LAST: "13h"}), "ac"),
    ("not_during passes unset", f("joined", "not_during", {LAST: "13h"}), "bde"),
    ("a clamped month starts at the next midnight", f("joined", "during", {LAST: "1mo"}), "ac"),
    ("on dates the last day is today", f("born", "during", {LAST: "1d"}), "e"),
    ("on dates the next day is today", f("born", "during", {"next": "1d"}), "e"),
    ("today", f("joined", "during", {"calendar": "today"}), "a"),
    ("yesterday", f("joined", "during", {"calendar": "yesterday"}), "c"),
    ("this week starts on Monday", f("joined", "during", {"calendar": "this_week"}), "ac"),
    ("this month", f("joined", "during", {"calendar": "this_month"}), "acd"),
    ("last month", f("joined", "during", {"calendar": "last_month"}), "e"),
    ("the fiscal year starts in April", f("joined", "during", {"calendar": "last_fiscal_year"}),
     "acde",
     jst(2024, 4, 1)),
    ("from is inclusive", f("joined", "during", {"from": "2024-03-31"}), "a"),
    ("to is exclusive", f("joined", "during", {"to": "2024-03-31"}), "cde"),
    ("from and to, moving", f("joined", "during", {"from": {"today": "-30d"},
     "to": {"today": "0d"}}),
     "cd"),
    ("an anniversary in a later year only", f("born", "anniversary_during", {"calendar": "today"}),
     "d"),
    ("… 29 February counts on the 28th",
     f("born", "anniversary_during", {"calendar": "today"}), "a", jst(2023, 2, 28, 9, 0)),
    ("… and not in the year of birth", f("born", "anniversary_during", {"calendar": "this_year"}),
     "acd"),
    ("… a window over the new year", f("born", "anniversary_during", {"next": "3mo"}), "a",
     jst(2026, 12, 31, 9, 0)),
    # ── rows ──────────────────────────────────────────────────────────────────────────────────
    ("a bare count is at least one", rel("links"), "acd"),
    ("a row reached twice counts once", rel("owned", op="eq", value=1), "ac"),
    ("counting nothing is 0", rel("owned", op="eq", value=0), "bde"),
    ("`_to` is exclusive", rel("owned", where=f("aid", "eq", 3)), "d", jst(2024, 3, 31, 11, 59)),
    ("a version of the past", rel("owned", measure={"sum": "balance"}, op="eq", value=100), "a",
     jst(2024, 2, 29, 23, 59)),
    ("the version of now", rel("owned", measure={"sum": "balance"}, op="gt", value=250), "a"),
    ("a sum of unset fields is 0", rel("owned", measure={"sum": "balance"}, op="eq", value=0),
     "bcde"),
    ("an average of none is unset", rel("owned", measure={"avg": "balance"}, op="is_not_set"),
     "bcde"),
    ("min of none is unset, so ne passes", rel("owned", measure={"min": "balance"}, op="ne",
                                              value=Decimal("250.50")), "bcde"),
    ("a planned time never hides", rel("owned", during={"next": "7d"}), "c"),
    ("next 6 days on dates", rel("owned", during={"next": "6d"}), ""),
    ("since when a value holds",
     rel("owned", where=f("balance.since", "eq", "2024-03-01")), "a"),
    ("… unchanged through versions", rel("owned", where=f("kind.since", "eq", "2023-01-01")), "a"),
    ("nested related", rel("owned", where=rel("transactions", op="ge", value=3)), "a"),
    ("the outer subject", rel("links", where=f("aid", "eq", {"subject": "pid"})), "a"),
    ("many hops", rel("owned.transactions", measure="count", op="eq", value=4), "a"),
    # ── events ────────────────────────────────────────────────────────────────────────────────
    ("the future is hidden", ev("trans", op="eq", value=4), "a"),
    ("… until it comes", ev("trans", op="eq", value=5), "a", jst(2024, 3, 31, 12, 0, 1)),
    ("a row without a time fails during", ev("trans", during={LAST: "40d"}, op="eq", value=3), "a"),
    ("names fold", ev("LOGIN", op="eq", value=2), "cd"),
    ("several names", ev(["login", "購入"], op="ge", value=3), "c"),
    ("any event", ev("*"), "acd"),
    ("dates of events: the last two days", ev("login", during={LAST: "2d"}), "c"),
    ("a month on dates: after the clamped day", ev("login", during={LAST: "1mo"}), "cd"),
    ("distinct counts set values", ev("trans", measure={"distinct": "amount"}, op="eq", value=3),
     "a"),
    ("distinct works on the text as stored", ev("trans", measure={"distinct": "memo"}, op="eq",
                                               value=3), "a"),
    ("five different days", ev("login", measure={"distinct": "ts.date"}, op="eq", value=2), "d"),
    ("the first row by time then key", ev("trans", measure={"first": "memo"}, op="eq", value="a",
                                         exact=True), "a"),
    ("the last row may be unset", ev("trans", measure={"last": "memo"}, op="is_not_set"), "abde"),
    ("keys in their own type: v10 before v9", ev("login", measure={"first": "pages"}, op="eq",
                                                value=3), "c"),
    ("the last by date and key", ev("login", measure={"last": "pages"}, op="eq", value=4), "c"),
    ("the first time within 3 days", ev("login", measure={"first": "ts"}, op="during",
                                       value={LAST: "3d"}), "c"),
    ("avg op x is sum op x × count", ev("login", measure={"avg": "pages"}, op="eq",
                                       value=Decimal("3.5")), "c"),
    ("… of unset fields leaves them out", ev("login", measure={"avg": "pages"}, op="eq", value=1),
     "d"),
    ("a property of one dataset is unset in the others",
     ev("*", where=f("memo", "is_not_set"), op="ge", value=2), "cd"),
    ("`event` is the name", ev("*", where=f("event", "eq", "Trans")), "ac"),
    ("`ts` is the time", ev("*", where=f("ts", "ge", "2024-03-31")), "ac"),
    ("against another window",
     ev("trans", during={LAST: "1d"}, measure={"sum": "amount"}, op="lt",
        value={"of": ev("trans", measure={"sum": "amount"}), "times": Decimal("0.7")}), "ac"),
    ("current rows are as known today", f("pid", "is_set"), EVERYBODY, jst(1990, 1, 1)),
]  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return bank()


@pytest.fixture(scope="module")
def database(world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with world.database() as connection:
        yield connection


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case[0]))
def test_a_rule_is_true_of_exactly_these(
    case: tuple[object, ...], world: World, database: duckdb.DuckDBPyConnection
) -> None:
    _, json, expected, *instant = case
    as_of = instant[0] if instant else AS_OF
    assert isinstance(as_of, datetime)
    rule = check_rule(json, world.catalog)
    facts = Facts(world.catalog, world.rows)
    answers = {row["_id"]: evaluate(rule, facts, row, as_of).truth for row in world.rows["person"]}
    assert "".join(sorted(str(i) for i, true in answers.items() if true)) == expected
    selected = database.execute(compile_rule(rule, world.catalog, as_of)).fetchall()
    assert "".join(sorted(i for (i,) in selected)) == expected


VALUES: list[tuple[Json, dict[str, object]]] = [
    ({"related": "owned", "measure": {"sum": "balance"}},
     {"a": Decimal("250.50"), "b": Decimal(0), "c": Decimal(0)}),
    ({"related": "owned"}, {"a": 1, "b": 0, "c": 1, "d": 0}),
    (ev("*", measure={"last": "ts"}), {"b": None, "c": jst(2024, 3, 31, 0, 0), "a": AS_OF}),
    (ev("trans", measure={"avg": "amount"}), {"a": Decimal("5.003333"), "b": None}),
    (ev("*", measure={"last": "event"}), {"a": "trans", "c": "購入", "d": "login"}),
    ({"field": "tags"}, {"a": ["Gold", "ｱ"], "b": None, "c": []}),
    ({"field": "born.age"}, {"a": 24, "d": 50, "e": 0}),
    ({"field": "branch.region"}, {"a": "関東", "c": None}),
]  # fmt: skip


@pytest.mark.parametrize(("json", "expected"), VALUES, ids=lambda v: str(v)[:60])
def test_a_value_is_exactly_this(
    json: Json, expected: dict[str, object], world: World, database: duckdb.DuckDBPyConnection
) -> None:
    value = check_value(json, world.catalog)
    facts = Facts(world.catalog, world.rows)
    found = {row["_id"]: value_of(value, facts, row, AS_OF) for row in world.rows["person"]}
    sql = compile_view(world.catalog, "person", None, {"v": value}, AS_OF)
    selected = dict(database.execute(sql).fetchall())
    for subject, want in expected.items():
        assert _plain(found[subject]) == _plain(want)
        assert _plain(selected[subject]) == _plain(want)


def _plain(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.replace(tzinfo=None)
    return list(value) if isinstance(value, tuple) else value
