"""A bank that writes to its customers: persons with addresses, an approved template, a way out.

Sixty persons; person n has the address `pn@example.jp`, but for 59, whose address is that of 58,
and 60, who has none. All consented to promotion.
"""

from __future__ import annotations

import shutil
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enishi.book.clock import clock_set_to
from enishi.book.workspace import Workspace
from enishi.kernel.clock import VirtualClock
from enishi.messages.channels.port import Account, Outcome, Outgoing, Sent

if TYPE_CHECKING:  # the tables can be imported once Django is set up
    from book_fixtures import ApiClient
    from enishi.messages.deliveries.service import Wanted
    from enishi.messages.models import Delivery
    from enishi.messages.sending.lane import Sending

PEOPLE = 60
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)  # noon in Tokyo, a Friday
CATALOG = """
version: 1
purposes:
  deposits: {label: {ja: 預金の案内, en: Deposits}}
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
      email: {type: string, label: {ja: メール, en: Mail}, meaning: email, pii: high}
      branch: {type: string, label: {ja: 支店, en: Branch}}
      points: {type: integer, label: {ja: ポイント, en: Points}}
"""
BODY: dict[str, Any] = {
    "kind": "email",
    "subject": "{{ salutation }}へのご案内",
    "fields": {"points": {"value": {"field": "points"}, "default": "0"}},
    "design": {
        "blocks": [
            {"kind": "text", "text": "ポイントは{{ points }}です。"},
            {"kind": "button", "label": "詳しく", "url": "https://www.example.jp/points"},
            {
                "kind": "footer",
                "sender": "試験銀行",
                "address": "東京都",
                "contact": "03-0000-0000",
            },
        ]
    },
}


def address_of(n: int) -> str:
    return "" if n == PEOPLE else f"p{min(n, PEOPLE - 2)}@example.jp"


@dataclass
class Way:
    """A channel under a test's eyes. `answer` says what comes of each message."""

    answer: Callable[[Outgoing], Outcome] = lambda _: Sent("ok", Decimal("0.5"))
    name: str = "way"
    channel: str = "email"
    dedupes: bool = False
    workers: int = 4
    wait: dict[str, float] = field(default_factory=dict)
    sent: list[Outgoing] = field(default_factory=list)
    threads: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self, outgoing: Outgoing) -> bytes:
        return outgoing.rendered.subject.encode()

    def open(self) -> Way:
        return self

    def close(self) -> None:
        pass

    def wait_for(self, address: str) -> float:
        return self.wait.get(address, 0.0)

    def send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:
        assert prepared
        with self._lock:
            self.sent.append(outgoing)
            self.threads[threading.get_ident()] += 1
        return self.answer(outgoing)

    def keys(self) -> Counter[str]:
        return Counter(one.key for one in self.sent)


@dataclass
class Post:
    """One test's bank. `run` does what the lanes would, until nothing more is due."""

    workspace: Workspace
    clock: VirtualClock
    persons: list[str]
    version: str
    warehouse: Any
    people: Any
    ways: dict[str, Way] = field(default_factory=lambda: defaultdict(Way))
    _lanes: list[Sending] = field(default_factory=list)

    @property
    def way(self) -> Way:
        return self.ways["email"]

    def channel(self, account: Account) -> Way:
        return self.ways[account.slug or account.channel]

    def lane(self) -> Sending:
        """The sending lane of a process; a second call is another process."""
        from enishi.messages.public.links import links_for
        from enishi.messages.sending.lane import Sending

        made = Sending(links_for, self.channel)
        self._lanes.append(made)
        return made

    def run(self, lane: Sending | None = None, most: int = 2000) -> Sending:
        found, idle = lane or self.lane(), 0
        for _ in range(most):
            read = found.read_on()
            done = found.round()
            idle = 0 if read or done or found.busy() else idle + 1
            if idle == 2:  # a round may have thrown away what is read again by the next
                return found
            if not read and not done:
                found.wait(0.01 if idle else 0.5)
        raise AssertionError("the lane never comes to rest")

    def want(self, n: int, **more: Any) -> Wanted:
        """Person n's delivery."""
        from enishi.messages.deliveries.service import Wanted

        base: dict[str, Any] = {
            "key": f"test:{n}", "person": self.persons[n - 1], "channel": "email",
            "purpose": "deposits", "template_version": self.version, "due_at": self.clock(),
        }  # fmt: skip
        return Wanted(**(base | more))

    def queue(self, *wanted: Wanted) -> None:
        from enishi.book.unit import work
        from enishi.messages.deliveries.service import enqueue

        with work():
            enqueue(wanted)

    def row(self, n: int) -> Delivery:
        from enishi.messages.models import Delivery

        return Delivery.objects.get(key=f"test:{n}")

    def states(self) -> Counter[str]:
        from enishi.messages.models import Delivery

        return Counter(Delivery.objects.values_list("state", flat=True))

    def later(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))

    def api(self, role: str) -> ApiClient:
        from book_fixtures import ApiClient

        return ApiClient(self.people[role])


