"""One world by hand whose rows sit where engines differ, in three time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from enishi.catalog.sets import LIST_ROWS, SEGMENT_ROWS, FixedSets, ListInfo, SegmentInfo
from enishi.catalog.types import (
    Catalog,
    ConsentSource,
    DatasetKind,
    EventNaming,
    FieldType,
    Purpose,
    TimeKind,
)
from enishi.kernel.text import Text
from rules_world import (
    Row,
    World,
    foreign_key,
    make_catalog,
    make_dataset,
    make_field,
    path_relation,
)

F = make_field
T = FieldType
D = Decimal

ZONES = {
    "Asia/Tokyo": datetime(2024, 3, 31, 3, 0, tzinfo=UTC),
    # Midnight of 3 November 2024 comes twice there, and that of 10 March not at all.
    "America/Havana": datetime(2024, 11, 4, 5, 30, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2024, 10, 6, 16, 0, tzinfo=UTC),
}
"""Zones with the instant asked about."""


def at(as_of: datetime, **back: float) -> datetime:
    return as_of - timedelta(**back)


def edges(zone: str) -> World:
    """The world of a zone, its rows around the instant asked about there."""
    now = ZONES[zone]
    day = now.date()
    persons: list[Row] = [
        {"_id": "a", "pid": 1, "name": "ＡＢＣ商事", "other": "abc商事", "born": date(2000, 2, 29),
         "joined": at(now), "n": 10, "score": 0.1, "vip": True, "tags": ["Gold", "ｱ"],
         "money": D("100.10"), "rate": D("0.1250"), "home": "b1", "income": 5},
        {"_id": "b", "pid": 2},
        {"_id": "c", "pid": 3, "name": "it's a\\b ${x} ?", "other": "%_", "born": date(1949, 9, 10),
         "joined": at(now, days=1), "n": 0, "score": -0.0, "vip": False, "tags": [],
         "money": D("0.00"), "rate": D("0.0000"), "home": "B1", "income": 6},
        {"_id": "d", "pid": 4, "name": "a\nc", "other": "10〜20", "born": date(1900, 1, 1),
         "joined": datetime(1950, 5, 6, 15, tzinfo=UTC), "n": -(2**53), "score": 2.5, "vip": True,
         "tags": ["gold", "it's"], "money": D("-0.01"), "rate": D("99.9999"), "home": "zz"},
        {"_id": "e", "pid": 5, "name": "𠮷野家", "other": "10～20", "born": day, "vip": None,
         "joined": at(now, days=31), "n": 9_000_000_000_000_000, "tags": ["x", "y"],
         "score": 1e300, "money": D("9999999999999999.99"), "home": "b1", "income": 7},
        {"_id": "f", "pid": 6, "name": "straße\t", "other": "STRASSE\t", "born": date(1969, 12, 31),
         "joined": datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "n": 1, "score": 1.0,
         "money": D("0.01"), "rate": D("-0.0001"), "tags": ["x"]},
    ]  # fmt: skip
    return World(
        _catalog(zone),
        {
            "person": persons,
            "branch": [
                {"code": "b1", "region": "関東", "opened": date(1899, 12, 31),
                 "hours": ["9", "18"]},
                {"code": "B1", "region": None, "opened": date(2100, 1, 1)},
            ],
            "link": [
                {"lid": i, "pid": p, "aid": a, "role": r}
                for i, (p, a, r) in enumerate(
                    [(1, 1, "Owner"), (1, 1, "OWNER"), (1, 2, "user"), (3, 2, "ｏｗｎｅｒ"),
                     (4, 3, "owner"), (4, None, "owner"), (None, 1, "owner"), (5, 4, "owner")]
                )
            ],
            "account": _accounts(now),
            "trans": _trans(now),
            "web": _web(now),
            "visit": _visits(now),
            "agreed": [
                {"gid": 1, "pid": 1, "purpose": "loans", "from": at(now, days=3), "to": None},
                {"gid": 2, "pid": 3, "purpose": "loans", "from": at(now, days=9),
                 "to": at(now, days=1)},
                {"gid": 3, "pid": 5, "purpose": "other", "from": at(now, days=3), "to": None},
            ],
            SEGMENT_ROWS: _stays(now),
            LIST_ROWS: [
                {"set": "calls", "_id": i, "status": s, "means": m, "_from": at(now, days=f),
                 "_to": None if t is None else at(now, days=t)}
                for i, s, m, f, t in [
                    ("a", "new", "open", 5, None), ("b", "busy", "working", 5, 0),
                    ("c", "busy", "working", 5, None), ("d", "done", "done", 2, None),
                    ("e", "new", "open", -1, None), ("b", "done", "done", 0, None),
                ]
            ],
        },
    )  # fmt: skip


def _accounts(now: datetime) -> list[Row]:
    """Account 1 with a history and a gap; 2 soon due; 3 ended at the instant; 4 an odd history."""
    long_ago = datetime(1969, 6, 1, tzinfo=UTC)
    return [
        {"aid": 1, "kind": "定期預金", "balance": D("100.00"), "due": date(2030, 1, 1),
         "marks": ["p"], "_from": long_ago, "_to": at(now, days=40)},
        {"aid": 1, "kind": "定期預金", "balance": D("250.50"), "due": date(2030, 1, 1),
         "marks": ["p"], "_from": at(now, days=40), "_to": at(now, days=20)},
        {"aid": 1, "kind": "定期預金", "balance": D("250.50"), "due": None, "marks": None,
         "_from": at(now, days=10), "_to": None},
        {"aid": 2, "kind": "普通預金", "balance": None, "due": now.date() + timedelta(days=6),
         "marks": [], "_from": at(now, days=21), "_to": at(now, days=-10)},
        {"aid": 3, "kind": "普通預金", "balance": D("1.00"), "due": now.date(),
         "_from": at(now, days=100), "_to": now},
        {"aid": 4, "kind": "当座預金", "balance": D("9999999999999999.99"),
         "due": date(1960, 2, 29), "marks": ["q", "p"], "_from": at(now, days=60),
         "_to": at(now, days=30)},
        {"aid": 4, "kind": "普通預金", "balance": D("9999999999999999.99"),
         "due": date(1960, 2, 29), "marks": ["q", "p"], "_from": at(now, days=30), "_to": None},
    ]  # fmt: skip


def _trans(now: datetime) -> list[Row]:
    found = [
        (1, at(now, days=30), "10.000", "a"), (1, at(now, days=30), None, "A"),
        (1, now, "0.010", None), (1, at(now, seconds=-1), "7.000", "later"),
        (1, None, "5.000", "timeless"), (2, at(now, days=7), "3.000", "b"),
        (2, at(now, days=7, microseconds=1), "-3.125", "b"),
        (4, at(now, hours=12), "999999999.999", ""),
        (4, at(now, hours=36), "999999999.999", "ｂ"), (1, at(now, days=2), "0.333", "z"),
    ]  # fmt: skip
    return [
        {"tid": (i * 7) % 11, "aid": a, "at": t, "amount": None if m is None else D(m), "memo": w}
        for i, (a, t, m, w) in enumerate(found)
    ]


def _web(now: datetime) -> list[Row]:
    found = [
        (3, at(now, days=2), "Login", 3, "o1", ["A"]), (3, at(now, days=2), "login", 4, "o1", None),
        (3, at(now, days=1), "購入", 5, "Ｏ1", []), (4, at(now, days=9), "login", 1, "o2", ["b"]),
        (4, at(now, days=2, microseconds=-1), "購入", None, "o2", ["B"]),
        (5, at(now, days=8), "login", 2, "o3", None), (5, at(now, days=1), "購入", 2, "o4", ["c"]),
        (6, at(now, days=5), "login", 9, None, ["c"]), (6, at(now, days=4), "購入", 9, None, None),
        (6, at(now, days=-1), "login", 9, "o9", None), (1, None, "login", 1, "o1", None),
        (1, datetime(1950, 1, 1, tzinfo=UTC), "view", 7, "o1", ["d"]),
    ]  # fmt: skip
    return [
        {"wid": f"{'vV'[i % 2]}{20 - i}", "pid": p, "ts": t, "name": n, "pages": g, "order": o,
         "tags": x}
        for i, (p, t, n, g, o, x) in enumerate(found)
    ]  # fmt: skip


def _visits(now: datetime) -> list[Row]:
    day = now.date()
    odd = [date(2024, 11, 3), date(2024, 3, 10), date(1949, 9, 11), date(1950, 5, 7)]
    days = [day, day - timedelta(days=1), day - timedelta(days=7), day + timedelta(days=1), None]
    return [
        {"vid": i, "pid": [1, 3, 4, 5][i % 4], "day": d, "pages": D(i).scaleb(-1)}
        for i, d in enumerate([*days, *odd, *odd])
    ]


def _stays(now: datetime) -> list[Row]:
    stays = [("a", 400, None), ("b", 400, 0), ("c", 7, None), ("c", 50, 30), ("d", 3, 2),
             ("e", -1, None), ("f", 0, None), ("ghost", 7, None)]  # fmt: skip
    return [
        {"set": "vip", "_id": i, "entered_at": at(now, days=f),
         "left_at": None if t is None else at(now, days=t)}
        for i, f, t in stays
    ] + [{"set": "other", "_id": "a", "entered_at": now, "left_at": None}]  # fmt: skip


def _catalog(zone: str) -> Catalog:
    person = make_dataset(
        "person", DatasetKind.CURRENT, ["pid"],
        [F("pid", T.INTEGER), F("name", T.STRING), F("other", T.STRING), F("born", T.DATE),
         F("joined", T.TIMESTAMP), F("n", T.INTEGER), F("score", T.FLOAT), F("vip", T.BOOLEAN),
         F("tags", T.STRINGS), F("money", T.DECIMAL, scale=2),
         F("rate", T.DECIMAL, scale=4), F("home", T.STRING),
         F("income", T.INTEGER, purposes=frozenset({"deposits"}),
         consent_purposes=frozenset({"loans"}))],
        subject="person",
    )  # fmt: skip
    branch = make_dataset(
        "branch",
        DatasetKind.CURRENT,
        ["code"],
        [F("code", T.STRING), F("region", T.STRING), F("opened", T.DATE), F("hours", T.STRINGS)],
    )
    link = make_dataset(
        "link",
        DatasetKind.CURRENT,
        ["lid"],
        [F("lid", T.INTEGER), F("pid", T.INTEGER), F("aid", T.INTEGER), F("role", T.STRING)],
    )
    account = make_dataset(
        "account", DatasetKind.VERSIONED, ["aid"],
        [F("aid", T.INTEGER), F("kind", T.STRING), F("balance", T.DECIMAL, scale=2),
         F("due", T.DATE), F("marks", T.STRINGS)],
        time=("due", TimeKind.PLANNED),
    )  # fmt: skip
    trans = make_dataset(
        "trans", DatasetKind.EVENT, ["tid"],
        [F("tid", T.INTEGER), F("aid", T.INTEGER), F("at", T.TIMESTAMP),
         F("amount", T.DECIMAL, scale=3), F("memo", T.STRING)],
        time=("at", TimeKind.OCCURRED),
        event=EventNaming({"person": "owned.transactions"}, name="trans"),
    )  # fmt: skip
    web = make_dataset(
        "web", DatasetKind.EVENT, ["wid"],
        [F("wid", T.STRING), F("pid", T.INTEGER), F("ts", T.TIMESTAMP), F("name", T.STRING),
         F("pages", T.INTEGER), F("order", T.STRING), F("tags", T.STRINGS)],
        time=("ts", TimeKind.OCCURRED),
        event=EventNaming({"person": "clicks"}, name_field="name"),
    )  # fmt: skip
    visit = make_dataset(
        "visit", DatasetKind.EVENT, ["vid"],
        [F("vid", T.INTEGER), F("pid", T.INTEGER), F("day", T.DATE),
         F("pages", T.DECIMAL, scale=1)],
        time=("day", TimeKind.OCCURRED),
        event=EventNaming({"person": "visits"}, name="visit"),
    )  # fmt: skip
    agreed = make_dataset(
        "agreed", DatasetKind.CURRENT, ["gid"],
        [F("gid", T.INTEGER), F("pid", T.INTEGER), F("purpose", T.STRING), F("from", T.TIMESTAMP),
         F("to", T.TIMESTAMP)],
    )  # fmt: skip
    relations = [
        *foreign_key("person", [("home", "code")], "branch", "branch", "residents"),
        *foreign_key("link", [("pid", "pid")], "person", "person", "links"),
        *foreign_key("link", [("aid", "aid")], "account", "account", "links"),
        *foreign_key("trans", [("aid", "aid")], "account", "account", "transactions"),
        *foreign_key("web", [("pid", "pid")], "person", "person", "clicks"),
        *foreign_key("visit", [("pid", "pid")], "person", "person", "visits"),
        *foreign_key("agreed", [("pid", "pid")], "person", "person", "agreements"),
        path_relation(
            "owned", "person", "account",
            [("links", {"field": "role", "op": "eq", "value": "owner"}), ("account", None)],
        ),
        path_relation("neighbours", "person", "person", [("branch", None), ("residents", None)]),
    ]  # fmt: skip
    return make_catalog(
        [person, branch, link, account, trans, web, visit, agreed], relations, timezone=zone,
        purposes={p: Purpose(p, Text(p, p)) for p in ("deposits", "loans", "other")},
        consents=ConsentSource("agreements"),
        sets=FixedSets(
            {s: SegmentInfo(s, Text(s, s), "person") for s in ("vip", "other")},
            {"calls": ListInfo("calls", Text("架電", "calls"), "person",
             {s: (Text(s, s), m) for s, m in
              (("new", "open"), ("busy", "working"), ("done", "done"))})},
        ),
    )  # fmt: skip
