"""Memberships: an incremental refresh leaves exactly what a full one would, whatever is loaded.

The oracle is `compile_rule` over everybody at the same instant. People, accounts that change their
owner or go, branches and events are loaded in random steps; after each the touched people alone are
decided, and what is stored must be what is true. Where time has passed as well, a full refresh must
find nobody `missed`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from enishi.catalog.sets import FixedSets, SegmentInfo
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.rules import check_rule
from enishi.segments.ranking import compile_segment, read_rank
from enishi.segments.refreshing import Outcome, Wish, refresh
from loading_world import World, make_world

CATALOG = """
datasets:
  person:
    kind: versioned
    subject: person
    key: id
    source: {files: "person.csv", removes: true}
    fields: {id: {type: integer}, city: {type: string}, branch: {type: integer}}
  branch:
    kind: current
    key: id
    source: {files: "branch.csv"}
    fields: {id: {type: integer}, area: {type: string}}
  account:
    kind: current
    key: id
    source: {files: "account.csv", removes: true}
    fields: {id: {type: integer}, person: {type: integer}, balance: {type: integer}}
  event:
    kind: event
    key: id
    time: {field: ts}
    event: {name_field: name, of: {person: events}}
    source: {files: "event.csv"}
    fields: {id: {type: integer}, person: {type: integer}, ts: {type: timestamp},
             name: {type: string}, amount: {type: integer}}
relations:
  - {from: person.branch, to: branch.id, name: home, inverse: people}
  - {from: account.person, to: person.id, name: owner, inverse: accounts}
  - {from: event.person, to: person.id, name: actor, inverse: events}
