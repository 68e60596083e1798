"""Scores written back as fields with their dates: declared in the catalog, loaded like any file.

    frame ──people found, in scope──▶ parquet in var/uploads ──load──▶ data.score_NAME

A score is a `versioned` dataset `score_NAME` (the subject's key, `value`, `scored_at`) and a to-one
relation NAME from the subject to it, both in `catalog/scores.yaml`, which is written here alone.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from enishi.analyst.arrow import Frame, to_arrow
from enishi.analyst.columns import field_name, read_columns
from enishi.analyst.declared import Declared, declare
from enishi.book.access import SYSTEM, Actor, require
from enishi.catalog.types import Dataset
from enishi.kernel.errors import EnishiError, Invalid
from enishi.kernel.text import Text
from enishi.sources.actions import load_into
from enishi.warehouse.duckdb_engine import DuckDBEngine, quoted

if TYPE_CHECKING:
    from enishi.book.workspace import Workspace
    from enishi.warehouse.client import Attached
    from enishi.warehouse.warehouse import Warehouse

_ID = ("id", "_id")
_LONGEST_LABEL = 200  # characters


@dataclass(frozen=True, slots=True)
class Score:
    """What is to be written: its name, how people see it, and what it may be used for."""

    name: str
    label: Text
    pii: str = "none"
    purposes: tuple[str, ...] | None = None
    consent_purposes: tuple[str, ...] = ()
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the rows. `field` is what rules say.

    `unknown` rows named nobody you may see, `unset` rows had no score, and `dead` rows were refused
    by the load for the reasons on the data page: none of these were written.
    """

    field: str
    dataset: str
    as_of: datetime
    added: int
    changed: int
    unchanged: int
    unknown: int
    unset: int
    dead: int


def write_scores(
    place: Workspace,
    warehouse: Warehouse | Attached,
    actor: Actor,
    score: Score,
    frame: Frame,
    keys: Sequence[str],
    column: str,
    as_of: datetime | None,
) -> Written:
    """Declare the score if it is new, and load the frame into it. See `Workspace.write_scores`."""
    from enishi.book.audit import record
    from enishi.book.clock import now

    require(actor, "scores.write")
    subject = _subject(warehouse, score.subject)
    at = as_of or now()
    if at > now():
        raise _in_future()
    _check_label(score.label)
    read = read_columns(_chosen(to_arrow(frame), [*keys, column]), place.timezone)
    values, kind = read.table, read.fields.get(field_name(column))
    if kind is None or kind["type"] == "strings":
        raise _wrong_type(column)
    if len(read.left_out):
        raise _wrong_type(read.left_out[0])
    rows, unknown, unset = _of_people(warehouse, actor, subject, values, keys, column, at)
    dataset = declare(
        place,
        subject,
        Declared(score.name, score.label, kind, score.pii, score.purposes, score.consent_purposes),
    )
    told = _load(place, warehouse, dataset, rows, at)
    detail = {name: told[name] for name in ("id", "added", "changed", "unchanged")}
    record(actor, "scores.write", "dataset", dataset, detail | {"as_of": at.isoformat()})
    return Written(
        f"{score.name}.value", dataset, at, told["added"], told["changed"], told["unchanged"],
        unknown, unset, told["dead"],
    )  # fmt: skip


def _subject(warehouse: Warehouse | Attached, named: str | None) -> Dataset:
    catalog = warehouse.catalog
    subjects = catalog.subjects()
    if named is None:
        named = subjects[0].name if len(subjects) == 1 else "person"
    found = catalog.subject_dataset(named)
    if found is None:
        raise Invalid(
            Text(f"対象「{named}」はカタログにありません。", f"There is no subject {named!r}."),
            Text(
                f"次から選んでください: {', '.join(d.name for d in subjects)}",
                f"Choose from: {', '.join(d.name for d in subjects)}.",
            ),
            code="subject_missing",
        )
    return found


def _chosen(table: pa.Table, wanted: Sequence[str]) -> pa.Table:
    missing = [name for name in wanted if name not in table.column_names]
    if missing:
        raise Invalid(
            Text(
                f"データフレームに「{missing[0]}」という列はありません。",
                f"The frame has no column {missing[0]!r}.",
            ),
            Text(
                f"ある列: {', '.join(table.column_names)}",
                f"It has: {', '.join(table.column_names)}.",
            ),
            code="column_missing",
        )
    return table.select(list(dict.fromkeys(wanted)))


