"""Rows a second of `enishi load`, against a bare read of the same file in the same run.

    python -m benchmarks.load                                   # 200,000 rows
    python -m benchmarks.load --rows 1000000 --profile events

Prints JSON. `pipeline` is the whole way: reading, typing, derived and folded columns, ids, the
transaction, a checkpoint. `baseline` is pyarrow reading the same file as text and DuckDB storing
it, with no checks at all. `reload` loads the same file again (nothing changes).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.csv

from enishi.catalog.load import load_catalog
from enishi.sources.service import load
from enishi.warehouse.duckdb_engine import DuckDBEngine
from enishi.warehouse.tables import prepare

_CATALOG = {
    "bank": """
version: 1
datasets:
  customer:
    label: {ja: 顧客, en: Customer}
    kind: current
    subject: person
    key: id
    source: {files: "customer.csv"}
    fields:
      id: {type: integer, label: {ja: 番号, en: Number}}
      name: {type: string, label: {ja: 氏名, en: Name}, meaning: person_name, pii: low}
      kana: {type: string, label: {ja: カナ, en: Kana}, meaning: person_kana, pii: low}
      city: {type: string, label: {ja: 市区町村, en: City}}
      email: {type: string, label: {ja: メール, en: E-mail}, meaning: email, pii: low}
      born: {type: date, label: {ja: 生年月日, en: Born}, pii: low}
      balance: {type: decimal, scale: 2, label: {ja: 残高, en: Balance}}
      opened: {type: timestamp, label: {ja: 開設日時, en: Opened}}
""",
    "events": """
version: 1
datasets:
  customer:
    label: {ja: 取引, en: Transaction}
    kind: event
    key: id
    time: {field: at, kind: occurred}
    source: {files: "customer.csv"}
    fields:
      id: {type: integer, label: {ja: 番号, en: Number}}
      account: {type: integer, label: {ja: 口座, en: Account}}
      at: {type: timestamp, label: {ja: 日時, en: Time}}
      kind: {type: string, label: {ja: 種類, en: Kind}}
      amount: {type: decimal, scale: 2, label: {ja: 金額, en: Amount}}
""",
}
_FAMILY = [
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "渡辺",
    "伊藤",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "佐々木",
    "山口",
    "松本",
]
_GIVEN = [
    "翔",
    "蓮",
    "陽菜",
    "結衣",
    "大輔",
    "健太",
    "美咲",
    "さくら",
    "拓也",
    "愛",
    "誠",
    "直樹",
    "由美子",
    "恵子",
    "明",
]
_KANA = ["ﾔﾏﾀﾞ ﾀﾛｳ", "サトウ ハナコ", "スズキ イチロウ", "タカハシ メグミ"]
_CITIES = [f"架空県第{n}市中央町{n % 9 + 1}丁目" for n in range(1500)]


class _Place:
    """The two things loading asks of a workspace."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def secret(self) -> bytes:
        return b"0" * 64


def _write(path: Path, rows: int, profile: str) -> None:
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        if profile == "events":
            file.write("id,account,at,kind,amount\n")
            for n in range(rows):
                file.write(
                    f"{n},{n % 300_000},2026-0{n % 9 + 1}-{n % 28 + 1:02d} "
                    f"{n % 24:02d}:15:{n % 60:02d},"
                    f"{'振込' if n % 3 else '入金'},{chance.randrange(10**8) / 100:.2f}\n"
                )
            return
        file.write("id,name,kana,city,email,born,balance,opened\n")
        for n in range(rows):
            file.write(
                f"{n},{chance.choice(_FAMILY)} {chance.choice(_GIVEN)}{n % 977},"
                f"{_KANA[n % 4]},{_CITIES[n % 1500]},user{n}@example.jp,"
                f"19{n % 70 + 30}-{n % 12 + 1:02d}-{n % 28 + 1:02d},"
                f"{chance.randrange(10**9) / 100:.2f},"
                f"2025-{n % 12 + 1:02d}-{n % 28 + 1:02d}T{n % 24:02d}:30:00\n"
            )


def _timed(work: Callable[[], object], rows: int) -> dict[str, float]:
    """Seconds on the clock and of the processors: the second holds on a busy machine too."""
    begun, used = time.perf_counter(), time.process_time()
    work()
    took, cpu = time.perf_counter() - begun, time.process_time() - used
    return {
        "seconds": round(took, 2),
        "cpu_seconds": round(cpu, 2),
        "rows_per_second": round(rows / took),
        "rows_per_cpu_second": round(rows / cpu),
    }


def _baseline(csv: Path, folder: Path, rows: int) -> dict[str, float]:
    names = csv.open(encoding="utf-8").readline().strip().split(",")

    def run() -> None:
        read = pyarrow.csv.read_csv(
            csv,
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pyarrow.string())
            ),
        )
        connection = duckdb.connect(str(folder / "bare.duckdb"))
        connection.register("read_before", read)
        connection.execute("CREATE TABLE bare AS SELECT * FROM read_before").fetchall()
        connection.execute("CHECKPOINT").fetchall()
        connection.close()

    run()  # warms libraries and file cache, which whoever comes first would pay for
    (folder / "bare.duckdb").unlink()
    return _timed(run, rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--profile", choices=sorted(_CATALOG), default="bank")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "catalog").mkdir()
        (folder / "data").mkdir()
        (folder / "enishi.toml").write_text('name = "benchmark"\n')
        (folder / "catalog" / "all.yaml").write_text(_CATALOG[given.profile], encoding="utf-8")
        csv = folder / "data" / "customer.csv"
        _write(csv, given.rows, given.profile)
        bare = _baseline(csv, folder, given.rows)
        catalog = load_catalog(folder)
        with DuckDBEngine(folder / "warehouse.duckdb") as engine:
            prepare(engine, catalog)

            def run() -> None:
                done = load(_Place(folder / "data"), engine, catalog)[0]
                assert done.loaded == given.rows, done.as_json()
                engine.checkpoint()

            first, second = _timed(run, given.rows), _timed(run, given.rows)
        told = {
            "benchmark": "load",
            "profile": given.profile,
            "rows": given.rows,
            "file_mb": round(csv.stat().st_size / 1e6, 1),
            "pipeline": first,
            "reload": second,
            "baseline": bare,
            "pipeline_to_baseline": round(first["seconds"] / bare["seconds"], 2),
            "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
            "duckdb": duckdb.__version__,
        }
        print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
