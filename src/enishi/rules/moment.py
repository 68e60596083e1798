"""The instant at which rules are asked of subjects, and what it makes of windows.

With a `horizon` only changes up to it are looked for: most values lie far from every bound, and two
comparisons then say that nothing happens to them before. Bounds are worked out once for all the
subjects and rules that are asked at one instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from enishi.catalog.types import Catalog
from enishi.rules import changes
from enishi.rules.facts import Row, stored
from enishi.rules.tree import FromTo, Now, Point, Today, Window
from enishi.rules.windows import (
    DateBounds,
    InstantBounds,
    as_date,
    date_bounds,
    instant_bounds,
    local_date,
    point,
)


class Moment:
    """An instant (aware). `horizon` None: every change is looked for, however far."""

    def __init__(self, catalog: Catalog, at: datetime, horizon: datetime | None = None) -> None:
        self.catalog, self.at, self.horizon = catalog, at, horizon
        self.zone = catalog.zone
        self.today = local_date(at, self.zone)
        self._instants: dict[Window, InstantBounds] = {}
        self._days: dict[Window, DateBounds] = {}
        self._points: dict[tuple[Point, bool], tuple[date, date]] = {}
        self._reach: dict[tuple[Window, bool], tuple[date | None, date | None]] = {}
        self._far: Moment | None = None
        if horizon is not None and not changes.turned_back(
            self.zone, at, horizon + changes.NEAR + timedelta(days=1)
        ):
            self._far = Moment(catalog, horizon)

    def beyond(self, change: datetime | None) -> bool:
        """Whether a change is not looked for: it never comes, or after the horizon."""
        return change is None or (self.horizon is not None and change > self.horizon)

    # ── windows as seen from the instant ─────────────────────────────────────────────────────────

    def instants(self, window: Window) -> InstantBounds:
        """The instants a window holds."""
        found = self._instants.get(window)
        if found is None:
            found = self._instants[window] = instant_bounds(window, self.at, self.catalog)
        return found

    def days(self, window: Window) -> DateBounds:
        """The dates a window holds."""
        found = self._days.get(window)
        if found is None:
            found = self._days[window] = date_bounds(window, self.at, self.catalog)
        return found

    def near(self, window: Window, rows: Sequence[Row], field: str) -> Sequence[Row]:
        """Of some rows those whose time can be in a window before the horizon; all of them where
        none is set. A row without a time is in no window."""
        if self._far is None:
            return rows
        found: list[Row] = []
        for row in rows:
            time = stored(row, field)
            if not isinstance(time, date):
                continue
            key = (window, isinstance(time, datetime))
            edges = self._reach.get(key)
            if edges is None:
                edges = self._reach[key] = self._edges_of(window, key[1])
            if (edges[0] is None or time >= edges[0]) and (edges[1] is None or time < edges[1]):
                found.append(row)
        return found

    def _edges_of(self, window: Window, on_instants: bool) -> tuple[date | None, date | None]:
        """Where a window begins now and ends at the horizon: between lies all it ever holds."""
        assert self._far is not None
        if on_instants:
            return self.instants(window).start, self._far.instants(window).end
        return self.days(window).start, self._far.days(window).end

    # ── when an answer can change ────────────────────────────────────────────────────────────────

    def window_change(self, window: Window, value: date) -> datetime | None:
        """When a value can enter or leave a window."""
        if self._far is not None:
            if isinstance(value, datetime):
                now, then = self.instants(window), self._far.instants(window)
                still = _still(now.start, then.start, value) and _still(now.end, then.end, value)
            else:
                today, day = self.days(window), self._far.days(window)
                still = _still(today.start, day.start, value) and _still(today.end, day.end, value)
            if still:
                return None
        return changes.window_change(window, value, self.at, self.catalog)

    def point_change(self, operand: Today | Now, value: object) -> datetime | None:
        """When the order of a value and a relative date or time can change."""
        if not isinstance(value, date):
            return None
        if self._far is not None:
            on_dates = not (isinstance(value, datetime) and isinstance(operand, Now))
            mine = as_date(value, self.zone) if on_dates else value
            now, then = self._edges(operand, on_dates)
            # One of `bound > value` and `bound >= value` changes as the bound passes.
            if (now > mine) == (then > mine) and (now >= mine) == (then >= mine):
                return None
        return changes.point_change(operand, value, self.at, self.catalog)

    def anniversary_change(self, window: Window, born: date) -> datetime | None:
        """When an anniversary can enter or leave a window."""
        if self._far is not None and self._far.today == self.today and _on_days(window):
            return None
        return changes.anniversary_change(window, born, self.at, self.catalog)

    def birthday_change(self, born: date) -> datetime | None:
        """The next local midnight at which an age grows."""
        if self._far is not None and self._far.today == self.today:
            return None
        return changes.birthday_change(born, self.at, self.catalog)

    def _edges(self, operand: Today | Now, on_dates: bool) -> tuple[date, date]:
        found = self._points.get((operand, on_dates))
        if found is None:
            assert self._far is not None
            edges = []
            for instant in (self.at, self._far.at):
                edge = point(operand, instant, self.zone)
                assert isinstance(edge, date)
                edges.append(as_date(edge, self.zone) if on_dates else edge)
            found = self._points[operand, on_dates] = (edges[0], edges[1])
        return found


def _on_days(window: Window) -> bool:
    """Whether the dates that a window holds change with the local day alone."""
    return not (
        isinstance(window, FromTo) and any(isinstance(e, Now) for e in (window.start, window.end))
    )


def _still(now: date | None, then: date | None, value: date) -> bool:
    """Whether a bound that moves from `now` to `then` does not pass a value on its way."""
    return (now is not None and now > value) == (then is not None and then > value)
