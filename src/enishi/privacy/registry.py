"""What packages above this one keep about a person, beyond rows with a column `person`.

Rows of the book that have one are told and erased by themselves (`book.about`). Whoever keeps
something else registers when Django starts:

    from enishi.privacy.registry import register
    register("notes", export=notes_of, erase=drop_notes)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Export = Callable[[str], list[Mapping[str, object]]]
"""What is kept about the person with this Enishi id, as JSON."""

Erase = Callable[[str], int]
"""Delete it for good; how many rows that were. Done twice it finds nothing more."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Something kept about persons, by its name."""

    name: str
    export: Export
    erase: Erase


_keepers: dict[str, Keeper] = {}


def register(name: str, export: Export, erase: Erase) -> None:
    """Let exports tell and erasures remove what is kept under `name`."""
    _keepers[name] = Keeper(name, export, erase)


def keepers() -> list[Keeper]:
    """Everything registered, by name."""
    return [_keepers[name] for name in sorted(_keepers)]
