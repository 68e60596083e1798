"""An engine that fails, is killed or cannot be reached: said plainly, nothing half done."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from engine_world import CHANGED, STEPS, open_teller
from enishi.kernel.errors import EnishiError
from enishi.warehouse.duckdb_engine import CancelledError
from enishi.warehouse.engine import engine_url, open_engine, read_url

SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from engine_world import open_teller
teller = open_teller(Path(sys.argv[2]), sys.argv[3])
teller.later(1)
teller.load(sys.argv[4])
"""
DATASETS = ("person", "visit")


def _state(teller):
    return [teller.rows(name) for name in DATASETS]


@pytest.mark.parametrize(
    ("moment", "dataset"),
    [
        ("load.worked_out", "person"),
        ("load.published", "visit"),
        pytest.param("load.worked_out", "visit", marks=pytest.mark.heavy),
        pytest.param("load.published", "person", marks=pytest.mark.heavy),
    ],
)
def test_a_killed_load_is_whole_or_absent(tmp_path, moment, dataset):
    url = f"chdb://{tmp_path}/ch"
    teller = open_teller(tmp_path / "w", url)
    STEPS["a first load"](teller)
    before = _state(teller)
    teller.put(
        person=CHANGED,
        visit="id,person_id,at,what\n" + "".join(f"{n},1,2026-03-01,x\n" for n in range(10, 2000)),
    )
    teller.close()
    killed = subprocess.run(
        [
            sys.executable, "-c", SCRIPT, str(Path(__file__).parent.parent), str(tmp_path / "w"),
            url, dataset,
        ],
        env=os.environ | {"ENISHI_CRASH_AT": moment},
        check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    teller = open_teller(tmp_path / "w", url)
    try:
        after = _state(teller)
        with teller.engine.books.read() as books:
            states = {row[0] for row in books.rows("SELECT state FROM enishi.loads")}
        assert "interrupted" in states
        assert (after == before) is (moment == "load.worked_out")
        assert not [one for one in teller.engine.held() if one.table.startswith("arriving")]
        with teller.engine.read() as question:
            left = question.one(
                "SELECT count() FROM system.tables WHERE startsWith(name, 'arriving')"
            )
        assert left == 0
        teller.later(2)
        again = teller.load(dataset)
        assert again["state"] == "loaded"
        new = again["added"] + again["changed"] + again["removed"]
        assert bool(new) is (moment == "load.worked_out")
    finally:
        teller.close()


def test_a_question_can_be_cancelled(tmp_path):
    teller = open_teller(tmp_path / "w", f"chdb://{tmp_path}/ch")
    asked, ended = [], []

    def ask():
        with teller.engine.read(asked.append) as question:
            try:
                question.one("SELECT sum(sipHash64(number)) FROM numbers(100000000000)")
            except CancelledError:
                ended.append(True)

    try:
        thread = threading.Thread(target=ask)
        thread.start()
        until = time.monotonic() + 20
        while thread.is_alive() and time.monotonic() < until:
            if asked:
                asked[0].cancel()
            thread.join(0.05)
        assert ended == [True]
        assert teller.load("branch")["code"]  # the engine goes on; there is just no file
    finally:
        teller.close()


def test_many_ask_at_once(tmp_path):
    teller = open_teller(tmp_path / "w", f"chdb://{tmp_path}/ch")
    STEPS["a first load"](teller)
    found: list[object] = []

    def ask(number: int) -> None:
        with teller.engine.read() as question:
            import pyarrow as pa

            question.register("_mine", pa.table({"n": [number]}))
            found.append(question.one("SELECT n FROM _mine") == number)
            question.one(f"SELECT count() FROM {teller.engine.spelling.data('person')}")

    try:
        threads = [threading.Thread(target=ask, args=(n,)) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [True] * 12
    finally:
        teller.close()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://host/db", "clickhouse:///nobody", "duckdb://host/file", "chdb://", "spark://",
        "clickhouse://host:99999/db", "clickhouse://host/b'ad", "not a url",
        "clickhouse://host/db?password=x",
    ],
)  # fmt: skip
def test_a_wrong_url_is_refused(tmp_path, url):
    with pytest.raises(EnishiError) as refused:
        open_engine(read_url(url), tmp_path)
    assert refused.value.code == "warehouse_url"


