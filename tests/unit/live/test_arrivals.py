"""The end of the log as people may see it: from anywhere in it, masked, without falling behind."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from enishi.book.access import Actor
from enishi.book.models import AuditRow
from enishi.catalog.load import load_catalog
from enishi.live import arrivals
from enishi.live.arrival_rows import rows
from enishi.live.arrivals import glance
from enishi.sources.eventlog.format import Head, decode, encode
from enishi.sources.eventlog.positions import write_drained
from enishi.sources.eventlog.writer import Shard
from lists_world import CATALOG, Bank

AT = 1_790_000_000_000_000
TICKS = itertools.count()
STREAM = """
stream:
  user: person_id
  fields:
    amount: {type: integer, label: {ja: 金額, en: Amount}, pii: high}
    plan: {type: string, label: {ja: プラン, en: Plan}, pii: none, property: product.plan}
"""


def track(name: str, **more: Any) -> bytes:
    return json.dumps({"event": name, "userId": "P001"} | more).encode()


def write(shard: Shard, names: list[str], source: str = "src_web") -> None:
    head = Head(source, "track")
    shard.append([encode(AT + next(TICKS), head, track(name)) for name in names])


def seen(found: arrivals.Glance) -> list[str]:
    return [one.event["event"] for one in found.arrivals]


def test_a_reader_goes_on_where_it_was_over_shards_and_segments(tmp_path: Path) -> None:
    assert glance(tmp_path, "", 10).arrivals == []
    with Shard(tmp_path / "0", roll_at=300) as one, Shard(tmp_path / "offline") as other:
        write(one, ["a", "b"])
        write(other, ["c"], "src_file")
        first = glance(tmp_path, "", 10)
        assert sorted(seen(first)) == ["a", "b", "c"]
        assert first.counts == {"src_web": 2, "src_file": 1}
        assert glance(tmp_path, first.after, 10).arrivals == []
        for n in range(20):
            write(one, [f"n{n}"])
        second = glance(tmp_path, first.after, 100)
        assert seen(second) == [f"n{n}" for n in range(20)]
        assert not second.skipped
        newest = glance(tmp_path, first.after, 5)
        assert seen(newest) == [f"n{n}" for n in range(15, 20)]
        assert newest.skipped
        assert newest.counts == {"src_web": 20}


def test_the_first_look_begins_in_the_middle_of_a_long_log(tmp_path: Path) -> None:
    with Shard(tmp_path / "0") as shard:
        for n in range(40):
            write(shard, [f"{n}-{m}-{'x' * 300}" for m in range(100)])
        end = shard.end
        found = glance(tmp_path, "", 100_000)
        names = seen(found)
        assert names[-1].startswith("39-99-")
        assert 500 < len(names) < 1000
        assert (
            names == [f"{n}-{m}-{'x' * 300}" for n in range(40) for m in range(100)][-len(names) :]
        )
        assert found.backlog == end
        write_drained(tmp_path / "0", end - 10)
        assert glance(tmp_path, "", 1).backlog == 10


def test_who_is_far_behind_or_speaks_of_another_log_is_taken_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Shard(tmp_path / "0") as shard:
        write(shard, ["early"])
        for n in range(100):
            write(shard, [f"{n}-{'x' * 1000}"])
        monkeypatch.setattr(arrivals, "FAR", 1000)
        for after in ("0:0", "0:99999999"):
            found = glance(tmp_path, after, 1000)
            assert found.skipped
            assert seen(found)[-1].startswith("99-")
        assert seen(glance(tmp_path, "nonsense", 1000))[-1].startswith("99-")


def test_what_is_not_yet_on_the_disk_is_not_shown(tmp_path: Path) -> None:
    with Shard(tmp_path / "0") as shard:
        write(shard, ["whole"])
        newest = max((tmp_path / "0").glob("*.log"))
        with newest.open("ab") as file:
            file.write(encode(AT, Head("src_web", "track"), track("torn")))
        assert seen(glance(tmp_path, "", 10)) == ["whole"]


@pytest.fixture
def catalog(tmp_path: Path) -> Any:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "enishi.toml").write_text('name = "x"\n')
    (folder / "catalog").mkdir()
    (folder / "catalog" / "bank.yaml").write_text(CATALOG + STREAM, encoding="utf-8")
    return load_catalog(folder)


EVENT = {
    "userId": "P001",
    "anonymousId": "anon-1",
    "event": "loan_viewed",
    "context": {"page": {"path": "/loans"}},
    "properties": {
        "amount": 5000,
        "product": {"plan": "gold"},
        "memo": "自由記入",
        "url": "https://x/",
    },
    "traits": {"name": "山田花子", "phone": "090-1234-5678", "shoe": 24},
}


def shown(catalog: Any, **of: Any) -> dict[str, Any]:
    one = arrivals.Arrival("0:0:0", AT, "src_web", "track", EVENT)
    return rows([one], {"src_web": "公式サイト"}, catalog, Actor("usr_x", "analyst", **of))[0]


def test_values_are_masked_as_the_catalog_says(catalog: Any) -> None:
    clear = shown(catalog, pii="high")
    values = {one["name"]: one["value"] for one in clear["values"]}
    assert values == {
        "amount": "5000", "product": '{"plan":"gold"}', "memo": "自由記入", "url": "https://x/",
        "name": "山田花子", "phone": "090-1234-5678", "shoe": "24",
    }  # fmt: skip
    assert (clear["user_id"], clear["event"], clear["path"]) == ("P001", "loan_viewed", "/loans")
    assert clear["source"]["name"] == "公式サイト"
    assert clear["at"] == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)

    low = {one["name"]: one["value"] for one in shown(catalog, pii="low")["values"]}
    assert low["amount"] == "＊＊＊"
    assert low["memo"] == "自由記入"
    assert (low["name"], low["phone"], low["shoe"]) == ("山田花子", "090-****-5678", "＊＊＊")

    none = shown(catalog, pii="none")
    values = {one["name"]: one["value"] for one in none["values"]}
    assert set(values.values()) <= {"＊＊＊", "山＊", "090-****-5678"}
    assert none["anonymous_id"] == "＊＊＊"


def test_whose_scope_leaves_people_out_sees_no_value(catalog: Any) -> None:
    told = shown(catalog, pii="high", scope={"field": "branch", "op": "eq", "value": "本店"})
    assert told["user_id"] == told["anonymous_id"] == told["path"] == "＊＊＊"
    assert {one["value"] for one in told["values"]} == {"＊＊＊"}
    assert told["event"] == "loan_viewed"


def test_strange_events_are_shown_and_break_nothing(catalog: Any) -> None:
    strange: list[dict[str, Any]] = [
        {},
        {"event": None, "properties": 3, "context": [], "traits": "x"},
        {"event": {"a": 1}, "userId": 7, "properties": {"k" * 999: "v" * 9999}},
    ]
    for event in strange:
        one = arrivals.Arrival("0:0:0", AT, "src_gone", "track", event)
        (row,) = rows([one], {}, catalog, Actor("usr_x", "administrator", pii="high"))
        assert row["source"]["name"] == "src_gone"
        assert len(json.dumps(row, default=str)) < 2000


def test_what_does_not_fit_its_field_is_masked_as_anything_may_be(catalog: Any) -> None:
    event = {
        "event": {"name": "山田花子"},
        "name": "山田花子",
        "userId": "hanako@example.jp",
        "properties": {"plan": "p", "product": {"plan": "gold", "memo": "山田花子"}},
        "traits": {"name": {"family": "山田"}},
    }
    one = arrivals.Arrival("0:0:0", AT, "src_web", "track", event)
    (row,) = rows([one], {}, catalog, Actor("usr_x", "marketer", pii="none"))
    assert "山田" not in json.dumps(row, default=str, ensure_ascii=False)
    assert "hanako" not in json.dumps(row, default=str)
    (clear,) = rows([one], {}, catalog, Actor("usr_x", "administrator", pii="high"))
    assert (clear["event"], clear["user_id"]) == ("", "hanako@example.jp")
    page = arrivals.Arrival("0:0:0", AT, "src_web", "page", {"name": "料金"})
    assert rows([page], {}, catalog, Actor("usr_x", "marketer"))[0]["event"] == "料金"


def test_an_event_nested_as_deep_as_ingest_takes_is_shown(catalog: Any) -> None:
    actor = Actor("usr_x", "administrator", pii="high")
    deep: Any = []
    for _ in range(3000):
        deep = [deep]
    one = arrivals.Arrival("0:0:0", AT, "src_web", "track", {"properties": {"x": deep}})
    assert rows([one], {}, catalog, actor)[0]["values"] == [{"name": "x", "value": "…"}]
    body = b'{"event":"x","properties":' + b"[" * 5000 + b"]" * 5000 + b"}"
    record = next(decode(encode(AT, Head("src_web", "track"), body), 0))
    assert list(arrivals._arrivals("0", record)) == []


@pytest.mark.parametrize("made_up", ["nonsense", "0:0"])
def test_a_made_up_cursor_does_not_keep_a_look_off_the_record(
    sqlite_bank: Bank, made_up: str
) -> None:
    api = sqlite_bank.api("administrator")

    def looks(action: str) -> int:
        return AuditRow.objects.filter(action=action).count()

    assert api.get(f"events/arrivals?after={made_up}").status_code == 200
    assert looks("events.watch") == 1
    assert api.get("events/arrivals?after=0:0").status_code == 200  # goes on watching
    assert looks("events.watch") == 1
    sqlite_bank.later(timedelta(minutes=3))
    assert api.get("events/arrivals?after=0:0").status_code == 200
    assert looks("events.watch") == 2
