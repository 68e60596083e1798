"""Who is inside a journey, and each one's story: within row scope, masked, recorded as looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.opening import look_at
from enishi.book.workspace import current_workspace
from enishi.gate.asking import in_scope, persons_named
from enishi.gate.visibility import require_visible, visible
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.drawing.known import Known, known
from enishi.journeys.graph import AnyStep, TaskStep
from enishi.journeys.inside import keys
from enishi.journeys.inside.hidden_dates import HIDDEN, WHY, HiddenDates, come_for, hidden_of
from enishi.journeys.inside.schemas import AskedOut, StoryLine, StoryOut, WalkOut, WalksOut
from enishi.journeys.inside.scoping import MOST, seen, sees_all
from enishi.journeys.inside.story import Telling, when
from enishi.journeys.models import Enrollment, EnrollmentMove, Journey, JourneyVersion
from enishi.journeys.service import get_walk, no_such_walk
from enishi.journeys.types import GRACE, JourneyState, Move, WalkState, Why
from enishi.journeys.words import CONTACTS
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Locale, Text
from enishi.messages.deliveries.service import PutOff, put_off, walk_key

MAPPED = "mapped"
"""The code of a move to another version."""

Walks = QuerySet[Enrollment, Enrollment]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which walks of a journey. `step` empty: at the door."""

    number: int | None = None
    step: str | None = None
    state: str | None = None
    end: str | None = None


def walks(
    journey: Journey, wanted: Wanted, offset: int, limit: int, actor: Actor, locale: Locale
) -> WalksOut:
    """A page of walks, those longest at their step first, or by person where a masked date would
    order them. Raises Conflict `too_many` where a row scope would have to be sorted out of too
    many people."""
    rows = _narrowed(Enrollment.objects.filter(journey=journey.id), wanted)
    # Longest there first; but not where that would order people by a date one may not see, nor
    # by the order in which it brought them in.
    dates = hidden_of([journey.id], actor)[journey.id]
    rows = rows.order_by("person", "id") if dates else rows.order_by("since", "id")
    if not sees_all(actor):
        rows = rows.filter(person__in=sorted(_scoped(rows, actor)))
    found = list(rows[offset : offset + limit])
    persons = list(dict.fromkeys(walk.person for walk in found))
    if persons:
        audit.record(
            actor, "journey.people", "journey", journey.id,
            {"step": wanted.step or "", "offset": offset}, persons,
        )  # fmt: skip
    return WalksOut(items=_told(found, persons, actor, locale), total=rows.count())


def _narrowed(rows: Walks, wanted: Wanted) -> Walks:
    if wanted.number is not None:
        rows = rows.filter(version=wanted.number)
    if wanted.step is not None:
        rows = rows.filter(step=wanted.step or None) if wanted.step else rows.filter(step=None)
        rows = rows if wanted.end or wanted.state else rows.exclude(state=WalkState.ENDED)
    if wanted.state is not None:
        rows = rows.filter(state=wanted.state)
    if wanted.end is not None:
        rows = rows.filter(end=wanted.end)
    return rows


def _scoped(rows: Walks, actor: Actor) -> set[str]:
    persons = list(rows.order_by().values_list("person", flat=True).distinct()[: MOST + 1])
    if len(persons) > MOST:
        raise Conflict(
            Text(
                "人数が多すぎて、担当範囲で絞り込めません。",
                "There are too many people to sort out those in your scope.",
            ),
            Text("地点や状態で絞り込んでください。", "Narrow it by a step or a state."),
            code="too_many",
        )
    return seen(actor, persons)


def of_customer(person: str, actor: Actor, locale: Locale) -> WalksOut:
    """Every walk of one customer, those under way first. Raises NotFound outside the scope."""
    require_visible(actor, person, in_scope)
    look_at(actor, person, "journeys")
    rows = sorted(
        Enrollment.objects.filter(person=person).order_by("-id"),
        key=lambda walk: walk.state == WalkState.ENDED,
    )
    return WalksOut(items=_told(rows, [person], actor, locale), total=len(rows))


