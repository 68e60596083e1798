"""Dry runs as work: asked for, claimed by the work process, cancelled, kept.

queued ──claimed──► running ──► done
   │                   ├──► failed
   └──────cancel───────┴──► cancelled

Whoever runs one holds a lease that each step of progress prolongs; one whose process died is begun
again. What is played is limited to the people whom the asker may see when it runs.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.contrib.auth import get_user_model
from django.db.models import Q

from enishi.book import audit
from enishi.book.access import OPERATOR, SYSTEM, Actor, actor_of
from enishi.book.clock import now
from enishi.book.faults import kind_and_place
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.gate.in_force import policies_in_force
from enishi.journeys.drawing import definitions
from enishi.journeys.drawing.checking import check
from enishi.journeys.drawing.draft import Found, read_draft
from enishi.journeys.drawing.known import Known, known
from enishi.journeys.dry.figures import figures, shown_walks
from enishi.journeys.dry.run import dry_run
from enishi.journeys.dry.types import Channels, Played
from enishi.journeys.graph import JourneyBody, MessageStep, WebhookStep
from enishi.journeys.inside.hidden_dates import require_seen
from enishi.journeys.inside.scoping import seen
from enishi.journeys.models import Journey, JourneyDryRun, JourneyDryWalk
from enishi.journeys.walking.ready import Ready
from enishi.kernel.errors import Conflict, EnishiError, Invalid, NotFound
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.rules.windows import instant_of, local_date
from enishi.warehouse.warehouse import Warehouse

UNFINISHED = ("queued", "running")
MOST = 3
"""Dry runs of one asker that wait or run, over all journeys: each takes the work process long."""
KEPT = 20
"""Dry runs of a journey that are kept."""
_LEASE = timedelta(minutes=5)
_ATTEMPTS = 3
_TELL_EVERY = 0.5  # seconds
_UNTIL_LIVE = frozenset(
    {
        "card_hole", "unknown_template", "template_not_approved", "template_channel",
        "unknown_sender", "unknown_list", "list_closed", "unknown_status", "unreachable",
    }
)  # fmt: skip
"""Faults that keep a wording from going live and leave nothing unclear about where people go."""
_log = logging.getLogger("enishi.journeys")


class Context(Protocol):
    """What the work process hands to every loop."""

    @property
    def warehouse(self) -> Warehouse: ...


class Stopped(Exception):
    """The run was cancelled, or another process has taken it over."""


# ── asked for ────────────────────────────────────────────────────────────────────────────────────


def start(slug: str, days: int, number: int | None, actor: Actor) -> JourneyDryRun:
    """Ask for a dry run of a version (the one to read) over the last days, today included.

    One that waits or runs for the same asker, version and days is returned instead of another.
    Raises Conflict `dry_runs_waiting` while the asker has `MOST` that have not ended.
    Raises Invalid `not_walkable` with the faults because of which nobody could walk, Forbidden
    `masked_field` for one that follows a date the asker may not see: days could be tried until
    somebody comes in.
    """
    journey = definitions.get_journey(slug)
    version = (
        definitions.shown(journey) if number is None
        else definitions.get_version(journey, number)
    )  # fmt: skip
    require_seen(version.body, actor)
    require_walkable(check(read_draft(version.body), known(), author=actor))
    mine = JourneyDryRun.objects.filter(
        journey=journey.id, number=version.number, days=days, asked_by=actor.user_id,
        state__in=UNFINISHED,
    )  # fmt: skip
    at, zone = now(), current_workspace().zone
    first = local_date(at, zone) - timedelta(days=days - 1)
    with work("journey.dry_run"):
        running = next((run for run in mine if run.body == version.body), None)
        if running is not None:
            return running
        _require_room(actor)
        made = JourneyDryRun.objects.create(
            journey=journey.id, number=version.number, body=version.body, days=days,
            since=instant_of(datetime.combine(first, datetime.min.time()), zone), until=at,
            state="queued", asked_by=actor.user_id, asked_at=at,
        )  # fmt: skip
        audit.record(
            actor, "journey.dry_run", "journey", journey.id,
            {"number": version.number, "days": days, "run": made.id},
        )  # fmt: skip
        _forget_old(journey)
    return made


def _require_room(actor: Actor) -> None:
    """In the unit that is open; requests of one asker at the same time come one after another."""
    list(get_user_model().objects.select_for_update().filter(pk=actor.user_id))
    waiting = JourneyDryRun.objects.filter(asked_by=actor.user_id, state__in=UNFINISHED).count()
    if waiting >= MOST:
        raise Conflict(
            Text(
                f"あなたの試算がすでに{waiting}件、終わっていません。",
                f"You have {waiting} dry runs that have not ended yet.",
            ),
            Text("終わるのを待つか、どれかを取り消してください。", "Wait for one, or cancel one."),
            code="dry_runs_waiting",
        )


def require_walkable(faults: list[Found]) -> None:
    """Raise Invalid `not_walkable` with the faults because of which nobody could walk."""
    left = [
        one.fault for one in faults
        if one.level == "refuse" and one.fault.code not in _UNTIL_LIVE
    ]  # fmt: skip
    if left:
        raise Invalid(
            Text(
                f"まだ試せません。{left[0].message.ja}", f"Not ready to try. {left[0].message.en}"
            ),
            left[0].remedy,
            code="not_walkable",
            faults=tuple(left),
        )


def _forget_old(journey: Journey) -> None:
    old = list(
        JourneyDryRun.objects.filter(journey=journey.id)
        .exclude(state__in=UNFINISHED)
        .order_by("-asked_at", "-id")
        .values_list("id", flat=True)[KEPT:]
    )
    JourneyDryWalk.objects.filter(run__in=old).delete()
    JourneyDryRun.objects.filter(id__in=old).delete()


def runs_of(slug: str, actor: Actor) -> list[JourneyDryRun]:
    """The dry runs of a journey that the actor may see, newest first."""
    journey = definitions.get_journey(slug)
    rows = JourneyDryRun.objects.filter(journey=journey.id).defer("body", "result")
    if actor.scope is not None:
        rows = rows.filter(asked_by=actor.user_id)
    return list(rows.order_by("-asked_at", "-id"))


def get_run(slug: str, run_id: str, actor: Actor) -> JourneyDryRun:
    """One dry run. Somebody with a row scope sees own ones alone; raises NotFound."""
    journey = definitions.get_journey(slug)
    found = JourneyDryRun.objects.filter(id=run_id, journey=journey.id).first()
    if found is None or (actor.scope is not None and found.asked_by != actor.user_id):
        raise NotFound(
            Text("この試算は見つかりません。", "There is no such dry run."),
            Text("もう一度試してください。", "Start another one."),
            code="dry_run_not_found",
        )
    return found


def cancel(slug: str, run_id: str, actor: Actor) -> JourneyDryRun:
    """Stop a dry run that waits or runs, one's own or one that one sees; one that has ended stays
    as it is."""
    found = get_run(slug, run_id, actor)
    with work("journey.dry_run_cancel"):
        changed = JourneyDryRun.objects.filter(id=found.id, state__in=UNFINISHED).update(
            state="cancelled", ended_at=now(), lease_until=None
        )
        if changed:
            audit.record(actor, "journey.dry_run_cancel", "journey", found.journey, {"run": run_id})
    found.refresh_from_db()
    return found


# ── done ─────────────────────────────────────────────────────────────────────────────────────────


def run_once(context: Context) -> bool:
    """Do the dry run that has waited longest; whether there was one."""
    run = _claim()
    if run is None:
        return False
    try:
        _play(run, context.warehouse)
    except Stopped:
        pass
    except EnishiError as error:
        _end(run, "failed", error={"ja": error.message.ja, "en": error.message.en})
    except Exception as error:
        _log.error("dry run %s: %s", run.id, kind_and_place(error))
        failed = run.attempt >= _ATTEMPTS
        if failed:
            told = {
                "ja": "計算の途中で問題が起きました。", "en": "Something went wrong on the way."
            }  # fmt: skip
            _end(run, "failed", error=told)
        else:
            _end(run, "queued", ended=False)
    return True


def _claim() -> JourneyDryRun | None:
    at = now()
    free = Q(state="queued") | Q(state="running", lease_until__lt=at)
    with work("journey.dry_run_claim"):
        run = JourneyDryRun.objects.select_for_update().filter(free).order_by("asked_at").first()
        if run is None:
            return None
        run.state, run.worker, run.attempt = "running", new_id("wrk"), run.attempt + 1
        run.lease_until = at + _LEASE
        run.save(update_fields=["state", "worker", "attempt", "lease_until"])
    return run


def _play(run: JourneyDryRun, warehouse: Warehouse) -> None:
    began = time.perf_counter()
    body = read_draft(run.body).body
    journey = definitions.get_journey(run.journey)
    ready = Ready(
        run.journey, journey.slug, run.number, body, current_workspace().zone,
        policies_in_force().calendar,
    )  # fmt: skip
    told, asker = known(), _asker(run.asked_by)
    played = dry_run(
        warehouse.engine, told.catalog, ready, channels_of(body, told), run.since, run.until,
        keep=lambda persons: seen(asker, persons), progress=_progress(run),
    )  # fmt: skip
    result = figures(played, ready.zone)
    result["took_ms"] = round((time.perf_counter() - began) * 1000)
    with work("journey.dry_run_done"):
        if not _mine(run).exists():
            raise Stopped
        JourneyDryWalk.objects.filter(run=run.id).delete()
        JourneyDryWalk.objects.bulk_create(_walks(run, played))
        _mine(run).update(
            state="done", result=result, progress=1.0, doing="", ended_at=now(), lease_until=None
        )


def channels_of(body: JourneyBody, known: Known) -> Channels:
    """By step what the gate is asked; webhooks tell no person anything, and it is not asked.

    A template that is not there yet is taken for an e-mail.
    """
    found: dict[str, tuple[str, str, str | None]] = {}
    for name, step in body.steps.items():
        if isinstance(step, WebhookStep):
            found[name] = ("", "", None)
        elif isinstance(step, MessageStep):
            template = known.templates.get(step.template)
            channel = template.channel if template else "email"
            purpose = template.purpose if template else body.purpose
            found[name] = (channel, purpose, body.product or None)
    return found


def _asker(user: str) -> Actor:
    if user in (OPERATOR.user_id, SYSTEM.user_id):
        return SYSTEM
    row: Any = get_user_model().objects.filter(pk=user).first()
    if row is None:
        raise NotFound(
            Text("依頼した利用者がいません。", "Whoever asked for it is gone."),
            Text("もう一度試してください。", "Start another one."),
            code="user_unknown",
        )
    return actor_of(row)


def _progress(run: JourneyDryRun) -> Callable[[str, float], None]:
    last = [0.0]

    def tell(doing: str, share: float) -> None:
        if time.monotonic() - last[0] < _TELL_EVERY:
            return
        last[0] = time.monotonic()
        with work("journey.dry_run_progress"):
            if not _mine(run).update(
                doing=doing, progress=min(share, 1.0), lease_until=now() + _LEASE
            ):
                raise Stopped

    return tell


def _mine(run: JourneyDryRun) -> Any:
    return JourneyDryRun.objects.filter(id=run.id, state="running", worker=run.worker)


def _end(
    run: JourneyDryRun, state: str, *, error: dict[str, str] | None = None, ended: bool = True
) -> None:
    with work("journey.dry_run_end"):
        _mine(run).update(
            state=state, error=error or {}, ended_at=now() if ended else None, lease_until=None
        )


def _walks(run: JourneyDryRun, played: Played) -> list[JourneyDryWalk]:
    contacts: dict[int, list[bool]] = {}
    for one in played.contacts:
        contacts.setdefault(one.walk, []).append(one.allowed)
    found = []
    for number in shown_walks(played):
        walk, made = played.walks[number], contacts.get(number, [])
        moves = sorted(played.moves[number], key=lambda move: move.at)
        found.append(
            JourneyDryWalk(
                run=run.id, person=walk.person, key=walk.key, entered_at=walk.entered or walk.since,
                contacts=sum(made), stopped=len(made) - sum(made), end=str(walk.end or ""),
                moves=[
                    {
                        "at": move.at.isoformat(), "step": move.step, "code": move.code,
                        "to": move.to, "visit": move.visit, "detail": dict(move.detail),
                        "by": played.of[number].by if move.code == "entered" else "",
                    }
                    for move in moves
                ],
            )
        )  # fmt: skip
    return found
