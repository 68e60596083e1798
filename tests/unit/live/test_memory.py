"""What is kept in memory is what the warehouse has: after events, loads, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from enishi.live import memory
from enishi.live.facts import Gatherer
from live_world import Live, live_world

RULES: dict[str, Any] = {
    "many": {"event": "buy", "during": {"last": "3d"}, "measure": "count", "op": "ge", "value": 2},
    "rich": {"related": "accounts", "measure": {"sum": "balance"}, "op": "ge", "value": 50},
    "here": {"field": "city", "op": "eq", "value": "東京"},
}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with live_world(tmp_path, RULES) as found:
        yield found


def same(live: Live) -> None:
    """The facts from memory and those asked of the warehouse are the same rows."""
    engine = live.engine
    rules = engine.order.rules
    people = sorted(row[0] for row in live.world.rows("SELECT DISTINCT _id FROM data.person"))
    asked = Gatherer(live.catalog, live.world.engine.spelling)
    with live.world.engine.read() as question:
        kept = engine._gatherer.facts(question, rules, people, live.now)
        told = asked.facts(question, rules, people, live.now)
    for name in told.rows:
        rows, wanted = [list(map(repr, _sorted(facts.rows[name], told.rows[name])))
                        for facts in (kept, told)]  # fmt: skip
        assert set(wanted) <= set(rows), name
        if name != live.stream.activity:  # of events older ones may be kept too
            assert rows == wanted, name


def _sorted(rows: Any, like: Any) -> list[list[tuple[str, object]]]:
    columns = sorted(like[0]) if like else []
    return sorted(([(c, row.get(c)) for c in columns] for row in rows), key=repr)


def test_events_are_there_at_once_and_stay(live: Live) -> None:
    for person in (1, 2, 1, 3, 2, 1):
        live.does(person, "buy", amount=5)
        live.later(hours=1)
        same(live)
    assert live.inside("many") == {1, 2}


def test_a_load_throws_away_what_it_changed(live: Live) -> None:
    live.does(1, "buy")
    live.accounts({7: (1, 60, "2026-12-01")})
    live.refresh()
    live.does(1, "buy")
    same(live)
    live.people({1: ("大阪", "1990-10-03"), 2: ("大阪", "2000-02-29"), 3: ("東京", "")})
    live.refresh()
    live.does(1, "buy")
    same(live)
    assert live.inside("rich") == {1}
    assert live.inside("here") == {3}


def test_what_was_rolled_back_is_not_kept(live: Live) -> None:
    live.does(1, "buy")
    with live.world.engine.read() as question:
        rows = question.table(f'SELECT * FROM data."{live.stream.activity}"')
    live.engine._gatherer.memory.heard(rows)  # told of a batch whose commit then failed
    same(live)
    live.does(1, "buy")
    same(live)
    assert live.inside("many") == {1}


def test_rows_that_no_longer_point_to_an_erased_person_are_not_kept(live: Live) -> None:
    live.accounts({7: (1, 60, "2026-12-01")})
    live.refresh()
    live.does(1, "buy")
    same(live)
    with live.world.engine.write() as writer:
        writer.execute("UPDATE data.account SET person = NULL")
    live.engine.forget(live.world.rows("SELECT _id FROM data.person WHERE id = 1")[0][0])
    same(live)


def test_many_events_are_put_in_order(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "FLUSH", 3)
    monkeypatch.setattr(memory, "RUNS", 2)
    for _ in range(5):
        for person in (3, 1, 2):
            live.does(person, "buy")
            live.later(minutes=5)
        same(live)
    assert live.inside("many") == {1, 2, 3}


def test_what_is_too_large_is_asked_of_the_warehouse(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MOST", 1)
    live.engine._gatherer.memory.forget()
    live.does(1, "buy")
    live.does(1, "buy")
    same(live)
    assert live.inside("many") == {1}
