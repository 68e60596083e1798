"""Rules meant to do harm, or broken beyond use: refused with their place, or taken literally."""

from __future__ import annotations

import json as plain_json
from collections.abc import Callable
from decimal import Decimal

import pytest
from rules_shop import AS_OF, EVERYBODY, shop

from enishi.kernel.errors import Invalid
from enishi.rules import Facts, check_rule, check_value, compile_rule, describe, evaluate, read_json
from enishi.rules.read import MAX_TEXT

WORLD = shop()
CATALOG = WORLD.catalog
Json = dict[str, object]
LEAF: Json = {"field": "fav", "op": "is_set"}


def faults(rule: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        check_rule(rule, CATALOG, subject="person")
    return [(fault.code, fault.path) for fault in refused.value.faults]


def nested(times: int, wrap: Callable[[object], object], inside: object = LEAF) -> object:
    for _ in range(times):
        inside = wrap(inside)
    return inside


def test_ten_thousand_nodes_are_refused_once() -> None:
    ((code, path),) = faults({"any": [LEAF] * 10_000})
    assert (code, path.partition("[")[0]) == ("too_many", "$.any")
    ((code, _),) = faults({"sequence": [{"event": "cart"}] * 10_000})
    assert code == "too_many"
    step = {"event": "cart", "where": {"all": [LEAF | {"field": "order"}] * 300}}
    ((code, path),) = faults({"sequence": [step, step]})
    assert (code, path.partition("[2")[0]) == ("too_many", "$.sequence[0].where.all")


def test_many_steps_of_many_conditions_count_together() -> None:
    where = {"all": [{"field": "order", "op": "is_set"}] * 30}
    ((code, _),) = faults({"sequence": [{"event": "cart", "where": where}] * 20})
    assert code == "too_many"


def test_many_sequences_of_many_steps_count_together() -> None:
    sequence = {"sequence": [{"event": "cart"}] * 20}
    ((code, _),) = faults({"any": [sequence] * 12})
    assert code == "too_many"
    check_rule({"any": [sequence] * 11}, CATALOG, subject="person")


@pytest.mark.parametrize("times", [61, 500, 50_000])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda rule: {"not": rule},
        lambda rule: {"all": [rule]},
        lambda rule: {"at_least": 1, "of": [rule]},
        lambda rule: {"event": "cart", "where": rule},
        lambda rule: {"sequence": [{"event": "cart", "where": rule}]},
        lambda rule: {"field": "pid", "op": "eq", "value": {"of": {"related": "visits"}} | rule},
        lambda rule: {"field": "pid", "op": "in", "value": [rule]},
        lambda rule: {"sample": {"percent": rule, "salt": rule}} if rule is LEAF else [rule],
    ],
)  # fmt: skip
def test_nesting_without_end_is_refused(times: int, wrap: Callable[[object], object]) -> None:
    for code, path in faults(nested(times, wrap)):
        assert path.startswith("$")
        assert code


