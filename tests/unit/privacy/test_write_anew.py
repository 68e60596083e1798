"""Writing the warehouse's file anew: nothing deleted is in it, and nobody is cut off."""

from __future__ import annotations

import threading
from pathlib import Path

from enishi.warehouse.duckdb_engine import DuckDBEngine
from enishi.warehouse.duckdb_gate import Gate

SECRET = "ひみつ-71839205"


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


def test_what_was_deleted_is_in_the_file_no_more(tmp_path: Path) -> None:
    with DuckDBEngine(tmp_path / "w.duckdb", threads=1) as engine:
        with engine.write() as writer:
            writer.execute("CREATE TABLE t AS SELECT range AS n, 'x' || range AS s FROM range(999)")
            writer.execute("INSERT INTO t VALUES (7, ?)", [SECRET])
        engine.checkpoint()
        with engine.write() as writer:
            writer.execute("DELETE FROM t WHERE s = ?", [SECRET])
        engine.checkpoint()
        assert SECRET.encode() in _bytes(tmp_path)  # why it takes a new file
        assert engine.write_anew()
        assert SECRET.encode() not in _bytes(tmp_path)
        with engine.read() as question:
            assert question.one("SELECT count(*) FROM t") == 999
            assert question.one("SELECT enishi_fold('ＡＢＣ')") == "abc"
        assert [path.name for path in tmp_path.iterdir()] == ["w.duckdb"]


def test_it_waits_for_questions_and_lets_go(tmp_path: Path) -> None:
    with DuckDBEngine(tmp_path / "w.duckdb", threads=1) as engine:
        with engine.read() as question:
            with_thread: list[bool] = []
            thread = threading.Thread(target=lambda: with_thread.append(engine.write_anew(0.05)))
            thread.start()
            thread.join()
            assert with_thread == [False]
            assert question.one("SELECT 42") == 42
        assert engine.write_anew(0.05)


def test_who_is_inside_enters_again_while_somebody_waits_to_be_alone() -> None:
    gate, asked, over = Gate(), threading.Event(), threading.Event()
    order: list[str] = []

    def be_alone() -> None:
        asked.set()
        with gate.alone(5) as let_in:
            order.append(f"alone {let_in}")
        over.set()

    with gate.inside():
        thread = threading.Thread(target=be_alone)
        thread.start()
        asked.wait(5)
        with gate.inside():
            order.append("again")
    thread.join(5)
    assert over.is_set()
    assert order == ["again", "alone True"]
