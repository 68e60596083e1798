"""Who is in which live segment now, in memory: asked for every decision, so it may cost nothing.

A person's Enishi id has a number, by its place in a sorted array (or, of newcomers, in a dict), and
each segment one byte a person: 50 segments of a million persons take 75 MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_ROOM = 1024


class Roster:
    """Membership by segment. Holds what has been committed; changes are told after the commit."""

    def __init__(self) -> None:
        self._known: np.ndarray = np.array([], dtype="S1")
        self._newcomers: dict[str, int] = {}
        self._inside: dict[str, np.ndarray] = {}
        self.sizes: dict[str, int] = {}

    def load(self, members: Mapping[str, pa.ChunkedArray]) -> None:
        """Take these members (ids by segment) in place of all there were."""
        whole = [pc.unique(ids) for ids in members.values() if len(ids)]
        known = pc.unique(pa.chunked_array(whole)) if whole else pa.array([])
        self._known = np.sort(np.array(known.to_pylist(), dtype="S")) if len(known) else (
            np.array([], dtype="S1")
        )  # fmt: skip
        self._newcomers = {}
        self._inside, self.sizes = {}, {}
        for segment, ids in members.items():
            self.replace(segment, ids)

    def replace(self, segment: str, ids: pa.ChunkedArray) -> None:
        """Take these ids as all that are in a segment."""
        inside = np.zeros(self._length() + _ROOM, dtype=bool)
        self._inside[segment] = inside
        self.sizes[segment] = 0
        found = ids.to_pylist()
        if len(found) and len(self._known):
            array = np.array(found, dtype="S")
            places = np.searchsorted(self._known, array)
            there = places < len(self._known)
            there[there] = self._known[places[there]] == array[there]
            self._inside[segment][places[there]] = True
            self.sizes[segment] = int(self._inside[segment].sum())
            found = [found[index] for index in np.nonzero(~there)[0]]
        for one in found:
            self.put(segment, one, inside=True)

    def drop(self, segment: str) -> None:
        """Forget a segment."""
        self._inside.pop(segment, None)
        self.sizes.pop(segment, None)

    def segments(self) -> Iterable[str]:
        return self._inside.keys()

    def has(self, segment: str, person: str) -> bool:
        """Whether a person is in a segment."""
        number = self._number(person)
        inside = self._inside[segment]
        return number is not None and number < len(inside) and bool(inside[number])

    def put(self, segment: str, person: str, *, inside: bool) -> None:
        """Let a person be in a segment, or not."""
        number = self._number(person)
        if number is None:
            if not inside:
                return
            number = self._newcomers[person] = self._length()
        array = self._inside[segment]
        if number >= len(array):
            array = np.concatenate([array, np.zeros(number + _ROOM - len(array), dtype=bool)])
            self._inside[segment] = array
        self.sizes[segment] += int(inside) - int(array[number])
        array[number] = inside

    def differing(self, segment: str, ids: Iterable[str]) -> tuple[list[str], list[str]]:
        """Who of these is not in a segment, and who is in it and not among these."""
        wanted = set(ids)
        inside = self.members(segment)
        return sorted(wanted - inside), sorted(inside - wanted)

    def members(self, segment: str) -> set[str]:
        """The ids of all who are in a segment."""
        array = self._inside[segment]
        known = array[: len(self._known)]
        found = {one.decode() for one in self._known[: len(known)][known]}
        found |= {
            one for one, number in self._newcomers.items()
            if number < len(array) and array[number]
        }  # fmt: skip
        return found

    def _number(self, person: str) -> int | None:
        found = self._newcomers.get(person)
        if found is not None:
            return found
        wanted = person.encode()
        place = int(np.searchsorted(self._known, wanted))
        if place < len(self._known) and self._known[place] == wanted:
            return place
        return None

    def _length(self) -> int:
        return len(self._known) + len(self._newcomers)
