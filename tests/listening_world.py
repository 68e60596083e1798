"""The live lane and the loop of segments over the small bank, as the work process runs them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from enishi.sources.eventlog.format import Head, Kind, encode
from enishi.sources.eventlog.writer import Shard
from lists_world import Bank
from segments_world import Segments

BUYERS: dict[str, Any] = {
    "event": "Order Completed", "during": {"last": "2d"}, "op": "ge", "value": 2
}  # fmt: skip


@dataclass
class Listening:
    """The bank with what the work process runs: the live lane and the loop of segments."""

    bank: Bank
    segments: Segments
    lane: Any
    sent: int = 0
    messages: list[str] = field(default_factory=list)

    def send(
        self,
        *events: tuple[str, str],
        message: str | None = None,
        kind: Kind = "track",
        **more: Any,
    ) -> None:
        """Write events (user, event) into the log, as ingest does."""
        parts = []
        for user, event in events:
            self.sent += 1
            told = self.bank.clock().isoformat()
            body = {
                "messageId": message or f"m{self.sent}", "userId": user, "event": event,
                "timestamp": told, "sentAt": told, "properties": {}, **more,
            }  # fmt: skip
            at = int(self.bank.clock().timestamp() * 1_000_000)
            parts.append(encode(at, Head("src_x", kind), json.dumps(body).encode()))
        with Shard(self.bank.workspace.events / "0") as shard:
            shard.append(parts)

    def run(self) -> None:
        """Let both loops run until they rest."""
        for _ in range(20):
            more = self.lane.run()
            self.segments.run()
            if not more:
                return
        raise AssertionError("the log does not come to its end")

    def later(self, **by: float) -> None:
        self.bank.later(timedelta(**by))
        self.run()


@pytest.fixture
def listening(sqlite_bank: Bank) -> Iterator[Listening]:
    from enishi.live.lane import LiveLane

    lane = LiveLane(sqlite_bank.workspace, sqlite_bank.warehouse, sqlite_bank.clock)
    try:
        yield Listening(sqlite_bank, Segments(sqlite_bank), lane)
    finally:
        lane.close()