def _of_people(
    warehouse: Warehouse | Attached,
    actor: Actor,
    subject: Dataset,
    values: pa.Table,
    keys: Sequence[str],
    column: str,
    at: datetime,
) -> tuple[pa.Table, int, int]:
    """The rows by the subject's own key, how many named nobody in scope, how many had no score.

    Keys are looked up by Enishi itself and never shown: the actor may see them masked. Raises
    Invalid for a person named twice.
    """
    by_id = len(keys) == 1 and keys[0] in _ID
    if not by_id and len(keys) != len(subject.key):
        raise _key_parts(subject)
    own = {f"k{n}": {"field": name} for n, name in enumerate(subject.key)}
    everybody = warehouse.view(subject.name, None, own, actor=SYSTEM)
    with DuckDBEngine(None) as engine, engine.workbench() as bench:
        bench.register("_everybody", everybody)
        bench.register("_given", values)
        scope = ""
        if actor.scope is not None:
            bench.register("_seen", warehouse.view(subject.name, actor=actor).select(["_id"]))
            scope = " AND e._id IN (SELECT _id FROM _seen)"
        theirs = ["e._id"] if by_id else [f"CAST(e.k{n} AS VARCHAR)" for n in range(len(keys))]
        on = " AND ".join(
            f"CAST(g.{quoted(field_name(name))} AS VARCHAR) = {other}"
            for name, other in zip(keys, theirs, strict=True)
        )
        value = quoted(field_name(column))
        names = ", ".join(f"e.k{n} AS {quoted(name)}" for n, name in enumerate(subject.key))
        bench.execute(
            f"CREATE TEMP TABLE _found AS SELECT {names}, g.{value} AS value FROM _given g"
            f" JOIN _everybody e ON {on}{scope}"
        )
        unknown = values.num_rows - int(bench.one("SELECT count(*) FROM _found"))
        unset = int(bench.one("SELECT count(*) FROM _found WHERE value IS NULL"))
        key = ", ".join(quoted(name) for name in subject.key)
        if bench.one(f"SELECT 1 FROM _found GROUP BY {key} HAVING count(*) > 1 LIMIT 1"):
            raise _twice()
        rows = bench.table(
            f"SELECT *, TIMESTAMPTZ '{at.astimezone(UTC).isoformat()}' AS scored_at FROM _found"
            " WHERE value IS NOT NULL"
        )
    return rows, unknown, unset


def _load(
    place: Workspace, warehouse: Warehouse | Attached, dataset: str, rows: pa.Table, at: datetime
) -> Mapping[str, Any]:
    """Load the rows through the common way, and leave no file behind."""
    place.prepare()
    file = place.uploads / f"scores-{secrets.token_hex(8)}.parquet"
    try:
        pq.write_table(rows, file)
        file.chmod(0o600)
        told = load_into(place, warehouse, [dataset], [file], valid_from=at)[0]
    finally:
        file.unlink(missing_ok=True)
    if told["state"] != "loaded":
        raise _failed(told)
    return told


def _failed(told: Mapping[str, Any]) -> EnishiError:
    ja, en = told["message"]["ja"], told["message"]["en"]
    return Invalid(
        Text(ja["message"], en["message"]), Text(ja["remedy"], en["remedy"]), code=en["code"]
    )


def _check_label(label: Text) -> None:
    """Raise Invalid for a name that people could not read."""
    for text in (label.ja, label.en):
        hidden = any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
        if hidden or len(text) > _LONGEST_LABEL:
            raise Invalid(
                Text("この表示名は使えません。", "This label cannot be used."),
                Text(
                    f"{_LONGEST_LABEL}文字以内の、改行や制御文字を含まない名前にしてください。",
                    f"Write at most {_LONGEST_LABEL} characters, on one line.",
                ),
                code="score_label",
            )


def _in_future() -> Invalid:
    return Invalid(
        Text("スコアの日時が未来です。", "The score's instant lies in the future."),
        Text(
            "今より前の as_of を渡してください。後から書くスコアが入らなくなるためです。",
            "Pass an as_of up to now: scores written later could not come before it.",
        ),
        code="score_in_future",
    )


def _key_parts(subject: Dataset) -> Invalid:
    names = ", ".join(subject.key)
    return Invalid(
        Text(f"キーは「{names}」です。", f"The key is {names}."),
        Text(
            "key にこれらにあたる列の名前を、この順に並べてください。",
            "Name the columns that hold it in `key`, in this order, or the column of Enishi ids.",
        ),
        code="key_parts",
    )


def _twice() -> Invalid:
    return Invalid(
        Text("同じ人の行が二つ以上あります。", "Somebody has more than one row."),
        Text("一人を一行にしてください。", "Leave one row a person."),
        code="key_not_unique",
    )


def _wrong_type(column: str) -> Invalid:
    return Invalid(
        Text(
            f"「{column}」の型の値は書き戻せません。",
            f"Values such as those of {column!r} cannot be written back.",
        ),
        Text("数値、文字、真偽、日付で渡してください。", "Pass numbers, texts, truths or dates."),
        code="score_type",
    )
