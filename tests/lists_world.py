"""A small bank for the tests of lists: a catalog, a loaded warehouse, a definition, its staff.

Forty persons in two branches. Person n has one time deposit of n × 100,000 yen; even ones live in
本店, odd ones in 駅前支店; the relationship owners are staff S1 and S2 in turn.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enishi.book.clock import clock_set_to
from enishi.book.workspace import Workspace
from enishi.kernel.clock import VirtualClock

if TYPE_CHECKING:
    from book_fixtures import ApiClient
    from enishi.book.access import Actor
    from enishi.book.models import User

PEOPLE = 40
CATALOG = """
version: 1
purposes:
  deposits: {label: {ja: 預金の案内, en: Deposits}}
  cards: {label: {ja: カードの案内, en: Cards}}
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: current
    subject: person
    key: person_id
    display: name
    source: {files: "person.csv"}
    fields:
      person_id: {type: string, label: {ja: 顧客番号, en: Number}}
      name: {type: string, label: {ja: 氏名, en: Name}, meaning: person_name, pii: low}
      phone: {type: string, label: {ja: 電話, en: Phone}, meaning: phone, pii: high}
      branch: {type: string, label: {ja: 支店, en: Branch}}
      owner: {type: string, label: {ja: 担当, en: Owner}}
      income: {type: integer, label: {ja: 年収, en: Income}, purposes: [cards]}
  deposit:
    label: {ja: 定期預金, en: Time deposit}
    kind: current
    key: deposit_id
    source: {files: "deposit.csv"}
    fields:
      deposit_id: {type: string, label: {ja: 預金番号, en: Number}}
      person_id: {type: string, label: {ja: 顧客番号, en: Person}}
      balance: {type: decimal, scale: 2, label: {ja: 残高, en: Balance}, meaning: money}
relations:
  - from: deposit.person_id
    to: person.person_id
    name: person
    inverse: deposits
    label: {ja: 顧客, en: Person}
    inverse_label: {ja: 定期預金, en: Deposits}
"""
BODY: dict[str, Any] = {
    "name": {"ja": "定期預金の案内", "en": "Time deposits"},
    "subject": "person",
    "purpose": "deposits",
    "product": "time_deposit",
    "product_label": {"ja": "定期預金", "en": "Time deposits"},
    "rule": {"related": "deposits", "measure": {"sum": "balance"}, "op": "gt", "value": 0},
    "columns": [
        {"name": "balance", "label": {"ja": "残高", "en": "Balance"}, "format": "money",
         "value": {"related": "deposits", "measure": {"sum": "balance"}}},
        {"name": "branch", "label": {"ja": "支店", "en": "Branch"}, "role": "branch",
         "value": {"field": "branch"}},
        {"name": "owner", "label": {"ja": "担当", "en": "Owner"}, "role": "owner",
         "value": {"field": "owner"}},
        {"name": "phone", "label": {"ja": "電話", "en": "Phone"}, "format": "phone",
         "value": {"field": "phone"}},
    ],
    "filters": [
        {"name": "branch", "label": {"ja": "支店", "en": "Branch"}, "value": {"field": "branch"}},
        {"name": "deposits", "label": {"ja": "預金", "en": "Deposits"},
         "value": {"related": "deposits"}},
    ],
    "talk_guide": "## はじめに\n",
}  # fmt: skip
START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # 10:00 in Tokyo, a Friday


def write_people(folder: Path, balances: dict[int, int] | None = None, without: int = 0) -> None:
    """The bank's two files; the deposits of the first `without` persons are overdrawn."""
    told = {n: n * 100_000 if n > without else -1 for n in range(1, PEOPLE + 1)} | (balances or {})
    folder.mkdir(parents=True, exist_ok=True)
    persons = ["person_id,name,phone,branch,owner,income"]
    deposits = ["deposit_id,person_id,balance"]
    for n in range(1, PEOPLE + 1):
        branch = "本店" if n % 2 == 0 else "駅前支店"
        persons.append(f"P{n:03},顧客 {n:03},090-0000-{n:04},{branch},S{1 + n % 2},{n}000")
        deposits.append(f"D{n:03},P{n:03},{told[n]}.50")
    (folder / "person.csv").write_text("\n".join(persons) + "\n", encoding="utf-8")
    (folder / "deposit.csv").write_text("\n".join(deposits) + "\n", encoding="utf-8")


