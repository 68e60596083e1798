"""Spark, a master and two workers: loads, questions, segments and lists as on DuckDB; and what is
Spark's own: snapshots that nobody pulls from under a reader, a master that is not there.

A part of the story for every day; `test_engines_spark_whole` tells all of it.
"""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from engine_world import STEPS, open_teller, questions
from enishi.kernel.errors import EnishiError
from enishi.sources.stage import STAGE, made_columns
from enishi.warehouse import spark_session
from enishi.warehouse.duckdb_engine import CancelledError
from enishi.warehouse.engine import Incoming, open_engine, read_url
from enishi.warehouse.list_members import MOVES, STANDING, tell_moves, tell_standing
from enishi.warehouse.memberships import cycle
from enishi.warehouse.refresh_log import Change

DATASETS = ("branch", "person", "account", "visit")
ASKED = (
    "who", "page", "scoped", "sample", "branches with", "tags", "datasets", "count branch",
    "count money", "past event", "count no event", "count text", "search tanaka", "person 1",
    "why event of 2",
)  # fmt: skip
AT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def tellers(spark_cluster, tmp_path_factory):
    """The story's first steps on DuckDB and on Spark."""
    folder = tmp_path_factory.mktemp("spark-story")
    found = [
        open_teller(folder / "duckdb"),
        open_teller(folder / "other", spark_cluster.url(folder / "warehouse")),
    ]
    yield found
    for teller in found:
        teller.close()


def _sets(teller, table):
    with teller.engine.read() as question:
        rows = question.rows(f"SELECT * FROM {teller.engine.spelling.book(table)}")
    return sorted(rows, key=str)


def _same(tellers, answer):
    expected, found = (answer(teller) for teller in tellers)
    assert found == expected
    return expected


def test_loads_do_the_same(tellers):
    for step in ("a first load", "changed, added, removed and repeated rows",
                 "events that contradict", "fields the catalog has gained"):  # fmt: skip
        _same(tellers, STEPS[step])
        for dataset in DATASETS:
            _same(tellers, lambda teller, name=dataset: teller.rows(name))
    assert len(_same(tellers, lambda teller: teller.links())) == 5


def test_questions_have_the_same_answers(tellers):
    told = _same(tellers, lambda teller: questions(teller, ASKED))
    assert not [name for name, answer in told.items() if str(answer).startswith("refused")]


def test_segments_have_the_same_stays(tellers):
    def turn(teller, whole, ids, at):
        text = teller.engine.spelling.text
        among = " UNION ALL ".join(f"SELECT {text(one)} AS _id" for one in ids)
        with cycle(teller.engine) as going:
            going.touch([] if whole else [f"SELECT {text('p2')} AS _id"])
            going.decide("vip", among)
            change = Change(f"r{at:%d}{whole}", "vip", 1, whole)
            going.compare([change])
            [done] = going.apply([change], at)
        return done.size, done.entered, done.left, _sets(teller, "memberships")

    _same(tellers, lambda teller: turn(teller, True, ["p1", "p2"], AT))
    size, entered, left, stays = _same(
        tellers, lambda teller: turn(teller, True, ["p2", "p3"], AT + timedelta(days=1))
    )
    assert (size, entered, left, len(stays)) == (2, 1, 1, 3)


def test_lists_have_the_same_members(tellers):
    at = AT.replace(tzinfo=None)
    rows = [("p1", "p2"), ("new", "called"), ("open", "working")]
    standing = pa.table([list(column) for column in rows], schema=STANDING)
    moves = pa.Table.from_pylist(
        [{"list": "calls", "_id": "p2", "status": "won", "means": "won", "at": at}], MOVES
    )

    def tell(teller):
        tell_standing(teller.engine, "calls", standing, at)
        tell_moves(teller.engine, moves)
        return _sets(teller, "list_members")

    assert len(_same(tellers, tell)) == 3


