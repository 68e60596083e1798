"""Entries and exits written down: stays in the warehouse, and each crossing as an event.

Stays and events go into the transaction that is open. A crossing's id is the next number, in twenty
digits, so that ids sort as crossings happened and a reader can go on from the last one it has seen.
Numbers grow and have gaps; none is given again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from enishi.catalog.builtin import ENTERED, LEFT
from enishi.catalog.types import Catalog, FieldType, Stream
from enishi.kernel.text import fold
from enishi.live.types import Cause, Crossing
from enishi.warehouse.duckdb_engine import Workbench, Writer
from enishi.warehouse.spelling import SQL, Spelling, literal, quoted

_SPELL = Spelling()
_TABLE = "enishi.memberships"
_FEW = 200
"""So many ids stand in a statement themselves; more come as a table."""
_TIME = pa.timestamp("us")
_EPOCH, _MICRO = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def last_number(writer: Writer, stream: Stream) -> int:
    """The number of the last crossing there is; 0 when there is none."""
    found = writer.one(f"SELECT max(crossing_id) FROM data.{quoted(stream.crossing)}")
    return 0 if found is None else int(found)


def number_at(at: datetime) -> int:
    """The number to go on from at an instant: its microseconds since 1970.

    No number is given twice, though the last crossings may have been taken away (their person was
    erased, say): who follows them would never see the second.
    """
    return (at - _EPOCH) // _MICRO


def write(
    writer: Writer, catalog: Catalog, crossings: Sequence[Crossing], number: int, load: str
) -> int:
    """Write stays and events of these crossings, in their order; returns the last number given.

    `number` is the last one given before, `load` the load under which the events are known.
    """
    if crossings:
        _stays(writer, crossings)
        told = [one for one in crossings if one.key is not None]  # who is gone has no name
        if told:
            _events(writer, catalog, told, number, load)
    return number + len(crossings)


def write_moved(
    writer: Workbench, catalog: Catalog, moved: SQL, at: datetime, number: int, load: str
) -> int:
    """Write the events of what a refresh has moved; returns the last number given.

    `moved` selects (segment, _id, entered); the stays are the refresh's own.
    """
    stream = catalog.stream
    assert stream is not None
    key = quoted(catalog.datasets[stream.person].key[0])
    text = catalog.datasets[stream.crossing].fields["person"].type is FieldType.STRING
    person = "p.key" + (", p.folded AS person__f" if text else "")
    folded = f", any_value({quoted(catalog.datasets[stream.person].key[0] + '__f')}) AS folded"
    event = f"CASE WHEN m.entered THEN {literal(ENTERED)} ELSE {literal(LEFT)} END"
    crossing = f"printf('%020d', {number} + row_number() OVER (ORDER BY m.segment, m._id))"
    return number + writer.execute(
        f"INSERT INTO data.{quoted(stream.crossing)} BY NAME SELECT {crossing} AS crossing_id,"
        f" {crossing} AS crossing_id__f, {event} AS event, {event} AS event__f,"
        f" {_SPELL.instant(at)} AS ts, {person.replace('p.key', 'p.key AS person', 1)},"
        f" m.segment, m.segment AS segment__f, {literal(Cause.REFRESH)} AS cause,"
        f" {literal(Cause.REFRESH)} AS cause__f, {literal(load)} AS _load FROM ({moved}) m"
        f" JOIN (SELECT _id, any_value({key}) AS key{folded if text else ''}"
        f" FROM data.{quoted(stream.person)} GROUP BY _id) p ON p._id = m._id"
    )


def _plain(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)


def _stays(writer: Writer, crossings: Sequence[Crossing]) -> None:
    """Begin and end stays. Who leaves what she has just entered has a stay that is over."""
    begun: dict[tuple[str, str], dict[str, object]] = {}
    rows: list[dict[str, object]] = []
    ended: dict[tuple[str, datetime], list[str]] = {}
    for one in crossings:
        pair = (one.segment, one.person)
        if one.entered:
            begun[pair] = {
                "segment": one.segment, "_id": one.person, "entered_at": _plain(one.at),
                "left_at": None,
            }  # fmt: skip
            rows.append(begun[pair])
        elif pair in begun:
            begun.pop(pair)["left_at"] = _plain(one.at)
        else:
            ended.setdefault((one.segment, one.at), []).append(one.person)
    for (segment, at), people in ended.items():
        _end(writer, segment, at, people)
    if rows:
        schema = pa.schema(
            {"segment": pa.string(), "_id": pa.string(), "entered_at": _TIME, "left_at": _TIME}
        )
        rows.sort(key=lambda row: str(row["segment"]))
        writer.insert(_TABLE, pa.Table.from_pylist(rows, schema))


def _end(writer: Writer, segment: str, at: datetime, people: Sequence[str]) -> None:
    update = (
        f"UPDATE {_TABLE} SET left_at = {_SPELL.instant(at)} WHERE left_at IS NULL"
        f" AND segment = {literal(segment)} AND _id IN"
    )
    if len(people) <= _FEW:
        writer.execute(f"{update} ({', '.join(map(literal, people))})")
        return
    writer.register("_live_leaving", pa.table({"_id": pa.array(people, pa.string())}))
    try:
        writer.execute(f"{update} (SELECT _id FROM _live_leaving)")
    finally:
        writer.unregister("_live_leaving")


def _events(
    writer: Writer, catalog: Catalog, crossings: Sequence[Crossing], number: int, load: str
) -> None:
    stream = catalog.stream
    assert stream is not None
    person = catalog.datasets[stream.crossing].fields["person"]
    # Slugs, causes and names of events are what they fold to.
    texts = {
        "crossing_id": [f"{nth:020d}" for nth in range(number + 1, number + len(crossings) + 1)],
        "event": [ENTERED if one.entered else LEFT for one in crossings],
        "segment": [one.segment for one in crossings],
        "cause": [str(one.cause) for one in crossings],
    }
    columns: dict[str, pa.Array] = {}
    for name, values in texts.items():
        columns[name] = columns[f"{name}__f"] = pa.array(values, pa.string())
    columns["ts"] = pa.array([_plain(one.at) for one in crossings], _TIME)
    columns["person"] = pa.array([one.key for one in crossings])
    if person.type is FieldType.STRING:
        folded = [fold(str(one.key)) or None for one in crossings]
        columns["person__f"] = pa.array(folded, pa.string())
    columns["_load"] = pa.array([load] * len(crossings), pa.string())
    writer.insert(f"data.{quoted(stream.crossing)}", pa.table(columns))