"""
SUM = {"related": "accounts", "measure": {"sum": "balance"}}
RULES: dict[str, Any] = {
    "city": {"field": "city", "op": "eq", "value": "東京"},
    "area": {"field": "home.area", "op": "eq", "value": "北"},
    "rich": SUM | {"op": "ge", "value": 50},
    "poor": {"not": {"related": "accounts"}},
    "buyers": {"event": "buy", "during": {"last": "3d"}, "op": "ge", "value": 2},
    "ever": {"event": "buy", "measure": {"sum": "amount"}, "op": "gt", "value": 5},
    "since": {"field": "city.since", "op": "during", "value": {"last": "2d"}},
    "then": {"sequence": [{"event": "see"}, {"event": "buy", "within": "2d"}]},
    "quiet": {"sequence": [{"event": "see"}, {"no_event": "buy", "within": "1d"}]},
    "both": {"all": [{"segment": "rich"}, {"not": {"segment": "buyers"}}]},
    "came": {"segment": "rich", "entered": {"last": "2d"}},
}
RANKED: dict[str, Any] = {
    "top": {"value": SUM, "n": 2},
    "best-of-branch": {"value": SUM, "n": 1, "group": {"field": "branch"}},
}
ANYBODY = {"field": "id", "op": "is_set"}
EXAMPLES = 100 if os.environ.get("HYPOTHESIS_PROFILE") == "all" else 6
START = datetime(2026, 10, 1, 3, tzinfo=UTC)

people = st.dictionaries(
    st.integers(1, 6),
    st.tuples(st.sampled_from(["東京", "大阪", ""]), st.sampled_from(["1", "2", ""])),
    max_size=6,
)
accounts = st.dictionaries(
    st.integers(1, 5), st.tuples(st.integers(1, 6), st.sampled_from([0, 30, 60])), max_size=5
)
events = st.lists(
    st.tuples(st.integers(1, 6), st.integers(-72, 0), st.sampled_from(["see", "buy"])), max_size=4
)
areas = st.sampled_from(["北", "南"])
steps = st.lists(
    st.tuples(
        st.one_of(st.none(), people), st.one_of(st.none(), accounts), events,
        st.one_of(st.none(), areas), st.sampled_from([0, 0, 5, 30]),
    ),
    min_size=2,
    max_size=5,
)  # fmt: skip


@dataclass
class Bank:
    """A world with segments; `at` is the instant of the last refresh."""

    world: World
    happened: list[tuple[int, int, datetime, str]] = field(default_factory=list)

    def write(self, of: Any, held: Any, new: Any, area: Any) -> None:
        world = self.world
        if of is not None:
            rows = [f"{n},{city},{branch}" for n, (city, branch) in sorted(of.items())]
            world.put("person.csv", "id,city,branch\n" + "\n".join(rows) + "\n")
        if held is not None:
            rows = [f"{n},{owner},{balance}" for n, (owner, balance) in sorted(held.items())]
            world.put("account.csv", "id,person,balance\n" + "\n".join(rows) + "\n")
        for person, back, name in new:
            at = world.clock.now + timedelta(hours=back)
            self.happened.append((len(self.happened), person, at, name))
        rows = [f"{n},{p},{at.isoformat()},{name},3" for n, p, at, name in self.happened]
        world.put("event.csv", "id,person,ts,name,amount\n" + "\n".join(rows) + "\n")
        if area is not None:
            world.put("branch.csv", f"id,area\n1,{area}\n2,南\n")

    def load(self) -> None:
        for name in ("branch", "person", "account", "event"):
            assert self.world.load(name).state == "loaded"

    def wishes(self, *, whole: bool) -> list[Wish]:
        catalog = self.world.catalog
        found = []
        for slug, rule in (RULES | dict.fromkeys(RANKED, ANYBODY)).items():
            checked = check_rule(rule, catalog, subject="person")
            kind = "one_per_group" if slug == "best-of-branch" else "ranked"
            rank = (
                read_rank(kind, RANKED[slug], catalog, "person", None) if slug in RANKED else None
            )
            found.append(
                Wish(
                    new_id("r"), slug, checked, rank, 1, whole, checked.segments, checked.lists
                )
            )  # fmt: skip
        return found

    def refresh(self, *, whole: bool) -> list[Outcome]:
        self.world.clock.advance(timedelta(microseconds=10))
        done = refresh(
            self.world.engine, self.world.catalog, self.wishes(whole=whole), self.world.clock.now
        )
        for one in done:
            if one.error is not None:
                raise one.error
        return done

    def stored(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {slug: set() for slug in (*RULES, *RANKED)}
        sql = "SELECT segment, _id FROM enishi.memberships WHERE left_at IS NULL"
        for segment, one in self.world.rows(sql):
            assert one not in found[segment], "two open stays of one person"
            found[segment].add(one)
        return found

    def true(self) -> dict[str, set[str]]:
        """Who is in each segment now, asked of everybody."""
        return {
            wish.segment: {
                row[0]
                for row in self.world.rows(
                    compile_segment(wish.rule, wish.rank, self.world.catalog, self.world.clock.now)
                )
            }
            for wish in self.wishes(whole=True)
        }


def make_bank(root: Path) -> Bank:
    world = make_world(root, CATALOG)
    sets = {slug: SegmentInfo(slug, Text(slug, slug), "person") for slug in (*RULES, *RANKED)}
    world.catalog = replace(world.catalog, sets=FixedSets(sets))
    world.clock.now = START
    bank = Bank(world)
    bank.write({1: ("東京", "1"), 2: ("大阪", "2")}, {1: (1, 60)}, [(1, -5, "buy")], "北")
    bank.load()
    bank.refresh(whole=True)
    return bank


@pytest.mark.filterwarnings("ignore")
# Loading takes a tenth of a second, so shrinking would take many minutes.
@settings(deadline=None, max_examples=EXAMPLES, phases=[Phase.explicit, Phase.generate])
@given(steps)
def test_incremental_is_full(story: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        bank = make_bank(Path(folder))
        try:
            for of, held, new, area, hours in story:
                bank.world.clock.advance(timedelta(hours=hours, minutes=1))
                bank.write(of, held, new, area)
                bank.load()
                bank.refresh(whole=False)
                found = bank.refresh(whole=True)
                assert {o.wish.segment: o.stored.missed for o in found if o.stored} == (
                    dict.fromkeys([*RULES, *RANKED], 0)
                )
                assert bank.stored() == bank.true()
                bank.write(None, None, [(1, 0, "buy"), (2, -1, "see")], None)
                bank.load()
                bank.refresh(whole=False)
                # No window has had time to move: what is stored is the truth itself.
                assert bank.stored() == bank.true()
        finally:
            bank.world.engine.close()


def test_what_a_refresh_missed_is_found_and_named(tmp_path: Path) -> None:
    """The negative control: memberships that are wrong are counted as missed, not as moved."""
    bank = make_bank(tmp_path)
    with bank.world.engine.write() as writer:
        writer.execute("DELETE FROM enishi.memberships WHERE segment = 'city'")
    found = {one.wish.segment: one.stored for one in bank.refresh(whole=True)}
    city, rich = found["city"], found["rich"]
    assert city is not None
    assert rich is not None
    assert (city.missed, city.moved, city.entered, city.size) == (1, 0, 1, 1)
    assert (rich.missed, rich.moved) == (0, 0)
    assert bank.world.rows("SELECT segment, cause, was_in FROM enishi.membership_differences") == [
        ("city", "missed", False)
    ]
    bank.world.engine.close()


def test_time_alone_moves_people_and_is_named_so(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    bank.write(None, None, [(2, -1, "buy"), (2, -2, "buy")], None)
    bank.load()
    incremental = {one.wish.segment: one.stored for one in bank.refresh(whole=False)}
    buyers = incremental["buyers"]
    assert buyers is not None
    assert (buyers.entered, buyers.touched, buyers.whole) == (1, 1, False)
    bank.world.clock.advance(timedelta(days=4))
    later = {one.wish.segment: one.stored for one in bank.refresh(whole=True)}
    buyers = later["buyers"]
    assert buyers is not None
    assert (buyers.moved, buyers.missed, buyers.left) == (1, 0, 1)
    bank.world.engine.close()


def test_who_rises_in_a_rank_pushes_others_out(tmp_path: Path) -> None:
    """Those pushed out are untouched by what was loaded; nor have they been missed."""
    bank = make_bank(tmp_path)
    balances = {1: (1, 60), 2: (2, 50), 3: (3, 40)}
    bank.write(dict.fromkeys(range(1, 5), ("東京", "1")), balances, [], None)
    bank.load()
    bank.refresh(whole=True)
    bank.write(None, balances | {4: (4, 99)}, [], None)
    bank.load()
    found = {one.wish.segment: one.stored for one in bank.refresh(whole=False)}
    assert bank.stored() == bank.true()
    top = found["top"]
    assert top is not None
    assert (top.size, top.entered, top.left, top.moved, top.missed) == (2, 1, 1, 0, 0)
    bank.world.engine.close()


@pytest.mark.parametrize(("name", "slug"), [("account", "rich"), ("event", "once")])
def test_who_is_in_no_row_of_a_dataset_loaded_anew_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, slug: str
) -> None:
    monkeypatch.setitem(RULES, "once", {"event": "buy"})
    bank = make_bank(tmp_path)
    assert bank.stored()[slug]
    bank.world.put("account.csv", "id,person,balance\n7,2,10\n")
    bank.world.put("event.csv", f"id,person,ts,name,amount\n9,2,{START.isoformat()},see,3\n")
    assert bank.world.load(name, rebuild=True).state == "loaded"
    bank.refresh(whole=False)
    assert bank.stored() == bank.true()
    assert not bank.stored()[slug]
    bank.world.engine.close()
