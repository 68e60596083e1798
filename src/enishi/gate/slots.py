"""Taking a contact: decided, kept and counted in one unit, so that no cap is ever exceeded.

Two workers that ask about the same person, household or address wait for each other: on SQLite for
the book's turn, on PostgreSQL for locks named after what a cap counts by.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from enishi.book import bulk, jsontext
from enishi.book.access import Actor
from enishi.book.unit import in_unit, work
from enishi.gate.deciding import decide
from enishi.gate.history import histories_of
from enishi.gate.in_force import policies_in_force
from enishi.gate.models import ContactMade
from enishi.gate.policy_set import PolicySet
from enishi.gate.service import facts_for, store
from enishi.gate.types import Contact, Decision, Facts, History, Question
from enishi.kernel.ids import new_ids

Permit = Callable[[Decision], bool]


def take(
    person: str,
    channel: str,
    purpose: str | None,
    product: str | None = None,
    *,
    at: datetime,
    actor: Actor,
    source: str,
    holding: str = "",
    held_until: datetime | None = None,
    permit: Permit | None = None,
    counts: bool = True,
) -> tuple[Decision, str]:
    """Decide, keep the decision, and take the contact's slot; returns both, the latter by its id.

    The slot is taken when the contact is allowed, or when `permit` says of a decision that it is
    made all the same. `source` names what the contact belongs to (`engagement:…`), and is what
    `give_back` frees it by. With `held_until` the slot is only held until then. `holding` is the
    source of a slot held before, which this contact takes over. `counts` false (the person called
    us) keeps the decision alone.
    """
    question = Question(person, channel, purpose, product, at, actor.user_id, holding or source)
    policies = policies_in_force()
    facts = facts_for([person], policies, question)[person]
    with work("gate.take"):
        _lock({person: facts})
        history = histories_of(
            {person: facts}, policies, channel=channel, at=at, for_user=actor.user_id
        )[person]
        decision = decide(policies, facts, history, question)
        decided = store(
            decision, person, channel, purpose, product, at=at, actor=actor, source=source
        )
        if counts and (decision.allowed or (permit is not None and permit(decision))):
            if holding or held_until is not None:
                _free_held(holding or source)
            ContactMade.objects.create(
                person=person, household=facts.household, address=facts.address,
                channel=channel, purpose=purpose or "",
                purpose_class=policies.class_of(purpose), at=at, by=actor.user_id,
                source=source, held_until=held_until, decision=decided,
            )  # fmt: skip
        return decision, decided


def extend(source: str, until: datetime) -> None:
    """Hold a slot longer."""
    ContactMade.objects.filter(source=source, held_until__isnull=False).update(held_until=until)


def release_held(source: str) -> None:
    """Free a slot that was held and not used."""
    _free_held(source)


def give_back(source: str, *, at: datetime) -> int:
    """Free the slots of a contact that was undone; returns how many."""
    rows = ContactMade.objects.filter(source=source, given_back_at__isnull=True)
    return rows.update(given_back_at=at)


def _free_held(source: str) -> None:
    ContactMade.objects.filter(source=source, held_until__isnull=False).delete()


def _lock(everyone: Mapping[str, Facts]) -> None:
    """Wait for others that take a contact counted with one of these, until the unit's end."""
    if connection.vendor != "postgresql":
        return
    names = {
        name
        for person, facts in everyone.items()
        for name in (
            f"person:{person}", f"household:{facts.household}", f"address:{facts.address}"
        )
    } - {"household:", "address:"}  # fmt: skip
    keys = sorted(
        int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        for name in names
    )
    with connection.cursor() as cursor:
        # In one order for all, so that no two wait for each other in a ring.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS k(key)", [keys]
        )


# ── many at once ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Ask:
    """One contact of many; `source` names what it belongs to."""

    person: str
    channel: str
    purpose: str | None
    product: str | None
    source: str


def facts_for_many(asks: Sequence[Ask], *, at: datetime, actor: Actor) -> dict[str, Facts]:
    """What `take_many` decides from; may ask the warehouse, so not to be called in a unit."""
    if not asks:
        return {}
    about = {(a.channel, a.purpose, a.product) for a in asks}
    questions = [Question("", *one, at, actor.user_id) for one in sorted(about, key=str)]
    persons = list(dict.fromkeys(ask.person for ask in asks))
    return facts_for(persons, policies_in_force(), *questions)


