"""Who may come in: whoever is brought by an entry and is of the journey's audience."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from enishi.book import audit
from enishi.book.access import SYSTEM, Actor
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.catalog.types import Catalog
from enishi.gate.asking import catalog as known_catalog
from enishi.gate.asking import warehouse
from enishi.journeys import holds
from enishi.journeys.feed.hearing import TAKES_IN, Version
from enishi.journeys.feed.signals import EVERYBODY, person_rule, those_who_fit
from enishi.journeys.graph import ApiEntry, JourneyBody
from enishi.journeys.models import Journey, JourneyVersion
from enishi.journeys.types import VersionState
from enishi.journeys.walking import store
from enishi.kernel.errors import Conflict, EnishiError
from enishi.kernel.text import Text
from enishi.warehouse.engine import Engine


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry to one version of a journey, still to be looked at."""

    version: Version
    entry: store.Entry


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom the API names (an Enishi id), with the key and the values it gives."""

    person: str
    key: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


def who_may(
    engine: Engine, catalog: Catalog, wanted: Sequence[Wanted], at: datetime
) -> list[Wanted]:
    """Those of the audience of their journey at `at`. Whom the warehouse does not know may not
    come in, and neither may anybody while the audience cannot be asked."""
    found: list[Wanted] = []
    for version, group in _by_version(wanted):
        try:
            rule = person_rule(version.body.audience, catalog, version.body.purpose)
        except EnishiError:  # the catalog no longer fits it; the journey's page says so
            continue
        persons = {one.entry.person for one in group}
        fit = those_who_fit(engine, catalog, rule, persons, at)
        found += [one for one in group if one.entry.person in fit]
    return found


def let_in(wanted: Sequence[Wanted]) -> int:
    """Let them in by the rule of re-entry, in the unit that is open; returns how many came in."""
    return sum(
        store.enter_many(version.journey, version.number, [one.entry for one in group]).entered
        for version, group in _by_version(wanted)
    )


def _by_version(wanted: Sequence[Wanted]) -> list[tuple[Version, list[Wanted]]]:
    groups: dict[tuple[str, int], tuple[Version, list[Wanted]]] = {}
    for one in wanted:
        where = (one.version.journey, one.version.number)
        groups.setdefault(where, (one.version, []))[1].append(one)
    return list(groups.values())


def enter_by_api(journey: Journey, named: Sequence[Named], actor: Actor) -> store.Entered:
    """Let in whom the API names; the caller has checked that the actor may see them.

    `refused` counts `audience` too: those who are not of it. Raises Conflict `not_live` while the
    journey takes nobody in, and `no_api_entry` where none of its entries is the API.
    """
    version = JourneyVersion.objects.filter(journey=journey, state=VersionState.LIVE).first()
    if version is None or journey.state not in TAKES_IN:
        raise Conflict(
            Text("このジャーニーはいま受け付けていません。", "This journey takes nobody in now."),
            Text("公開してから、または再開してからお試しください。", "Put it live, or resume it."),
            code="not_live",
        )
    body = JourneyBody.model_validate(version.body)
    if not any(isinstance(entry, ApiEntry) for entry in body.entries):
        raise Conflict(
            Text(
                "このジャーニーにはAPIからの入口がありません。",
                "This journey has no entry by the API.",
            ),
            Text("入口に「API」を加えた版を公開してください。", "Add the entry “API” to it."),
            code="no_api_entry",
        )
    fit = _of_audience(body, [one.person for one in named])
    at = now()
    entries = [
        store.Entry(one.person, one.key, at, "api", one.given)
        for one in named if one.person in fit
    ]  # fmt: skip
    with work("journeys.api_entry"):
        done = store.enter_many(journey.id, version.number, entries)
        holds.settle({one.person for one in entries}, at)
        _record(journey, done, [one.person for one in entries], actor)
    outside = len(named) - len(entries)
    refused = dict(done.refused) | ({"audience": outside} if outside else {})
    return store.Entered(done.entered, refused)


def _of_audience(body: JourneyBody, persons: Sequence[str]) -> set[str]:
    """Asked of the warehouse wherever it is open: this may be another process."""
    known = known_catalog()
    rule: dict[str, Any] = {
        "version": 1, "rule": EVERYBODY if body.audience is None else dict(body.audience)
    }  # fmt: skip
    if body.purpose in known.purposes:
        rule["purpose"] = body.purpose
    if known.stream is not None:
        rule["subject"] = known.stream.person
    table = warehouse().who(rule, actor=SYSTEM, ids=sorted(set(persons)))
    return set(table.column("_id").to_pylist())


def _record(journey: Journey, done: store.Entered, persons: Sequence[str], actor: Actor) -> None:
    detail = {"entered": done.entered, "refused": dict(done.refused)}
    audit.record(actor, "journey.enter", "journey", journey.id, detail, list(persons))
