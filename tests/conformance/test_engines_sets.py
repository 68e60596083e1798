"""Segments and lists on ClickHouse: the same stays as on DuckDB, cycle by cycle."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from engine_world import STEPS, open_teller
from enishi.book.access import OPERATOR
from enishi.warehouse.list_members import MOVES, STANDING, tell_moves, tell_standing
from enishi.warehouse.memberships import cycle
from enishi.warehouse.refresh_log import Change

START = datetime(2026, 4, 1, tzinfo=UTC)
PEOPLE = [f"p{n:03}" for n in range(40)]


@pytest.fixture(scope="module")
def tellers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets")
    found = [open_teller(folder / "duckdb"), open_teller(folder / "other", f"chdb://{folder}/ch")]
    for teller in found:
        STEPS["a first load"](teller)
    yield found
    for teller in found:
        teller.close()


def _rows(teller, table):
    with teller.engine.read() as question:
        rows = question.rows(f"SELECT * FROM {teller.engine.spelling.book(table)}")
    return sorted(rows, key=str)


def _among(teller, ids):
    """SQL that selects these ids, in the engine's own words."""
    text = teller.engine.spelling.text
    selects = [f"SELECT {text(one)} AS _id" for one in ids]
    return " UNION ALL ".join(selects) or f"SELECT {text('')} AS _id WHERE 1 = 0"


def _pass(teller, decided, at, number):
    """Two segments brought to who is in now; one whole, the other of touched people alone."""
    with cycle(teller.engine) as going:
        touched = decided["part"][1]
        going.touch([_among(teller, touched)] if touched else [])
        changes = []
        for name, (ids, _) in decided.items():
            going.decide(name, _among(teller, ids))
            whole = name == "whole"
            changes.append(Change(f"ref_{number}_{name}", name, 1, whole, {"person": "x"}))
        going.compare(changes)
        return [
            (one.segment, one.size, one.entered, one.left, one.touched)
            for one in going.apply(changes, at)
        ]


def test_segments_have_the_same_stays(tellers):
    draw = random.Random(5)
    for number in range(6):
        everybody = draw.sample(PEOPLE, draw.choice([0, 3, 20, 40]))
        touched = draw.sample(PEOPLE, draw.choice([0, 10]))
        part = draw.sample(touched, len(touched) // 2)
        decided = {"whole": (everybody, ()), "part": (part, touched)}
        at = START + timedelta(days=number)
        told = [_pass(teller, decided, at, number) for teller in tellers]
        assert told[0] == told[1]
        held = [_rows(teller, "memberships") for teller in tellers]
        assert held[0] == held[1]
    assert len(held[0]) > 60


def test_lists_have_the_same_members(tellers):
    at = START.replace(tzinfo=None)
    standings = [
        [("p001", "new", "open"), ("p002", "called", "working"), ("p003", "won", "won")],
        [("p002", "called", "working"), ("p003", "lost", "lost"), ("p004", "new", "open")],
    ]
    for number, rows in enumerate(standings):
        standing = pa.table(list(map(list, zip(*rows, strict=True))), schema=STANDING)
        for teller in tellers:
            tell_standing(teller.engine, "calls", standing, at + timedelta(days=number))
    moves = [
        {"list": "calls", "_id": person, "status": status, "means": means, "at": at}
        for person, status, means in [
            ("p002", "won", "won"), ("p004", "called", "working"), ("p002", "lost", "lost"),
            ("p009", "won", "won"),
        ]
    ]  # fmt: skip
    for teller in tellers:
        tell_moves(teller.engine, pa.Table.from_pylist(moves, MOVES))
    held = [_rows(teller, "list_members") for teller in tellers]
    assert held[0] == held[1]
    assert len(held[0]) == 8


HOSTILE = [
    "it's", "a\\", "\\'; DROP TABLE x; --", "x') OR 1=1 --", "?", "'?' ?", "${x}", "{x}", "%",
    "\\n", "\\x27", "'||(SELECT 1)||'", "a`b", 'a"b', '\\" x', "/*", "$$", "\\\\'",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_only_a_text_to_every_question(tellers, text):
    """As a segment, a refresh, a column, a name looked for, a salt; in the engine and the books."""
    told = []
    for teller in tellers:
        ask, given = teller.warehouse, {"actor": OPERATOR}
        shown = ask.who(
            {"all": []}, subject="person", columns={text: {"field": "branch"}}, order_by=text,
            limit=3, **given,
        )  # fmt: skip
        rule = {"any": [{"field": "name", "op": "contains", "value": text},
                        {"sample": {"percent": 50, "salt": text}}]}  # fmt: skip
        told.append(
            [
                shown.column_names,
                shown.column(text).to_pylist(),
                ask.count(rule, subject="person", **given)["count"],
                ask.search(text, 5, "person", **given)["total"],
                ask.segment_members(text, "person", text=text, **given)["total"],
                ask.segment_overlap([text, "part"], "person", **given)["total"],
                ask.segment_composition(text, "person", {"field": "born"}, **given)["total"],
                ask.segment_differences(text, "person", **given)["total"],
                ask.segment_counts({text: "person"}, **given),
                ask.segment_trend(text, "person", 2, **given)["sizes"][-1]["size"],
                ask.in_scope([text], **given),
            ]
        )
    assert told[0] == told[1]
    assert told[0][6:8] == [0, 0]


def test_a_part_is_replaced_alone(tellers):
    spelled = [teller.engine.spelling for teller in tellers]
    before = [_rows(teller, "list_members") for teller in tellers]
    given = pa.table({"_id": ["p1", "p2"]})
    for teller, spelling in zip(tellers, spelled, strict=True):
        at = spelling.instant(START)
        query = (
            f"SELECT {spelling.text('other')} AS list, _id, {spelling.text('new')} AS status,"
            f" {spelling.text('open')} AS means, {at} AS _from, NULL AS _to FROM _given"
        )
        teller.engine.replace_part("list_members", "other", query, {"_given": given})
    held = [_rows(teller, "list_members") for teller in tellers]
    assert held[0] == held[1]
    assert len(held[0]) == len(before[0]) + 2
    for teller, spelling in zip(tellers, spelled, strict=True):
        nobody = f"SELECT * FROM {spelling.book('list_members')} WHERE 1 = 0"
        teller.engine.replace_part("list_members", "other", nobody)
    assert [_rows(teller, "list_members") for teller in tellers] == before


def test_segments_of_rules_are_refreshed_inside_the_engine(tellers):
    from engine_world import CHANGED, RULES
    from enishi.rules import check_rule
    from enishi.segments.refreshing import Wish, refresh

    told: list[list[object]] = []
    for teller in tellers:
        seen: list[object] = []
        catalog = teller.world.catalog
        for number in range(3):
            wishes = [
                Wish(f"r{number}_{i}", f"rule_{i}", check_rule(rule, catalog), whole=number != 1)
                for i, rule in enumerate(RULES.values())
            ]
            outcomes = refresh(teller.engine, catalog, wishes, teller.world.clock())
            for one in outcomes:
                assert one.error is None, repr(one.error)
                assert one.stored is not None
                seen.append((one.wish.segment, one.stored.size, one.stored.entered,
                             one.stored.left, one.stored.moved, one.stored.missed))  # fmt: skip
            if number == 0:
                teller.later(1)
                teller.put(person=CHANGED, visit="id,person_id,at,what\n77,5,2026-04-01,x\n")
                teller.load("person")
                teller.load("visit")
            teller.later(1)
        rows = _rows(teller, "memberships")
        told.append([*seen, [row for row in rows if row[0].startswith("rule_")]])
    assert told[0] == told[1]
