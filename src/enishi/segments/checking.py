"""Checks a segment's rule and rank against the catalog, for its purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from enishi.book.access import Actor
from enishi.book.workspace import current_workspace
from enishi.catalog.types import Catalog
from enishi.kernel.errors import Fault, Forbidden, Invalid
from enishi.kernel.text import Text
from enishi.rules import check_rule
from enishi.rules.types import CheckedRule
from enishi.segments.ranking import Rank, read_rank
from enishi.warehouse.engine import engine_url
from enishi.warehouse.unseen import refuse_unseen

CONTACT_PURPOSES = ("service", "transactional")
"""Purposes the gate knows beside those of the catalog; they restrict no field."""


@dataclass(frozen=True, slots=True)
class CheckedSegment:
    """A segment's wording that holds good in this catalog."""

    rule: CheckedRule
    rank: Rank | None

    @property
    def fields(self) -> list[list[str]]:
        """The [dataset, field] pairs it reads, sorted."""
        found = set(self.rule.fields)
        for value in self._values():
            found |= value.fields
        return [list(pair) for pair in sorted(found)]

    @property
    def datasets(self) -> list[str]:
        found = {self.rule.subject} | self.rule.datasets
        for value in self._values():
            found |= value.datasets
        return sorted(found)

    def _values(self) -> list[Any]:
        return [] if self.rank is None else [v for v in (self.rank.value, self.rank.group) if v]


def check_segment(
    catalog: Catalog,
    *,
    slug: str,
    subject: str,
    purpose: str | None,
    kind: str,
    rule: Mapping[str, Any],
    rank: Mapping[str, Any] | None,
    author: Actor | None = None,
) -> CheckedSegment:
    """Check a wording; raises Invalid with faults whose JSON paths begin at `$.rule`, `$.rank`….

    `author` is refused what he may not ask about (Forbidden `masked_field`, `beyond_scope`).
    """
    if catalog.subject_dataset(subject) is None:
        raise _no_subject(subject, catalog)
    if purpose is not None and purpose not in (*catalog.purposes, *CONTACT_PURPOSES):
        raise _no_purpose(purpose, catalog)
    named = purpose if purpose in catalog.purposes else None
    try:
        checked = check_rule(
            rule, catalog, subject=subject, purpose=named, audience=True, within=slug
        )
    except Invalid as error:
        raise _below(error, "rule") from error
    ranked = read_rank(kind, rank, catalog, checked.subject, named)
    if author is not None:
        if ranked is not None and author.scope is not None:
            raise _beyond()
        refuse_unseen(checked, author, catalog)
        for value in (ranked.value, ranked.group) if ranked is not None else ():
            if value is not None:
                refuse_unseen(value, author, catalog, decides=True)
    return CheckedSegment(checked, ranked)


def _beyond() -> Forbidden:
    """Of two persons one of whom is beyond the scope, the first tells the other's value."""
    return Forbidden(
        Text(
            "順位は担当範囲の外の人とも比べるため、この種類のセグメントは作れません。",
            "A rank compares with people beyond your row scope, so you cannot make such a segment.",
        ),
        Text(
            "管理者に作成を依頼するか、条件だけのセグメントにしてください。",
            "Ask an administrator to make it, or say who is in by a rule alone.",
        ),
        code="beyond_scope",
    )


def check_live(catalog: Catalog, kind: str, subject: str) -> None:
    """Raises Invalid where a segment cannot be decided live: `not_live`."""
    stream = catalog.stream
    said = None
    if kind != "dynamic":
        said = Text(
            "リアルタイムにできるのは、条件だけで決まるセグメントです。",
            "Only a segment that a rule alone decides can be live.",
        )
    elif stream is None or subject != stream.person:
        said = Text(
            "リアルタイムにできるのは、人を対象とするセグメントです。",
            "Only a segment of persons can be live.",
        )
    elif engine_url(current_workspace()).scheme != "duckdb":
        said = Text(
            "リアルタイムのセグメントは、DuckDB の倉庫でだけ使えます。",
            "Live segments need the DuckDB warehouse.",
        )
    if said is not None:
        remedy = Text(
            "「リアルタイム」を外してください。定期的には更新されます。",
            "Leave `live` off; the segment is refreshed regularly.",
        )
        fault = Fault("not_live", "$.live", said, remedy)
        raise Invalid(said, remedy, code="segment_invalid", faults=(fault,))


def _below(error: Invalid, name: str) -> Invalid:
    """The same faults with their paths below a member of the request."""
    faults = tuple(
        Fault(f.code, f"$.{name}{f.path.removeprefix('$')}", f.message, f.remedy)
        for f in error.faults
    )
    return Invalid(error.message, error.remedy, code=error.code, faults=faults)


def _no_subject(subject: str, catalog: Catalog) -> Invalid:
    names = ", ".join(sorted({str(d.subject) for d in catalog.subjects()}))
    return _one(
        "unknown_subject", "$.subject",
        Text(f"「{subject}」という対象はありません。", f"There is no subject {subject!r}."),
        Text(f"選べるもの: {names}", f"Choose one of: {names}"),
    )  # fmt: skip


def _no_purpose(purpose: str, catalog: Catalog) -> Invalid:
    names = ", ".join([*sorted(catalog.purposes), *CONTACT_PURPOSES])
    return _one(
        "unknown_purpose", "$.purpose",
        Text(f"「{purpose}」という利用目的はありません。", f"There is no purpose {purpose!r}."),
        Text(f"選べるもの: {names}", f"Choose one of: {names}"),
    )  # fmt: skip


def _one(code: str, path: str, message: Text, remedy: Text) -> Invalid:
    return Invalid(
        message, remedy, code="segment_invalid", faults=(Fault(code, path, message, remedy),)
    )
