"""Segments that choose: the first n by a value, of all or of each group.

ranked          value DESC (or ASC), unset last, then _id; the first n. Who has no group forms
                one group with the others that have none.
one_per_group   the same with n = 1, but who has no group stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from enishi.catalog.types import Catalog, FieldType
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Locale, Text
from enishi.rules import Schemas, check_value, compile_rule, compile_view, describe
from enishi.rules.compile import DEFAULT_SCHEMAS
from enishi.rules.types import CheckedRule, CheckedValue
from enishi.segments.types import RANKS, Kind

_VALUE, _GROUP = "_rank_value", "_rank_group"


@dataclass(frozen=True, slots=True)
class Rank:
    """How a segment chooses among those for whom its rule is true."""

    value: CheckedValue
    descending: bool
    n: int
    group: CheckedValue | None
    alone: bool  # who has no group stands alone


def read_rank(
    kind: str, rank: Mapping[str, Any] | None, catalog: Catalog, subject: str, purpose: str | None
) -> Rank | None:
    """The checked rank of a segment; None for kinds without one. Raises Invalid with faults."""
    if kind not in RANKS:
        if rank is not None:
            raise _wrong("$.rank", Text(
                "順位を使えるのは上位n人と各グループ1人のセグメントだけです。",
                "Only segments that rank, or take one of each group, have a rank.",
            ))  # fmt: skip
        return None
    if rank is None:
        raise _wrong("$.rank", Text("順位の付け方が必要です。", "Say what it ranks by."))
    if kind == Kind.ONE_PER_GROUP and rank.get("group") is None:
        raise _wrong("$.rank.group", Text("グループが必要です。", "Say which groups."))
    value = _checked(rank["value"], "$.rank.value", catalog, subject, purpose)
    if value.type is FieldType.STRINGS:
        raise _wrong("$.rank.value", Text("この値では並べられません。", "It cannot be ordered by."))
    group = None
    if rank.get("group") is not None:
        group = _checked(rank["group"], "$.rank.group", catalog, subject, purpose)
    alone = kind == Kind.ONE_PER_GROUP
    n = 1 if alone else int(rank.get("n") or 1)
    return Rank(value, rank.get("direction", "desc") != "asc", n, group, alone)


def _checked(
    json: object, path: str, catalog: Catalog, subject: str, purpose: str | None
) -> CheckedValue:
    try:
        return check_value(json, catalog, subject=subject, purpose=purpose)
    except Invalid as error:
        found = error.faults or (Fault(error.code, "$", error.message, error.remedy),)
        moved = tuple(
            Fault(f.code, path + f.path.removeprefix("$"), f.message, f.remedy) for f in found
        )
        raise Invalid(error.message, error.remedy, code="rule_invalid", faults=moved) from error


def _wrong(path: str, message: Text) -> Invalid:
    remedy = Text(
        "種類と順位の設定を見直してください。", "Correct the kind or how the segment ranks."
    )
    return Invalid(
        message, remedy, code="rule_invalid", faults=(Fault("rank", path, message, remedy),)
    )


def compile_segment(
    rule: CheckedRule,
    rank: Rank | None,
    catalog: Catalog,
    as_of: datetime,
    *,
    ids_table: str | None = None,
    dialect: str = "duckdb",
    schemas: Schemas = DEFAULT_SCHEMAS,
) -> str:
    """`SELECT "_id"` of who is in a segment at `as_of`.

    `ids_table` limits whom to decide; where a rank chooses everybody has to be looked at, and the
    choice is limited afterwards.
    """
    if rank is None:
        if ids_table is None:
            return compile_rule(rule, catalog, as_of, dialect, schemas=schemas)
        return compile_view(
            catalog, rule.subject, rule, {}, as_of, ids_table, dialect, schemas=schemas
        )
    columns = {_VALUE: rank.value} | ({_GROUP: rank.group} if rank.group is not None else {})
    view = compile_view(catalog, rule.subject, rule, columns, as_of, None, dialect, schemas=schemas)
    quote = "`" if dialect in ("spark", "bigquery") else '"'
    value, group = f"{quote}{_VALUE}{quote}", f"{quote}{_GROUP}{quote}"
    partition = f"PARTITION BY {group} " if rank.group is not None else ""
    direction = "DESC" if rank.descending else "ASC"
    numbered = (
        f"SELECT v.*, row_number() OVER ({partition}ORDER BY"
        f" CASE WHEN {value} IS NULL THEN 1 ELSE 0 END, {value} {direction}, _id) AS _place"
        f" FROM ({view}) v"
    )
    alone = f" OR {group} IS NULL" if rank.alone else ""
    only = "" if ids_table is None else f" AND _id IN (SELECT _id FROM {ids_table})"
    return f"SELECT _id FROM ({numbered}) w WHERE (_place <= {rank.n}{alone}){only}"


def rank_sentence(rank: Rank, catalog: Catalog, locale: Locale) -> str:
    """How a segment chooses, in words."""
    value = describe(rank.value, catalog, locale)
    group = None if rank.group is None else describe(rank.group, catalog, locale)
    if locale == "ja":
        order = "大きい" if rank.descending else "小さい"
        of = f"「{group}」ごとに、" if group else ""
        return f"{of}{value}が{order}順に{rank.n:,}人"
    order = "highest" if rank.descending else "lowest"
    of = f" of each {group}" if group else ""
    return f"the {rank.n:,} with the {order} {value}{of}"
