"""The durable loop of lists: builds a slice at a time, and curated datasets.

The state is the queue: unfinished rows of `Build`, definitions whose dataset is queued. A worker
leases what it works on; what a killed worker leaves is taken up when its lease has run out.
"""

from __future__ import annotations

import logging
import os
import time
from datetime import timedelta
from typing import Any, Protocol

from django.db import connection
from django.db.models import F, Q

from enishi.book import audit
from enishi.book.access import SYSTEM
from enishi.book.clock import now
from enishi.book.faults import kind_and_place
from enishi.book.unit import crash_point, in_chunks, work
from enishi.kernel.errors import EnishiError
from enishi.kernel.ids import new_id
from enishi.lists import dataset
from enishi.lists.definitions import body_of
from enishi.lists.gather import Spool, drop_spool, gather, spool_path
from enishi.lists.merge import Step, steps
from enishi.lists.models import ActionableList, Build, ListChange, Member
from enishi.lists.types import UNFINISHED, BuildState, ChangeKind, ListState
from enishi.lists.visible import get_list
from enishi.lists.write import fold, insert, let_wait, note_changes

LEASE = timedelta(seconds=60)
SLICE_SECONDS = 2.0
UNIT_MS = 40.0
"""How long a unit of a build may hold the book: who logs a call meanwhile waits for one at most."""
_log = logging.getLogger("enishi.lists")
_worker = f"{os.getpid()}-{new_id('wrk')}"


class Context(Protocol):
    """What the work process hands to every loop; lists ask through `gate.asking` instead."""


class _Lost(Exception):
    """The build is no longer this worker's."""


def run_once(context: Context | None = None) -> bool:  # noqa: ARG001  the loops' common shape
    """Do one slice of work; returns whether there was any."""
    build = _take()
    if build is None:
        return dataset.run_once(_worker)
    try:
        _advance(build)
    except _Lost:
        drop_spool(build.id)
    except EnishiError as error:
        _fail(build, {"ja": error.message.ja, "en": error.message.en})
    except Exception as error:
        _log.error("build %s of list %s: %s", build.id, build.list_id, kind_and_place(error))
        _fail(
            build,
            {
                "ja": "作成中に問題が起きました。もう一度更新してください。",
                "en": "Something went wrong while building. Refresh the list again.",
            },
        )
    return True


def _take() -> Build | None:
    """Lease the build touched longest ago: own ones go on, others only when their lease is over."""
    instant = now()
    mine = Q(worker=_worker) | Q(worker="") | Q(lease_until__lte=instant)
    open_ = Build.objects.filter(mine, state__in=UNFINISHED)
    if not open_.exists():
        return None
    with work("build.take"):
        locked = open_.select_for_update(skip_locked=True)
        build = locked.order_by(F("lease_until").asc(nulls_first=True), "requested_at").first()
        if build is not None:
            build.worker, build.lease_until = _worker, instant + LEASE
            build.started_at = build.started_at or instant
            build.as_of = build.as_of or instant
            build.save(update_fields=["worker", "lease_until", "started_at", "as_of"])
    return build


def _advance(build: Build) -> None:
    found = get_list(build.list_id)
    if build.state == BuildState.FOLDING:
        _fold(found, build)
    elif build.state == BuildState.WRITING and spool_path(build.id).exists():
        _write(found, build)
    else:
        _gather(found, build)


def _gather(found: ActionableList, build: Build) -> None:
    """Spool who belongs on the list; anything an earlier try has written is taken back first."""
    _move(build, state=BuildState.GATHERING)
    _clear(found, build)
    crash_point("lists.gather")
    gathered = gather(found, build)
    _move(
        build, state=BuildState.WRITING, found=gathered.found, thresholds=gathered.thresholds,
        written=0, cursor="", added=0, left=0, changed=0,
    )  # fmt: skip
    crash_point("lists.gathered")


def _clear(found: ActionableList, build: Build) -> None:
    """Take back what an unpublished try has written: changes, and members nobody has seen yet."""
    rows: list[Any] = [ListChange.objects.filter(build_id=build.id)]
    if found.published is None:
        rows.append(Member.objects.filter(list_id=found.id))
    for query in rows:
        ids = query.order_by("id").values_list("id", flat=True)
        while page := list(ids[:5000]):
            in_chunks(
                page,
                lambda chunk, model=query.model: model.objects.filter(id__in=chunk).delete(),  # type: ignore[misc]  # the default binds the loop's model
                name="build.clear",
            )


