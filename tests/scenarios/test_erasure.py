"""One person erased: afterwards no file of the workspace holds anything that was hers."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from book_fixtures import point_book_at
from enishi.book import about, audit
from enishi.book.workspace import read_workspace, use_workspace
from enishi.privacy import journal
from enishi.privacy.jobs import run_once
from enishi.privacy.models import Erasure, PrivacyRequest
from enishi.privacy.restoring import erase_again
from enishi.sources.eventlog.format import Head, encode
from enishi.sources.eventlog.rewrite import read_segment
from enishi.sources.eventlog.writer import Shard
from enishi.sources.service import load
from enishi.warehouse.client import open_file
from enishi.work.backup import make, unpack
from lists_world import Bank

KEY = "P-kq7wz-0077"
MARKS = {
    "key": KEY, "name": "薔薇小路 百合香", "phone": "070-9182-7364", "note": "のーと秘密壱弐参",
    "event": "ひみつの閲覧-83517", "device": "dev-c0ffee-5518", "reason": "理由は秘密-40961",
    "wording": "請求の言葉-52830", "memo": "摘要の秘密-66120", "dead": "壊れた行-71203",
    "unclaimed": "まだ名乗らない-90881",
}  # fmt: skip


@dataclass
class Context:
    workspace: Any
    warehouse: Any


def _strings(text: str) -> list[bytes]:
    """How a text may stand in a file."""
    spelled = json.dumps(text)[1:-1].encode()
    return [text.encode(), spelled, text.encode("cp932"), text.encode("utf-16-le")]


def _held(root: Path) -> dict[str, list[str]]:
    """Which marks can be read in which file, by raw bytes; compressed logs are unpacked."""
    found: dict[str, list[str]] = {}
    for path in sorted(root.rglob("*")):
        if not path.is_file() or path.name == "secret.key":
            continue
        data = path.read_bytes()
        if path.name.endswith(".zst"):
            data += read_segment(path)
        held = [name for name, text in MARKS.items() if any(one in data for one in _strings(text))]
        if held:
            found[str(path.relative_to(root))] = held
    return found


def _furnish(bank: Bank) -> str:
    """Put her everywhere; returns her Enishi id."""
    data = bank.workspace.data
    with (data / "person.csv").open("a", encoding="utf-8") as file:
        file.write(f"{KEY},{MARKS['name']},{MARKS['phone']},本店,S1,1\n")
    with (data / "deposit.csv").open("a", encoding="utf-8") as file:
        file.write(f"D-{KEY},{KEY},900000.00\n{KEY},{KEY},{MARKS['dead']}\n")
    for done in load(bank.workspace, bank.warehouse.engine, bank.warehouse.catalog,
                     clock=bank.clock):  # fmt: skip
        assert str(done.state) == "loaded"
    found = bank.api("administrator").get(f"customers?q={KEY}").json()["items"]
    person = str(found[0]["id"])
    listed = bank.make_list()
    member = next(row for row in bank.members(listed) if row["person_id"] == person)
    bank.log(listed, member["id"], "refused", note=MARKS["note"])
    held = bank.api("manager").post(
        f"customers/{person}/holds", {"kind": "complaint", "note": MARKS["reason"]}
    )
    assert held.status_code == 201, held.content.decode()
    folder = bank.workspace.events / "0"
    bodies = [
        ("identify", {"type": "identify", "userId": KEY, "anonymousId": MARKS["device"],
                      "messageId": "m1", "traits": {"name": MARKS["name"]}}),
        ("track", {"type": "track", "anonymousId": MARKS["device"], "event": MARKS["event"]}),
        ("batch", {"batch": [
            {"type": "track", "userId": "P001", "event": "open", "messageId": "m3"},
            {"type": "track", "userId": KEY, "event": "open",
             "properties": {"memo": MARKS["memo"]}},
        ]}),
    ]  # fmt: skip
    with Shard(folder) as shard:
        for number, (kind, body) in enumerate(bodies):
            text = json.dumps(body, ensure_ascii=number % 2 == 0).encode()
            shard.append([encode(number, Head("src", kind), text)])  # type: ignore[arg-type]
    catalog = bank.warehouse.catalog
    with bank.warehouse.engine.books.write() as writer:
        writer.insert(
            f"data.{catalog.stream.activity}",
            pa.table({
                "message_id": ["m2", "m3"], "event": ["open", "open"], "person": [KEY, "P001"],
                "anonymous_id": [MARKS["device"], None], "properties": [MARKS["memo"], "{}"],
            }),
        )  # fmt: skip
        writer.execute(
            "INSERT INTO enishi.stream_aliases VALUES (?, ?, now()::TIMESTAMP, 'identify')",
            [MARKS["device"], KEY],
        )
        writer.execute(
            "INSERT INTO enishi.stream_unclaimed SELECT 1, 'anonymous', ?, now()::TIMESTAMP,"
            " '{}', 'track', ?", [MARKS["device"], MARKS["unclaimed"]],
        )  # fmt: skip
        writer.execute(
            "INSERT INTO enishi.memberships VALUES ('s', ?, now()::TIMESTAMP, NULL)", [person]
        )
    return person


def _request(bank: Bank, person: str) -> str:
    api = bank.api("administrator")
    body = {"kind": "erasure", "person": person, "via": "post", "received_on": "2026-11-20",
            "wording": MARKS["wording"]}  # fmt: skip
    made = api.post("privacy/requests", body).json()["id"]
    api.post(f"privacy/requests/{made}/confirm", {"method": "document", "note": MARKS["note"]})
    done = api.post(f"privacy/requests/{made}/erase", {"key": KEY})
    assert done.status_code == 200, done.content.decode()
    return str(made)


def _run(bank: Bank) -> None:
    context = Context(bank.workspace, bank.warehouse)
    for _ in range(60):
        if not run_once(context):
            return
    raise AssertionError([(e.state, e.step, e.message) for e in Erasure.objects.all()])


def test_nothing_of_hers_is_left_in_any_file(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    person = _furnish(bank)
    request = _request(bank, person)
    before = _held(bank.workspace.root)
    told = {name for names in before.values() for name in names}
    assert told == set(MARKS)  # the search finds what is there: the control
    others = bank.warehouse.count({"version": 1, "subject": "person", "rule": {"all": []}},
                                  actor=bank.actor("administrator"))["count"]  # fmt: skip
    _run(bank)
    erasure = Erasure.objects.get()
    assert (erasure.state, erasure.files) == ("done", []), erasure.message
    assert _held(bank.workspace.root) == {}
    assert erasure.counts["log"] == 3
    assert erasure.counts["person"] == 1
    left = bank.warehouse.count({"version": 1, "subject": "person", "rule": {"all": []}},
                                actor=bank.actor("administrator"))["count"]  # fmt: skip
    assert left == others - 1
    found = bank.api("administrator").get(f"privacy/requests/{request}").json()
    assert (found["state"], found["erased"], found["key"]) == ("answered", True, "")
    assert audit.verify().ok
    assert [entry.person for entry in journal.read(bank.workspace.var / journal.FILE)] == [person]


@pytest.mark.heavy
def test_she_does_not_come_back_with_a_file(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    person = _furnish(bank)
    files = {path: path.read_bytes() for path in bank.workspace.data.glob("*.csv")}
    _request(bank, person)
    _run(bank)
    for path, content in files.items():
        path.write_bytes(content)
    done = load(bank.workspace, bank.warehouse.engine, bank.warehouse.catalog, clock=bank.clock)
    assert {one.dataset: one.erased for one in done} == {"person": 1, "deposit": 2}
    for path in files:
        path.unlink()
    bank.warehouse.engine.checkpoint()
    assert _held(bank.workspace.root) == {}


def test_a_file_that_cannot_be_mended_is_told_and_waited_for(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    person = _furnish(bank)
    file = bank.workspace.data / "deposit.csv"
    text = file.read_text("utf-8")
    file.write_text(text, "utf-16")
    _request(bank, person)
    _run(bank)
    erasure = Erasure.objects.get()
    assert erasure.state == "waiting"
    assert erasure.files == [{"file": "deposit.csv", "rows": 2, "why": "format"}]
    assert set(_held(bank.workspace.root)) == {"data/deposit.csv"}
    assert PrivacyRequest.objects.get().state == "erasing"
    file.write_text("\n".join(line for line in text.splitlines() if KEY not in line), "utf-16")
    done = bank.api("administrator").post(f"privacy/erasures/{erasure.id}/again")
    assert done.status_code == 200, done.content.decode()
    _run(bank)
    assert Erasure.objects.get().state == "done"
    assert _held(bank.workspace.root) == {}
    assert PrivacyRequest.objects.get().state == "answered"


@pytest.mark.heavy
def test_a_killed_erasure_goes_on_where_it_was(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    person = _furnish(bank)
    _request(bank, person)
    context = Context(bank.workspace, bank.warehouse)
    for step in ("tombstones", "log", "warehouse", "files", "book", "keys", "scrub"):
        found = Erasure.objects.get()
        assert found.step == step
        assert run_once(context)
        if step != "scrub":  # it had done the step and died before it said so
            Erasure.objects.update(step=step)
            assert run_once(context)
    assert Erasure.objects.get().state == "done"
    assert _held(bank.workspace.root) == {}


def test_an_older_backup_does_not_bring_her_back(sqlite_bank: Bank, tmp_path: Path) -> None:
    bank = sqlite_bank
    person = _furnish(bank)
    archive = make(bank.workspace, bank.warehouse, tmp_path / "old.tar.gz", bank.clock(), book=True)
    _request(bank, person)
    _run(bank)
    target = tmp_path / "restored"
    unpack(archive.path, target)
    assert {"name", "note", "reason"} <= {m for marks in _held(target).values() for m in marks}
    restored = read_workspace(target)
    shutil.copytree(bank.workspace.catalog_path, target / "catalog", dirs_exist_ok=True)
    entries = journal.read(bank.workspace.var / journal.FILE)
    point_book_at(None, restored.book_path)
    use_workspace(restored)
    try:
        with open_file(restored, clock=bank.clock) as warehouse:
            assert erase_again(restored, warehouse, entries) == 1
            assert _held(target) == {}
            assert audit.verify().ok
            # The newest journal is the restored workspace's own now; nobody is left to erase.
            assert [e.person for e in journal.read(restored.var / journal.FILE)] == [person]
            assert erase_again(restored, warehouse, entries) == 0
            done = load(restored, warehouse.engine, warehouse.catalog, ["person"],
                        [_file_with_her(tmp_path)], clock=bank.clock)  # fmt: skip
            assert [(one.read, one.erased) for one in done] == [(1, 1)]
    finally:
        use_workspace(bank.workspace)
        point_book_at(None, bank.workspace.book_path)


def _file_with_her(folder: Path) -> Path:
    file = folder / "late.csv"
    file.write_text(
        f"person_id,name,phone,branch,owner,income\n{KEY},{MARKS['name']},,本店,S1,1\n", "utf-8"
    )
    return file


@pytest.mark.heavy
def test_an_erasure_ends_on_either_book(bank: Bank) -> None:
    person = _furnish(bank)
    _request(bank, person)
    assert {table for table, _ in about.told(person)} >= {
        "lists.member", "lists.engagement", "gate.restriction", "privacy.privacyrequest"
    }  # fmt: skip
    _run(bank)
    assert Erasure.objects.get().state == "done"
    assert {table for table, _ in about.told(person)} == {
        "privacy.privacyrequest", "privacy.erasure"
    }  # fmt: skip
    told = json.dumps([row for _, row in about.told(person)], default=str, ensure_ascii=False)
    assert not [name for name, text in MARKS.items() if text in told]
    assert audit.verify().ok
