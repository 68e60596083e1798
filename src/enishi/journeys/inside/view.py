"""A journey's version as it runs: who stands where, who went which way, where people get lost.

Counts come from `Passage`, kept with the moves, and from the walks. For a user with a row scope
they are counted from the moves of her own customers; where those are too many, nothing is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Min, Q, QuerySet

from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.workspace import current_workspace
from enishi.journeys.drawing import definitions
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.inside.hidden_dates import hidden_of
from enishi.journeys.inside.schemas import EdgeOut, EndCount, LiveOut, NodeOut
from enishi.journeys.inside.scoping import TooMany, persons_seen, sees_all
from enishi.journeys.models import Enrollment, EnrollmentMove, Journey, JourneyVersion, Passage
from enishi.journeys.types import GRACE, STAYING, End, WalkState
from enishi.journeys.words import ENDS, title
from enishi.kernel.business_days import instant
from enishi.kernel.text import Locale, Text

LOSING = frozenset(
    {
        "timeout", "failed", "suppressed", "unknown", "refused", "left", "hold_ends", "removed",
        "closed", "broken", "moved_out",
    }
)  # fmt: skip
"""The codes by which somebody leaves a step without what the step was for."""

_STUCK = timedelta(days=1)
_FEWEST = 5
_LEAST = 0.1


@dataclass(slots=True)
class _Edge:
    people: int = 0
    slow: Counter[int] = field(default_factory=Counter)


Edges = dict[tuple[str, str, str], _Edge]  # step, to, code


@dataclass(slots=True)
class _Standing:
    active: int = 0
    held: int = 0
    overdue: int = 0
    stuck: int = 0
    oldest: datetime | None = None


def live(journey: Journey, number: int | None, days: int, actor: Actor, locale: Locale) -> LiveOut:
    """The counts of one version (the live one, else the one to read) over the last local days."""
    version = (
        definitions.get_version(journey, number)
        if number is not None
        else definitions.live_version(journey) or definitions.shown(journey)
    )
    at = now()
    try:
        persons = persons_seen(actor, [journey.id])
    except TooMany:
        return _nothing(version, at, days)
    first = at.astimezone(current_workspace().zone).date() - timedelta(days=days - 1)
    edges = _passages(version, first) if persons is None else _moves(version, first, persons)
    walks = _walks(version, persons)
    nodes = _nodes(version, edges, _standing(walks, at), locale)
    worst = _mark_worst(nodes, edges)
    ways = _edges(edges, locale)
    if hidden_of([journey.id], actor)[journey.id]:
        # With few people how long they stood, and since when, tells the date they waited for.
        for node in nodes:
            node.oldest_since = node.median_seconds = None
        for way in ways:
            way.median_seconds = None
    since = instant(first, datetime.min.time(), current_workspace().zone)
    return LiveOut(
        number=version.number, as_of=at, days=days, counted=True, scoped=not sees_all(actor),
        inside=walks.exclude(state=WalkState.ENDED).count(),
        entered=walks.filter(entered_at__gte=since).count(),
        ended=walks.filter(ended_at__gte=since).count(),
        nodes=nodes, edges=ways, ends=_ends(walks, since, locale),
        bottleneck=worst.step if worst else None,
        sentence=_sentence(worst, edges)[locale] if worst else "",
    )  # fmt: skip


def _nothing(version: JourneyVersion, at: datetime, days: int) -> LiveOut:
    return LiveOut(
        number=version.number, as_of=at, days=days, counted=False, scoped=True, inside=0,
        entered=0, ended=0, nodes=[], edges=[], ends=[], bottleneck=None, sentence="",
    )  # fmt: skip


def _walks(
    version: JourneyVersion, persons: Collection[str] | None
) -> QuerySet[Enrollment, Enrollment]:
    rows = Enrollment.objects.filter(journey=version.journey_id, version=version.number)
    return rows if persons is None else rows.filter(person__in=sorted(persons))


def _passages(version: JourneyVersion, first: date) -> Edges:
    found: Edges = defaultdict(_Edge)
    rows = Passage.objects.filter(
        journey=version.journey_id, version=version.number, day__gte=first
    )
    for step, to, code, people, slow in rows.values_list("step", "to", "code", "people", "slow"):
        edge = found[step, to, code]
        edge.people += people
        edge.slow.update({int(power): count for power, count in slow.items()})
    return found


def _moves(version: JourneyVersion, first: date, persons: Collection[str]) -> Edges:
    """The same of some people: without how long they stood, which only the passages keep."""
    since = instant(first, datetime.min.time(), current_workspace().zone)
    walks = _walks(version, persons).values("id")
    rows = (
        EnrollmentMove.objects.filter(enrollment__in=walks, at__gte=since)
        .exclude(code__in=STAYING)
        .values_list("step", "to", "code")
        .annotate(people=Count("id"))
    )
    return {(step or "", to or "", code): _Edge(people) for step, to, code, people in rows}


def _standing(walks: QuerySet[Enrollment, Enrollment], at: datetime) -> dict[str, _Standing]:
    inside = walks.exclude(state=WalkState.ENDED)
    late = Q(state=WalkState.ACTIVE, due_at__lt=at - 2 * GRACE)
    stuck = Q(why__in=("task", "delivery"), since__lt=at - _STUCK)
    rows = inside.values("step").annotate(
        active=Count("id", filter=Q(state=WalkState.ACTIVE)),
        held=Count("id", filter=Q(state=WalkState.HELD)),
        overdue=Count("id", filter=late),
        stuck=Count("id", filter=stuck),
        oldest=Min("since"),
    )
    return {
        row["step"] or "": _Standing(
            row["active"], row["held"], row["overdue"], row["stuck"], row["oldest"]
        )
        for row in rows
    }


def median(slow: Mapping[int, int]) -> int | None:
    """The median of seconds counted in buckets by powers of two, inside its bucket in proportion.

    None where nothing was counted. It lies within a factor of two of the true one.
    """
    total = sum(slow.values())
    if not total:
        return None
    middle, below = total / 2, 0
    for power in sorted(slow):
        if below + slow[power] >= middle:
            low = 0.0 if power == 0 else 2.0 ** (power - 1)
            return round(low + (2.0**power - low) * (middle - below) / slow[power])
        below += slow[power]
    return None


def _nodes(
    version: JourneyVersion,
    edges: Edges,
    standing: Mapping[str, _Standing],
    locale: Locale,
) -> list[NodeOut]:
    draft = read_draft(version.body)
    names = list(dict.fromkeys(("", *draft.ways, *standing)))
    door = Text("入口", "Entry")
    found = []
    for name in names:
        here = standing.get(name, _Standing())
        out = [edge for (step, _, _), edge in edges.items() if step == name]
        arrived = sum(edge.people for (_, to, _), edge in edges.items() if to == name and name)
        found.append(
            NodeOut(
                step=name, standing=here.active, held=here.held, overdue=here.overdue,
                title=title(draft.body.steps.get(name), name)[locale] if name else door[locale],
                arrived=arrived, passed=sum(edge.people for edge in out),
                median_seconds=median(_slow(out)), oldest_since=here.oldest, stuck=here.stuck,
            )
        )  # fmt: skip
    return found


def _slow(edges: Iterable[_Edge]) -> Counter[int]:
    total: Counter[int] = Counter()
    for edge in edges:
        total.update(edge.slow)
    return total


def _edges(edges: Edges, locale: Locale) -> list[EdgeOut]:
    left: Counter[str] = Counter()
    for (step, _, _), edge in edges.items():
        left[step] += edge.people
    return [
        EdgeOut(
            step=step, to=to, code=code, label=way_words(code)[locale], people=edge.people,
            share=round(edge.people / left[step], 4), median_seconds=median(edge.slow),
        )
        for (step, to, code), edge in sorted(edges.items())
    ]  # fmt: skip


def _ends(
    walks: QuerySet[Enrollment, Enrollment], since: datetime, locale: Locale
) -> list[EndCount]:
    rows = (
        walks.filter(state=WalkState.ENDED, ended_at__gte=since)
        .values(how=F("end"))
        .annotate(people=Count("id"))
    )
    counted = {str(row["how"]): int(row["people"]) for row in rows}
    return [
        EndCount.model_validate({"end": end, "label": ENDS[end][locale], "people": counted[end]})
        for end in End
        if counted.get(end)
    ]


# ── the bottleneck ───────────────────────────────────────────────────────────────────────────────


def _lost(node: NodeOut, edges: Edges) -> int:
    """Who left a step without what it was for, or has stood at a task or message over a day."""
    gone = sum(e.people for (s, _, c), e in edges.items() if s == node.step and c in LOSING)
    return gone + node.stuck


def _mark_worst(nodes: list[NodeOut], edges: Edges) -> NodeOut | None:
    """The step that loses most people, if it loses more than a few and a tenth of all there."""
    worst, most = None, 0
    for node in nodes:
        lost, all_there = _lost(node, edges), node.passed + node.stuck
        if node.step and lost >= max(_FEWEST, _LEAST * all_there) and lost > most:
            worst, most = node, lost
    if worst is not None:
        worst.bottleneck = True
    return worst


def _sentence(node: NodeOut, edges: Edges) -> Text:
    lost, there = _lost(node, edges), node.passed + node.stuck
    share = round(100 * lost / there)
    return Text(
        f"「{node.title}」で{there:,}人のうち{lost:,}人（{share}%）が、"
        "このステップの目的を果たせないまま先へ進んだか、止まっています。",
        f'At "{node.title}", {lost:,} of {there:,} ({share}%) went on without what the step is for,'
        " or are stuck there.",
    )


_WAYS: Mapping[str, Text] = {
    "entered": Text("開始", "began"),
    "waited": Text("待ち終わり", "waited"),
    "opened": Text("時間帯", "window"),
    "heard": Text("起きた", "happened"),
    "timeout": Text("期限切れ", "timed out"),
    "date": Text("日付", "date"),
    "passed": Text("過ぎていた", "had passed"),
    "unset": Text("日付なし", "no date"),
    "else": Text("それ以外", "otherwise"),
    "control": Text("対照群", "control group"),
    "treated": Text("実施群", "treated"),
    "sent": Text("送信", "sent"),
    "failed": Text("不達", "failed"),
    "suppressed": Text("送らず", "not sent"),
    "unknown": Text("不明", "unknown"),
    "done": Text("完了", "done"),
    "refused": Text("作業なし", "no task"),
    "updated": Text("記録", "recorded"),
    "scored": Text("加点", "scored"),
    "joined": Text("合流", "joined"),
    "goal": Text("ゴール", "goal"),
    "goal_reached": Text("ゴール", "goal"),
    "exit": Text("終了", "exit"),
    "left": Text("終了条件", "exit condition"),
    "hold_ends": Text("停止", "hold"),
    "removed": Text("手動", "by hand"),
    "closed": Text("終了", "ended"),
    "moved_out": Text("版の変更", "version"),
    "mapped": Text("版の変更", "version"),
    "broken": Text("進めず", "broken"),
}


def way_words(code: str) -> Text:
    """By what people went a way, in a word or two."""
    kind, _, place = code.partition("_")
    if kind in ("arm", "share", "outcome") and place.isdigit():
        number = int(place) + 1
        return Text(f"{number}番目", f"no. {number}")
    return _WAYS.get(code, Text(code, code))
