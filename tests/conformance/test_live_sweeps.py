"""Nobody whom time changes is missing from a sweep: random catalogs, data, rules and spans.

The oracle is `evaluate` at both ends of a span and at every edge in it: who answers differently
must be among those named. The negative control sweeps with the movers of another rule.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import event, given
from hypothesis import strategies as st
from rules_rules import rules
from rules_worlds import Scene, scenes

from enishi.live.movers import movers_of
from enishi.live.sweeps import sweep
from enishi.rules import CheckedRule, Facts, check_rule, evaluate
from enishi.warehouse.spelling import Spelling


@st.composite
def spans(draw: st.DrawFn) -> tuple[Scene, dict[str, object], datetime, datetime]:
    scene = draw(scenes())
    json = draw(rules(scene, draw(st.sampled_from([3, 2, 1]))))
    start = draw(st.sampled_from(scene.instants))
    lengths = [timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1), timedelta(days=40)]
    return scene, json, start, start + draw(st.sampled_from(lengths))


def named(scene: Scene, rule: CheckedRule, start: datetime, end: datetime) -> set[str]:
    found: set[str] = set()
    with scene.world.database() as database:
        for mover in movers_of(rule, scene.catalog):
            sql = sweep(mover, rule.subject, start, end, scene.catalog, Spelling())
            if sql is not None:
                found |= {row[0] for row in database.execute(sql).fetchall()}
    return found


@given(spans())
def test_nobody_whom_time_changes_is_missing(
    case: tuple[Scene, dict[str, object], datetime, datetime],
) -> None:
    scene, json, start, end = case
    rule = check_rule(json, scene.catalog, subject="person")
    facts = Facts(scene.catalog, scene.world.rows)
    people = {str(row["_id"]): row for row in scene.world.rows["person"]}
    instants = [start, end, *(i for i in scene.instants if start < i < end)]
    changed = set()
    for one, row in people.items():
        answers = {evaluate(rule, facts, row, instant).truth for instant in instants}
        if len(answers) > 1:
            changed.add(one)
    event("somebody changes" if changed else "nobody changes")
    assert changed <= named(scene, rule, start, end)
