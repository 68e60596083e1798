"""The door: the same answers through it, errors whole, strangers refused, the file held once."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import threading

import pyarrow.flight as flight
import pytest

from enishi.book.access import OPERATOR, Actor
from enishi.book.workspace import read_workspace
from enishi.kernel.errors import EnishiError, Forbidden, Invalid, Unavailable
from enishi.sources.actions import actions, load_into, replay_into
from enishi.warehouse import wire
from enishi.warehouse.client import Attached, open_file, open_warehouse
from enishi.warehouse.door import Door
from enishi.warehouse.duckdb_engine import Busy, CancelledError, DuckDBEngine

CATALOG = """version: 1
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: current
    subject: person
    key: id
    display: name
    source: {files: "person.csv"}
    fields:
      id: {type: integer}
      name: {type: string, pii: low, meaning: person_name}
      branch: {type: string}
      balance: {type: decimal, scale: 2}
"""
RULE = {"field": "branch", "op": "eq", "value": "B1"}
COLUMNS = {"balance": {"field": "balance"}}
SCOPED = Actor(
    "u", "manager", {"field": "branch", "op": "eq", "value": {"user": "b"}}, {"b": "B2"}, "none"
)


@pytest.fixture
def workspace(tmp_path):
    for folder in ("catalog", "data"):
        (tmp_path / folder).mkdir()
    (tmp_path / "enishi.toml").write_text('name = "test"\n')
    (tmp_path / "catalog" / "all.yaml").write_text(CATALOG, encoding="utf-8")
    rows = "".join(f"{n},人{n},B{n % 3},{n}.25\n" for n in range(300))
    (tmp_path / "data" / "person.csv").write_text("id,name,branch,balance\n" + rows)
    return read_workspace(tmp_path)


@pytest.fixture
def direct(workspace):
    with open_file(workspace) as opened:
        load_into(workspace, opened)
        yield opened


@pytest.fixture
def attached(workspace, direct):
    door = Door(workspace, direct, actions(workspace, direct))
    with open_warehouse(workspace) as found:
        assert isinstance(found, Attached)
        yield found
    door.close()


def test_the_same_answers_through_the_door(direct, attached):
    calls = [
        lambda w: w.count(RULE, actor=OPERATOR) | {"ms": 0, "as_of": ""},
        lambda w: w.who(RULE, actor=OPERATOR, columns=COLUMNS, limit=7).to_pylist(),
        lambda w: w.who(RULE, actor=SCOPED, columns=COLUMNS).to_pylist(),
        lambda w: w.view("person", None, COLUMNS, actor=SCOPED).to_pylist(),
        lambda w: w.why(RULE, "4", actor=OPERATOR, locale="en")["truth"],
        lambda w: w.funnel({"all": [RULE]}, actor=OPERATOR),
        lambda w: w.compare(RULE, {"not": RULE}, actor=OPERATOR),
        lambda w: w.sample(RULE, 3, actor=SCOPED),
        lambda w: w.values("person", "branch", actor=SCOPED),
        lambda w: w.search("人12", 5, actor=OPERATOR),
        lambda w: w.in_scope(w.who(RULE, actor=OPERATOR).column("_id").to_pylist(), actor=SCOPED),
        lambda w: w.datasets(actor=OPERATOR),
        lambda w: w.loads(actor=OPERATOR),
        lambda w: w.dead_letters(actor=OPERATOR),
    ]
    for call in calls:
        assert call(attached) == call(direct)
    person = direct.find("4", actor=OPERATOR)
    assert (
        attached.person(person, actor=OPERATOR)["fields"]
        == direct.person(person, actor=OPERATOR)["fields"]
    )


def test_an_error_crosses_whole(direct, attached):
    told = []
    for warehouse in (direct, attached):
        with pytest.raises(Invalid) as refused:
            warehouse.count({"field": "brunch", "op": "eq", "value": 1}, actor=OPERATOR)
        told.append((refused.value.code, refused.value.as_json("ja"), refused.value.as_json("en")))
    assert told[0] == told[1]
    assert "branch" in str(told[0])


def test_only_who_knows_the_token_is_let_in(workspace, attached):
    found = json.loads(workspace.door_token_path.read_text())
    assert stat.S_IMODE(workspace.door_token_path.stat().st_mode) == 0o600
    client = flight.connect(found["location"])
    body = wire.request("f" * 64, "count", {"rule_json": RULE, "actor": OPERATOR})
    with pytest.raises(flight.FlightServerError) as refused:
        list(client.do_action(flight.Action("ask", body)))
    assert wire.read_error(refused.value.extra_info).code == "door_token"
    other = wire.request(found["token"], "close", {})
    with pytest.raises(flight.FlightServerError):
        list(client.do_action(flight.Action("ask", other)))
    client.close()


def test_loading_through_the_door_tells_its_progress(workspace, attached):
    seen = []
    done = load_into(workspace, attached, ["person"], progress=seen.append)
    assert (done[0]["state"], done[0]["unchanged"]) == ("loaded", 300)
    assert [told["stage"] for told in seen] == ["reading", "applying", "done"]
    with pytest.raises(EnishiError) as refused:
        load_into(workspace, attached, ["persn"])
    assert refused.value.code == "dataset_unknown"


def test_dead_letters_are_replayed_through_the_door(workspace, attached):
    path = workspace.data / "person.csv"
    path.write_text(path.read_text() + "300,人300,B0,1.234\n")
    dead = load_into(workspace, attached, ["person"])[0]
    assert (dead["read"], dead["dead"]) == (301, 1)
    catalog = workspace.root / "catalog" / "all.yaml"
    catalog.write_text(CATALOG.replace("scale: 2}", "scale: 3}"), encoding="utf-8")
    with pytest.raises(EnishiError) as refused:
        replay_into(workspace, attached, "lod_none")
    assert refused.value.code == "load_unknown"
    told = replay_into(workspace, attached, dead["id"])
    assert told["message"]["en"]["code"] == "reload_needed"
    catalog.write_text(CATALOG, encoding="utf-8")
    told = replay_into(workspace, attached, dataset="person")
    assert (told["state"], told["read"], told["loaded"], told["dead"]) == ("loaded", 1, 0, 1)
    letters = attached.dead_letters(dead["id"], actor=OPERATOR)["items"]
    assert [letter["replayed_by"] for letter in letters] == [told["id"]]


def test_a_catalog_edited_into_a_fault_stops_loads_and_not_questions(workspace, attached):
    path = workspace.root / "catalog" / "all.yaml"
    path.write_text(CATALOG.replace("key: id", "key: nothing"), encoding="utf-8")
    assert attached.count(RULE, actor=OPERATOR)["count"] == 100
    with pytest.raises(Invalid) as refused:
        load_into(workspace, attached)
    assert refused.value.faults
    path.write_text(CATALOG + "      rank: {type: string}\n", encoding="utf-8")
    unset = {"field": "rank", "op": "is_not_set"}
    assert attached.count(unset, actor=OPERATOR)["count"] == 300


def test_a_door_opened_anew_is_found_again(workspace, direct):
    first = Door(workspace, direct)
    with open_warehouse(workspace) as attached:
        assert attached.count(RULE, actor=OPERATOR)["count"] == 100
        first.close()
        with pytest.raises(Unavailable) as closed:
            attached.count(RULE, actor=OPERATOR)
        assert closed.value.code == "door_closed"
        second = Door(workspace, direct)
        assert attached.count(RULE, actor=OPERATOR)["count"] == 100
        second.close()


def test_many_ask_at_once(attached):
    counts = []

    def ask() -> None:
        counts.extend(attached.count(RULE, actor=OPERATOR)["count"] for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [100] * 30


def test_a_file_held_by_another_process_is_told_with_its_pid(workspace):
    script = (
        "import sys; from enishi.book.workspace import read_workspace as r; from pathlib import"
        " Path; from enishi.warehouse.client import open_file\n"
        "w = open_file(r(Path(sys.argv[1]))); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(workspace.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(Busy) as refused:
            open_warehouse(workspace)
        assert str(holder.pid) == refused.value.detail["pid"]
        assert "enishi serve" in refused.value.remedy.ja
        holder.stdin.close()
    with open_warehouse(workspace) as opened:
        assert opened.count(RULE, actor=OPERATOR)["count"] == 0


def test_inside_serve_the_file_is_never_opened(workspace, monkeypatch):
    monkeypatch.setenv("ENISHI_SUPERVISED", "1")
    with open_warehouse(workspace) as found:
        assert isinstance(found, Attached)
        with pytest.raises(Unavailable):
            found.count(RULE, actor=OPERATOR)
    assert not workspace.warehouse_path.exists()


def test_a_question_can_be_cancelled():
    with DuckDBEngine(None, threads=1) as engine:
        started = threading.Event()
        running = []

        def begin(question) -> None:
            running.append(question)
            started.set()

        def cancel() -> None:
            started.wait(5)
            while not ended.wait(0.02):
                running[0].cancel()

        ended = threading.Event()
        thread = threading.Thread(target=cancel)
        thread.start()
        with pytest.raises(CancelledError), engine.read(begin) as question:
            question.rows("SELECT count(*) FROM range(100000000) a, range(10000) b")
        ended.set()
        thread.join()
        with engine.read() as question:
            assert question.one("SELECT 1") == 1


def test_an_unknown_scope_denies_through_the_door(attached):
    nobody = Actor("u", "manager", SCOPED.scope, {}, "none")
    with pytest.raises(Forbidden):
        attached.count(RULE, actor=nobody)
