"""One meaning on every engine: each selects exactly the subjects that `evaluate` says.

By default a part of the shapes is asked of each engine; HYPOTHESIS_PROFILE=all asks all of them,
and as many random worlds as it says. Spark refuses a few patterns, which is tested too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rules_edges import ZONES, edges
from rules_rules import rules
from rules_shapes import SPARK_REFUSES, Json, ev, f, rel, shapes
from rules_worlds import Scene, scenes

from enishi.kernel.errors import EnishiError
from enishi.rules import (
    CheckedRule,
    Facts,
    check_rule,
    check_value,
    compile_rule,
    compile_view,
    evaluate,
    value_of,
)
from rule_engines import SCHEMAS, DuckDBRules, RuleEngine, clickhouse, spark
from rules_world import World

EVERYTHING = os.environ.get("HYPOTHESIS_PROFILE") == "all"
PARTS = {"duckdb": 3, "clickhouse": 7, "spark": 97}
"""Of how many shapes one is asked by default."""


@pytest.fixture(scope="module", params=["duckdb", "clickhouse", "spark"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RuleEngine]:
    folder = tmp_path_factory.mktemp(str(request.param))
    if request.param == "duckdb":
        yield DuckDBRules()
        return
    with (clickhouse if request.param == "clickhouse" else spark)(folder) as found:
        yield found


def true_of(world: World, rule: CheckedRule, at: datetime) -> list[str]:
    facts = Facts(world.catalog, world.rows)
    subjects: dict[str, dict[str, object]] = {}
    for row in world.rows["person"]:
        subjects.setdefault(str(row["_id"]), dict(row))
    return sorted(i for i, row in subjects.items() if evaluate(rule, facts, row, at).truth)


def differences(
    engine: RuleEngine, world: World, jsons: list[Json], at: datetime
) -> list[tuple[Json, list[str], list[str]]]:
    """The rules of which an engine selects others than `evaluate`: rule, selected, expected."""
    checked = [check_rule(json, world.catalog, subject="person") for json in jsons]
    statements = [
        compile_rule(rule, world.catalog, at, engine.dialect, schemas=SCHEMAS) for rule in checked
    ]
    expected = [true_of(world, rule, at) for rule in checked]
    found = engine.ids(statements)
    return [case for case in zip(jsons, found, expected, strict=True) if case[1] != case[2]]


@pytest.mark.parametrize("zone", ZONES)
def test_every_shape_selects_whom_evaluate_says(engine: RuleEngine, zone: str) -> None:
    world, at = edges(zone), ZONES[zone]
    asked = [json for json in shapes() if engine.dialect != "spark" or not refused(json)]
    if not EVERYTHING:
        first = list(ZONES).index(zone)  # another part in each zone
        asked = asked[first :: PARTS[engine.dialect]]
    engine.load(world)
    assert differences(engine, world, asked, at) == []


def refused(json: Json) -> bool:
    inner = json.get("not", json)
    assert isinstance(inner, dict)
    return inner.get("op") == "matches" and inner["value"] in SPARK_REFUSES


@st.composite
def cases(draw: st.DrawFn) -> tuple[Scene, list[dict[str, object]]]:
    scene = draw(scenes())
    return scene, draw(st.lists(rules(scene), min_size=1, max_size=4))


def test_random_rules_select_whom_evaluate_says(engine: RuleEngine) -> None:
    tried = {"duckdb": (5, 100), "clickhouse": (8, 300), "spark": (2, 40)}[engine.dialect]

    @settings(
        max_examples=tried[EVERYTHING],
        deadline=None,
        derandomize=not EVERYTHING,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if engine.dialect != "spark" else [Phase.generate],
        print_blob=True,
    )
    @given(cases())
    def run(case: tuple[Scene, list[Json]]) -> None:
        scene, jsons = case
        engine.load(scene.world)
        assert differences(engine, scene.world, jsons, scene.as_of) == []

    run()


VALUES: list[Json] = [
    *({"field": path} for path in (
        "name", "born", "joined", "n", "score", "vip", "tags", "money", "rate", "born.weekday",
        "joined.date", "joined.week", "born.age", "joined.hour", "branch.hours", "branch.region")),
    rel("owned"), rel("owned", measure={"sum": "balance"}),
    rel("owned", measure={"avg": "balance"}),
    rel("owned", measure={"first": "kind"}), rel("owned", measure={"max": "due"}),
    rel("neighbours", measure={"avg": "n"}), rel("neighbours", measure={"sum": "n"}),
    rel("neighbours", measure={"avg": "score"}), rel("neighbours", measure={"avg": "rate"}),
    ev("*", measure={"last": "ts"}), ev("*", measure={"distinct": "ts.date"}),
    ev("login", measure={"last": "tags"}), ev("*", measure={"first": "event"}),
    ev(["trans", "visit"], measure={"min": "ts"}), ev("trans", measure={"avg": "amount"}),
    ev(["visit", "login"], measure={"avg": "pages"}),
]  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_a_view_shows_what_evaluate_finds(engine: RuleEngine, zone: str) -> None:
    world, at = edges(zone), ZONES[zone]
    catalog = world.catalog
    columns = {
        f"c{i}": check_value(json, catalog, subject="person") for i, json in enumerate(VALUES)
    }
    columns["loans"] = check_value({"field": "income"}, catalog, subject="person", purpose="loans")
    engine.load(world)
    facts = Facts(catalog, world.rows)
    some = check_rule(f("pid", "le", 5), catalog, subject="person")
    sql = compile_view(
        catalog, "person", some, columns, at, dialect=engine.dialect, schemas=SCHEMAS
    )
    expected = {
        row["_id"]: {alias: plain(value_of(c, facts, row, at)) for alias, c in columns.items()}
        for row in world.rows["person"]
        if row["pid"] != 6
    }
    assert shown(engine, sql, ["_id", *columns], list_columns(columns)) == expected


def list_columns(columns: dict[str, Any]) -> set[str]:
    return {alias for alias, column in columns.items() if column.type == "strings"}


def shown(
    engine: RuleEngine, sql: str, names: list[str], lists: set[str]
) -> dict[object, dict[str, object]]:
    """The rows of a view by id. On ClickHouse a list's companion says that it is unset."""
    companions = engine.dialect == "clickhouse"
    said = [n for name in names for n in ([name, f"{name}__n"] if companions and name in lists
                                          else [name])]  # fmt: skip
    found: dict[object, dict[str, object]] = {}
    for row in engine.rows(sql):
        cells = {name: plain(value) for name, value in zip(said, row, strict=True)}
        for name in lists if companions else ():
            if cells.pop(f"{name}__n"):
                cells[name] = None
        found[cells.pop("_id")] = cells
    return found


def plain(value: object) -> object:
    """A value so that the engines' own types do not tell them apart."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, (tuple, list)):
        return list(value)
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, (bool, str)) or value is None:
        return value
    return value.normalize() if isinstance(value, Decimal) else value


@pytest.mark.parametrize("pattern", sorted(SPARK_REFUSES))
def test_spark_refuses_a_pattern_it_would_read_otherwise(pattern: str) -> None:
    world = edges("Asia/Tokyo")
    rule = check_rule(f("name", "matches", pattern), world.catalog, subject="person")
    with pytest.raises(EnishiError) as raised:
        compile_rule(rule, world.catalog, ZONES["Asia/Tokyo"], "spark")
    assert raised.value.code == "pattern_not_portable"
