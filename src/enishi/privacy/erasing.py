"""Erasing one person, step by step; each step may be done again and finds nothing more then.

    tombstones   from now on nothing of hers comes in, nor is told by us: journal, warehouse and
                 book know her hashes
    log          her events are blanked in every segment
    warehouse    her rows, stays, dead letters and links are deleted in one transaction
    files        her rows are taken out of the files in the data folder, and of curated datasets
    book         rows about her are deleted; what requests say in words is emptied
    keys         the key to what the audit keeps sealed about her is destroyed
    scrub        the files of warehouse and book are freed of what was deleted

Identifiers are read from the warehouse for the first three; later steps need her id and her
tombstones alone, so nothing that names her is kept for the erasure's own sake.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from enishi.book import about, audit, sealed
from enishi.book.access import SYSTEM
from enishi.book.clock import now
from enishi.book.unit import crash_point, work
from enishi.book.workspace import Workspace
from enishi.lists.erasing import builds_under_way
from enishi.messages.erasing import let_go
from enishi.privacy import journal, service
from enishi.privacy.models import Erasure, PrivacyRequest, Tombstone
from enishi.privacy.registry import keepers
from enishi.privacy.types import ErasureState, RequestState, Step
from enishi.sources.erasing import bury, erase_from_warehouse, find
from enishi.sources.eventlog.rewrite import blank
from enishi.sources.mending import mend
from enishi.sources.own_events import nobody_tells
from enishi.warehouse.warehouse import Warehouse

Counts = dict[str, int]
_log = logging.getLogger("enishi.privacy")


class Later(Exception):
    """A step has to wait for somebody; it is tried again soon."""


class Eraser:
    """Does the steps of erasures in one workspace, in the process that owns the warehouse."""

    def __init__(self, workspace: Workspace, warehouse: Warehouse, *, alone: bool = False) -> None:
        """`alone`: nothing runs on the workspace, so nothing can be in anybody's hands."""
        service.require_duckdb(workspace)
        self._alone = alone
        self._workspace, self._warehouse = workspace, warehouse
        self._secret = workspace.secret()

    def step(self, step: Step, found: Erasure) -> Counts:
        """Do one step; rows gone, by where they were. Raises `Later`."""
        done: dict[Step, Callable[[Erasure], Counts]] = {
            Step.TOMBSTONES: self._tombstones,
            Step.LOG: self._blank,
            Step.WAREHOUSE: self._delete,
            Step.FILES: self._files,
            Step.BOOK: self._book,
            Step.KEYS: self._keys,
            Step.SCRUB: self._scrub,
        }
        counts = done[step](found)
        crash_point(f"erase.{step}")
        return counts

    def _tombstones(self, found: Erasure) -> Counts:
        engine, catalog = self._warehouse.engine, self._warehouse.catalog
        # What we tell of her is in the log before this, and blanked, or is not told any more.
        with nobody_tells(self._workspace.events):
            whom = bury(engine, catalog, self._secret, found.person, found.at)
        journal.add(self._workspace.var, found.person, found.at, whom.hashes)
        with work("erase.tombstones"):
            Tombstone.objects.bulk_create(
                [Tombstone(hash=one, erasure=found.id, at=found.at) for one in whom.hashes],
                ignore_conflicts=True,
                batch_size=500,
            )
        return {}

    def _blank(self, found: Erasure) -> Counts:
        engine, catalog = self._warehouse.engine, self._warehouse.catalog
        whom = find(engine, catalog, self._secret, found.person)
        if not whom.users and not whom.devices:
            return {}
        gone = blank(self._workspace.events, whom.sent, whom.needles())
        return {"log": gone.events} if gone.events else {}

    def _delete(self, found: Erasure) -> Counts:
        engine, catalog = self._warehouse.engine, self._warehouse.catalog
        return erase_from_warehouse(engine, catalog, self._secret, found.person)

    def _files(self, found: Erasure) -> Counts:
        engine, catalog = self._warehouse.engine, self._warehouse.catalog
        gone, left = mend(engine, catalog, self._workspace.data, self._secret)
        gone += sum(
            _without(path, found.person)
            for path in sorted((self._workspace.var / "curated").glob("*.parquet"))
        )
        _drop_old(self._workspace.exports)
        with work("erase.files"):
            found.files = [asdict(one) for one in left]
            found.save(update_fields=["files"])
        return {"files": gone} if gone else {}

    def _book(self, found: Erasure) -> Counts:
        # What a build or a send has gathered before would bring her back.
        free = let_go(found.person) or self._alone
        if builds_under_way() or not free:
            raise Later
        counts = about.erase(found.person)
        for keeper in keepers():
            gone = keeper.erase(found.person)
            if gone:
                counts[keeper.name] = counts.get(keeper.name, 0) + gone
        service.forget_words(found.person)
        return counts

    def _keys(self, found: Erasure) -> Counts:
        return {"keys": 1} if sealed.destroy(found.person) else {}

    def _scrub(self, found: Erasure) -> Counts:  # noqa: ARG002  one for all that wait
        if not self._warehouse.engine.books.write_anew() or not about.scrub():
            raise Later
        return {}


def ended(found: Erasure) -> None:
    """Close an erasure whose steps are done; its request is answered and the audit told."""
    with work("erase.ended"):
        found.state, found.ended_at, found.message = ErasureState.DONE, now(), None
        found.save(update_fields=["state", "ended_at", "message"])
        audit.record(
            SYSTEM, "privacy.erased", "erasure", found.id, {"rows": dict(found.counts)},
            [found.person],
        )  # fmt: skip
        request = PrivacyRequest.objects.filter(
            id=found.request, state=RequestState.ERASING
        ).first()
        if request is not None:
            service.close_erased(request, found.counts)


def _without(path: Path, person: str) -> int:
    """Take a person out of a curated dataset; how many rows that were."""
    import pyarrow.compute as pc

    table = pq.read_table(path)
    kept = table.filter(pc.not_equal(table.column("_id"), person))
    gone = int(table.num_rows - kept.num_rows)
    if gone:
        aside = path.with_suffix(".part")
        pq.write_table(kept, aside)
        aside.replace(path)
    return gone


def _drop_old(folder: Path, before: datetime | None = None) -> None:
    """Delete downloads that a killed process has left: a living one lasts for seconds."""
    instant = (before or now()).timestamp() - 600
    for path in folder.glob("*"):
        if path.is_file() and path.stat().st_mtime < instant:
            path.unlink(missing_ok=True)
