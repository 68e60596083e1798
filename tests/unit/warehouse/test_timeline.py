"""The timeline of one subject, against a reading of the files by hand; groups of companies."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from enishi.book.access import OPERATOR, Actor
from enishi.kernel.errors import NotFound
from enishi.warehouse.warehouse import Warehouse

TOKYO = ZoneInfo("Asia/Tokyo")
CATALOG = """
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: current
    subject: person
    key: id
    source: {files: "person.csv"}
    fields: {id: {type: string, meaning: id}, branch: {type: string}}
  account:
    label: {ja: 口座, en: Account}
    kind: current
    key: no
    source: {files: "account.csv"}
    fields: {no: {type: integer}, owner: {type: string}, balance: {type: decimal, scale: 2}}
  move:
    label: {ja: 入出金, en: Move}
    kind: event
    key: [account, n]
    time: {field: at, kind: occurred}
    event: {name_field: what, of: {person: accounts.moves}}
    source: {files: "move.csv"}
    fields:
      account: {type: integer}
      n: {type: integer}
      at: {type: timestamp}
      what: {type: string}
      memo: {type: string, pii: high}
  letter:
    label: {ja: 手紙, en: Letter}
    kind: event
    key: id
    time: {field: on, kind: occurred}
    event: {name: letter, of: {person: letters}}
    source: {files: "letter.csv"}
    fields: {id: {type: string}, person: {type: string}, on: {type: date}}
  company:
    label: {ja: 法人, en: Company}
    kind: current
    subject: company
    key: no
    display: name
    source: {files: "company.csv"}
    fields:
      no: {type: string}
      name: {type: string, meaning: company_name}
      parent: {type: string}
      branch: {type: string}
relations:
  - {from: account.owner, to: person.id, name: holder, inverse: accounts}
  - {from: move.account, to: account.no, name: account_, inverse: moves}
  - {from: letter.person, to: person.id, name: receiver, inverse: letters}
  - {from: company.parent, to: company.no, name: above, inverse: below}
worth:
  person:
    - {label: {ja: 預かり, en: Assets}, of: [accounts.balance]}
"""
NOW = datetime(2026, 4, 10, 3, tzinfo=UTC)


def _files(seed: int) -> tuple[dict[str, str], list[tuple[datetime, str, str]]]:
    """The files, and P1's entries as they should stand, the newest first."""
    lot = random.Random(seed)
    moves, letters, places = [], [], []
    day = NOW.astimezone(TOKYO).date()
    for n in range(60):
        account = lot.choice([1, 2, 3])
        # Few instants, so that many entries share one; some lie ahead, and are not told.
        at = datetime(2026, 4, 1, tzinfo=TOKYO) + timedelta(hours=12 * lot.randint(0, 24))
        moves.append(f"{account},{n},{at.astimezone(TOKYO):%Y-%m-%dT%H:%M},m{n % 3},secret")
        if account != 3 and at <= NOW:
            places.append((at.astimezone(UTC), "move", f"{account}/{n}"))
    for n in range(20):
        on = date(2026, 4, 1) + timedelta(days=lot.randint(0, 14))
        person = lot.choice(["P1", "P2"])
        letters.append(f"L{n},{person},{on}")
        if person == "P1" and on <= day:
            end = datetime(on.year, on.month, on.day, tzinfo=TOKYO) + timedelta(days=1)
            places.append((end.astimezone(UTC) - timedelta(microseconds=1), "letter", f"L{n}"))
    files = {
        "person.csv": "id,branch\nP1,B1\nP2,B2\n",
        "account.csv": "no,owner,balance\n1,P1,100.50\n2,P1,0.25\n3,P2,7\n",
        "move.csv": "account,n,at,what,memo\n" + "\n".join(moves) + "\n",
        "letter.csv": "id,person,on\n" + "\n".join(letters) + "\n",
        "company.csv": "no,name,parent,branch\nC1,親,,B1\nC2,子,C1,B2\nC3,孫,C2,B1\nC4,独り,,B1\n"
        "C5,輪一,C6,B1\nC6,輪二,C5,B1\n",
    }
    return files, sorted(places, reverse=True)


