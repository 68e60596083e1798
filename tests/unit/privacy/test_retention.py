"""What has outlived its time goes every night: rows, log, and late events of the erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from enishi.book import audit
from enishi.privacy.jobs import run_once
from enishi.privacy.models import RetentionRun
from enishi.sources.erasing import set_tombstones
from enishi.sources.eventlog.format import Head, decode, encode
from enishi.sources.eventlog.positions import write_drained
from enishi.sources.eventlog.rewrite import read_segment
from enishi.sources.eventlog.writer import Shard
from enishi.sources.expiring import cut, expire_log
from enishi.sources.stream.tombstones import USER, erased_hash
from erasing_world import CATALOG, FILES
from lists_world import Bank
from loading_world import World, make_world

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass
class Context:
    workspace: Any
    warehouse: Any


@pytest.mark.parametrize(
    ("retain", "at", "before"),
    [
        ("1d", "2026-03-01T10:00+09:00", "2026-02-28T10:00+09:00"),
        ("12h", "2026-03-01T10:00+09:00", "2026-02-28T22:00+09:00"),
        ("1mo", "2026-03-15T10:00+09:00", "2026-02-15T10:00+09:00"),
        ("5y", "2026-03-15T10:00+09:00", "2021-03-15T10:00+09:00"),
    ],
)
def test_where_the_cut_is(retain: str, at: str, before: str) -> None:
    found = cut(retain, datetime.fromisoformat(at), TOKYO)
    assert found == datetime.fromisoformat(before)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    catalog = CATALOG.replace("    time: {field: at", "    retain: 1y\n    time: {field: at")
    made = make_world(tmp_path / "w", catalog)
    for name, content in FILES.items():
        made.put(name, content)
    made.put(
        "payment.csv",
        "payment_id,account_id,at,text\n11,1,2025-11-20T09:59:59,old\n"
        "12,2,2025-11-20T10:00:00,kept\n13,3,2026-01-01T00:00:00,kept\n",
    )
    made.load()
    yield made
    made.engine.close()


def test_rows_are_cut_once_a_night(sqlite_bank: Bank, world: World) -> None:
    class Of:
        engine, catalog = world.engine, world.catalog

    context = Context(replace(sqlite_bank.workspace, var=world.root / "var"), Of())
    sqlite_bank.later(timedelta(0))  # 10:00 in Tokyo on 20 November
    while run_once(context):
        pass
    assert world.rows("SELECT payment_id FROM data.payment ORDER BY 1") == [(12,), (13,)]
    told = list(RetentionRun.objects.order_by("id").values_list("dataset", "keep", "removed"))
    assert told == [("payment", "1y", 1), ("late", "", 0)]
    assert not run_once(context)
    rows, _ = audit.search(action="privacy.expire")
    assert [(row.object_id, row.detail["removed"]) for row in rows] == [("payment", 1)]
    removed = world.rows("SELECT removed FROM enishi.loads WHERE dataset = 'payment' ORDER BY id")
    assert removed[-1] == (1,)
    sqlite_bank.later(timedelta(days=1))
    assert run_once(context)
    assert world.rows("SELECT payment_id FROM data.payment") == [(13,)]


def _segments(folder: Path, times: list[datetime]) -> None:
    for at in times:
        with Shard(folder) as shard:
            body = json.dumps({"userId": "x", "event": "e"}).encode()
            shard.append([encode(int(at.timestamp() * 1e6), Head("s", "track"), body)])


def test_segments_of_the_log_go_when_all_of_them_is_old(tmp_path: Path) -> None:
    folder = tmp_path / "0"
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4)]
    _segments(folder, days)
    starts = sorted(int(path.stem) for path in folder.glob("*.log"))
    write_drained(folder, starts[2])  # the third is not in the warehouse yet
    assert expire_log(tmp_path, datetime(2026, 1, 2, 12, tzinfo=UTC)) == 1
    assert sorted(int(path.stem) for path in folder.glob("*.log")) == starts[1:]
    assert expire_log(tmp_path, datetime(2027, 1, 1, tzinfo=UTC)) == 1
    assert sorted(int(path.stem) for path in folder.glob("*.log")) == starts[2:]


def test_a_late_event_of_the_erased_is_blanked_in_the_night(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    secret = bank.workspace.secret()
    set_tombstones(bank.warehouse.engine, [erased_hash(secret, USER, "her-7351")], bank.clock())
    folder = bank.workspace.events / "0"
    late = json.dumps({"userId": "her-7351", "event": "x"}).encode()
    other = json.dumps({"userId": "other", "event": "x"}).encode()
    with Shard(folder) as shard:
        shard.append([encode(1, Head("s", "track"), body) for body in (late, other)])
    context = Context(bank.workspace, bank.warehouse)
    for nights in (0, 1):
        bank.later(timedelta(days=nights))
        while run_once(context):
            pass
        content = b"".join(read_segment(path) for path in folder.glob("*.log"))
        assert b"her-7351" not in content
        assert len(list(decode(content, 0))) == 2 + nights
        with Shard(folder) as shard:  # and once more, into a segment begun since
            shard.append([encode(2, Head("s", "track"), late)])
    told = RetentionRun.objects.filter(dataset="late").order_by("id")
    assert [run.removed for run in told] == [1, 1]
