"""A customer's lists and contacts over HTTP."""

from __future__ import annotations

from enishi.book.http import Limit, Offset, Request, Router
from enishi.lists import customers
from enishi.lists.products import ProductsOut, products
from enishi.lists.work_schemas import ContactsOut, CustomerListsOut

router = Router(tags=["customers"])


@router.get("/customers/{person}/lists", permission="customers.read", response=CustomerListsOut)
def lists(request: Request, person: str) -> CustomerListsOut:
    """The lists this customer is or was on."""
    return customers.customer_lists(person, request.actor, request.locale)


@router.get("/products", permission="gate.read", response=ProductsOut)
def refusable(request: Request) -> ProductsOut:
    """What a customer can refuse by itself: products that lists are about, and purposes."""
    return products()


@router.get("/customers/{person}/contacts", permission="customers.read", response=ContactsOut)
def contacts(request: Request, person: str, offset: Offset = 0, limit: Limit = 50) -> ContactsOut:
    """Every engagement with this customer, newest first."""
    return customers.customer_contacts(person, request.actor, request.locale, offset, limit)
