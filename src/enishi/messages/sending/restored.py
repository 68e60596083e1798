"""Sending in a workspace that was restored from a backup: nothing leaves until somebody says so.

What the backup has as queued may have been sent since by the workspace it was made of, and a step
that a walk takes again asks for its message again. So `enishi restore` holds all sending. An
administrator looks at what waits, and decides: `send` lets it go, `drop` suppresses what is due by
then as `restored`, and what comes due later goes.

The hold is a row of `DeliveryHold`, which every round of the sending lane looks at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.book.workspace import Workspace
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.messages.deliveries.service import ALL, hold_all, lock_walks, release_all, tell_finished
from enishi.messages.models import Delivery, DeliveryHold, Send, SendingSettings
from enishi.messages.sending import claiming
from enishi.messages.sending.claiming import End
from enishi.messages.sends import service as sends
from enishi.messages.types import DeliveryState, SendState

What = Literal["send", "drop"]
REASON = "restored"
_NAME = "restored"
_CHUNK = 200
_MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Held:
    """Sending is held since `at`, in a copy of what was at `made_at`. `waiting` counts what is due,
    up to 10,000. `dropping`: what was due is being suppressed."""

    made_at: str
    at: datetime
    waiting: int
    dropping: bool


def hold_if_marked(workspace: Workspace) -> bool:
    """Hold all sending where a restore has left its mark; whether it has."""
    found = workspace.restored_mark
    if not found.exists():
        return False
    made_at = found.read_text(encoding="utf-8")[:40]
    with work("sending.hold_all"):
        hold_all()
        SendingSettings.objects.update_or_create(
            name=_NAME,
            defaults={"body": {"made_at": made_at}, "updated_by": "", "updated_at": now()},
        )
    found.unlink()
    return True


def standing() -> Held | None:
    """The hold as it stands; None: sending goes on as usual."""
    row = DeliveryHold.objects.filter(kind=ALL).first()
    if row is None:
        return None
    told = _told()
    due = Delivery.objects.filter(state=DeliveryState.QUEUED, due_at__lte=now())
    return Held(
        str(told.get("made_at", "")), row.at, len(due.values_list("id")[:_MOST_COUNTED]),
        "drop_until" in told,
    )  # fmt: skip


def release(what: What, actor: Actor) -> None:
    """Let sending go on. Audited. Raises Conflict `nothing_held`, and `being_dropped` where it has
    been said already to drop what waits.

    With `drop`, sends that are still being written down are cancelled, and what is due now is
    suppressed in short units before anything is sent (`drop_some`).
    """
    require(actor, "channels.write")
    held = standing()
    if held is None:
        raise Conflict(
            Text("送信は止まっていません。", "Sending is not held."),
            Text("画面を更新してください。", "Reload the page."),
            code="nothing_held",
        )
    if held.dropping:
        raise Conflict(
            Text(
                "待っていたものは、送らないことに決まっています。",
                "It has been decided to drop what waited.",
            ),
            Text(
                "送信の処理が動くと片付き、送信が再開します。",
                "Sending goes on as soon as it has been dropped, while Enishi is served.",
            ),
            code="being_dropped",
        )
    with work("sending.release"):
        if what == "send":
            release_all()
        else:
            _note(actor, drop_until=now().isoformat())
        audit.record(
            actor, "sending.release", "sending", _NAME, {"what": what, "waiting": held.waiting}
        )
    if what == "drop":
        for slug in Send.objects.filter(
            state=SendState.PREPARING, due_at__lte=now()
        ).values_list("slug", flat=True):  # fmt: skip
            sends.cancel(slug, actor)


def drop_some() -> bool:
    """Suppress some of what an administrator has said to drop; whether there may be more."""
    until = _told().get("drop_until")
    if until is None or not DeliveryHold.objects.filter(kind=ALL).exists():
        return False
    with work("sending.drop"):
        due = Delivery.objects.filter(
            state=DeliveryState.QUEUED, due_at__lte=datetime.fromisoformat(str(until))
        )
        ids = list(due.order_by("id").values_list("id", flat=True)[:_CHUNK])
        claims = claiming.of_ids(ids)
        lock_walks(claim.enrollment for claim in claims)
        queued = set(due.filter(id__in=ids).values_list("id", flat=True))
        ends = [
            End(claim, DeliveryState.SUPPRESSED, REASON, address=claim.address)
            for claim in claims
            if claim.id in queued
        ]
        tell_finished(claiming.finish(ends, at=now()))
        if not ids:
            release_all()
            SendingSettings.objects.filter(name=_NAME).delete()
    return bool(ids)


def _told() -> dict[str, object]:
    row = SendingSettings.objects.filter(name=_NAME).first()
    return {} if row is None else dict(row.body)


def _note(actor: Actor, **more: str) -> None:
    SendingSettings.objects.update_or_create(
        name=_NAME,
        defaults={"body": _told() | more, "updated_by": actor.user_id, "updated_at": now()},
    )
