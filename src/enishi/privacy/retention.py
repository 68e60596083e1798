"""How long each dataset and the log are kept, and what has gone because its time was over."""

from __future__ import annotations

from django.db.models import Sum

from enishi.kernel.text import Locale, Text
from enishi.privacy.models import Erasure, RetentionRun, Tombstone
from enishi.privacy.schemas import RetentionOut, RetentionRow
from enishi.privacy.types import ErasureState

LOG = "log"


def retention(locale: Locale) -> RetentionOut:
    """What is kept how long, each with its last run."""
    items = [_row(LOG, Text("イベントの記録", "Log of events")[locale], None)]
    return RetentionOut(
        items=items,
        erased_people=Erasure.objects.filter(state=ErasureState.DONE).count(),
        tombstones=Tombstone.objects.count(),
    )


def _row(dataset: str, label: str, keep: str | None) -> RetentionRow:
    runs = RetentionRun.objects.filter(dataset=dataset)
    last = runs.order_by("-at").first()
    return RetentionRow(
        dataset=dataset,
        label=label,
        keep=keep,
        rows=None,
        oldest=None,
        removed=runs.aggregate(all=Sum("removed"))["all"] or 0,
        last_run=last.at if last else None,
        last_removed=last.removed if last else 0,
    )
