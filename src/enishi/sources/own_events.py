"""Events that Enishi itself tells: written to the log like any other, in a shard of their own.

From there they go the way of every event: rules, live segments, journeys and timelines know them.
An event that is told again (a process died between the log and the book) is the same event, by its
message id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import pyarrow as pa

from enishi.catalog.types import Catalog
from enishi.sources.eventlog.format import Head, encode
from enishi.sources.eventlog.writer import Shard
from enishi.sources.stream.waking import ring
from enishi.warehouse.engine import Engine

_TOGETHER = 100  # events in one record of the log
_ASKED = "_own_events_asked"
_encode = msgspec.json.Encoder(decimal_format="string").encode


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """An event of our own. `user` is what events call the person (see `users_of`), `at` aware."""

    message: str
    user: str
    event: str
    at: datetime
    properties: Mapping[str, Any] = field(default_factory=dict)


class Teller:
    """Writes one shard, which is also the name of the event source. Close it when done.

    Opened with the first event and kept open, since each opening begins a new file. Not for several
    threads at a time.
    """

    def __init__(self, events: Path, shard: str) -> None:
        self._events, self._name = events, shard
        self._shard: Shard | None = None

    def tell(self, told: Sequence[OwnEvent], now: datetime) -> None:
        """Write events, received `now`; on the disk when this returns.

        Raises Conflict `shard_taken` while another process tells, OSError when the disk refuses.
        """
        if not told:
            return
        if self._shard is None:
            self._shard = Shard(self._events / self._name)
        at = int(now.timestamp() * 1_000_000)
        records = []
        for start in range(0, len(told), _TOGETHER):
            batch = [_call(one) for one in told[start : start + _TOGETHER]]
            records.append(encode(at, Head(self._name, "batch"), _encode({"batch": batch})))
        self._shard.roll_if_asked()
        self._shard.append(records)
        ring(self._events)

    def close(self) -> None:
        if self._shard is not None:
            self._shard.close()
            self._shard = None

    def __enter__(self) -> Teller:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _call(one: OwnEvent) -> dict[str, Any]:
    return {
        "type": "track", "messageId": one.message, "userId": one.user, "event": one.event,
        "timestamp": one.at.astimezone(UTC).isoformat(), "properties": dict(one.properties),
    }  # fmt: skip


def users_of(engine: Engine, catalog: Catalog, persons: Iterable[str]) -> dict[str, str]:
    """From Enishi ids to what events call these persons; left out: whom the warehouse lacks."""
    stream = catalog.stream
    ids = sorted(set(persons))
    if stream is None or not ids:
        return {}
    dataset, spell = catalog.datasets[stream.person], engine.spelling
    current = " AND _to IS NULL" if dataset.versioned else ""
    with engine.read() as question:
        question.register(_ASKED, pa.table({"_id": pa.array(ids, pa.string())}))
        rows = question.rows(
            f"SELECT _id, {spell.name(stream.user)} FROM {spell.data(dataset.name)}"
            f" WHERE _id IN (SELECT _id FROM {_ASKED}){current}"
        )
    return {person: str(user) for person, user in rows if user not in (None, "")}
