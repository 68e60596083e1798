"""What counts as success of a journey or a send, and what a contact costs.

It stands beside the wording and is bound to no version's approval: it changes what is counted of
the past, and nothing that anybody receives. A journey that has none of its own follows its live
version's (`JourneyBody.conversions` and `cost`). Every change is on record with old and new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.journeys.drawing import definitions
from enishi.journeys.drawing.checking import check, refusing
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.drawing.known import known
from enishi.journeys.drawing.naming import seen_events
from enishi.journeys.graph import Conversion
from enishi.journeys.models import Journey, ProofSetting
from enishi.journeys.proof.points import About
from enishi.journeys.words import CONTACTS
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text
from enishi.messages.models import Send, Template
from enishi.messages.types import MessageChannel


@dataclass(frozen=True)
class Settings:
    """`own`: chosen for the proof; else the wording's."""

    conversions: Sequence[Conversion]
    cost: Mapping[str, float]
    own: bool = False
    changed_by: str = ""
    changed_at: datetime | None = None
    wording: Sequence[Conversion] = field(default=())
    """What they are when nothing is chosen: those of the journey's version."""

    def plain(self) -> dict[str, Any]:
        """The same as JSON."""
        return {"conversions": _plain(self.conversions), "cost": dict(self.cost)}


def _plain(conversions: Sequence[Conversion]) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in conversions]


def settings(about: About) -> Settings:
    """What holds now."""
    conversions, cost = _worded(about)
    row = ProofSetting.objects.filter(kind=about.kind, ref=about.ref).first()
    if row is None:
        return Settings(conversions, cost, wording=conversions)
    return Settings(
        _read(row.conversions), {str(k): float(v) for k, v in row.cost.items()}, True,
        row.changed_by, row.changed_at, conversions,
    )  # fmt: skip


def _read(stored: Sequence[Any]) -> list[Conversion]:
    """Those that can still be read: what is stored was good when it was chosen."""
    found = []
    for one in stored:
        try:
            found.append(Conversion.model_validate(one))
        except ValidationError:
            continue
    return found


def _worded(about: About) -> tuple[Sequence[Conversion], Mapping[str, float]]:
    if about.kind == "send":
        return (), {}
    journey = Journey.objects.get(id=about.ref)
    version = definitions.live_version(journey) or definitions.shown(journey)
    body = read_draft(version.body).body
    return body.conversions, body.cost


def choose(
    about: About, conversions: Sequence[Conversion], cost: Mapping[str, float], actor: Actor
) -> Settings:
    """Choose anew, for the whole past too. Raises Invalid `conversions_wrong` with faults."""
    _refuse_wrong(about, conversions, cost, actor)
    with work("proof.choose"):
        before = settings(about)
        ProofSetting.objects.update_or_create(
            kind=about.kind, ref=about.ref,
            defaults={
                "conversions": _plain(conversions), "cost": dict(cost),
                "changed_by": actor.user_id, "changed_at": now(),
            },
        )  # fmt: skip
        after = settings(about)
        audit.record(
            actor, f"{about.kind}.proof", about.kind, about.ref,
            {"before": before.plain(), "after": after.plain()},
        )  # fmt: skip
    return after


def forget(about: About, actor: Actor) -> Settings:
    """Follow the wording again."""
    with work("proof.forget"):
        before = settings(about)
        ProofSetting.objects.filter(kind=about.kind, ref=about.ref).delete()
        after = settings(about)
        if before.own:
            audit.record(
                actor, f"{about.kind}.proof", about.kind, about.ref,
                {"before": before.plain(), "after": after.plain()},
            )  # fmt: skip
    return after


_CHANNELS = frozenset({*map(str, MessageChannel), *CONTACTS})


def _refuse_wrong(
    about: About, conversions: Sequence[Conversion], cost: Mapping[str, float], actor: Actor
) -> None:
    draft = read_draft({"purpose": purpose_of(about), "conversions": _plain(conversions)})
    faults = [
        one.fault
        for one in refusing(check(draft, known(), author=actor, events=seen_events))
        if one.fault.path.startswith("$.conversions")
    ]
    if faults:
        raise Invalid(
            Text("成果の条件に誤りがあります。", "Something about what counts is wrong."),
            Text("印の付いたところを直してください。", "Correct what is marked."),
            code="conversions_wrong",
            faults=tuple(faults),
        )
    wrong = [name for name, yen in cost.items() if name not in _CHANNELS or not 0 <= yen < 1e9]
    if wrong:
        raise Invalid(
            Text(f"「{wrong[0]}」の費用を読めません。", f"The cost of “{wrong[0]}” is wrong."),
            Text("チャネルごとに0円以上で書いてください。", "Give yen from 0 on, by channel."),
            code="cost_wrong",
        )


def purpose_of(about: About) -> str:
    """The purpose for which fields are asked: the journey's, or that of the send's template."""
    if about.kind == "send":
        slug = str(Send.objects.get(id=about.ref).body["template"])
        found = Template.objects.filter(slug=slug).first()
        return found.purpose if found else ""
    return read_draft(definitions.shown(Journey.objects.get(id=about.ref)).body).body.purpose
