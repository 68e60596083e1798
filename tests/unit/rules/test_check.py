"""What is refused on save, where, and what is proposed instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rules_bank import bank

from enishi.catalog.types import Catalog
from enishi.kernel.errors import Invalid
from enishi.rules import check_rule, check_value, read_json

CATALOG = bank().catalog


def refusal(json: object, catalog: Catalog = CATALOG, **more: object) -> Invalid:
    with pytest.raises(Invalid) as refused:
        check_rule(json, catalog, **more)  # type: ignore[arg-type]
    return refused.value


REFUSED: list[tuple[object, str, str]] = [
    ({"field": "nane", "op": "is_set"}, "unknown_field", "$.field"),
    ({"field": "born.yeer", "op": "eq", "value": 1}, "unknown_part", "$.field"),
    ({"field": "name.year", "op": "eq", "value": 1}, "unknown_part", "$.field"),
    ({"field": "name.since", "op": "is_set"}, "unknown_part", "$.field"),
    ({"field": "born.hour", "op": "eq", "value": 1}, "unknown_part", "$.field"),
    ({"field": "branch", "op": "is_set"}, "not_a_field", "$.field"),
    ({"field": "links.role", "op": "is_set"}, "to_many_path", "$.field"),
    ({"field": "name"}, "op_missing", "$"),
    ({"field": "name", "op": "lt", "value": "a"}, "unknown_op", "$.op"),
    ({"field": "name", "op": "equals", "value": "a"}, "unknown_op", "$.op"),
    ({"field": "name", "op": "eq"}, "value_missing", "$"),
    ({"field": "name", "op": "eq", "value": 5}, "wrong_type", "$.value"),
    ({"field": "name", "op": "eq", "value": None}, "null_operand", "$.value"),
    ({"field": "n", "op": "eq", "value": "5"}, "wrong_type", "$.value"),
    ({"field": "n", "op": "eq", "value": True}, "wrong_type", "$.value"),
    ({"field": "n", "op": "in", "value": 5}, "wrong_shape", "$.value"),
    ({"field": "n", "op": "in", "value": [1, "x"]}, "wrong_type", "$.value[1]"),
    ({"field": "n", "op": "between", "value": [1]}, "wrong_shape", "$.value"),
    ({"field": "n", "op": "eq", "value": {"field": "name"}}, "wrong_type", "$.value"),
    ({"field": "n", "op": "is_set", "value": 1}, "unknown_key", "$.value"),
    ({"field": "n", "op": "eq", "value": 1, "exact": True}, "wrong_type", "$.exact"),
    ({"field": "n", "op": "eq", "valeu": 1}, "unknown_key", "$.valeu"),
    ({"field": "born", "op": "eq", "value": "2024-02-30"}, "wrong_type", "$.value"),
    ({"field": "born", "op": "during", "value": {"last": "2h"}}, "hours_on_a_date", "$.value.last"),
    ({"field": "joined", "op": "anniversary_during", "value": {"next": "90m"}}, "hours_on_a_date",
     "$.value.next"),
    ({"field": "born", "op": "during", "value": {"last": "30 days"}}, "bad_duration",
     "$.value.last"),
    ({"field": "born", "op": "during", "value": {"last": "0d"}}, "bad_duration", "$.value.last"),
    ({"field": "born", "op": "during", "value": {"calendar": "this_moth"}},
     "unknown_calendar_name", "$.value.calendar"),
    ({"field": "born", "op": "during", "value": {}}, "wrong_shape", "$.value"),
    ({"field": "born", "op": "gt", "value": {"today": "-2h"}}, "hours_on_a_date",
     "$.value.today"),
    ({"field": "name", "op": "matches", "value": "(?=x)"}, "bad_pattern", "$.value"),
    ({"field": "born.weekday", "op": "eq", "value": "monday"}, "unknown_weekday", "$.value"),
    ({"related": "lynks"}, "unknown_relation", "$.related"),
    ({"related": "branch"}, "to_one_relation", "$.related"),
    ({"related": "links", "during": {"last": "1d"}}, "no_time", "$.during"),
    ({"related": "links", "measure": {"last": "role"}, "op": "is_set"}, "no_time", "$.measure"),
    ({"related": "links", "measure": {"sum": "role"}, "op": "gt", "value": 1}, "wrong_type",
     "$.measure.sum"),
    ({"related": "links", "measure": {"median": "lid"}, "op": "gt", "value": 1},
     "unknown_measure", "$.measure"),
    ({"related": "links", "measure": {"last": "role", "by": "lid"}, "op": "is_set"},
     "unknown_measure", "$.measure"),
    ({"related": "links", "measure": [["sum"]], "op": "is_set"}, "unknown_measure", "$.measure"),
    ({"related": "links", "measure": {"sum": "lid"}}, "op_missing", "$"),
    ({"related": "links", "where": {"event": "trans"}}, "event_inside_where", "$.where.event"),
    ({"event": "login", "during": {"last": "2h"}}, "hours_on_a_date", "$.during.last"),
    ({"event": "*", "where": {"field": "nothing", "op": "is_set"}}, "unknown_field",
     "$.where.field"),
    ({"related": "residents"}, "unknown_relation", "$.related"),
    ({"field": "score", "op": "gt", "value": {"user": "branch"}}, "user_not_here",
     "$.value.user"),
    ({"feild": "name"}, "unknown_shape", "$"),
    ({}, "wrong_shape", "$"),
    ("name", "wrong_shape", "$"),
    ({"all": {"field": "name"}}, "wrong_shape", "$.all"),
    ({"all": [], "any": []}, "unknown_key", "$.any"),
    ({"at_least": "2", "of": []}, "wrong_type", "$.at_least"),
    ({"all": [{"not": {"any": [{"field": "x"}]}}]}, "unknown_field", "$.all[0].not.any[0].field"),
]  # fmt: skip


@pytest.mark.parametrize(("json", "code", "path"), REFUSED, ids=lambda value: str(value)[:70])
def test_a_wrong_rule_is_refused_with_its_place_and_a_remedy(
    json: object, code: str, path: str
) -> None:
    (fault,) = refusal(json).faults
    assert (fault.code, fault.path) == (code, path)
    for locale in ("ja", "en"):
        assert fault.message[locale]
        assert fault.remedy[locale]


def test_every_fault_is_reported_at_once() -> None:
    faults = refusal({"all": [{"field": "x", "op": "is_set"}, {"field": "n", "op": "has"}]}).faults
    assert [fault.path for fault in faults] == ["$.all[0].field", "$.all[1].op"]


def test_a_near_name_is_proposed() -> None:
    (fault,) = refusal({"field": "regoin", "op": "is_set"}).faults
    assert fault.remedy.en
    (fault,) = refusal({"field": "nmae", "op": "is_set"}).faults
    assert fault.remedy.en == "Did you mean `name`?"


def test_equality_of_float_aggregates_is_refused() -> None:
    value = {"related": "links.person", "measure": {"sum": "score"}}
    (fault,) = refusal(value | {"op": "eq", "value": 1}).faults
    assert fault.code == "float_equality"
    (fault,) = refusal({"field": "score", "op": "in", "value": [{"of": value}]}).faults
    assert fault.code == "float_equality"
    check_rule(value | {"op": "ge", "value": 1}, CATALOG)
    check_rule({"field": "score", "op": "eq", "value": 1}, CATALOG)


@pytest.mark.parametrize(
    "json",
    [
        {"all": []},
        {"not": {"any": []}},
        {"all": [{"all": []}, {"at_least": 0, "of": []}]},
        {"any": [{"all": []}, {"field": "n", "op": "gt", "value": 1}]},
    ],
)
def test_an_empty_rule_is_no_audience(json: object) -> None:
    (fault,) = refusal(json, audience=True).faults
    assert fault.code == "selects_everybody"
    check_rule(json, CATALOG)


def test_what_data_decides_is_an_audience() -> None:
    check_rule({"field": "pid", "op": "is_set"}, CATALOG, audience=True)
    check_rule({"any": []}, CATALOG, audience=True)


def test_the_stored_envelope() -> None:
    rule = {"field": "n", "op": "gt", "value": 1}
    checked = check_rule({"version": 1, "subject": "person", "rule": rule}, CATALOG)
    assert (checked.subject, checked.json) == ("person", rule)
    assert refusal({"version": 2, "rule": rule}).faults[0].code == "unknown_version"
    assert refusal({"rule": rule, "subjct": "person"}).faults[0].path == "$.subjct"
    assert refusal({"rule": rule, "subject": "company"}).faults[0].code == "unknown_subject"
    assert refusal({"rule": {"field": "x"}}).faults[0].path == "$.rule.field"
    clash = refusal({"rule": rule, "subject": "person"}, subject="company").faults[0]
    assert clash.path == "$.subject"


def test_an_event_never_seen_is_a_warning() -> None:
    rule = {"event": ["login", "purchse"]}
    assert check_rule(rule, CATALOG).warnings == ()
    known = frozenset({"login", "purchase"})
    (warning,) = check_rule(rule, CATALOG, known_events=lambda: known).warnings
    assert (warning.code, warning.path) == ("event_never_seen", "$.event")
    assert warning.remedy.en == "Did you mean `purchase`?"


def test_the_empty_text_is_a_warning() -> None:
    (warning,) = check_rule({"field": "name", "op": "eq", "value": ""}, CATALOG).warnings
    assert warning.code == "empty_text"


def test_what_a_rule_leans_on() -> None:
    checked = check_rule(
        {"related": "owned", "measure": {"sum": "balance"}, "op": "gt", "value": 1}, CATALOG
    )
    assert ("account", "balance") in checked.fields
    assert ("link", "role") in checked.fields
    assert checked.datasets == {"person", "link", "account"}
    assert checked.uses_current == {"person", "link"}


def test_a_value_has_a_type() -> None:
    total = check_value({"related": "owned", "measure": {"sum": "balance"}}, CATALOG)
    assert (total.type, total.scale) == ("decimal", 2)
    average = check_value({"related": "owned", "measure": {"avg": "balance"}}, CATALOG)
    assert (average.type, average.scale) == ("decimal", 6)
    assert check_value({"event": "*", "measure": {"last": "ts"}}, CATALOG).type == "timestamp"
    with pytest.raises(Invalid):
        check_value({"field": "n", "op": "gt", "value": 1}, CATALOG)


def test_a_narrowing_that_returns_to_itself_is_refused() -> None:
    relation = CATALOG.relations["person"]["owned"]
    circular = replace(relation, where={"related": "links.person.owned"})
    relations = {**CATALOG.relations, "person": {**CATALOG.relations["person"], "owned": circular}}
    (fault,) = refusal({"related": "owned"}, replace(CATALOG, relations=relations)).faults[:1]
    assert fault.code == "cycle"


def test_numbers_with_a_point_stay_exact() -> None:
    json = read_json('{"field": "money", "op": "lt", "value": 0.1000}')
    assert str(check_rule(json, CATALOG).json["value"]) == "0.1"


@pytest.mark.parametrize("text", ["{", '{"a": 1, "a": 2}', "NaN", '{"a": Infinity}', b"\xff"])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_json(text)
    assert refused.value.code == "not_json"


def test_a_rule_nested_without_end_is_refused() -> None:
    rule: dict[str, object] = {"field": "n", "op": "is_set"}
    for _ in range(200):
        rule = {"not": rule}
    assert refusal(rule).faults[0].code == "too_deep"


def test_a_rule_of_endless_length_is_refused_once() -> None:
    test = {"field": "n", "op": "eq", "value": 1}
    wide = {"any": [test] * 20_000}
    assert [fault.code for fault in refusal(wide).faults] == ["too_many"]
    check_rule({"any": [test] * 200}, CATALOG)
    many = {"field": "n", "op": "in", "value": list(range(10_001))}
    assert [fault.code for fault in refusal(many).faults] == ["too_many"]
    check_rule(many | {"value": many["value"][1:]}, CATALOG)
