"""The warehouse in the process that owns its file: every question, and the engine for loading."""

from __future__ import annotations

from enishi.warehouse.crossing_questions import Crossings
from enishi.warehouse.funnels import Funnels
from enishi.warehouse.group import Groups
from enishi.warehouse.holdings import Holdings
from enishi.warehouse.timeline import Timelines


class Warehouse(Timelines, Groups, Holdings, Funnels, Crossings):
    """All questions. `engine` is there for loading; others reach this through the door."""

    attached = False

    def ping(self) -> str:
        return "pong"

    def close(self) -> None:
        self.engine.close()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
