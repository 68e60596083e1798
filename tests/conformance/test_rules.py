"""Three executions, one meaning: random catalogs, data and rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import assume, event, given
from hypothesis import strategies as st
from rules_near import near
from rules_rules import rules, values
from rules_worlds import Scene, scenes

from enishi.kernel.errors import Invalid
from enishi.rules import (
    CheckedRule,
    Facts,
    Moment,
    check_rule,
    check_value,
    compile_rule,
    compile_view,
    decide,
    describe,
    evaluate,
    value_of,
)


def _subjects(scene: Scene) -> dict[str, dict[str, object]]:
    """One row of each subject, whichever version comes first."""
    found: dict[str, dict[str, object]] = {}
    for row in scene.world.rows["person"]:
        found.setdefault(str(row["_id"]), row)
    return found


def _true_of(scene: Scene, rule: CheckedRule, at: datetime) -> set[str]:
    facts = Facts(scene.catalog, scene.world.rows)
    rows = _subjects(scene)
    return {i for i, row in rows.items() if evaluate(rule, facts, row, at).truth}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Scene, dict[str, object]]:
    scene = draw(scenes())
    return scene, draw(rules(scene, draw(st.sampled_from([3, 3, 3, 1, 5]))))


@given(cases())
def test_sql_selects_exactly_those_of_whom_the_rule_is_true(
    case: tuple[Scene, dict[str, object]],
) -> None:
    scene, json = case
    rule = check_rule(json, scene.catalog, subject="person")
    expected = _true_of(scene, rule, scene.as_of)
    everybody = set(_subjects(scene))
    event("some" if expected and expected != everybody else "all or none")
    with scene.world.database() as database:
        found = database.execute(compile_rule(rule, scene.catalog, scene.as_of)).fetchall()
    assert sorted(i for (i,) in found) == sorted(expected)


@st.composite
def valued(draw: st.DrawFn) -> tuple[Scene, list[dict[str, object]]]:
    scene = draw(scenes())
    return scene, draw(st.lists(values(scene), min_size=1, max_size=3))


@given(valued())
def test_a_view_shows_the_values_that_evaluate_finds(
    case: tuple[Scene, list[dict[str, object]]],
) -> None:
    scene, jsons = case
    columns = {
        f"c{i}": check_value(json, scene.catalog, subject="person") for i, json in enumerate(jsons)
    }
    facts = Facts(scene.catalog, scene.world.rows)
    everybody = check_rule({"all": []}, scene.catalog, subject="person")
    expected = {
        i: [_plain(value_of(c, facts, row, scene.as_of)) for c in columns.values()]
        for i, row in _subjects(scene).items()
        if evaluate(everybody, facts, row, scene.as_of).truth
    }
    sql = compile_view(scene.catalog, "person", None, columns, scene.as_of)
    chosen = sorted(expected)[:1]
    few = compile_view(scene.catalog, "person", everybody, columns, scene.as_of, "chosen")
    with scene.world.database() as database:
        found = {r[0]: [_plain(v) for v in r[1:]] for r in database.execute(sql).fetchall()}
        database.execute("CREATE TABLE chosen (_id VARCHAR)")
        database.executemany("INSERT INTO chosen VALUES (?)", [[i] for i in chosen or ["nobody"]])
        narrowed = {r[0]: [_plain(v) for v in r[1:]] for r in database.execute(few).fetchall()}
    assert found == expected
    assert narrowed == {i: expected[i] for i in chosen}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return list(value) if isinstance(value, tuple) else value


@given(cases(), st.data())
def test_an_answer_holds_until_valid_until(
    case: tuple[Scene, dict[str, object]], data: st.DataObject
) -> None:
    scene, json = case
    rule = check_rule(json, scene.catalog, subject="person")
    facts = Facts(scene.catalog, scene.world.rows)
    row = data.draw(st.sampled_from(list(_subjects(scene).values())))
    answer = evaluate(rule, facts, row, scene.as_of)
    until = answer.valid_until
    assert until is None or until > scene.as_of
    far = until or scene.as_of + timedelta(days=4000)
    last = int((far - scene.as_of) / timedelta(microseconds=1)) - 1
    assume(last > 0)
    offsets = [last, *data.draw(st.lists(st.integers(1, last), max_size=4))]
    instants = [scene.as_of + timedelta(microseconds=offset) for offset in offsets]
    instants += [i for i in scene.instants if scene.as_of < i < far]
    for instant in instants:
        assert evaluate(rule, facts, row, instant).truth is answer.truth, instant


@given(cases(), st.data())
def test_deciding_up_to_a_horizon_finds_what_evaluate_finds(
    case: tuple[Scene, dict[str, object]], data: st.DataObject
) -> None:
    scene, json = case
    rule = check_rule(json, scene.catalog, subject="person")
    facts = Facts(scene.catalog, scene.world.rows)
    later = [i for i in scene.instants if i > scene.as_of]
    horizon = data.draw(st.sampled_from([*later, scene.as_of + timedelta(hours=1)]))
    moment = Moment(scene.catalog, scene.as_of, horizon)
    for row in _subjects(scene).values():
        answer = evaluate(rule, facts, row, scene.as_of)
        truth, until = decide(rule, facts, row, moment)
        assert truth is answer.truth
        assert until is None or until > scene.as_of
        for instant in scene.instants:
            same = instant <= horizon if moment.beyond(until) else instant < (until or horizon)
            if instant > scene.as_of and same:
                assert evaluate(rule, facts, row, instant).truth is truth, instant


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Scene, dict[str, object], dict[str, object]]:
    scene = draw(scenes())
    return scene, draw(rules(scene, depth=2)), draw(rules(scene, depth=2))


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Scene, dict[str, object], list[CheckedRule]]:
    """A rule, and those of a few small changes to it that are rules too."""
    scene = draw(scenes())
    json = draw(rules(scene, depth=2))
    found = []
    for changed in draw(st.lists(near(json), min_size=6, max_size=6)):
        try:
            found.append(check_rule(changed, scene.catalog, subject="person"))
        except Invalid:
            event("no longer a rule")
    return scene, json, found


@given(neighbours())
def test_a_small_difference_can_be_read(
    case: tuple[Scene, dict[str, object], list[CheckedRule]],
) -> None:
    scene, json, others = case
    rule = check_rule(json, scene.catalog, subject="person")
    for locale in ("ja", "en"):
        said = describe(rule, scene.catalog, locale)
        for other in others:
            same = describe(other, scene.catalog, locale) == said
            assert same is (other.json == rule.json), (said, rule.json, other.json)


@given(pairs())
def test_different_rules_never_read_the_same(
    case: tuple[Scene, dict[str, object], dict[str, object]],
) -> None:
    scene, first, second = case
    a, b = (check_rule(json, scene.catalog, subject="person") for json in (first, second))
    for locale in ("ja", "en"):
        said = [describe(rule, scene.catalog, locale) for rule in (a, b)]
        assert all(said)
        assert (said[0] == said[1]) is (a.json == b.json)


@given(cases())
def test_canonical_json_means_the_same(case: tuple[Scene, dict[str, object]]) -> None:
    scene, json = case
    rule = check_rule(json, scene.catalog, subject="person")
    again = check_rule(rule.json, scene.catalog, subject="person")
    assert again.json == rule.json
    assert describe(again, scene.catalog, "ja") == describe(rule, scene.catalog, "ja")
    assert _true_of(scene, again, scene.as_of) == _true_of(scene, rule, scene.as_of)
