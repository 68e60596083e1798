"""Everybody, in one SQL statement: the rule of `evaluate` printed for an engine.

The statement is built from the tree as a SQLGlot expression and printed for the dialect; time
bounds are literals computed in Python. Conditions may be NULL where a rule is false: WHERE and AND
treat both alike, and every negation makes its condition firm first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlglot import exp

from enishi.catalog.types import Catalog
from enishi.rules.compile_paths import Frame, PathCompiler
from enishi.rules.compile_rows import RowsCompiler
from enishi.rules.compile_select import (
    FALSE,
    TRUE,
    Expr,
    Moment,
    Names,
    Select,
    both,
    column,
    either,
    firm,
    negate,
    number,
    table,
)
from enishi.rules.compile_tests import TestCompiler
from enishi.rules.compile_values import ValueCompiler, shown
from enishi.rules.tree import All, AnyOf, AtLeast, Node, Not, Test
from enishi.rules.types import CheckedRule, CheckedValue


def compile_rule(
    rule: CheckedRule, catalog: Catalog, as_of: datetime, dialect: str = "duckdb"
) -> str:
    """`SELECT "_id"` of every subject for which the rule is true at `as_of` (aware).

    Raises `ValueError` while a `{"user"}` is unbound.
    """
    compiler = Compiler(catalog, as_of)
    frame = compiler.subjects(rule.subject)
    frame.select.where(compiler.rule(rule.tree, frame))
    return printed(frame.select.build([column(frame.alias, "_id")]), dialect)


def compile_view(
    catalog: Catalog,
    subject: str,
    rule: CheckedRule | None,
    columns: Mapping[str, CheckedValue],
    as_of: datetime,
    ids_table: str | None = None,
    dialect: str = "duckdb",
) -> str:
    """`SELECT "_id"` and each value under its alias, a line for every subject chosen.

    `subject` is a kind or a dataset's name. `rule` None: everybody. `ids_table` names a relation
    whose column `_id` the subjects are limited to. A value that needs consent is NULL for a
    subject who has not given it.
    """
    dataset = catalog.subject_dataset(subject)
    if dataset is None:
        raise ValueError(f"the catalog has no subject {subject}")
    compiler = Compiler(catalog, as_of, ids_table)
    frame = compiler.subjects(dataset.name)
    if rule is not None:
        frame.select.where(compiler.rule(rule.tree, frame))
    selected = [column(frame.alias, "_id")]
    for alias, value in columns.items():
        found = shown(compiler.values.value(frame, value.tree))
        if value.consent is not None:
            consented = compiler.rule(value.consent, frame)
            found = exp.Case(ifs=[exp.If(this=consented.copy(), true=found.copy())])
        selected.append(exp.alias_(found.copy(), alias, quoted=True))
    return printed(frame.select.build(selected), dialect)


def compile_rows(
    node: Node, catalog: Catalog, dataset: str, as_of: datetime, dialect: str = "duckdb"
) -> str:
    """`SELECT` the key of every row of a dataset, a subject or not, for which `node` is true."""
    compiler = Compiler(catalog, as_of)
    frame = compiler.everyone(dataset)
    frame.select.where(compiler.rule(node, frame))
    keys = [column(frame.alias, name) for name in catalog.datasets[dataset].key]
    return printed(frame.select.build(keys), dialect)


def printed(query: Expr, dialect: str) -> str:
    sql: str = query.sql(dialect=dialect)
    return sql


class Compiler:
    """One statement: its instant, its aliases, and the compilers of its parts."""

    def __init__(self, catalog: Catalog, as_of: datetime, only: str | None = None) -> None:
        self.moment = Moment(as_of, catalog)
        self.names = Names()
        self.paths = PathCompiler(self.moment, self.names, self.rule)
        self.rows = RowsCompiler(self.moment, self.names, self.paths, self.rule, only)
        self.values = ValueCompiler(self.names, self.paths, self.rows)
        self.tests = TestCompiler(self.moment, self.paths, self.values, self.rows)
        self._only = only

    def subjects(self, dataset: str) -> Frame:
        """The subjects that exist, limited to the ids asked for."""
        frame = self.everyone(dataset)
        if self._only is not None:
            alias = self.names.new("t")
            ids = exp.alias_(exp.to_table(self._only), alias, table=True)
            chosen = exp.select(column(alias, "_id")).from_(ids)
            frame.select.where(
                exp.In(this=column(frame.alias, "_id"), query=chosen.subquery(copy=False))
            )
        return frame

    def everyone(self, dataset: str) -> Frame:
        """The rows of a dataset that exist, told apart by `_id`, or by key where it has none."""
        alias = self.names.new("s")
        select = Select(table(dataset, alias))
        found = self.moment.catalog.datasets[dataset]
        select.where(self.moment.exists(found, alias))
        same = found.key if found.subject is None else ("_id",)
        return Frame(select, alias, dataset, same, lambda: self.everyone(dataset))

    def rule(self, node: Node, frame: Frame) -> Expr:
        """The condition of a rule on the rows of a frame."""
        if isinstance(node, All):
            return both([self._nested(rule, frame) for rule in node.rules])
        if isinstance(node, AnyOf):
            return either([self._nested(rule, frame) for rule in node.rules])
        if isinstance(node, Not):
            return negate(self.rule(node.rule, frame))
        if isinstance(node, AtLeast):
            return self._at_least(node, frame)
        if not isinstance(node, Test):
            raise ValueError(f"a {type(node).__name__.lower()} cannot be compiled")
        return self.tests.test(node, frame)

    def _nested(self, node: Node, frame: Frame) -> Expr:
        found = self.rule(node, frame)
        if isinstance(found, (exp.And, exp.Or)):
            return exp.paren(found, copy=False)
        return found

    def _at_least(self, node: AtLeast, frame: Frame) -> Expr:
        if node.count <= 0:
            return TRUE
        if node.count > len(node.rules):
            return FALSE
        terms = [
            exp.Case(
                ifs=[exp.If(this=firm(self.rule(rule, frame)).copy(), true=number(1))],
                default=number(0),
            )
            for rule in node.rules
        ]
        total: Expr = terms[0]
        for term in terms[1:]:
            total = exp.Add(this=total, expression=term)
        return exp.GTE(this=total, expression=number(node.count))
