"""Tables in the style "at t do, expect": live segments under a clock that is moved by hand.

A row is the local time, what happens then, and who is in each segment right after. What happens:

    -                       nothing: the clock alone has moved
    1 buy                   person 1 does it; more: `amount=8`, `order=A`, `ago=2h` (it was then),
                            `ahead=1h` (it will be), `;` between several that come together
    city 1 大阪             her city is changed by a load
    account 7 1 60 2026-…   account 7 is person 1's, with a balance and a due date, by a load
    anew                    the process ends and begins again
    refresh                 everything is compared: nobody may differ
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from live_world import START, Live, live_world

Json = dict[str, Any]
BUY: Json = {"event": "buy"}


def last(span: str, **more: Any) -> Json:
    return BUY | {"during": {"last": span}} | more


def during(name: str, **more: Any) -> Json:
    return BUY | {"during": {"calendar": name}} | more


NO_BUY = {"sequence": [{"event": "see"}, {"no_event": "buy", "within": "1d"}]}

TABLES: dict[str, tuple[dict[str, Json], str]] = {
    "a window ends to the microsecond": ({"s": last("3d")}, """
        10-01 12:00:00         1 buy                 s: 1
        10-01 12:00:00.000100  2 buy                 s: 1 2
        10-04 11:59:59.999999  -                     s: 1 2
        10-04 12:00:00         -                     s: 2
        10-04 12:00:00.000099  -                     s: 2
        10-04 12:00:00.000100  -                     s:
    """),
    "minutes and hours are elapsed time": ({"s": last("10m"),
                                            "t": last("2h", op="ge", value=2)}, """
        10-01 12:00:00         1 buy                 s: 1   t:
        10-01 12:09:59         1 buy                 s: 1   t: 1
        10-01 12:19:58         -                     s: 1   t: 1
        10-01 12:19:59         -                     s:     t: 1
        10-01 14:00:00         -                     s:     t:
    """),
    "a count falls below, and rises again": ({"s": last("1d", op="ge", value=2)}, """
        10-01 12:00:00         1 buy; 1 buy          s: 1
        10-02 11:00:00         1 buy                 s: 1
        10-02 12:00:00         -                     s:
        10-02 12:30:00         1 buy                 s: 1
        10-03 11:00:00         -                     s:
    """),
    "none in a window: the silent come back": ({"s": {"not": last("1d")}}, """
        10-01 12:00:00         -                     s: 1 2 3
        10-01 12:00:01         2 buy                 s: 1 3
        10-02 12:00:00         -                     s: 1 3
        10-02 12:00:01         -                     s: 1 2 3
    """),
    "today ends at local midnight": ({"s": during("today"), "t": during("yesterday")}, """
        10-01 23:59:59.999999  1 buy                 s: 1   t:
        10-02 00:00:00         -                     s:     t: 1
        10-02 00:00:00.000001  2 buy                 s: 2   t: 1
        10-03 00:00:00         -                     s:     t: 2
        10-04 00:00:00         -                     s:     t:
    """),
    "months and years end": ({"s": during("this_month"), "t": during("last_month"),
                              "u": during("this_fiscal_year")}, """
        10-31 23:00:00         1 buy                 s: 1   t:      u: 1
        11-01 00:00:00         -                     s:     t: 1    u: 1
        11-30 23:59:59         2 buy                 s: 2   t: 1    u: 1 2
        12-01 00:00:00         -                     s:     t: 2    u: 1 2
    """),
    "a month back from the end of a longer one": ({"s": last("1mo")}, """
        10-31 12:00:00         1 buy                 s: 1
        11-29 12:00:00         2 buy                 s: 1 2
        11-30 11:59:59         -                     s: 1 2
        11-30 23:59:59.999999  3 buy                 s: 1 2 3
        12-01 00:00:00         -                     s: 2 3
        12-29 12:00:00         -                     s: 3
        12-30 23:59:59.999998  -                     s: 3
        12-31 00:00:00         -                     s:
    """),
    "weeks begin on Monday": ({"s": during("this_week")}, """
        10-04 23:59:59         1 buy                 s: 1
        10-05 00:00:00         2 buy                 s: 2
        10-11 23:59:59.999999  -                     s: 2
        10-12 00:00:00         -                     s:
    """),
    "an event told late counts from when it was": ({"s": last("1d")}, """
        10-03 12:00:00         1 buy ago=23h         s: 1
        10-03 12:30:00         2 buy ago=24h         s: 1
        10-03 13:00:00         -                     s:
        10-03 13:00:01         3 buy ago=30h         s:
    """),
    "an event of the future waits for its time": ({"s": last("1d"), "n": {"not": BUY}}, """
        10-01 12:00:00         1 buy ahead=2h        s:     n: 1 2 3
        10-01 13:59:59.999999  -                     s:     n: 1 2 3
        10-01 14:00:00         -                     s: 1   n: 2 3
        10-02 14:00:00         -                     s:     n: 2 3
    """),
    "the future is kept when the process begins anew": ({"s": last("1h")}, """
        10-01 12:00:00         1 buy ahead=2h        s:
        10-01 12:00:01         anew                  s:
        10-01 14:00:00         -                     s: 1
        10-01 14:00:01         anew                  s: 1
        10-01 15:00:00         -                     s:
    """),
    "what fell due while nobody looked": ({"s": last("1h"), "t": last("1d")}, """
        10-01 12:00:00         1 buy; 2 buy ahead=3h  s: 1  t: 1
        10-01 12:00:01         refresh               s: 1   t: 1
        10-02 11:00:00         anew                  s:     t: 1 2
        10-02 12:00:00         -                     s:     t: 2
        10-02 15:00:00         refresh               s:     t:
    """),
    "sums and exact amounts": ({"s": last("1d", measure={"sum": "amount"}, op="gt", value=10)}, """
        10-01 12:00:00         1 buy amount=10       s:
        10-01 13:00:00         1 buy amount=1        s: 1
        10-02 12:00:00         -                     s:
        10-02 12:00:01         1 buy amount=-1; 1 buy amount=20   s: 1
        10-02 13:00:00         1 buy amount=-9       s:
    """),
    "a where on the event": ({"s": last("1d", where={"field": "order", "op": "eq",
                                                     "value": "Ａ"})}, """
        10-01 12:00:00         1 buy order=B         s:
        10-01 12:00:01         1 buy order=a         s: 1
        10-02 12:00:00         -                     s: 1
        10-02 12:00:01         -                     s:
    """),
    "nothing for two hours after": ({"s": BUY | {"measure": {"last": "ts"}, "op": "lt",
                                                  "value": {"now": "-2h"}}}, """
        10-01 12:00:00         1 buy                 s:
        10-01 14:00:00         -                     s:
        10-01 14:00:00.000001  -                     s: 1
        10-01 15:00:00         1 buy                 s:
        10-01 17:00:01         -                     s: 1
    """),
    "the first time within a window": ({"s": BUY | {"measure": {"first": "ts"}, "op": "during",
                                                     "value": {"last": "3d"}}}, """
        10-01 12:00:00         1 buy                 s: 1
        10-04 11:59:59         1 buy                 s: 1
        10-04 12:00:00         -                     s:
        10-05 12:00:00         1 buy; 2 buy ago=4d   s:
        10-05 12:00:01         2 buy ago=1h          s:
    """),
    "on different days": ({"s": last("3d", measure={"distinct": "ts.date"}, op="ge", value=2)}, """
        10-01 23:59:59         1 buy                 s:
        10-02 00:00:00         1 buy                 s: 1
        10-04 23:59:58         -                     s: 1
        10-04 23:59:59         -                     s:
    """),
    "no purchase within a day of looking": ({"s": NO_BUY}, """
        10-01 12:00:00         1 see; 2 see          s:
        10-02 11:59:59.999999  2 buy                 s:
        10-02 12:00:00         -                     s: 1
        10-02 12:00:01         1 buy                 s: 1
        10-02 13:00:00         1 buy ago=20h         s:
    """),
    "absence asked in a window": ({"s": NO_BUY | {"during": {"last": "2d"}}}, """
        10-01 12:00:00         1 see                 s:
        10-02 12:00:00         -                     s: 1
        10-03 11:59:59         -                     s: 1
        10-03 12:00:00         -                     s:
    """),
    "one after the other within a day, of one order": ({"s": {
        "sequence": [{"event": "see"}, {"event": "buy", "within": "1d"}], "same": "order",
        "during": {"last": "3d"}}}, """
        10-01 12:00:00         1 see order=A; 2 see order=A   s:
        10-02 12:00:00         1 buy order=A; 2 buy order=B   s: 1
        10-02 12:00:01         2 buy order=A         s: 1
        10-04 12:00:00         -                     s:
    """),
    "birthdays come at midnight": ({"s": {"field": "born.age", "op": "ge", "value": 36},
                                    "t": {"field": "born", "op": "anniversary_during",
                                          "value": {"calendar": "today"}}}, """
        10-02 23:59:59.999999  -                     s:     t:
        10-03 00:00:00         -                     s: 1   t: 1
        10-04 00:00:00         -                     s: 1   t:
    """),
    "a load moves people, and time goes on": ({"s": {"field": "city", "op": "eq", "value": "東京"},
                                               "t": {"field": "city.since", "op": "during",
                                                     "value": {"last": "1d"}}}, """
        10-02 12:00:01         -                     s: 1 3 t:
        10-02 13:00:00         city 1 大阪           s: 3   t: 1
        10-03 12:59:59         -                     s: 3   t: 1
        10-03 13:00:00.000001  -                     s: 3   t:
        10-03 14:00:00         city 1 東京           s: 1 3 t: 1
        10-03 14:00:01         refresh               s: 1 3 t: 1
    """),
    "a due date comes near": ({"s": {"related": "accounts", "where": {
        "field": "due", "op": "during", "value": {"next": "3d"}}}}, """
        10-01 13:00:00         account 7 1 60 2026-10-05    s:
        10-02 23:59:59         -                     s:
        10-03 00:00:00         -                     s: 1
        10-05 23:59:59.999999  -                     s: 1
        10-06 00:00:00         -                     s:
    """),
    "a load and an event together": ({"s": {"all": [last("1d"), {
        "related": "accounts", "measure": {"sum": "balance"}, "op": "ge", "value": 50}]}}, """
        10-01 12:00:00         1 buy                 s:
        10-01 13:00:00         account 7 1 60 2027-01-01    s: 1
        10-02 11:00:00         account 7 2 60 2027-01-01    s:
        10-02 11:00:01         2 buy                 s: 2
        10-03 11:00:01         -                     s:
    """),
    "one leans on another, at the same instant": ({"a": last("1h"), "b": {"all": [
        {"segment": "a"}, {"field": "city", "op": "eq", "value": "東京"}]},
        "c": {"not": {"segment": "b"}}}, """
        10-01 12:00:00         1 buy; 2 buy          a: 1 2 b: 1   c: 2 3
        10-01 12:59:59.999999  -                     a: 1 2 b: 1   c: 2 3
        10-01 13:00:00         -                     a:     b:     c: 1 2 3
        10-01 13:00:01         3 buy                 a: 3   b: 3   c: 1 2
    """),
    "who came and who went": ({"a": last("1h"), "in": {"segment": "a", "entered": {"last": "2h"}},
                               "out": {"segment": "a", "left": {"last": "30m"}}}, """
        10-01 12:10:00         1 buy                 a: 1   in: 1  out:
        10-01 13:10:00         -                     a:     in: 1  out: 1
        10-01 13:39:59         -                     a:     in: 1  out: 1
        10-01 13:40:00         -                     a:     in: 1  out:
        10-01 14:10:00         -                     a:     in:    out:
    """),
    "crossings are events too": ({"a": last("1h"), "e": {
        "event": "segment_entered", "where": {"field": "segment", "op": "eq", "value": "a"},
        "op": "ge", "value": 2}}, """
        10-01 12:10:00         1 buy                 a: 1   e:
        10-01 13:10:00         -                     a:     e:
        10-01 13:20:00         1 buy                 a: 1   e: 1
        10-01 13:20:01         refresh               a: 1   e: 1
    """),
    "either of two, at least two of three": ({"s": {"at_least": 2, "of": [
        last("1h"), {"event": "see", "during": {"last": "1h"}},
        {"field": "city", "op": "eq", "value": "東京"}]}}, """
        10-01 12:00:00         1 buy; 2 buy          s: 1
        10-01 12:30:00         2 see                 s: 1 2
        10-01 13:00:00         -                     s:
        10-01 13:10:00         3 see                 s: 3
        10-01 14:10:00         -                     s:
    """),
    "a window between two points": ({"s": BUY | {"during": {"from": {"now": "-31m"},
                                                            "to": {"now": "-30m"}}}}, """
        10-01 12:00:00         1 buy                 s:
        10-01 12:29:59         -                     s:
        10-01 12:30:00.000001  -                     s: 1
        10-01 12:31:00         -                     s: 1
        10-01 12:31:00.000001  -                     s:
    """),
    "everybody at once at midnight": ({"s": {"event": "*", "during": {"calendar": "today"}}}, """
        10-01 12:00:00         1 buy; 2 see; 3 buy   s: 1 2 3
        10-02 00:00:00         1 see ago=1s          s:
        10-02 00:00:01         -                     s:
        10-02 00:00:02         2 buy                 s: 2
    """),
}  # fmt: skip

NEW_YORK: dict[str, tuple[dict[str, Json], str]] = {
    "days step the clock on the wall, hours do not": ({"d": last("1d"), "h": last("24h")}, """
        10-31 12:00:00         1 buy                 d: 1   h: 1
        11-01 10:59:59         -                     d: 1   h: 1
        11-01 11:00:00         -                     d: 1   h:
        11-01 11:59:59         -                     d: 1   h:
        11-01 12:00:00         -                     d:     h:
    """),
    "the day with an hour twice": ({"s": during("today")}, """
        10-31 23:59:59         1 buy                 s: 1
        11-01 00:00:00         2 buy                 s: 2
        11-01 23:59:59         -                     s: 2
        11-02 00:00:00         -                     s:
    """),
}  # fmt: skip
_ROW = re.compile(r"(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{6}))?  +(.*?)  +(\S+:.*)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def rows(table: str, zone: str) -> list[tuple[datetime, str, dict[str, set[int]]]]:
    found = []
    for line in filter(None, map(str.strip, table.splitlines())):
        read = _ROW.fullmatch(line)
        assert read is not None, line
        month, day, hour, minute, second = (int(read[n]) for n in range(1, 6))
        at = datetime(
            2026, month, day, hour, minute, second, int(read[6] or 0), tzinfo=ZoneInfo(zone)
        )
        wanted: dict[str, set[int]] = {}
        for word in read[8].split():
            if word.endswith(":"):
                here = wanted.setdefault(word[:-1], set())
            else:
                here.add(int(word))
        found.append((at, read[7].strip(), wanted))
    return found


def does(live: Live, what: str) -> None:
    word, *rest = what.split()
    if word == "anew":
        live.open()
        live.tick()
    elif word == "refresh":
        found = [one.stored for one in live.refresh()]
        assert [(s.moved, s.missed) for s in found if s] == [(0, 0)] * len(live.rules)
    elif word == "city":
        people = {1: "東京", 2: "大阪", 3: "東京"} | {int(rest[0]): rest[1]}
        born = {1: "1990-10-03", 2: "2000-02-29", 3: ""}
        live.people({n: (city, born[n]) for n, city in people.items()})
        live.refresh(whole=False)
    elif word == "account":
        live.accounts({int(rest[0]): (int(rest[1]), int(rest[2]), rest[3])})
        live.refresh(whole=False)
    elif word != "-":
        live.drain([event_of(live, one.split()) for one in what.split(";")])


def event_of(live: Live, words: list[str]) -> tuple[int, str, datetime, dict[str, Any]]:
    at, more = live.now, dict[str, Any]()
    for word in words[2:]:
        name, _, value = word.partition("=")
        if name in ("ago", "ahead"):
            length = timedelta(**{_UNITS[value[-1]]: int(value[:-1])})
            at += length if name == "ahead" else -length
        else:
            more[name] = int(value) if name == "amount" else value
    return int(words[0]), words[1], at, more


def tell(folder: Path, rules: dict[str, Json], table: str, zone: str, start: datetime) -> int:
    told = rows(table, zone)
    with live_world(folder, rules, zone=zone, start=start) as live:
        for at, what, wanted in told:
            live.until(at.astimezone(start.tzinfo))
            does(live, what)
            found = {slug: live.inside(slug) for slug in wanted}
            assert found == wanted, (at.isoformat(), what)
            assert live.stored() == live.true(), (at.isoformat(), what)
    return len(told)


@pytest.mark.parametrize("name", TABLES)
def test_in_tokyo(tmp_path: Path, name: str) -> None:
    rules, table = TABLES[name]
    start = START.replace(hour=2)  # an hour before the first row
    tell(tmp_path, rules, table, "Asia/Tokyo", start)


@pytest.mark.parametrize("name", NEW_YORK)
def test_where_clocks_turn_back(tmp_path: Path, name: str) -> None:
    rules, table = NEW_YORK[name]
    tell(tmp_path, rules, table, "America/New_York", START)


def test_the_tables_are_long_enough() -> None:
    told = [rows(t, "Asia/Tokyo") for _, t in (TABLES | NEW_YORK).values()]
    assert sum(map(len, told)) >= 60
