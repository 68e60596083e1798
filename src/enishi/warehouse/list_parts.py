"""Who is on which list, on an engine that is not its own books: each list a part, written anew.

What the two statements of `list_members` change, as the query of all that a list holds next.
"""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from enishi.warehouse.engine import Engine
from enishi.warehouse.spelling import SQL, Spelling

_TABLE = "list_members"


def stand(engine: Engine, slug: str, standing: pa.Table, at: datetime) -> None:
    """`list_members.tell_standing` through the port."""
    spell = engine.spelling
    name, instant = spell.text(slug), spell.instant(at)
    same = "m._id = s._id AND m.status = s.status AND m.means = s.means"
    query = (
        f"SELECT m.{_slug(spell)} AS {_slug(spell)}, m._id AS _id, m.status AS status,"
        " m.means AS means, m._from AS _from, CASE WHEN m._to IS NULL AND s._id IS NULL"
        f" THEN greatest(m._from, {instant}) ELSE m._to END AS _to"
        f" FROM {_held(spell, slug)} m LEFT JOIN _standing s ON {same}"
        f" UNION ALL SELECT {name} AS {_slug(spell)}, s._id AS _id, s.status AS status,"
        f" s.means AS means, {instant} AS _from, NULL AS _to FROM _standing s"
        f" LEFT ANTI JOIN {_held(spell, slug, open_only=True)} m ON {same}"
    )
    engine.replace_part(_TABLE, slug, query, {"_standing": standing})


def move(engine: Engine, turn: pa.Table) -> None:
    """One turn of `list_members.tell_moves` through the port: no member moves twice in it."""
    spell = engine.spelling
    at = f"v.{spell.name('at')}"
    moves = "v._id IS NOT NULL AND (m.status <> v.status OR m.means <> v.means)"
    for slug in turn.column("list").unique().to_pylist():
        query = (
            f"SELECT m.{_slug(spell)} AS {_slug(spell)}, m._id AS _id, m.status AS status,"
            " m.means AS means, m._from AS _from,"
            f" CASE WHEN m._to IS NULL AND {moves} THEN greatest(m._from, {at}) ELSE m._to END"
            f" AS _to FROM {_held(spell, slug)} m LEFT JOIN _moves v ON m._id = v._id"
            f" UNION ALL SELECT {spell.text(slug)} AS {_slug(spell)}, v._id AS _id,"
            f" v.status AS status, v.means AS means, {at} AS _from, NULL AS _to FROM _moves v"
            f" INNER JOIN {_held(spell, slug, open_only=True)} m ON v._id = m._id WHERE {moves}"
        )
        of_list = turn.filter(pc.equal(turn.column("list"), slug))
        engine.replace_part(_TABLE, slug, query, {"_moves": of_list})


def _slug(spelling: Spelling) -> SQL:
    return spelling.name("list")


def _held(spelling: Spelling, slug: str, *, open_only: bool = False) -> SQL:
    still = " AND _to IS NULL" if open_only else ""
    return (
        f"(SELECT * FROM {spelling.book(_TABLE)}"
        f" WHERE {_slug(spelling)} = {spelling.text(slug)}{still})"
    )