def _write(found: ActionableList, build: Build) -> None:
    """One slice of writing; publishes when the last step is done."""
    until = time.monotonic() + SLICE_SECONDS
    status = body_of(found.definition).first_status("open").code
    ended = True

    def some(spool: Spool) -> Any:
        nonlocal ended
        for step in steps(found, build, spool):
            yield step
            if time.monotonic() > until:
                ended = False
                return

    with Spool(spool_path(build.id)) as spool:
        in_chunks(
            some(spool),
            lambda chunk: _write_chunk(chunk, found, build, status),
            size=1000,
            target_ms=UNIT_MS,
            name="build.write",
            after=_checkpoint,
        )
    if ended:
        _publish(found, build)


def _checkpoint(_: int) -> None:
    """Move SQLite's log into the book between two units, when nobody waits for the write lock.

    Left to itself SQLite does it inside whichever commit finds the log long: a call just logged.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint=0")  # of this connection: the builder's
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
            cursor.fetchall()


def _write_chunk(chunk: list[Step], found: ActionableList, build: Build, status: str) -> None:
    """The rows of a chunk and the build's progress, in the unit that is open."""
    kinds = [step.kind for step in chunk]
    moved = [step for step in chunk if step.kind is not None]
    insert(
        [step.row for step in moved if step.member is None and step.row is not None],
        found, build, status, now(),
    )  # fmt: skip
    if found.published is not None and moved:
        let_wait(moved, build)
        note_changes(moved, found, build)
    _move(
        build,
        written=chunk[-1].position,
        cursor=chunk[-1].person,
        added=build.added + kinds.count(ChangeKind.ADDED),
        left=build.left + kinds.count(ChangeKind.LEFT),
        changed=build.changed + kinds.count(ChangeKind.CHANGED),
    )
    crash_point("lists.write")


def _move(build: Build, **fields: Any) -> None:
    """Change the build and renew its lease; raises `_Lost` when it is no longer this worker's."""
    fields["lease_until"] = now() + LEASE
    with work("build.move"):
        done = Build.objects.filter(id=build.id, worker=_worker, state__in=UNFINISHED)
        if not done.update(**fields):
            raise _Lost
    for name, value in fields.items():
        setattr(build, name, value)


def _publish(found: ActionableList, build: Build) -> None:
    """Show the new build: one short unit, from which every reader sees all of it."""
    first = found.published is None
    instant = now()
    crash_point("lists.publish")
    with work("build.publish"):
        _move(build, state=BuildState.FOLDING)
        values: dict[str, Any] = {
            "published": build.number, "folding": not first, "refreshed_at": instant
        }  # fmt: skip
        if first:
            values["state"] = ListState.OPEN
        if build.thresholds is not None:
            values["thresholds"] = build.thresholds
        ActionableList.objects.filter(id=found.id).exclude(state=ListState.CLOSED).update(**values)
        detail = {"build": build.id, "number": build.number, "members": build.found or 0,
                  "added": build.added, "left": build.left, "changed": build.changed}  # fmt: skip
        audit.record(SYSTEM, "list.publish", "list", found.id, detail)
    crash_point("lists.published")


def _fold(found: ActionableList, build: Build) -> None:
    """Move pending values into place, a slice at a time; then the build is done."""
    until = time.monotonic() + SLICE_SECONDS
    waiting = Member.objects.filter(list_id=found.id, next_build=build.number).order_by("id")
    size = 200
    while page := list(waiting[:size]):
        begun = time.perf_counter()
        with work("build.fold"):
            fold(page, found.refreshed_at or now())
            _move(build)
        took = (time.perf_counter() - begun) * 1000
        size = max(20, min(2000, int(len(page) * min(2.0, UNIT_MS / max(took, 1.0)))))
        crash_point("lists.fold")
        _checkpoint(size)
        time.sleep(0.003)  # the same gap that `in_chunks` leaves for a waiting writer
        if time.monotonic() > until:
            return
    with work("build.done"):
        ActionableList.objects.filter(id=found.id).update(folding=False)
        _move(build, state=BuildState.DONE, ended_at=now())
    drop_spool(build.id)


def _fail(build: Build, message: dict[str, str]) -> None:
    """End the build with its reason; a list that never had one waits for another try."""
    with work("build.fail"):
        ended = Build.objects.filter(
            id=build.id,
            worker=_worker,
            state__in=(BuildState.QUEUED, BuildState.GATHERING, BuildState.WRITING),
        ).update(state=BuildState.FAILED, ended_at=now(), message=message)
        if ended:
            ActionableList.objects.filter(id=build.list_id, published__isnull=True).exclude(
                state=ListState.CLOSED
            ).update(state=ListState.FAILED)
    drop_spool(build.id)
