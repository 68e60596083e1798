"""Reading from the book what a decision is made from: facts and history of persons, in few queries.

Everything is read as it stands now; what did not count yet, or counted no more, at the instant
asked about is for `deciding` to leave out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from enishi.book.workspace import current_workspace
from enishi.gate.bodies import Cap
from enishi.gate.caps import longest
from enishi.gate.models import (
    Approval,
    Consent,
    ContactMade,
    Profile,
    ProfileRule,
    Restriction,
)
from enishi.gate.people import names_of
from enishi.gate.policy_set import PolicySet
from enishi.gate.sentences import sentence_of
from enishi.gate.types import Contact, Facts, History, Leave, Statement, Stop

UNTOLD = Facts(told=False)
_STATEMENT = ("person", "id", "channel", "purpose", "given", "at", "until", "voided_at")
_CONTACT = (
    "person", "household", "address", "channel", "purpose", "purpose_class", "at", "by", "source",
    "held_until", "given_back_at",
)  # fmt: skip


def facts_of(persons: Sequence[str]) -> dict[str, Facts]:
    """What the mirror knows of persons; who is not in it is absent."""
    rules: dict[str, set[str]] = defaultdict(set)
    for person, version in ProfileRule.objects.filter(person__in=persons).values_list(
        "person", "version"
    ):
        rules[person].add(version)
    rows = Profile.objects.filter(person__in=persons).values_list(
        "person", "birth_date", "household", "address", "zone", "branch", "reach", "known"
    )
    return {
        person: Facts(
            True, born, household, address, zone, branch, names(reach), names(known),
            frozenset(rules.get(person, ())),
        )
        for person, born, household, address, zone, branch, reach, known in rows
    }  # fmt: skip


def names(joined: str) -> frozenset[str]:
    return frozenset(joined.split(",")) if joined else frozenset()


def histories_of(
    facts: dict[str, Facts],
    policies: PolicySet,
    *,
    channel: str | None,
    at: datetime,
    for_user: str | None = None,
    past: bool = False,
) -> dict[str, History]:
    """The history of each of the persons in `facts`.

    `channel` none is of all channels. `for_user` narrows the approvals. Without `past` only what
    can count from `at` on is read; with it, what has been released or voided since is read too.
    """
    persons = list(facts)
    stops = _stops(persons, channel, at, past)
    statements = _statements(persons, channel, past)
    contacts = _contacts(facts, policies, at, past)
    leaves = _leaves(persons, at, for_user)
    return {
        person: History(
            tuple(stops.get(person, ())),
            tuple(statements.get(person, ())),
            tuple(contacts.get(person, ())),
            tuple(leaves.get(person, ())),
        )
        for person in persons
    }


def _stops(
    persons: Sequence[str], channel: str | None, at: datetime, past: bool
) -> dict[str, list[Stop]]:
    rows = Restriction.objects.filter(person__in=persons).order_by("-at", "-id")
    if not past:
        rows = rows.filter(released_at__isnull=True, at__lte=at).filter(
            Q(until__isnull=True) | Q(until__gt=at)
        )
    if channel is not None:
        rows = rows.filter(Q(channel__isnull=True) | Q(channel=channel))
    told = list(rows)
    if not told:
        return {}
    users = names_of(row.by for row in told)
    zone = current_workspace().zone
    found: dict[str, list[Stop]] = defaultdict(list)
    for row in told:
        found[row.person].append(
            Stop(
                row.id, row.type, row.kind, row.product, row.channel, row.at, row.until,
                row.released_at, sentence_of(row, users.get(row.by, ""), zone, at),
            )
        )  # fmt: skip
    return found


def _statements(
    persons: Sequence[str], channel: str | None, past: bool
) -> dict[str, list[Statement]]:
    rows = Consent.objects.filter(person__in=persons)
    if not past:
        rows = rows.filter(voided_at__isnull=True)
    if channel is not None:
        rows = rows.filter(Q(channel__isnull=True) | Q(channel=channel))
    found: dict[str, list[Statement]] = defaultdict(list)
    for person, *values in rows.values_list(*_STATEMENT):
        found[person].append(Statement(*values))
    return found


def _contacts(
    facts: dict[str, Facts], policies: PolicySet, at: datetime, past: bool
) -> dict[str, list[Contact]]:
    capped = [policy.body for policy in policies.others if isinstance(policy.body, Cap)]
    if not capped:
        return {}
    back = at - max(longest(cap) for cap in capped)
    shared = {cap.per for cap in capped}
    households, addresses = set(), set()
    if "household" in shared:
        households = {f.household for f in facts.values() if f.household}
    if "address" in shared:
        addresses = {f.address for f in facts.values() if f.address}
    which = Q(person__in=list(facts))
    if households:
        which |= Q(household__in=households)
    if addresses:
        which |= Q(address__in=addresses)
    rows = ContactMade.objects.filter(which, at__gt=back)
    if not past:
        rows = rows.filter(given_back_at__isnull=True).filter(
            Q(held_until__isnull=True) | Q(held_until__gt=at)
        )
    by_household: dict[str, list[str]] = defaultdict(list)
    by_address: dict[str, list[str]] = defaultdict(list)
    for person, known in facts.items():
        by_household[known.household].append(person)
        by_address[known.address].append(person)
    found: dict[str, list[Contact]] = defaultdict(list)
    for values in rows.values_list(*_CONTACT):
        contact = Contact(*values)
        about = {contact.person} & facts.keys()
        if contact.household in households:
            about |= set(by_household[contact.household])
        if contact.address in addresses:
            about |= set(by_address[contact.address])
        for person in about:
            found[person].append(contact)
    return found


def _leaves(persons: Sequence[str], at: datetime, for_user: str | None) -> dict[str, list[Leave]]:
    rows = Approval.objects.filter(person__in=persons, state="approved", valid_until__gt=at)
    if for_user is not None:
        rows = rows.filter(for_user=for_user)
    found: dict[str, list[Leave]] = defaultdict(list)
    for row in rows:
        if row.decided_at is None or row.valid_until is None:
            continue
        found[row.person].append(
            Leave(
                row.id, row.channel, row.purpose, row.product,
                frozenset((r["code"], r.get("restriction", "")) for r in row.reasons),
                row.for_user, row.decided_by, row.decided_at, row.valid_until,
            )
        )  # fmt: skip
    return found
