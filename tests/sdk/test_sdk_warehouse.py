"""From an SDK's call to the rows of the warehouse: sent, logged, drained, the right person's."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sdk_said import NAME, USER, VISITOR
from sdk_senders import NODE, PYTHON, say_in_node, say_in_python

from enishi.kernel.clock import system_clock
from ingest_world import Served, put_keys, served
from stream_world import StreamWorld

CATALOG = """
datasets:
  client:
    kind: versioned
    subject: person
    key: client_id
    fields:
      client_id: {type: string}
      number: {type: integer}
      status: {type: string}
stream:
  fields:
    amount: {type: decimal, scale: 0}
    product: {type: string}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[StreamWorld]:
    made = StreamWorld(tmp_path, CATALOG)
    made.now = system_clock()
    put_keys(made.workspace)
    yield made
    made.close()


@pytest.fixture
def ingest(world: StreamWorld) -> Iterator[Served]:
    with served(world.root) as found:
        yield found


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("python", "segment"),
        *(pytest.param("python", name, marks=pytest.mark.heavy) for name in [*PYTHON][1:]),
        *(pytest.param("node", name, marks=pytest.mark.heavy) for name in NODE),
    ],
)
def test_each_call_is_a_row_of_hers(
    world: StreamWorld, ingest: Served, language: str, name: str
) -> None:
    say = say_in_python if language == "python" else say_in_node
    assert say(name, ingest.url) == []
    assert say(name, ingest.url) == []  # said again, with message ids of its own
    world.drain()
    rows = world.rows("type, event, person, amount, product, time_mark, unread")
    assert sorted({row[0] for row in rows}) == [
        "alias", "group", "identify", "page", "screen", "track",
    ]  # fmt: skip
    assert len(rows) == 12
    assert {row[2] for row in rows} == {USER}
    tracked = [row for row in rows if row[0] == "track"]
    assert {(row[1], row[3], row[4]) for row in tracked} == {
        (NAME, Decimal(35_000_000), "住宅ローン 🏠")
    }
    assert {row[5] for row in rows} == {None}, "their clocks are this machine's"
    assert world.ask("SELECT anonymous_id, person FROM enishi.stream_aliases") == [(VISITOR, USER)]
    assert world.ask("SELECT count(*) FROM enishi.dead_letters") == [(0,)]