@pytest.mark.parametrize("text", ['{"not":' * 100_000, "[" * 100_000])
def test_text_nested_without_end_is_no_json(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_json(text)
    assert refused.value.code == "not_json"


def test_text_nested_five_hundred_deep_is_refused() -> None:
    assert faults(read_json('{"not":' * 500 + "1" + "}" * 500))[0][0] == "too_deep"


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfff", "x" * (MAX_TEXT + 1)])
@pytest.mark.parametrize(
    ("at", "rule"),
    [
        ("$.value", lambda text: {"field": "fav", "op": "eq", "value": text}),
        ("$.value[1]", lambda text: {"field": "fav", "op": "in", "value": ["a", text]}),
        ("$.event", lambda text: {"event": text}),
        ("$.event[0]", lambda text: {"event": [text]}),
        ("$.segment", lambda text: {"segment": text}),
        ("$.sample.salt", lambda text: {"sample": {"percent": 1, "salt": text}}),
        ("$.sequence[0].event", lambda text: {"sequence": [{"event": text}]}),
        ("$.same", lambda text: {"sequence": [{"event": "cart"}], "same": text}),
        ("$.value.last", lambda text: {"field": "x", "op": "during", "value": {"last": text}}),
        ("$", lambda text: {text: 1}),
    ],
)  # fmt: skip
def test_texts_that_no_engine_reads_are_refused_at_their_place(
    at: str, rule: Callable[[str], object], text: str
) -> None:
    ((code, path),) = faults(rule(text))
    assert path == at
    assert code in ("unsound_text", "too_long", "unknown_key")


@pytest.mark.parametrize(
    "number",
    [Decimal("1e999999999"), Decimal("-1e999999999"), Decimal("1e-999999999"), Decimal("NaN"),
     Decimal("sNaN"), Decimal("Infinity"), float("inf"), 10**70, Decimal(1).scaleb(-70)],
)  # fmt: skip
def test_numbers_without_end_are_refused(number: object) -> None:
    for rule in (
        {"field": "pid", "op": "gt", "value": number},
        {"field": "pid", "op": "gt", "value": {"of": {"field": "pid"}, "times": number}},
        {"field": "pid", "op": "gt", "value": {"of": {"field": "pid"}, "plus": number}},
        {"sample": {"percent": number, "salt": "x"}},
    ):
        ((code, _),) = faults(rule)
        assert code == "wrong_type"


@pytest.mark.parametrize(
    ("name", "number"),
    [("times", 10**9 + 1), ("times", Decimal("-1e30")), ("times", Decimal("1e-10")),
     ("plus", 10**18 + 1), ("plus", Decimal("0.0000000001"))],
)  # fmt: skip
def test_sums_that_no_engine_holds_are_refused(name: str, number: object) -> None:
    """They would end in an error for one person's value and not for another's, whoever asks."""
    operand = {"of": {"field": "pid"}, name: number}
    assert faults({"field": "pid", "op": "gt", "value": operand}) == [
        ("out_of_range", f"$.value.{name}")
    ]


@pytest.mark.parametrize("digits", [25, 36, 37, 58])
def test_an_average_is_compared_with_any_number(digits: int) -> None:
    """Above none of them, below all of them, and no question ends in an error."""
    own: Json = {"related": "visits", "measure": {"avg": "amount"}}
    with WORLD.database() as database:
        for op, number in (("gt", 9 * 10**digits), ("lt", -9 * 10**digits)):
            rule = check_rule(own | {"op": op, "value": number}, CATALOG, subject="person")
            assert database.execute(compile_rule(rule, CATALOG, AS_OF)).fetchall() == []
        rule = check_rule(own | {"op": "lt", "value": 9 * 10**digits}, CATALOG, subject="person")
        assert database.execute(compile_rule(rule, CATALOG, AS_OF)).fetchall()


def test_a_nought_of_any_size_is_nought() -> None:
    rule = check_rule(
        {"field": "pid", "op": "eq", "value": Decimal("0e999999")}, CATALOG, subject="person"
    )
    assert rule.json["value"] == 0


@pytest.mark.parametrize(
    "pattern", ["(", "(?=x)", "(?<=a)b", r"(a)\1", "a{2000}", "((a{100}){100}){100}", "(?P<x"]
)
def test_patterns_that_would_not_end_are_refused(pattern: str) -> None:
    assert faults({"field": "fav", "op": "matches", "value": pattern}) == [
        ("bad_pattern", "$.value")
    ]


def test_a_pattern_that_explodes_elsewhere_is_linear_here() -> None:
    for pattern in ("(a+)+$", "(a|aa)*b", "(.*)*x"):
        rule = check_rule(
            {"field": "fav", "op": "matches", "value": pattern}, CATALOG, subject="person"
        )
        row = {"_id": "a", "pid": 0, "fav": "a" * 50_000 + "!"}
        assert not evaluate(rule, Facts(CATALOG, {"person": [row]}), row, AS_OF).truth


HOSTILE = ["'; DROP TABLE data.person; --", "' OR '1'='1", '"', "\\", "\\'", "%", "{{x}}", "\n",
           "${jndi}", "」「", "‮", "x') UNION SELECT 'a", "/*", "$$"]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_only_a_text(text: str) -> None:
    rules: list[Json] = [
        {"field": "fav", "op": "eq", "value": text},
        {"field": "fav", "op": "contains", "value": text},
        {"not": {"field": "fav", "op": "in", "value": [text, "o1"]}},
        {"event": text},
        {"sequence": [{"event": "cart"}, {"no_event": text, "within": "1d"}]},
        {"sequence": [{"event": ["cart", text], "where":
                       {"field": "order", "op": "ne", "value": text}}, {"event": "pay"}]},
        {"sample": {"percent": 50, "salt": text}},
    ]  # fmt: skip
    facts = Facts(CATALOG, WORLD.rows)
    with WORLD.database() as database:
        for json in rules:
            rule = check_rule(json, CATALOG, subject="person")
            expected = [
                row["_id"]
                for row in WORLD.rows["person"]
                if evaluate(rule, facts, row, AS_OF).truth
            ]
            found = database.execute(compile_rule(rule, CATALOG, AS_OF)).fetchall()
            assert sorted(i for (i,) in found) == expected
            assert describe(rule, CATALOG, "ja")
            assert check_rule(rule.json, CATALOG, subject="person").json == rule.json
        (count,) = database.execute("SELECT count(*) FROM data.person").fetchone() or (0,)
    assert count == len(EVERYBODY)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_is_only_a_name(text: str) -> None:
    rules: list[Json] = [
        {"field": text, "op": "is_set"},
        {"field": f"fav.{text}", "op": "is_set"},
        {"related": text},
        {"segment": text},
        {"list": text},
        {"list": "calls", "status": [text]},
        {"sequence": [{"event": "cart"}], "same": text},
        {"field": "fav", "op": text},
        {"field": "pid", "op": "eq", "value": {"user": text}},
        {"related": "visits", "measure": {text: "x"}, "op": "gt", "value": 1},
        {"segment": "vip", "entered": {"calendar": text}},
        {text: 1},
    ]  # fmt: skip
    for json in rules:
        for _, path in faults(json):
            assert path.startswith("$")


@pytest.mark.parametrize(
    "moment",
    ["2026-04-01T00:00[Mars/Phobos]", "2026-04-01T00:00 Asia/Tokyo", "2026-04-01T00:00+99:00",
     "2026-13-01", "0000-00-00", "10000-01-01", "2026-04-01T25:00", "now", "1e9"],
)  # fmt: skip
def test_times_that_do_not_exist_are_refused(moment: str) -> None:
    ((code, path),) = faults({"segment": "vip", "entered": {"from": moment}})
    assert (code, path) == ("wrong_type", "$.entered.from")


@pytest.mark.parametrize("json", [None, 1, "x", [], [[]], True, {"all": None}, {"sequence": None},
                                  {"not": []}, {"segment": None}, {"sample": []},
                                  {1: 2}, {"all": [None]}])  # fmt: skip
def test_what_is_no_rule_is_refused(json: object) -> None:
    assert faults(json)
    with pytest.raises(Invalid):
        check_value(json, CATALOG, subject="person")


def test_what_is_told_of_a_wrong_value_is_short() -> None:
    with pytest.raises(Invalid) as refused:
        check_rule({"field": "pid", "op": "eq", "value": "x" * 9_000}, CATALOG, subject="person")
    assert len(plain_json.dumps([f.message.ja for f in refused.value.faults])) < 500
