"""Everything that happened to one customer, in one order: the warehouse's events and the book's.

Every source answers with its entries strictly before a place (instant, source, key), newest first;
merged, the first `limit` of them are the page. The sources of the book begin with an `@`, which no
dataset's name does.

The first page looks back a quarter alone, which an engine answers from the newest blocks of its
file; its `next` goes on to everything before.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.opening import look_at
from enishi.gate.visibility import opened_to
from enishi.journeys.inside.event_words import event_words
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Locale, Text
from enishi.live.customer import known_catalog
from enishi.live.customer_book import BOOK, Kept, told_of
from enishi.live.customer_schemas import (
    EntryKind,
    EntryOut,
    SourceCount,
    TimelinePage,
    TimelineSummary,
    YearCount,
)
from enishi.segments.known import segments_named
from enishi.segments.naming import named
from enishi.warehouse.process import warehouse
from enishi.warehouse.timeline import SEGMENTS, Place, place_of

FIRST = timedelta(days=92)
_UNSET = "–"
_KINDS: Mapping[str, EntryKind] = {SEGMENTS: "segment", **BOOK}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a timeline: `show` narrows to some sources, `year` begins at its end."""

    show: frozenset[str] | None = None
    before: str | None = None
    year: int | None = None
    limit: int = 60


def timeline(person: str, wanted: Wanted, actor: Actor, locale: Locale) -> TimelinePage:
    """One page, the newest first. Raises NotFound, Invalid `bad_place`."""
    shown = opened_to(actor, person)
    zone = known_catalog().zone
    place, since = _begin(wanted, zone)
    show = wanted.show
    told = warehouse().timeline(
        person,
        actor=shown,
        before=None if place is None else [place[0].isoformat(), *place[1:]],
        since=since,
        datasets=None if show is None else sorted(s for s in show if not s.startswith("@")),
        segments=show is None or SEGMENTS in show,
        limit=wanted.limit,
    )
    look_at(actor, told["id"], "timeline")
    entries = [(place_of(item["place"]), item) for item in told["items"]]
    book = [] if told["subject"] is None else _book(told["id"], show, actor, locale)
    instant = now()
    kept = [
        one
        for one in book
        if one.place[0] <= instant
        and (place is None or one.place < place)
        and (since is None or one.place[0] >= since)
    ]
    found: list[tuple[Place, Callable[[], EntryOut]]] = [
        *((one.place, one.entry) for one in kept),
        *((at, _Event(item, locale).entry) for at, item in entries),
    ]
    found.sort(key=lambda one: one[0], reverse=True)
    page = found[: wanted.limit]
    items = _with_segments([make() for _, make in page], locale)
    for (at, _), item in zip(page, items, strict=True):
        item.place = cursor(at)
    follows = None
    if len(found) > wanted.limit or told["more"]:
        follows = cursor(page[-1][0])
    elif since is not None:
        follows = cursor((since, "", ""))
    return TimelinePage(datasets=told["datasets"], items=items, next=follows)


def summary(person: str, actor: Actor, locale: Locale) -> TimelineSummary:
    """How much there is of everything, by local year."""
    shown = opened_to(actor, person)
    told = warehouse().timeline_years(person, actor=shown)
    look_at(actor, told["id"], "timeline")
    zone, instant = known_catalog().zone, now()
    counts: dict[str, dict[int, int]] = {}
    labels: dict[str, Any] = {}
    for one in told["sources"]:
        counts[one["source"]] = {int(year): count for year, count in one["years"].items()}
        labels[one["source"]] = one["label"]
    for kept in _book(told["id"], None, actor, locale):
        if kept.place[0] <= instant:
            years = counts.setdefault(kept.place[1], {})
            year = kept.place[0].astimezone(zone).year
            years[year] = years.get(year, 0) + 1
    whole: dict[int, int] = {}
    for years in counts.values():
        for year, count in years.items():
            whole[year] = whole.get(year, 0) + count
    return TimelineSummary(
        sources=[
            SourceCount.model_validate(
                {
                    "source": source,
                    "kind": _KINDS.get(source, "event"),
                    "label": labels.get(source),
                    "count": sum(years.values()),
                    "years": _years(years),
                }
            )
            for source, years in counts.items()
        ],
        years=_years(whole),
    )


def _book(person: str, show: frozenset[str] | None, actor: Actor, locale: Locale) -> Iterable[Kept]:
    return told_of(person, actor, locale, None if show is None else show & BOOK.keys())


def _years(counts: Mapping[int, int]) -> list[YearCount]:
    return [YearCount(year=year, count=counts[year]) for year in sorted(counts, reverse=True)]


@dataclass(frozen=True, slots=True)
class _Event:
    """An item of the warehouse, to be made an entry."""

    item: Mapping[str, Any]
    locale: Locale

    def entry(self) -> EntryOut:
        source, values = self.item["source"], self.item["values"]
        crossed = source == SEGMENTS
        title, text = (None, None) if crossed else _change(source, values, self.locale)
        words = event_words(str(self.item["event"]))
        if title is None and words is not None:
            title = words[self.locale]
        return EntryOut(
            place="",
            at=self.item["at"],
            kind=_KINDS.get(source, "event"),
            source=source,
            event=self.item["event"],
            values={} if crossed else values,
            masked=self.item["masked"],
            title=title,
            text=text,
            ref=values["segment"] if crossed else None,
            entered=self.item["event"] == "segment_entered" if crossed else None,
        )


def _change(
    source: str, values: Mapping[str, Any], locale: Locale
) -> tuple[str | None, str | None]:
    """Of a changed field its label, and from what to what where that may be told."""
    known = known_catalog()
    changed = next((name for name, of in known.changed.items() if of == source), None)
    if changed is None:
        return None, None
    field = known.datasets[changed].fields.get(str(values.get("field")))
    if field is None:
        return None, None
    if "old" not in values and "new" not in values:
        return field.label[locale], None
    return field.label[locale], f"{values.get('old', _UNSET)} → {values.get('new', _UNSET)}"


def _with_segments(items: Sequence[EntryOut], locale: Locale) -> list[EntryOut]:
    """The names of the segments entered and left; a deleted one is called by its slug."""
    slugs = {item.ref for item in items if item.kind == "segment" and item.ref is not None}
    known = segments_named(slugs) if slugs else {}
    for item in items:
        if item.kind == "segment" and item.ref is not None:
            segment = known.get(item.ref)
            item.title = item.ref
            if segment is not None:
                item.title = named(segment.name, segment.name_en, locale)
    return list(items)


# ── places ───────────────────────────────────────────────────────────────────────────────────────


def _begin(wanted: Wanted, zone: Any) -> tuple[Place | None, datetime | None]:
    """Where a page begins, and how far back it looks."""
    if wanted.before is not None:
        return _read(wanted.before), None
    if wanted.year is not None:
        return (datetime(wanted.year + 1, 1, 1, tzinfo=zone).astimezone(UTC), "", ""), None
    return None, now() - FIRST


def cursor(place: Place) -> str:
    """A place as one opaque word for a URL."""
    told = json.dumps([place[0].isoformat(), *place[1:]], ensure_ascii=False)
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _read(word: str) -> Place:
    try:
        told = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
        at, source, key = (str(one) for one in told)
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None or not 1 < instant.year < 9999:  # in every zone a day
            raise ValueError(at)
        (source + key).encode()  # half a surrogate pair is no text
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid(
            Text("この続きは読めません。", "The timeline cannot go on from there."),
            Text("画面を開き直してください。", "Open the page again."),
            code="bad_place",
        ) from error
    return instant, source, key
