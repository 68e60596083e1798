"""A small bank whose every row sits on an edge, for cases whose answers are read off by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from enishi.catalog.types import DatasetKind, EventNaming, FieldType, TimeKind
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


def jst(*parts: int) -> datetime:
    """An instant by its Tokyo wall clock."""
    return datetime(*parts, tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC)  # type: ignore[misc, arg-type]


AS_OF = jst(2024, 3, 31, 12, 0)
"""A Sunday: one month earlier is clamped to 29 February."""

EVERYBODY = "abcde"

PERSONS: list[Row] = [
    # a: everything set
    {"_id": "a", "pid": 1, "name": "ＡＢＣ商事", "born": date(2000, 2, 29), "joined": jst(2024, 3,
     31, 0, 0),
     "n": 10, "score": 0.1, "vip": True, "tags": ["Gold", "ｱ"], "money": Decimal("100.10"),
      "home": "b1",
     "other": "ABC商事"},
    # b: everything unset
    {"_id": "b", "pid": 2},
    # c: empty texts and an empty list
    {"_id": "c", "pid": 3, "name": "", "born": date(1974, 4, 1), "joined": jst(2024, 3, 30, 23,
     59, 59),
     "n": 0, "score": -1.0, "vip": False, "tags": [], "money": Decimal("0.00"), "home": "B1"},
    # d
    {"_id": "d", "pid": 4, "name": "10〜20", "born": date(1974, 3, 31), "joined": jst(2024, 3, 1,
     0, 0),
     "n": -1, "score": 2.5, "vip": True, "tags": ["gold"], "money": Decimal("-0.01"), "home": "zz",
     "other": "10～20"},
    # e: joins after the instant of most questions
    {"_id": "e", "pid": 5, "name": "straße", "born": date(2024, 3, 31), "joined": jst(2024, 2, 29,
     12, 0),
     "n": 3, "vip": None, "tags": ["x", "y"], "money": Decimal("99999999999999.99")},
]  # fmt: skip

LINKS: list[Row] = [
    {"lid": 1, "pid": 1, "aid": 1, "role": "Owner"},
    {"lid": 2, "pid": 1, "aid": 1, "role": "OWNER"},  # the same account by a second way
    {"lid": 3, "pid": 1, "aid": 2, "role": "user"},
    {"lid": 4, "pid": 3, "aid": 2, "role": "ｏｗｎｅｒ"},
    {"lid": 5, "pid": 4, "aid": 3, "role": "owner"},
    {"lid": 6, "pid": 4, "aid": None, "role": "owner"},
]
ACCOUNTS: list[Row] = [
    # account 1: 100.00 until 1 March 2024, then 250.50
    {"aid": 1, "kind": "定期預金", "balance": Decimal("100.00"), "due": date(2030, 1, 1),
     "_from": jst(2023, 1, 1), "_to": jst(2024, 3, 1)},
    {"aid": 1, "kind": "定期預金", "balance": Decimal("250.50"), "due": date(2030, 1, 1),
     "_from": jst(2024, 3, 1), "_to": None},
    {"aid": 2, "kind": "普通預金", "balance": None, "due": date(2024, 4, 6),
     "_from": jst(2024, 3, 10), "_to": jst(2024, 4, 10)},
    # account 3 ended exactly at the instant: `_to` is exclusive
    {"aid": 3, "kind": "普通預金", "balance": Decimal("1.00"), "due": date(2024, 4, 7),
     "_from": jst(2023, 1, 1), "_to": AS_OF},
]  # fmt: skip
TRANS: list[Row] = [
    {"tid": 1, "aid": 1, "at": jst(2024, 3, 1, 12, 0), "amount": Decimal("10.00"), "memo": "a"},
    {"tid": 2, "aid": 1, "at": jst(2024, 3, 1, 12, 0), "amount": None, "memo": "A"},
      # a tie in time
    {"tid": 3, "aid": 1, "at": AS_OF, "amount": Decimal("0.01"), "memo": None},
    {"tid": 4, "aid": 1, "at": jst(2024, 3, 31, 12, 0, 1), "amount": Decimal("7"), "memo": "later"},
    {"tid": 5, "aid": 1, "at": None, "amount": Decimal("5.00"), "memo": "timeless"},
    {"tid": 6, "aid": 2, "at": jst(2024, 3, 1, 0, 0), "amount": Decimal("3.00"), "memo": "b"},
]  # fmt: skip
VISITS: list[Row] = [
    {"vid": "v10", "pid": 3, "day": date(2024, 3, 30), "name": "Login", "pages": 3},
    {"vid": "v9", "pid": 3, "day": date(2024, 3, 30), "name": "login", "pages": 4},
    {"vid": "v1", "pid": 3, "day": date(2024, 3, 31), "name": "購入", "pages": 5},
    {"vid": "v2", "pid": 3, "day": date(2024, 4, 1), "name": "login", "pages": 6},
    {"vid": "v3", "pid": 4, "day": date(2024, 2, 29), "name": "login", "pages": 1},
    {"vid": "v4", "pid": 4, "day": date(2024, 3, 1), "name": "login", "pages": None},
]
BRANCHES: list[Row] = [{"code": "b1", "region": "関東", "opened": date(1999, 12, 31)}]


def bank() -> World:
    person = make_dataset(
        "person", DatasetKind.CURRENT, ["pid"],
        [F("pid", T.INTEGER), F("name", T.STRING), F("other", T.STRING), F("born", T.DATE),
         F("joined", T.TIMESTAMP), F("n", T.INTEGER), F("score", T.FLOAT), F("vip", T.BOOLEAN),
         F("tags", T.STRINGS), F("money", T.DECIMAL, scale=2), F("home", T.STRING)],
        subject="person",
    )  # fmt: skip
    link = make_dataset(
        "link", DatasetKind.CURRENT, ["lid"],
        [F("lid", T.INTEGER), F("pid", T.INTEGER), F("aid", T.INTEGER), F("role", T.STRING)],
    )  # fmt: skip
    account = make_dataset(
        "account", DatasetKind.VERSIONED, ["aid"],
        [F("aid", T.INTEGER), F("kind", T.STRING), F("balance", T.DECIMAL, scale=2), F("due",
         T.DATE)],
        time=("due", TimeKind.PLANNED),
    )  # fmt: skip
    trans = make_dataset(
        "trans", DatasetKind.EVENT, ["tid"],
        [F("tid", T.INTEGER), F("aid", T.INTEGER), F("at", T.TIMESTAMP),
         F("amount", T.DECIMAL, scale=2), F("memo", T.STRING)],
        time=("at", TimeKind.OCCURRED),
        event=EventNaming({"person": "owned.transactions"}, name="trans"),
    )  # fmt: skip
    visit = make_dataset(
        "visit", DatasetKind.EVENT, ["vid"],
        [F("vid", T.STRING), F("pid", T.INTEGER), F("day", T.DATE), F("name", T.STRING),
         F("pages", T.INTEGER)],
        time=("day", TimeKind.OCCURRED),
        event=EventNaming({"person": "visits"}, name_field="name"),
    )  # fmt: skip
    branch = make_dataset(
        "branch", DatasetKind.CURRENT, ["code"],
        [F("code", T.STRING), F("region", T.STRING), F("opened", T.DATE)],
    )  # fmt: skip
    relations = [
        *foreign_key("person", [("home", "code")], "branch", "branch", "residents"),
        *foreign_key("link", [("pid", "pid")], "person", "person", "links"),
        *foreign_key("link", [("aid", "aid")], "account", "account", "links"),
        *foreign_key("trans", [("aid", "aid")], "account", "account", "transactions"),
        *foreign_key("visit", [("pid", "pid")], "person", "person", "visits"),
        path_relation(
            "owned", "person", "account",
            [("links", {"field": "role", "op": "eq", "value": "owner"}), ("account", None)],
        ),
    ]  # fmt: skip
    catalog = make_catalog([person, link, account, trans, visit, branch], relations)
    rows = {"person": PERSONS, "link": LINKS, "account": ACCOUNTS, "trans": TRANS,
            "visit": VISITS, "branch": BRANCHES}  # fmt: skip
    return World(catalog, rows)
