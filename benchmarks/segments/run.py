"""How fast Enishi answers who, beside SQL written by hand and beside PostgreSQL.

    python -m benchmarks.segments                       # 1M persons, 3M accounts, 50M events
    python -m benchmarks.segments --scale 0.02          # a fiftieth of it
    python -m benchmarks.segments --keep FOLDER         # keeps the data, and uses it the next time
    python -m benchmarks.segments --only queries,fifty  # parts: see PARTS
    python -m benchmarks.segments --postgres            # PostgreSQL too

Prints JSON on standard output and a table on standard error. Every contender's answer is compared
before it is timed; a difference ends the run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.segments.data import AS_OF, Size
from benchmarks.segments.fifty import Fifty, measure_fifty
from benchmarks.segments.ground import Ground, stand_on
from benchmarks.segments.incremental import measure_incremental
from benchmarks.segments.postgres import Postgres, postgres
from benchmarks.segments.questions import SINGLE, TEN
from benchmarks.segments.table import as_table
from benchmarks.segments.timing import interleaved
from enishi.book.access import OPERATOR
from enishi.rules import check_rule, compile_rule

PARTS = ("compile", "queries", "fifty", "incremental", "person")


def measure_compile(ground: Ground, rounds: int) -> dict[str, object]:
    """From the JSON of a rule of ten conditions to SQL text."""

    def work() -> object:
        checked = check_rule(TEN, ground.catalog, subject="person")
        return compile_rule(checked, ground.catalog, AS_OF)

    took = interleaved({"compile": work}, 10 * rounds)["compile"]
    return {"conditions": 10, "ms": took.wall, "cpu_ms": took.cpu}


def measure_queries(
    ground: Ground, rounds: int, server: Postgres | None
) -> list[dict[str, object]]:
    """Each question by hand, by Enishi's SQL, and by the whole of `count` (words included)."""
    found = []
    for asked in SINGLE:
        sql = ground.compiled(asked.rule)
        ours, theirs = ground.answer(sql), ground.answer(asked.by_hand)
        if ours != theirs:
            raise AssertionError(f"{asked.name}: Enishi found {ours}, by hand {theirs}")
        works: dict[str, Callable[[], object]] = {
            "by_hand": partial(ground.count, asked.by_hand),
            "enishi": partial(ground.count, sql),
            "whole": partial(ground.warehouse.count, asked.rule, actor=OPERATOR),
        }
        took = interleaved(works, rounds)
        row: dict[str, object] = {
            "name": asked.name,
            "count": ours[0],
            **{f"{name}_ms": one.wall for name, one in took.items()},
            **{f"{name}_cpu_ms": one.cpu for name, one in took.items()},
            "ratio": round(took["enishi"].wall / took["by_hand"].wall, 2),
            "ratio_cpu": round(took["enishi"].cpu / took["by_hand"].cpu, 2),
        }
        if server is not None:
            row |= measure_postgres(ground, server, asked.postgres or asked.by_hand, asked.by_hand)
        found.append(row)
    return found


def measure_postgres(ground: Ground, server: Postgres, sql: str, by_hand: str) -> dict[str, object]:
    part = f"(FROM data.event WHERE event_no % {server.share} = 0)"
    same = re.sub(r"data\.event\b", part, by_hand)
    expected, there = ground.count(same), server.count(sql)
    if expected != there:
        raise AssertionError(f"PostgreSQL found {there} instead of {expected}: {sql}")
    took = interleaved({"postgres": lambda: server.count(sql)}, 3)["postgres"]
    return {"postgres_ms": took.wall, "postgres_every_nth_event": server.share}


def measure_person(ground: Ground, rounds: int, server: Postgres | None) -> dict[str, object]:
    """One person's page with her timeline, her timeline alone, and why a rule holds for her."""
    with ground.engine.read() as question:
        number, who = question.rows(
            "SELECT person_no, _id FROM data.person JOIN (SELECT person_no FROM data.event"
            " GROUP BY person_no ORDER BY abs(count(*) - 100), person_no LIMIT 1) USING (person_no)"
        )[0]

    def timeline() -> object:
        with ground.engine.read() as question:
            return question.rows(
                "SELECT * FROM data.event WHERE person_no = ? ORDER BY ts DESC LIMIT 200", [number]
            )

    works: dict[str, Callable[[], object]] = {
        "timeline_by_hand": timeline,
        "page": lambda: ground.warehouse.person(who, actor=OPERATOR),
        "why": lambda: ground.warehouse.why(TEN, who, actor=OPERATOR),
    }
    if server is not None:
        works["timeline_postgres"] = lambda: server.timeline(number)
    return {f"{name}_ms": took.wall for name, took in interleaved(works, rounds).items()}


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    given = _read(arguments)
    size = Size(given.persons, given.accounts, given.events, given.seed)
    if given.scale != 1:
        size = size.scaled(given.scale)
    only = set(given.only.split(",")) if given.only else set(PARTS)
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        made = _made(folder, size)
        ground = stack.enter_context(stand_on(folder, size))
        server = None
        if given.postgres:
            server = stack.enter_context(postgres(ground.engine, size.events))
        told: dict[str, Any] = {
            "benchmark": "segments",
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "machine": machine(),
            "size": asdict(size),
            "made": made,
        }
        if "compile" in only:
            told["compile"] = measure_compile(ground, given.rounds)
        if "queries" in only:
            told["queries"] = measure_queries(ground, given.rounds, server)
        if "person" in only:
            told["person"] = measure_person(ground, given.rounds, server)
        segments = Fifty(ground)
        if "fifty" in only:
            told["fifty"] = measure_fifty(segments, given.rounds)
        if "incremental" in only:
            if "fifty" not in only:
                segments.refresh(whole=True)
            told["incremental"] = measure_incremental(ground, segments, size)
        if server is not None:
            told["postgres"] = {"load_seconds": server.seconds, "every_nth_event": server.share}
        told["peak_memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(told, indent=2, ensure_ascii=False))
    print(as_table(told), file=sys.stderr)
    if given.json:
        given.json.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    return told


def _read(arguments: list[str] | None) -> argparse.Namespace:
    size = Size()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.segments", description=__doc__)
    parser.add_argument("--persons", type=int, default=size.persons)
    parser.add_argument("--accounts", type=int, default=size.accounts)
    parser.add_argument("--events", type=int, default=size.events)
    parser.add_argument("--seed", type=int, default=size.seed)
    parser.add_argument("--scale", type=float, default=1.0, help="of all three at once")
    parser.add_argument("--only", help=f"parts, with commas: {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--postgres", action="store_true", help="beside PostgreSQL too")
    parser.add_argument("--keep", type=Path, help="a folder for the data, used again if it fits")
    parser.add_argument("--json", type=Path, help="write the result here too")
    return parser.parse_args(arguments)


def _made(folder: Path, size: Size) -> dict[str, object]:
    """Make the data in a process of its own, so that its memory is told apart."""
    folder.mkdir(parents=True, exist_ok=True)
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.segments.data", str(folder), json.dumps(asdict(size))],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    found: dict[str, object] = json.loads(told)
    return found


def machine() -> dict[str, object]:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    return {
        "cpus": os.cpu_count(),
        "model": model,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
    }
