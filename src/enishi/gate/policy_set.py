"""All policies in force with the calendar: what a decision is made by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from enishi.gate.bodies import Cap, Classes, Holds, PolicyBody, Refusals, Words
from enishi.gate.types import PurposeClass, Question, purpose_class
from enishi.kernel.business_days import BusinessCalendar
from enishi.kernel.text import Text


@dataclass(frozen=True, slots=True)
class InForce:
    """A policy as it decides now: the version's id, the policy's slug and what it says."""

    version: str
    slug: str
    body: PolicyBody


def _defaults() -> dict[str, InForce]:
    name = Words(ja="既定", en="Default")
    return {
        "classes": InForce("", "classes", Classes(name=name)),
        "holds": InForce("", "holds", Holds(name=name)),
        "refusals": InForce("", "refusals", Refusals(name=name)),
    }


@dataclass(frozen=True)
class PolicySet:
    """All policies in force, the calendar and the workspace's zone.

    The ground (`classes`, `holds`, `refusals`) is there even when no version of it is given.
    """

    policies: tuple[InForce, ...]
    calendar: BusinessCalendar
    zone: ZoneInfo
    purposes: Mapping[str, Text] = field(default_factory=dict)  # in words, for sentences
    _about: dict[tuple[str, str | None], tuple[InForce, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def ground(self) -> Mapping[str, InForce]:
        return _defaults() | {p.body.kind: p for p in self.policies if p.body.kind in _defaults()}

    @cached_property
    def others(self) -> tuple[InForce, ...]:
        return tuple(p for p in self.policies if p.body.kind not in self.ground)

    def class_of(self, purpose: str | None) -> PurposeClass:
        """How strictly a purpose is treated; one that nothing names is promotion."""
        body = self.ground["classes"].body
        assert isinstance(body, Classes)
        named = body.purposes.get(purpose or "")
        return PurposeClass(named) if named is not None else purpose_class(purpose)

    def about(self, question: Question) -> tuple[InForce, ...]:
        """The policies beyond the ground that are about this contact."""
        known = (question.channel, question.purpose)
        found = self._about.get(known)
        if found is None:
            kind = self.class_of(question.purpose)
            found = self._about[known] = tuple(
                p
                for p in self.others
                if not isinstance(p.body, Classes | Holds | Refusals)
                and p.body.applies.to(*known, kind)
            )
        return found

    def capped(self, channel: str, purpose: str) -> bool:
        """Whether such a contact may take another's place: a cap is about it, or counts it."""
        kind = self.class_of(purpose)
        caps = [p.body for p in self.others if isinstance(p.body, Cap)]
        return any(
            cap.applies.to(channel, purpose, kind) or cap.counts.to(channel, purpose, kind)
            for cap in caps
        )

    def purpose_words(self, purpose: str | None) -> Text:
        return self.purposes.get(purpose or "", Text(purpose or "", purpose or ""))
