"""Journeys for tests: made live in the book, moved by the lane's own functions, told as stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from enishi.book.clock import now as book_now
from enishi.journeys.graph import JourneyBody
from enishi.journeys.types import Advanced, Heard, Move, Walk, WalkState, Why
from enishi.journeys.walking.ready import Ready
from enishi.kernel.business_days import BusinessCalendar
from enishi.kernel.clock import VirtualClock

TOKYO = ZoneInfo("Asia/Tokyo")
STEPS = Mapping[str, Mapping[str, Any]]


def body(steps: STEPS, start: str | None = None, **more: Any) -> JourneyBody:
    """A journey's body; it starts at the first step unless told otherwise."""
    given = {"purpose": "deposits", "start": start or next(iter(steps), None), "steps": steps}
    return JourneyBody.model_validate(given | more)


def ready(steps: STEPS, *, zone: ZoneInfo = TOKYO, **more: Any) -> Ready:
    """A version made ready, with the usual calendar."""
    return Ready("jny_1", "welcome", 1, body(steps, **more), zone, BusinessCalendar())


@dataclass
class Told:
    """`StepFacts` that a test sets: `arms[step][arm]`, `dates[step]`; the rest is unasked."""

    arms: dict[str, Sequence[bool | None]] = field(default_factory=dict)
    dates: dict[str, datetime | None] = field(default_factory=dict)

    def holds(self, step: str, arm: int) -> bool | None:
        known = self.arms.get(step)
        return None if known is None else known[arm]

    def date_of(self, step: str) -> datetime | bool | None:
        return self.dates.get(step, False)


def at_door(at: datetime, *, number: int = 1, person: str = "p1", key: str = "") -> Walk:
    """Somebody who has just come in."""
    return Walk(number, person, key, WalkState.ACTIVE, None, 0, at, at, Why.FACTS, entered=at)


def merged(first: Advanced, then: Advanced) -> Advanced:
    return Advanced(then.walk, first.moves + then.moves, first.intents + then.intents)


# ── in the book ──────────────────────────────────────────────────────────────────────────────────


def make_template(slug: str = "hello", channel: str = "email", purpose: str = "deposits") -> str:
    """A template with an approved wording; returns the version's id."""
    from enishi.messages.models import Template, TemplateVersion

    made = Template.objects.create(
        slug=slug, name=slug, channel=channel, purpose=purpose, owner="u", created_by="u"
    )
    version = TemplateVersion.objects.create(
        template=made, number=1, state="approved", body={"kind": channel}, created_by="u"
    )
    return str(version.id)


def make_journey(
    steps: STEPS, *, slug: str = "welcome", state: str = "live", priority: int = 0, **more: Any
) -> str:
    """A live journey; returns its id."""
    from enishi.journeys.models import Journey

    made = Journey.objects.create(
        slug=slug, name=slug, state=state, priority=priority, owner="u", created_by="u",
        live_since=book_now(),
    )  # fmt: skip
    put_live(made.id, 1, body(steps, **more))
    return str(made.id)


def put_live(journey: str, number: int, wording: JourneyBody) -> None:
    """A version that is live from now on; the one before is replaced."""
    from enishi.journeys.models import JourneyVersion

    JourneyVersion.objects.filter(journey_id=journey, state="live").update(state="replaced")
    JourneyVersion.objects.create(
        journey_id=journey, number=number, state="live", created_by="u", live_at=book_now(),
        body=wording.model_dump(mode="json"),
    )  # fmt: skip


def enter(journey: str, persons: Sequence[str], clock: VirtualClock, version: int = 1) -> None:
    from enishi.journeys.walking.store import Entry, enter_many

    enter_many(journey, version, [Entry(one, "", clock(), "api") for one in persons])


def run(clock: VirtualClock, warehouse: Any = None) -> None:
    """What the lane does once, without its feed, until nothing is left to do."""
    from enishi.journeys.walking import runner

    while runner.settle(clock) | runner.move(clock, warehouse):
        pass


def finish_deliveries(clock: VirtualClock, state: str = "sent", reason: str = "") -> int:
    """End every delivery that is queued, as sending does; returns how many."""
    from enishi.book.unit import work
    from enishi.messages.deliveries.service import Finished, tell_finished, visit_of
    from enishi.messages.models import Delivery

    with work("test.finish"):
        queued = list(Delivery.objects.filter(state="queued").order_by("id"))
        Delivery.objects.filter(state="queued").update(state=state, finished_at=clock())
        tell_finished(
            [
                Finished(
                    one.id, one.key, one.person, one.journey, one.enrollment, one.step,
                    visit_of(one.key), state, reason, clock(),
                )
                for one in queued
            ]
        )  # fmt: skip
    return len(queued)


def stories() -> dict[str, list[str]]:
    """Of each person the codes of her moves, in order."""
    from enishi.journeys.models import EnrollmentMove

    found: dict[str, list[str]] = {}
    for person, code in EnrollmentMove.objects.order_by("id").values_list(
        "enrollment__person", "code"
    ):
        found.setdefault(person, []).append(code)
    return found


def utc(text: str) -> datetime:
    """`2026-04-01 09:00` as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def tokyo(text: str) -> datetime:
    """`2026-04-01 09:00` in Tokyo as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC)


__all__ = ["Heard", "Move", "VirtualClock", "timedelta"]