def test_what_a_question_reads_stays_until_it_ends(tellers):
    """It sees the tables as it first saw them, over loads and sweeps, and then they go."""
    spark = tellers[1]
    folder = spark.engine.snapshots.folder / "data" / "branch"
    spark.put(branch="code,area\nB1,東京\n")
    spark.load("branch")
    with spark.engine.read() as question:
        assert question.one("SELECT max(area) FROM data.branch WHERE code = 'B1'") == "東京"
        before = set(folder.iterdir())
        spark.put(branch="code,area\nB1,京都\n")
        assert spark.load("branch")["changed"] == 1
        spark.engine.prepare()
        assert before <= set(folder.iterdir())
        assert question.one("SELECT max(area) FROM data.branch WHERE code = 'B1'") == "東京"
    spark.engine.prepare()
    assert not before & set(folder.iterdir())
    with spark.engine.read() as question:
        assert question.one("SELECT max(area) FROM data.branch WHERE code = 'B1'") == "京都"


def test_a_load_that_breaks_off_leaves_nothing(tellers):
    spark = tellers[1]
    before, folders = spark.rows("branch"), _folders(spark)
    spark.put(branch="code,area\nB9,那覇\n")
    with pytest.raises(_BrokenOff):
        _bring_branch(spark)
    assert spark.rows("branch") == before
    spark.engine.prepare()
    assert _folders(spark) == folders


class _BrokenOff(Exception):
    """What comes between a load and its commit."""


def _bring_branch(teller):
    """All of a load but its commit."""
    dataset = teller.world.catalog.datasets["branch"]
    made = made_columns(dataset, teller.world.secret())
    incoming = Incoming(dataset, STAGE, made, "load_x", AT.replace(tzinfo=None))
    with teller.engine.books.workbench() as bench, bench.transaction():
        bench.execute(
            "CREATE TEMP TABLE _stage (_file VARCHAR, _line BIGINT, code VARCHAR, area VARCHAR)"
        )
        bench.execute("INSERT INTO temp._stage VALUES ('branch.csv', 2, 'B9', '那覇')")
        with teller.engine.arrival(bench, incoming) as arrival:
            assert arrival.apply(removes=False).added == 1
            arrival.publish()
        raise _BrokenOff


def _folders(teller):
    return {one for one in teller.engine.snapshots.folder.rglob("*") if one.is_dir()}


def test_a_question_can_be_cancelled(tellers):
    engine = tellers[1].engine
    asked, ended = [], []

    def ask():
        with engine.read(asked.append) as question:
            try:
                question.one("SELECT sum(a.id * b.id) FROM range(1000000000) a, range(1000) b")
            except CancelledError:
                ended.append(True)

    thread = threading.Thread(target=ask)
    thread.start()
    until = time.monotonic() + 60
    while thread.is_alive() and time.monotonic() < until:
        if asked:
            asked[0].cancel()
        thread.join(0.05)
    assert ended == [True]
    with engine.read() as question:
        assert question.one("SELECT 1") == 1


def test_another_workspace_does_not_take_the_folder(tellers, tmp_path):
    with pytest.raises(EnishiError) as refused:
        open_teller(tmp_path / "w", f"{tellers[1].url}")
    assert refused.value.code == "warehouse_of_another"


def test_a_failing_statement_tells_no_values(tellers, capfd):
    with tellers[1].engine.read() as question, pytest.raises(EnishiError) as failed:
        question.rows("SELECT CAST('03-1234-5678' AS INT)")
    assert failed.value.code == "engine_failed"
    assert failed.value.detail == {"reason": "CAST_INVALID_INPUT"}
    assert "1234" not in str(failed.value.as_json("ja")) + "".join(capfd.readouterr())


def test_a_master_that_is_not_there_is_told(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    wanted = spark_session.Application("127.0.0.1", port)
    with pytest.raises(EnishiError) as refused:
        spark_session.refuse_unreachable(wanted)
    assert refused.value.code == "engine_unreachable"
    assert str(port) in refused.value.message.en


def test_one_process_has_one_master(tellers, tmp_path):
    with pytest.raises(EnishiError) as refused:
        open_engine(read_url(f"spark://local:1{tmp_path}/w"), tmp_path)
    assert refused.value.code == "spark_other_master"


def test_without_java_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EnishiError) as refused:
        spark_session.refuse_without_java()
    assert refused.value.code == "engine_missing"
    assert "openjdk" in refused.value.remedy.en
