"""A small shop whose events, memberships and list statuses sit on the edges of sequences."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rules_bank import jst

from enishi.catalog.sets import LIST_ROWS, SEGMENT_ROWS, FixedSets, ListInfo, SegmentInfo
from enishi.catalog.types import DatasetKind, EventNaming, FieldType, TimeKind
from enishi.kernel.text import Text
from rules_world import Row, World, foreign_key, make_catalog, make_dataset, make_field

F = make_field
T = FieldType

AS_OF = jst(2024, 4, 15, 12, 0)
"""A Monday."""

EVERYBODY = "abcdefg"
PERSONS: list[Row] = [
    {"_id": name, "pid": index, "fav": {"a": "o1", "d": "o2"}.get(name)}
    for index, name in enumerate(EVERYBODY)
]


def _web(person: str, name: str, at: tuple[int, ...], order: str | None, amount: int) -> Row:
    return {
        "pid": EVERYBODY.index(person), "name": name, "at": jst(2024, 4, *at), "order": order,
        "amount": Decimal(amount),
    }  # fmt: skip


_EVENTS = [
    # a: viewed, put in the cart an hour later, paid 48 hours after that
    _web("a", "view", (1, 10, 0), "o1", 0),
    _web("a", "cart", (1, 11, 0), "o1", 100),
    _web("a", "pay", (3, 11, 0), "o1", 100),
    # b: both at one instant
    _web("b", "view", (1, 10, 0), "o1", 0),
    _web("b", "cart", (1, 10, 0), "o1", 5),
    # c: paid another order; a second cart exactly a day before the instant
    _web("c", "cart", (10, 12, 0), "o2", 50),
    _web("c", "pay", (11, 12, 0), "o3", 50),
    _web("c", "cart", (14, 12, 0), "o1", 70),
    # d: paid before the first cart, then four days after it, a day after the second
    _web("d", "pay", (2, 9, 0), "o1", 1),
    _web("d", "cart", (2, 10, 0), "o1", 10),
    _web("d", "cart", (5, 10, 0), "o2", 200),
    _web("d", "pay", (6, 10, 0), "o2", 200),
    # e: the order unset
    _web("e", "cart", (1, 12, 0), None, 9),
    _web("e", "pay", (2, 12, 0), "", 9),
    # f: still to come
    _web("f", "cart", (20, 12, 0), "o1", 1),
    # g: the same order, written in two widths
    _web("g", "Cart", (8, 9, 0), "A1", 3),
    _web("g", "PAY", (9, 9, 0), "ａ１", 4),
]
WEB: list[Row] = [{"wid": index} | row for index, row in enumerate(_EVENTS)]
VISITS: list[Row] = [
    {"vid": "v1", "pid": 0, "day": date(2024, 4, 1)},
    {"vid": "v2", "pid": 0, "day": date(2024, 4, 2)},
    {"vid": "v3", "pid": 1, "day": date(2024, 4, 1)},
    {"vid": "v4", "pid": 3, "day": date(2024, 4, 16)},
    {"vid": "v5", "pid": 3, "day": None},
]


def _stay(person: str, start: tuple[int, ...], end: tuple[int, ...] | None) -> Row:
    return {
        "set": "vip", "_id": person, "entered_at": jst(2024, *start),
        "left_at": None if end is None else jst(2024, *end),
    }  # fmt: skip


STAYS: list[Row] = [
    _stay("a", (4, 1, 0, 0), None),
    _stay("b", (3, 1, 0, 0), (4, 10, 0, 0)),
    _stay("c", (4, 15, 12, 0), None),
    _stay("d", (3, 1, 0, 0), (4, 15, 12, 0)),
    _stay("e", (1, 1, 0, 0), (2, 1, 0, 0)),
    _stay("e", (4, 14, 12, 0), (4, 15, 6, 0)),
    _stay("f", (4, 20, 0, 0), None),
    _stay("stranger", (1, 1, 0, 0), None),
]
MEANS = {"new": "open", "busy": "working", "done": "done"}


def _member(person: str, status: str, start: tuple[int, ...], end: tuple[int, ...] | None) -> Row:
    return {
        "set": "calls", "_id": person, "status": status, "means": MEANS[status],
        "_from": jst(2024, 4, *start), "_to": None if end is None else jst(2024, 4, *end),
    }  # fmt: skip


MEMBERS: list[Row] = [
    _member("a", "new", (1, 0, 0), (5, 0, 0)),
    _member("a", "done", (5, 0, 0), None),
    _member("b", "busy", (1, 0, 0), None),
    _member("c", "new", (15, 12, 0), None),
    _member("d", "new", (1, 0, 0), (15, 12, 0)),
    _member("e", "new", (16, 0, 0), None),
    _member("f", "done", (1, 0, 0), None),
    _member("g", "done", (1, 0, 0), None),
    _member("g", "new", (2, 0, 0), None),
]
SETS = FixedSets(
    {
        "vip": SegmentInfo("vip", Text("優良顧客", "good customers"), "person"),
        "dormant": SegmentInfo("dormant", Text("休眠顧客", "dormant customers"), "person"),
        "firms": SegmentInfo("firms", Text("法人", "firms"), "company"),
    },
    {
        "calls": ListInfo(
            "calls", Text("春の架電", "spring calls"), "person",
            {"new": (Text("未着手", "not started"), "open"),
             "busy": (Text("対応中", "in work"), "working"),
             "done": (Text("完了", "done"), "done")},
        )
    },
)  # fmt: skip


def shop() -> World:
    person = make_dataset(
        "person", DatasetKind.CURRENT, ["pid"], [F("pid", T.INTEGER), F("fav", T.STRING)],
        subject="person",
    )  # fmt: skip
    company = make_dataset(
        "company", DatasetKind.CURRENT, ["cid"], [F("cid", T.INTEGER)], subject="company"
    )
    web = make_dataset(
        "web", DatasetKind.EVENT, ["wid"],
        [F("wid", T.INTEGER), F("pid", T.INTEGER), F("at", T.TIMESTAMP), F("name", T.STRING),
         F("order", T.STRING), F("amount", T.DECIMAL, scale=0), F("marks", T.STRINGS)],
        time=("at", TimeKind.OCCURRED),
        event=EventNaming({"person": "visits"}, name_field="name"),
    )  # fmt: skip
    visit = make_dataset(
        "visit", DatasetKind.EVENT, ["vid"],
        [F("vid", T.STRING), F("pid", T.INTEGER), F("day", T.DATE), F("amount", T.FLOAT)],
        time=("day", TimeKind.OCCURRED),
        event=EventNaming({"person": "calls"}, name="visit"),
    )  # fmt: skip
    relations = [
        *foreign_key("web", [("pid", "pid")], "person", "person", "visits"),
        *foreign_key("visit", [("pid", "pid")], "person", "person", "calls"),
    ]
    catalog = make_catalog([person, company, web, visit], relations, sets=SETS)
    rows = {"person": PERSONS, "company": [], "web": WEB, "visit": VISITS,
            SEGMENT_ROWS: STAYS, LIST_ROWS: MEMBERS}  # fmt: skip
    return World(catalog, rows)
