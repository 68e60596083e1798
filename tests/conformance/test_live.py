"""Live memberships are what the compiled rules say, after every step: random rules, events, clocks.

Events come alone and in bursts, late and ahead of their time; files are loaded, hours pass, the
process begins anew, many are decided as sets, months end. In the end a full refresh finds nobody.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from enishi.live import core
from live_world import START, Live, live_world

EXAMPLES = 60 if os.environ.get("HYPOTHESIS_PROFILE") == "all" else 5
Json = dict[str, Any]


def _spans(*texts: str) -> st.SearchStrategy[str]:
    return st.sampled_from(texts)


def one_of(*texts: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(texts)


windows: st.SearchStrategy[Json] = st.one_of(
    st.builds(lambda span: {"last": span}, one_of("10m", "1h", "1d", "3d", "1w", "1mo")),
    st.builds(lambda name: {"calendar": name}, one_of(
        "today", "yesterday", "this_week", "this_month", "last_month", "this_fiscal_year")),
    st.just({"from": {"today": "-2d"}, "to": {"now": "-1h"}}),
    st.just({"from": {"now": "-31m"}, "to": {"now": "-30m"}}),
)  # fmt: skip
names = one_of("see", "buy", ["see", "buy"], "*", "Buy")
wheres = st.one_of(
    st.none(), one_of({"field": "amount", "op": "ge", "value": 5},
                      {"field": "order", "op": "eq", "value": "A"},
                      {"field": "ts", "op": "during", "value": {"last": "2d"}}),
)  # fmt: skip


@st.composite
def event_rules(draw: st.DrawFn) -> Json:
    rule: Json = {"event": draw(names)}
    where, during = draw(wheres), draw(st.none() | windows)
    rule |= {"where": where} if where is not None else {}
    rule |= {"during": during} if during is not None else {}
    return rule | draw(
        one_of(
            {}, {"op": "ge", "value": 2}, {"op": "eq", "value": 0},
            {"measure": {"sum": "amount"}, "op": "gt", "value": 6},
            {"measure": {"distinct": "ts.date"}, "op": "ge", "value": 2},
            {"measure": {"last": "ts"}, "op": "lt", "value": {"now": "-2h"}},
            {"measure": {"first": "ts"}, "op": "during", "value": {"last": "3d"}},
            {"measure": {"last": "order"}, "op": "eq", "value": "A"},
            {"measure": {"max": "amount"}, "op": "lt",
             "value": {"of": {"event": "see", "measure": {"sum": "amount"}}, "times": 2}},
        )
    )  # fmt: skip


sequences = one_of(
    {"sequence": [{"event": "see"}, {"event": "buy", "within": "1d"}]},
    {"sequence": [{"event": "see"}, {"no_event": "buy", "within": "2h"}]},
    {"sequence": [{"event": "see"}, {"no_event": "buy", "within": "1d"}, {"event": "see"}],
     "during": {"last": "3d"}},
    {"sequence": [{"event": "see"}, {"event": "buy"}], "same": "order", "during": {"last": "2d"}},
)  # fmt: skip
fields = one_of(
    {"field": "city", "op": "eq", "value": "東京"},
    {"field": "born.age", "op": "ge", "value": 36},
    {"field": "born", "op": "anniversary_during", "value": {"next": "2d"}},
    {"field": "city.since", "op": "during", "value": {"last": "1d"}},
    {"related": "accounts", "measure": {"sum": "balance"}, "op": "ge", "value": 50},
    {"related": "accounts", "where": {"field": "due", "op": "during", "value": {"next": "3d"}}},
    {"related": "accounts", "measure": {"min": "due"}, "op": "le", "value": {"today": "1d"}},
)


@st.composite
def memberships(draw: st.DrawFn, before: list[str]) -> Json:
    if not before:
        return draw(event_rules())
    slug = draw(st.sampled_from(before))
    of = {"field": "segment", "op": "eq", "value": slug}
    return draw(
        one_of(
            {"segment": slug}, {"segment": slug, "entered": {"last": "2h"}},
            {"segment": slug, "left": {"calendar": "today"}},
            {"event": "segment_left", "where": of, "during": {"last": "1d"}},
            {"event": ["segment_entered"], "where": of, "op": "ge", "value": 2},
        )
    )  # fmt: skip


@st.composite
def segments(draw: st.DrawFn) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for n in range(draw(st.integers(3, 7))):
        leaf = st.one_of(event_rules(), event_rules(), sequences, fields, memberships(list(found)))
        shape = draw(one_of("one", "one", "all", "any", "not"))
        rule: Json = draw(leaf)
        if shape in ("all", "any"):
            rule = {shape: [rule, draw(leaf)]}
        elif shape == "not":
            rule = {"all": [{"not": rule}, draw(leaf)]}
        found[f"s{n}"] = rule
    return found


did = st.tuples(
    st.integers(1, 4), one_of("see", "buy", "other"),
    one_of(0, 0, 0, -1, -90, -2880, -7200, 20, 3000),
    st.fixed_dictionaries({"amount": one_of(None, 3, 8), "order": one_of(None, "A", "a", "B")}),
)  # fmt: skip
steps = st.lists(
    st.one_of(
        st.tuples(st.just("later"), one_of(1, 10, 45, 60, 1440, 4500)),
        st.tuples(st.just("events"), st.lists(did, min_size=1, max_size=4)),
        st.tuples(st.just("events"), st.lists(did, min_size=1, max_size=2)),
        st.tuples(st.just("accounts"), st.dictionaries(
            st.integers(1, 3), st.tuples(st.integers(1, 4), one_of(0, 30, 60), one_of(
                "2026-10-02", "2026-10-04", "2026-11-01")), max_size=3)),
        st.tuples(st.just("people"), st.dictionaries(
            st.integers(1, 4), st.tuples(one_of("東京", "大阪"), one_of(
                "1990-10-03", "2000-02-29", "")), min_size=1, max_size=4)),
        st.just(("anew", None)),
        st.just(("whole", None)),
    ),
    min_size=4, max_size=14,
)  # fmt: skip
starts = one_of(START, START.replace(day=31, hour=14), START.replace(month=3, day=31, hour=14))


def take(live: Live, what: str, given: Any) -> None:
    event(what)
    if what == "later":
        live.later(minutes=given)
    elif what == "events":
        live.drain(
            [(n, name, live.now + timedelta(minutes=by), more) for n, name, by, more in given]
        )
    elif what == "anew":
        live.open()
        live.tick()
    elif what == "whole":
        assert [(o.stored.moved, o.stored.missed) for o in live.refresh() if o.stored] == (
            [(0, 0)] * len(live.rules)
        )
    else:
        getattr(live, what)(given)
        live.refresh(whole=False)


@pytest.mark.filterwarnings("ignore")
# A world takes a third of a second to make, so shrinking would take many minutes.
@settings(
    deadline=None, max_examples=EXAMPLES, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large,
                           HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(segments(), steps, starts, st.booleans(), st.booleans())
def test_live_is_what_the_rules_say(
    monkeypatch: pytest.MonkeyPatch,
    rules: dict[str, Json],
    story: list[Any],
    start: Any,
    sets: bool,
    whole: bool,
) -> None:
    with monkeypatch.context() as patch, TemporaryDirectory() as folder:
        if sets:
            patch.setattr(core, "MOST_PAIRS", 2)
        with live_world(Path(folder), rules, start=start) as live:
            if whole:
                live.engine.foresight.most = 0
            for what, given_ in story:
                take(live, what, given_)
                if whole:  # where very many change at once, it is in steps of a second
                    live.engine.mark()
                assert live.stored() == live.true(), (what, given_, live.engine.decided)
            take(live, "whole", None)
            in_order(live)


def in_order(live: Live) -> None:
    """Crossings are numbered in the order of their instants, and no stay ends before it begins."""
    instants = [at for _, _, _, at, _ in live.crossings()]
    assert instants == sorted(instants)
    turned = (
        "SELECT segment, entered_at, left_at FROM enishi.memberships WHERE left_at < entered_at"
    )
    assert live.world.rows(turned) == []


def test_who_is_made_due_again_comes_before_who_is_due_later(tmp_path: Path) -> None:
    """After three days without a look: her event appears, later she enters by it, and what ends
    after that was known to end from the start. Once all of `later` was decided before `enters`."""
    rules = {
        "enters": {"event": "*", "during": {"from": {"now": "-31m"}, "to": {"now": "-30m"}}},
        "later": {"field": "city.since", "op": "during", "value": {"last": "2h"}},
        "neither": {"all": [{"not": {"segment": "enters"}}, {"not": {"segment": "later"}}]},
    }
    with live_world(tmp_path, rules) as live:
        live.drain([(3, "other", START + timedelta(minutes=20), {})])
        live.later(days=3)
        in_order(live)
        assert [(slug, event, str(at.time())) for who, slug, event, at, _ in live.crossings()
                if who == 3] == [
            ("enters", "segment_entered", "03:50:00.000001"),
            ("enters", "segment_left", "03:51:00.000001"),
            ("later", "segment_left", "05:00:00"),
            ("neither", "segment_entered", "05:00:00"),
        ]  # fmt: skip


def test_who_is_due_because_of_a_crossing_comes_before_who_is_due_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it inside one transaction: that of an event which comes after three days."""
    monkeypatch.setattr(core, "MOST_DUE", 1)
    left = {"field": "segment", "op": "eq", "value": "first"}
    rules = {
        "first": {"event": "see", "during": {"last": "2h"}},
        "after": {"event": "segment_left", "where": left, "during": {"last": "30m"}},
        "last": {"event": "see", "during": {"last": "3h"}},
    }
    with live_world(tmp_path, rules) as live:
        live.does(3, "see")
        live.world.clock.advance(timedelta(days=3))
        live.does(1, "other", tick=False)
        in_order(live)
        assert [(slug, str(at.time())) for _, slug, event, at, _ in live.crossings()
                if event == "segment_left"] == [
            ("first", "05:00:00"), ("after", "05:30:00"), ("last", "06:00:00"),
        ]  # fmt: skip
