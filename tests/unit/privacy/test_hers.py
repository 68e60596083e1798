"""Which rows are one person's, erasing them, and dropping them when a file brings them again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from enishi.identity.service import enishi_id
from enishi.sources.stream.tombstones import erased_hash, put, row_kind
from enishi.warehouse.hers import erase, find_hers, forget, found_by
from erasing_world import CATALOG, FILES
from loading_world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path, CATALOG)
    for name, content in FILES.items():
        made.put(name, content)
    made.load()
    yield made
    made.engine.close()


def _id(world: World, key: str) -> str:
    return enishi_id(world.secret(), world.catalog.datasets["person"], key)


def _hers(world: World, key: str) -> dict[str, int]:
    person = world.catalog.datasets["person"]
    with world.engine.workbench() as bench:
        return dict(find_hers(bench, world.catalog, person, [_id(world, key)]).rows)


def _told(found: dict[str, int]) -> dict[str, int]:
    return {name: n for name, n in found.items() if n}


def test_her_rows_are_those_that_lead_to_nobody_else(world: World) -> None:
    assert _told(_hers(world, "P1")) == {
        "person": 1, "holder": 2, "account": 1, "payment": 1, "transfer": 1, "family": 1,
        "job": 1,
    }  # fmt: skip
    # The only customer of a branch does not own it; her account's payments are hers.
    assert _told(_hers(world, "P3")) == {
        "person": 1, "holder": 1, "account": 1, "payment": 1, "family": 1, "job": 1
    }  # fmt: skip


def test_erasing_empties_what_points_to_her(world: World) -> None:
    person = world.catalog.datasets["person"]
    with world.engine.workbench() as bench, bench.transaction():
        found = find_hers(bench, world.catalog, person, [_id(world, "P1")])
        counts = erase(bench, found)
        forget(bench, found)
    assert _told(counts) == {
        "person": 2, "holder": 2, "account": 1, "payment": 1, "transfer": 2, "family": 1,
        "job": 1,
    }  # fmt: skip
    assert world.rows("SELECT person_id, introduced_by FROM data.person ORDER BY 1") == [
        ("P2", None), ("P3", "P2")
    ]  # fmt: skip
    assert world.rows("SELECT transfer_id, sender, receiver FROM data.transfer ORDER BY 1") == [
        (22, None, "P3"), (23, "P3", "P2")
    ]  # fmt: skip
    assert world.rows("SELECT payment_id FROM data.payment ORDER BY 1") == [(12,), (13,)]
    assert world.rows("SELECT count(*) FROM data.branch") == [(2,)]


def _bury(world: World, key: str) -> None:
    """Erase a person and set the tombstones of her rows."""
    person = world.catalog.datasets["person"]
    with world.engine.workbench() as bench, bench.transaction():
        found = find_hers(bench, world.catalog, person, [_id(world, key)])
        hashes = []
        for name in found.rows:
            for way in found_by(world.catalog, world.catalog.datasets[name]):
                columns = ", ".join(f'CAST(d."{c}" AS VARCHAR)' for c in way)
                rows = bench.rows(found.select(name, columns))
                kind = row_kind(name, way)
                hashes += [erased_hash(world.secret(), kind, "\x1f".join(row)) for row in rows]
        put(bench, hashes, world.clock())
        erase(bench, found)
        forget(bench, found)


def test_a_later_load_drops_and_counts_her_rows(world: World) -> None:
    _bury(world, "P1")
    before = {
        name: world.rows(f"SELECT * EXCLUDE (_load) FROM data.{name} ORDER BY ALL")
        for name in ("person", "holder", "account", "payment", "transfer", "family", "job")
    }
    counted = {}
    for name in ("person", "account", "holder", "payment", "transfer", "family", "job"):
        done = world.load(name)
        assert str(done.state) == "loaded"
        assert done.read == done.loaded + done.dead + done.erased
        counted[name] = done.erased
        assert world.rows(
            "SELECT erased FROM enishi.loads WHERE id = ?", done.id
        ) == [(done.erased,)]  # fmt: skip
    assert counted == {
        "person": 1, "account": 1, "holder": 2, "payment": 1, "transfer": 1, "family": 1, "job": 1
    }  # fmt: skip
    after = {
        name: world.rows(f"SELECT * EXCLUDE (_load) FROM data.{name} ORDER BY ALL")
        for name in before
    }
    assert after == before
    assert world.rows("SELECT source_key FROM enishi.identity_links ORDER BY 1") != []


def test_an_unfit_row_of_hers_is_no_dead_letter(world: World) -> None:
    _bury(world, "P1")
    world.put(
        "payment.csv",
        "payment_id,account_id,at,text\n31,1,いつか,花子の秘密\n32,3,いつか,三郎の失敗\n",
    )
    done = world.load("payment")
    assert (done.read, done.loaded, done.dead, done.erased) == (2, 0, 1, 1)
    assert [row[3] for row in world.dead()] == ["32,3,いつか,三郎の失敗"]
