"""The catalog for the builder, values of fields, and customers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema

from enishi.book import audit
from enishi.book.http import Limit, Offset, Page, Request, Router
from enishi.catalog.types import Catalog, Dataset, Relation
from enishi.kernel.text import Locale, Text
from enishi.warehouse import rules_api
from enishi.warehouse.process import warehouse
from enishi.warehouse.rules_schemas import Bilingual

router = Router()


def routers() -> list[Router]:
    """The routers of this package, for `web.api`."""
    return [router, rules_api.router]


class FieldOut(Schema):
    name: str
    label: str
    labels: Bilingual
    type: str
    scale: int
    meaning: str | None
    pii: str
    purposes: list[str] | None
    consent_purposes: list[str]
    aliases: list[str]
    derived: bool


class RelationOut(Schema):
    name: str
    label: str
    labels: Bilingual
    source: str
    target: str
    many: bool
    columns: list[tuple[str, str]]
    via: list[str]
    inverse: str | None


class EventOut(Schema):
    name: str | None
    name_field: str | None
    of: dict[str, str]  # subject kind → relation path from its dataset


class TimeOut(Schema):
    field: str
    kind: str


class CatalogDatasetOut(Schema):
    name: str
    label: str
    labels: Bilingual
    kind: str
    subject: str | None
    key: list[str]
    display: str | None
    time: TimeOut | None
    event: EventOut | None
    fresh_for: str | None
    fields: list[FieldOut]
    relations: list[RelationOut]


class PurposeOut(Schema):
    name: str
    label: str
    labels: Bilingual


class CatalogOut(Schema):
    version: str
    timezone: str
    week_start: int
    fiscal_year_start: int
    datasets: list[CatalogDatasetOut]
    purposes: list[PurposeOut]
    consents: bool  # whether the catalog says where consents are recorded


@router.get("/catalog", permission="catalog.read", response=CatalogOut, tags=["data"])
def catalog(request: Request) -> dict[str, object]:
    """What the data means: datasets, fields, relations, purposes."""
    found: Catalog = warehouse().catalog
    locale = request.locale
    return {
        "version": found.version,
        "timezone": found.timezone,
        "week_start": found.week_start,
        "fiscal_year_start": found.fiscal_year_start,
        "datasets": [_dataset(dataset, found, locale) for dataset in found.datasets.values()],
        "purposes": [{"name": p.name, **_label(p.label, locale)} for p in found.purposes.values()],
        "consents": found.consents is not None,
    }


def _label(text: Text, locale: Locale) -> dict[str, object]:
    return {"label": text[locale], "labels": {"ja": text.ja, "en": text.en}}


def _dataset(dataset: Dataset, catalog: Catalog, locale: Locale) -> dict[str, object]:
    event, time = dataset.event, dataset.time
    relations = catalog.relations.get(dataset.name, {}).values()
    return {
        "name": dataset.name,
        **_label(dataset.label, locale),
        "kind": dataset.kind.value,
        "subject": dataset.subject,
        "key": list(dataset.key),
        "display": dataset.display,
        "time": {"field": time.field, "kind": time.kind.value} if time else None,
        "event": {"name": event.name, "name_field": event.name_field, "of": dict(event.of)}
        if event
        else None,
        "fresh_for": dataset.fresh_for,
        "fields": [
            {
                "name": field.name,
                **_label(field.label, locale),
                "type": field.type.value,
                "scale": field.scale,
                "meaning": field.meaning.value if field.meaning else None,
                "pii": field.pii.value,
                "purposes": None if field.purposes is None else sorted(field.purposes),
                "consent_purposes": sorted(field.consent_purposes),
                "aliases": list(field.aliases),
                "derived": field.derive is not None,
            }
            for field in dataset.fields.values()
        ],
        "relations": [_relation(relation, locale) for relation in relations],
    }


def _relation(relation: Relation, locale: Locale) -> dict[str, object]:
    return {
        "name": relation.name,
        **_label(relation.label, locale),
        "source": relation.source,
        "target": relation.target,
        "many": relation.many,
        "columns": list(relation.columns),
        "via": [hop.relation for hop in relation.via],
        "inverse": relation.inverse,
    }


class ValueOut(Schema):
    value: Any
    count: int


class ValuesOut(Schema):
    items: list[ValueOut]


@router.get("/data/values", permission="rules.preview", response=ValuesOut, tags=["data"])
def values(
    request: Request, dataset: str, field: str, prefix: str = "", limit: Limit = 20
) -> dict[str, object]:
    """The commonest values of a field in the rows one may see, for value pickers."""
    found = warehouse().values(dataset, field, prefix, limit, actor=request.actor)
    return {"items": found}


# ── customers ────────────────────────────────────────────────────────────────────────────────


class ToldField(Schema):
    name: str
    label: Bilingual
    type: str
    scale: int
    meaning: str | None
    value: Any
    masked: bool


class CustomerOut(Schema):
    id: str
    key: str
    display: str | None
    fields: list[ToldField]


class ShownField(Schema):
    name: str
    label: Bilingual
    type: str
    scale: int
    meaning: str | None


class RelatedOut(Schema):
    """The rows of one relation. `part`: what they are on a page (branch, owner, company, parent,
    children, family, people, consents). A row that is a subject has its id as `_id`; one that has a
    name has it as `_display`."""

    relation: str
    label: Bilingual
    dataset: str
    part: str | None
    subject: str | None
    many: bool
    total: int
    fields: list[ShownField]
    rows: list[dict[str, Any]]


class WorthOut(Schema):
    """One sum the catalog's `worth` asks for; `value` is exact, as text."""

    label: Bilingual
    value: str | None
    rows: int
    masked: bool


class DataAge(Schema):
    dataset: str
    label: Bilingual
    loaded_at: str | None
    fresh: bool | None  # None: the catalog promises nothing


class PersonOut(Schema):
    id: str
    subject: str
    dataset: str
    key: str
    display: str | None
    as_of: datetime
    fields: list[ToldField]
    related: list[RelatedOut]
    worth: list[WorthOut]
    data: list[DataAge]


@router.get(
    "/customers", permission="customers.read", response=Page[CustomerOut], tags=["customers"]
)
def customers(
    request: Request, q: str = "", subject: str | None = None, offset: Offset = 0, limit: Limit = 50
) -> dict[str, Any]:
    """Customers by name, kana, phone, e-mail or number, within one's row scope."""
    found: dict[str, Any] = warehouse().search(
        q[:100], limit, subject, actor=request.actor, offset=offset
    )
    shown = [item["id"] for item in found["items"]]
    if shown:
        audit.record(
            request.actor, "customer.search", "customer", "list", {"found": found["total"]}, shown
        )
    return found
