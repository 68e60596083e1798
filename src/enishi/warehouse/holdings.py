"""What the warehouse holds: datasets, their freshness and values, loads, dead letters."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from enishi.book.access import Actor, require
from enishi.catalog.types import Catalog, Dataset, Field, FieldType, Meaning, Pii
from enishi.kernel.errors import Forbidden, NotFound
from enishi.kernel.text import Text, fold
from enishi.warehouse.freshness import is_fresh, loaded_at
from enishi.warehouse.instants import plain
from enishi.warehouse.masking import hidden
from enishi.warehouse.paths import path_from_subject
from enishi.warehouse.questions import Questions
from enishi.warehouse.scope import scope_rule
from enishi.warehouse.spelling import SQL
from enishi.warehouse.tables import shadow, stale

_NOT_LISTED = frozenset(
    {Meaning.PERSON_NAME, Meaning.PERSON_KANA, Meaning.EMAIL, Meaning.PHONE, Meaning.ADDRESS}
)


class Holdings(Questions):
    """Questions about the data itself."""

    def datasets(self, *, actor: Actor) -> list[dict[str, Any]]:
        """Every dataset of the catalog: rows, freshness, its last load, dead letters.

        `fresh` is None where the catalog promises no freshness. `stale` names what of the catalog
        no longer fits the stored rows. Counts are of whole datasets; no row is shown.
        """
        require(actor, "data.read")
        catalog, now = self.catalog, self.clock()
        with self.engine.books.read() as books, self._read() as question:
            loaded = loaded_at(books)
            last = {
                row["dataset"]: row
                for row in books.records(
                    "SELECT * EXCLUDE (files) FROM enishi.loads QUALIFY row_number()"
                    " OVER (PARTITION BY dataset ORDER BY started_at DESC, id DESC) = 1"
                )
            }
            rows = {
                name: question.one(
                    f"SELECT count(*) FROM {self.engine.spelling.data(name)}{_present(dataset)}"
                )
                for name, dataset in catalog.datasets.items()
            }
        return [
            {
                "name": name,
                "label": {"ja": dataset.label.ja, "en": dataset.label.en},
                "kind": dataset.kind.value,
                "subject": dataset.subject,
                "rows": rows[name],
                "loaded_at": plain(loaded.get(name), catalog.zone),
                "fresh_for": dataset.fresh_for,
                "fresh": is_fresh(dataset, loaded.get(name), now, catalog.zone),
                "stale": stale(self.engine, dataset),
                "last_load": self._load_json(last[name]) if name in last else None,
                "dead": last[name]["dead"] if name in last else 0,
            }
            for name, dataset in catalog.datasets.items()
        ]

    def values(
        self,
        dataset: str,
        field: str,
        prefix: str = "",
        limit: int = 20,
        *,
        actor: Actor,
    ) -> list[dict[str, Any]]:
        """The commonest values of a field with their counts: `{"value", "count"}`.

        `prefix` narrows to values that contain it, folded; those that start with it come first.
        Only rows of subjects in the actor's scope count. Raises Forbidden for personal data.
        """
        found, column = self._field(dataset, field)
        if hidden(column, actor.pii) or column.meaning in _NOT_LISTED or column.pii is Pii.HIGH:
            raise Forbidden(
                Text(
                    "個人情報の項目の値は一覧できません。",
                    "The values of a field with personal data are not listed.",
                ),
                Text("値を直接入力してください。", "Type the value instead."),
                code="values_hidden",
            )
        spelling = self.engine.spelling
        name = spelling.name(field)
        source = f"(SELECT * FROM {spelling.data(dataset)}{_present(found)})"
        if column.type is FieldType.STRINGS:
            source, name = f"({spelling.each(source, name)})", "_item"
        if column.folded and column.type is not FieldType.STRINGS:
            text = spelling.name(shadow(column))
        else:
            text = spelling.lower(spelling.as_text(name))
        wanted = spelling.text(fold(prefix))
        first = f"max(CASE WHEN {spelling.starts(text, wanted)} THEN 1 ELSE 0 END)"
        with self._read() as question:
            rows = question.rows(
                f"SELECT {name} AS _value, count(*) AS n, {first} AS _first FROM {source} t"
                f" WHERE {name} IS NOT NULL AND {spelling.holds(text, wanted)}"
                f"{self._within(found, actor)} GROUP BY {name}"
                f" ORDER BY _first DESC, n DESC, {name} LIMIT {int(limit)}"
            )
        return [{"value": plain(row[0], self.catalog.zone), "count": row[1]} for row in rows]

    def loads(self, offset: int = 0, limit: int = 50, *, actor: Actor) -> dict[str, Any]:
        """The loads, latest first: `{"items", "total"}`."""
        require(actor, "data.read")
        with self.engine.books.read() as question:
            total = question.one("SELECT count(*) FROM enishi.loads")
            rows = question.records(
                "SELECT * FROM enishi.loads ORDER BY started_at DESC, id DESC"
                f" LIMIT {int(limit)} OFFSET {int(offset)}"
            )
        return {"items": [self._load_json(row) for row in rows], "total": total}

    def load_record(self, load_id: str, *, actor: Actor) -> dict[str, Any]:
        """One load. Raises NotFound."""
        require(actor, "data.read")
        with self.engine.books.read() as question:
            rows = question.records("SELECT * FROM enishi.loads WHERE id = ?", [load_id])
        if not rows:
            raise NotFound(
                Text(f"読み込み {load_id} はありません。", f"There is no load {load_id}."),
                Text("読み込みの一覧から選んでください。", "Choose one from the list of loads."),
            )
        return self._load_json(rows[0])

    def stored(self, *, actor: Actor) -> dict[str, Any]:
        """Where the data is: `engine` (its address), `dialect`, and `tables` with schema, table,
        rows and bytes (None where the engine does not tell)."""
        require(actor, "data.read")
        return {
            "engine": self.engine.url,
            "dialect": self.engine.dialect,
            "tables": [dataclasses.asdict(one) for one in self.engine.held()],
        }

    def dead_letters(
        self, load_id: str | None = None, offset: int = 0, limit: int = 100, *, actor: Actor
    ) -> dict[str, Any]:
        """The dead letters of a load (None: of each dataset's last load, and those of the
        stream that have not been replayed), by file and line.

        `{"items", "total"}`; an item has dataset, file, line, field, code, args, raw and
        `replayed_by`, the load that has read it again. The text itself (`raw`, the value in
        `args`) is shown to those who may see personal data unmasked, of everybody.
        """
        require(actor, "data.read")
        where = "load_id = ?" if load_id else (
            "(load_id IN (SELECT load_id FROM enishi.datasets WHERE load_id IS NOT NULL)"
            " OR (file LIKE 'stream:%' AND replayed_by IS NULL))"
        )  # fmt: skip
        given = [load_id] if load_id else []
        with self.engine.books.read() as question:
            total = question.one(f"SELECT count(*) FROM enishi.dead_letters WHERE {where}", given)
            rows = question.records(
                f"SELECT * FROM enishi.dead_letters WHERE {where} ORDER BY dataset, file, line"
                f" LIMIT {int(limit)} OFFSET {int(offset)}",
                given,
            )
        return {"items": [self._dead_json(row, actor) for row in rows], "total": total}

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _field(self, dataset: str, field: str) -> tuple[Dataset, Field]:
        found = self.catalog.datasets.get(dataset)
        if found is None or field not in found.fields:
            raise NotFound(
                Text(f"項目 {dataset}.{field} はありません。", f"There is no {dataset}.{field}."),
                Text("カタログを確かめてください。", "See the catalog."),
                code="field_unknown",
            )
        return found, found.fields[field]

    def _within(self, dataset: Dataset, actor: Actor) -> SQL:
        """SQL that keeps the rows `t` of subjects in scope; datasets of no subject stay whole."""
        if actor.scope is None:
            return ""
        if dataset.subject is not None:
            rule = scope_rule(actor, self.catalog, dataset.name)
            assert rule is not None
            return f" AND t._id IN ({self._ids(rule, self.clock())})"
        reached = path_from_subject(self.catalog, dataset.name)
        if reached is None:
            return ""
        subject, path = reached
        rule = scope_rule(actor, self.catalog, subject.name)
        assert rule is not None
        spelling = self.engine.spelling
        inner = (
            f"SELECT * FROM {spelling.data(subject.name)}"
            f" WHERE _id IN ({self._ids(rule, self.clock())})"
        )
        for step in path[:-1]:
            joined = spelling.reached(inner, step.columns, "b")
            inner = f"SELECT b.* FROM {spelling.data(step.target)} b WHERE {joined}"
        return f" AND {spelling.reached(inner, path[-1].columns, 't')}"

    def _load_json(self, row: Mapping[str, Any]) -> dict[str, Any]:
        told = {
            name: plain(value, self.catalog.zone)
            for name, value in row.items()
            if name not in ("files", "message")
        }
        if row.get("files"):
            told["files"] = json.loads(row["files"])
        told["message"] = json.loads(row["message"]) if row.get("message") else None
        return told

    def _dead_json(self, row: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        # A row that could not be read is nobody's yet, so nobody can say whose scope it lies in.
        shown = actor.pii == "high" and actor.scope is None
        args = json.loads(row["reason_args"] or "{}")
        if not shown and "value" in args:
            args["value"] = "＊＊＊"
        return {
            "load_id": row["load_id"],
            "dataset": row["dataset"],
            "file": row["file"],
            "line": row["line"],
            "field": row["field"],
            "code": row["code"],
            "args": args,
            "raw": row["raw"] if shown else None,
            "at": plain(row["at"], self.catalog.zone),
            "replayed_by": row["replayed_by"],
        }


def _present(dataset: Dataset) -> SQL:
    return " WHERE _to IS NULL" if dataset.versioned else ""


__all__ = ["Catalog", "Holdings"]
