"""Whom a send is meant for, as rules that the warehouse answers, with the template's purpose."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from enishi.book.access import SYSTEM, Actor
from enishi.gate.asking import catalog, warehouse
from enishi.gate.profile import PERSON
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text
from enishi.messages.models import Template
from enishi.messages.sends.bodies import SendBody

Rule = dict[str, Any]


class Audience:
    """The people of a send's body, of those whom `asking` may see. `salt` stands where its holdout
    names none."""

    def __init__(
        self, body: SendBody, template: Template, salt: str, asking: Actor = SYSTEM
    ) -> None:
        self.body, self.template, self.salt, self.asking = body, template, salt, asking
        if not body.segments and body.rule is None:
            raise Invalid(
                Text("送る相手が決まっていません。", "Nobody is named to send to."),
                Text("セグメントか条件を選んでください。", "Choose a segment, or give a rule."),
                code="send_to_nobody",
            )

    @property
    def intended(self) -> Rule:
        """Everybody: in one of the segments, and of whom the rule holds."""
        body = self.body
        parts: list[Rule] = []
        if body.segments:
            parts.append(any_of(body.segments))
        if body.rule is not None:
            parts.append(body.rule)
        return parts[0] if len(parts) == 1 else {"all": parts}

    @property
    def excluded(self) -> Rule | None:
        """Of the intended, those in a segment that is left out."""
        if not self.body.exclude:
            return None
        return {"all": [self.intended, any_of(self.body.exclude)]}

    @property
    def rest(self) -> Rule:
        """Of the intended, those not excluded."""
        if not self.body.exclude:
            return self.intended
        return {"all": [self.intended, {"not": any_of(self.body.exclude)}]}

    @property
    def held_out(self) -> Rule | None:
        """Of the rest, those who get nothing so that the others can be compared with them."""
        holdout = self.body.holdout
        if holdout is None:
            return None
        percent = Decimal(str(holdout.percent))
        sample: Rule = {"sample": {"percent": percent, "salt": holdout.salt or self.salt}}
        return {"all": [self.rest, sample]}

    @property
    def in_several(self) -> Rule | None:
        """Of the intended, those in more than one of the segments."""
        if len(self.body.segments) < 2:
            return None
        each = [{"segment": slug} for slug in self.body.segments]
        return {"all": [self.intended, {"at_least": 2, "of": each}]}

    def count(self, rule: Rule | None, actor: Actor | None = None) -> int:
        """How many; 0 for no rule. Raises Invalid for a rule that does not fit the catalog."""
        if rule is None:
            return 0
        return int(warehouse().count(self.stored(rule), actor=actor or self.asking)["count"])

    def ids(self, rule: Rule | None) -> list[str]:
        """Their Enishi ids in order; none for no rule."""
        if rule is None:
            return []
        table = warehouse().who(self.stored(rule), actor=self.asking)
        return sorted(table.column("_id").to_pylist())

    def stored(self, rule: Rule) -> Rule:
        """A rule in its envelope: with the subject and the template's purpose."""
        found: Rule = {"version": 1, "subject": PERSON, "rule": rule}
        named = self.template.purpose in catalog().purposes
        return found | {"purpose": self.template.purpose} if named else found


def any_of(segments: Sequence[str]) -> Rule:
    """In any of these segments."""
    each: list[Rule] = [{"segment": slug} for slug in segments]
    return each[0] if len(each) == 1 else {"any": each}
