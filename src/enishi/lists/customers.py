"""A customer's lists and contacts, for the customer page."""

from __future__ import annotations

from enishi.book.access import Actor
from enishi.book.opening import look_at
from enishi.gate.asking import in_scope
from enishi.gate.visibility import require_visible
from enishi.kernel.text import Locale
from enishi.lists.contacts import contacts_of, engagement_rows, lists_with, other_lists
from enishi.lists.models import Engagement
from enishi.lists.work_schemas import ContactsOut, CustomerListsOut


def customer_lists(person: str, actor: Actor, locale: Locale) -> CustomerListsOut:
    """The lists a person is or was on. Audited as a view of the person."""
    require_visible(actor, person, in_scope)
    rows = other_lists(lists_with(person), locale)
    look_at(actor, person, "lists")
    return CustomerListsOut(items=rows, total=len(rows))


def customer_contacts(
    person: str, actor: Actor, locale: Locale, offset: int, limit: int
) -> ContactsOut:
    """Every engagement with a person, newest first. Audited as a view of the person."""
    require_visible(actor, person, in_scope)
    total = Engagement.objects.filter(person=person, undone_at__isnull=True).count()
    rows = contacts_of(person, limit=offset + limit)[offset:]
    look_at(actor, person, "contacts")
    return ContactsOut(items=engagement_rows(rows, actor, locale), total=total)
