"""The words of dry runs: what was played, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from enishi.journeys.dry.history import Coming, Told
from enishi.journeys.types import Contact, Heard, Move, Walk
from enishi.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a contact: `answer` allow, or why not; `waited`: it was deferred before."""

    walk: int
    step: str
    at: datetime
    allowed: bool
    codes: tuple[str, ...] = ()
    waited: bool = False


@dataclass(frozen=True, slots=True)
class Tasked:
    """A human's task that was given out, or refused with its reasons."""

    walk: int
    step: str
    at: datetime
    codes: tuple[str, ...] = ()


@dataclass
class Played:
    """Everything a dry run found. `came` counts all who came, `walks` are those that were played.

    `moves` by walk; `open` are contacts that still waited when the time was over; `deferrals`
    (codes) whenever the gate put a contact off.
    """

    since: datetime
    until: datetime
    came: int
    comings: list[Coming]
    walks: list[Walk] = field(default_factory=list)
    of: list[Coming] = field(default_factory=list)  # by walk, what brought it
    moves: list[list[Move]] = field(default_factory=list)
    contacts: list[Sent] = field(default_factory=list)
    deferrals: list[tuple[int, str, datetime, tuple[str, ...]]] = field(default_factory=list)
    tasks: list[Tasked] = field(default_factory=list)
    open: list[tuple[int, str]] = field(default_factory=list)
    branches: dict[str, str] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)

    @property
    def sampled(self) -> bool:
        return len(self.comings) < self.came

    @property
    def scale(self) -> float:
        """By what figures are multiplied to be of everybody."""
        return self.came / len(self.comings) if self.comings else 1.0


Progress = Callable[[str, float], None]
"""Told how far it is: (`entries` | `people` | `playing`, 0 to 1). It may raise to stop the run."""

Channels = Mapping[str, tuple[str, str, str | None]]
"""By message step: the gate's channel (empty: the gate is not asked), purpose and product."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the way: somebody comes, something is heard, a walk's time is over, a contact is
    tried again, a task is done; with none of them, everybody inside is asked. `holds`: the walk has
    just begun, and hears of holds that stand."""

    coming: Coming | None = None
    told: Told | None = None
    walk: int | None = None
    visit: int = 0
    contact: Contact | None = None
    heard: Heard | None = None
    holds: bool = False
