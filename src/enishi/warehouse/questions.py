"""The set questions: who, how many, why, within the actor's scope and masked for the actor.

Scope and masking are applied here and nowhere earlier: this is where SQL is printed and run. A rule
that tests what the actor sees masked is refused (`unseen`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast

import pyarrow as pa

from enishi.book.access import Actor, require
from enishi.catalog.types import Catalog, Dataset, FieldType, RuleJson
from enishi.kernel.clock import Clock, system_clock
from enishi.kernel.errors import Invalid, NotFound
from enishi.kernel.text import Locale, Text
from enishi.rules import (
    Facts,
    check_value,
    compile_rule,
    compile_view,
    describe,
    evaluate,
    needed,
)
from enishi.rules.types import CheckedRule, CheckedValue, KnownEvents
from enishi.warehouse.column_names import refuse_names
from enishi.warehouse.engine import Engine, OnStart, Question
from enishi.warehouse.event_names import EventNames
from enishi.warehouse.gather import rows_of, set_rows, subject_versions, valid_at
from enishi.warehouse.instants import plain, written
from enishi.warehouse.masking import field_behind, hidden, mask_column, mask_explanation
from enishi.warehouse.scope import everybody, known_today, own_rule, scope_rule, scoped
from enishi.warehouse.spelling import SQL
from enishi.warehouse.tables import stale, stale_fault
from enishi.warehouse.unseen import refuse_unseen

Method = TypeVar("Method", bound=Callable[..., Any])
ENISHI_ID = re.compile(r"[a-z][0-9a-f]{24}")
Order = str | Sequence[str] | None
_KEY, _DISPLAY = "_key", "_display"


def at_once(question: Method) -> Method:
    """A question that looks at the catalog once, as it begins: it then stays the same to the end,
    and its files are not looked at anew for every field told."""

    @wraps(question)
    def asked(self: Questions, *given: Any, **named: Any) -> Any:
        fixed, catalog = copy(self), self.catalog
        fixed._catalog = lambda: catalog
        return question(fixed, *given, **named)

    return cast(Method, asked)


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule ready to be printed: as its author wrote it, and within the actor's scope."""

    rule: CheckedRule
    scoped: CheckedRule
    subject: Dataset
    as_of: datetime
    known_today: list[str]
    within: SQL = ""  # a WHERE that keeps, of the ids of another time, those in scope now


