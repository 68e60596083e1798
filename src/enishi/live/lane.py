"""The lane of live segments: drains the log, decides what it brings, and what time brings.

One loop in the process that owns the warehouse: it sleeps until ingest rings, a timer is due or the
book may have changed. What it has in memory is made anew whenever the catalog has changed.

Whatever goes wrong in deciding, the log is drained: what has failed rests (see `resting`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial

import pyarrow.compute as pc
from django.db import Error, close_old_connections

from enishi.book.faults import kind_and_place
from enishi.book.unit import work
from enishi.book.workspace import Workspace
from enishi.catalog.types import Catalog
from enishi.journeys.feed import inbox
from enishi.kernel.clock import Clock
from enishi.kernel.errors import EnishiError
from enishi.live import books
from enishi.live.core import LoadOf
from enishi.live.engine import LiveEngine
from enishi.live.holding import hold
from enishi.live.resting import Resting
from enishi.live.types import LiveFault, LiveRule, failing, live_rule
from enishi.segments import service
from enishi.segments.holding import Held, Nobody, provide_hold
from enishi.segments.models import Refresh, Segment
from enishi.segments.types import UNFINISHED, Cause, Mode
from enishi.sources.erasing import provide_forget
from enishi.sources.stream import jobs as stream
from enishi.sources.stream.loads import open_load, seal
from enishi.sources.stream.types import Drained
from enishi.warehouse.duckdb_engine import DuckDBEngine, Workbench
from enishi.warehouse.warehouse import Warehouse

LOOK_SECONDS = 0.5
"""How often the book is asked which segments are live."""
TELL_SECONDS = 5.0
"""How often the book is told their sizes."""
FOLLOW_SECONDS = 30.0
"""How often segments that are not live follow those that they name."""
APART = timedelta(seconds=5)
"""How long the book is left alone when asking it has failed."""
_SLEEP = 0.25
Ready = dict[str, tuple[str, int, LiveRule]]
"""Rules made ready, by slug with the versions of catalog and wording that they were made from."""
_log = logging.getLogger("enishi.live")


class LiveLane:
    """Drain and live segments of one workspace, on its own warehouse file."""

    def __init__(self, workspace: Workspace, warehouse: Warehouse, clock: Clock) -> None:
        engine = warehouse.engine
        assert isinstance(engine, DuckDBEngine)
        self._workspace, self._warehouse, self._clock = workspace, warehouse, clock
        self._books = engine
        self.live: LiveEngine | None = None
        self._version = ""
        self._stamp: tuple[object, ...] = ()
        self._noticed: object = None
        self._ready: Ready = {}
        self._looking = threading.RLock()
        self._looked = self._told = self._followed = 0.0
        self._sizes: dict[str, int] = {}
        self._resting = Resting()
        self._apart: datetime | None = None
        provide_hold(self._hold)
        stream.provide_quiet(self._quiet)
        provide_forget(self._forget)

    def close(self) -> None:
        """Let go of refreshes, and of the log."""
        provide_hold(None)
        stream.provide_quiet(None)
        provide_forget(None)
        stream.close()

    def run_once(self) -> bool:
        """One round: what is due, what has come; then sleep while there is neither."""
        self._with_book(self._look)
        more = self._round()
        self._with_book(self.tell)
        if not more:
            stream.bell(self._workspace).wait(self._pause())
        return True

    def run(self) -> bool:
        """What is due, and one batch of what has come; whether there was one."""
        self._with_book(partial(self._look, now=True))
        return self._round()

    def _with_book(self, work: Callable[[], None]) -> None:
        """Ask or tell the book; while that fails, events are drained and decided all the same."""
        if self._apart is not None and self._clock() < self._apart:
            return
        try:
            work()
            self._apart = None
        except Exception as error:
            self._apart = self._clock() + APART
            _log.error("the book is left alone for a while: %s", kind_and_place(error))
            close_old_connections()

    def _round(self) -> bool:
        more = self._decided()
        if more:
            inbox.ring()
        return more

    def _decided(self) -> bool:
        """Decide what is due and what one batch brings; whether anything was committed."""
        drainer = stream.drainer(self._workspace, self._warehouse, self._clock)
        live = self.live
        if live is None:
            drainer.finish_rebuild()
            return drainer.run_once(self._passes)
        try:
            with live.lock:
                if drainer.finish_rebuild():
                    live.reload()
                try:
                    ticked = failing(live.tick)
                    more = drainer.run_once(partial(_hears, live))
                except BaseException:
                    live.undo()
                    raise
                live.settle()
                if ticked:
                    inbox.ring()
                return more
        except LiveFault as fault:
            self._rest(fault)
            return True

    def _passes(self, bench: Workbench, batch: Drained) -> None:
        """Note what comes while nothing is decided: a refresh looks for it."""
        inbox.hears(bench, batch)
        books.prepare(bench)
        books.unhear(bench, set(pc.unique(batch.rows.column("_load")).to_pylist()))

    def _rest(self, fault: LiveFault) -> None:
        """Let what has failed rest, and the log be drained."""
        cause = fault.__cause__
        _log.error(
            "live deciding of %s failed with %s, and rests",
            fault.slug or "all segments", "nothing" if cause is None else kind_and_place(cause),
        )  # fmt: skip
        self._resting.note(fault, self._clock())
        self._stamp = ()
        if fault.slug is None:
            self.live = None
        self._look(now=True)

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Let nothing be decided while the rows of events are made anew, and go on from there."""
        live = self.live
        if live is None:
            yield
            return
        with live.lock:
            try:
                yield
            finally:
                live.reload()

    def _forget(self, person: str) -> None:
        """Somebody was erased: she is in no segment, and due in none."""
        live = self.live
        if live is not None:
            live.forget(person)

    def _pause(self) -> float:
        due = None if self.live is None else self.live.next_due()
        if due is None:
            return _SLEEP
        return min(_SLEEP, max(0.0, (due - self._clock()).total_seconds()))

    # ── which segments ───────────────────────────────────────────────────────────────────────────

    def _look(self, *, now: bool = False) -> None:
        """Take over a changed catalog, and what the book says is live."""
        if not now and time.monotonic() - self._looked < LOOK_SECONDS:
            return
        with self._looking:  # the lane of segments looks too, before it holds this
            self._take_over()

    def _take_over(self) -> None:
        catalog = self._warehouse.catalog
        rests = self._resting.all_rest(self._clock())
        missing = self.live is None and catalog.stream is not None and not rests
        if catalog.version != self._version or missing:
            with nullcontext() if self.live is None else self.live.lock:  # no refresh holds it
                self.live = None
                if catalog.stream is not None and not rests:
                    seal(self._books, self._clock)  # what came unheard is another load's
                    self.live = LiveEngine(self._books, catalog, self._clock, _load_of(catalog))
                self._version = catalog.version
        if self.live is not None:
            rows = Segment.objects.filter(live=True, archived_at__isnull=True)
            stamp = (self._version, *sorted(rows.values_list("slug", "version")))
            if stamp != self._stamp or {rule.slug for rule in self.live.order.rules} != {
                slug for slug, _ in stamp[1:]
            }:
                self._admit(self.live.adopt(self._wanted(catalog).values()))
                self._stamp = stamp
            newest = self._newest(catalog)
            if newest != self._noticed and self.live.rules:
                self._noticed = newest
                if self.live.unheard():
                    self._refresh_heard(self.live)
        self._looked = time.monotonic()

    def _newest(self, catalog: Catalog) -> object:
        """The newest load of events."""
        assert catalog.stream is not None
        with self._books.read() as question:
            return question.one(
                "SELECT max(id) FROM enishi.loads WHERE dataset = ? AND state = 'loaded'",
                [catalog.stream.activity],
            )

    def _refresh_heard(self, live: LiveEngine) -> None:
        """Let segments be refreshed for whom events have come by another way than the log."""
        slugs = [
            slug for slug, rule in live.rules.items() if live.stream.activity in rule.heard
        ]  # fmt: skip
        with work("live.unheard"):
            for segment in Segment.objects.filter(slug__in=slugs, live=True):
                service.queue(segment, Mode.INCREMENTAL, Cause.LOAD)

    def _admit(self, slugs: set[str]) -> None:
        """Let those that no refresh has decided by this wording be refreshed whole."""
        if not slugs:
            return
        waiting = Segment.objects.filter(slug__in=slugs).exclude(
            id__in=Refresh.objects.filter(state__in=UNFINISHED).values("segment_id")
        )
        for segment in waiting:
            with work("live.admit"):
                service.queue(segment, Mode.FULL, Cause.SCHEDULE)

    @contextmanager
    def _hold(self) -> Iterator[Held]:
        self._look(now=True)
        live = self.live
        if live is None:  # the catalog no longer names persons whom events could be about
            yield Nobody(self._clock())
            return
        try:
            with hold(live, self._wanted(live.catalog)) as found:
                yield found
        except LiveFault as fault:  # the refresh is tried again without what has failed
            self._rest(fault)
            raise

    def _wanted(self, catalog: Catalog) -> dict[str, LiveRule]:
        """The live segments by slug, but for those that rest."""
        found = wanted_rules(catalog, self._ready)
        return {
            slug: rule for slug, rule in found.items()
            if slug not in self._resting.segments(self._clock())
        }  # fmt: skip

    # ── what the book is told ────────────────────────────────────────────────────────────────────

    def tell(self) -> None:
        """Tell the book sizes, and segments that are not live whom they follow, now and then."""
        live = self.live
        if live is None or not live.rules:
            return
        if time.monotonic() - self._told >= TELL_SECONDS:
            self._told = time.monotonic()
            self._tell_sizes(live)
        if live.changed and time.monotonic() - self._followed >= FOLLOW_SECONDS:
            self._followed = time.monotonic()
            self._follow(live)

    def _tell_sizes(self, live: LiveEngine) -> None:
        sizes = dict(live.roster.sizes)
        changed = {slug: size for slug, size in sizes.items() if self._sizes.get(slug) != size}
        with work("live.tell"):
            for slug, size in changed.items():
                Segment.objects.filter(slug=slug, live=True).update(size=size)
            Segment.objects.filter(slug__in=sizes, live=True).update(as_of=live.decided)
        self._sizes = sizes

    def _follow(self, live: LiveEngine) -> None:
        """Let segments that are not live and name some that have changed be refreshed."""
        with live.lock:
            crossed, mine = frozenset(live.changed), frozenset(live.rules)
            live.changed.clear()
        following = [
            wording for wording in service.wordings_in_use()
            if wording.segment.slug not in mine and not crossed.isdisjoint(wording.uses)
        ]  # fmt: skip
        if not following:
            return
        with live.lock:
            live.mark()
        with work("live.follow"):
            service.queue_following(crossed, "uses", mine)


