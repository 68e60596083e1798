"""Memberships on an engine that is not its own books: the next state of segments, worked out there.

The same pass as `memberships.Cycle`, over what an engine offers as a `Shelf`. Rows of people stay
in the engine; the log of refreshes and the differences found are kept in the books, and what is
drafted is shown with them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from enishi.warehouse.duckdb_engine import DuckDBEngine, Writer
from enishi.warehouse.engine import Question
from enishi.warehouse.memberships import DIFFERENCES, DOUBT, TOUCHED
from enishi.warehouse.refresh_log import Change, Stored, keep_log, states
from enishi.warehouse.spelling import SQL, Spelling

_TABLE = "memberships"


class Shelf(Protocol):
    """Relations set aside inside an engine while a pass lasts; gone afterwards."""

    question: Question
    """Who asks: its `cancel` ends what is being kept or drafted too."""
    spelling: Spelling

    def keep(self, name: str, query: SQL) -> None:
        """Make the rows of a query readable as `name` by `question`, in place of those before."""

    def draft(self, table: str, part: str, query: SQL) -> None:
        """Write down all that a segment or list is to hold next; not yet seen."""

    def show(self, writer: Writer, table: str, parts: Sequence[str]) -> None:
        """Let the drafts of some parts hold, with the commit of `writer`."""

    def look_again(self) -> None:
        """Ask from now on of what has been shown."""


@runtime_checkable
class Shelving(Protocol):
    """An engine that is not its own books, and has shelves instead."""

    def shelf(self) -> AbstractContextManager[Shelf]:
        """A shelf of one's own."""


@dataclass(frozen=True, slots=True)
class _Difference:
    """What a comparison found of one segment, kept as `relation`."""

    relation: str
    moved: int
    missed: int


