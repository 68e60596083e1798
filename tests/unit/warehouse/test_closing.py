"""Closing the embedded file while others ask."""

from __future__ import annotations

import threading
from pathlib import Path

from enishi.warehouse.duckdb_engine import DuckDBEngine

LONG = "SELECT count(*) FROM range(300_000_000)"
PATIENCE = 30


def test_it_is_closed_when_whoever_asks_is_done(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "file.duckdb")
    begun, told = threading.Event(), []

    def ask() -> None:
        with engine.read(lambda _: begun.set()) as question:
            told.append(question.one(LONG))

    asking = threading.Thread(target=ask)
    asking.start()
    assert begun.wait(PATIENCE)
    engine.close()
    asking.join(PATIENCE)
    assert told == [300_000_000]
    engine.close()
    with DuckDBEngine(tmp_path / "file.duckdb") as again, again.read() as question:
        assert question.one("SELECT 1") == 1
