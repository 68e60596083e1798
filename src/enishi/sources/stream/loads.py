"""The load that the rows of the stream belong to.

Micro-batches are many, and whoever asks what is new asks by loads; so they share one:

    streaming ──an hour has passed, or `seal`: somebody wants to know what is new──▶ loaded

Rows of a load that still streams count as not seen yet. `seal` is called before the journal of
loads is read: what has been drained by then is in it, and what is drained later in the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from enishi.kernel.clock import Clock
from enishi.kernel.ids import new_id
from enishi.sources.types import LoadState
from enishi.warehouse.duckdb_engine import Writer
from enishi.warehouse.engine import Engine

LONGEST = timedelta(hours=1)
"""How long one load takes rows."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a batch has done, in events."""

    added: int = 0
    duplicates: int = 0
    dead: int = 0


def open_load(writer: Writer, dataset: str, now: datetime) -> str:
    """The load that rows go into at `now` (naive UTC), inside their transaction; a new one if need
    be."""
    rows = writer.rows(
        "SELECT id, started_at FROM enishi.loads WHERE dataset = ? AND state = ?",
        [dataset, LoadState.STREAMING.value],
    )
    if rows and now - rows[0][1] < LONGEST:
        return str(rows[0][0])
    if rows:
        seal_inside(writer, now)
    made = new_id("load")
    writer.execute(
        "INSERT INTO enishi.loads (id, dataset, files, state, started_at)"
        " VALUES (?, ?, '[]', ?, ?)",
        [made, dataset, LoadState.STREAMING.value, now],
    )
    writer.execute(
        "UPDATE enishi.datasets SET load_id = ?, loaded_at = ? WHERE dataset = ?",
        [made, now, dataset],
    )
    return made


def count(writer: Writer, load_id: str, counts: Counts) -> None:
    """Add what a batch has done to its load: read = loaded + dead, loaded = added + unchanged."""
    loaded = counts.added + counts.duplicates
    writer.execute(
        "UPDATE enishi.loads SET read = read + ?, loaded = loaded + ?, dead = dead + ?,"
        " added = added + ?, unchanged = unchanged + ? WHERE id = ?",
        [loaded + counts.dead, loaded, counts.dead, counts.added, counts.duplicates, load_id],
    )


def seal(engine: Engine, clock: Clock, before: datetime | None = None) -> None:
    """End the loads that stream, so that the journal has all that has been drained by now.

    `before` (aware): only those begun before it.
    """
    streaming = LoadState.STREAMING.value
    latest = clock() if before is None else before
    with engine.books.read() as question:
        if not question.rows(
            "SELECT 1 FROM enishi.loads WHERE state = ? AND started_at <= ? LIMIT 1",
            [streaming, latest.astimezone(UTC).replace(tzinfo=None)],
        ):
            return
    with engine.books.write() as writer:
        seal_inside(writer, clock().astimezone(UTC).replace(tzinfo=None))


def seal_inside(writer: Writer, now: datetime) -> None:
    """The same inside a transaction, at `now` (naive UTC)."""
    writer.execute(
        "UPDATE enishi.loads SET state = ?, ended_at = ? WHERE state = ?",
        [LoadState.LOADED.value, now, LoadState.STREAMING.value],
    )