@dataclass
class Bank:
    """The bank of one test. `clock` stands still; `build()` does what the work process would."""

    workspace: Workspace
    clock: VirtualClock
    people: dict[str, User]
    client_of: Callable[..., ApiClient]
    make_user: Callable[..., User]
    warehouse: Any
    clients: dict[str, ApiClient] = field(default_factory=dict)

    def api(self, role: str) -> ApiClient:
        if role not in self.clients:
            self.clients[role] = self.client_of(role)
        return self.clients[role]

    def api_of(self, user: User) -> ApiClient:
        from book_fixtures import ApiClient

        return ApiClient(user)

    def actor(self, role: str) -> Actor:
        from enishi.book.access import actor_of

        return actor_of(self.people[role])

    def load(self, **given: Any) -> None:
        """Rewrite the files and load them again."""
        from enishi.sources.service import load

        write_people(self.workspace.data, **given)
        for done in load(
            self.workspace, self.warehouse.engine, self.warehouse.catalog, clock=self.clock
        ):
            assert str(done.state) == "loaded", done

    def later(self, by: timedelta) -> None:
        """Let time pass; sessions that have idled out are signed in again."""
        self.clock.advance(by)
        if by >= timedelta(minutes=20):
            self.clients.clear()

    def reopen(self) -> None:
        """Open the warehouse again after another process had its file."""
        from enishi.warehouse import process
        from enishi.warehouse.client import open_warehouse

        self.warehouse = open_warehouse(self.workspace, clock=self.clock, attach_only=False)
        process.use_warehouse(self.warehouse)

    def build(self) -> None:
        """Let the loop of lists run until it finds nothing more."""
        from enishi.lists.jobs import run_once

        while run_once():
            pass

    def define(self, slug: str = "deposits", **changes: Any) -> str:
        """An active definition's id."""
        api = self.api("administrator")
        made = api.post("definitions", {"slug": slug, "body": BODY | changes})
        assert made.status_code == 201, made.content.decode()
        found = made.json()["id"]
        done = api.post(f"definitions/{found}/activate")
        assert done.status_code == 200, done.content.decode()
        return str(found)

    def make_list(self, definition: str | None = None, **wish: Any) -> str:
        """A list, built; its id."""
        made = self.api("manager").post(
            "lists", {"definition": definition or self.define(), "name": "満期案内", **wish}
        )
        assert made.status_code == 201, made.content.decode()
        self.build()
        return str(made.json()["id"])

    def members(self, list_id: str, role: str = "manager", **query: Any) -> list[dict[str, Any]]:
        asked = "&".join(f"{name}={value}" for name, value in {"limit": 500, **query}.items())
        answer = self.api(role).get(f"lists/{list_id}/members?{asked}")
        assert answer.status_code == 200, answer.content.decode()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def log(
        self, list_id: str, member: int, outcome: str, role: str = "manager", **more: Any
    ) -> Any:
        return self.api(role).post(
            f"lists/{list_id}/members/{member}/engagements",
            {"kind": "call", "outcome": outcome, **more},
        )


@pytest.fixture(scope="session")
def loaded_bank(_django: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace folder with the bank's catalog, files and loaded warehouse; tests copy it."""
    from book_fixtures import make_workspace
    from enishi.sources.service import load
    from enishi.warehouse.client import open_warehouse

    folder = tmp_path_factory.mktemp("bank")
    made = make_workspace(folder)
    shutil.copy2(_django.secret_path, made.secret_path)
    furnish(made)
    with open_warehouse(made, attach_only=False) as warehouse:
        for done in load(made, warehouse.engine, warehouse.catalog):
            assert str(done.state) == "loaded", done
    return folder


def furnish(workspace: Workspace) -> None:
    (workspace.root / "catalog").mkdir(exist_ok=True)
    (workspace.root / "catalog" / "bank.yaml").write_text(CATALOG, encoding="utf-8")
    write_people(workspace.data)


def _bank(request: pytest.FixtureRequest, workspace: Workspace, loaded: Path) -> Iterator[Bank]:
    from enishi.warehouse import process

    furnish(workspace)
    shutil.copy2(loaded / "var" / "warehouse.duckdb", workspace.warehouse_path)
    clock = VirtualClock(START)
    with clock_set_to(clock):
        made = Bank(
            workspace, clock, request.getfixturevalue("people"),
            request.getfixturevalue("client_of"), request.getfixturevalue("make_user"), None,
        )  # fmt: skip
        made.reopen()
        try:
            yield made
        finally:
            process.use_warehouse(None)
            made.warehouse.close()


@pytest.fixture
def bank(
    request: pytest.FixtureRequest, both_books: Workspace, loaded_bank: Path
) -> Iterator[Bank]:
    """The bank on a SQLite book, then on a PostgreSQL book."""
    yield from _bank(request, both_books, loaded_bank)


@pytest.fixture
def sqlite_bank(
    request: pytest.FixtureRequest, book: Workspace, loaded_bank: Path
) -> Iterator[Bank]:
    """The bank on a SQLite book alone, for what no database can change."""
    yield from _bank(request, book, loaded_bank)
