"""How long each dataset and the log are kept; every night what is older goes.

    catalog   datasets.NAME.retain: 5y      rows of a dataset with a time, by that time
              stream.retain: 2y             events of the event API and crossings, and the log

Once a night, after two o'clock of the workspace's zone, each is cut once: counted, shown, audited.
The same run blanks events of erased people that have come in since they were erased.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Sum

from enishi.book import audit
from enishi.book.access import SYSTEM
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.book.workspace import Workspace, current_workspace
from enishi.catalog.types import Catalog
from enishi.gate.asking import catalog
from enishi.kernel.text import Locale, Text
from enishi.privacy.models import Erasure, RetentionRun, Tombstone
from enishi.privacy.schemas import RetentionOut, RetentionRow
from enishi.privacy.types import ErasureState
from enishi.sources.eventlog.rewrite import Identifiers, blank
from enishi.sources.expiring import cut, expire, expire_log
from enishi.sources.stream.rows import user_speller
from enishi.sources.stream.tombstones import Erased
from enishi.warehouse.warehouse import Warehouse

LOG = "log"
LATE = "late"
"""The run that blanks events of the erased that came in late."""

HOUR = 2  # of the night, in the workspace's zone
LOOK_EVERY = timedelta(minutes=1)
_looked: dict[Path, datetime] = {}
_SWEPT = "swept.json"
_UNITS = {
    "m": Text("分", "minutes"), "h": Text("時間", "hours"), "d": Text("日", "days"),
    "w": Text("週間", "weeks"), "mo": Text("か月", "months"), "y": Text("年", "years"),
}  # fmt: skip


def kept(catalog: Catalog) -> dict[str, str]:
    """How long what is kept not for ever: by dataset, and the log."""
    found = {name: one.retain for name, one in catalog.datasets.items() if one.retain is not None}
    stream = catalog.stream
    if stream is not None and (of := catalog.datasets[stream.activity].retain) is not None:
        found[LOG] = of
    return found


def run_due(workspace: Workspace, warehouse: Warehouse) -> bool:
    """Cut one of what is due tonight; whether there was any."""
    looked = _looked.get(workspace.root)
    if looked is not None and timedelta(0) <= now() - looked < LOOK_EVERY:
        return False
    night = _last_night(workspace)
    for dataset, retain in kept(warehouse.catalog).items():
        if not RetentionRun.objects.filter(dataset=dataset, at__gte=night).exists():
            _cut(workspace, warehouse, dataset, retain)
            return True
    if not RetentionRun.objects.filter(dataset=LATE, at__gte=night).exists():
        _sweep(workspace, warehouse)
        return True
    _looked[workspace.root] = now()
    return False


def _last_night(workspace: Workspace) -> datetime:
    local = now().astimezone(workspace.zone)
    night = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return night if night <= local else night - timedelta(days=1)


def _cut(workspace: Workspace, warehouse: Warehouse, dataset: str, retain: str) -> None:
    zone, instant = workspace.zone, now()
    before = cut(retain, instant, zone)
    if dataset == LOG:
        gone = expire_log(workspace.events, before)
    else:
        found = warehouse.catalog.datasets[dataset]
        gone = expire(warehouse.engine, found, before, zone, instant)
    _note(dataset, retain, before, gone)


def _sweep(workspace: Workspace, warehouse: Warehouse) -> None:
    """Blank late events of the erased in what has come in since the last time."""
    erased = Erased(workspace.secret())
    with warehouse.engine.books.read() as question:
        erased.refresh(question)
    gone = 0
    if len(erased) and workspace.events.is_dir():
        swept = workspace.events / _SWEPT
        since = _read(swept)

        catalog = warehouse.catalog
        spelled = str if catalog.stream is None else user_speller(catalog, catalog.stream)

        def whose(told: Identifiers) -> bool:
            user = None if told.user is None else spelled(told.user)
            return erased.is_erased(user, told.anonymous) or erased.is_erased(None, told.previous)

        gone = blank(workspace.events, whose, since=since).events
        swept.write_text(json.dumps(_newest(workspace.events)))
    _note(LATE, "", now(), gone)


def _newest(events: Path) -> dict[str, int]:
    """By shard where the segment being written begins: all before it were looked through."""
    found = {}
    for folder in events.glob("*"):
        starts = [int(path.name.partition(".")[0]) for path in folder.glob("*.log")]
        if starts:
            found[folder.name] = max(starts)
    return found


def _read(path: Path) -> dict[str, int]:
    try:
        return {str(name): int(offset) for name, offset in json.loads(path.read_text()).items()}
    except (OSError, ValueError):
        return {}


def _note(dataset: str, keep: str, before: datetime, gone: int) -> None:
    with work("retention.note"):
        RetentionRun.objects.create(dataset=dataset, keep=keep, before=before, removed=gone)
        if gone:
            detail = {"removed": gone, "keep": keep, "before": before}
            audit.record(SYSTEM, "privacy.expire", "dataset", dataset, detail)


def retention(locale: Locale) -> RetentionOut:
    """What is kept how long, each with its last run; what has a time and no end is told too."""
    found, limits = catalog(), kept(catalog())
    rows = [_row(LOG, Text("イベントの記録", "Log of events")[locale], limits.get(LOG), locale)]
    rows += [
        _row(name, dataset.label[locale], limits.get(name), locale)
        for name, dataset in found.datasets.items()
        if dataset.event is not None or name in limits
    ]
    return RetentionOut(
        items=rows,
        erased_people=Erasure.objects.filter(state=ErasureState.DONE).count(),
        tombstones=Tombstone.objects.count(),
        late=RetentionRun.objects.filter(dataset=LATE).aggregate(all=Sum("removed"))["all"] or 0,
        zone=str(current_workspace().timezone),
    )


def _row(dataset: str, label: str, keep: str | None, locale: Locale) -> RetentionRow:
    runs = RetentionRun.objects.filter(dataset=dataset)
    last = runs.order_by("-at").first()
    return RetentionRow(
        dataset=dataset,
        label=label,
        keep=None if keep is None else _words(keep, locale),
        removed=runs.aggregate(all=Sum("removed"))["all"] or 0,
        last_run=last.at if last else None,
        last_removed=last.removed if last else 0,
    )


def _words(retain: str, locale: Locale) -> str:
    number = retain.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = _UNITS[retain[len(number) :]][locale]
    if locale == "ja":
        return f"{number}{unit}"
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"
