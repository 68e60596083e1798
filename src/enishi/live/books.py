"""What live segments keep beside the stays, in the books of the warehouse.

    enishi.live_segments (segment, version)   those whose stays are decided live, with their wording
    enishi.live_clock (decided_at)            the instant up to which all of them are right
    enishi.live_heard (load)                  the loads of events that were decided as they came

Both are written in the transactions that write stays, so a process that begins anew knows from
where on time has to be made up for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pyarrow as pa

from enishi.kernel.ids import new_id
from enishi.warehouse.duckdb_engine import Writer
from enishi.warehouse.engine import Question
from enishi.warehouse.refresh_log import LOG, Stored, keep_log, listed, states
from enishi.warehouse.spelling import Spelling

_SPELL = Spelling()
_MARK = "live"
"""The ids of the marks in the log of refreshes begin so."""
_TABLES = """
CREATE TABLE IF NOT EXISTS enishi.live_segments (
    segment VARCHAR NOT NULL, version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS enishi.live_clock (decided_at TIMESTAMP NOT NULL);
CREATE TABLE IF NOT EXISTS enishi.live_heard (load VARCHAR NOT NULL);
"""


def prepare(writer: Writer) -> None:
    """Make the tables."""
    for statement in _TABLES.split(";"):
        if statement.strip():
            writer.execute(statement)


def admitted(question: Question) -> dict[str, int]:
    """The segments decided live, each with the version it is decided by."""
    return dict(question.rows("SELECT segment, version FROM enishi.live_segments"))


def admit(writer: Writer, segments: Mapping[str, int]) -> None:
    """Decide these segments live from now on, by these versions."""
    for segment, version in segments.items():
        dismiss(writer, [segment])
        writer.execute("INSERT INTO enishi.live_segments VALUES (?, ?)", [segment, version])


def dismiss(writer: Writer, segments: Iterable[str]) -> None:
    """Decide these no longer."""
    writer.execute(f"DELETE FROM enishi.live_segments WHERE segment IN ({listed(segments)})")


def decided_at(question: Question) -> datetime | None:
    """The instant up to which the live segments are right; None: there has been none."""
    found = question.one("SELECT max(decided_at) FROM enishi.live_clock")
    return None if found is None else found.replace(tzinfo=UTC)


def set_decided(writer: Writer, at: datetime) -> None:
    """Keep how far everything has been decided, in the transaction that decided it."""
    if not writer.execute(f"UPDATE enishi.live_clock SET decided_at = {_SPELL.instant(at)}"):
        writer.execute(f"INSERT INTO enishi.live_clock VALUES ({_SPELL.instant(at)})")


def members(question: Question, segments: Iterable[str]) -> dict[str, pa.ChunkedArray]:
    """The ids of who is in each segment."""
    found = {}
    for segment in segments:
        sql = (
            "SELECT _id FROM enishi.memberships WHERE left_at IS NULL AND segment ="
            f" {_SPELL.text(segment)}"
        )
        found[segment] = question.table(sql).column("_id")
    return found


def heard(question: Question) -> set[str]:
    """The loads whose rows were decided as they came."""
    return {row[0] for row in question.rows("SELECT load FROM enishi.live_heard")}


def hear(writer: Writer, loads: Iterable[str]) -> None:
    """Keep that the rows of these loads are decided as they come."""
    for load in loads:
        writer.execute("INSERT INTO enishi.live_heard VALUES (?)", [load])


def unhear(writer: Writer, loads: Iterable[str]) -> None:
    """Keep that rows of these loads came while nobody decided: a refresh has to look for them."""
    writer.execute(f"DELETE FROM enishi.live_heard WHERE load IN ({listed(loads)})")


def unheard(question: Question, dataset: str, segments: Iterable[str]) -> list[str]:
    """Loads of events that came another way (letters replayed, say) since any of these segments
    was last refreshed: nobody has decided whom they tell of."""
    seen = [one.seen.get(dataset, "") for one in states(question, segments).values()]
    if not seen:
        return []
    rows = question.rows(
        "SELECT id FROM enishi.loads WHERE dataset = ? AND state = 'loaded' AND id > ?"
        " AND id NOT IN (SELECT load FROM enishi.live_heard) ORDER BY id",
        [dataset, min(seen)],
    )
    return [row[0] for row in rows]


def _seen_of(writer: Writer, streams: Iterable[str], before: Stored) -> dict[str, str]:
    """Up to which load of each stream a segment's stays reflect everything: the last one before
    which nothing came unheard."""
    found = {}
    for dataset in streams:
        rows = writer.rows(
            "SELECT l.id, h.load IS NOT NULL FROM enishi.loads l LEFT JOIN enishi.live_heard h"
            " ON h.load = l.id WHERE l.dataset = ? AND l.state = 'loaded' AND l.id > ? ORDER BY 1",
            [dataset, before.seen.get(dataset, "")],
        )
        for load, known in rows:
            if not known:
                break
            found[dataset] = load
    return found


def crossed_at(question: Question, segment: str, at: datetime) -> dict[str, bool]:
    """Who entered (true) or left a segment at an instant."""
    instant = _SPELL.instant(at)
    return dict(
        question.rows(
            "SELECT _id, left_at IS NULL FROM enishi.memberships WHERE segment ="
            f" {_SPELL.text(segment)} AND (entered_at = {instant} OR left_at = {instant})"
        )
    )


def mark(
    writer: Writer,
    sizes: Mapping[str, int],
    versions: Mapping[str, int],
    names: Mapping[str, frozenset[str]],
    crossed: Mapping[str, tuple[int, int]],
    streams: Iterable[str],
    at: datetime,
) -> None:
    """Tell the log of refreshes what live deciding has come to at `at`, one row a segment.

    Segments that name these then know that they have changed, and the next refresh counts from
    here. `names`: the segments that each names; `crossed`: entries and exits since the last mark;
    `streams`: the datasets whose rows are decided as they come. What live deciding has seen itself,
    of rows and of segments, no refresh looks for again.
    """
    before = states(writer, sizes)
    instant = at.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    seen = {
        slug: {**one.seen, **_seen_of(writer, streams, one)}
        | {f"segment:{n}": instant for n in names[slug] if n in before}
        for slug, one in before.items()
    }
    writer.execute(
        f"DELETE FROM {LOG} WHERE segment IN ({listed(before)}) AND starts_with(id, '{_MARK}_')"
    )
    keep_log(
        writer,
        [
            Stored(
                new_id(_MARK), slug, versions[slug], False, at, sizes[slug],
                *crossed.get(slug, (0, 0)), 0, 0, 0, seen[slug],
            )
            for slug in before
        ],
    )  # fmt: skip
