"""Running journeys: paused, resumed, closed, ended, put away; people taken out by hand."""

from __future__ import annotations

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.journeys.drawing.definitions import get_journey, locked
from enishi.journeys.models import Enrollment, Journey
from enishi.journeys.types import Heard, JourneyState
from enishi.journeys.walking import store
from enishi.kernel.errors import Conflict, NotFound
from enishi.kernel.text import Text
from enishi.messages.deliveries import service as deliveries


def pause(slug: str, actor: Actor) -> Journey:
    """Nobody moves any more, those inside waits neither, and queued messages stand still.

    Raises Conflict `journey_state` unless the journey is live or closing.
    """
    with work("journey.pause"):
        found = locked(slug)
        _require(found, JourneyState.LIVE, JourneyState.CLOSING)
        deliveries.hold(journey=found.id)
        return _moved(found, JourneyState.PAUSED, "journey.pause", actor)


def resume(slug: str, actor: Actor) -> Journey:
    """Go on after a pause, or let people in again after a close; Conflict `journey_state`."""
    with work("journey.resume"):
        found = locked(slug)
        _require(found, JourneyState.PAUSED, JourneyState.CLOSING)
        deliveries.unhold(journey=found.id)
        return _moved(found, JourneyState.LIVE, "journey.resume", actor)


def close(slug: str, actor: Actor) -> Journey:
    """Nobody comes in any more; those inside finish. From a pause they go on to do so.

    Raises Conflict `journey_state`.
    """
    with work("journey.close"):
        found = locked(slug)
        _require(found, JourneyState.LIVE, JourneyState.PAUSED)
        if found.state == JourneyState.PAUSED:
            deliveries.unhold(journey=found.id)
        return _moved(found, JourneyState.CLOSING, "journey.close", actor)


def end(slug: str, reason: str, actor: Actor) -> Journey:
    """End the journey for everybody inside: from the commit on nobody moves, nothing is sent any
    more, and the lane ends the walks (`closing`). Raises Conflict `journey_state` for a draft.
    """
    with work("journey.end"):
        found = locked(slug)
        _require(found, JourneyState.LIVE, JourneyState.PAUSED, JourneyState.CLOSING)
        deliveries.hold(journey=found.id)
        return _moved(found, JourneyState.ENDED, "journey.end", actor, reason)


def archive(slug: str, actor: Actor) -> Journey:
    """Put a journey away that nobody is inside of; raises Conflict while it runs."""
    with work("journey.archive"):
        found = locked(slug)
        _require(found, JourneyState.DRAFT, JourneyState.ENDED)
        found.archived_at = found.archived_at or now()
        found.save(update_fields=["archived_at"])
        audit.record(actor, "journey.archive", "journey", found.id, {})
    return found


def restore(slug: str, actor: Actor) -> Journey:
    """Bring an archived journey back, as it was."""
    with work("journey.restore"):
        found = locked(slug)
        found.archived_at = None
        found.save(update_fields=["archived_at"])
        audit.record(actor, "journey.restore", "journey", found.id, {})
    return found


def get_walk(slug: str, enrollment: int) -> Enrollment:
    """A walk of a journey; raises NotFound."""
    journey = get_journey(slug)
    found = Enrollment.objects.filter(id=enrollment, journey=journey.id).first()
    if found is None:
        raise no_such_walk()
    return found


def no_such_walk() -> NotFound:
    """The walk is not there, or not for who asks."""
    return NotFound(
        Text("この参加は見つかりません。", "There is no such enrollment."),
        Text("一覧から選び直してください。", "Choose one from the overview."),
        code="enrollment_not_found",
    )


def remove(slug: str, enrollment: int, reason: str, actor: Actor) -> Enrollment:
    """Take one person out, at once; what is queued for her from this walk is withdrawn.

    The reason is kept, sealed, in the audit. Raises NotFound, Conflict `walk_ended`.
    """
    found = get_walk(slug, enrollment)
    with work("journey.remove"):
        moved = store.hear([(found.id, Heard("remove", now(), detail={"by": actor.user_id}))])
        if not moved:
            raise Conflict(
                Text("この参加はもう終わっています。", "This enrollment has ended already."),
                Text("画面を更新してください。", "Reload the page."),
                code="walk_ended",
            )
        audit.record(
            actor, "journey.remove", "journey", found.journey, {"enrollment": found.id},
            [found.person], private={"reason": reason},
        )  # fmt: skip
    found.refresh_from_db()
    return found


def _moved(
    found: Journey, state: JourneyState, action: str, actor: Actor, reason: str = ""
) -> Journey:
    found.state, found.state_since = state, now()
    found.save(update_fields=["state", "state_since"])
    audit.record(
        actor, action, "journey", found.id,
        {"slug": found.slug} | ({"reason": reason} if reason else {}),
    )  # fmt: skip
    return found


def _require(found: Journey, *states: JourneyState) -> None:
    if found.state not in states:
        raise Conflict(
            Text(
                "今の状態では、この操作はできません。",
                "This cannot be done in the journey's present state.",
            ),
            Text("画面を更新してください。", "Reload the page."),
            code="journey_state",
            detail={"state": found.state},
        )
