"""Tracking: members → attempted → reached → positive → won, by assignee, branch or day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from django.db.models import Count, QuerySet

from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.workspace import current_workspace
from enishi.gate import service as gate
from enishi.gate.people import names_of
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Locale, Text
from enishi.lists.access import access_to, members_for
from enishi.lists.contacts import said
from enishi.lists.definitions import body_of
from enishi.lists.models import ActionableList, Engagement
from enishi.lists.types import Stage
from enishi.lists.visible import consistent, members
from enishi.lists.work_schemas import FunnelRow, OutcomeCount, TrackingOut

By = Literal["assignee", "branch", "day"]
STAGES = {"members": 0, "attempted": 1, "reached": 2, "positive": 3, "won": 4}
NOBODY, NOWHERE = Text("未割り当て", "Unassigned"), Text("(支店なし)", "(no branch)")


def track(list_id: str, by: By, actor: Actor, locale: Locale) -> TrackingOut:
    """The funnel of the list's members the actor may see. Members who left count if contacted."""

    def read(found: ActionableList) -> TrackingOut:
        access = access_to(found, actor)
        rows = members_for(members(found), access, actor)
        made = Engagement.objects.filter(list_id=found.id, undone_at__isnull=True)
        if not access.everybody:
            made = made.filter(member_id__in=rows.values("id"))
        column = "v_branch" if by == "branch" else "assignee"
        told = _tally(rows, column)
        if by == "day":
            table = _by_day(made)
        else:
            table = _funnel(told)
            labels = _labels([row.key for row in table], by, locale)
            for row in table:
                row.label = labels.get(row.key, row.key)
        whole = _funnel(("", stage, n) for _, stage, n in told)
        total = whole[0] if whole else _row("")
        total.label = Text("合計", "Total")[locale]
        return _told(found, rows, made, by, total, table, locale)

    return consistent(list_id, read)


def counted(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Who counts: everybody on the list, and of those who left whoever was contacted."""
    return rows.filter(v_present=True) | rows.filter(v_present=False, stage__gt=0)


def _tally(rows: QuerySet[Any], column: str) -> list[tuple[str, int, int]]:
    """(column, stage, members) of whom `counted` counts; two queries that an index answers each."""
    return [
        (key, stage, n)
        for part in (rows.filter(v_present=True), rows.filter(v_present=False, stage__gt=0))
        for key, stage, n in part.values_list(column, "stage").order_by().annotate(n=Count("id"))
    ]


def _told(
    found: ActionableList,
    rows: QuerySet[Any],
    made: QuerySet[Engagement],
    by: By,
    total: FunnelRow,
    table: list[FunnelRow],
    locale: Locale,
) -> TrackingOut:
    body = body_of(found.definition)
    told = made.values_list("outcome").order_by().annotate(n=Count("id"))
    counts: dict[str, int] = {str(code): n for code, n in told if n}
    outcomes = [
        OutcomeCount(code=o.code, label=said(o.label, locale), kind=o.kind,
                     engagements=counts.get(o.code, 0))
        for o in body.outcomes
    ]  # fmt: skip
    stopped = gate.stopped_test(body.kinds[0].channel, body.purpose, body.product, at=now())
    return TrackingOut(
        by=by,
        total=total,
        rows=table,
        refused=sum(o.engagements for o in outcomes if o.kind == "refused"),
        complaints=sum(o.engagements for o in outcomes if o.kind == "complaint"),
        blocked=rows.filter(stopped, v_present=True).count(),
        outcomes=outcomes,
    )


def _row(key: str) -> FunnelRow:
    return FunnelRow(key=key, label="", members=0, attempted=0, reached=0, positive=0, won=0)


def _funnel(told: Iterable[tuple[Any, int, int]]) -> list[FunnelRow]:
    """Rows of (key, stage, members) as funnels: each stage includes the later ones."""
    found: dict[str, FunnelRow] = {}
    for key, stage, n in told:
        row = found.setdefault(str(key), _row(str(key)))
        row.members = (row.members or 0) + n
        for name, least in list(STAGES.items())[1:]:
            if stage >= least:
                setattr(row, name, getattr(row, name) + n)
    return sorted(found.values(), key=lambda row: (-(row.members or 0), row.key))


def _labels(keys: list[str], by: By, locale: Locale) -> dict[str, str]:
    if by == "branch":
        return {key: key or NOWHERE[locale] for key in keys}
    return {"": NOBODY[locale]} | names_of(keys)


def _by_day(made: QuerySet[Engagement]) -> list[FunnelRow]:
    """Per local day: how many different members were attempted, reached, … on that day."""
    zone = current_workspace().zone
    best: dict[tuple[date, int], int] = {}
    for at, member, stage in made.values_list("at", "member_id", "stage").iterator(5000):
        day = at.astimezone(zone).date()
        best[day, member] = max(best.get((day, member), 0), stage)
    found_rows: dict[str, FunnelRow] = {}
    for (day, _), stage in best.items():
        row = found_rows.setdefault(day.isoformat(), _row(day.isoformat()))
        row.members, row.label = None, day.isoformat()
        for name, least in list(STAGES.items())[1:]:
            if stage >= least:
                setattr(row, name, getattr(row, name) + 1)
    return sorted(found_rows.values(), key=lambda row: row.key)


def behind(
    rows: QuerySet[Any], found: ActionableList, stage: str, by: By | None, key: str | None
) -> QuerySet[Any]:
    """The members behind one number of the tracking table."""
    least = STAGES[stage]
    rows = counted(rows)
    if by == "day" and key is not None:
        begin, end = _day_bounds(key)
        made = Engagement.objects.filter(
            list_id=found.id, undone_at__isnull=True, at__gte=begin, at__lt=end,
            stage__gte=max(least, int(Stage.ATTEMPTED)),
        )  # fmt: skip
        return rows.filter(id__in=made.values("member_id"))
    if least:
        rows = rows.filter(stage__gte=least)
    if by == "assignee" and key is not None:
        return rows.filter(assignee=key)
    if by == "branch" and key is not None:
        return rows.filter(v_branch=key)
    return rows


def _day_bounds(key: str) -> tuple[datetime, datetime]:
    try:
        day = date.fromisoformat(key)
    except ValueError:
        raise Invalid(
            Text(f"「{key}」は日付ではありません。", f"{key!r} is not a date."),
            Text("2026-04-01 の形で書いてください。", "Write it as 2026-04-01."),
            code="not_a_date",
        ) from None
    return local_midnight(day), local_midnight(day + timedelta(days=1))


def local_midnight(day: date) -> datetime:
    """The instant a local day begins, in UTC."""
    return datetime.combine(day, time(), current_workspace().zone).astimezone(UTC)
