"""Changed fields as events: which, from what to what, when; and what is not told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from enishi.sources.changes import follow
from enishi.sources.service import load
from stream_world import START, StreamWorld

CATALOG = """
purposes: {offers: {label: Offers}}
datasets:
  client:
    kind: versioned
    subject: person
    key: id
    fields:
      id: {type: string}
      name: {type: string, pii: high}
      status: {type: string}
      income: {type: decimal, scale: 2, purposes: [offers]}
      tags: {type: strings}
      points: {type: integer}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[StreamWorld]:
    made = StreamWorld(tmp_path, CATALOG)
    yield made
    made.close()


def bring(world: StreamWorld, *rows: str, day: int) -> None:
    file = world.root / "client.csv"
    file.write_text("id,name,status,income,tags,points\n" + "\n".join(rows) + "\n")
    at = START + timedelta(days=day)
    (done,) = load(
        world.workspace, world.engine, world.catalog, ["client"], [file], valid_from=at,
        clock=lambda: world.now,
    )  # fmt: skip
    assert done.state.value == "loaded", done.message


def changes(world: StreamWorld) -> list[Any]:
    return world.ask(
        "SELECT id, field, old, new, CAST(ts AS DATE) - DATE '2026-04-01'"
        " FROM data.client_changed ORDER BY ts, id, field"
    )


def test_a_changed_field_is_an_event_and_the_first_version_none(world: StreamWorld) -> None:
    bring(world, "c1,A,single,1.00,x|y,1", "c2,B,single,,,2", day=0)
    assert changes(world) == []
    bring(world, "c1,A,married,2.00,x,1", "c2,B2,single,,,", day=3)
    assert changes(world) == [
        ("c1", "income", None, None, 3),
        ("c1", "status", "single", "married", 3),
        ("c1", "tags", "x, y", "x", 3),
        ("c2", "name", None, None, 3),
        ("c2", "points", "2", None, 3),
    ]
    assert world.ask("SELECT status__f FROM data.client WHERE id = 'c1' AND _to IS NULL") == [
        ("married",)
    ]
    assert world.ask("SELECT DISTINCT new__f FROM data.client_changed WHERE field = 'status'") == [
        ("married",)
    ]
    assert world.ask("SELECT added, state FROM enishi.loads WHERE dataset = 'client_changed'") == [
        (5, "loaded")
    ]
    bring(world, "c1,A,married,2.00,x,1", day=4)
    assert len(changes(world)) == 5


def test_a_corrected_version_replaces_what_was_told_of_it(world: StreamWorld) -> None:
    bring(world, "c1,A,single,1.00,x,1", day=0)
    bring(world, "c1,A,married,1.00,x,1", day=1)
    bring(world, "c1,A,divorced,1.00,x,1", day=1)
    assert changes(world) == [("c1", "status", "single", "divorced", 1)]


def test_what_was_interrupted_is_caught_up_on_once(world: StreamWorld) -> None:
    bring(world, "c1,A,single,1.00,x,1", day=0)
    bring(world, "c1,A,married,1.00,x,1", day=1)
    bring(world, "c1,A,married,1.00,x,9", day=2)
    with world.engine.write() as writer:  # as when it was killed after the loads
        writer.execute("DELETE FROM data.client_changed")
        writer.execute("DELETE FROM enishi.changes_followed")
    assert follow(world.engine, world.catalog, lambda: world.now) == 2
    assert [row[1] for row in changes(world)] == ["status", "points"]
    assert follow(world.engine, world.catalog, lambda: world.now) == 0
