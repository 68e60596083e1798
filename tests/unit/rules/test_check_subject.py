"""What is refused of sequences, memberships and samples, where, and what is proposed instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rules_shop import AS_OF, shop

from enishi.catalog.sets import FixedSets, SegmentInfo
from enishi.kernel.errors import EnishiError, Invalid
from enishi.kernel.text import Text
from enishi.rules import bind_user, both, check_rule, check_value, compile_rule, needed
from enishi.rules.read import MAX_STEPS

CATALOG = shop().catalog
A, B = {"event": "cart"}, {"event": "pay"}


def refusal(json: object, catalog: object = CATALOG, **more: object) -> Invalid:
    with pytest.raises(Invalid) as refused:
        check_rule(json, catalog, subject="person", **more)  # type: ignore[arg-type]
    return refused.value


def seq(*steps: object, **more: object) -> dict[str, object]:
    return {"sequence": list(steps)} | more


def sample(**parts: object) -> dict[str, object]:
    return {"sample": parts}


REFUSED: list[tuple[object, str, str]] = [
    # ── sequences ─────────────────────────────────────────────────────────────────────────────
    (seq(), "wrong_shape", "$.sequence"),
    ({"sequence": A}, "wrong_shape", "$.sequence"),
    (seq(A, "pay"), "wrong_shape", "$.sequence[1]"),
    (seq(A, {"where": {"all": []}}), "wrong_shape", "$.sequence[1]"),
    (seq(A, {"event": "pay", "no_event": "pay"}), "wrong_shape", "$.sequence[1]"),
    (seq(A, {"event": []}), "wrong_shape", "$.sequence[1].event"),
    (seq(A, {"no_event": 1, "within": "1d"}), "wrong_shape", "$.sequence[1].no_event"),
    (seq(A, B | {"whithin": "1d"}), "unknown_key", "$.sequence[1].whithin"),
    (seq(A, B, durnig={"last": "1d"}), "unknown_key", "$.durnig"),
    (seq(A | {"within": "1d"}, B), "within_on_first", "$.sequence[0].within"),
    (seq({"no_event": "cart", "within": "1d"}, B), "first_is_absent", "$.sequence[0].no_event"),
    (seq(A, {"no_event": "pay"}), "within_missing", "$.sequence[1]"),
    (seq(A, B | {"within": "1mo"}), "within_by_calendar", "$.sequence[1].within"),
    (seq(A, B | {"within": "2y"}), "within_by_calendar", "$.sequence[1].within"),
    (seq(A, B | {"within": "0d"}), "bad_duration", "$.sequence[1].within"),
    (seq(A, B | {"within": "-1d"}), "bad_duration", "$.sequence[1].within"),
    (seq(A, B | {"within": "+1d"}), "bad_duration", "$.sequence[1].within"),
    (seq(A, B | {"within": 3}), "bad_duration", "$.sequence[1].within"),
    (seq(A, B, during={"last": "0d"}), "bad_duration", "$.during.last"),
    (seq(A, {"event": "visit"}, during={"last": "5h"}), "hours_on_a_date", "$.during.last"),
    (seq(A, B, same="ordre"), "unknown_field", "$.same"),
    (seq(A, B, same=""), "wrong_shape", "$.same"),
    (seq(A, B, same=["order"]), "wrong_shape", "$.same"),
    (seq(A, B, same="marks"), "wrong_type", "$.same"),
    (seq(A, {"event": "*"}, same="amount"), "types_differ", "$.same"),
    (seq(A, B | {"where": {"field": "ordre", "op": "is_set"}}), "unknown_field",
     "$.sequence[1].where.field"),
    (seq(A, B | {"where": {"event": "pay"}}), "event_inside_where", "$.sequence[1].where.event"),
    (seq(A, B | {"where": seq(A)}), "sequence_inside_where", "$.sequence[1].where.sequence"),
    (seq(*[A] * (MAX_STEPS + 1)), "too_many", "$.sequence"),
    # ── segments and lists ────────────────────────────────────────────────────────────────────
    ({"segment": "vipp"}, "unknown_segment", "$.segment"),
    ({"segment": ["vip"]}, "unknown_segment", "$.segment"),
    ({"segment": "firms"}, "other_subject", "$.segment"),
    ({"segment": "vip", "entered": {"last": "1d"}, "left": {"last": "1d"}}, "entered_and_left",
     "$"),
    ({"segment": "vip", "entered": "1d"}, "wrong_shape", "$.entered"),
    ({"segment": "vip", "left": {"last": "1q"}}, "bad_duration", "$.left.last"),
    ({"segment": "vip", "status": ["new"]}, "unknown_key", "$.status"),
    ({"list": "cals"}, "unknown_list", "$.list"),
    ({"list": "calls", "status": ["dome"]}, "unknown_status", "$.status[0]"),
    ({"list": "calls", "status": []}, "wrong_shape", "$.status"),
    ({"list": "calls", "status": "done"}, "wrong_shape", "$.status"),
    ({"list": "calls", "entered": {"last": "1d"}}, "unknown_key", "$.entered"),
    ({"related": "visits", "where": {"segment": "vip"}}, "segment_inside_where",
     "$.where.segment"),
    ({"event": "cart", "where": {"not": {"list": "calls"}}}, "list_inside_where",
     "$.where.not.list"),
    # ── samples ───────────────────────────────────────────────────────────────────────────────
    (sample(percent=10), "wrong_shape", "$.sample"),
    ({"sample": 10}, "wrong_shape", "$.sample"),
    (sample(percent=10, salt="x", seed=1), "unknown_key", "$.sample.seed"),
    (sample(percent=101, salt="x"), "wrong_type", "$.sample.percent"),
    (sample(percent=-1, salt="x"), "wrong_type", "$.sample.percent"),
    (sample(percent="10", salt="x"), "wrong_type", "$.sample.percent"),
    (sample(percent=True, salt="x"), "wrong_type", "$.sample.percent"),
    (sample(percent=float("nan"), salt="x"), "wrong_type", "$.sample.percent"),
    (sample(percent=10, salt=""), "wrong_type", "$.sample.salt"),
    (sample(percent=10, salt=1), "wrong_type", "$.sample.salt"),
    ({"event": "cart", "where": sample(percent=1, salt="x")}, "sample_inside_where",
     "$.where.sample"),
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


def test_the_faults_of_all_steps_come_at_once() -> None:
    faults = refusal(seq(A | {"within": "1d"}, {"no_event": "pay"}, B | {"within": "1y"})).faults
    assert [fault.path for fault in faults] == [
        "$.sequence[0].within", "$.sequence[1]", "$.sequence[2].within",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("json", "remedy"),
    [
        ({"segment": "vipp"}, "Did you mean `vip`?"),
        ({"segment": "休眠顧客"}, "Did you mean `dormant`?"),
        ({"list": "calles"}, "Did you mean `calls`?"),
        ({"list": "calls", "status": ["未着手"]}, "Did you mean `new`?"),
        (seq(A, B | {"within": "2mo"}), 'Write days, for example "60d".'),
        ({"sequnce": []}, "Did you mean `sequence`?"),
        ({"segment": "vip", "entred": {"last": "1d"}}, "Did you mean `entered`?"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_was_meant_is_proposed(json: object, remedy: str) -> None:
    assert refusal(json).faults[0].remedy.en == remedy


def test_hours_between_dates_are_a_warning() -> None:
    asked = check_rule(seq(A, {"event": "visit", "within": "3h"}), CATALOG, subject="person")
    assert [(w.code, w.path) for w in asked.warnings] == [
        ("hours_on_a_date", "$.sequence[1].within")
    ]
    assert not check_rule(seq(A, B | {"within": "3h"}), CATALOG, subject="person").warnings


def test_an_event_never_seen_is_a_warning_at_its_step() -> None:
    known = frozenset({"cart", "pay"})
    (warning,) = check_rule(
        seq(A, {"no_event": "pya", "within": "1d"}),
        CATALOG,
        subject="person",
        known_events=lambda: known,
    ).warnings
    assert (warning.code, warning.path) == ("event_never_seen", "$.sequence[1].no_event")


def test_a_sample_of_nobody_is_a_warning() -> None:
    (warning,) = check_rule(sample(percent=0, salt="x"), CATALOG, subject="person").warnings
    assert (warning.code, warning.path) == ("never_true", "$.sample.percent")


def test_what_a_rule_leans_on() -> None:
    rule = check_rule(
        {"all": [seq(A, B, same="order", during={"last": "1y"}), {"segment": "vip"},
                 {"not": {"list": "calls"}}]},
        CATALOG, subject="person",
    )  # fmt: skip
    assert rule.datasets == {"person", "web"}
    assert {("web", "order"), ("web", "at"), ("web", "name")} <= rule.fields
    assert (rule.segments, rule.lists) == ({"vip"}, {"calls"})
    assert [way[-1].target for way in needed(rule)] == ["web"]
    other = check_rule({"segment": "dormant"}, CATALOG, subject="person")
    assert both(rule, other).segments == {"vip", "dormant"}
    assert both(rule, other).lists == {"calls"}


def test_memberships_are_of_subjects_alone() -> None:
    with pytest.raises(Invalid):
        check_value({"segment": "vip"}, CATALOG, subject="person")


def test_such_rules_are_audiences() -> None:
    for json in (seq(A), {"segment": "vip"}, {"list": "calls"}, sample(percent=10, salt="x")):
        check_rule(json, CATALOG, subject="person", audience=True)


def test_the_user_is_put_into_the_conditions_of_steps() -> None:
    where = {"field": "order", "op": "in", "value": {"user": "orders"}}
    json = seq(A | {"where": where}, {"no_event": "pay", "where": where, "within": "1d"})
    rule = check_rule(json, CATALOG, subject="person", user_fields=frozenset({"orders"}))
    with pytest.raises(ValueError, match="orders"):
        compile_rule(rule, CATALOG, AS_OF)
    bound = bind_user(rule, {"orders": ["o1", "o2"]})
    plain = where | {"value": ["o1", "o2"]}
    assert bound.json == seq(A | {"where": plain}, {"no_event": "pay", "where": plain,
                                                    "within": "1d"})  # fmt: skip
    assert compile_rule(bound, CATALOG, AS_OF)
    with pytest.raises(EnishiError):
        bind_user(rule, {})


# ── cycles ───────────────────────────────────────────────────────────────────────────────────────


def leaning(**uses: set[str]) -> object:
    """A catalog whose segments use others; each is given all that it leans on."""
    segments = {
        slug: SegmentInfo(slug, Text(f"{slug}組", slug), "person", uses=frozenset(used))
        for slug, used in uses.items()
    }
    return replace(CATALOG, sets=FixedSets(segments))


def test_a_segment_that_names_itself_is_refused() -> None:
    (fault,) = refusal({"any": [{"segment": "a"}]}, leaning(a=set()), within="a").faults
    assert (fault.code, fault.path) == ("cycle", "$.any[0].segment")
    assert fault.message.en.endswith("a → a.")


def test_a_new_segment_that_names_itself_is_refused() -> None:
    (fault,) = refusal({"segment": "new"}, leaning(a=set()), within="new").faults
    assert fault.code == "cycle"


def test_a_way_back_through_others_is_told() -> None:
    catalog = leaning(a={"d"}, b={"c", "a", "d"}, c={"a", "d"}, d=set(), e={"a", "d"})
    (fault,) = refusal({"not": {"segment": "b"}}, catalog, within="a").faults
    assert (fault.code, fault.path) == ("cycle", "$.not.segment")
    assert fault.message.en.endswith("a → b → c → a.")
    assert fault.message.ja.endswith("a組 → b組 → c組 → a組")
    check_rule({"segment": "d"}, catalog, subject="person", within="a")  # type: ignore[arg-type]
    check_rule({"segment": "b"}, catalog, subject="person", within="e")  # type: ignore[arg-type]
