"""Backups: one whole file, made under load, unpacked only into an empty folder, never half."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from enishi.book import audit
from enishi.book.access import OPERATOR
from enishi.book.clock import now
from enishi.book.workspace import Workspace, read_workspace
from enishi.kernel.errors import Conflict, Forbidden, Invalid
from enishi.sources.actions import actions, load_into
from enishi.sources.eventlog.format import Head, encode
from enishi.sources.eventlog.writer import Shard
from enishi.sources.stream.drain import Drainer
from enishi.warehouse.client import Attached, open_file
from enishi.warehouse.door import Door
from enishi.work.backup import COPY, Archive, copier, make, unpack
from walks_world import make_journey

CATALOG = """
version: 1
datasets:
  client:
    label: {ja: 顧客, en: Client}
    kind: current
    subject: person
    key: id
    source: {files: client.csv}
    fields:
      id: {type: integer}
      city: {type: string}
"""
RULE = {"field": "city", "op": "eq", "value": "札幌"}


@pytest.fixture
def bank(book: Workspace) -> Workspace:
    """A book with a few audit rows, and a warehouse of three clients, closed."""
    (book.root / "catalog").mkdir()
    (book.root / "catalog" / "a.yaml").write_text(CATALOG, encoding="utf-8")
    book.data.mkdir()
    (book.data / "client.csv").write_text("id,city\n1,札幌\n2,札幌\n3,函館\n", encoding="utf-8")
    with open_file(book) as warehouse:
        load_into(book, warehouse)
    for number in range(5):
        audit.record(OPERATOR, "test", "thing", str(number))
    return book


@contextmanager
def served(bank: Workspace) -> Iterator[Attached]:
    with open_file(bank) as warehouse:
        door = Door(bank, warehouse, actions(bank, warehouse) | {COPY: copier(bank, warehouse)})
        try:
            yield Attached(bank)
        finally:
            door.close()


def backup(bank: Workspace, to: Path) -> Archive:
    with open_file(bank) as warehouse:
        return make(bank, warehouse, to, now(), book=True)


def enishi(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "enishi.cli.main", *arguments],
        env=os.environ | {"ENISHI_LANG": "en", "ENISHI_WORKSPACE": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_and_back_while_it_is_served(bank: Workspace, tmp_path: Path) -> None:
    file, target = tmp_path / "bank.tar.gz", tmp_path / "restored"
    (bank.var / "assets").mkdir()
    (bank.var / "assets" / "logo").write_bytes(b"an image")
    make_journey({"rest": {"kind": "wait", "duration": "2d"}})
    with served(bank) as attached:
        made = make(bank, attached, file, now(), book=True)
        audit.record(OPERATOR, "test", "thing", "after the backup")
    assert made.has_book
    assert file.stat().st_mode & 0o077 == 0
    assert not list(bank.var.glob("backup-*"))
    restored = enishi("restore", str(file), "--workspace", str(target))
    assert restored.returncode == 0, restored.stderr
    assert "The audit is sound: 5 rows" in restored.stdout
    assert (target / "var").stat().st_mode & 0o077 == 0
    assert (target / "var" / "assets" / "logo").read_bytes() == b"an image"
    assert "Journeys are paused (welcome)" in restored.stderr
    with sqlite3.connect(target / "var" / "book.sqlite3") as book:
        assert book.execute("SELECT state FROM journeys_journey").fetchall() == [("paused",)]
        held = book.execute("SELECT kind, ending FROM messages_deliveryhold").fetchall()
    assert held == [("journey", 0), ("all", 0)]
    rule = tmp_path / "rule.json"
    rule.write_text(json.dumps(RULE), encoding="utf-8")
    counted = enishi("-w", str(target), "count", str(rule))
    assert counted.returncode == 0, counted.stderr
    assert json.loads(counted.stdout)["count"] == 2
    verified = enishi("-w", str(target), "audit", "verify")
    assert verified.returncode == 0, verified.stderr


def test_the_command_says_what_is_in_it_and_leaves_a_row(bank: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "bank.tar.gz"
    done = enishi("-w", str(bank.root), "backup", str(file))
    assert done.returncode == 0, done.stderr
    assert "secret key" in done.stderr
    again = enishi("-w", str(bank.root), "backup", str(file))
    assert (again.returncode, "exists already" in again.stderr) == (1, True)
    with tarfile.open(file) as tar:
        names = tar.getnames()
    assert names[0] == "manifest.json"
    assert {"enishi.toml", "catalog/a.yaml", "var/secret.key", "var/audit.anchor",
            "var/book.sqlite3", "var/warehouse.duckdb"} <= {*names}  # fmt: skip
    assert not [name for name in names if name.startswith(("data", "var/log", "var/door"))]
    from enishi.book.models import AuditRow

    assert AuditRow.objects.filter(action="backup.make").exists()


def test_a_folder_that_holds_anything_is_left_alone(bank: Workspace, tmp_path: Path) -> None:
    backup(bank, tmp_path / "a.tar.gz")
    target = tmp_path / "mine"
    target.mkdir()
    (target / "letter.txt").write_text("keep")
    with pytest.raises(Conflict):
        unpack(tmp_path / "a.tar.gz", target)
    assert [path.name for path in target.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("kept", [0, 40, 2000, -1])
def test_a_cut_archive_restores_nothing(bank: Workspace, tmp_path: Path, kept: int) -> None:
    backup(bank, tmp_path / "a.tar.gz")
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes((tmp_path / "a.tar.gz").read_bytes()[: kept if kept >= 0 else -2000])
    with pytest.raises(Invalid):
        unpack(cut, tmp_path / "new")
    assert not any((tmp_path / "new").iterdir())


def test_a_file_that_was_changed_or_smuggled_in_is_refused(bank: Workspace, tmp_path: Path) -> None:
    backup(bank, tmp_path / "a.tar.gz")
    for name, content in (("enishi.toml", b'name = "x"'), ("../evil", b"x"), ("new", b"x")):
        forged = tmp_path / "forged.tar.gz"
        other = tmp_path / "other"
        other.write_bytes(content)
        with tarfile.open(tmp_path / "a.tar.gz") as old, tarfile.open(forged, "w:gz") as new:
            for member in old:
                if member.name == name:
                    new.add(other, name)
                else:
                    new.addfile(member, old.extractfile(member))
            if name != "enishi.toml":
                new.add(other, name)
        with pytest.raises(Invalid):
            unpack(forged, tmp_path / "new")
        assert not any((tmp_path / "new").iterdir())
        assert not (tmp_path / "evil").exists()


def test_the_door_copies_below_var_alone(bank: Workspace, tmp_path: Path) -> None:
    with served(bank) as attached:
        for place in (tmp_path / "x.duckdb", bank.var / ".." / "x.duckdb", bank.secret_path):
            with pytest.raises(Forbidden):
                attached.do(COPY, {"to": str(place)})
    assert len(bank.secret()) >= 32


def test_a_book_on_postgresql_is_left_to_its_own_tools(tmp_path: Path, bank: Workspace) -> None:
    (bank.root / "enishi.toml").write_text('[book]\nurl = "postgresql://x@127.0.0.1:1/x"\n')
    done = enishi("-w", str(bank.root), "backup", str(tmp_path / "a.tar.gz"))
    assert done.returncode == 1
    assert "pg_dump" in done.stderr
    assert not (tmp_path / "a.tar.gz").exists()


def test_events_that_were_accepted_are_drained_where_they_are_restored(
    bank: Workspace, tmp_path: Path
) -> None:
    """What was drained before the backup stays, what waited is drained, what comes later too."""

    def accept(workspace: Workspace, *ids: str) -> None:
        batch = [{"type": "track", "event": "x", "userId": "1", "messageId": one} for one in ids]
        body = json.dumps({"batch": batch}).encode()
        with Shard(workspace.events / "0") as log:
            log.append([encode(time.time_ns() // 1000, Head("src_1", "batch"), body)])

    def drain(workspace: Workspace) -> list[str]:
        with open_file(workspace) as warehouse:
            drainer = Drainer(workspace, warehouse.engine, warehouse.catalog)
            while drainer.run_once():
                pass
            drainer.close()
            with warehouse.engine.read() as question:
                rows = question.rows("SELECT message_id FROM data.activity ORDER BY message_id")
        return [row[0] for row in rows]

    accept(bank, "a", "b")
    assert drain(bank) == ["a", "b"]
    accept(bank, "c")
    backup(bank, tmp_path / "b.tar.gz")
    accept(bank, "lost")
    unpack(tmp_path / "b.tar.gz", tmp_path / "restored")
    restored = read_workspace(tmp_path / "restored")
    accept(restored, "d", "a")
    assert drain(restored) == ["a", "b", "c", "d"]
