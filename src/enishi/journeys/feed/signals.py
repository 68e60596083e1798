"""The rules that journeys listen by: over an event's own row, and over the people inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from enishi.catalog.types import Catalog
from enishi.kernel.errors import EnishiError, Invalid
from enishi.kernel.text import Text, fold
from enishi.rules import Facts, Moment, check_rule, compile_rule, compile_view, decide
from enishi.rules.check import Checker
from enishi.rules.facts import Row
from enishi.rules.tree import Node
from enishi.rules.types import CheckedRule
from enishi.segments.slices import asked_of
from enishi.warehouse.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enishi.warehouse.engine import Question

_AMONG = "_journey_among"
EVERYBODY: Mapping[str, Any] = {"all": []}


@dataclass(frozen=True)
class Where:
    """A rule over the fields of one event, ready to be asked."""

    rule: CheckedRule
    catalog: Catalog

    def holds(self, row: Row, at: datetime) -> bool:
        """Whether it is true of an event's row (times aware)."""
        time = self.catalog.datasets[self.rule.subject].time
        told = None if time is None else row.get(time.field)
        seen = max(at, told) if isinstance(told, datetime) else at  # a moment ahead is now too
        facts = Facts(self.catalog, {self.rule.subject: (row,)})
        return decide(self.rule, facts, row, Moment(self.catalog, seen))[0]


def check_where(json: object, catalog: Catalog, dataset: str | None = None) -> Where:
    """Type a rule over events' own fields, by default those of the event API. Raises Invalid
    (`rule_invalid`) with faults, or `where_beyond` when it asks for more than the event itself."""
    stream = catalog.stream
    if stream is None:
        raise Invalid(
            Text("このカタログにはイベントがありません。", "This catalog has no events."),
            Text("人のデータセットを定義してください。", "Describe the dataset of persons."),
            code="no_events",
        )
    name = dataset or stream.activity
    checker = Checker(catalog, catalog.datasets[name])
    typed = checker.check_rule(json)
    checker.faults.raise_if_any()
    if typed.datasets - {name} or typed.segments or typed.lists:
        raise Invalid(
            Text(
                "イベントの条件では、そのイベント自身の項目だけを使えます。",
                "The rule of an event can ask about the event's own fields alone.",
            ),
            Text(
                "お客さまについての条件は、分岐や対象者の条件に書いてください。",
                "Ask about the customer in a branch, or in the audience.",
            ),
            code="where_beyond",
        )
    tree = cast(Node, typed.tree)
    rule = CheckedRule(name, tree, tree, None, typed.fields, typed.datasets, frozenset())
    return Where(rule, catalog)


def wheres_of(names: Iterable[str], json: object, catalog: Catalog) -> dict[str, Where]:
    """The rule for each dataset whose events of these names it fits. Raises Invalid, as
    `check_where`, where it fits none."""
    stream = catalog.stream
    kind = "" if stream is None else catalog.datasets[stream.person].subject or ""
    found: dict[str, Where] = {}
    fault: EnishiError | None = None
    for dataset in catalog.event_sources(kind, frozenset(fold(one) for one in names)):
        try:
            found[dataset.name] = check_where(json, catalog, dataset.name)
        except EnishiError as error:
            own = stream is not None and dataset.name == stream.activity
            fault = error if fault is None or own else fault
    if not found:
        if fault is None:
            check_where(json, catalog)
            return {}
        raise fault
    return found


def first_where(names: Iterable[str], json: object, catalog: Catalog) -> Where:
    """The rule for one of the datasets whose events of these names it fits. Raises Invalid."""
    found = wheres_of(names, json, catalog)
    return next(iter(found.values())) if found else check_where(json, catalog)


def person_rule(json: object | None, catalog: Catalog, purpose: str) -> CheckedRule:
    """A journey's rule over persons, for its purpose; none: of everybody. Raises Invalid."""
    stream = catalog.stream
    return check_rule(
        EVERYBODY if json is None else json,
        catalog,
        subject=None if stream is None else stream.person,
        purpose=purpose if purpose in catalog.purposes else None,
    )


def heard_by(rule: CheckedRule, catalog: Catalog) -> frozenset[str] | None:
    """The names of events (folded) that may change a rule's answer; None: those of any name."""
    stream = catalog.stream
    found: frozenset[str] = frozenset()
    for asked in asked_of(rule, catalog):
        if stream is None or asked.dataset != stream.activity:
            continue
        if asked.names is None:
            return None
        found |= asked.names
    return found


def those_who_fit(
    engine: Engine, catalog: Catalog, rule: CheckedRule, persons: Iterable[str], at: datetime
) -> set[str]:
    """Those of some people (Enishi ids) of whom a rule is true at an instant. Whom the warehouse
    does not know is not among them."""
    with _among(engine, persons) as question:
        sql = compile_view(
            catalog, rule.subject, rule, {}, at, _AMONG, engine.dialect, schemas=engine.schemas
        )
        return set(question.table(sql).column("_id").to_pylist())


def everybody_who_fits(
    engine: Engine, catalog: Catalog, rule: CheckedRule, at: datetime
) -> list[str]:
    """Everybody of whom a rule is true at an instant, in the order of their ids."""
    sql = compile_rule(rule, catalog, at, engine.dialect, schemas=engine.schemas)
    with engine.read() as question:
        return sorted(set(question.table(sql).column("_id").to_pylist()))


@contextmanager
def _among(engine: Engine, persons: Iterable[str]) -> Iterator[Question]:
    with engine.read() as question:
        ids = pa.array(sorted(set(persons)), pa.string())
        question.register(_AMONG, pa.table({"_id": ids}))
        yield question


def still_there(engine: Engine, catalog: Catalog, persons: Sequence[str]) -> set[str]:
    """Those of some people whom the warehouse still has: nobody who has been erased meanwhile."""
    stream = catalog.stream
    if stream is None or not persons:
        return set()
    with _among(engine, persons) as question:
        rows = question.rows(
            f"SELECT DISTINCT _id FROM {engine.spelling.data(stream.person)}"
            f" WHERE _id IN (SELECT _id FROM {_AMONG})"
        )
    return {row[0] for row in rows}


Fits = Callable[[CheckedRule, Iterable[str]], set[str]]
"""Asks a rule of some people, now."""
