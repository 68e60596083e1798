"""What inference sees of a file: its columns, its first rows as text, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from enishi.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Sample:
    """Some or all rows of one table.

    `files` is the pattern of its file(s) below the data folder, `name` what the table might be
    called. `options` are the keys of the catalog's `source` beside `files`. `complete`: the rows
    are all there are.
    """

    files: str
    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str | None]]
    complete: bool = True
    options: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()

    def values(self, index: int) -> list[str | None]:
        """One column; short rows have nothing there."""
        return [row[index] if index < len(row) else None for row in self.rows]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is in no dataset, and why."""

    file: str
    why: Text
