"""Taking a contact: decided, kept and counted in one unit, so that no cap is ever exceeded.

Two workers that ask about the same person, household or address wait for each other: on SQLite for
the book's turn, on PostgreSQL for locks named after what a cap counts by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from django.db import connection

from enishi.book.access import Actor
from enishi.book.unit import work
from enishi.gate.deciding import decide
from enishi.gate.history import histories_of
from enishi.gate.in_force import policies_in_force
from enishi.gate.models import ContactMade
from enishi.gate.service import facts_for, store
from enishi.gate.types import Decision, Facts, Question

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
        _lock(person, facts)
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


def _lock(person: str, facts: Facts) -> None:
    """Wait for others that take a contact counted with this one, until the unit's end."""
    if connection.vendor != "postgresql":
        return
    names = {f"person:{person}", f"household:{facts.household}", f"address:{facts.address}"}
    names -= {"household:", "address:"}
    keys = sorted(
        int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        for name in names
    )
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def contact_slots(person: str, *, limit: int = 100) -> list[ContactMade]:
    """The contacts of a person that caps count, newest first."""
    return list(
        ContactMade.objects.filter(person=person, given_back_at__isnull=True).order_by("-at")[
            :limit
        ]
    )
