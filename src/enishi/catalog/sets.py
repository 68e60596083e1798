"""Named sets of subjects that rules may speak of: segments and actionable lists.

They are made and kept by packages further down; the catalog carries only what checking and
describing a rule needs to know of them, through whatever `Sets` it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from enishi.kernel.text import Text

OPEN_MEANS = ("open", "working")
"""What a status must mean for its member to count as being on a list, unless a rule says more."""

SEGMENT_ROWS = "@segments"
"""The facts of memberships: rows of `set` (slug), `_id`, `entered_at`, `left_at` (None: still in).
In the warehouse: `enishi.memberships (segment, _id, entered_at, left_at)`."""

LIST_ROWS = "@lists"
"""The facts of members: rows of `set` (slug), `_id`, `status`, `means`, `_from`, `_to`.
In the warehouse: `enishi.list_members (list, _id, status, means, _from, _to)`."""


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """A segment as rules see it.

    `subject` is the name of its subject dataset. `fields`, `datasets` and `uses` (slugs of other
    segments) are all its rule leans on, through other segments too.
    """

    slug: str
    label: Text
    subject: str
    fields: frozenset[tuple[str, str]] = frozenset()
    datasets: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListInfo:
    """An actionable list as rules see it. `statuses`: by name the label and what it means."""

    slug: str
    label: Text
    subject: str
    statuses: Mapping[str, tuple[Text, str]] = field(default_factory=dict)
    fields: frozenset[tuple[str, str]] = frozenset()


class Sets(Protocol):
    """Where a catalog looks sets up."""

    def segments(self) -> Mapping[str, SegmentInfo]:
        """Every segment a rule may name, by slug."""
        ...

    def lists(self) -> Mapping[str, ListInfo]:
        """Every list a rule may name, by slug."""
        ...


@dataclass(frozen=True, slots=True)
class FixedSets:
    """Sets that are known beforehand: of a test, of a notebook without a workspace, or none."""

    known_segments: Mapping[str, SegmentInfo] = field(default_factory=dict)
    known_lists: Mapping[str, ListInfo] = field(default_factory=dict)

    def segments(self) -> Mapping[str, SegmentInfo]:
        return self.known_segments

    def lists(self) -> Mapping[str, ListInfo]:
        return self.known_lists


NO_SETS = FixedSets()
