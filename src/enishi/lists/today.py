"""今日: whom to contact today and why, what came back, what changed; what is at risk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.workspace import current_workspace
from enishi.gate import service as gate
from enishi.kernel.text import Locale, Text
from enishi.lists.access import Access, access_to, lists_for
from enishi.lists.board import counts, member_rows
from enishi.lists.contacts import said
from enishi.lists.definitions import body_of
from enishi.lists.listing import build_out, list_rows
from enishi.lists.models import ActionableList, Build, Engagement
from enishi.lists.tracking import local_midnight
from enishi.lists.types import LIVE, BuildState, ListState, Meaning
from enishi.lists.visible import members
from enishi.lists.work import BOARD_ORDER
from enishi.lists.work_schemas import (
    BlockedPerson,
    ListAtRisk,
    TaskOut,
    TodayChange,
    TodayOut,
    WeekOutcome,
)

TASKS, FOLLOW_UPS, BLOCKED = 30, 50, 20
AT_RISK_WITHIN = timedelta(days=7)
AT_RISK_BELOW = 0.5
"""A list due within a week with less than half of its members settled is at risk."""

OUTCOME_WORDS = {
    "no_answer": Text("不在", "No answer"),
    "reached": Text("話せた", "Reached"),
    "positive": Text("前向き", "Positive"),
    "won": Text("成約", "Won"),
    "refused": Text("拒否", "Refused"),
    "complaint": Text("苦情", "Complaint"),
}


def today(actor: Actor, locale: Locale) -> TodayOut:
    """The page of the day for whoever asks; managers see their lists beside their own work."""
    instant = now()
    day = instant.astimezone(current_workspace().zone).date()
    begin, end = local_midnight(day), local_midnight(day + timedelta(days=1))
    answer = TodayOut(date=day, tasks=[], follow_ups=[], changes=[], done_today=0, planned_today=0)
    mine = list(
        lists_for(actor)
        .select_related("definition")
        .filter(state=ListState.OPEN)
        .order_by("due", "created_at")[:200]
    )
    if actor.may("lists.work"):
        _work(answer, mine, actor, locale, begin, end)
    answer.changes = _changes(mine, begin - timedelta(hours=12))
    if actor.may("lists.write"):
        _manage(answer, mine, actor, locale)
    seen = {task.member.person_id for task in (*answer.tasks, *answer.follow_ups)}
    seen |= {person.person_id for person in answer.blocked}
    if seen - {""}:
        audit.record(actor, "today.view", "user", actor.user_id, {}, sorted(seen - {""}))
    return answer


def _work(
    answer: TodayOut,
    lists: list[ActionableList],
    actor: Actor,
    locale: Locale,
    begin: datetime,
    end: datetime,
) -> None:
    """Held members, follow-ups due until tonight, then assigned ones in the order of the lists."""
    instant = now()
    taken: set[int] = set()
    for found in lists:
        access = access_to(found, actor)
        if not access.work:
            continue
        own = members(found).filter(assignee=actor.user_id, meaning__in=LIVE)
        held = members(found).filter(lease_by=actor.user_id, lease_until__gt=instant)
        due = own.filter(next_at__lt=end).order_by("next_at")
        fresh = own.filter(meaning=Meaning.OPEN, next_at__isnull=True, v_present=True)
        fresh = fresh.exclude(_stopped(found, actor)).order_by(*BOARD_ORDER)
        answer.planned_today += due.count() + fresh.count()
        for kind, rows, into in (
            ("leased", held, answer.tasks),
            ("follow_up", due, answer.follow_ups),
            ("assigned", fresh, answer.tasks),
        ):
            room = FOLLOW_UPS if kind == "follow_up" else TASKS
            part = [row for row in rows[:room] if row.id not in taken]
            taken |= {row.id for row in part}
            into += _tasks(found, part, kind, access, actor, locale)
    answer.tasks = answer.tasks[:TASKS]
    answer.follow_ups = sorted(
        answer.follow_ups, key=lambda task: (task.member.next_at or instant, task.member.id)
    )[:FOLLOW_UPS]
    answer.done_today = (
        Engagement.objects.filter(
            by=actor.user_id, undone_at__isnull=True, at__gte=begin, at__lt=end
        )
        .values("member_id")
        .distinct()
        .count()
    )
    answer.planned_today += answer.done_today


def _stopped(found: ActionableList, actor: Actor) -> Q:
    body = body_of(found.definition)
    return gate.stopped_test(
        body.kinds[0].channel, body.purpose, body.product, at=now(), for_user=actor.user_id
    )


def _tasks(
    found: ActionableList,
    rows: list[Any],
    kind: Any,
    access: Access,
    actor: Actor,
    locale: Locale,
) -> list[TaskOut]:
    return [
        TaskOut(
            member=member,
            list_name=found.name,
            due=found.due,
            why=_why(member.reasons, member.next_step, found, kind, locale),
            kind=kind,
        )
        for member in member_rows(found, rows, access, actor, locale)
    ]


def _why(
    reasons: list[str], next_step: str | None, found: ActionableList, kind: str, locale: Locale
) -> str:
    """One line of why this person is contacted today."""
    if kind == "follow_up" and next_step:
        return next_step
    name = said(body_of(found.definition).name, locale)
    parts = [name, *reasons[:2]]
    if kind == "leased":
        parts.insert(0, Text("対応中", "In progress")[locale])
    return "・".join(parts) if locale == "ja" else " · ".join(parts)


def _changes(lists: list[ActionableList], since: datetime) -> list[TodayChange]:
    """What refreshes have changed since yesterday noon, on lists that existed before."""
    names = {found.id: found.name for found in lists}
    builds = Build.objects.filter(
        list_id__in=list(names), state__in=(BuildState.FOLDING, BuildState.DONE),
        started_at__gte=since, number__gt=1,
    ).order_by("-started_at")[:20]  # fmt: skip
    return [
        TodayChange(
            list_id=build.list_id, list_name=names[build.list_id], build_id=build.id,
            added=build.added, left=build.left, changed=build.changed,
            at=build.ended_at or build.started_at or build.requested_at,
        )
        for build in builds
        if build.added or build.left or build.changed
    ]  # fmt: skip


def _manage(answer: TodayOut, lists: list[ActionableList], actor: Actor, locale: Locale) -> None:
    """Lists at risk, blocked people, outcomes of the last seven days, builds under way."""
    told = counts(lists)
    late = []
    for found in lists:
        numbers = told[found.id]
        settled = numbers["done"] + numbers["dropped"]
        share = settled / numbers["total"] if numbers["total"] else 1.0
        left = None if found.due is None else found.due - answer.date
        if left is not None and left <= AT_RISK_WITHIN and share < AT_RISK_BELOW:
            late.append((found, left, share))
    rows = {row.id: row for row in list_rows([found for found, _, _ in late], actor, locale)}
    answer.at_risk = [
        ListAtRisk(list=rows[found.id], why=_risk(left, share)[locale])
        for found, left, share in late
    ]
    for found in lists:
        _blocked(answer, found, actor, locale)
    week = now() - timedelta(days=7)
    made = Engagement.objects.filter(
        list_id__in=[found.id for found in lists], undone_at__isnull=True, at__gte=week
    )
    numbers_of = dict(made.values_list("outcome_kind").order_by().annotate(n=Count("id")))
    answer.outcomes_week = [
        WeekOutcome(kind=kind, label=words[locale], engagements=numbers_of.get(kind, 0))
        for kind, words in OUTCOME_WORDS.items()
    ]
    under_way = Build.objects.filter(list_id__in=lists_for(actor).values("id")).filter(
        Q(state__in=("queued", "gathering", "writing", "folding"))
    )
    answer.builds = [build_out(build, locale) for build in under_way.order_by("requested_at")]


def _risk(left: timedelta, share: float) -> Text:
    done = round(share * 100)
    if left < timedelta(0):
        return Text(
            f"期限を{-left.days}日過ぎて{done}%", f"{-left.days} days overdue, {done}% settled"
        )
    return Text(f"期限まで{left.days}日で{done}%", f"{left.days} days left, {done}% settled")


def _blocked(answer: TodayOut, found: ActionableList, actor: Actor, locale: Locale) -> None:
    """People on the list whom the gate would not let contact, with the reason."""
    access = access_to(found, actor)
    rows = members(found).filter(_stopped(found, actor), v_present=True, meaning__in=LIVE)
    answer.blocked_total += rows.count()
    room = BLOCKED - len(answer.blocked)
    if room <= 0:
        return
    part = list(rows.order_by(*BOARD_ORDER)[:room])
    answer.blocked += [
        BlockedPerson(
            person_id=row.person_id, display=row.display, list_id=found.id,
            list_name=found.name, member_id=row.id, reason=row.blocked or "",
        )
        for row in member_rows(found, part, access, actor, locale)
    ]  # fmt: skip