class Questions:
    """Answers questions over one open warehouse; safe to call from several threads."""

    def __init__(
        self,
        engine: Engine,
        catalog: Callable[[], Catalog],
        clock: Clock = system_clock,
        on_start: OnStart | None = None,
    ) -> None:
        self.engine, self._catalog, self.clock = engine, catalog, clock
        self._on_start = on_start
        self._fresh: dict[tuple[str, str], bool] = {}
        self._events = EventNames(engine, self._read)

    @property
    def catalog(self) -> Catalog:
        return self._catalog()

    # ── how many, who ────────────────────────────────────────────────────────────────────────

    def count(
        self,
        rule_json: object,
        *,
        actor: Actor,
        as_of: datetime | None = None,
        locale: Locale = "ja",
        subject: str | None = None,
    ) -> dict[str, Any]:
        """How many subjects, with the instant it was asked for and the rule in words."""
        started = time.perf_counter()
        asked = self._asked(
            rule_json, actor, as_of, subject, lambda: self._events.known(self.catalog, actor.pii)
        )
        with self._read() as question:
            count = question.one(f"SELECT count(*) FROM ({self._seen(asked)}) s")
        return {
            "count": count,
            "as_of": written(asked.as_of, self.catalog.zone),
            "subject": asked.subject.subject,
            "purpose": asked.rule.purpose,
            "sentence": describe(asked.rule, self.catalog, locale),
            "as_known_today": asked.known_today,
            "warnings": [warning.as_json(locale) for warning in asked.rule.warnings],
            "ms": round((time.perf_counter() - started) * 1000, 1),
        }

    def who(
        self,
        rule_json: object,
        *,
        actor: Actor,
        as_of: datetime | None = None,
        columns: Mapping[str, RuleJson] | None = None,
        order_by: Order = None,
        limit: int | None = None,
        offset: int = 0,
        ids: Sequence[str] | None = None,
        subject: str | None = None,
    ) -> pa.Table:
        """The subjects: `_id`, `key`, `display`, and the columns asked for, masked for the actor.

        Ordered by `order_by` (a column, `-` before it for descending, or several), then by `_id`.
        The schema's metadata names the masked columns and the instant. Raises Invalid for an
        unknown or masked order column, and for a column's name that cannot stand (`column_name`).
        """
        refuse_names(columns or ())
        asked = self._asked(rule_json, actor, as_of, subject)
        values = self._values(asked, columns or {})
        for value in values.values():
            refuse_unseen(value, actor, self.catalog)
        shown = {name: value for name, value in values.items() if name not in (_KEY, _DISPLAY)}
        masked = [name for name, value in values.items() if self._masked(value, actor)]
        order = self._order(order_by, shown, masked)
        with self._read() as question:
            restrict = None
            if ids is not None:
                restrict = "_ids_asked"
                question.register(restrict, pa.table({"_id": pa.array(list(ids), pa.string())}))
            view = compile_view(
                self.catalog,
                asked.subject.name,
                asked.scoped,
                values,
                asked.as_of,
                restrict,
                dialect=self.engine.dialect,
                schemas=self.engine.schemas,
            )
            table = question.table(
                f"SELECT * FROM ({view}) s{asked.within} ORDER BY {order}{_page(limit, offset)}"
            )
        for name, value in values.items():
            if value.type is FieldType.BOOLEAN:  # some engines answer 1 and 0
                table = _put(table, name, table.column(name).cast(pa.bool_()))
        for name in masked:
            field = field_behind(values[name], self.catalog)
            assert field is not None
            column = mask_column(table.column(name), field)
            table = _put(table, name, column)
        return self._dressed(table, asked, masked)

    def view(
        self,
        subject: str,
        rule_json: object | None = None,
        columns: Mapping[str, RuleJson] | None = None,
        *,
        actor: Actor,
        ids: Sequence[str] | None = None,
        as_of: datetime | None = None,
    ) -> pa.Table:
        """Values of subjects: those of a rule, or those named by `ids`, or all."""
        rule = {"all": []} if rule_json is None else rule_json
        return self.who(rule, actor=actor, as_of=as_of, columns=columns, ids=ids, subject=subject)

    def sample(
        self,
        rule_json: object,
        n: int = 10,
        *,
        actor: Actor,
        as_of: datetime | None = None,
        columns: Mapping[str, RuleJson] | None = None,
        subject: str | None = None,
    ) -> list[dict[str, Any]]:
        """A few of them, the same few each time: `id`, `key`, `display` and the columns.

        They are first by their ids, which are as good as drawn by lot (see `identity`).
        """
        refuse_names(columns or (), taken=("id",))
        asked = self._asked(rule_json, actor, as_of, subject)
        with self._read() as question:
            chosen = question.rows(
                f"SELECT _id FROM ({self._seen(asked)}) s ORDER BY _id LIMIT {int(n)}"
            )
        table = self.who(
            rule_json,
            actor=actor,
            as_of=asked.as_of,
            columns=columns,
            ids=[row[0] for row in chosen],
            subject=subject,
        )
        rows = [plain(row, self.catalog.zone) for row in table.to_pylist()]
        return [{"id": row.pop("_id"), **row} for row in rows if isinstance(row, dict)]

    # ── why ──────────────────────────────────────────────────────────────────────────────────

    def why(
        self,
        rule_json: object,
        subject_ref: str,
        *,
        actor: Actor,
        as_of: datetime | None = None,
        locale: Locale = "ja",
        subject: str | None = None,
    ) -> dict[str, Any]:
        """Whether the rule is true for one subject, and why: the explanation of `evaluate`.

        `subject_ref` is an Enishi id or a source key. Raises NotFound for nobody the actor sees.
        """
        asked = self._asked(rule_json, actor, as_of, subject)
        found = self.find(subject_ref, actor=actor, subject=asked.subject.name)
        with self._read() as question:
            spelling, paths = self.engine.spelling, needed(asked.rule)
            rows = {
                **rows_of(question, spelling, self.catalog, asked.subject, found, paths),
                **set_rows(question, spelling, found, asked.rule.segments, asked.rule.lists),
            }
        here = valid_at(asked.subject, rows[asked.subject.name], asked.as_of)
        answer: dict[str, Any] = {
            "id": found,
            "subject": asked.subject.subject,
            "as_of": written(asked.as_of, self.catalog.zone),
            "sentence": describe(asked.rule, self.catalog, locale),
            "as_known_today": asked.known_today,
        }
        if here is None:
            return answer | {"truth": False, "explanation": None, "existed": False}
        facts = Facts(self.catalog, rows)
        explanation = evaluate(asked.rule, facts, here, asked.as_of)
        told = plain(explanation.as_json(locale), self.catalog.zone)
        mask_explanation(told, asked.rule, self.catalog, actor.pii)
        return answer | {"truth": explanation.truth, "explanation": told, "existed": True}

    def find(self, subject_ref: str, *, actor: Actor, subject: str | None = None) -> str:
        """The Enishi id behind a reference, if the actor may see that subject; else NotFound.

        Seen is what lies in the row scope, and what has been opened to the actor beyond it.
        """
        asked = self._asked({"all": []}, actor, None, subject)
        dataset = asked.subject
        spelling = self.engine.spelling
        key = [spelling.as_text(spelling.name(name)) for name in dataset.key]
        joined = spelling.joined(key, "/")
        table = spelling.data(dataset.name)
        with self._read() as question:
            # By the id first: writing out the keys of a million rows takes ten times as long.
            found = ENISHI_ID.fullmatch(subject_ref) and question.one(
                f"SELECT _id FROM {table} WHERE _id = ? LIMIT 1", [subject_ref]
            )
            if found is None:
                found = question.one(
                    f"SELECT _id FROM {table} WHERE {joined} = ? LIMIT 1", [subject_ref]
                )
        if found is None or (
            actor.scope is not None
            and found not in actor.opened
            and not self.in_scope([found], actor=actor, subject=subject)
        ):
            raise NotFound(
                Text(f"「{subject_ref}」は見つかりません。", f"“{subject_ref}” was not found."),
                Text(
                    "顧客番号または Enishi ID を確かめてください。閲覧範囲の外かもしれません。",
                    "Check the number or the Enishi id. It may lie outside your row scope.",
                ),
                code="subject_unknown",
            )
        return str(found)

    def in_scope(self, ids: Iterable[str], *, actor: Actor, subject: str | None = None) -> set[str]:
        """Those of `ids` that exist and that the actor's row scope lets be seen, as of now."""
        wanted = list(ids)
        if not wanted:
            return set()
        kinds = [d.name for d in self.catalog.subjects()] if subject is None else [subject]
        found: set[str] = set()
        for kind in kinds:
            dataset = self.catalog.subject_dataset(kind)
            assert dataset is not None
            # An id begins with its kind's initial (see `identity`); a scope that speaks of persons
            # alone is asked about persons alone.
            own = [one for one in wanted if one[:1] == (dataset.subject or "")[:1]]
            if not own:
                continue
            with self._read() as question:
                question.register("_ids_asked", pa.table({"_id": pa.array(own, pa.string())}))
                within = ""
                scope = scope_rule(actor, self.catalog, dataset.name)
                if scope is not None:
                    within = f" AND _id IN ({self._ids(scope, self.clock())})"
                rows = question.rows(
                    f"SELECT DISTINCT _id FROM {self.engine.spelling.data(dataset.name)}"
                    f" WHERE _id IN (SELECT _id FROM _ids_asked){within}"
                )
            found |= {row[0] for row in rows}
        return found

    def event_names(self, *, actor: Actor) -> list[str] | None:
        """The names of events seen so far, sorted; None where they cannot be told to the actor."""
        require(actor, "rules.preview")
        names = self._events.known(self.catalog, actor.pii)
        return None if names is None else sorted(names)

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _read(self) -> Iterator[Question]:
        with self.engine.read(self._on_start) as question:
            yield question

    def _asked(
        self,
        rule_json: object,
        actor: Actor,
        as_of: datetime | None,
        subject: str | None,
        known_events: KnownEvents | None = None,
    ) -> Asked:
        catalog, now = self.catalog, self.clock()
        rule = own_rule(rule_json, actor, catalog, subject=subject, known_events=known_events)
        refuse_unseen(rule, actor, catalog)
        within = scoped(rule, actor, catalog)
        self._refuse_stale(within.datasets | {rule.subject})
        at, limit = as_of or now, ""
        scope = scope_rule(actor, catalog, rule.subject)
        if scope is not None and at != now:
            # Who may be seen is a matter of today, whatever time is asked about: those who have
            # left the scope since, or are gone, stay unseen.
            within, limit = rule, f" WHERE _id IN ({self._ids(scope, now)})"
        told = known_today(rule, at, now)
        return Asked(rule, within, catalog.datasets[rule.subject], at, told, limit)

    def _refuse_stale(self, names: Iterable[str]) -> None:
        catalog = self.catalog
        for name in names:
            if self._fresh.get((catalog.version, name)):
                continue
            dataset = catalog.datasets[name]
            differences = stale(self.engine, dataset)
            if differences:
                raise stale_fault(dataset, differences)
            self._fresh[catalog.version, name] = True

    def _seen(self, asked: Asked) -> SQL:
        """Every subject asked for that the actor may see."""
        ids = self._ids(asked.scoped, asked.as_of)
        return f"SELECT _id FROM ({ids}) s{asked.within}" if asked.within else ids

    def _ids(self, rule: CheckedRule, as_of: datetime) -> SQL:
        return compile_rule(
            rule, self.catalog, as_of, dialect=self.engine.dialect, schemas=self.engine.schemas
        )

    def _values(self, asked: Asked, columns: Mapping[str, RuleJson]) -> dict[str, CheckedValue]:
        subject = asked.subject
        own: dict[str, RuleJson] = {
            f"{_KEY}{i}": {"field": name} for i, name in enumerate(subject.key)
        }
        own[_DISPLAY] = {"field": subject.display or subject.key[0]}
        return {
            name: check_value(value, self.catalog, subject=subject.name)
            for name, value in own.items()
        } | {
            name: check_value(value, self.catalog, subject=subject.name, purpose=asked.rule.purpose)
            for name, value in columns.items()
        }

    def _masked(self, value: CheckedValue, actor: Actor) -> bool:
        field = field_behind(value, self.catalog)
        return field is not None and hidden(field, actor.pii)

    def _order(
        self, order_by: Order, shown: Mapping[str, CheckedValue], masked: Sequence[str]
    ) -> SQL:
        asked = [order_by] if isinstance(order_by, str) else list(order_by or ())
        parts = []
        for name in asked:
            column, descending = name.removeprefix("-"), name.startswith("-")
            if column not in shown or column in masked:
                raise Invalid(
                    Text(f"「{column}」では並べ替えられません。", f"Cannot order by “{column}”."),
                    Text(
                        "表示している、伏せられていない列から選んでください。",
                        "Choose one of the columns shown that is not masked.",
                    ),
                    code="order_unknown",
                )
            if shown[column].type is FieldType.STRINGS:
                continue
            parts.append(
                f"{self.engine.spelling.name(column)} {'DESC' if descending else 'ASC'} NULLS LAST"
            )
        return ", ".join([*parts, "_id"])

    def _dressed(self, table: pa.Table, asked: Asked, masked: list[str]) -> pa.Table:
        """`_id`, `key`, `display` first; what was masked and when it was asked in the metadata."""
        keys = [table.column(f"{_KEY}{i}").to_pylist() for i in range(len(asked.subject.key))]
        key = ["/".join(str(part) for part in parts) for parts in zip(*keys, strict=True)]
        display = [None if v is None else str(v) for v in table.column(_DISPLAY).to_pylist()]
        own = {f"{_KEY}{i}" for i in range(len(asked.subject.key))} | {_DISPLAY, "_id"}
        columns = {
            "_id": table.column("_id"),
            "key": pa.array(key, pa.string()),
            "display": pa.array(display, pa.string()),
        } | {name: table.column(name) for name in table.column_names if name not in own}
        names = {_DISPLAY: "display"}
        told = {
            "as_of": written(asked.as_of, self.catalog.zone),
            "masked": ",".join(sorted({names.get(name, name) for name in masked})),
            "as_known_today": ",".join(asked.known_today),
        }
        return pa.table(columns).replace_schema_metadata(told)


def _put(table: pa.Table, name: str, column: object) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, column)


def _page(limit: int | None, offset: int) -> SQL:
    found = "" if limit is None else f" LIMIT {int(limit)}"
    return found + (f" OFFSET {int(offset)}" if offset else "")


__all__ = ["Order", "Questions", "everybody", "subject_versions"]