def story(slug: str, enrollment: int, actor: Actor, locale: Locale) -> StoryOut:
    """One walk with every line of its story; recorded as a look at the person."""
    walk = get_walk(slug, enrollment)
    if walk.person not in visible(actor, [walk.person], in_scope):
        raise no_such_walk()
    look_at(actor, walk.person, "journey")
    (told,) = _told([walk], [walk.person], actor, locale)
    return StoryOut(**dict(told), lines=_lines(walk, actor, locale))


def _lines(walk: Enrollment, actor: Actor, locale: Locale) -> list[StoryLine]:
    rows = EnrollmentMove.objects.filter(enrollment=walk.id).order_by("id")
    moves = [_move(row) for row in rows]
    dates = hidden_of([walk.journey], actor)[walk.journey]
    return lines(_tellings(walk, moves), moves, dates, locale)


def _tellings(walk: Enrollment, moves: Sequence[Move]) -> list[Telling]:
    """For each move the version she was on: people come in on the one that is live, and are moved
    to the one that is; what a step is called, and what its ways mean, another version may not say.
    """
    (now_on,) = _telling([walk], known()).values()
    now_on = replace(now_on, entered_by=walk.entered_by)
    mapped = [move.at for move in moves if move.code == MAPPED]
    if not mapped:
        return [now_on] * len(moves)
    rows = JourneyVersion.objects.filter(journey=walk.journey, live_at__isnull=False)
    went_live = [(row.live_at, row.body) for row in rows.order_by("live_at")]

    def on(at: datetime) -> Telling:
        body = [body for live_at, body in went_live if live_at and live_at <= at][-1:]
        return replace(now_on, body=read_draft(body[0]).body) if body else now_on

    parts = [on(at) for at in (walk.entered_at, *mapped[:-1])] + [now_on]
    found, part = [], 0
    for move in moves:
        part += move.code == MAPPED
        found.append(parts[part])
    return found


def lines(
    tellings: Sequence[Telling], moves: Sequence[Move], dates: HiddenDates, locale: Locale
) -> list[StoryLine]:
    """The moves of one walk as lines, each told by its version's telling, without the times that
    follow from hidden dates."""
    found: list[StoryLine] = []
    gone = bool(tellings) and dates.begins(tellings[0].entered_by)
    for place, (telling, move) in enumerate(zip(tellings, moves, strict=True)):
        gone = gone or dates.comes(move)
        told = line(replace(telling, times=not gone and move.step not in dates.steps), move, locale)
        if move.code == MAPPED and place:
            told.step_title = tellings[place - 1].step(move.step)[locale]
        if gone:
            told.at, told.local = None, HIDDEN[locale]
        found.append(told)
    return found


def _move(row: EnrollmentMove) -> Move:
    return Move(row.at, row.step, row.code, row.to, row.visit, row.detail)


def line(telling: Telling, move: Move, locale: Locale) -> StoryLine:
    """A move as a line of a story."""
    return StoryLine(
        at=move.at, local=when(move.at, telling.zone)[locale], step=move.step,
        step_title=telling.step(move.step)[locale], code=move.code,
        sentence=telling.sentence(move)[locale],
    )  # fmt: skip


def _telling(walks: Sequence[Enrollment], told: Known) -> Mapping[tuple[str, int], Telling]:
    wanted = {(walk.journey, walk.version) for walk in walks}
    rows = JourneyVersion.objects.filter(journey__in={journey for journey, _ in wanted})
    zone = current_workspace().zone
    return {
        (row.journey_id, row.number): Telling(read_draft(row.body).body, told, zone)
        for row in rows
        if (row.journey_id, row.number) in wanted
    }


