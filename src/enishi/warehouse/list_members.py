"""Who is on which actionable list, with what status, over time: what rules mean by `{"list": …}`.

The lists themselves live in the book; this is what set questions know of them, one row a stay in
one status: `enishi.list_members (list, _id, status, means, _from, _to)`, `_to` NULL while it holds.
Both ways of telling say only what differs, so telling twice changes nothing.
"""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from enishi.warehouse.engine import Engine
from enishi.warehouse.list_parts import move, stand

TABLE = "enishi.list_members"

STANDING = pa.schema([("_id", pa.string()), ("status", pa.string()), ("means", pa.string())])
"""All of a list, as it stands."""

MOVES = pa.schema(
    [
        ("list", pa.string()),
        ("_id", pa.string()),
        ("status", pa.string()),
        ("means", pa.string()),
        ("at", pa.timestamp("us")),
    ]
)
"""Changes of status in the order they happened; times naive, in UTC."""


def tell_standing(engine: Engine, slug: str, standing: pa.Table, at: datetime) -> None:
    """Make `standing` (see STANDING) all that is on the list from `at` (naive UTC) on.

    A member whose status is known already stays in it since then; a newcomer begins at `at`.
    """
    if engine is not engine.books:
        stand(engine, slug, standing, at)
        return
    with engine.books.write() as writer:
        writer.register("_standing", standing)
        writer.execute(
            f"UPDATE {TABLE} SET _to = greatest(_from, ?) WHERE list = ? AND _to IS NULL"
            " AND (_id, status, means) NOT IN (SELECT (_id, status, means) FROM _standing)",
            [at, slug],
        )
        writer.execute(
            f"INSERT INTO {TABLE} SELECT ?, s._id, s.status, s.means, ?, NULL FROM _standing s"
            f" ANTI JOIN {TABLE} m ON m.list = ? AND m._to IS NULL AND m._id = s._id",
            [slug, at, slug],
        )
        writer.unregister("_standing")


def tell_joined(engine: Engine, joined: pa.Table) -> None:
    """Let people stand on lists with a status (see MOVES) who have joined them beside a build.

    Who stands there already is left alone. DuckDB only: elsewhere the whole list is told anew.
    """
    with engine.books.write() as writer:
        writer.register("_joined", joined)
        writer.execute(
            f"INSERT INTO {TABLE} SELECT j.list, j._id, j.status, j.means, j.at, NULL"
            f" FROM _joined j ANTI JOIN {TABLE} m ON m.list = j.list AND m._to IS NULL"
            " AND m._id = j._id"
        )
        writer.unregister("_joined")


def tell_left(engine: Engine, left: pa.Table) -> None:
    """Let people stand on lists (see MOVES) no longer. DuckDB only, as `tell_joined`."""
    with engine.books.write() as writer:
        writer.register("_gone", left)
        writer.execute(
            f"UPDATE {TABLE} AS m SET _to = greatest(m._from, v.at) FROM _gone v"
            " WHERE m.list = v.list AND m._id = v._id AND m._to IS NULL"
        )
        writer.unregister("_gone")


def tell_moves(engine: Engine, moves: pa.Table) -> None:
    """Move members that are on their lists from one status to the next (see MOVES).

    Who is not on the list, or has that status already, is left alone.
    """
    if engine is not engine.books:
        for turn in _turns(moves):
            move(engine, turn)
        return
    with engine.books.write() as writer:
        for turn in _turns(moves):
            writer.register("_moves", turn)
            writer.execute(
                "CREATE OR REPLACE TEMP TABLE _moved AS SELECT v.* FROM _moves v"
                f" SEMI JOIN {TABLE} m ON m.list = v.list AND m._id = v._id AND m._to IS NULL"
                " AND (m.status <> v.status OR m.means <> v.means)"
            )
            writer.execute(
                f"UPDATE {TABLE} AS m SET _to = greatest(m._from, v.at) FROM _moved v"
                " WHERE m.list = v.list AND m._id = v._id AND m._to IS NULL"
            )
            writer.execute(
                f'INSERT INTO {TABLE} SELECT "list", _id, status, means, "at", NULL FROM _moved'
            )
            writer.execute("DROP TABLE _moved")
            writer.unregister("_moves")


def _turns(moves: pa.Table) -> list[pa.Table]:
    """The moves so that no member moves twice in one part, each part after the one before."""
    seen: dict[tuple[object, object], int] = {}
    turns: list[list[int]] = []
    for row, member in enumerate(
        zip(moves.column("list").to_pylist(), moves.column("_id").to_pylist(), strict=True)
    ):
        turn = seen.get(member, -1) + 1
        seen[member] = turn
        if turn == len(turns):
            turns.append([])
        turns[turn].append(row)
    return [moves.take(pa.array(rows, pa.int64())) for rows in turns]
