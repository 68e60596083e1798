"""Large lists: build, open, refresh, while somebody logs a call every 50 ms in another process.

    python -m benchmarks.lists                                  # 20,000 members
    python -m benchmarks.lists --members 1000000 --seconds 10

Prints JSON. `log_ms` are the latencies of logging: `baseline` with nothing else going on, then
beside the build, the refresh of 1 % of the members, and the folding after it. `open_ms` are board
pages as the API answers them, audit included; `open_ms.small` is the same page of a list of 500,
the baseline. The book is SQLite, or PostgreSQL by ENISHI_DATABASE_URL (an empty database).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import tempfile
import time
from multiprocessing.synchronize import Event
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
      name: {type: string, label: {ja: 氏名, en: Name}}
      branch: {type: string, label: {ja: 支店, en: Branch}}
      phone: {type: string, label: {ja: 電話, en: Phone}}
      balance: {type: decimal, scale: 2, label: {ja: 残高, en: Balance}}
      score: {type: integer, label: {ja: 点数, en: Score}}
"""
WORDS = {"ja": "大", "en": "Large"}
BODY: dict[str, Any] = {
    "name": WORDS,
    "purpose": "deposits",
    "rule": {"field": "score", "op": "ge", "value": 0},
    "columns": [
        {"name": "branch", "label": WORDS, "value": {"field": "branch"}, "role": "branch"},
        {"name": "phone", "label": WORDS, "value": {"field": "phone"}},
        {"name": "balance", "label": WORDS, "value": {"field": "balance"}, "format": "money"},
    ],
}
PRIORITY = {
    "kind": "score",
    "parts": [{"value": {"field": "score"}, "weight": 1, "label": WORDS}],
}
EVERY = 0.05


def write_people(folder: Path, count: int, changed: int) -> None:
    """The persons of the bank; the first `changed` have another balance and score."""
    folder.mkdir(exist_ok=True)
    with (folder / "person.csv").open("w", encoding="utf-8") as file:
        file.write("id,name,branch,phone,balance,score\n")
        for n in range(count):
            more = 7 if n < changed else 0
            file.write(
                f"{n},顧客{n:07},支店{n % 120:03},090-{n % 10000:04}-{n % 9973:04},"
                f"{(n * 37) % 9_000_000 + more}.25,{(n * 31) % 100 + more}\n"
            )


def begin(root: str) -> Any:
    """Set this process up for the workspace."""
    from enishi.book.setup import setup
    from enishi.book.workspace import read_workspace

    workspace = read_workspace(Path(root))
    setup(workspace)
    return workspace


def caller(root: str, list_id: str, user: str, stop: Event, told: Any) -> None:
    """Log a call every 50 ms until told to stop; answers with the latencies in ms."""
    begin(root)
    from enishi.book.access import Actor
    from enishi.lists.engaging import log
    from enishi.lists.models import Member
    from enishi.lists.work_schemas import EngagementIn

    actor = Actor(user, "manager")
    ids = list(Member.objects.filter(list_id=list_id).values_list("id", flat=True))
    asked = EngagementIn(kind="call", outcome="no_answer", note="不在")
    log(list_id, ids[0], asked, None, actor)  # connections and caches are warm from here on
    told.put("ready")
    found = []
    number = 0
    due = time.perf_counter()
    while not stop.is_set():
        begun = time.perf_counter()
        log(list_id, ids[number % len(ids)], asked, None, actor)
        found.append((time.perf_counter() - begun) * 1000)
        number += 1
        due += EVERY
        time.sleep(max(0.0, due - time.perf_counter()))
    told.put(found)


class Calls:
    """Calls being logged in another process while the block runs."""

    def __init__(self, root: str, list_id: str, user: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._stop, self._told = context.Event(), context.Queue()
        self._process = context.Process(
            target=caller, args=(root, list_id, user, self._stop, self._told)
        )
        self.found: list[float] = []

    def __enter__(self) -> Calls:
        self._process.start()
        assert self._told.get(timeout=60) == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.found = self._told.get(timeout=60)
        self._process.join()


def summary(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "n": len(ordered),
        "p50": round(statistics.median(ordered), 1),
        "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 1),
        "max": round(ordered[-1], 1),
    }


def opened(list_id: str, actor: Any, times: int = 9, **wanted: Any) -> float:
    """The median time in ms to answer the first page of the board."""
    from enishi.lists.board import Wanted, page

    found = []
    for _ in range(times):
        begun = time.perf_counter()
        page(list_id, Wanted(**wanted), 0, 50, actor, "ja")
        found.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(found), 1)


