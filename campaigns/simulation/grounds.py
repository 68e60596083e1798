"""The bank on which worlds are played for real: six persons, three templates, a book to copy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from campaigns.simulation.drawing import PURPOSE
from campaigns.simulation.gatekeeper import CONSENTED
from campaigns.simulation.world import Change, World
from enishi.kernel.clock import VirtualClock

_CATALOG = """
version: 1
purposes:
  deposits: {label: {ja: 預金の案内, en: Deposits}}
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: current
    subject: person
    key: number
    source: {files: "person.csv"}
    fields:
      number: {type: string, label: {ja: 顧客番号, en: Number}}
      email: {type: string, label: {ja: メール, en: Mail}, meaning: email, pii: high}
      phone: {type: string, label: {ja: 電話, en: Phone}, meaning: phone, pii: high}
      balance: {type: integer, label: {ja: 残高, en: Balance}}
      rank: {type: string, label: {ja: ランク, en: Rank}}
      matures: {type: date, label: {ja: 満期日, en: Maturity}}
"""
_BODIES: dict[str, dict[str, Any]] = {
    "letter": {
        "kind": "email", "subject": "ご案内", "design": {"blocks": [
            {"kind": "text", "text": "ご案内です。"},
            {"kind": "footer", "sender": "試験銀行", "address": "東京都", "contact": "03-00"},
        ]},
    },
    "note": {"kind": "sms", "text": "ご案内です。"},
    "ping": {"kind": "push", "title": "ご案内", "body": "ご案内です。"},
}  # fmt: skip


@dataclass
class Ground:
    """A workspace with its warehouse open. `persons` are Enishi ids."""

    root: Path
    warehouse: Any
    persons: tuple[str, ...]

    @property
    def book(self) -> Path:
        return self.root / "var" / "book.sqlite3"

    @contextmanager
    def anew(self, of: World, clock: VirtualClock) -> Iterator[None]:
        """A book as it was made, in the zone of a world, where everybody has consented."""
        from django.db import connections

        from enishi.book.clock import clock_set_to
        from enishi.book.workspace import read_workspace, use_workspace
        from enishi.gate.models import Consent, GateState

        connections.close_all()
        for old in self.book.parent.glob("book.sqlite3*"):
            old.unlink()
        shutil.copy2(self.root / "made.sqlite3", self.book)
        write_settings(self.root, str(of.zone))
        use_workspace(read_workspace(self.root))
        before = of.begins - timedelta(days=1)
        with clock_set_to(clock):
            # What is kept of policies is another zone's.
            GateState.objects.update_or_create(id=1, defaults={"stamp": of.seed + 1000})
            Consent.objects.bulk_create(
                Consent(person=p, channel=c, given=True, at=before, origin="user", by="u",
                        recorded_at=before)
                for p in of.persons for c in CONSENTED
            )  # fmt: skip
            yield
        connections.close_all()

    def change(self, changes: Sequence[Change]) -> None:
        """What is known of people, put into the warehouse as a load would leave it."""
        if not changes:
            return
        with self.warehouse.engine.workbench() as bench, bench.transaction():
            for one in changes:
                folded = ", rank__f = ?" if one.field == "rank" else ""
                values = [one.value] * (2 if folded else 1)
                bench.execute(
                    f"UPDATE data.person SET {one.field} = ?{folded} WHERE _id = ?",
                    [*values, one.person],
                )

    def make_journey(self, of: World) -> str:
        from enishi.book.clock import now
        from enishi.journeys.models import Journey, JourneyVersion

        made = Journey.objects.create(
            slug="simulated", name="simulated", state="live", owner="u", created_by="u",
            live_since=now(),
        )  # fmt: skip
        JourneyVersion.objects.create(
            journey=made, number=1, state="live", created_by="u", live_at=now(),
            body=of.body.model_dump(mode="json"),
        )  # fmt: skip
        return str(made.id)

    def put_newer_live(self, journey: str, of: World) -> None:
        """The newer version goes live, and those inside are moved to it."""
        from enishi.book.clock import now
        from enishi.journeys.models import JourneyVersion

        JourneyVersion.objects.filter(journey_id=journey).update(state="replaced")
        JourneyVersion.objects.create(
            journey_id=journey, number=2, state="live", created_by="u", live_at=now(),
            body=of.newer.model_dump(mode="json"), moving={"1": of.mapping},
        )  # fmt: skip


def write_settings(root: Path, zone: str) -> None:
    text = f'name = "試験銀行"\ntimezone = "{zone}"\n'
    (root / "enishi.toml").write_text(text, encoding="utf-8")


@contextmanager
def opened(root: Path) -> Iterator[Ground]:
    """This process on a new workspace below `root`."""
    (root / "catalog").mkdir(parents=True)
    (root / "catalog" / "bank.yaml").write_text(_CATALOG, encoding="utf-8")
    (root / "data").mkdir()
    rows = [f"P{n},p{n}@example.jp,0900000000{n},0,a,2026-01-01\n" for n in range(1, 7)]
    (root / "data" / "person.csv").write_text(
        "number,email,phone,balance,rank,matures\n" + "".join(rows), encoding="utf-8"
    )
    write_settings(root, "Asia/Tokyo")
    from enishi.book.setup import migrate, setup
    from enishi.book.workspace import read_workspace

    workspace = read_workspace(root)
    workspace.prepare()
    workspace.secret_path.write_text("5e" * 32, encoding="ascii")  # people are called the same
    setup(workspace)
    migrate()
    from django.db import connections

    from enishi.gate import jobs as gate_jobs
    from enishi.sources.service import load
    from enishi.warehouse import process
    from enishi.warehouse.client import open_file

    with open_file(workspace) as warehouse:
        process.use_warehouse(warehouse)
        for done in load(workspace, warehouse.engine, warehouse.catalog):
            if str(done.state) != "loaded":
                raise SystemExit(f"the persons could not be loaded: {done}")
        while gate_jobs.run_once(None):
            pass
        persons = _persons(warehouse)
        _make_templates()
        _let_push(persons)
        with connections["default"].cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.fetchall()
        connections.close_all()
        shutil.copy2(workspace.book_path, root / "made.sqlite3")
        try:
            yield Ground(root, warehouse, persons)
        finally:
            process.use_warehouse(None)


def _make_templates() -> None:
    from enishi.messages.models import Template, TemplateVersion

    for slug, body in _BODIES.items():
        made = Template.objects.create(
            slug=slug, name=slug, channel=body["kind"], purpose=PURPOSE, owner="u", created_by="u"
        )
        TemplateVersion.objects.create(
            template=made, number=1, state="approved", body=body, created_by="u"
        )


def _let_push(persons: Sequence[str]) -> None:
    """Everybody has a browser that takes pushes."""
    from enishi.messages.models import ChannelAddress

    for person in persons:
        told = json.dumps({"endpoint": f"https://push.example.jp/{person}", "keys": {}})
        ChannelAddress.objects.create(person=person, channel="push", address=told, digest=person)


def _persons(warehouse: Any) -> tuple[str, ...]:
    from enishi.book.access import SYSTEM

    found = warehouse.view("person", None, {}, actor=SYSTEM).column("_id").to_pylist()
    return tuple(sorted(found))
