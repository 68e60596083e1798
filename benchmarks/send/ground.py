"""The bank that sends: persons with addresses, consents, a template, a mail server set up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CATALOG = """
version: 1
purposes:
  deposits: {label: {ja: 預金の案内, en: Deposits}}
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: current
    subject: person
    key: id
    display: name
    source: {files: "person.csv"}
    fields:
      id: {type: integer, label: {ja: 番号, en: Number}}
      name: {type: string, label: {ja: 氏名, en: Name}, meaning: person_name}
      email: {type: string, label: {ja: メール, en: Mail}, meaning: email}
      branch: {type: string, label: {ja: 支店, en: Branch}}
      balance: {type: decimal, scale: 0, label: {ja: 残高, en: Balance}}
      maturity: {type: date, label: {ja: 満期日, en: Maturity}}
"""
BODY: dict[str, Any] = {
    "kind": "email",
    "subject": "{{ salutation }} 定期預金の満期のご案内",
    "preheader": "満期日は{{ maturity }}です",
    "fields": {
        "balance": {"value": {"field": "balance"}, "default": "0", "format": "money"},
        "maturity": {"value": {"field": "maturity"}, "default": "未定", "format": "date"},
        "branch": {"value": {"field": "branch"}, "default": "本店"},
    },
    "design": {
        "blocks": [
            {"kind": "heading", "text": "{{ salutation }}"},
            {
                "kind": "text",
                "text": "いつも{{ branch }}をご利用いただき、ありがとうございます。\n\n"
                "**{{ balance }}** の定期預金が {{ maturity }} に満期を迎えます。",
            },
            {"kind": "button", "label": "手続きを見る", "url": "https://www.example.jp/maturity"},
            {
                "kind": "text",
                "text": "- [金利の一覧](https://www.example.jp/rates)\n"
                "- [店舗の一覧](https://www.example.jp/branches)",
            },
            {
                "kind": "footer",
                "sender": "試験銀行",
                "address": "東京都千代田区1-1",
                "contact": "03-0000-0000",
            },
        ]
    },
}
NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)  # 12:00 in Tokyo, a Friday: nothing is quiet


def write_workspace(root: Path, people: int) -> None:
    """The files of the bank."""
    (root / "catalog").mkdir(parents=True)
    (root / "catalog" / "bank.yaml").write_text(CATALOG, encoding="utf-8")
    (root / "enishi.toml").write_text('name = "試験銀行"\n', encoding="utf-8")
    (root / "data").mkdir()
    with (root / "data" / "person.csv").open("w", encoding="utf-8") as file:
        file.write("id,name,email,branch,balance,maturity\n")
        for n in range(people):
            file.write(
                f"{n},顧客 {n:07},p{n}@example.jp,支店{n % 120:03},{(n * 37) % 9_000_000},"
                f"2026-12-{n % 28 + 1:02}\n"
            )


@contextmanager
def opened(root: Path, begun: datetime | None = None, *, make: bool = True) -> Iterator[Any]:
    """This process on the workspace, with the warehouse open; it was noon when it had `begun`.

    `make`: make the book's tables first.
    """
    from enishi.book.setup import migrate, setup
    from enishi.book.workspace import read_workspace

    workspace = read_workspace(root)
    workspace.prepare()
    setup(workspace)
    if make:
        migrate()
    from enishi.book.clock import clock_set_to
    from enishi.warehouse import process
    from enishi.warehouse.client import open_file

    start = begun or datetime.now(UTC)
    with clock_set_to(lambda: NOON + (datetime.now(UTC) - start)), open_file(workspace) as found:
        process.use_warehouse(found)
        try:
            yield found
        finally:
            process.use_warehouse(None)


def load(workspace: Any, warehouse: Any) -> None:
    """Load the persons, let the gate know them, and write down that all of them consented."""
    from enishi.gate import jobs as gate_jobs
    from enishi.gate.models import Consent
    from enishi.sources.service import load as load_files

    for done in load_files(workspace, warehouse.engine, warehouse.catalog):
        if str(done.state) != "loaded":
            raise SystemExit(f"the persons could not be loaded: {done}")
    while gate_jobs.run_once(None):
        pass
    said = NOON - timedelta(days=90)
    rows = [
        Consent(person=one, given=True, at=said, origin="import", by="system", recorded_at=said)
        for one in everybody(warehouse)
    ]
    Consent.objects.bulk_create(rows, batch_size=500)


def everybody(warehouse: Any) -> list[str]:
    from enishi.book.access import SYSTEM

    found: list[str] = warehouse.view("person", None, {}, actor=SYSTEM).column("_id").to_pylist()
    return found


def make_template() -> str:
    """An approved version's id."""
    from enishi.messages.models import Template, TemplateVersion

    template = Template.objects.create(
        slug="maturity", name="満期のご案内", channel="email", purpose="deposits",
        owner="operator", created_by="operator",
    )  # fmt: skip
    return TemplateVersion.objects.create(
        template=template, number=1, state="approved", body=BODY, created_by="operator"
    ).id


def make_sender(port: int, connections: int) -> None:
    """A mail server on this machine, with a key to sign with, switched live."""
    from enishi.book.access import OPERATOR
    from enishi.messages.senders import service as senders

    senders.create(
        "sink", "測定用", "smtp",
        {
            "host": "127.0.0.1", "port": port, "security": "none",
            "from_address": "no-reply@example.jp", "from_name": "試験銀行",
            "connections": connections, "dkim_domain": "example.jp",
        },
        {}, OPERATOR,
    )  # fmt: skip
    senders.switch("sink", True, OPERATOR)


def resident() -> int:
    """The memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000