def build_until_done() -> float:
    from enishi.lists.jobs import run_once

    begun = time.perf_counter()
    while run_once():
        pass
    return time.perf_counter() - begun


def run(root: str, members: int, seconds: float) -> dict[str, Any]:
    workspace = begin(root)
    from enishi.book.access import Actor
    from enishi.book.setup import migrate
    from enishi.lists import definitions, making, service
    from enishi.lists.body import DefinitionBody
    from enishi.lists.models import Build, Member
    from enishi.lists.schemas import ListIn
    from enishi.lists.tracking import track
    from enishi.sources.service import load
    from enishi.warehouse import process
    from enishi.warehouse.client import open_warehouse

    migrate()
    warehouse = open_warehouse(workspace, attach_only=False)
    process.use_warehouse(warehouse)
    write_people(workspace.data, members, 0)
    load(workspace, warehouse.engine, warehouse.catalog)
    admin, boss = Actor("usr_admin", "administrator"), Actor("usr_boss", "manager", pii="high")
    made = definitions.create("large", DefinitionBody.model_validate(BODY), admin)
    definitions.activate(made.id, admin)
    curate = build_until_done()
    small, _ = making.create(ListIn(definition="large", name="small", top_n=500), None, boss)
    build_until_done()
    with Calls(root, small.id, boss.user_id) as quiet:
        time.sleep(seconds)
    large, _ = making.create(
        ListIn.model_validate({"definition": "large", "name": "large", "priority": PRIORITY}),
        None, boss,
    )  # fmt: skip
    with Calls(root, small.id, boss.user_id) as beside_build:
        built = build_until_done()
    opens = {
        "small": opened(small.id, boss),
        "first_page": opened(large.id, boss),
        "by_status": opened(large.id, boss, status="open"),
        "by_priority": opened(large.id, boss, priority="high"),
        "rare_status": opened(large.id, boss, status="done"),
        "sorted_by_name": opened(large.id, boss, times=3, sort="name"),
        "sorted_by_value": opened(large.id, boss, times=3, sort="-value.balance"),
        "searched": opened(large.id, boss, times=3, q="顧客0000123"),
    }
    begun = time.perf_counter()
    track(large.id, "branch", boss, "ja")
    tracked = (time.perf_counter() - begun) * 1000
    write_people(workspace.data, members, members // 100)
    load(workspace, warehouse.engine, warehouse.catalog)
    service.refresh(large.id, boss)
    with Calls(root, small.id, boss.user_id) as beside_refresh:
        refreshed = build_until_done()
    last = Build.objects.filter(list_id=large.id).order_by("-number")[0]
    assert Member.objects.filter(list_id=large.id, present=True).count() == members
    baseline = summary(quiet.found)
    logged = {
        "baseline": baseline,
        "beside_build": summary(beside_build.found),
        "beside_refresh": summary(beside_refresh.found),
    }
    return {
        "members": members,
        "book": "postgresql" if workspace.database_url else "sqlite",
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "curated_dataset_s": round(curate, 2),
        "build": {"seconds": round(built, 1), "members_per_s": round(members / built)},
        "refresh": {
            "seconds": round(refreshed, 1), "added": last.added, "left": last.left,
            "changed": last.changed,
        },
        "open_ms": opens,
        "tracking_by_branch_ms": round(tracked, 1),
        "log_ms": logged,
        "ratios": {
            "log_p99_build_to_baseline": round(logged["beside_build"]["p99"] / baseline["p99"], 2),
            "log_p99_refresh_to_baseline": round(
                logged["beside_refresh"]["p99"] / baseline["p99"], 2
            ),
            "open_first_page_to_small": round(opens["first_page"] / opens["small"], 2),
            "refresh_to_build": round(refreshed / built, 2),
        },
        "holds": {
            "log_p99_within_200_ms": max(
                logged["beside_build"]["p99"], logged["beside_refresh"]["p99"]
            ) <= 200
        },
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long the baseline runs")
    parser.add_argument("--folder", type=Path, help="where the workspace is made")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="enishi-lists-", dir=given.folder) as folder:
        root = Path(folder)
        (root / "enishi.toml").write_text('name = "benchmark"\n', encoding="utf-8")
        (root / "catalog").mkdir()
        (root / "catalog" / "bank.yaml").write_text(CATALOG, encoding="utf-8")
        print(json.dumps(run(str(root), given.members, given.seconds), indent=2))


if __name__ == "__main__":
    main()
