"""Trino, Snowflake and BigQuery: generated, not run. Their text is read by a parser of each and
compared with snapshots, so that a change of it is seen and meant.

ENISHI_SNAPSHOTS=write writes the snapshots anew.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
import sqlglot
from rules_edges import ZONES, edges
from rules_shapes import Json, ev, f, of, rel, shapes

from enishi.kernel.errors import EnishiError
from enishi.rules import check_rule, check_value, compile_rule, compile_view
from enishi.rules.dialects import GENERATED, RUN, dialect_named

FOLDER = Path(__file__).parent / "snapshots"
ZONE = "America/Havana"
RULES: dict[str, Json] = {
    "texts": {"all": [f("name", "eq", "ＡＢＣ"), f("name", "ne", "it's a\\b"),
                      f("other", "contains", "%", exact=True), f("home", "in", ["b1", "zz"]),
                      f("name", "starts_with", "a"), f("name", "ends_with", {"field": "other"})]},
    "pattern": f("name", "matches", "^a[b-d]+"),
    "numbers": {"any": [f("money", "gt", Decimal("0.126")), f("n", "lt", 10**30),
                        f("score", "ge", Decimal("0.1")), f("n", "between", [0, {"field": "rate"}]),
                        f("money", "le", of({"field": "n"}, times=Decimal("-1.25"), plus=1))]},
    "lists": {"all": [f("tags", "has", "gold"), f("tags", "has_none", ["x"]),
                      f("branch.hours", "is_empty"), f("tags", "is_set")]},
    "dates": {"all": [f("born", "anniversary_during", {"next": "7d"}), f("born.age", "ge", 30),
                      f("joined.weekday", "in", ["sat", "sun"]), f("joined.hour", "lt", 9),
                      f("joined", "le", {"field": "born"}), f("born.week", "eq", 9),
                      f("joined", "not_during", {"last": "1mo"})]},
    "rows": {"all": [rel("owned", measure={"sum": "balance"}, op="gt", value=10_000_000),
                     {"not": ev("login", during={"last": "90d"})},
                     rel("owned", measure={"avg": "balance"}, op="ge", value=Decimal("3.5")),
                     rel("owned", where=f("kind.since", "le", {"now": "-15d"}))]},
    "ordered": ev("*", measure={"last": "ts"}, op="lt", value={"now": "-2d"}),
    "chosen": {"any": [ev("login", measure={"first": "order"}, op="eq", value="O1"),
                       ev("trans", measure={"distinct": "memo"}, op="ge", value=2)]},
    "compared": ev("trans", during={"calendar": "this_month"}, measure={"sum": "amount"}, op="lt",
                   value=of(ev("trans", measure={"sum": "amount"}), times=Decimal("0.7"))),
    "sequence": {"sequence": [ev("login"), ev("購入", within="7d"),
                              {"no_event": "login", "within": "2d"}, ev("visit")],
                 "during": {"last": "90d"}},
    "shared": {"sequence": [ev("login"), ev("購入", within="1d")], "same": "order"},
    "sets": {"all": [{"segment": "vip"}, {"not": {"segment": "other", "left": {"last": "7d"}}},
                     {"list": "calls"}, {"sample": {"percent": 10, "salt": "春"}}]},
    "groups": {"at_least": 2, "of": [f("vip", "is_true"), ev("login"), {"segment": "vip"}]},
}  # fmt: skip


def statements(dialect: str) -> dict[str, str]:
    world, at = edges(ZONE), ZONES[ZONE]
    found = {
        name: compile_rule(check_rule(json, world.catalog, subject="person"), world.catalog, at,
                           dialect)
        for name, json in RULES.items()
    }  # fmt: skip
    values = {
        name: check_value(json, world.catalog, subject="person")
        for name, json in (
            ("name", {"field": "name"}), ("tags", {"field": "tags"}),
            ("average", rel("owned", measure={"avg": "balance"})),
            ("latest", ev("*", measure={"last": "ts"})),
        )
    }  # fmt: skip
    some = check_rule({"segment": "vip"}, world.catalog, subject="person")
    found["view"] = compile_view(world.catalog, "person", some, values, at, dialect=dialect)
    return found


@pytest.mark.parametrize("dialect", GENERATED)
def test_the_text_is_that_of_the_snapshot(dialect: str) -> None:
    told = "-- generated, not run"
    text = "\n\n".join([told, *(f"-- {n}\n{sql};" for n, sql in statements(dialect).items())])
    snapshot = FOLDER / f"{dialect}.sql"
    if os.environ.get("ENISHI_SNAPSHOTS") == "write":
        snapshot.write_text(text + "\n", encoding="utf-8")
    assert snapshot.read_text(encoding="utf-8") == text + "\n"


@pytest.mark.parametrize("dialect", GENERATED)
def test_every_shape_reads_as_sql_of_its_engine(dialect: str) -> None:
    world, at = edges(ZONE), ZONES[ZONE]
    refused: set[str] = set()
    for json in list(shapes())[::11]:
        rule = check_rule(json, world.catalog, subject="person")
        try:
            text = compile_rule(rule, world.catalog, at, dialect)
        except EnishiError as error:
            refused.add(error.code)
            continue
        assert len(sqlglot.parse(text, dialect=dialect)) == 1
    assert refused <= {"pattern_not_portable"}


def test_each_engine_says_whether_it_is_run() -> None:
    assert [dialect_named(name).runs for name in RUN] == [True] * len(RUN)
    assert [dialect_named(name).runs for name in GENERATED] == [False] * len(GENERATED)
    with pytest.raises(ValueError, match="no engine is called oracle"):
        dialect_named("oracle")
