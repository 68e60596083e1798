"""A seeded bank of any size: persons, accounts and two years of events, as the product stores them.

The rows are computed inside DuckDB from their numbers and a seed, and go through the product's own
tables, made columns and loading (`tables.prepare`, `history.apply`), so that what is measured is
the layout that `enishi load` leaves behind.
"""

from __future__ import annotations

import json
import sys
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from enishi.catalog.load import load_catalog
from enishi.catalog.types import Catalog
from enishi.identity.service import link_new
from enishi.kernel.ids import new_id
from enishi.sources.stage import made_columns
from enishi.warehouse.duckdb_engine import SQL, DuckDBEngine, quoted
from enishi.warehouse.history import apply
from enishi.warehouse.tables import prepare, together

AS_OF = datetime(2026, 10, 31, 15, tzinfo=UTC)  # midnight of 1 November in Tokyo
DAYS = 730
_LAYOUT = 3  # goes up when the same size gives other files
SECRET = b"0" * 64

CATALOG = """
version: 1
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: current
    subject: person
    key: person_no
    display: name
    fields:
      person_no: {type: integer, label: {ja: 顧客番号, en: Number}, meaning: id}
      name: {type: string, label: {ja: 氏名, en: Name}, meaning: person_name, pii: low}
      prefecture: {type: string, label: {ja: 都道府県, en: Prefecture}, meaning: prefecture}
      gender: {type: string, label: {ja: 性別, en: Gender}, meaning: gender}
      birth_date: {type: date, label: {ja: 生年月日, en: Born}, meaning: birth_date, pii: low}
      branch: {type: integer, label: {ja: 取引店, en: Branch}}
      income: {type: decimal, scale: 0, label: {ja: 年収, en: Income}, meaning: money}
      email_ok: {type: boolean, label: {ja: メール可, en: E-mail allowed}}
      joined: {type: date, label: {ja: 取引開始日, en: Joined}}
  account:
    label: {ja: 口座, en: Account}
    kind: current
    key: account_no
    fields:
      account_no: {type: integer, label: {ja: 口座番号, en: Account number}, meaning: id}
      person_no: {type: integer, label: {ja: 顧客番号, en: Number}, meaning: id}
      type: {type: string, label: {ja: 種類, en: Type}}
      balance: {type: decimal, scale: 0, label: {ja: 残高, en: Balance}, meaning: money}
      opened: {type: date, label: {ja: 開設日, en: Opened}}
  event:
    label: {ja: イベント, en: Event}
    kind: event
    key: event_no
    time: {field: ts}
    event: {name_field: event, of: {person: events}}
    fields:
      event_no: {type: integer, label: {ja: 番号, en: Number}, meaning: id}
      person_no: {type: integer, label: {ja: 顧客番号, en: Number}, meaning: id}
      ts: {type: timestamp, label: {ja: 日時, en: Time}}
      event: {type: string, label: {ja: 名前, en: Name}}
      amount: {type: decimal, scale: 0, label: {ja: 金額, en: Amount}, meaning: money}
      channel: {type: string, label: {ja: 経路, en: Channel}}
relations:
  - {from: account.person_no, to: person.person_no, name: person, inverse: accounts}
  - {from: event.person_no, to: person.person_no, name: person, inverse: events}
"""

