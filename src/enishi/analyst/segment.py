"""A segment in a notebook: its size, members, trend, flows, and one person's history in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import pyarrow as pa

from enishi.analyst.arrow import Library, like
from enishi.analyst.given import Columns, explained, read_columns
from enishi.analyst.results import People
from enishi.book.access import Actor, require
from enishi.kernel.text import Locale
from enishi.warehouse.process import warehouse

T = TypeVar("T")


class Segment:
    """One segment of a workspace, as it is stored: made by `ws.segment("vip")`."""

    def __init__(
        self,
        slug: str,
        actor: Callable[[], Actor],
        locale: Locale,
        aside: Callable[[Callable[[], Any]], Any],
    ) -> None:
        self.slug, self._who, self._locale, self._run = slug, actor, locale, aside
        self._detail()  # an unknown slug is told at once

    def _detail(self) -> Any:
        from enishi.segments.detail import segment_detail

        return self._aside(lambda: segment_detail(self.slug, self._reader(), self._locale))

    def _reader(self) -> Actor:
        """The actor as they are now. Raises Forbidden without `segments.read`."""
        actor = self._who()
        require(actor, "segments.read")
        return actor

    @property
    def size(self) -> int | None:
        """How many are in, of those you may see; None before its first refresh."""
        found: int | None = self._detail().size
        return found

    @property
    def sentence(self) -> str:
        """Its rule in words."""
        found: str = self._detail().sentence
        return found

    @property
    def rule(self) -> Any:
        """Its rule as JSON with its subject and purpose, for `ws.count`, `ws.why` and the rest."""

        def work() -> Any:
            from enishi.segments.service import envelope, get_segment

            self._reader()
            return envelope(get_segment(self.slug))

        return self._aside(work)

    @property
    def state(self) -> str:
        """fresh, refreshing, late, failed or archived."""
        return str(self._detail().state)

    @property
    def as_of(self) -> Any:
        """The instant its members are of."""
        return self._detail().as_of

    def members(self, columns: Columns | None = None, *, to: Library | None = None) -> Any:
        """Who is in, as stored, with the columns asked for; recorded like any export.

        People, or a frame of the library named by `to`. Raises Forbidden without `segments.export`.
        """
        shown = read_columns(columns)

        def work() -> People:
            from enishi.book.audit import record

            actor = self._reader()
            require(actor, "segments.export")
            detail = self._detail()
            found = warehouse().who(
                {"segment": self.slug}, actor=actor, columns=shown, subject=detail.subject
            )
            people = People(found, self._locale)
            told = {"count": len(people), "columns": len(people.columns)}
            record(actor, "segment.export", "segment", detail.id, told, people.ids)
            return people

        people: People = self._aside(work)
        return people if to is None else people.to(to)

    def trend(self, days: int = 90, *, to: Library = "arrow") -> Any:
        """Its size at the end of each of the last `days` days: columns `day`, `size`."""
        return self._days("sizes", ("size",), days, to)

    def flows(self, days: int = 90, *, to: Library = "arrow") -> Any:
        """Who came and went on each day: columns `day`, `entered`, `left`."""
        return self._days("flows", ("entered", "left"), days, to)

    def history(self, id: str) -> list[dict[str, Any]]:
        """One person's stays, by Enishi id or source key; recorded as a view of that person.

        Raises NotFound for nobody you may see.
        """

        def work() -> list[dict[str, Any]]:
            from enishi.segments.asking import member

            found: list[dict[str, Any]] = member(self.slug, str(id), self._reader())["stays"]
            return found

        return self._aside(work)

    def _days(self, part: str, names: tuple[str, ...], days: int, to: Library) -> Any:
        def work() -> pa.Table:
            from enishi.segments.asking import trend

            rows = trend(self.slug, days, self._reader())[part]
            dates = [date.fromisoformat(str(row["day"])) for row in rows]
            counts = {name: [row[name] for row in rows] for name in names}
            return pa.table({"day": dates, **counts})

        return like(self._aside(work), to)

    def _aside(self, work: Callable[[], T]) -> T:
        with explained(self._locale):
            found: T = self._run(work)
        return found

    def __repr__(self) -> str:
        size = self.size
        return f"<Segment {self.slug!r}, {'–' if size is None else f'{size:,}'}, {self.state}>"
