"""Holds a restored workspace against the journal of erasures: who was erased since, goes again.

A backup is as old as it is: it may hold people who were erased after it was made. The journal of
the workspace it was made of knows them, by id and tombstones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from enishi.book import about, audit
from enishi.book.access import OPERATOR
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.book.workspace import Workspace
from enishi.kernel.errors import Unavailable
from enishi.kernel.text import Text
from enishi.privacy import journal
from enishi.privacy.erasing import Eraser, Later, ended
from enishi.privacy.journal import Entry
from enishi.privacy.models import Erasure, PrivacyRequest, Tombstone
from enishi.privacy.types import UNFINISHED, Step
from enishi.sources.erasing import set_tombstones
from enishi.warehouse.warehouse import Warehouse

OnPerson = Callable[[int, int], None]
"""Told how many people have been looked at, of how many."""


def erase_again(
    workspace: Workspace,
    warehouse: Warehouse,
    entries: Sequence[Entry],
    tell: OnPerson = lambda _, __: None,
) -> int:
    """Set every tombstone, and erase whoever of the entries is here; returns how many were.

    Nothing may be running on the workspace. Raises Conflict `erasure_engine` and what opening the
    parts raises; done again it finds nobody.
    """
    eraser = Eraser(workspace, warehouse, alone=True)
    _bury(workspace, warehouse, entries)
    found = []
    for number, entry in enumerate(entries, start=1):
        if _is_here(warehouse, entry.person):
            erasure = _begin(entry.person)
            for step in Step:
                if step is not Step.SCRUB:
                    erasure.counts |= eraser.step(step, erasure)
            found.append(erasure)
        tell(number, len(entries))
    if found:
        try:
            eraser.step(Step.SCRUB, found[-1])
        except Later:
            raise _in_use() from None
    for erasure in found:
        ended(erasure)
    audit.record(
        OPERATOR, "privacy.restored", "workspace", "self",
        {"erasures": len(entries), "erased": len(found)},
    )  # fmt: skip
    return len(found)


def _bury(workspace: Workspace, warehouse: Warehouse, entries: Iterable[Entry]) -> None:
    hashes: set[str] = set()
    for entry in entries:
        journal.add(workspace.var, entry.person, datetime.fromisoformat(entry.at), entry.hashes)
        hashes |= set(entry.hashes)
    set_tombstones(warehouse.engine, hashes, now())
    with work("erase.tombstones"):
        Tombstone.objects.bulk_create(
            [Tombstone(hash=one, erasure="") for one in hashes],
            ignore_conflicts=True,
            batch_size=500,
        )


def _is_here(warehouse: Warehouse, person: str) -> bool:
    with warehouse.engine.books.read() as question:
        linked = question.one(
            "SELECT 1 FROM enishi.identity_links WHERE enishi_id = ? LIMIT 1", [person]
        )
    named = PrivacyRequest.objects.filter(person=person).exclude(key="").exists()
    return bool(linked) or named or about.holds(person)


def _begin(person: str) -> Erasure:
    """The person's unfinished erasure, or a new one."""
    found = Erasure.objects.filter(person=person, state__in=UNFINISHED).first()
    return found or Erasure.objects.create(person=person, by=OPERATOR.user_id)


def _in_use() -> Unavailable:
    return Unavailable(
        Text("ワークスペースが使われています。", "The workspace is in use."),
        Text("サーバーを止めて、もう一度実行してください。", "Stop the server and run it again."),
        code="workspace_in_use",
    )
