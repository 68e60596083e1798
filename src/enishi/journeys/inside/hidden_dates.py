"""Times of walks that follow from a date which somebody may not see: they would tell it to the day.

A walk that waits for such a date shows no due time; once the date has come, and from the beginning
where it brought her in, nothing of it shows a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from enishi.book.access import Actor
from enishi.catalog.types import Catalog, Field
from enishi.gate.asking import catalog
from enishi.gate.profile import PERSON
from enishi.journeys.models import EnrollmentMove, JourneyVersion
from enishi.journeys.types import Move
from enishi.kernel.errors import Forbidden, Invalid
from enishi.kernel.text import Text
from enishi.rules import check_value
from enishi.warehouse.masking import field_behind, hidden

HIDDEN = Text("非表示", "hidden")
WHY = Text(
    "あなたの役割では見られない日付から決まるため、時刻は表示しません。",
    "Times are hidden: they follow from a date that your role may not see.",
)


@dataclass(frozen=True, slots=True)
class HiddenDates:
    """Of one journey, as one reader sees it: whether a date that brings people in is hidden
    (`entry`), and at which steps people wait for one that is."""

    entry: bool = False
    steps: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.entry or bool(self.steps)

    def begins(self, entered_by: str) -> bool:
        """Whether a walk has been hidden from its beginning."""
        return self.entry and entered_by == "date"

    def comes(self, move: Move) -> bool:
        """Whether with this move a hidden date has come."""
        return move.code == "date" and move.step in self.steps


NOTHING = HiddenDates()


def hidden_in(body: Mapping[str, Any], actor: Actor, known: Catalog | None = None) -> HiddenDates:
    """What is hidden of a wording, as it is stored: a draft may be unfinished."""
    if actor.pii == "high":
        return NOTHING
    found = known or catalog()
    entries, steps = body.get("entries"), body.get("steps")
    purpose = str(body.get("purpose") or "")
    return HiddenDates(
        any(
            isinstance(one, Mapping) and one.get("kind") == "date"
            and _masked(found, one.get("field"), one.get("related"), purpose, actor)
            for one in (entries if isinstance(entries, list) else ())
        ),
        frozenset(
            str(name)
            for name, step in (steps.items() if isinstance(steps, Mapping) else ())
            if isinstance(step, Mapping) and step.get("kind") == "wait_date"
            and _masked(found, step.get("field"), "", purpose, actor)
        ),
    )  # fmt: skip


def hidden_of(journeys: Collection[str], actor: Actor) -> dict[str, HiddenDates]:
    """By journey (its id) what any of its versions hides: a story goes through several."""
    made: dict[str, HiddenDates] = dict.fromkeys(journeys, NOTHING)
    if actor.pii == "high":
        return made
    known = catalog()
    rows = JourneyVersion.objects.filter(journey__in=journeys).values_list("journey_id", "body")
    for journey, body in rows:
        one, before = hidden_in(body, actor, known), made[journey]
        made[journey] = HiddenDates(before.entry or one.entry, before.steps | one.steps)
    return made


def come_for(walks: Iterable[int], dates: HiddenDates) -> set[int]:
    """Of these walks those to whom a hidden date has come."""
    if not dates.steps:
        return set()
    moves = EnrollmentMove.objects.filter(
        enrollment__in=list(walks), step__in=dates.steps, code="date"
    )
    return set(moves.values_list("enrollment", flat=True))


def require_seen(body: Mapping[str, Any], actor: Actor) -> None:
    """Raise Forbidden `masked_field` where a wording follows dates that the actor may not see."""
    if hidden_in(body, actor):
        raise Forbidden(
            Text(
                "あなたの役割では見られない日付に従うジャーニーのため、試算できません。",
                "The journey follows a date that your role may not see, so you cannot play it over"
                " past days.",
            ),
            Text(
                "その日付を見られる役割の人に試算を依頼してください。",
                "Ask somebody whose role sees the date.",
            ),
            code="masked_field",
        )


def date_field(known: Catalog, name: str, related: str, purpose: str) -> Field | None:
    """The field behind a date that an entry or a step names; None where that cannot be told."""
    if related:
        steps = None if known.stream is None else known.expand(known.stream.person, related)
        return known.datasets[steps[-1].target].fields.get(name) if steps else None
    meant = purpose if purpose in known.purposes else None
    try:
        value = check_value({"field": name}, known, subject=PERSON, purpose=meant)
    except Invalid:
        return None
    return field_behind(value, known)


def _masked(known: Catalog, name: object, related: object, purpose: str, actor: Actor) -> bool:
    if not name:
        return False  # not written yet
    field = date_field(known, str(name), str(related or ""), purpose)
    return field is None or hidden(field, actor.pii)