def _nobody_listens() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_server_that_does_not_answer_is_told_without_the_password(tmp_path, caplog):
    url = read_url(f"clickhouse://ami:hush-hush@127.0.0.1:{_nobody_listens()}/bank")
    with pytest.raises(EnishiError) as refused:
        open_engine(url, tmp_path)
    assert refused.value.code == "engine_unreachable"
    told = repr(refused.value.as_json("ja")) + repr(refused.value.as_json("en")) + repr(url)
    assert "ami@127.0.0.1" in told
    assert "hush" not in told
    assert "hush" not in repr(refused.value.__cause__)
    assert refused.value.__suppress_context__
    assert "hush" not in caplog.text


class _Refusing(BaseHTTPRequestHandler):
    """Answers as a ClickHouse server does to a wrong password."""

    def do_POST(self) -> None:
        said = b"Code: 516. DB::Exception: ami: Authentication failed: password is incorrect."
        self.send_response(403)
        self.send_header("X-ClickHouse-Exception-Code", "516")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        pass


def test_a_wrong_password_is_told_without_it(tmp_path):
    server = HTTPServer(("127.0.0.1", 0), _Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = read_url(f"clickhouse://ami:hush-hush@127.0.0.1:{server.server_port}/bank")
        with pytest.raises(EnishiError) as refused:
            open_engine(url, tmp_path)
    finally:
        server.shutdown()
        server.server_close()
    assert refused.value.code == "engine_refused"
    assert "hush" not in repr(refused.value.as_json("en"))


def test_an_engine_whose_extra_is_missing_names_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "clickhouse_connect", None)
    monkeypatch.delitem(sys.modules, "enishi.warehouse.clickhouse", raising=False)
    monkeypatch.delitem(sys.modules, "enishi.warehouse.clickhouse_client", raising=False)
    monkeypatch.delitem(sys.modules, "enishi.warehouse.clickhouse_arrival", raising=False)
    monkeypatch.delitem(sys.modules, "enishi.warehouse.clickhouse_shelf", raising=False)
    with pytest.raises(EnishiError) as refused:
        open_engine(read_url("clickhouse://host/bank"), tmp_path)
    assert refused.value.code == "engine_missing"
    assert "enishi[clickhouse]" in refused.value.remedy.en


def test_the_workspace_names_its_engine(tmp_path, monkeypatch):
    from enishi.book.workspace import read_workspace

    (tmp_path / "enishi.toml").write_text('name = "t"\n')
    own = engine_url(read_workspace(tmp_path))
    assert own.books(tmp_path / "var") == tmp_path.resolve() / "var" / "warehouse.duckdb"
    (tmp_path / "enishi.toml").write_text('[warehouse]\nurl = "clickhouse://a:b@h/bank"\n')
    named = read_workspace(tmp_path)
    assert engine_url(named).place == "clickhouse://a@h/bank"
    assert "a:b" not in repr(named)
    monkeypatch.setenv("ENISHI_WAREHOUSE", "chdb:///somewhere")
    assert engine_url(read_workspace(tmp_path)).place == "chdb:///somewhere"


def test_another_workspace_is_kept_out(tmp_path):
    url = f"chdb://{tmp_path}/ch"
    first = open_teller(tmp_path / "a", url)
    STEPS["a first load"](first)
    before = _state(first)
    first.close()
    with pytest.raises(EnishiError) as refused:
        open_teller(tmp_path / "b", url)
    assert refused.value.code == "warehouse_of_another"
    first = open_teller(tmp_path / "a", url)
    assert _state(first) == before
    first.close()


def test_two_engines_keep_two_books(tmp_path):
    places = [
        read_url(url).books(tmp_path)
        for url in ("clickhouse://a:1@h/x", "clickhouse://b:2@h/x", "clickhouse://a:1@h/y")
    ]
    assert places[0] == places[1]  # another user or password is the same data
    assert places[0] != places[2]
