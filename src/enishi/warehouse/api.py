"""The catalog for the builder, rules, and customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ninja import Field, Schema

from enishi.book import audit
from enishi.book.http import Limit, Offset, Page, Request, Router
from enishi.catalog.types import Catalog, Dataset, Relation
from enishi.kernel.errors import EnishiError, Forbidden, Invalid
from enishi.kernel.text import Locale, Text
from enishi.warehouse.instants import read_instant
from enishi.warehouse.process import warehouse
from enishi.warehouse.unseen import refuse_unseen

router = Router()


class Bilingual(Schema):
    ja: str
    en: str


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


# ── rules ────────────────────────────────────────────────────────────────────────────────────


class FaultOut(Schema):
    code: str
    path: str
    message: str
    remedy: str


class RuleIn(Schema):
    """A rule, bare or in its envelope; `subject` and `purpose` fill what a bare one leaves open."""

    rule: dict[str, Any]
    subject: str | None = None
    purpose: str | None = None


class CheckIn(RuleIn):
    audience: bool = Field(False, description="Refuse a rule that selects everybody")
    user_values: bool = Field(False, description='Allow {"user": NAME}: row scopes, list filters')


class CheckOut(Schema):
    ok: bool
    faults: list[FaultOut]
    warnings: list[FaultOut]
    sentence: str | None


@router.post("/rules/check", permission="rules.preview", response=CheckOut, tags=["rules"])
def check(request: Request, body: CheckIn) -> dict[str, object]:
    """Whether a rule may be saved; its faults with their places, or the rule in words."""
    from enishi.book.scopes import attribute_names
    from enishi.rules import check_rule, describe

    found: Catalog = warehouse().catalog
    try:
        checked = check_rule(
            body.rule,
            found,
            subject=body.subject,
            purpose=body.purpose,
            user_fields=attribute_names() if body.user_values else None,
            audience=body.audience,
        )
    except Invalid as error:
        faults = [fault.as_json(request.locale) for fault in error.faults]
        return {"ok": False, "faults": faults, "warnings": [], "sentence": None}
    try:
        refuse_unseen(checked, request.actor, found)
    except Forbidden as error:
        fault = {"code": error.code, "path": "$", **_told(error, request.locale)}
        return {"ok": False, "faults": [fault], "warnings": [], "sentence": None}
    return {
        "ok": True,
        "faults": [],
        "warnings": [fault.as_json(request.locale) for fault in checked.warnings],
        "sentence": describe(checked, found, request.locale),
    }


def _told(error: EnishiError, locale: Locale) -> dict[str, str]:
    return {"message": error.message[locale], "remedy": error.remedy[locale]}


class RulePreviewIn(RuleIn):
    as_of: str | None = None
    sample: int = Field(10, ge=0, le=50)
    columns: dict[str, Any] = Field(default_factory=dict)


class FunnelStep(Schema):
    path: str
    sentence: str
    alone: int
    cumulative: int


class RulePreviewOut(Schema):
    count: int
    as_of: datetime
    subject: str
    purpose: str | None
    sentence: str
    funnel: list[FunnelStep]
    sample: list[dict[str, Any]]
    ms: float
    as_known_today: list[str]
    warnings: list[FaultOut]


@router.post("/rules/preview", permission="rules.preview", response=RulePreviewOut, tags=["rules"])
def preview(request: Request, body: RulePreviewIn) -> dict[str, object]:
    """How many, condition by condition, and a few of them. Showing persons is recorded."""
    asked = warehouse()
    rule, given = _envelope(body), _given(request, body.as_of)
    counted = asked.count(rule, **given, locale=request.locale)
    at = given | {"as_of": datetime.fromisoformat(counted["as_of"])}
    funnel = asked.funnel(rule, **at, locale=request.locale)
    sample = asked.sample(rule, body.sample, **at, columns=body.columns) if body.sample else []
    if sample:
        audit.record(
            request.actor, "rule.preview", "rule", "unsaved", {"count": counted["count"]},
            [row["id"] for row in sample],
        )  # fmt: skip
    return {**counted, "funnel": funnel, "sample": sample}


class WhyIn(RuleIn):
    person: str = Field(description="An Enishi id or a source key", max_length=200)
    as_of: str | None = None


class WhyOut(Schema):
    id: str
    subject: str
    truth: bool
    existed: bool
    as_of: datetime
    sentence: str
    as_known_today: list[str]
    explanation: dict[str, Any] | None


@router.post("/rules/why", permission="rules.preview", response=WhyOut, tags=["rules"])
def why(request: Request, body: WhyIn) -> dict[str, Any]:
    """Why a rule is true or false for one person; recorded as a view of that person."""
    found: dict[str, Any] = warehouse().why(
        _envelope(body), body.person, **_given(request, body.as_of), locale=request.locale
    )
    audit.record(
        request.actor, "rule.why", "customer", found["id"], {"truth": found["truth"]}, [found["id"]]
    )
    return found


def _envelope(body: RuleIn) -> Mapping[str, object]:
    """The rule with the subject and the purpose that the caller named beside it."""
    if "rule" in body.rule:
        return body.rule
    named = {"subject": body.subject, "purpose": body.purpose}
    return {"version": 1, "rule": body.rule, **{k: v for k, v in named.items() if v is not None}}


def _given(request: Request, as_of: str | None) -> dict[str, Any]:
    zone = warehouse().catalog.zone
    return {
        "actor": request.actor,
        "as_of": read_instant(as_of, zone) if as_of else None,
    }


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
    relation: str
    label: Bilingual
    dataset: str
    many: bool
    total: int
    fields: list[ShownField]
    rows: list[dict[str, Any]]


class TimelineOut(Schema):
    ts: str | None
    event: str | None
    dataset: str
    label: Bilingual
    fields: list[ToldField]


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
    timeline: list[TimelineOut]
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
