"""The durable loop of privacy: erasures a step at a time, then what has outlived its time.

The state is the queue: unfinished rows of `Erasure`. A step that fails is tried again, later each
time; one that was interrupted is done again from its beginning.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Protocol

from enishi.book.clock import now
from enishi.book.faults import kind_and_place
from enishi.book.unit import work
from enishi.book.workspace import Workspace
from enishi.kernel.errors import EnishiError
from enishi.privacy.erasing import Counts, Eraser, Later, ended
from enishi.privacy.models import Erasure
from enishi.privacy.retention import run_due
from enishi.privacy.types import UNFINISHED, ErasureState, Step
from enishi.warehouse.warehouse import Warehouse

SOON = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
_ORDER = list(Step)
_log = logging.getLogger("enishi.privacy")


class Context(Protocol):
    """What the work process hands to every loop."""

    @property
    def workspace(self) -> Workspace: ...
    @property
    def warehouse(self) -> Warehouse: ...


def run_once(context: Context) -> bool:
    """Do one step of one erasure, else cut one thing that is due; whether there was any to do."""
    found = _next()
    if found is None:
        return run_due(context.workspace, context.warehouse)
    try:
        counts = Eraser(context.workspace, context.warehouse).step(Step(found.step), found)
    except Later:
        _set(found, not_before=now() + SOON)
    except EnishiError as error:
        _fail(found, {"ja": error.message.ja, "en": error.message.en})
    except Exception as error:
        _log.error("erasure %s at %s: %s", found.id, found.step, kind_and_place(error))
        _fail(
            found,
            {
                "ja": "消去の途中で問題が起きました。自動でやり直します。",
                "en": "Something went wrong while erasing. It is tried again by itself.",
            },
        )
    else:
        _advance(found, counts)
    return True


def _next() -> Erasure | None:
    """The erasure to go on with. Scrubbing comes when no other has an earlier step to do."""
    ready = Erasure.objects.filter(state__in=UNFINISHED, not_before__lte=now()).order_by("at", "id")
    return ready.exclude(step=Step.SCRUB).first() or ready.first()


def _advance(found: Erasure, counts: Counts) -> None:
    """Note what a step has done, and go on with the next, or end."""
    for name, gone in counts.items():
        found.counts[name] = found.counts.get(name, 0) + gone
    place = _ORDER.index(Step(found.step)) + 1
    if place < len(_ORDER):
        _set(
            found, state=ErasureState.RUNNING, step=str(_ORDER[place]), counts=found.counts,
            attempts=0, message=None,
        )  # fmt: skip
        return
    # One scrubbing is for all whose rows were gone when it began.
    for other in Erasure.objects.filter(state__in=UNFINISHED, step=Step.SCRUB):
        if other.files:
            _set(
                other, state=ErasureState.WAITING, step=str(Step.FILES), files=other.files,
                not_before=now() + LONGEST_PAUSE,
            )  # fmt: skip
        else:
            ended(other)


def _fail(found: Erasure, message: dict[str, str]) -> None:
    pause = min(SOON * 2 ** min(found.attempts, 12), LONGEST_PAUSE)
    _set(
        found, state=ErasureState.FAILED, message=message, attempts=found.attempts + 1,
        not_before=now() + pause,
    )  # fmt: skip


def _set(found: Erasure, **values: object) -> None:
    with work("erase.move"):
        Erasure.objects.filter(id=found.id).update(**values)
    for name, value in values.items():
        setattr(found, name, value)
