"""The people behind a number of a proof: within row scope, masked, and looking is on record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.gate.asking import persons_named
from enishi.journeys.inside.hidden_dates import hidden_of
from enishi.journeys.inside.scoping import seen
from enishi.journeys.models import Enrollment, EnrollmentMove, JourneyTask
from enishi.journeys.proof.figures import ALL, behind, of_whom
from enishi.journeys.proof.points import ARMS, About
from enishi.journeys.proof.schemas import ProofPeople, ProofPerson
from enishi.journeys.proof.showing import why
from enishi.journeys.types import STAYING
from enishi.kernel.text import Locale
from enishi.messages.models import Delivery

_STATES = {
    "waiting": ("queued", "attempting"), "suppressed": ("suppressed",), "failed": ("failed",),
    "unknown": ("unknown",), "sent": ("sent",),
}  # fmt: skip
_TASKS = {
    "waiting": ("waiting", "open"), "suppressed": ("refused", "withdrawn"), "failed": (),
    "unknown": (), "sent": ("done",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which number: of a step (a send's has none), of a reason among those not sent; of a success
    with its `group` and place."""

    what: str = ""
    step: str = ""
    reason: str = ""
    group: str = ""
    conversion: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Which of them, and in which order: the newest first, or `by_person`."""

    offset: int
    limit: int
    by_person: bool


M = TypeVar("M", bound=Model)
Row = tuple[str, int | None, datetime | str, str]  # person, enrollment, instant, reason


def people(
    about: About, wanted: Wanted, offset: int, limit: int, actor: Actor, locale: Locale
) -> ProofPeople:
    """A page of them, the newest first; by person where the instants are hidden from the actor,
    since their order would tell them. Raises Forbidden without `customers.read`."""
    require(actor, "customers.read")
    rows: Sequence[Row]
    dated = _dated(about, actor)
    if wanted.group or wanted.what in ARMS:
        rows, total = _kept(about, wanted, offset, limit, actor, by_person=dated)
    else:
        rows, total = _booked(about, wanted, Page(offset, limit, dated), actor)
    persons = list(dict.fromkeys(row[0] for row in rows))
    mine = seen(actor, persons)
    shown = persons_named(persons, replace(actor, opened=tuple(mine))) if mine else {}
    if persons:
        detail = {"step": wanted.step, "what": wanted.what or wanted.group, "offset": offset}
        audit.record(
            actor, f"{about.kind}.proof_people", about.kind, about.ref, detail, sorted(mine)
        )
    items = [
        ProofPerson.model_validate(
            {
                "person": person, "display": shown.get(person, ""), "enrollment": walk or None,
                "at": None if dated else at, "detail": why(reason)[locale] if reason else "",
            }
        )
        for person, walk, at, reason in rows
        if person in mine
    ]  # fmt: skip
    return ProofPeople(items=items, total=total)


def _dated(about: About, actor: Actor) -> bool:
    """Whether the journey follows dates that the actor may not see."""
    return about.kind == "journey" and bool(hidden_of([about.ref], actor)[about.ref])


def _kept(
    about: About, wanted: Wanted, offset: int, limit: int, actor: Actor, *, by_person: bool
) -> tuple[Sequence[Row], int]:
    """Those of successes and arms, as they were counted with the figures."""
    group, nth = wanted.group or wanted.what, wanted.conversion if wanted.group else ALL
    name = group if group == "entry" else f"{group}:{wanted.step}"
    found, total = behind(about, actor, name, nth, offset, limit, by_person=by_person)
    return [(person, walk, at, "") for person, walk, at in found], total


def _booked(about: About, wanted: Wanted, page: Page, actor: Actor) -> tuple[Sequence[Row], int]:
    """Those of everything else, as the book has them now."""
    among, too_many = of_whom(about, actor)
    if too_many:
        return (), 0
    if wanted.what == "entered":
        rows = _in(Enrollment.objects.filter(journey=about.ref), among)
        return _page(rows, ("person", "id", "entered_at"), page)
    if wanted.what == "reached":
        moves = EnrollmentMove.objects.filter(to=wanted.step, enrollment__in=_walks(about))
        moves = moves.exclude(code__in=[*STAYING, "mapped"])
        moves = moves.annotate(person=F("enrollment__person"))
        return _page(_in(moves, among), ("person", "enrollment", "at"), page)
    column = {"journey": about.ref} if about.kind == "journey" else {"send": about.ref}
    sent = Delivery.objects.filter(step=wanted.step, **column)
    if about.kind == "journey" and not sent.exists():
        return _tasks(about, wanted, among, page)
    at = "created_at"
    if wanted.what in _STATES:
        sent = sent.filter(state__in=_STATES[wanted.what])
        at = "created_at" if wanted.what == "waiting" else "finished_at"
    elif wanted.what != "intended":
        at = f"{wanted.what}_at"
        sent = sent.filter(**{f"{at}__isnull": False})
    sent = sent.filter(reason=wanted.reason) if wanted.reason else sent
    return _page(_in(sent, among), ("person", "enrollment", at, "reason"), page)


def _tasks(
    about: About, wanted: Wanted, among: Collection[str] | None, page: Page
) -> tuple[Sequence[Row], int]:
    tasks = JourneyTask.objects.filter(step=wanted.step, enrollment__in=_walks(about))
    if wanted.what != "intended":
        tasks = tasks.filter(state__in=_TASKS.get(wanted.what, ()))
    if wanted.reason in _TASKS["suppressed"]:
        tasks = tasks.filter(state=wanted.reason, reason="")
    elif wanted.reason:
        tasks = tasks.filter(reason=wanted.reason)
    if wanted.what == "sent":
        return _page(_in(tasks, among), ("person", "enrollment", "done_at"), page)
    # Without a reason of its own a task that was not done is told by its state.
    told = tasks.annotate(why=Coalesce(NullIf(F("reason"), Value("")), F("state")))
    columns = (
        "person",
        "enrollment",
        "created_at",
        "why" if wanted.what == "suppressed" else "reason",
    )
    return _page(_in(told, among), columns, page)


def _walks(about: About) -> QuerySet[Enrollment, Any]:
    return Enrollment.objects.filter(journey=about.ref).values("id")


def _in(rows: QuerySet[M, M], among: Collection[str] | None) -> QuerySet[M, M]:
    return rows if among is None else rows.filter(person__in=sorted(among))


def _page(rows: QuerySet[M, M], columns: Sequence[str], page: Page) -> tuple[Sequence[Row], int]:
    order = ("person", "id") if page.by_person else (f"-{columns[2]}", "-id")
    ordered = rows.order_by(*order).values_list(*columns)
    found: list[Row] = [
        (row[0], row[1], row[2], row[3] if len(row) > 3 else "")
        for row in ordered[page.offset : page.offset + page.limit]
    ]
    return found, rows.count()
