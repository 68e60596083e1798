"""The curated dataset of an active definition: its rows and columns, materialised as Parquet.

It answers who would be on a list of this definition, how many, and how old that answer is. Rows are
kept whole; a reader gets those in their row scope, masked to their PII level.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import Q

from enishi.book.access import SYSTEM, Actor
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.gate.asking import catalog, in_scope, warehouse
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Locale, Text
from enishi.lists.checking import CheckedBody, check_body
from enishi.lists.columns import ListColumn, list_columns, shown_name, shown_values
from enishi.lists.definitions import body_of
from enishi.lists.models import ListDefinition
from enishi.lists.types import DefinitionState

OLD_AFTER = timedelta(days=1)
_LEASE = timedelta(minutes=10)


def dataset_path(definition_id: str) -> Path:
    return current_workspace().var / "curated" / f"{definition_id}.parquet"


def run_once(worker: str) -> bool:  # noqa: ARG001  one loop a process; the lease is enough here
    """Materialise one dataset that is queued, or whose worker died; whether there was one."""
    instant = now()
    waiting = ListDefinition.objects.filter(state=DefinitionState.ACTIVE).filter(
        Q(dataset_state="queued") | Q(dataset_state="building", dataset_lease_until__lte=instant)
    )
    if not waiting.exists():
        return False
    with work("dataset.take"):
        found = waiting.select_for_update(skip_locked=True).order_by("activated_at").first()
        if found is None:
            return False
        found.dataset_state, found.dataset_lease_until = "building", instant + _LEASE
        found.save(update_fields=["dataset_state", "dataset_lease_until"])
    try:
        rows = _materialise(found)
    except EnishiError as error:
        found.dataset_state, found.dataset_message = "failed", _kept(error.message)
    else:
        found.dataset_state, found.dataset_message = "ready", ""
        found.dataset_rows, found.dataset_as_of, found.dataset_built_at = rows, instant, now()
    found.dataset_lease_until = None
    with work("dataset.done"):
        found.save(
            update_fields=[
                "dataset_state", "dataset_message", "dataset_rows", "dataset_as_of",
                "dataset_built_at", "dataset_lease_until",
            ]
        )  # fmt: skip
    return True


def _kept(message: Text) -> str:
    return json.dumps({"ja": message.ja, "en": message.en}, ensure_ascii=False)


def failure(found: ListDefinition, locale: Locale) -> str:
    """Why the dataset could not be made, in the reader's language; empty when it could."""
    if not found.dataset_message.startswith("{"):  # nothing, or what an older version kept
        return found.dataset_message
    kept: dict[str, str] = json.loads(found.dataset_message)
    return kept[locale]


def _materialise(found: ListDefinition) -> int:
    body = body_of(found)
    table: pa.Table = warehouse().who(
        envelope(body.rule, body.subject, body.purpose),
        actor=SYSTEM,
        as_of=now(),
        columns={column.name: column.value for column in body.columns},
    )
    path = dataset_path(found.id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_suffix(".part")
    pq.write_table(table, aside)
    aside.rename(path)
    return int(table.num_rows)


def envelope(rule: object, subject: str, purpose: str | None) -> dict[str, Any]:
    """A rule as it is stored: with its subject, and its purpose where the catalog names it."""
    named = purpose if purpose in catalog().purposes else None
    found: dict[str, Any] = {"version": 1, "subject": subject, "rule": rule}
    return found | {"purpose": named} if named else found


@dataclass(frozen=True, slots=True)
class Curated:
    """A page of the dataset: the columns and the rows (`_id`, `key`, `display`, `values`)."""

    columns: Sequence[ListColumn]
    rows: list[dict[str, Any]]
    total: int | None


def page(found: ListDefinition, actor: Actor, offset: int, limit: int) -> Curated:
    """A page of the materialised rows, without those outside the actor's scope, masked.

    `total` is None for a scoped reader: the pages then hold fewer rows than `limit`.
    """
    checked: CheckedBody = check_body(body_of(found), catalog())
    columns = list_columns(checked, catalog())
    path = dataset_path(found.id)
    if not path.exists():
        return Curated(columns, [], 0)
    rows = _rows(path, offset, limit)
    if actor.scope is not None:
        seen = in_scope([row["_id"] for row in rows], actor)
        rows = [row for row in rows if row["_id"] in seen]
    subject = body_of(found).subject
    rows = [
        {
            "_id": row["_id"],
            "key": row["key"],
            "display": shown_name(row["display"] or row["key"], subject, actor),
            "values": shown_values(row, columns, actor),
        }
        for row in rows
    ]
    return Curated(columns, rows, found.dataset_rows if actor.scope is None else None)


def _rows(path: Path, offset: int, limit: int) -> list[dict[str, Any]]:
    """Rows `offset` to `offset + limit` of the file, reading only the row groups they lie in."""
    found: list[dict[str, Any]] = []
    with pq.ParquetFile(path) as file:
        start = 0
        for group in range(file.num_row_groups):
            size = file.metadata.row_group(group).num_rows
            if start + size > offset and start < offset + limit:
                table = file.read_row_group(group)
                first = max(0, offset - start)
                found += table.slice(first, limit - len(found)).to_pylist()
            start += size
    return found
