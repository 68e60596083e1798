"""How refreshes and live deciding exclude each other: who decides live stands still meanwhile.

Live segments are decided further down (`enishi.live`), in the process that owns the warehouse; it
provides the hold. Where nobody decides live there is nothing to hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from enishi.book.clock import now
from enishi.warehouse.duckdb_engine import Workbench
from enishi.warehouse.refresh_log import Moved


class Held(Protocol):
    """Live deciding while it stands still: everything is decided before `at`."""

    at: datetime

    def moved(self, bench: Workbench, moved: Moved) -> None:
        """Tell what the refresh moves, in the transaction that moves it."""


Provider = Callable[[], AbstractContextManager[Held]]
_provided: list[Provider] = []


@dataclass
class Nobody:
    """Nobody decides live."""

    at: datetime

    def moved(self, bench: Workbench, moved: Moved) -> None:
        """Nobody wants to know."""


def provide_hold(provider: Provider | None) -> None:
    """Let refreshes of live segments hold this; None: nothing any more."""
    _provided[:] = [] if provider is None else [provider]


@contextmanager
def held() -> Iterator[Held]:
    """Let live deciding stand still for a refresh of live segments."""
    if not _provided:
        yield Nobody(now())
        return
    with _provided[-1]() as found:
        yield found