def _told(
    rows: Sequence[Enrollment], persons: Sequence[str], actor: Actor, locale: Locale
) -> list[WalkOut]:
    if not rows:
        return []
    # Each of them has been found visible: what a grant shows is opened for the names alone.
    shown = persons_named(persons, replace(actor, opened=tuple(persons)))
    journeys = Journey.objects.in_bulk({row.journey for row in rows})
    telling = _telling(rows, known())
    hidden = hidden_of(journeys, actor)
    off = _put_off(rows)
    come: set[int] = set()
    for journey, dates in hidden.items():
        come |= come_for((row.id for row in rows if row.journey == journey), dates)
    return [
        WalkOut.model_validate(
            _row(row, journeys[row.journey], telling, shown, off.get(row.id), locale)
            | {"key": keys.shown(row.key, telling[row.journey, row.version].body, actor)}
            | _without_times(row, hidden[row.journey], telling, locale, come=row.id in come)
        )
        for row in rows
    ]


def _without_times(
    row: Enrollment,
    dates: HiddenDates,
    tellings: Mapping[tuple[str, int], Telling],
    locale: Locale,
    *,
    come: bool,
) -> dict[str, object]:
    """What is shown of a walk instead of times that follow from hidden dates."""
    begun = dates.begins(row.entered_by)
    if not (begun or come or row.step in dates.steps):
        return {}
    telling = replace(tellings[row.journey, row.version], times=False)
    standing = telling.standing(row.state, row.why, row.step, None, row.end)
    told: dict[str, object] = {
        "due_at": None, "standing": standing[locale], "times_hidden": WHY[locale]
    }  # fmt: skip
    if begun or come:
        told |= {"since": None, "ended_at": None}
    return told | ({"entered_at": None} if begun else {})


def _row(
    row: Enrollment,
    journey: Journey,
    tellings: Mapping[tuple[str, int], Telling],
    shown: Mapping[str, str],
    put_off: PutOff | None,
    locale: Locale,
) -> dict[str, object]:
    telling = tellings[row.journey, row.version]
    due, why = _due(row), Why.FACTS if "kept" in row.memory else row.why
    reason = ""
    if put_off is not None:
        due, reason = put_off.until, put_off.reason
    paused = journey.state == JourneyState.PAUSED
    standing = replace(telling, paused=paused).standing(
        row.state, why, row.step, due, row.end, reason
    )
    return {
        "enrollment": row.id, "person": row.person, "display": shown.get(row.person, ""),
        "journey": journey.slug, "journey_name": journey.name,
        "version": row.version, "state": row.state, "step": row.step,
        "step_title": telling.step(row.step)[locale], "since": row.since, "due_at": due,
        "why": row.why, "end": row.end or None, "control": row.control,
        "entered_at": row.entered_at, "entered_by": row.entered_by, "ended_at": row.ended_at,
        "standing": standing[locale], "times_hidden": "",
        "asked": _asked(row, telling.body.steps.get(row.step or ""), locale),
    }  # fmt: skip


def _put_off(rows: Sequence[Enrollment]) -> dict[int, PutOff]:
    """Of those who wait for a message that was put off, by the gate or the channel: until when."""
    keys = {
        walk_key(row.id, row.step, row.visit): row.id
        for row in rows
        if row.state == WalkState.ACTIVE and row.why == Why.DELIVERY and row.step
    }
    return {keys[key]: told for key, told in put_off(list(keys), now()).items()}


def _due(row: Enrollment) -> datetime | None:
    """When a walk is due. The row of one that waits for somebody has when the lane takes it up,
    a little after its deadline (`walking.rows.claimed_at`)."""
    if row.due_at is None or row.why not in (Why.SIGNAL, Why.TASK) or "kept" in row.memory:
        return row.due_at
    return row.due_at - GRACE


def _asked(row: Enrollment, step: AnyStep | None, locale: Locale) -> AskedOut | None:
    if row.state != WalkState.ACTIVE or row.why != Why.TASK or not isinstance(step, TaskStep):
        return None
    return AskedOut(
        list=step.list, way=CONTACTS[step.contact][locale], text=step.text,
        what=step.card.what, why=step.card.why,
    )  # fmt: skip
