"""Purposes and consents: a field its purpose may not use is refused; consent opens it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from rules_bank import AS_OF

from enishi.catalog.sets import SEGMENT_ROWS, FixedSets, ListInfo, SegmentInfo
from enishi.catalog.types import Catalog, ConsentSource, DatasetKind, FieldType, Purpose
from enishi.kernel.errors import EnishiError, Invalid
from enishi.kernel.text import Text
from enishi.rules import (
    Facts,
    bind_user,
    both,
    check_rule,
    check_value,
    compile_rule,
    compile_view,
    describe,
    evaluate,
    value_of,
)
from rules_world import World, foreign_key, make_catalog, make_dataset, make_field

F, T = make_field, FieldType
TODAY = AS_OF.date()
RICH = {"field": "balance", "op": "gt", "value": 10}


def bank(**more: object) -> World:
    person = make_dataset(
        "person", DatasetKind.CURRENT, ["pid"],
        [F("pid", T.INTEGER), F("branch", T.STRING), F("no", T.INTEGER),
         F("balance", T.DECIMAL, scale=2, purposes=frozenset({"deposits"}),
           consent_purposes=frozenset({"insurance"}))],
        subject="person",
    )  # fmt: skip
    consent = make_dataset(
        "consent", DatasetKind.CURRENT, ["cid"],
        [F("cid", T.INTEGER), F("pid", T.INTEGER), F("purpose", T.STRING), F("channel", T.STRING),
         F("from", T.DATE), F("to", T.DATE)],
    )  # fmt: skip
    catalog = make_catalog(
        [person, consent],
        foreign_key("consent", [("pid", "pid")], "person", "person", "consents"),
        purposes={
            name: Purpose(name, Text(name, name)) for name in ("deposits", "insurance", "cards")
        },
        consents=ConsentSource("consents"),
    )
    people = [
        {"pid": i, "_id": f"p{i}", "branch": "101", "no": 7, "balance": Decimal(20)}
        for i in range(6)
    ]
    spans = [
        (0, "insurance", date(2024, 1, 1), None),
        (1, "insurance", date(2024, 1, 1), TODAY),  # `to` is exclusive
        (2, "insurance", date(2024, 4, 1), None),  # not yet
        (3, "deposits", date(2024, 1, 1), None),  # for something else
        (4, "Insurance", TODAY, date(2024, 4, 1)),
    ]
    consents = [
        {"cid": n, "pid": pid, "purpose": purpose, "from": start, "to": end}
        for n, (pid, purpose, start, end) in enumerate(spans)
    ]
    return World(replace(catalog, **more), {"person": people, "consent": consents})  # type: ignore[arg-type]


def codes(catalog: Catalog, rule: object, **more: object) -> list[str]:
    with pytest.raises(Invalid) as refused:
        check_rule(rule, catalog, **more)  # type: ignore[arg-type]
    return [fault.code for fault in refused.value.faults]


def test_a_purpose_that_may_not_use_a_field_is_refused() -> None:
    catalog = bank().catalog
    assert codes(catalog, RICH, purpose="cards") == ["purpose_forbids"]
    assert codes(catalog, {"version": 1, "purpose": "cards", "rule": RICH}) == ["purpose_forbids"]
    nested = {"related": "consents.person", "where": RICH}
    assert codes(catalog, nested, purpose="cards") == ["purpose_forbids"]
    operand = {"field": "no", "op": "lt", "value": {"field": "balance"}}
    assert codes(catalog, operand, purpose="cards") == ["purpose_forbids"]


def test_without_a_purpose_only_open_fields_may_be_used() -> None:
    catalog = bank().catalog
    assert codes(catalog, RICH) == ["purpose_forbids"]
    check_rule({"field": "branch", "op": "is_set"}, catalog)


def test_an_unknown_purpose_is_refused() -> None:
    assert codes(bank().catalog, RICH, purpose="insurence") == ["unknown_purpose"]


def test_a_purpose_of_the_field_needs_no_consent() -> None:
    assert not check_rule(RICH, bank().catalog, purpose="deposits").consent_added


def test_consent_becomes_part_of_the_rule() -> None:
    world = bank()
    rule = check_rule(RICH, world.catalog, purpose="insurance")
    assert rule.consent_added
    assert rule.json == RICH
    assert "consents" in describe(rule, world.catalog, "en")
    facts = Facts(world.catalog, world.rows)
    true_of = {
        row["_id"] for row in world.rows["person"] if evaluate(rule, facts, row, AS_OF).truth
    }
    assert true_of == {"p0", "p4"}
    with world.database() as database:
        found = database.execute(compile_rule(rule, world.catalog, AS_OF)).fetchall()
    assert {i for (i,) in found} == true_of


def test_purposes_are_told_by_their_labels() -> None:
    labels = {
        "deposits": Text("預金の案内", "Deposits"),
        "insurance": Text("保険の案内", "Insurance offers"),
        "cards": Text("カードの案内", "Cards"),
        "again": Text("カードの案内", "Cards"),
    }
    purposes = {name: Purpose(name, label) for name, label in labels.items()}
    catalog = replace(bank().catalog, purposes=purposes)
    with pytest.raises(Invalid) as refused:
        check_rule(RICH, catalog, purpose="cards")
    (fault,) = refused.value.faults
    assert "カードの案内" in fault.message.ja
    assert fault.remedy.ja.startswith("使える目的: 預金の案内、保険の案内。")
    assert fault.remedy.en.startswith("It may serve: Deposits, Insurance offers.")
    rule = check_rule(RICH, catalog, purpose="insurance")
    assert "purposeが「保険の案内」" in describe(rule, catalog, "ja")
    assert "purpose is “Insurance offers”" in describe(rule, catalog, "en")

    def said(purpose: str) -> str:
        asked = {"field": "purpose", "op": "eq", "value": purpose}
        return describe(check_rule({"related": "consents", "where": asked}, catalog), catalog, "ja")

    assert len({said(one) for one in (*labels, "カードの案内", "預金の案内", "else")}) == 7
    with pytest.raises(Invalid) as refused:
        check_rule(RICH, replace(catalog, consents=None), purpose="insurance")
    assert "目的「保険の案内」には同意が必要" in refused.value.faults[0].message.ja


def test_a_column_is_empty_without_consent() -> None:
    world = bank()
    value = check_value({"field": "balance"}, world.catalog, purpose="insurance")
    sql = compile_view(world.catalog, "person", None, {"v": value}, AS_OF)
    with world.database() as database:
        found = dict(database.execute(sql).fetchall())
    assert {i for i, v in found.items() if v is not None} == {"p0", "p4"}
    facts = Facts(world.catalog, world.rows)
    for row in world.rows["person"]:
        assert value_of(value, facts, row, AS_OF) == found[row["_id"]]


def test_consent_cannot_be_asked_where_the_catalog_has_none() -> None:
    catalog = bank(consents=None).catalog
    assert codes(catalog, RICH, purpose="insurance") == ["no_consents"]


# ── {"user"} and conjunction ─────────────────────────────────────────────────────────────────────

SCOPE = {"field": "branch", "op": "eq", "value": {"user": "branch"}}
FIELDS = frozenset({"branch", "branches", "number"})


def test_the_user_is_put_in() -> None:
    world = bank()
    scope = check_rule(SCOPE, world.catalog, user_fields=FIELDS)
    with pytest.raises(ValueError, match="bound"):
        compile_rule(scope, world.catalog, AS_OF)
    bound = bind_user(scope, {"branch": "１０１"})
    facts = Facts(world.catalog, world.rows)
    assert evaluate(bound, facts, world.rows["person"][0], AS_OF).truth
    assert not evaluate(
        bind_user(scope, {"branch": "102"}), facts, world.rows["person"][0], AS_OF
    ).truth


@pytest.mark.parametrize("attributes", [{}, {"branch": None}, {"branch": ""}, {"branch": True}])
def test_a_missing_user_value_is_an_error(attributes: dict[str, object]) -> None:
    scope = check_rule({"not": SCOPE}, bank().catalog, user_fields=FIELDS)
    with pytest.raises(EnishiError) as denied:
        bind_user(scope, attributes)
    assert denied.value.code == "user_value_missing"


def test_a_user_may_have_several_values_and_numbers_as_text() -> None:
    world = bank()
    listed = {"field": "branch", "op": "in", "value": {"user": "branches"}}
    numbered = {"field": "no", "op": "eq", "value": {"user": "number"}}
    facts = Facts(world.catalog, world.rows)
    for json in (listed, numbered, {"related": "consents.person", "where": numbered}):
        rule = check_rule(json, world.catalog, user_fields=FIELDS)
        bound = bind_user(rule, {"branches": ["100", "101"], "number": "7"})
        assert evaluate(bound, facts, world.rows["person"][0], AS_OF).truth
        with world.database() as database:
            sql = compile_rule(bound, world.catalog, AS_OF)
            assert ("p0",) in database.execute(sql).fetchall()


def test_both() -> None:
    world = bank()
    scope = bind_user(check_rule(SCOPE, world.catalog, user_fields=FIELDS), {"branch": "101"})
    rich = check_rule(RICH, world.catalog, purpose="insurance")
    rule = both(rich, scope)
    assert rule.consent_added
    assert rule.purpose == "insurance"
    facts = Facts(world.catalog, world.rows)
    truth = [evaluate(rule, facts, row, AS_OF).truth for row in world.rows["person"]]
    assert truth == [True, False, False, False, True, False]


# ── behind segments and lists ────────────────────────────────────────────────────────────────────

BEHIND = frozenset({("person", "balance"), ("person", "pid"), ("gone", "field")})


def with_sets(fields: frozenset[tuple[str, str]] = BEHIND) -> World:
    world = bank()
    sets = FixedSets(
        {"rich": SegmentInfo("rich", Text("富裕層", "the rich"), "person", fields)},
        {"calls": ListInfo("calls", Text("架電", "calls"), "person", {}, fields)},
    )
    return World(replace(world.catalog, sets=sets), world.rows)


@pytest.mark.parametrize(("json", "ja"), [({"segment": "rich"}, "セグメント「富裕層」"),
                                          ({"list": "calls"}, "リスト「架電」")])  # fmt: skip
def test_a_field_behind_a_set_is_refused_with_the_set(json: dict[str, object], ja: str) -> None:
    catalog = with_sets().catalog
    kind = next(iter(json))
    for purpose in ("cards", None):
        with pytest.raises(Invalid) as refused:
            check_rule({"any": [json]}, catalog, purpose=purpose)
        (fault,) = refused.value.faults
        assert (fault.code, fault.path) == ("purpose_forbids", f"$.any[0].{kind}")
        assert ja in fault.message.ja
        assert f"the {kind}" in fault.message.en
    rule = check_rule(json, catalog, purpose="deposits")
    assert not rule.consent_added
    assert ("person", "balance") not in rule.fields


def test_a_consent_that_opens_what_is_behind_a_set_becomes_part_of_the_rule() -> None:
    world = with_sets()
    rule = check_rule({"segment": "rich"}, world.catalog, purpose="insurance")
    assert rule.consent_added
    stays = [{"set": "rich", "_id": f"p{i}", "entered_at": AS_OF, "left_at": None}
             for i in range(6)]  # fmt: skip
    facts = Facts(world.catalog, {**world.rows, SEGMENT_ROWS: stays})
    rich = check_rule(RICH, world.catalog, purpose="insurance")
    for row in world.rows["person"]:
        found = evaluate(rule, facts, row, AS_OF).truth
        assert found is evaluate(rich, facts, row, AS_OF).truth
    assert not check_rule({"segment": "rich"}, with_sets(frozenset()).catalog).consent_added
