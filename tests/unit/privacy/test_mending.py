"""Taking rows of the erased out of files: only theirs, in each format, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from enishi.identity.service import enishi_id
from enishi.sources.erasing import bury
from enishi.sources.mending import mend
from erasing_world import CATALOG, FILES
from loading_world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path, CATALOG)
    for name, content in FILES.items():
        made.put(name, content)
    made.load()
    person = made.catalog.datasets["person"]
    bury(made.engine, made.catalog, made.secret(), enishi_id(made.secret(), person, "P1"),
         made.clock())  # fmt: skip
    yield made
    made.engine.close()


def _mend(world: World) -> tuple[int, list[tuple[str, int, str]]]:
    gone, left = mend(world.engine, world.catalog, world.data, world.secret())
    return gone, [(one.file, one.rows, one.why) for one in left]


def test_only_their_lines_and_cells_go(world: World) -> None:
    assert _mend(world) == (10, [])
    assert world.data.joinpath("family.csv").read_text() == "one,other\nP2,P3\n"
    assert world.data.joinpath("job.csv").read_text() == "job_id,person_id,company_id\n42,P3,C1\n"
    assert world.data.joinpath("person.csv").read_text() == (
        "person_id,name,email,branch,introduced_by\n"
        "P2,井上 次郎,jiro@example.com,本店,\n"
        "P3,上田 三郎,saburo@example.com,離島,P2\n"
    )
    assert world.data.joinpath("transfer.csv").read_text() == (
        "transfer_id,sender,receiver\n22,,P3\n23,P3,P2\n"
    )
    assert world.data.joinpath("holder.csv").read_text() == "person_id,account_id\nP2,2\nP3,3\n"
    assert "花子の秘密" not in world.data.joinpath("payment.csv").read_text()
    assert _mend(world) == (0, [])


def test_a_row_over_several_lines_and_other_bytes_stay_as_they_were(world: World) -> None:
    text = (
        "payment_id,account_id,at,text\r\n"
        '11,1,2026-01-01T00:00:00,"一行目\n秘密の二行目"\r\n'
        '12,2,2026-01-01T00:00:00,"ほかの\n人"\r\n'
        "壊れた行,3\r\n"
        "\r\n"
        "14,1,いつか,不備の秘密\r\n"
        "13,3,2026-01-01T00:00:00,三郎"
    )
    world.put("payment.csv", text.encode("cp932"))
    _, left = _mend(world)
    assert left == []
    kept = world.data.joinpath("payment.csv").read_bytes().decode("cp932")
    assert kept == (
        "payment_id,account_id,at,text\r\n"
        '12,2,2026-01-01T00:00:00,"ほかの\n人"\r\n'
        "壊れた行,3\r\n"
        "\r\n"
        "13,3,2026-01-01T00:00:00,三郎"
    )


def test_json_lines_and_parquet_are_mended(tmp_path: Path) -> None:
    catalog = CATALOG.replace("transfer.csv", "transfer.parquet").replace(
        "person.csv", "person.jsonl"
    )
    world = make_world(tmp_path, catalog)
    for name, content in FILES.items():
        world.put(name, content)
    people = [
        {"person_id": "P1", "name": "葵 花子", "email": None, "branch": "本店", "more": {"a": 1}},
        {"person_id": "P2", "name": "井上", "branch": "本店", "introduced_by": "P1"},
        {"person_id": "P3", "name": "上田", "branch": "離島", "email": "s@example.com"},
    ]
    world.put("person.jsonl", "".join(json.dumps(row) + "\n" for row in people))
    transfers = pa.table(
        {"transfer_id": [21, 22, 23], "sender": ["P1", "P1", "P3"], "receiver": ["P1", "P3", "P2"]}
    ).replace_schema_metadata({"made": "by"})
    pq.write_table(transfers, world.data / "transfer.parquet", row_group_size=2)
    world.load()
    person = world.catalog.datasets["person"]
    bury(world.engine, world.catalog, world.secret(), enishi_id(world.secret(), person, "P1"),
         world.clock())  # fmt: skip
    _, left = mend(world.engine, world.catalog, world.data, world.secret())
    assert left == []
    rows = [json.loads(line) for line in (world.data / "person.jsonl").read_text().splitlines()]
    assert [row["person_id"] for row in rows] == ["P2", "P3"]
    assert "introduced_by" not in rows[0]
    kept = pq.read_table(world.data / "transfer.parquet")
    assert kept.to_pydict() == {
        "transfer_id": [22, 23], "sender": [None, "P3"], "receiver": ["P3", "P2"]
    }  # fmt: skip
    assert kept.schema == transfers.schema
    world.engine.close()
