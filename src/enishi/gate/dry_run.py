"""A dry run: what a wording would have answered to the contacts of the last days.

Every decision that was acted on is decided twice, as of its instant: by the policies in force now,
and by the same with the wording in its policy's place. What was said and done is known as it stood
then; the facts about persons (birth date, address, rules) are those of today. Beyond `most`
decisions an even sample is taken, and the figures say of how many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from enishi.gate.bodies import PolicyBody, RulePolicy
from enishi.gate.deciding import decide
from enishi.gate.history import histories_of
from enishi.gate.in_force import policies_in_force
from enishi.gate.models import DecisionRecord, PolicyVersion
from enishi.gate.policies import body_of, check_body
from enishi.gate.policy_set import InForce, PolicySet
from enishi.gate.profile import holding
from enishi.gate.service import facts_for
from enishi.gate.types import Answer, Decision, Facts, History, Question

MOST = 5000
_AT_ONCE = 500
_SHOWN = 50
_DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Changed:
    """A decision that the wording would have made otherwise. `codes` are the reasons it adds or,
    where it lets through, takes away."""

    decision_id: str
    person: str
    channel: str
    purpose: str
    at: datetime
    before: Answer
    after: Answer
    codes: tuple[str, ...]


@dataclass(slots=True)
class DryRun:
    """`examined` of the `total` decisions of `days`; of the examined, how many would be stopped
    (allowed now, no longer), freed (the other way round) or answered otherwise. `by_code` counts
    the reasons that stop. `rows` are the first of those that change, newest first."""

    days: int
    total: int
    examined: int = 0
    stopped: int = 0
    freed: int = 0
    otherwise: int = 0
    persons: int = 0
    by_code: Counter[str] = field(default_factory=Counter)
    rows: list[Changed] = field(default_factory=list)

    @property
    def sampled(self) -> bool:
        return self.examined < self.total

    def of_all(self, examined: int) -> int:
        """An examined number as it would be for all decisions: an estimate where sampled."""
        return examined if not self.examined else round(examined * self.total / self.examined)


def dry_run_version(
    version: PolicyVersion, *, days: int = 30, at: datetime, most: int = MOST
) -> DryRun:
    """`dry_run` of a stored version."""
    return dry_run(version.policy.slug, body_of(version), days=days, at=at, most=most)


def dry_run(
    slug: str, body: PolicyBody, *, days: int = 30, at: datetime, most: int = MOST
) -> DryRun:
    """What the policy `slug`, worded like this, would have changed; raises Invalid."""
    check_body(body)
    now_ = policies_in_force()
    rest = tuple(p for p in now_.policies if p.slug != slug)
    then = replace(now_, policies=(*rest, InForce(_DRAFT, slug, body)))
    since = at - timedelta(days=days)
    # A member that was claimed has not been contacted yet.
    asked = DecisionRecord.objects.filter(at__gte=since, at__lt=at).exclude(
        source__startswith="member:"
    )
    found = DryRun(days, asked.count())
    changed_persons: set[str] = set()
    ids = _even(list(asked.order_by("-at", "-id").values_list("id", flat=True)), most)
    for start in range(0, len(ids), _AT_ONCE):
        rows = list(asked.filter(id__in=ids[start : start + _AT_ONCE]).order_by("-at", "-id"))
        for row, before, after in _twice(rows, now_, then):
            found.examined += 1
            if before.answer is after.answer:
                continue
            changed_persons.add(row.person)
            _count(found, row, before, after)
    found.persons = len(changed_persons)
    return found


def _even(ids: list[str], most: int) -> list[str]:
    if len(ids) <= most:
        return ids
    return [ids[n * len(ids) // most] for n in range(most)]


def _twice(
    rows: Sequence[DecisionRecord], now_: PolicySet, then: PolicySet
) -> list[tuple[DecisionRecord, Decision, Decision]]:
    """Each stored decision, decided by both sets of policies as of its instant."""
    questions = [
        Question(r.person, r.channel, r.purpose or None, r.product, r.at, r.asked_by, r.source)
        for r in rows
    ]
    persons = list(dict.fromkeys(row.person for row in rows))
    facts = facts_for(persons, then, *questions)
    facts = _with_draft(facts, then)
    first = min(row.at for row in rows)
    histories = histories_of(facts, then, channel=None, at=first, past=True)
    before = histories_of(facts, now_, channel=None, at=first, past=True)
    return [
        (
            row,
            decide(now_, facts[row.person], _as_of(before[row.person], asked), asked),
            decide(then, facts[row.person], _as_of(histories[row.person], asked), asked),
        )
        for row, asked in zip(rows, questions, strict=True)
    ]


def _with_draft(facts: dict[str, Facts], then: PolicySet) -> dict[str, Facts]:
    """The facts with what the wording's own rule says of these persons today."""
    body = next(p.body for p in then.policies if p.version == _DRAFT)
    if not isinstance(body, RulePolicy):
        return facts
    held = holding(body, list(facts))
    return {
        person: replace(told, rules=told.rules | {_DRAFT}) if person in held else told
        for person, told in facts.items()
    }


def _as_of(history: History, asked: Question) -> History:
    """The history without the contacts that came after, and without the one asked about."""
    return replace(
        history,
        contacts=tuple(
            c for c in history.contacts
            if c.at < asked.at and c.held_until is None and c.source != asked.source
        ),
    )  # fmt: skip


def _count(found: DryRun, row: DecisionRecord, before: Decision, after: Decision) -> None:
    old, new = {r.code for r in before.reasons}, {r.code for r in after.reasons}
    codes = tuple(sorted(old - new if after.allowed else new - old))
    if before.allowed:
        found.stopped += 1
        found.by_code.update(codes)
    elif after.allowed:
        found.freed += 1
    else:
        found.otherwise += 1
    if len(found.rows) < _SHOWN:
        found.rows.append(
            Changed(
                row.id, row.person, row.channel, row.purpose, row.at, before.answer,
                after.answer, codes,
            )
        )  # fmt: skip
