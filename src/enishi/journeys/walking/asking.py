"""What steps ask of people, answered for many at once by the warehouse.

Before walks are moved, the steps that each may come to without standing anywhere are looked up, and
their questions asked of all of them together: one query an arm, one a date. An answer that cannot
be had (the rule no longer fits the catalog, the warehouse is closed) is none, and the walk stands.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from enishi.catalog.types import Catalog
from enishi.journeys.feed.signals import person_rule, those_who_fit
from enishi.journeys.graph import Branch, WaitDate
from enishi.journeys.types import Heard, Walk
from enishi.journeys.walking.ready import Ready
from enishi.journeys.walking.times import on_day
from enishi.kernel.errors import EnishiError
from enishi.rules import check_value, compile_view
from enishi.warehouse.engine import Engine

_AMONG = "_journey_dates"
_log = logging.getLogger("enishi.journeys")


class Answers:
    """The answers to one version's questions, about whoever `about` names: a `StepFacts`."""

    def __init__(self) -> None:
        self._holds: dict[tuple[str, int], tuple[set[str], set[str]]] = {}  # asked, true
        self._dates: dict[str, dict[str, datetime | None]] = {}
        self._heard: dict[str, list[str]] = {}
        self._person = ""

    def about(self, person: str) -> Answers:
        self._person = person
        return self

    def holds(self, step: str, arm: int) -> bool | None:
        asked, true = self._holds.get((step, arm), _NOBODY)
        return self._person in true if self._person in asked else None

    def date_of(self, step: str) -> datetime | bool | None:
        return self._dates.get(step, {}).get(self._person, False)

    def heard(self, walk: Walk, now: datetime) -> list[Heard]:
        """The exits and goals whose rule holds of a walk's person."""
        return [Heard(place, now) for place in self._heard.get(walk.person, ())]

    def put_holds(self, step: str, arm: int, asked: Iterable[str], true: set[str]) -> None:
        self._holds[step, arm] = (set(asked), true)

    def put_dates(self, step: str, dates: dict[str, datetime | None]) -> None:
        self._dates[step] = dates

    def put_heard(self, place: str, persons: Iterable[str]) -> None:
        for person in persons:
            self._heard.setdefault(person, []).append(place)


_NOBODY: tuple[set[str], set[str]] = (set(), set())


class Asker:
    """Asks one warehouse, as of one instant."""

    def __init__(self, engine: Engine, catalog: Catalog, now: datetime) -> None:
        self._engine, self._catalog, self._now = engine, catalog, now

    def ask(self, ready: Ready, standing: Sequence[tuple[str, str | None]]) -> Answers:
        """Everything that people on one version, each at a step, may be asked on their way."""
        answers = Answers()
        at: dict[str, set[str]] = {}
        for person, step in standing:
            for name in ready.asks.get(step, ()):
                at.setdefault(name, set()).add(person)
        for name, persons in at.items():
            asking = ready.steps[name]
            if isinstance(asking, Branch):
                for place, arm in enumerate(asking.arms):
                    true = self._fit(ready, f"{name}[{place}]", arm.rule, persons)
                    if true is not None:
                        answers.put_holds(name, place, persons, true)
            elif isinstance(asking, WaitDate):
                dates = self.dates(ready, name, asking, persons)
                if dates is not None:
                    answers.put_dates(name, dates)
        for heard_at, signal in ready.asked_before.items():
            everybody = {person for person, _ in standing}
            true = self._fit(ready, heard_at, signal.rule, everybody)
            answers.put_heard(heard_at, true or ())
        return answers

    def _fit(self, ready: Ready, place: str, rule: object, persons: set[str]) -> set[str] | None:
        try:
            checked = person_rule(rule, self._catalog, ready.body.purpose)
            return those_who_fit(self._engine, self._catalog, checked, persons, self._now)
        except EnishiError as error:
            _log.warning("%s of %s cannot be asked: %s", place, ready.slug, error.code)
            return None

    def dates(
        self, ready: Ready, name: str, step: WaitDate, persons: set[str]
    ) -> dict[str, datetime | None] | None:
        try:
            found = self._values(ready, step.field, persons)
        except EnishiError as error:
            _log.warning("%s of %s cannot be asked: %s", name, ready.slug, error.code)
            return None
        offset = ready.spans[name]
        return {
            person: None
            if (value := found.get(person)) is None
            else on_day(value, offset, step.at, ready.zone)
            for person in persons
        }

    def _values(self, ready: Ready, field: str, persons: set[str]) -> Mapping[str, date]:
        catalog = self._catalog
        rule = person_rule(None, catalog, ready.body.purpose)
        value = check_value({"field": field}, catalog, subject=rule.subject, purpose=rule.purpose)
        with self._engine.read() as question:
            ids = pa.array(sorted(persons), pa.string())
            question.register(_AMONG, pa.table({"_id": ids}))
            sql = compile_view(
                catalog, rule.subject, rule, {"value": value}, self._now, _AMONG,
                self._engine.dialect, schemas=self._engine.schemas,
            )  # fmt: skip
            table = question.table(sql)
        told: Sequence[Any] = table.column("value").to_pylist()
        return {
            one: known.replace(tzinfo=UTC)
            if isinstance(known, datetime) and known.tzinfo is None
            else known
            for one, known in zip(table.column("_id").to_pylist(), told, strict=True)
            if isinstance(known, date)
        }
