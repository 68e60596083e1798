"""The durable loop of segments: notices what is due, and refreshes what waits, many together.

The state is the queue: unfinished rows of `Refresh`. A worker leases what it works on and renews
the lease as it goes; what a killed worker leaves is taken up when its lease has run out, and what
that one had already committed to the warehouse is found there by the refresh's id.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import close_old_connections, connections
from django.db.models import Q

from enishi.book import audit
from enishi.book.access import SYSTEM
from enishi.book.clock import now
from enishi.book.faults import kind_and_place
from enishi.book.unit import crash_point, work
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import EnishiError
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.segments import service
from enishi.segments.holding import Held, held
from enishi.segments.models import Refresh, Segment
from enishi.segments.refreshing import Outcome, Watch, Wish, refresh
from enishi.segments.schedule import backoff, next_due
from enishi.segments.types import UNFINISHED, Cause, Kind, Mode, RefreshState
from enishi.warehouse.engine import Question
from enishi.warehouse.process import warehouse
from enishi.warehouse.refresh_log import Stored, logged, states

LEASE = timedelta(seconds=60)
AT_ONCE = 200
"""How many segments one cycle takes."""
_BEAT_SECONDS = 1.0
_log = logging.getLogger("enishi.segments")
_worker = f"{os.getpid()}-{new_id('wrk')}"


def run_once(context: object = None) -> bool:  # noqa: ARG001  the loops' common shape
    """Queue what is due, then refresh what waits; whether anything was refreshed."""
    queue_due()
    taken = _take()
    if not taken:
        return False
    open_ = _mend(taken)
    live = set(Segment.objects.filter(live=True).values_list("id", flat=True))
    plain = [row for row in open_ if row.segment_id not in live]
    if plain:
        _cycle(plain)
    if len(plain) < len(open_):
        with held() as hold:
            _cycle([row for row in open_ if row.segment_id in live], hold)
    return True


# ── what is due ──────────────────────────────────────────────────────────────────────────────────


def queue_due() -> int:
    """Queue a full refresh of what the clock asks for, an incremental one of what a load touched;
    returns how many were queued."""
    due = list(Segment.objects.filter(archived_at__isnull=True, due_at__lte=now()))
    zone = current_workspace().zone
    queued = 0
    for segment in due:
        nightly = segment.full_as_of is None or (
            segment.full_as_of.astimezone(zone).date() < now().astimezone(zone).date()
        )
        with work("segment.due"):
            _, new = service.queue(segment, Mode.FULL, Cause.NIGHTLY if nightly else Cause.SCHEDULE)
            Segment.objects.filter(id=segment.id).update(due_at=next_due(segment, now(), zone))
        queued += new
    return queued + _queue_loaded()


_noticed: dict[int, object] = {}
"""By open engine, the newest load that all segments have been looked at for."""


def _queue_loaded() -> int:
    """Queue an incremental refresh of every segment that has not seen the newest loads."""
    engine = warehouse().engine
    with engine.books.read() as books:
        newest = books.one("SELECT max(id) FROM enishi.loads WHERE state = 'loaded'")
        if newest is None or _noticed.get(id(engine)) == newest:
            return 0
        loaded = dict(
            books.rows(
                "SELECT dataset, max(id) FROM enishi.loads WHERE state = 'loaded' GROUP BY dataset"
            )
        )
        seen = {slug: one.seen for slug, one in states(books).items()}
    stream = service.catalog().stream
    streams = () if stream is None else (stream.activity, stream.crossing)
    unfinished = set(
        Refresh.objects.filter(state__in=UNFINISHED).values_list("segment_id", flat=True)
    )
    queued, busy = 0, False
    for wording in service.wordings_in_use():
        segment = wording.segment
        news = [
            name
            for name in wording.datasets
            if name in loaded
            and loaded[name] > seen.get(segment.slug, {}).get(name, "")
            and not (segment.live and name in streams)  # it has heard them as they came
        ]
        if not news or segment.kind == Kind.SNAPSHOT or segment.as_of is None:
            continue
        if segment.id in unfinished:
            busy = True  # it may see the load yet: looked at again when it has ended
            continue
        with work("segment.loaded"):
            queued += service.queue(segment, Mode.INCREMENTAL, Cause.LOAD)[1]
    if not busy:
        _noticed[id(engine)] = newest
    return queued


# ── one cycle ────────────────────────────────────────────────────────────────────────────────────


def _take() -> list[Refresh]:
    """Lease what may run now: what waits, and what a dead worker has left running."""
    instant = now()
    ready = Q(state=RefreshState.QUEUED, not_before__lte=instant)
    left = Q(state=RefreshState.RUNNING) & (Q(lease_until__lte=instant) | Q(worker=_worker))
    if not Refresh.objects.filter(ready | left).exists():
        return []
    with work("refresh.take"):
        rows = list(
            Refresh.objects.select_for_update(skip_locked=True)
            .filter(ready | left)
            .order_by("requested_at", "id")[:AT_ONCE]
        )
        running = set(
            Refresh.objects.filter(state=RefreshState.RUNNING).values_list("segment_id", flat=True)
        )
        taken = []
        for row in rows:
            if row.state == RefreshState.QUEUED and row.segment_id in running:
                continue  # another one of the same segment is under way; this one follows it
            row.state, row.worker, row.lease_until = RefreshState.RUNNING, _worker, instant + LEASE
            row.started_at = row.started_at or instant
            row.save(update_fields=["state", "worker", "lease_until", "started_at"])
            running.add(row.segment_id)
            taken.append(row)
    return taken


def _mend(taken: Sequence[Refresh]) -> list[Refresh]:
    """Finish what a killed worker had committed to the warehouse already; returns the rest."""
    with warehouse().engine.books.read() as books:
        done = logged(books, [row.id for row in taken])
    for row in taken:
        if row.id in done:
            _finish(row, done[row.id], None)
    return [row for row in taken if row.id not in done]


def _cycle(taken: Sequence[Refresh], hold: Held | None = None) -> None:
    rows = {row.id: row for row in taken}
    wishes = []
    for row in taken:
        try:
            wishes.append(_wish(row))
        except EnishiError as error:
            _fail(row, error)
    if not wishes:
        return
    found = warehouse()
    at, begun = now() if hold is None else hold.at, time.perf_counter()
    try:
        with _beating(rows) as pulse:
            moved = None if hold is None else hold.moved
            watch = Watch(pulse.begun, _still_wanted, crash_point, moved)
            outcomes = refresh(found.engine, found.catalog, wishes, at, watch)
    except Exception as error:
        # The warehouse could not be asked at all, or not to the end: none of them is left running.
        for row in _mend([rows[wish.refresh] for wish in wishes]):
            _fail(row, error)
        return
    took = round((time.perf_counter() - begun) * 1000)
    done = frozenset(outcome.wish.segment for outcome in outcomes if outcome.stored is not None)
    for outcome in outcomes:
        _settle(rows[outcome.wish.refresh], outcome, took, done)


def _wish(row: Refresh) -> Wish:
    """What a refresh asks of the warehouse. Raises Invalid when the wording no longer fits."""
    segment = Segment.objects.get(id=row.segment_id)
    checked = service.checked(segment)
    return Wish(
        row.id, segment.slug, checked.rule, checked.rank, segment.version,
        row.mode == Mode.FULL or segment.as_of is None,
        checked.rule.segments, checked.rule.lists,
    )  # fmt: skip


def _still_wanted(wishes: Sequence[Wish]) -> Iterable[Wish]:
    """Those not cancelled meanwhile, their lease renewed: what is applied now is done."""
    ids = [wish.refresh for wish in wishes]
    with work("refresh.going_on"):
        mine = Refresh.objects.filter(id__in=ids, state=RefreshState.RUNNING, worker=_worker)
        mine.update(lease_until=now() + LEASE)
        going = set(mine.values_list("id", flat=True))
    return [wish for wish in wishes if wish.refresh in going]


@dataclass
class _Pulse:
    """Keeps the leases of a cycle, and cancels the statement of a refresh that was cancelled."""

    rows: Mapping[str, Refresh]
    at_work: tuple[str, Question] | None = None

    def begun(self, wish: Wish, question: Question) -> None:
        question.cancelled = False
        self.at_work = (wish.refresh, question)

    def beat(self) -> None:
        """Renew the leases; stop the statement at work if nobody wants it any more."""
        with work("refresh.beat"):
            mine = Refresh.objects.filter(
                id__in=list(self.rows), state=RefreshState.RUNNING, worker=_worker
            )
            mine.update(lease_until=now() + LEASE)
            going = set(mine.values_list("id", flat=True))
        working = self.at_work
        if working is not None and working[0] not in going:
            self.at_work = None
            working[1].cancel()


@contextmanager
def _beating(rows: Mapping[str, Refresh]) -> Iterator[_Pulse]:
    """A pulse in a thread of its own, for as long as the block lasts."""
    pulse, over = _Pulse(rows), threading.Event()

    def run() -> None:
        try:
            while not over.wait(_BEAT_SECONDS):
                try:
                    pulse.beat()
                except Exception as error:
                    _log.error("the pulse of a refresh missed a beat: %s", kind_and_place(error))
                    close_old_connections()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, name="segments-pulse", daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        over.set()
        thread.join()


# ── how it ended ─────────────────────────────────────────────────────────────────────────────────


def _settle(row: Refresh, outcome: Outcome, ms: int, done: frozenset[str]) -> None:
    if outcome.stored is not None:
        _finish(row, outcome.stored, ms, done)
        return
    assert outcome.error is not None
    if Refresh.objects.filter(id=row.id, state=RefreshState.CANCELLED).exists():
        return
    _fail(row, outcome.error)


def _finish(
    row: Refresh, stored: Stored, ms: int | None, done: frozenset[str] = frozenset()
) -> None:
    """Tell the book what the warehouse has: a cancel that came too late does not undo it.

    Whoever came or went may change the segments that name this one: they follow, but for those
    `done` in the same cycle, which took them in their order.
    """
    zone = current_workspace().zone
    with work("refresh.done"):
        segment = Segment.objects.select_for_update().get(id=row.segment_id)
        Refresh.objects.filter(id=row.id).update(
            state=RefreshState.DONE, ended_at=now(), as_of=stored.as_of, version=stored.version,
            mode=Mode.FULL if stored.whole else Mode.INCREMENTAL,
            size=stored.size, entered=stored.entered, left=stored.left, touched=stored.touched,
            moved=stored.moved, missed=stored.missed, ms=ms, message=None,
        )  # fmt: skip
        values: dict[str, Any] = {
            "size": stored.size, "entered": stored.entered, "left": stored.left,
            "as_of": stored.as_of, "refreshed_version": stored.version, "failures": 0,
            "failed_at": None, "message": None,
        }  # fmt: skip
        if stored.whole:
            values |= {
                "full_as_of": stored.as_of, "full_refresh": row.id, "moved": stored.moved,
                "missed": stored.missed, "due_at": next_due(segment, stored.as_of, zone),
            }  # fmt: skip
            if segment.live and segment.live_since is None and stored.version == segment.version:
                values["live_since"] = stored.as_of
        Segment.objects.filter(id=row.segment_id).update(**values)
        if stored.entered or stored.left:
            service.queue_following({stored.segment}, "uses", done)
        audit.record(
            SYSTEM, "segment.refreshed", "segment", row.segment_id,
            {"refresh": row.id, "size": stored.size, "entered": stored.entered,
             "left": stored.left, "missed": stored.missed},
        )  # fmt: skip
    crash_point("segments.done")


def _fail(row: Refresh, error: Exception) -> None:
    """End a refresh with its reason and queue the next try; the last good state stands."""
    if not isinstance(error, EnishiError):
        _log.error("refresh %s of segment %s: %s", row.id, row.segment_id, kind_and_place(error))
    message = _reason(error)
    with work("refresh.failed"):
        segment = Segment.objects.select_for_update().get(id=row.segment_id)
        ended = Refresh.objects.filter(id=row.id, state__in=UNFINISHED).update(
            state=RefreshState.FAILED, ended_at=now(), message=message
        )
        if not ended:
            return
        failures = segment.failures + 1
        Segment.objects.filter(id=segment.id).update(
            failures=failures, failed_at=now(), message=message
        )
        waiting = Refresh.objects.filter(segment=segment, state=RefreshState.QUEUED)
        again = now() + backoff(failures)
        if not waiting.update(mode=Mode.FULL) and segment.archived_at is None:
            Refresh.objects.create(
                segment=segment, mode=row.mode, cause=Cause.RETRY, requested_by=SYSTEM.user_id,
                requested_at=now(), not_before=again, attempt=failures + 1,
            )  # fmt: skip


_UNEXPECTED = (
    Text("更新中に問題が起きました。", "Something went wrong while refreshing."),
    Text(
        "自動でもう一度試します。続くときは管理者に知らせてください。",
        "It will be tried again. If it goes on, tell your administrator.",
    ),
)


def _reason(error: Exception) -> dict[str, dict[str, str]]:
    message, remedy = _UNEXPECTED
    if isinstance(error, EnishiError):
        message, remedy = error.message, error.remedy
        if error.faults:
            message, remedy = error.faults[0].message, error.faults[0].remedy
    return {
        "message": {"ja": message.ja, "en": message.en},
        "remedy": {"ja": remedy.ja, "en": remedy.en},
    }
