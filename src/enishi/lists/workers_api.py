"""Whom members can be given to, over HTTP."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from ninja import Schema

from enishi.book.http import Request, Router
from enishi.book.roles import permitted

router = Router(tags=["lists"])


class WorkerOut(Schema):
    id: str
    name: str
    role: str
    branch: str | None


class WorkersOut(Schema):
    items: list[WorkerOut]
    total: int


@router.get("/workers", permission="lists.assign", response=WorkersOut)
def workers(request: Request) -> WorkersOut:
    """Every active user whose role may work lists: those that `assignee` and `users` accept."""
    rows = get_user_model().objects.filter(is_active=True).order_by("name_kana", "id")
    items = [
        WorkerOut(
            id=str(row.pk),
            name=row.name or row.email.partition("@")[0],
            role=str(row.role),
            branch=row.attributes.get("branch"),
        )
        for row in rows
        if permitted(str(row.role), "lists.work")
    ]
    return WorkersOut(items=items, total=len(items))