def take_many(
    asks: Sequence[Ask], facts: Mapping[str, Facts], *, at: datetime, actor: Actor
) -> list[tuple[Decision, str]]:
    """`take` for each of many contacts, as if one after the other in this order, in few queries.

    Returns a decision and the id it is kept by for each of `asks`. `facts` are `facts_for_many`'s
    for all of them. A part of the unit that is open, else one; a contact taken counts for those
    that follow.
    """
    if not asks:
        return []
    policies = policies_in_force()
    persons = {ask.person: facts[ask.person] for ask in asks}
    taken: list[tuple[Decision, str]] = []
    records: list[tuple[object, ...]] = []
    contacts: list[tuple[Contact, str]] = []
    with nullcontext() if in_unit() else work("gate.take_many"):
        _lock(persons)
        histories = histories_of(persons, policies, channel=None, at=at, for_user=actor.user_id)
        sharing = _sharing(persons)
        for ask, decided in zip(asks, new_ids("dec", len(asks)), strict=True):
            question = Question(
                ask.person, ask.channel, ask.purpose, ask.product, at, actor.user_id, ask.source
            )
            known = persons[ask.person]
            decision = decide(policies, known, histories[ask.person], question)
            taken.append((decision, decided))
            records.append(_record(ask, decision, decided, at, actor))
            if decision.allowed:
                contact = _contact(ask, known, policies, at, actor)
                contacts.append((contact, decided))
                _count(contact, sharing, histories)
        bulk.insert("gate_decisionrecord", _RECORD, records)
        made = zip(new_ids("ctc", len(contacts)), contacts, strict=True)
        bulk.insert("gate_contactmade", _SLOT, (_slot(new, *one) for new, one in made))
    return taken


def give_back_many(sources: Sequence[str], *, at: datetime) -> int:
    """Free the slots of contacts that were not made after all; returns how many."""
    if not sources:
        return 0
    rows = ContactMade.objects.filter(source__in=sources, given_back_at__isnull=True)
    return rows.update(given_back_at=at)


_RECORD = {
    "id": "text", "person": "text", "channel": "text", "purpose": "text", "product": "text",
    "answer": "text", "reasons": "jsonb", "until": "timestamptz", "by": "text", "source": "text",
    "asked_by": "text", "at": "timestamptz",
}  # fmt: skip
_SLOT = {
    "id": "text", "person": "text", "household": "text", "address": "text", "channel": "text",
    "purpose": "text", "purpose_class": "text", "at": "timestamptz", "by": "text",
    "source": "text", "decision": "text",
}  # fmt: skip


def _record(
    ask: Ask, decision: Decision, decided: str, at: datetime, actor: Actor
) -> tuple[object, ...]:
    reasons = [
        {"code": r.code, "restriction": r.restriction_id, "policy": r.policy}
        for r in decision.reasons
    ]
    return (
        decided, ask.person, ask.channel, ask.purpose or "", ask.product, str(decision.answer),
        jsontext.dumps(reasons), decision.until, decision.by or "", ask.source, actor.user_id, at,
    )  # fmt: skip


def _contact(ask: Ask, facts: Facts, policies: PolicySet, at: datetime, actor: Actor) -> Contact:
    return Contact(
        ask.person, facts.household, facts.address, ask.channel, ask.purpose or "",
        str(policies.class_of(ask.purpose)), at, actor.user_id, ask.source,
    )  # fmt: skip


def _slot(new: str, contact: Contact, decided: str) -> tuple[object, ...]:
    return (
        new, contact.person, contact.household, contact.address, contact.channel,
        contact.purpose, contact.purpose_class, contact.at, contact.by, contact.source, decided,
    )  # fmt: skip


def _sharing(persons: Mapping[str, Facts]) -> dict[str, list[str]]:
    """Who of these is counted together, by what they share."""
    found: dict[str, list[str]] = defaultdict(list)
    for person, facts in persons.items():
        for name in _shared_by(person, facts.household, facts.address):
            found[name].append(person)
    return found


def _shared_by(person: str, household: str, address: str) -> Iterable[str]:
    yield f"person:{person}"
    if household:
        yield f"household:{household}"
    if address:
        yield f"address:{address}"


def _count(
    contact: Contact, sharing: Mapping[str, Sequence[str]], histories: dict[str, History]
) -> None:
    """Let a contact taken just now count for everybody of this round who shares it."""
    whom: set[str] = set()
    for name in _shared_by(contact.person, contact.household, contact.address):
        whom.update(sharing[name])
    for person in whom:
        known = histories[person]
        histories[person] = replace(known, contacts=(*known.contacts, contact))


def contact_slots(person: str, *, limit: int = 100) -> list[ContactMade]:
    """The contacts of a person that caps count, newest first."""
    return list(
        ContactMade.objects.filter(person=person, given_back_at__isnull=True).order_by("-at")[
            :limit
        ]
    )