def write_people(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["person_id,name,email,branch,points"]
    for n in range(1, PEOPLE + 1):
        branch = "本店" if n % 2 == 0 else "駅前支店"
        lines.append(f"P{n:03},顧客 {n:03},{address_of(n)},{branch},{n * 10}")
    (folder / "person.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def furnish(workspace: Workspace) -> None:
    (workspace.root / "catalog").mkdir(exist_ok=True)
    (workspace.root / "catalog" / "bank.yaml").write_text(CATALOG, encoding="utf-8")
    write_people(workspace.data)


def make_template(slug: str = "points", body: dict[str, Any] | None = None, **more: Any) -> str:
    """An approved version's id."""
    from enishi.messages.models import Template, TemplateVersion

    template = Template.objects.create(
        slug=slug, name="ポイント", channel="email", owner="usr_1", created_by="usr_1",
        **({"purpose": "deposits"} | more),
    )  # fmt: skip
    return TemplateVersion.objects.create(
        template=template, number=1, state="approved", body=body or BODY, created_by="usr_1"
    ).id


def consent(persons: list[str]) -> None:
    from enishi.gate.models import Consent

    Consent.objects.bulk_create(
        Consent(person=p, given=True, at=NOW - timedelta(days=99), origin="user", by="usr_1")
        for p in persons
    )


@pytest.fixture(scope="session")
def loaded_post(_django: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from book_fixtures import make_workspace
    from enishi.sources.service import load
    from enishi.warehouse.client import open_warehouse

    folder = tmp_path_factory.mktemp("post")
    made = make_workspace(folder)
    shutil.copy2(_django.secret_path, made.secret_path)
    furnish(made)
    with open_warehouse(made, attach_only=False) as warehouse:
        for done in load(made, warehouse.engine, warehouse.catalog):
            assert str(done.state) == "loaded", done
    return folder


def _post(request: pytest.FixtureRequest, workspace: Workspace, loaded: Path) -> Iterator[Post]:
    from enishi.warehouse import process
    from enishi.warehouse.client import open_warehouse

    furnish(workspace)
    shutil.copy2(loaded / "var" / "warehouse.duckdb", workspace.warehouse_path)
    clock = VirtualClock(NOW)
    with clock_set_to(clock):
        warehouse = open_warehouse(workspace, clock=clock, attach_only=False)
        process.use_warehouse(warehouse)
        from enishi.book.access import SYSTEM

        table = warehouse.view("person", None, {}, actor=SYSTEM)
        ids = dict(zip(table.column("key").to_pylist(), table.column("_id").to_pylist(),
                       strict=True))  # fmt: skip
        persons = [str(ids[key]) for key in sorted(ids)]
        consent(persons)
        made = Post(
            workspace, clock, persons, make_template(), warehouse, request.getfixturevalue("people")
        )
        try:
            yield made
        finally:
            for lane in made._lanes:
                lane.close()
            process.use_warehouse(None)
            warehouse.close()


@pytest.fixture
def post(
    request: pytest.FixtureRequest, both_books: Workspace, loaded_post: Path
) -> Iterator[Post]:
    """The bank on a SQLite book, then on a PostgreSQL book."""
    yield from _post(request, both_books, loaded_post)


@pytest.fixture
def sqlite_post(
    request: pytest.FixtureRequest, book: Workspace, loaded_post: Path
) -> Iterator[Post]:
    """The bank on a SQLite book alone."""
    yield from _post(request, book, loaded_post)