def _hears(live: LiveEngine, bench: Workbench, batch: Drained) -> None:
    failing(live.hears, bench, batch)
    inbox.hears(bench, batch)


def wanted_rules(catalog: Catalog, ready: Ready) -> dict[str, LiveRule]:
    """The segments that the book calls live, by slug; those whose wording no longer fits the
    catalog are left out (their refresh says why). `ready` keeps what has been made."""
    found = {}
    for wording in service.wordings_in_use():
        segment = wording.segment
        if not segment.live:
            continue
        known = ready.get(segment.slug)
        if known is not None and known[:2] == (catalog.version, segment.version):
            found[segment.slug] = known[2]
            continue
        try:
            checked = service.checked(segment, wording)
            rule = live_rule(segment.slug, segment.version, checked.rule, catalog)
        except EnishiError:
            continue
        except Error:  # the book cannot be asked, which says nothing of the segment
            raise
        except Exception as error:  # one segment keeps no other back
            _log.error("segment %s cannot be live: %s", segment.slug, kind_and_place(error))
            continue
        found[segment.slug] = rule
        ready[segment.slug] = (catalog.version, segment.version, rule)
    return found


def _load_of(catalog: Catalog) -> LoadOf:
    stream = catalog.stream
    assert stream is not None

    def load(bench: Workbench, at: datetime) -> str:
        return open_load(bench, stream.crossing, at.astimezone(UTC).replace(tzinfo=None))

    return load
