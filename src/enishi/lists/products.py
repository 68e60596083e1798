"""What a customer can refuse: the products that lists are about, and purposes.

A refusal stops a contact only where it names the very code that the contact is about, so it is
chosen, not typed.
"""

from __future__ import annotations

from typing import Literal

from ninja import Schema

from enishi.gate.bodies import Refusals
from enishi.gate.in_force import policies_in_force
from enishi.gate.purposes import purposes
from enishi.kernel.text import Text
from enishi.lists.definitions import body_of
from enishi.lists.models import ListDefinition


class ProductOut(Schema):
    """`code` is what a refusal names; `kind` says whether lists offer it or are for it."""

    code: str
    kind: Literal["product", "purpose"]
    label_ja: str
    label_en: str


class ProductsOut(Schema):
    """Products first, each once, in the order of their labels."""

    items: list[ProductOut]
    total: int


def products() -> ProductsOut:
    """The products of definitions in use, of open lists of retired ones too, and the purposes
    that a refusal stops: not care and formalities, unless the `refusals` policy says otherwise."""
    in_use = ListDefinition.objects.filter(state="active") | ListDefinition.objects.filter(
        actionablelist__state="open"
    )
    labels: dict[str, Text] = {}
    for row in in_use.distinct().order_by("slug", "version"):
        body = body_of(row)
        if body.product:
            label = body.product_label
            plain = Text(body.product, body.product)
            labels[body.product] = Text(label.ja, label.en) if label is not None else plain
    items = [_item(code, "product", label) for code, label in labels.items()]
    items.sort(key=lambda one: (one.label_ja, one.code))
    policies = policies_in_force()
    refusals = policies.ground["refusals"].body
    assert isinstance(refusals, Refusals)
    items += [
        _item(code, "purpose", label)
        for code, label in purposes().items()
        if code not in labels and refusals.product.of(policies.class_of(code)) != "allow"
    ]
    return ProductsOut(items=items, total=len(items))


def _item(code: str, kind: Literal["product", "purpose"], label: Text) -> ProductOut:
    return ProductOut(code=code, kind=kind, label_ja=label.ja, label_en=label.en)
