"""The audit, for administrators and auditors."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from ninja import Field, Query, Schema

from enishi.book import audit
from enishi.book.http import Limit, Offset, Page, Request, Router, page
from enishi.book.models import User
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

router = Router(tags=["audit"])


class AuditOut(Schema):
    seq: int
    at: datetime
    actor: str
    actor_name: str  # as the user is called today; empty when there is no such user
    role: str
    action: str
    object_type: str
    object_id: str
    detail: dict[str, object]
    subjects: list[str]
    hash: str


class FaultOut(Schema):
    code: str
    path: str
    message: str
    remedy: str


class Verification(Schema):
    ok: bool
    checked: int
    faults: list[FaultOut]


class AuditQuery(Schema):
    actor: str = ""
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    subject: str = ""
    from_: str = Field("", alias="from")
    to: str = ""


@router.get("/audit", permission="audit.read", response=Page[AuditOut])
def rows(
    request: Request,
    wanted: Annotated[AuditQuery, Query(...)],
    offset: Offset = 0,
    limit: Limit = 100,
) -> dict[str, object]:
    """The audit, the latest first. `action` may end in `.` or `*` for all below it.

    `from` and `to` are ISO times or dates of the workspace; a `to` that is a date is included.
    """
    found, total = audit.search(
        actor=wanted.actor,
        action=wanted.action,
        object_type=wanted.object_type,
        object_id=wanted.object_id,
        subject=wanted.subject,
        begin=_instant(wanted.from_, "from"),
        end=_instant(wanted.to, "to", after=True),
        offset=offset,
        limit=limit,
    )
    names = dict(User.objects.filter(id__in={row.actor for row in found}).values_list("id", "name"))
    return page([_out(row, names) for row in found], total)


def _out(row: Any, names: dict[str, str]) -> dict[str, object]:
    return {
        "seq": row.seq,
        "at": row.at,
        "actor": row.actor,
        "actor_name": names.get(row.actor, ""),
        "role": row.role,
        "action": row.action,
        "object_type": row.object_type,
        "object_id": row.object_id,
        "detail": row.detail,
        "subjects": row.subjects[:100],
        "hash": row.hash,
    }


def _instant(text: str, name: str, *, after: bool = False) -> datetime | None:
    """An instant from an ISO time, or a local date's midnight (`after`: the one that ends it)."""
    if not text:
        return None
    zone = current_workspace().zone
    try:
        if len(text) == 10:
            day = date.fromisoformat(text) + timedelta(days=1 if after else 0)
            return datetime.combine(day, time(), zone).astimezone(UTC)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            Text(f"{name} が日時ではありません。", f"`{name}` is not a time."),
            Text("例: 2026-11-21 または 2026-11-21T09:00", "For example 2026-11-21T09:00"),
        ) from None


@router.post("/audit/verify", permission="audit.read", response=Verification)
def verify(request: Request) -> dict[str, object]:
    """Check the whole chain for tampering; the check itself is recorded."""
    verdict = audit.verify()
    audit.record(
        request.actor, "audit.verify", "audit", "chain",
        {"ok": verdict.ok, "checked": verdict.checked, "faults": len(verdict.faults)},
    )  # fmt: skip
    return {
        "ok": verdict.ok,
        "checked": verdict.checked,
        "faults": [fault.as_json(request.locale) for fault in verdict.faults],
    }
