"""What the drain has read and not yet committed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from enishi.sources.stream.parse import Event, Unread


@dataclass
class Part:
    """What has been read of one shard: its events, and the offset to go on at."""

    shard: str
    start: int
    after: int
    records: int = 0
    events: list[Event] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    @property
    def read(self) -> int:
        return len(self.events) + len(self.unread)


@dataclass
class Batch:
    """What goes into one transaction: parts of shards, and those of their events that are new."""

    parts: list[Part] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    duplicates: Counter[str] = field(default_factory=Counter)
