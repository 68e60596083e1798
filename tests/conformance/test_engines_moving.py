"""A warehouse moved to another engine and back holds the same and answers the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from engine_world import STEPS, open_teller, questions
from enishi.kernel.errors import EnishiError
from enishi.warehouse.engine import open_engine, read_url
from enishi.warehouse.moving import copy
from enishi.warehouse.warehouse import Warehouse

DATASETS = ("branch", "person", "account", "visit")


@pytest.fixture
def here(tmp_path):
    teller = open_teller(tmp_path / "w")
    for step in ("a first load", "changed, added, removed and repeated rows"):
        STEPS[step](teller)
    at = datetime(2026, 4, 1, tzinfo=UTC).replace(tzinfo=None)
    members = pa.table({"segment": ["vip", "vip"], "_id": ["p1", "p2"], "entered_at": [at, at]})
    with teller.engine.write() as writer:
        writer.insert("enishi.memberships", members)
    yield teller
    teller.close()


def _moved(teller, url, **given):
    """The teller on the engine at `url`, after the copy."""
    source = teller.engine
    target = open_engine(read_url(url), teller.world.root / "var")
    try:
        done = copy(source, target, teller.world.catalog, **given)
    except BaseException:
        target.close()
        raise
    teller.world.engine = target
    teller.warehouse = Warehouse(target, lambda: teller.world.catalog, teller.world.clock)
    return source, done


def test_there_and_back(here, tmp_path):
    before = {name: here.rows(name) for name in DATASETS}
    answers, links = questions(here), here.links()
    first, done = _moved(here, f"chdb://{tmp_path}/ch")
    second = here.engine
    assert {one.table: one.rows for one in done}["memberships"] == 2
    assert {name: here.rows(name) for name in DATASETS} == before
    assert (questions(here), here.links()) == (answers, links)
    here.later(1)
    again = here.load("person")  # the history goes on where it was
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)
    _moved(here, f"duckdb://{tmp_path}/again.duckdb")
    assert {name: here.rows(name) for name in DATASETS} == before
    with here.engine.read() as question:
        assert question.one("SELECT count(*) FROM enishi.memberships WHERE left_at IS NULL") == 2
    first.close()
    second.close()


def test_a_target_with_rows_is_refused_and_replaced_when_asked(here, tmp_path):
    url = f"duckdb://{tmp_path}/other.duckdb"
    first, _ = _moved(here, url)
    other, here.world.engine = here.engine, first
    other.close()
    with pytest.raises(EnishiError) as refused:
        _moved(here, url)
    assert refused.value.code == "copy_target"
    _, done = _moved(here, url, replace=True)
    assert {one.table: one.rows for one in done}["account"] == 4
    first.close()


def test_a_warehouse_is_not_copied_onto_itself(here):
    with pytest.raises(EnishiError) as refused:
        copy(here.engine, here.engine, here.world.catalog)
    assert refused.value.code == "copy_same"


def test_the_command_line_moves_and_shows(here, tmp_path):
    import os
    import subprocess
    import sys
    from pathlib import Path

    root = here.world.root
    here.close()
    enishi = str(Path(sys.executable).parent / "enishi")

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [enishi, "--workspace", str(root), *arguments],
            env=os.environ | {"ENISHI_LOCALE": "en", "LANG": "C.UTF-8"} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    url = f"chdb://{tmp_path}/ch"
    moved = run("warehouse", "copy", "--to", url)
    assert moved.returncode == 0, moved.stderr
    assert "visit: 4" in moved.stdout
    shown = run("warehouse", "show", ENISHI_WAREHOUSE=url)
    assert shown.returncode == 0, shown.stderr
    assert f"{url} (clickhouse)" in shown.stdout
    assert "data.account" in shown.stdout
