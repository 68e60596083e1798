"""What happened to one subject: the events of every dataset and the segments she came into or left.

Read newest first, a page at a time. A page ends at a place (instant, source, key), and the next one
begins there: rows that come in meanwhile shift nothing. What happened on a day without a time
stands at the day's end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from enishi.book.access import Actor
from enishi.catalog.types import Dataset, FieldType
from enishi.warehouse.gather import aware
from enishi.warehouse.instants import plain
from enishi.warehouse.masking import hidden, mask
from enishi.warehouse.people import People, shape
from enishi.warehouse.questions import at_once
from enishi.warehouse.spelling import SQL, Spelling

Place: TypeAlias = tuple[datetime, str, str]
"""Where an entry stands: its instant (aware), its source, its key there; the later the higher."""

SEGMENTS = "@segment"
_MICRO = timedelta(microseconds=1)
_YEARS = 40  # told apart; older ones count as the last of them


class Timelines(People):
    """The questions about what happened."""

    @at_once
    def timeline(
        self,
        subject_id: str,
        *,
        actor: Actor,
        before: Sequence[str] | None = None,
        since: datetime | None = None,
        datasets: Sequence[str] | None = None,
        segments: bool = True,
        limit: int = 60,
    ) -> dict[str, Any]:
        """At most `limit` entries before a place, the newest first; none before `since`.

        `before` is the `place` of an entry: (ISO instant, source, key); `datasets` narrows to some.
        `{"id", "datasets": {name: {label, fields}}, "items": [{place, at, source, event, values,
        masked}], "more"}`. An item of source `@segment` names the segment and whether it was
        entered or left. Raises NotFound for nobody the actor may see.
        """
        dataset, found = self._found(subject_id, actor, None)
        now, bound = self.clock(), None if before is None else place_of(before)
        spent: list[tuple[Place, dict[str, Any]]] = []
        shapes: dict[str, Any] = {}
        with self._read() as question:
            _, walk = self._walk(question, dataset, found, now)
            for target in self._told_of(dataset):
                if datasets is not None and target.name not in datasets:
                    continue
                source = walk.source(target.event.of[dataset.subject or ""] if target.event else "")
                if source is None:
                    continue
                sql = self._page(target, source, bound, since, now, limit)
                rows = aware(question.records(sql))
                if rows:
                    shapes[target.name] = _shapes(target)
                spent += [self._entry(target, row, actor) for row in rows]
            if segments and self._has_segments(dataset):
                stays = question.rows(
                    "SELECT segment, entered_at, left_at FROM"
                    f" {self.engine.spelling.book('memberships')} WHERE _id = ?",
                    [found],
                )
                spent += [
                    one
                    for one in crossings(stays, self.catalog.zone)
                    if (bound is None or one[0] < bound)
                    and one[0][0] <= now
                    and (since is None or one[0][0] >= since)
                ]
        spent.sort(key=lambda one: one[0], reverse=True)
        return {
            "id": found,
            "subject": dataset.subject,
            "datasets": shapes,
            "items": [item for _, item in spent[:limit]],
            "more": len(spent) > limit,
        }

    @at_once
    def timeline_years(self, subject_id: str, *, actor: Actor) -> dict[str, Any]:
        """How much happened, by source and local year: `{"sources": [{source, label, years}]}`.

        `years` is `{year: count}`. Raises NotFound for nobody the actor may see.
        """
        dataset, found = self._found(subject_id, actor, None)
        now, zone = self.clock(), self.catalog.zone
        told: list[dict[str, Any]] = []
        with self._read() as question:
            _, walk = self._walk(question, dataset, found, now)
            for target in self._told_of(dataset):
                source = walk.source(target.event.of[dataset.subject or ""] if target.event else "")
                if source is None:
                    continue
                year = _year(self.engine.spelling, target, now, zone)
                rows = question.rows(
                    f"SELECT y, count(*) FROM (SELECT {year} AS y FROM ({source}) t"
                    f" WHERE {_until(self.engine.spelling, target, None, None, now, zone)}) c"
                    " GROUP BY y"
                )
                years = {str(int(one)): int(count) for one, count in rows}
                if years:
                    label = {"ja": target.label.ja, "en": target.label.en}
                    told.append({"source": target.name, "label": label, "years": years})
            stays = (
                question.rows(
                    "SELECT segment, entered_at, left_at FROM"
                    f" {self.engine.spelling.book('memberships')} WHERE _id = ?",
                    [found],
                )
                if self._has_segments(dataset)
                else []
            )
        crossed: dict[str, int] = {}
        for (at, _, _), _ in crossings(stays, zone):
            if at <= now:
                year = str(at.astimezone(zone).year)
                crossed[year] = crossed.get(year, 0) + 1
        if crossed:
            told.append({"source": SEGMENTS, "label": None, "years": crossed})
        return {"id": found, "sources": told}

    @at_once
    def stays(self, subject_id: str, *, actor: Actor) -> dict[str, Any]:
        """The segments a subject is or was in: `{"id", "subject", "stays": [{segment, entered_at,
        left_at}]}`, those she is in first, then the latest. Raises NotFound."""
        dataset, found = self._found(subject_id, actor, None)
        with self._read() as question:
            rows = question.rows(
                "SELECT segment, entered_at, left_at FROM"
                f" {self.engine.spelling.book('memberships')} WHERE _id = ?"
                " ORDER BY CASE WHEN left_at IS NULL THEN 0 ELSE 1 END, entered_at DESC",
                [found],
            )
        zone = self.catalog.zone
        return {
            "id": found,
            "subject": dataset.subject,
            "stays": [
                {"segment": s, "entered_at": plain(came, zone), "left_at": plain(went, zone)}
                for s, came, went in rows
            ],
        }

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _told_of(self, dataset: Dataset) -> list[Dataset]:
        """The event datasets of a subject. Crossings are told by the memberships themselves, which
        know of every segment and not of live ones alone."""
        stream = self.catalog.stream
        crossing = stream.crossing if stream is not None else None
        return [
            target
            for target in self.catalog.datasets.values()
            if target.event is not None
            and target.time is not None
            and (dataset.subject or "") in target.event.of
            and target.name != crossing
        ]

    def _has_segments(self, dataset: Dataset) -> bool:
        return dataset.subject is not None

    def _page(
        self,
        target: Dataset,
        source: SQL,
        before: Place | None,
        since: datetime | None,
        now: datetime,
        limit: int,
    ) -> SQL:
        spelling = self.engine.spelling
        assert target.time is not None
        within = _until(spelling, target, before, since, now, self.catalog.zone)
        at = spelling.name(target.time.field)
        return (
            f"SELECT t.*, {_key(spelling, target)} AS _place FROM ({source}) t WHERE {within}"
            f" ORDER BY t.{at} DESC, _place DESC LIMIT {int(limit) + 1}"
        )

    def _entry(
        self, target: Dataset, row: Mapping[str, Any], actor: Actor
    ) -> tuple[Place, dict[str, Any]]:
        assert target.event is not None
        assert target.time is not None
        at = row[target.time.field]
        named = target.event.name or row.get(target.event.name_field or "")
        masked = [f for f in target.fields.values() if hidden(f, actor.pii)]
        values = {
            f.name: mask(row[f.name], f) if f in masked else plain(row[f.name], self.catalog.zone)
            for f in target.fields.values()
            if row[f.name] is not None
        }
        place = (instant_of(at, self.catalog.zone), target.name, str(row["_place"]))
        return place, {
            "place": [place[0].isoformat(), *place[1:]],
            "at": plain(at, self.catalog.zone),
            "source": target.name,
            "event": named,
            "values": values,
            "masked": [f.name for f in masked if row[f.name] is not None],
        }


def crossings(
    stays: Sequence[tuple[Any, ...]], zone: ZoneInfo
) -> list[tuple[Place, dict[str, Any]]]:
    """Each stay as an entry into a segment and, if it has ended, an exit."""
    found = []
    for segment, came, went in stays:
        for entered, at in ((True, came), (False, went)):
            if at is None:
                continue
            place = (at.replace(tzinfo=UTC), SEGMENTS, f"{segment}{'+' if entered else '-'}")
            item = {
                "place": [place[0].isoformat(), *place[1:]],
                "at": plain(at, zone),
                "source": SEGMENTS,
                "event": "segment_entered" if entered else "segment_left",
                "values": {"segment": segment},
                "masked": [],
            }
            found.append((place, item))
    return found


def place_of(written: Sequence[str]) -> Place:
    """A place as it is written down: (ISO instant with offset, source, key)."""
    at, source, key = written
    return datetime.fromisoformat(at), source, key


def instant_of(at: date | datetime, zone: ZoneInfo) -> datetime:
    """When something stands on a timeline: an instant as it is, a day at its local end."""
    if isinstance(at, datetime):
        return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return _end(at, zone)


def _end(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) - _MICRO


def _until(
    spelling: Spelling,
    target: Dataset,
    before: Place | None,
    since: datetime | None,
    now: datetime,
    zone: ZoneInfo,
) -> SQL:
    """Keeps the rows `t` that have happened, before a place and not before an instant."""
    assert target.time is not None
    at = f"t.{spelling.name(target.time.field)}"
    days = target.fields[target.time.field].type is FieldType.DATE
    today = now.astimezone(zone).date()
    tests = [f"{at} <= {spelling.day(today) if days else spelling.instant(now)}"]
    if since is not None:
        first = since.astimezone(zone).date()
        tests.append(f"{at} >= {spelling.day(first) if days else spelling.instant(since)}")
    if before is None:
        return tests[0] if since is None else " AND ".join(tests)
    bound, source, key = before
    if days:
        day = bound.astimezone(zone).date()
        here = spelling.day(day)
        same = _end(day, zone) == bound
    else:
        here, same = spelling.instant(bound), True
    tests.append(_earlier(spelling, target, at, here, same, source, key))
    return " AND ".join(tests)


def _earlier(
    spelling: Spelling, target: Dataset, at: SQL, here: SQL, same: bool, source: str, key: str
) -> SQL:
    """Strictly before a place: earlier, or at that instant of a source or key that comes after."""
    if not same or target.name > source:
        return f"{at} < {here}"
    if target.name < source:
        return f"{at} <= {here}"
    tied = f"{_key(spelling, target)} < {spelling.text(key)}"
    return f"({at} < {here} OR ({at} = {here} AND {tied}))"


def _key(spelling: Spelling, target: Dataset) -> SQL:
    return spelling.joined([spelling.as_text(f"t.{spelling.name(n)}") for n in target.key], "/")


def _year(spelling: Spelling, target: Dataset, now: datetime, zone: ZoneInfo) -> SQL:
    """The local year of a row `t`."""
    assert target.time is not None
    at = f"t.{spelling.name(target.time.field)}"
    days = target.fields[target.time.field].type is FieldType.DATE
    this = now.astimezone(zone).year
    whens = "".join(
        f" WHEN {at} >= "
        + (
            spelling.day(date(y, 1, 1))
            if days
            else spelling.instant(datetime(y, 1, 1, tzinfo=zone))
        )
        + f" THEN {y}"
        for y in range(this, this - _YEARS, -1)
    )
    return f"CASE{whens} ELSE {this - _YEARS} END"


def _shapes(target: Dataset) -> dict[str, Any]:
    return {
        "label": {"ja": target.label.ja, "en": target.label.en},
        "fields": [shape(field) for field in target.fields.values()],
    }