class SetCycle:
    """One pass over some segments (see `memberships.Pass`)."""

    def __init__(self, books: DuckDBEngine, shelf: Shelf) -> None:
        self.bench = shelf.question
        self._books, self._shelf, self._spell = books, shelf, shelf.spelling
        self._touched: int | None = None
        self._next: dict[str, str] = {}
        self._found: dict[str, _Difference] = {}

    def touch(self, selects: Sequence[SQL]) -> int:
        parts = [f"SELECT _id FROM ({select}) t" for select in selects]
        if self._touched is None:
            parts.append(f"SELECT {self._spell.text('')} AS _id WHERE 1 = 0")
        elif not selects:
            return self._touched
        else:
            parts.append(f"SELECT _id FROM {TOUCHED}")
        union = " UNION ALL ".join(parts)
        self._shelf.keep(TOUCHED, f"SELECT DISTINCT _id FROM ({union}) u WHERE _id IS NOT NULL")
        self._touched = self._count(TOUCHED)
        return self._touched

    def slice(self, selects: Mapping[str, SQL]) -> None:  # noqa: ARG002  see `memberships.Pass`
        return None

    def decide(self, segment: str, ids: SQL | None) -> None:
        name = self._next.setdefault(segment, f"_next_{len(self._next)}")
        nobody = f"SELECT {self._spell.text('')} AS _id WHERE 1 = 0"
        self._shelf.keep(name, f"SELECT _id FROM ({ids or nobody}) t")

    def decide_together(self, chosen: Mapping[str, SQL]) -> None:
        for segment, ids in chosen.items():
            self.decide(segment, ids)

    def compare(self, changes: Sequence[Change]) -> Collection[str]:
        return [change.segment for change in changes if change.whole]

    def doubtful(self, segment: str) -> int:
        now, then = self._next[segment], self._open(segment)
        self._shelf.keep(
            DOUBT,
            f"SELECT d._id AS _id, d.was_in AS was_in FROM ("
            f"SELECT o._id AS _id, true AS was_in FROM {then} o"
            f" LEFT ANTI JOIN {now} n ON o._id = n._id"
            f" UNION ALL SELECT n._id AS _id, false AS was_in FROM {now} n"
            f" LEFT ANTI JOIN {then} o ON n._id = o._id"
            f") d LEFT ANTI JOIN {TOUCHED} t ON d._id = t._id",
        )
        return self._count(DOUBT)

    def differing(self, segment: str, thens: Iterable[SQL]) -> None:
        name = f"_found_{len(self._found)}"
        columns = "d._id AS _id, {cause} AS cause, d.was_in AS was_in"
        nothing = f"SELECT {self._spell.text('')} AS _id, {self._spell.text('')} AS cause, true"
        self._shelf.keep(name, f"{nothing} AS was_in WHERE 1 = 0")
        moved, left = 0, self._count(DOUBT)
        whole = left
        for then in thens:
            self._shelf.keep("_then", f"SELECT DISTINCT _id FROM ({then}) x")
            told = (
                f"SELECT d._id AS _id, d.was_in AS was_in, t._id IS NOT NULL AS now_in"
                f" FROM {DOUBT} d LEFT JOIN _then t ON d._id = t._id"
            )
            right = columns.format(cause=self._spell.text("moved"))
            self._shelf.keep(
                name,
                f"SELECT _id, cause, was_in FROM {name}"
                f" UNION ALL SELECT {right} FROM ({told}) d WHERE d.was_in = d.now_in",
            )
            self._shelf.keep(
                DOUBT,
                f"SELECT d._id AS _id, d.was_in AS was_in FROM ({told}) d"
                " WHERE d.was_in <> d.now_in",
            )
            left = self._count(DOUBT)
            moved = whole - left
            if not left:
                break
        missed = columns.format(cause=self._spell.text("missed"))
        self._shelf.keep(
            name,
            f"SELECT _id, cause, was_in FROM {name} UNION ALL SELECT {missed} FROM {DOUBT} d",
        )
        self._found[segment] = _Difference(name, moved, left)

    def apply(
        self,
        changes: Sequence[Change],
        at: datetime,
        moved: object = None,
    ) -> list[Stored]:
        if not changes:
            return []
        with self._books.write() as writer:
            self._shelf.look_again()
            before = states(writer, [c.segment for c in changes])
            latest = max((one.as_of for one in before.values()), default=None)
            if latest is not None and at <= latest:
                at = latest + timedelta(microseconds=1)
            done = [self._next_state(change, at) for change in changes]
            moved = [one.segment for one in done if one.entered or one.left]
            self._shelf.show(writer, _TABLE, moved)
            keep_log(writer, done)
            for one in done:
                self._keep_differences(writer, one)
        self._shelf.look_again()
        return done

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _next_state(self, change: Change, at: datetime) -> Stored:
        """Draft a segment's rows, where any come or go."""
        counts = self._crossings(change)
        if counts["entered"] or counts["gone"]:
            self._shelf.draft(_TABLE, change.segment, self._drafted(change, at))
        difference = self._found.get(change.segment)
        return Stored(
            change.refresh, change.segment, change.version, change.whole, at,
            counts["held"] + counts["entered"] - counts["gone"], counts["entered"], counts["gone"],
            None if change.whole else self._touched or 0,
            difference.moved if difference else 0, difference.missed if difference else 0,
            change.seen,
        )  # fmt: skip

    def _crossings(self, change: Change) -> Mapping[str, int]:
        now, then = self._next[change.segment], self._open(change.segment)
        parts = {
            "held": f"SELECT o._id AS _id FROM {then} o",
            "entered": f"SELECT n._id AS _id FROM {now} n LEFT ANTI JOIN {then} o ON n._id = o._id",
            "gone": f"SELECT o._id AS _id FROM {self._asked(change, then)} o"
            f" LEFT ANTI JOIN {now} n ON o._id = n._id",
        }
        union = " UNION ALL ".join(
            f"SELECT {self._spell.text(name)} AS what FROM ({rows}) p"
            for name, rows in parts.items()
        )
        found = self.bench.rows(f"SELECT what, count(*) FROM ({union}) u GROUP BY what")
        return dict.fromkeys(parts, 0) | {what: int(count) for what, count in found}

    def _drafted(self, change: Change, at: datetime) -> SQL:
        now, then = self._next[change.segment], self._open(change.segment)
        segment, instant = self._spell.text(change.segment), self._spell.instant(at)
        gone = (
            f"SELECT o._id AS _id FROM {self._asked(change, then)} o"
            f" LEFT ANTI JOIN {now} n ON o._id = n._id"
        )
        return (
            "SELECT m.segment AS segment, m._id AS _id, m.entered_at AS entered_at,"
            f" CASE WHEN m.left_at IS NULL AND g._id IS NOT NULL THEN {instant} ELSE m.left_at END"
            f" AS left_at FROM (SELECT * FROM {self._spell.book(_TABLE)} WHERE segment = {segment})"
            f" m LEFT JOIN ({gone}) g ON m._id = g._id"
            f" UNION ALL SELECT {segment} AS segment, n._id AS _id, {instant} AS entered_at,"
            f" NULL AS left_at FROM {now} n LEFT ANTI JOIN {then} o ON n._id = o._id"
        )

    def _asked(self, change: Change, rows: SQL) -> SQL:
        """Of who was in, those the change has decided about."""
        if change.whole:
            return rows
        return f"(SELECT a._id AS _id FROM {rows} a LEFT SEMI JOIN {TOUCHED} t ON a._id = t._id)"

    def _open(self, segment: str) -> SQL:
        return (
            f"(SELECT _id FROM {self._spell.book(_TABLE)}"
            f" WHERE segment = {self._spell.text(segment)} AND left_at IS NULL)"
        )

    def _keep_differences(self, writer: Writer, one: Stored) -> None:
        difference = self._found.get(one.segment)
        if difference is not None and difference.moved + difference.missed:
            refresh, segment = self._spell.text(one.refresh), self._spell.text(one.segment)
            writer.insert(
                DIFFERENCES,
                self.bench.table(
                    f"SELECT {refresh} AS refresh, {segment} AS segment, _id, cause, was_in"
                    f" FROM {difference.relation}"
                ),
            )

    def _count(self, relation: str) -> int:
        return int(self.bench.one(f"SELECT count(*) FROM {relation}"))
