"""A bank whose warehouse is Spark: loaded by the command line, asked, a segment kept, a list made,
its calls logged; each as it is on DuckDB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lists_world import Bank
from segments_world import MAIN, RICH, Segments
from spark_cluster import SparkCluster

pytestmark = pytest.mark.heavy

ENISHI = str(Path(sys.executable).parent / "enishi")
ON_LIST = {"list": "called"}


@pytest.fixture
def spark_bank(sqlite_bank: Bank, spark_cluster: SparkCluster, tmp_path: Path) -> Bank:
    """The bank, not yet on Spark: `_move` takes it there."""
    url = spark_cluster.url(tmp_path / "shared", quick=False)
    sqlite_bank.workspace = replace(sqlite_bank.workspace, warehouse_url=url)
    return sqlite_bank


def _move(bank: Bank) -> None:
    bank.warehouse.close()
    bank.reopen()
    assert bank.warehouse.engine.dialect == "spark"


def _told(bank: Bank) -> dict[str, Any]:
    """What the product tells of its people."""
    manager = bank.actor("manager")
    ask = bank.warehouse
    top = {"all": [RICH, MAIN]}
    return {
        "count": ask.count(top, actor=manager)["count"],
        "who": ask.who(top, actor=manager, order_by="name", columns={
            "name": {"field": "name"}, "sum": {"related": "deposits", "measure": {"sum": "balance"}}
        }).to_pylist(),
        "funnel": ask.funnel(top, actor=manager),
        "why": ask.why(top, "P036", actor=manager),
        "search": ask.search("顧客 03", actor=manager),
    }  # fmt: skip


def _worked(bank: Bank) -> dict[str, Any]:
    """Segments and a list through their whole way, over a day and a load."""
    segments = Segments(bank)
    segments.make("rich", RICH)
    segments.make("rich-main", {"all": [{"segment": "rich"}, MAIN]})
    segments.run()
    made = bank.make_list(slug="called")
    first = sorted(row["display"] for row in bank.members(made))
    bank.later(timedelta(days=1))
    bank.load(balances={1: 9_000_000, 36: 1})
    segments.run()
    told = {
        "rich": sorted(segments.inside("rich")),
        "rich-main": sorted(segments.inside("rich-main")),
        "trend": segments.get("rich/trend?days=2"),
        "overlap": segments.post("overlap", {"slugs": ["rich", "rich-main"]}),
        "list": first,
    }
    _tell_lists()
    told["on the list"] = bank.warehouse.count(ON_LIST, actor=bank.actor("manager"))["count"]
    assert set(told["rich"]) == segments.true_of(RICH)
    return told


def _tell_lists() -> None:
    from enishi.lists.telling import run_once

    while run_once():
        pass


def test_the_bank_on_spark_tells_what_it_tells_on_duckdb(spark_bank: Bank) -> None:
    before = _told(spark_bank)
    _move(spark_bank)
    spark_bank.load()
    assert _told(spark_bank) == before
    told = _worked(spark_bank)
    assert told["rich"] == ["P001", *(f"P{n:03}" for n in range(30, 41) if n != 36)]
    assert told["rich-main"] == [f"P{n:03}" for n in (30, 32, 34, 38, 40)]
    assert told["trend"]["flows"][-1] | {"day": ""} == {"day": "", "entered": 1, "left": 1}
    assert len(told["list"]) == told["on the list"] == 40


def test_the_command_line_loads_and_counts_on_spark(spark_bank: Bank) -> None:
    bank = spark_bank
    expected = bank.warehouse.count(RICH, actor=bank.actor("manager"))["count"]
    bank.warehouse.close()
    assert bank.workspace.warehouse_url is not None

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [ENISHI, "-w", str(bank.workspace.root), *arguments],
            env=os.environ
            | {"ENISHI_LANG": "en", "ENISHI_WAREHOUSE": str(bank.workspace.warehouse_url)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "WARN" not in done.stderr
        return done.stdout

    rule = bank.workspace.root / "rule.json"
    rule.write_text(json.dumps(RICH))
    assert "40" in run("load")
    assert str(expected) in run("count", str(rule))
