"""The event API as the SDK tests see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enishi.book.workspace import Workspace, read_workspace
from enishi.sources.eventlog.format import Record
from ingest_world import events_of, logged, put_keys


@dataclass(frozen=True, slots=True)
class Api:
    """The process, and what has been logged since the test began."""

    url: str
    port: int
    workspace: Workspace
    since: int

    def records(self) -> list[Record]:
        return [record for record in logged(self.workspace) if record.offset >= self.since]

    def events(self) -> list[dict[str, Any]]:
        return [event for record in self.records() for event in events_of(record)]


def a_home(folder: Path) -> Workspace:
    (folder / "enishi.toml").write_text('name = "t"\n', encoding="utf-8")
    found = read_workspace(folder)
    put_keys(found)
    return found
