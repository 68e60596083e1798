"""Sequences, memberships and samples by hand: a rule, an instant, and who it is true of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest
from rules_bank import jst
from rules_shop import AS_OF, EVERYBODY, shop

from enishi.rules import Facts, check_rule, compile_rule, evaluate
from rules_world import World

Json = dict[str, object]


def s(*steps: object, **more: object) -> Json:
    """A sequence; a step is the name of an event, or the whole step."""
    return {"sequence": [{"event": x} if isinstance(x, str) else x for x in steps]} | more


def e(name: object, within: str | None = None, **more: object) -> Json:
    return {"event": name} | ({} if within is None else {"within": within}) | more


def no(name: object, within: str, **more: object) -> Json:
    return {"no_event": name, "within": within} | more


def f(path: str, op: str, *value: object) -> Json:
    return {"field": path, "op": op} | ({"value": value[0]} if value else {})


def seg(slug: str = "vip", **more: object) -> Json:
    return {"segment": slug} | more


def sample(percent: object, salt: str = "spring") -> Json:
    return {"sample": {"percent": percent, "salt": salt}}


LAST = "last"
BEFORE = AS_OF - timedelta(microseconds=1)
CASES: list[tuple[str, Json, str] | tuple[str, Json, str, datetime]] = [
    # ── one after another ─────────────────────────────────────────────────────────────────────
    ("later in time", s("cart", "pay"), "acdeg"),
    ("at one instant is not later", s("view", "cart"), "a"),
    ("the other way round", s("pay", "cart"), "cd"),
    ("three steps", s("view", "cart", "pay"), "a"),
    ("one event stands at one step only", s("cart", "cart"), "cd"),
    ("… three of them", s("cart", "cart", "cart"), ""),
    ("any event", s("*", "*"), "abcdeg"),
    ("… four times", s("*", "*", "*", "*"), "ad"),
    ("… of several names", s(e(["view", "cart"]), e(["view", "pay"])), "acdeg"),
    ("names fold", s("CART", "Pay"), "acdeg"),
    ("a single step", s("cart"), "abcdeg"),
    ("what nobody has done", s("cart", "nothing"), ""),
    ("not", {"not": s("cart", "pay")}, "bf"),
    ("events still to come do not count", s("cart"), EVERYBODY, jst(2024, 4, 20, 12, 0)),
    ("… a tick earlier", s("cart"), "abcdeg", jst(2024, 4, 20, 12, 0) - timedelta(microseconds=1)),
    ("as seen from the past", s("cart", "pay"), "", jst(2024, 4, 2, 11, 59, 59)),
    ("… at the second event", s("cart", "pay"), "e", jst(2024, 4, 2, 12, 0)),
    # ── within ────────────────────────────────────────────────────────────────────────────────
    ("within includes its end", s("cart", e("pay", "48h")), "acdeg"),
    ("… two days are 48 hours", s("cart", e("pay", "2d")), "acdeg"),
    ("… in minutes", s("cart", e("pay", "2880m")), "acdeg"),
    ("… a minute less", s("cart", e("pay", "2879m")), "cdeg"),
    ("within a day", s("cart", e("pay", "1d")), "cdeg"),
    ("within 23 hours", s("cart", e("pay", "23h")), ""),
    ("within a week", s("cart", e("pay", "1w")), "acdeg"),
    ("measured from the step before", s("view", e("cart", "1h"), e("pay", "2d")), "a"),
    ("… not from the first", s("view", e("cart", "1h"), e("pay", "47h")), ""),
    ("… just too late", s("view", e("cart", "59m"), "pay"), ""),
    ("over what lies between", s("view", e("pay", "49h")), "a"),
    ("… an hour less", s("view", e("pay", "48h")), ""),
    # ── dates count from their midnight ───────────────────────────────────────────────────────
    ("a date is its midnight", s("visit", "cart"), "ab"),
    ("… ten hours before ten", s("visit", e("cart", "10h")), "b"),
    ("from an instant to a midnight", s("cart", e("visit", "13h")), "a"),
    ("… an hour less", s("cart", e("visit", "12h")), ""),
    ("from date to date", s("visit", e("visit", "1d")), "a"),
    ("… less than a day", s("visit", e("visit", "23h")), ""),
    ("a date still to come", s("visit"), "ab"),
    ("… on its day", s("visit"), "abd", jst(2024, 4, 16, 0, 0)),
    ("an event without a time is no step", s("visit", "visit"), "a", jst(2024, 5, 1)),
    # ── where ─────────────────────────────────────────────────────────────────────────────────
    ("a step that must fit", s(e("cart", where=f("amount", "ge", 100)), "pay"), "ad"),
    ("… naming the subject",
     s(e("cart", where=f("order", "eq", {"subject": "fav"})), "pay"), "ad"),
    ("… naming the time", s("cart", e("pay", where=f("ts", "ge", "2024-04-06"))), "cdg"),
    # ── same ──────────────────────────────────────────────────────────────────────────────────
    ("the same order", s("cart", "pay", same="order"), "adg"),
    ("… the other way round", s("pay", "cart", same="order"), "d"),
    ("the same number", s("cart", "pay", same="amount"), "acde"),
    ("the same name", s("cart", e(["cart", "pay"]), same="event"), "cd"),
    ("on the same day", s("view", "cart", same="ts.date"), "a"),
    ("… paid first", s("pay", "cart", same="ts.date"), "d"),
    ("keys never fold", s("cart", "cart", same="pid"), "cd"),
    ("of one person", s("cart", "pay", same="person.fav"), "ad"),
    ("unset is the same as nothing", s("cart", same="order"), "abcdg"),
    # ── during ────────────────────────────────────────────────────────────────────────────────
    ("all inside", s("cart", "pay", during={"from": "2024-04-01", "to": "2024-04-03"}), "e"),
    ("… `to` is exclusive", s("cart", "pay", during={"from": "2024-04-01", "to": "2024-04-04"}),
     "ae"),
    ("the last days exclude their start", s("cart", "pay", during={LAST: "5d"}), ""),
    ("… a day more", s("cart", "pay", during={LAST: "6d"}), "c"),
    ("… the other way round", s("pay", "cart", during={LAST: "5d"}), "c"),
    ("last month", s("cart", "pay", during={"calendar": "last_month"}), ""),
    ("this month", s("cart", "pay", during={"calendar": "this_month"}), "acdeg"),
    ("dates by dates", s("visit", "cart", during={"from": "2024-04-01", "to": "2024-04-02"}),
     "ab"),
    ("… one of them outside", s("visit", "visit", during={"to": "2024-04-02"}), ""),
    # ── no_event ──────────────────────────────────────────────────────────────────────────────
    ("nothing came", s("cart", no("pay", "3d")), "bd"),
    ("the end of the time counts", s("cart", no("pay", "1d")), "abcd"),
    ("… an hour less", s("cart", no("pay", "23h")), "abcdeg"),
    ("the time has passed with its last instant", s("cart", no("pay", "1d")), "abd", BEFORE),
    ("at the instant itself is not after it", s("cart", no("view", "1d")), "abcdeg"),
    ("of the same order", s("cart", no("pay", "3d"), same="order"), "bcd"),
    ("outside `during` too",
     s("cart", no("pay", "3d"), during={"from": "2024-04-01", "to": "2024-04-02"}), "b"),
    ("… among dates", s("visit", no("visit", "1d"), during={"to": "2024-04-02"}), "b"),
    ("a date at its midnight", s("visit", no("visit", "1d")), "ab"),
    ("hours do not limit dates that must be absent",
     s("cart", no("visit", "1d"), during={LAST: "25h"}), "c"),
    ("none of several", s("cart", no(["pay", "view"], "1d")), "abcd"),
    ("nothing at all", s("cart", no("*", "1d")), "bcd"),
    ("what nobody has done", s("cart", no("nothing", "1d")), "abcdeg"),
    ("only those that fit", s("cart", no("pay", "3d", where=f("amount", "ge", 100))), "bcdeg"),
    ("a step after it", s("cart", no("pay", "1d"), "pay"), "ad"),
    ("… measured from the last event", s("cart", no("pay", "1d"), e("pay", "2d")), "a"),
    ("… just too late", s("cart", no("pay", "1d"), e("pay", "47h")), ""),
    ("two of them, both from the last event", s("cart", no("pay", "1d"), no("view", "1d")),
     "abcd"),
    ("the earlier event may be the one", s("pay", "cart", no("pay", "2d")), "d"),
    ("a time that never passes", s("cart", no("pay", "999999w")), ""),
    # ── segments ──────────────────────────────────────────────────────────────────────────────
    ("in a segment: from its start until before its end", seg(), "ac"),
    ("… a tick before", seg(), "ade", BEFORE - timedelta(hours=6, minutes=1)),
    ("… as seen from the past", seg(), "ad", jst(2024, 4, 10, 0, 0)),
    ("… later on", seg(), "acf", jst(2024, 4, 20, 0, 0)),
    ("not in it", {"not": seg()}, "bdefg"),
    ("one that nobody is in", seg("dormant"), ""),
    ("came in: the window excludes its start", seg(entered={LAST: "1d"}), "c"),
    ("… hours", seg(entered={LAST: "25h"}), "ce"),
    ("… and does not ask whether one is still in", seg(entered={LAST: "30d"}), "ace"),
    ("… ever", seg(entered={"from": "2000-01-01"}), "abcde"),
    ("… this month", seg(entered={"calendar": "this_month"}), "ace"),
    ("… last month", seg(entered={"calendar": "last_month"}), "bd"),
    ("what is still to come has not happened", seg(entered={"next": "7d"}), ""),
    ("went out", seg(left={LAST: "1d"}), "de"),
    ("… earlier", seg(left={LAST: "6d"}), "bde"),
    ("… any of several times", seg(left={"calendar": "last_quarter"}), "e"),
    ("… still to come as seen from the past", seg(left={"calendar": "this_month"}), "",
     jst(2024, 4, 9)),
    # ── lists ─────────────────────────────────────────────────────────────────────────────────
    ("on a list: open or working", {"list": "calls"}, "bcg"),
    ("… as seen from the past", {"list": "calls"}, "abdg", jst(2024, 4, 4)),
    ("not on it", {"not": {"list": "calls"}}, "adef"),
    ("by status", {"list": "calls", "status": ["done"]}, "afg"),
    ("… by several", {"list": "calls", "status": ["new", "done"]}, "acfg"),
    ("… by one of those meant anyway", {"list": "calls", "status": ["busy"]}, "b"),
    # ── samples: the buckets of spring are b 270, d 2275, a 4172, e 5603, c 6376, g 8910, f 9918
    ("a half", sample(50), "abd"),
    ("a bucket at the border is out", sample(Decimal("41.72")), "bd"),
    ("… and in a hundredth later", sample(Decimal("41.73")), "abd"),
    ("a part of a hundredth", sample(Decimal("2.7001")), "b"),
    ("another salt: c 153, f 2028", sample(Decimal("20.29"), "塩"), "cf"),
    ("nobody", sample(0), ""),
    ("everybody", sample(100), EVERYBODY),
    ("both together", {"all": [seg(), s("cart", "pay")]}, "ac"),
    ("at least two of three", {"at_least": 2, "of": [seg(), {"list": "calls"}, s("pay", "cart")]},
     "c"),
]  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return shop()


@pytest.fixture(scope="module")
def database(world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with world.database() as connection:
        yield connection


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case[0]))
def test_a_rule_is_true_of_exactly_these(
    case: tuple[object, ...], world: World, database: duckdb.DuckDBPyConnection
) -> None:
    _, json, expected, *instant = case
    as_of = instant[0] if instant else AS_OF
    assert isinstance(as_of, datetime)
    rule = check_rule(json, world.catalog, subject="person")
    assert true_of(world, rule_json=json, as_of=as_of) == expected
    selected = database.execute(compile_rule(rule, world.catalog, as_of)).fetchall()
    assert "".join(sorted(i for (i,) in selected)) == expected


def true_of(world: World, rule_json: object, as_of: datetime) -> str:
    rule = check_rule(rule_json, world.catalog, subject="person")
    facts = Facts(world.catalog, world.rows)
    answers = {row["_id"]: evaluate(rule, facts, row, as_of).truth for row in world.rows["person"]}
    return "".join(sorted(str(i) for i, true in answers.items() if true))


UNTIL: list[tuple[str, Json, str, datetime | None]] = [
    ("the time of a no_event passes", s("cart", no("pay", "3d")), "c", jst(2024, 4, 17, 12, 0)),
    ("an event still to come", s("cart"), "f", jst(2024, 4, 20, 12, 0)),
    ("a date still to come", s("visit"), "d", jst(2024, 4, 16, 0, 0)),
    ("an event slides out of the window", s("cart", "pay", during={LAST: "6d"}), "c",
     jst(2024, 4, 16, 12, 0)),
    ("nothing to come", s("cart", "pay"), "a", None),
    ("in a segment for good", seg(), "a", None),
    ("coming in", seg(), "f", jst(2024, 4, 20, 0, 0)),
    ("having come in, until the window has passed", seg(entered={LAST: "1d"}), "c",
     jst(2024, 4, 16, 12, 0)),
    ("coming onto a list", {"list": "calls"}, "e", jst(2024, 4, 16, 0, 0)),
    ("a sample for good", sample(50), "a", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "json", "person", "until"), UNTIL, ids=lambda v: str(v)[:40])
def test_an_answer_holds_until_exactly_this(
    name: str, json: Json, person: str, until: datetime | None, world: World
) -> None:
    rule = check_rule(json, world.catalog, subject="person")
    row = next(row for row in world.rows["person"] if row["_id"] == person)
    assert evaluate(rule, Facts(world.catalog, world.rows), row, AS_OF).valid_until == until


def test_the_end_of_a_stay_is_known_when_looking_back(world: World) -> None:
    rule = check_rule(seg(), world.catalog, subject="person")
    then = evaluate(rule, Facts(world.catalog, world.rows), {"_id": "b", "pid": 1}, jst(2024, 4, 9))
    assert (then.truth, then.valid_until) == (True, jst(2024, 4, 10))


def told(world: World, json: Json, person: str) -> Json:
    rule = check_rule(json, world.catalog, subject="person")
    row = next(row for row in world.rows["person"] if row["_id"] == person)
    node = evaluate(rule, Facts(world.catalog, world.rows), row, AS_OF).as_json("ja")["node"]
    assert isinstance(node, dict)
    return node


def test_the_matched_events_are_named(world: World) -> None:
    node = told(world, s("view", e("cart", "1h"), e("pay", "2d")), "a")
    assert (node["kind"], node["truth"], node["steps"], node["of_steps"]) == (
        "sequence",
        True,
        3,
        3,
    )
    assert [row["key"] for row in node["evidence"]["rows"]] == [[2], [1], [0]]  # type: ignore[index]


def test_it_is_told_how_far_a_sequence_came(world: World) -> None:
    node = told(world, s("view", e("cart", "1h"), e("pay", "1d"), "pay"), "a")
    assert (node["truth"], node["steps"], node["of_steps"]) == (False, 2, 4)
    assert [row["key"] for row in node["evidence"]["rows"]] == [[1], [0]]  # type: ignore[index]


def test_the_stays_behind_a_membership_are_told(world: World) -> None:
    node = told(world, seg(entered={LAST: "25h"}), "e")
    assert node["kind"] == "segment"
    assert node["stays"] == [
        {"from": "2024-04-14T12:00:00+09:00", "to": "2024-04-15T06:00:00+09:00"},
        {"from": "2024-01-01T00:00:00+09:00", "to": "2024-02-01T00:00:00+09:00"},
    ]
    node = told(world, {"list": "calls"}, "b")
    assert node["stays"] == [{"from": "2024-04-01T00:00:00+09:00", "to": None, "status": "busy"}]
    assert told(world, sample(50), "a")["bucket"] == 4172


def told_of(world: World, zone: str, json: Json, rows: list[Json], table: str) -> bool:
    """Whether a sequence is true of one person with these events, in another zone, at the end of
    2024; the SQL must agree."""
    catalog = replace(world.catalog, timezone=zone)
    person = {"_id": "a", "pid": 0}
    known = World(catalog, {"person": [person], table: rows})
    rule = check_rule(json, catalog, subject="person")
    at = datetime(2024, 12, 31, tzinfo=UTC)
    answer = evaluate(rule, Facts(catalog, known.rows), person, at).truth
    with known.database() as database:
        selected = database.execute(compile_rule(rule, catalog, at)).fetchall()
    assert bool(selected) is answer
    return answer


@pytest.mark.parametrize(
    ("zone", "days", "within", "expected"),
    [
        # In Berlin 27 October 2024 has 25 hours and 31 March 23; on Lord Howe half an hour.
        ("Europe/Berlin", (date(2024, 10, 27), date(2024, 10, 28)), "1d", False),
        ("Europe/Berlin", (date(2024, 10, 27), date(2024, 10, 28)), "25h", True),
        ("Europe/Berlin", (date(2024, 3, 31), date(2024, 4, 1)), "23h", True),
        ("Australia/Lord_Howe", (date(2024, 4, 7), date(2024, 4, 8)), "1d", False),
        ("Australia/Lord_Howe", (date(2024, 4, 7), date(2024, 4, 8)), "1470m", True),
        ("America/New_York", (date(2024, 11, 3), date(2024, 11, 4)), "1d", False),
        ("Asia/Tokyo", (date(2024, 2, 28), date(2024, 2, 29)), "1d", True),
        ("Asia/Tokyo", (date(2024, 2, 28), date(2024, 3, 1)), "1d", False),
    ],
)
def test_a_day_is_24_hours_where_the_clock_changes_too(
    zone: str, days: tuple[date, date], within: str, expected: bool, world: World
) -> None:
    rows: list[Json] = [{"vid": str(i), "pid": 0, "day": day} for i, day in enumerate(days)]
    asked = s("visit", e("visit", within))
    assert told_of(world, zone, asked, rows, "visit") is expected
    none = s("visit", no("visit", within), during={"to": days[1].isoformat()})
    assert told_of(world, zone, none, rows, "visit") is not expected


@pytest.mark.parametrize(("last", "expected"), [("cart", True), ("nothing", False)])
def test_many_ways_through_many_events_are_not_tried_one_by_one(
    last: str, expected: bool, world: World
) -> None:
    rows: list[Json] = [
        {"wid": i, "pid": 0, "name": "cart", "at": AS_OF + timedelta(minutes=i), "order": "o"}
        for i in range(1500)
    ]
    steps = [e("cart", "9m") for _ in range(17)]
    asked = s("cart", *steps, no("pay", "1m"), last, same="order")
    assert told_of(world, "Asia/Tokyo", asked, rows, "web") is expected
