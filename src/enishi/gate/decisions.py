"""What the gate answered where somebody set out to contact a person, for whoever reads it later.

Contacts it allowed are told by the contacts themselves; here stand those it stopped or put off,
and what approvers answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from enishi.book.workspace import current_workspace
from enishi.gate.models import Approval, DecisionRecord, PolicyVersion, Restriction
from enishi.gate.policy_words import again, unknown_sentence
from enishi.gate.sentences import label_of
from enishi.gate.types import Answer
from enishi.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Decided:
    """One answer. `answer` is the gate's (`deny`, `defer`, `needs_approval`), or an approver's:
    `approved` or `refused`. `by` is the user who asked, or who answered; `words` are the
    approver's own."""

    id: str
    at: datetime
    answer: str
    channel: str
    purpose: str
    why: tuple[Text, ...]
    by: str
    words: str = ""


def decided_of(person: str, *, limit: int = 500) -> list[Decided]:
    """The answers about a person, newest first; of equal ones on one local day the last alone."""
    records = _records(person, limit)
    approvals = list(
        Approval.objects.filter(
            person=person, state__in=("approved", "denied"), decided_at__isnull=False
        ).order_by("-decided_at")[:limit]
    )
    named = _names([reason for row in records for reason in row.reasons])
    zone = current_workspace().zone
    found = [
        Decided(
            row.id, row.at, row.answer, row.channel, row.purpose,
            (*(_why(reason, named) for reason in row.reasons),
             *([again(row.until, zone)] if row.until is not None else [])),
            row.asked_by,
        )
        for row in records
    ]  # fmt: skip
    found += [
        Decided(
            row.id, row.decided_at, "approved" if row.state == "approved" else "refused",
            row.channel, row.purpose, tuple(Text(r["ja"], r["en"]) for r in row.reasons),
            row.decided_by, row.answer,
        )
        for row in approvals
        if row.decided_at is not None
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)


def _records(person: str, limit: int) -> list[DecisionRecord]:
    """Asking again, as an opened member does, tells nothing new."""
    zone = current_workspace().zone
    rows = DecisionRecord.objects.filter(person=person).exclude(answer=Answer.ALLOW)
    last: dict[tuple[Any, ...], DecisionRecord] = {}
    for row in rows.order_by("-at", "-id")[:limit]:
        about = (row.answer, row.channel, row.purpose, row.product)
        codes = tuple((reason["code"], reason["restriction"]) for reason in row.reasons)
        last.setdefault((row.at.astimezone(zone).date(), *about, codes), row)
    return list(last.values())


def _names(reasons: Sequence[Mapping[str, str]]) -> dict[str, Text]:
    """The restrictions and policy versions behind reasons, by id, in a few words."""
    stops = Restriction.objects.filter(id__in=_ids(reasons, "restriction"))
    found = {row.id: label_of(row) for row in stops}
    versions = PolicyVersion.objects.filter(id__in=_ids(reasons, "policy"))
    for version, body in versions.values_list("id", "body"):
        found[version] = Text(str(body["name"]["ja"]), str(body["name"]["en"]))
    return found


def _ids(reasons: Iterable[Mapping[str, str]], name: str) -> set[str]:
    return {reason[name] for reason in reasons if reason.get(name)}


def _why(reason: Mapping[str, str], named: Mapping[str, Text]) -> Text:
    """The record behind a reason, else the policy."""
    if reason["code"] == "facts.unknown":
        return unknown_sentence()
    found = named.get(reason["restriction"]) or named.get(reason["policy"])
    return found or Text(reason["code"], reason["code"])