_EVENTS = (  # name, share in percent
    ("login", 30),
    ("page_view", 20),
    ("email_sent", 18),
    ("purchase", 12),
    ("email_opened", 8),
    ("transfer", 5),
    ("branch_visited", 3),
    ("loan_simulated", 2),
    ("call", 2),
)
_TYPES = (("普通預金", 48), ("定期預金", 27), ("投資信託", 13), ("カードローン", 12))
_PREFECTURES = (
    "東京都", "神奈川県", "大阪府", "愛知県", "埼玉県", "千葉県", "兵庫県", "北海道",
    "福岡県", "静岡県", "茨城県", "広島県", "京都府", "宮城県", "新潟県", "長野県",
    "岐阜県", "群馬県", "栃木県", "岡山県",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; equal sizes give equal data."""

    persons: int = 1_000_000
    accounts: int = 3_000_000
    events: int = 50_000_000
    seed: int = 1

    def scaled(self, scale: float) -> Size:
        return Size(
            max(50, round(self.persons * scale)),
            max(150, round(self.accounts * scale)),
            max(1000, round(self.events * scale)),
            self.seed,
        )


def write_catalog(folder: Path) -> Catalog:
    (folder / "catalog").mkdir(parents=True, exist_ok=True)
    (folder / "enishi.toml").write_text('name = "benchmark"\n')
    (folder / "catalog" / "all.yaml").write_text(CATALOG, encoding="utf-8")
    return load_catalog(folder)


def make(folder: Path, size: Size) -> dict[str, object]:
    """Fill `folder`, or leave it when it already holds data of this size. Returns what it took."""
    marker = folder / "made.json"
    catalog = write_catalog(folder)
    if marker.exists():
        known: dict[str, object] = json.loads(marker.read_text())
        if known["size"] == asdict(size) and known.get("layout") == _LAYOUT:
            return known
        (folder / "warehouse.duckdb").unlink(missing_ok=True)
        marker.unlink()
    begun = time.perf_counter()
    with DuckDBEngine(folder / "warehouse.duckdb") as engine:
        prepare(engine, catalog)
        for name, rows in {"person": _person, "account": _account, "event": _event}.items():
            bring(engine, catalog, name, rows(size))
        engine.checkpoint()
    made: dict[str, object] = {
        "size": asdict(size),
        "layout": _LAYOUT,
        "seconds": round(time.perf_counter() - begun, 1),
        "file_mb": round((folder / "warehouse.duckdb").stat().st_size / 1e6),
    }
    marker.write_text(json.dumps(made))
    return made


def bring(engine: DuckDBEngine, catalog: Catalog, name: str, rows: SQL) -> int:
    """Bring rows into a dataset as a load does, reading excepted. Returns how many were new."""
    dataset = catalog.datasets[name]
    fields = ", ".join(map(quoted, dataset.fields))
    now = AS_OF.replace(tzinfo=None)
    load_id = new_id("load")
    with engine.write() as writer:
        done = apply(
            writer,
            dataset,
            f"(SELECT {fields} FROM ({rows}))",
            load_id=load_id,
            valid_from=now,
            made=made_columns(dataset, SECRET),
            together=together(catalog, dataset),
        )
        link_new(writer, dataset, load_id, now)
        writer.execute(
            "INSERT INTO enishi.loads (id, dataset, state, started_at, ended_at, added, changed,"
            " removed) VALUES (?, ?, 'loaded', ?, ?, ?, 0, 0)",
            [load_id, name, now, now, done.added],
        )
        writer.execute(
            "UPDATE enishi.datasets SET loaded_at = ?, load_id = ? WHERE dataset = ?",
            [now, load_id, name],
        )
    return done.added


def _chance(seed: int, salt: str) -> SQL:
    """A number in [0, 1) from the row's number `i`.

    Each salt hashes numbers of its own: hashing (i, salt) would combine two hashes by XOR, and the
    columns would depend on each other.
    """
    offset = zlib.crc32(f"{seed}:{salt}".encode()) << 30
    return f"((hash(i + {offset}) >> 11)::DOUBLE / 9007199254740992.0)"


def _pick(seed: int, salt: str, shares: Mapping[str, float] | tuple[tuple[str, int], ...]) -> SQL:
    """One of several texts by its share in percent."""
    tests, sum_ = "", 0.0
    chance = f"100 * {_chance(seed, salt)}"
    for value, share in dict(shares).items():
        sum_ += share
        tests += f" WHEN {chance} < {sum_} THEN '{value}'"
    return f"CASE{tests} ELSE '{next(iter(dict(shares)))}' END"


def _person(size: Size) -> SQL:
    seed = size.seed
    weights = [1 / (place + 2) for place in range(len(_PREFECTURES))]
    shares = {
        name: round(100 * weight / sum(weights), 3)
        for name, weight in zip(_PREFECTURES, weights, strict=True)
    }
    return f"""
        SELECT i AS person_no, '架空 ' || i AS name,
          {_pick(seed, "prefecture", shares)} AS prefecture,
          {_pick(seed, "gender", (("female", 51), ("male", 49)))} AS gender,
          DATE '1935-01-01' + CAST(floor(26000 * {_chance(seed, "born")}) AS INTEGER)
            AS birth_date,
          CAST(floor(200 * {_chance(seed, "branch")}) AS BIGINT) AS branch,
          CASE WHEN {_chance(seed, "known")} < 0.9 THEN
            CAST(floor(1500 * power({_chance(seed, "income")}, 2)) * 10000 AS DECIMAL(18, 0)) END
            AS income,
          {_chance(seed, "email")} < 0.7 AS email_ok,
          DATE '2000-01-01' + CAST(floor(9700 * {_chance(seed, "joined")}) AS INTEGER) AS joined
        FROM range({size.persons}) r(i)"""


def _account(size: Size) -> SQL:
    seed = size.seed
    return f"""
        SELECT i AS account_no,
          CAST(floor({size.persons} * {_chance(seed, "holder")}) AS BIGINT) AS person_no,
          {_pick(seed, "type", _TYPES)} AS type,
          CAST(floor(2e7 * power({_chance(seed, "balance")}, 4)) AS DECIMAL(18, 0)) AS balance,
          DATE '2005-01-01' + CAST(floor(7900 * {_chance(seed, "opened")}) AS INTEGER) AS opened
        FROM range({size.accounts}) r(i)"""


def _event(size: Size) -> SQL:
    return events(size, 0, size.events)


def events(size: Size, first: int, count: int, *, late: bool = False) -> SQL:
    """Rows of events number `first` onwards, in the order they arrived over the two years.

    Few persons do much and many little. `late` puts them into the last hour before `AS_OF`.
    """
    seed = size.seed
    whole = DAYS * 86_400_000_000
    end = f"TIMESTAMP '{AS_OF.replace(tzinfo=None)}'"
    since = (
        f"3600000000 - (i - {first}) * {3_600_000_000 // max(count, 1)}"
        if late
        else f"{whole} - CAST(floor((i + {_chance(seed, 'jitter')}) / {size.events} * {whole})"
        " AS BIGINT)"
    )
    chance = _chance(seed, "who")
    return f"""
        SELECT i AS event_no,
          CAST(floor({size.persons} * {chance} * {chance}) * 7919 AS BIGINT) % {size.persons}
            AS person_no,
          {end} - to_microseconds({since}) AS ts,
          {_pick(seed, "event", _EVENTS)} AS event,
          CASE WHEN {_chance(seed, "event")} BETWEEN 0.68 AND 0.80 THEN
            CAST(500 + floor(50000 * power({_chance(seed, "amount")}, 3)) AS DECIMAL(18, 0)) END
            AS amount,
          {_pick(seed, "channel", (("app", 50), ("web", 35), ("branch", 15)))} AS channel
        FROM range({first}, {first + count}) r(i)"""


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]), Size(**json.loads(sys.argv[2])))))