@pytest.fixture
def ask(world):
    made = world(CATALOG)
    for name, content in _files(1)[0].items():
        made.put(name, content)
    assert made.load().state == "loaded"
    return Warehouse(made.engine, lambda: made.catalog, lambda: NOW)


def _read(ask: Warehouse, limit: int, **more: object) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    before = None
    for _ in range(200):
        told = ask.timeline("P1", actor=OPERATOR, before=before, limit=limit, **more)
        found += [tuple(item["place"]) for item in told["items"]]
        if not told["more"]:
            return found
        before = told["items"][-1]["place"]
    raise AssertionError("it does not end")


@pytest.mark.parametrize("limit", [1, 3, 7, 1000])
def test_pages_join_without_a_gap_or_a_double(ask, limit):
    expected = [(at.isoformat(), source, key) for at, source, key in _files(1)[1]]
    assert len(expected) > 30
    assert _read(ask, limit) == expected
    letters = [one for one in expected if one[1] == "letter"]
    assert _read(ask, limit, datasets=["letter"]) == letters


def test_a_bound_keeps_what_came_since(ask):
    since = datetime(2026, 4, 7, 1, tzinfo=UTC)
    expected = [at for at, _, _ in _files(1)[1] if at >= since]
    assert len(_read(ask, 1000, since=since)) == len(expected)


def test_the_years_count_what_the_pages_show(ask):
    told = ask.timeline_years("P1", actor=OPERATOR)
    counts = {one["source"]: one["years"] for one in told["sources"]}
    places = _files(1)[1]
    assert counts == {
        name: {"2026": sum(source == name for _, source, _ in places)}
        for name in ("move", "letter")
    }


def test_what_is_masked_is_masked_on_the_timeline(ask):
    low = Actor("u", "marketer", None, {}, "low")
    told = ask.timeline("P1", actor=low, datasets=["move"], limit=1)["items"][0]
    assert (told["values"]["memo"], told["masked"]) == ("＊＊＊", ["memo"])
    assert ask.timeline("P1", actor=OPERATOR, datasets=["move"])["items"][0]["masked"] == []


def test_what_she_is_worth_is_added_up(ask):
    told = ask.person("P1", actor=OPERATOR)["worth"]
    assert [(one["label"]["en"], one["value"], one["rows"]) for one in told] == [
        ("Assets", "100.75", 2)
    ]


def _company(ask: Warehouse, number: str) -> str:
    found = ask.search(number, subject="company", actor=OPERATOR)["items"]
    return str(next(one["id"] for one in found if one["key"] == number))


def test_a_group_is_told_from_its_top(ask):
    told = ask.group(_company(ask, "C2"), actor=OPERATOR)
    assert [(one["depth"], one["display"], one["itself"]) for one in told["items"]] == [
        (0, "親", False), (1, "子", True), (2, "孫", False),
    ]  # fmt: skip
    assert ask.group(_company(ask, "C4"), actor=OPERATOR)["items"] == []
    ring = ask.group(_company(ask, "C5"), actor=OPERATOR)["items"]
    assert sorted(one["display"] for one in ring) == ["輪一", "輪二"]


def test_companies_outside_the_scope_have_no_name(ask):
    scope = {"field": "branch", "op": "eq", "value": "B1"}
    scoped = Actor("u", "manager", scope, {}, "high")
    told = ask.group(_company(ask, "C3"), actor=scoped)["items"]
    assert [(one["display"], one["key"], one["seen"]) for one in told] == [
        ("親", "C1", True), (None, None, False), ("孫", "C3", True),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        ask.group(_company(ask, "C2"), actor=scoped)
    assert ask.person(_company(ask, "C1"), actor=scoped)["display"] == "親"
