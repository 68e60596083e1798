"""The facts of many subjects at once: only the rows that the concerned rules read.

Way by way, each a question with the values that the way before it found, so that DuckDB can skip
what cannot hold them. What is fetched may be more than a rule needs; `evaluate` chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from enishi.catalog.sets import LIST_ROWS, SEGMENT_ROWS
from enishi.catalog.types import BaseStep, Catalog, Dataset, DatasetKind, FieldType
from enishi.live.memory import Memory, Reading
from enishi.live.types import LiveRule
from enishi.rules import Facts, Moment
from enishi.rules.facts import Row
from enishi.warehouse.engine import Question
from enishi.warehouse.gather import aware
from enishi.warehouse.spelling import SQL, Spelling

_MARGIN = timedelta(days=2)
"""Windows reach back a little less far where the local clock is turned back."""


class LiveFacts(Facts):
    """Facts in which stays in live segments come and go as they are decided."""

    def __init__(self, catalog: Catalog, rows: dict[str, list[Row]], subject: str) -> None:
        super().__init__(catalog, rows)
        self._own = rows
        self.people: dict[str, Row] = {str(row["_id"]): row for row in rows.get(subject, ())}

    def cross(self, segment: str, person: str, at: datetime, *, entered: bool) -> None:
        """Let a person enter or leave a segment at an instant."""
        stays = self._own.setdefault(SEGMENT_ROWS, [])
        if entered:
            stays.append({"set": segment, "_id": person, "entered_at": at, "left_at": None})
        else:
            for index, stay in enumerate(stays):
                mine = stay["set"] == segment and stay["_id"] == person
                if mine and stay["left_at"] is None:
                    stays[index] = {**stay, "left_at": at}
        self.forget(SEGMENT_ROWS)


class Gatherer:
    """Fetches the facts that some rules need, over a question of one's own."""

    def __init__(
        self,
        catalog: Catalog,
        spelling: Spelling,
        rules: Callable[[], Sequence[LiveRule]] = lambda: (),
    ) -> None:
        """`rules` are all live ones: what they read is kept in memory."""
        self.catalog, self.spell, self._rules = catalog, spelling, rules
        self._at: Moment | None = None
        self.memory = Memory(catalog, spelling, self._whole_plan)

    def facts(
        self, question: Question, rules: Collection[LiveRule], people: Iterable[str], at: datetime
    ) -> LiveFacts:
        """The rows of these people (Enishi ids) for rules asked at `at` and later."""
        subject = next(iter(rules)).rule.subject
        moment = Moment(self.catalog, at)
        ids = sorted(people)
        plan = self._plan(rules, subject, moment)
        self._at = moment
        self.memory.fit(question)
        ways = sorted({way for rule in rules for way in rule.ways}, key=len)
        found: dict[str, dict[tuple[object, ...], Row]] = {}
        ends: dict[tuple[BaseStep, ...], list[Row]] = {
            (): self._rows(question, subject, plan, "_id", [(one,) for one in ids], ["_id"])
        }
        _add(found, self.catalog.datasets[subject], ends[()])
        for way in ways:
            ends[way] = self._onward(question, plan, ends[way[:-1]], way[-1])
            _add(found, self.catalog.datasets[way[-1].target], ends[way])
        rows = {name: list(of.values()) for name, of in found.items()}
        rows |= self._sets(question, rules, ids)
        return LiveFacts(self.catalog, rows, subject)

    def _whole_plan(self) -> Mapping[str, Reading] | None:
        rules = self._rules()
        if not rules or self._at is None:
            return None
        return self._plan(rules, rules[0].rule.subject, self._at)

    def _plan(
        self, rules: Collection[LiveRule], subject: str, moment: Moment
    ) -> dict[str, Reading]:
        columns: dict[str, set[str]] = {subject: set()}
        since: dict[str, datetime | None] = {}
        names: dict[str, frozenset[str] | None] = {}
        for rule in rules:
            for way in rule.ways:
                step = way[-1]
                columns.setdefault(step.source, set()).update(ours for ours, _ in step.columns)
                columns.setdefault(step.target, set()).update(theirs for _, theirs in step.columns)
            for dataset, field in rule.rule.fields:
                columns.setdefault(dataset, set()).add(field)
            for asked in rule.asked:
                first = self._since(asked.dataset, asked.window, moment)
                known = since.get(asked.dataset, first)
                since[asked.dataset] = None if first is None or known is None else min(first, known)
                wanted = names.get(asked.dataset, frozenset())
                either = asked.names is None or wanted is None
                names[asked.dataset] = (
                    None if either else (wanted or frozenset()) | (asked.names or frozenset())
                )
        return {
            name: Reading(
                tuple(sorted(of | _bookkeeping(self.catalog.datasets[name]))),
                since.get(name), names.get(name),
            )
            for name, of in columns.items()
        }  # fmt: skip

    def _since(self, name: str, window: Any, moment: Moment) -> datetime | None:
        dataset = self.catalog.datasets[name]
        if window is None or dataset.kind is not DatasetKind.EVENT or dataset.time is None:
            return None
        if dataset.fields[dataset.time.field].type is not FieldType.TIMESTAMP:
            return None
        start = moment.instants(window).start
        if start is None or start - datetime.min.replace(tzinfo=UTC) < _MARGIN:
            return None
        return start - _MARGIN

    def _onward(
        self, question: Question, plan: Mapping[str, Reading], rows: Sequence[Row], step: BaseStep
    ) -> list[Row]:
        """The rows one join further; of versioned ones every version."""
        ours = [a for a, _ in step.columns]
        theirs = [b for _, b in step.columns]
        wanted = {tuple(row[a] for a in ours) for row in rows}
        values = [value for value in wanted if None not in value and "" not in value]
        found = self._rows(question, step.target, plan, None, values, theirs)
        dataset = self.catalog.datasets[step.target]
        if dataset.versioned and set(theirs) != set(dataset.key):
            keys = {tuple(row[name] for name in dataset.key) for row in found}
            found = self._rows(question, step.target, plan, None, list(keys), dataset.key)
        return found

    def _rows(
        self,
        question: Question,
        name: str,
        plan: Mapping[str, Reading],
        column: str | None,
        values: Sequence[tuple[object, ...]],
        columns: Sequence[str],
    ) -> list[Row]:
        if not values:
            return []
        if len(columns) == 1:
            known = self.memory.rows(question, name, columns[0], [value for (value,) in values])
            if known is not None:
                return [*known]
        dataset, reading = self.catalog.datasets[name], plan[name]
        spell = self.spell
        listed = [*reading.columns]
        listed += ["_id"] if dataset.subject is not None else []
        listed += ["_from", "_to"] if dataset.versioned else []
        where = self._among(columns, values)
        if reading.since is not None and dataset.time is not None and column is None:
            where += f" AND {spell.name(dataset.time.field)} >= {spell.instant(reading.since)}"
        if reading.names is not None and dataset.event is not None and dataset.event.name_field:
            named = ", ".join(spell.text(one) for one in sorted(reading.names)) or "NULL"
            where += f" AND {spell.name(dataset.event.name_field + '__f')} IN ({named})"
        told = ", ".join(spell.name(one) for one in listed)
        return list(aware(question.records(f"SELECT {told} FROM {spell.data(name)} WHERE {where}")))

    def _among(self, columns: Sequence[str], values: Sequence[tuple[object, ...]]) -> SQL:
        if len(columns) == 1:
            listed = ", ".join(sorted(self._literal(value) for (value,) in values))
            return f"{self.spell.name(columns[0])} IN ({listed})"
        rows = sorted(
            "(" + ", ".join(self._literal(one) for one in value) + ")" for value in values
        )
        return f"({', '.join(map(self.spell.name, columns))}) IN ({', '.join(rows)})"

    def _literal(self, value: object) -> SQL:
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, (int, Decimal)):
            return format(Decimal(value), "f")
        if isinstance(value, float):
            return f"CAST('{value!r}' AS DOUBLE)"
        if isinstance(value, datetime):
            return self.spell.instant(value)
        if isinstance(value, date):
            return self.spell.day(value)
        return self.spell.text(str(value))

    def _sets(
        self, question: Question, rules: Collection[LiveRule], ids: Sequence[str]
    ) -> dict[str, list[Row]]:
        """The stays of these people in the segments and lists that the rules name."""
        found: dict[str, list[Row]] = {}
        spell = self.spell
        people = ", ".join(spell.text(one) for one in ids) or "NULL"
        for rows, table, column, times, slugs in (
            (SEGMENT_ROWS, "memberships", "segment", "entered_at, left_at",
             {slug for rule in rules for slug in rule.rule.segments}),
            (LIST_ROWS, "list_members", "list", "status, means, _from, _to",
             {slug for rule in rules for slug in rule.rule.lists}),
        ):  # fmt: skip
            if slugs:
                part = spell.name(column)
                listed = ", ".join(spell.text(slug) for slug in sorted(slugs))
                found[rows] = list(
                    aware(
                        question.records(
                            f"SELECT {part} AS {spell.name('set')}, _id, {times}"
                            f" FROM {spell.book(table)}"
                            f" WHERE {part} IN ({listed}) AND _id IN ({people})"
                        )
                    )
                )
        return found


def _bookkeeping(dataset: Dataset) -> set[str]:
    found = set(dataset.key)
    if dataset.time is not None:
        found.add(dataset.time.field)
    if dataset.event is not None and dataset.event.name_field is not None:
        found.add(dataset.event.name_field)
    return found


def _add(
    found: dict[str, dict[tuple[object, ...], Row]], dataset: Dataset, rows: Iterable[Row]
) -> None:
    of_dataset = found.setdefault(dataset.name, {})
    for row in rows:
        of_dataset[(*(row[name] for name in dataset.key), row.get("_from"))] = row
