"""Rules as they are built: what they may name, what is wrong, how many, who, and why.

The count, the funnel and the sample are asked for apart, so that the count need not wait.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.http import Request, Router
from enishi.book.scopes import attribute_names
from enishi.catalog.types import Catalog
from enishi.kernel.errors import Unavailable
from enishi.kernel.text import Locale, Text
from enishi.rules import check_rule, describe
from enishi.warehouse.instants import read_instant
from enishi.warehouse.placing import faults_in
from enishi.warehouse.process import warehouse
from enishi.warehouse.rules_compare import differing_parts
from enishi.warehouse.rules_schemas import (
    AskIn,
    CheckIn,
    CheckOut,
    CompareIn,
    CountOut,
    FunnelIn,
    FunnelOut,
    RuleCompareOut,
    RuleIn,
    RulePreviewIn,
    RulePreviewOut,
    SampleIn,
    SampleOut,
    SetsOut,
    WhyIn,
    WhyOut,
)

router = Router(tags=["rules"])


@router.get("/rules/sets", permission="rules.preview", response=SetsOut)
def sets(request: Request) -> dict[str, object]:
    """The segments and lists that a rule may name. Lists only for who may read lists."""
    catalog: Catalog = warehouse().catalog
    locale = request.locale
    lists = catalog.sets.lists().values() if request.actor.may("lists.read") else ()
    return {
        "segments": [
            {"slug": one.slug, "subject": one.subject, **_label(one.label, locale)}
            for one in catalog.sets.segments().values()
        ],
        "lists": [
            {
                "slug": one.slug,
                "subject": one.subject,
                **_label(one.label, locale),
                "statuses": [
                    {"name": name, "labels": {"ja": label.ja, "en": label.en}, "means": means}
                    for name, (label, means) in one.statuses.items()
                ],
            }
            for one in lists
        ],
    }


def _label(text: Text, locale: Locale) -> dict[str, object]:
    return {"label": text[locale], "labels": {"ja": text.ja, "en": text.en}}


@router.post("/rules/check", permission="rules.preview", response=CheckOut)
def check(request: Request, body: CheckIn) -> dict[str, object]:
    """Whether a rule may be saved; its faults with their places, or the rule in words."""
    catalog: Catalog = warehouse().catalog
    users = attribute_names() if body.user_values else None
    faults = faults_in(
        body.rule,
        catalog,
        request.actor,
        subject=body.subject,
        purpose=body.purpose,
        user_fields=users,
        audience=body.audience,
    )
    if faults:
        told = [fault.as_json(request.locale) for fault in faults]
        return {"ok": False, "faults": told, "warnings": [], "sentence": None}
    checked = check_rule(
        body.rule,
        catalog,
        subject=body.subject,
        purpose=body.purpose,
        user_fields=users,
        known_events=lambda: _events_seen(request.actor),
    )
    return {
        "ok": True,
        "faults": [],
        "warnings": [fault.as_json(request.locale) for fault in checked.warnings],
        "sentence": describe(checked, catalog, request.locale),
        "consent": checked.consent_added,
    }


def _events_seen(actor: Actor) -> frozenset[str] | None:
    """The names of events seen so far; None (no warning) while the warehouse does not answer."""
    try:
        names: list[str] | None = warehouse().event_names(actor=actor)
    except Unavailable:
        return None
    return None if names is None else frozenset(names)


@router.post("/rules/count", permission="rules.preview", response=CountOut)
def count(request: Request, body: AskIn) -> dict[str, Any]:
    """How many, and the rule in words."""
    found: dict[str, Any] = warehouse().count(
        _envelope(body), **_given(request, body.as_of), locale=request.locale
    )
    return found


@router.post("/rules/funnel", permission="rules.preview", response=FunnelOut)
def funnel(request: Request, body: FunnelIn) -> dict[str, Any]:
    """How many survive each condition, of the whole rule or of one group or sequence in it."""
    started = time.perf_counter()
    steps = warehouse().funnel(
        _envelope(body),
        **_given(request, body.as_of),
        locale=request.locale,
        path=_inside(body, body.path),
    )
    if "rule" not in body.rule:
        for step in steps:
            step["path"] = step["path"].replace("$.rule", "$", 1)
    return {"steps": steps, "ms": round((time.perf_counter() - started) * 1000, 1)}


@router.post("/rules/sample", permission="rules.preview", response=SampleOut)
def sample(request: Request, body: SampleIn) -> dict[str, Any]:
    """A few of them, the same few each time. Showing persons is recorded."""
    people = warehouse().sample(
        _envelope(body), body.sample, **_given(request, body.as_of), columns=body.columns
    )
    _shown(request, "rule.preview", {"sample": len(people)}, people)
    return {"people": people}


@router.post("/rules/preview", permission="rules.preview", response=RulePreviewOut)
def preview(request: Request, body: RulePreviewIn) -> dict[str, object]:
    """How many, condition by condition, and a few of them. Showing persons is recorded."""
    asked = warehouse()
    rule, given = _envelope(body), _given(request, body.as_of)
    counted = asked.count(rule, **given, locale=request.locale)
    at = given | {"as_of": datetime.fromisoformat(counted["as_of"])}
    steps = asked.funnel(rule, **at, locale=request.locale)
    people = asked.sample(rule, body.sample, **at, columns=body.columns) if body.sample else []
    _shown(request, "rule.preview", {"count": counted["count"]}, people)
    return {**counted, "funnel": steps, "sample": people}


@router.post("/rules/why", permission="rules.preview", response=WhyOut)
def why(request: Request, body: WhyIn) -> dict[str, Any]:
    """Why a rule is true or false for one person; recorded as a view of that person."""
    found: dict[str, Any] = warehouse().why(
        _envelope(body), body.person, **_given(request, body.as_of), locale=request.locale
    )
    _shown(request, "rule.why", {"truth": found["truth"]}, [found], found["id"])
    return found


@router.post("/rules/compare", permission="rules.preview", response=RuleCompareOut)
def compare(request: Request, body: CompareIn) -> dict[str, Any]:
    """Two rules side by side: their conditions, and whom only one of them selects."""
    a = _envelope(RuleIn(rule=body.a, subject=body.subject, purpose=body.purpose))
    b = _envelope(RuleIn(rule=body.b, subject=body.subject, purpose=body.purpose))
    found = warehouse().compare(a, b, **_given(request, body.as_of), people=body.people)
    catalog: Catalog = warehouse().catalog
    people = found["people_only_a"] + found["people_only_b"]
    _shown(request, "rule.compare", {"shown": len(people)}, people)
    return {**found, **differing_parts(a, b, catalog, request.actor, request.locale)}


def _shown(
    request: Request,
    action: str,
    told: dict[str, object],
    people: list[dict[str, Any]],
    target: str | None = None,
) -> None:
    """Record that persons were shown; nothing when there was nobody."""
    if people:
        kind = "rule" if target is None else "customer"
        audit.record(
            request.actor, action, kind, target or "unsaved", told, [one["id"] for one in people]
        )


def _envelope(body: RuleIn) -> Mapping[str, object]:
    """The rule with the subject and the purpose that the caller named beside it."""
    if "rule" in body.rule:
        return body.rule
    named = {"subject": body.subject, "purpose": body.purpose}
    return {"version": 1, "rule": body.rule, **{k: v for k, v in named.items() if v is not None}}


def _inside(body: RuleIn, path: str | None) -> str | None:
    """A path of the body's rule, as a path of the envelope that is asked."""
    if path is None or "rule" in body.rule:
        return path
    return path.replace("$", "$.rule", 1)


def _given(request: Request, as_of: str | None) -> dict[str, Any]:
    zone = warehouse().catalog.zone
    return {
        "actor": request.actor,
        "as_of": read_instant(as_of, zone) if as_of else None,
    }
