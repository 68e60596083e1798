"""Everybody, in one SQL statement: the rule of `evaluate` printed for an engine.

The statement is written from the tree for the engine asked; time bounds are literals computed in
Python. Conditions may be NULL where a rule is false: WHERE and AND treat both alike, and every
negation makes its condition firm first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from enishi.catalog.types import Catalog, FieldType
from enishi.rules.compile_paths import Frame, PathCompiler
from enishi.rules.compile_rows import RowsCompiler
from enishi.rules.compile_select import Moment, Names
from enishi.rules.compile_sequence import SequenceCompiler
from enishi.rules.compile_sets import SetCompiler
from enishi.rules.compile_tests import TestCompiler, contrary_of, leaves_few
from enishi.rules.compile_values import ValueCompiler, shown
from enishi.rules.dialects import dialect_named
from enishi.rules.dialects.base import Schemas
from enishi.rules.dialects.text import (
    FALSE,
    TRUE,
    Expr,
    add,
    both,
    case,
    compare,
    either,
    firm,
    negate,
)
from enishi.rules.tree import All, AnyOf, AtLeast, Membership, Node, Not, Sample, Sequence, Test
from enishi.rules.types import CheckedRule, CheckedValue

DEFAULT_SCHEMAS = Schemas()


def compile_rule(
    rule: CheckedRule,
    catalog: Catalog,
    as_of: datetime,
    dialect: str = "duckdb",
    *,
    schemas: Schemas = DEFAULT_SCHEMAS,
) -> str:
    """`SELECT "_id"` of every subject for which the rule is true at `as_of` (aware).

    Raises `ValueError` while a `{"user"}` is unbound.
    """
    compiler = Compiler(catalog, as_of, dialect, schemas)
    frame = compiler.subjects(rule.subject)
    frame.select.where(compiler.rule(rule.tree, frame))
    return compiler.finish(frame, {"_id": compiler.sql.column(frame.alias, "_id")})


def compile_view(
    catalog: Catalog,
    subject: str,
    rule: CheckedRule | None,
    columns: Mapping[str, CheckedValue],
    as_of: datetime,
    ids_table: str | None = None,
    dialect: str = "duckdb",
    *,
    schemas: Schemas = DEFAULT_SCHEMAS,
) -> str:
    """`SELECT "_id"` and each value under its alias, a line for every subject chosen.

    `subject` is a kind or a dataset's name. `rule` None: everybody. `ids_table` names a relation
    whose column `_id` the subjects are limited to. A value that needs consent is NULL for a
    subject who has not given it. On ClickHouse a list has a second column, `<alias>__n`: true
    where it is unset.
    """
    dataset = catalog.subject_dataset(subject)
    if dataset is None:
        raise ValueError(f"the catalog has no subject {subject}")
    compiler = Compiler(catalog, as_of, dialect, schemas, ids_table)
    frame = compiler.subjects(dataset.name)
    if rule is not None:
        frame.select.where(compiler.rule(rule.tree, frame))
    selected = {"_id": compiler.sql.column(frame.alias, "_id")}
    for alias, value in columns.items():
        selected |= compiler.columns(alias, value, frame)
    return compiler.finish(frame, selected)


def compile_rows(
    node: Node,
    catalog: Catalog,
    dataset: str,
    as_of: datetime,
    dialect: str = "duckdb",
    *,
    schemas: Schemas = DEFAULT_SCHEMAS,
) -> str:
    """`SELECT` the key of every row of a dataset, a subject or not, for which `node` is true."""
    compiler = Compiler(catalog, as_of, dialect, schemas)
    frame = compiler.everyone(dataset)
    frame.select.where(compiler.rule(node, frame))
    key = catalog.datasets[dataset].key
    return compiler.finish(frame, {n: compiler.sql.column(frame.alias, n) for n in key})


class Compiler:
    """One statement: its instant, its aliases, and the compilers of its parts."""

    def __init__(
        self,
        catalog: Catalog,
        as_of: datetime,
        dialect: str,
        schemas: Schemas,
        only: str | None = None,
    ) -> None:
        self.sql = dialect_named(dialect)
        self.moment = Moment(as_of, catalog, self.sql, schemas)
        self.names = Names()
        self.paths = PathCompiler(self.moment, self.names, self._inner)
        self.rows = RowsCompiler(self.moment, self.names, self.paths, self._inner, only)
        self.values = ValueCompiler(self.sql, self.names, self.paths, self.rows)
        self.tests = TestCompiler(self.moment, self.paths, self.values, self.rows)
        self.sets = SetCompiler(self.moment, self.names)
        self.sequences = SequenceCompiler(self.moment, self.names, self.paths, self.rows)
        self._only = only

    def finish(self, frame: Frame, columns: Mapping[str, Expr]) -> str:
        return self.sql.finish(frame.select.build(columns))

    def subjects(self, dataset: str) -> Frame:
        """The subjects that exist, limited to the ids asked for."""
        frame = self.everyone(dataset)
        if self._only is not None:
            here = self.sql.column(frame.alias, "_id")
            frame.select.where(self.rows.among(here, self._only))
        return frame

    def everyone(self, dataset: str) -> Frame:
        """The rows of a dataset that exist, told apart by `_id`, or by key where it has none."""
        alias = self.names.new("s")
        found = self.moment.catalog.datasets[dataset]
        same = found.key if found.subject is None else ("_id",)
        select = self.moment.select(dataset, alias)
        return Frame(select, alias, dataset, same, lambda: self.everyone(dataset))

    def columns(self, alias: str, value: CheckedValue, frame: Frame) -> dict[str, Expr]:
        """A value as columns; empty where it needs a consent that is not there."""
        found = shown(self.values.value(frame, value.tree), self.sql)
        if value.consent is not None:
            nothing = self.sql.unset(value.type, value.scale)
            found = case([(self.rule(value.consent, frame), found)], nothing)
        if value.type is FieldType.STRINGS:
            return self.sql.list_columns(alias, found)
        return {alias: found}

    def rule(self, node: Node, frame: Frame) -> Expr:
        """The condition of a rule on the rows of a frame."""
        if isinstance(node, All):
            with self._beside(self.tests.few or any(map(leaves_few, node.rules))):
                return both([self.rule(rule, frame) for rule in node.rules])
        if isinstance(node, AnyOf):
            with self._beside(few=False):
                return either([self.rule(rule, frame) for rule in node.rules])
        if isinstance(node, Not):
            contrary = contrary_of(node.rule)
            if contrary is not None:
                return self.tests.test(contrary, frame)
            return negate(self.rule(node.rule, frame))
        if isinstance(node, AtLeast):
            return self._at_least(node, frame)
        if isinstance(node, Membership):
            return self.sets.membership(node, frame)
        if isinstance(node, Sequence):
            return self.sequences.sequence(node, frame)
        if isinstance(node, Sample):
            return self.sets.sample(node, frame)
        assert isinstance(node, Test)
        return self.tests.test(node, frame)

    def _inner(self, node: Node, frame: Frame) -> Expr:
        """The condition of a rule on related rows, whatever their subject stands beside."""
        with self._beside(few=False):
            return self.rule(node, frame)

    @contextmanager
    def _beside(self, few: bool) -> Iterator[None]:
        before, self.tests.few = self.tests.few, few
        try:
            yield
        finally:
            self.tests.few = before

    def _at_least(self, node: AtLeast, frame: Frame) -> Expr:
        if node.count <= 0:
            return TRUE
        if node.count > len(node.rules):
            return FALSE
        one, none = Expr("1"), Expr("0")
        total: Expr | None = None
        for rule in node.rules:
            term = case([(firm(self.rule(rule, frame)), one)], none)
            total = term if total is None else add(total, term)
        assert total is not None
        return Expr(compare(">=", total, Expr(str(node.count))).sql, 4, firm=True)
