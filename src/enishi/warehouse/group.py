"""The group a subject belongs to: parents, subsidiaries and theirs, by the catalog's relations.

A group is known wherever the rows of a subject dataset point at rows of the same dataset: a company
at its parent. The one that is pointed at stands above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from enishi.book.access import Actor
from enishi.catalog.types import Catalog, Dataset, Relation
from enishi.warehouse.engine import Question
from enishi.warehouse.gather import aware
from enishi.warehouse.people import People
from enishi.warehouse.questions import at_once
from enishi.warehouse.related import present
from enishi.warehouse.walking import Keys, among

MOST = 300
"""Companies of one group that are shown."""
_HEIGHT = 20

Row = Mapping[str, Any]


class Groups(People):
    """The question about a group."""

    @at_once
    def group(self, subject_id: str, *, actor: Actor) -> dict[str, Any]:
        """The group of a subject, as a tree in the order of reading.

        `{"id", "relation": label, "items": [{id, parent, depth, display, key, seen, itself}],
        "cut"}`: parents before children. What lies outside the actor's row scope is there with
        `seen` false and no name, so that the tree hangs together. No items where the catalog knows
        no group or the subject stands alone. Raises NotFound for nobody the actor may see.
        """
        dataset, found = self._found(subject_id, actor, None)
        up = parent_relation(self.catalog, dataset)
        nothing: dict[str, Any] = {"id": found, "relation": None, "items": [], "cut": False}
        if up is None:
            return nothing
        with self._read() as question:
            own, _ = self._walk(question, dataset, found, self.clock())
            top = self._top(question, dataset, up, own)
            rows, cut = self._below(question, dataset, up, top)
            if len(rows) == 1:
                return nothing
            seen = self._visible(question, dataset, [row["_id"] for _, row in rows], actor)
        children: dict[object, list[Row]] = {}
        for above, row in rows:
            children.setdefault(above, []).append(row)
        items: list[dict[str, Any]] = []

        def tell(row: Row, above: str | None, depth: int) -> None:
            visible = row["_id"] in seen
            items.append(
                {
                    "id": row["_id"],
                    "parent": above,
                    "depth": depth,
                    "display": self._display(dataset, row, actor) if visible else None,
                    "key": "/".join(str(row[name]) for name in dataset.key) if visible else None,
                    "seen": visible,
                    "itself": row["_id"] == found,
                }
            )
            for child in children.get(row["_id"], ()):
                tell(child, row["_id"], depth + 1)

        tell(top, None, 0)
        label = {"ja": up.label.ja, "en": up.label.en}
        return {"id": found, "relation": label, "items": items, "cut": cut}

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _top(self, question: Question, dataset: Dataset, up: Relation, row: Row) -> Row:
        """The one above all; a ring of parents ends where it closes."""
        known = {row["_id"]}
        for _ in range(_HEIGHT):
            key = tuple(row[column] for column, _ in up.columns)
            if None in key:
                return row
            above = self._rows(question, dataset, [there for _, there in up.columns], [key])
            if not above or above[0]["_id"] in known:
                return row
            row = above[0]
            known.add(row["_id"])
        return row

    def _below(
        self, question: Question, dataset: Dataset, up: Relation, top: Row
    ) -> tuple[list[tuple[object, Row]], bool]:
        """Everybody below, with the id of whom each hangs on; whether some were left out."""
        found: list[tuple[object, Row]] = [(None, top)]
        known, level = {top["_id"]}, [top]
        for _ in range(_HEIGHT):
            ids = {tuple(row[there] for _, there in up.columns): row["_id"] for row in level}
            columns = [column for column, _ in up.columns]
            level = []
            for row in self._rows(question, dataset, columns, list(ids)):
                if row["_id"] in known:
                    continue
                if len(found) == MOST:
                    return found, True
                known.add(row["_id"])
                found.append((ids[tuple(row[column] for column in columns)], row))
                level.append(row)
            if not level:
                return found, False
        return found, True

    def _rows(
        self, question: Question, dataset: Dataset, columns: Sequence[str], keys: Keys
    ) -> list[dict[str, Any]]:
        spelling = self.engine.spelling
        wanted = among(spelling, [f"t.{spelling.name(c)}" for c in columns], keys)
        order = ", ".join(f"t.{spelling.name(name)}" for name in dataset.key)
        return aware(
            question.records(
                f"SELECT t.* FROM {spelling.data(dataset.name)} t WHERE {wanted}"
                f" AND {present(dataset)} ORDER BY {order} LIMIT {MOST + 1}"
            )
        )

    def _visible(
        self, question: Question, dataset: Dataset, ids: Sequence[str], actor: Actor
    ) -> set[str]:
        spelling = self.engine.spelling
        listed = among(spelling, ["t._id"], [(one,) for one in ids])
        rows = question.rows(
            f"SELECT t._id FROM {spelling.data(dataset.name)} t WHERE {listed}"
            f" AND {self._seen_sql(dataset, actor)}"
        )
        return {row[0] for row in rows}


def parent_relation(catalog: Catalog, dataset: Dataset) -> Relation | None:
    """The relation by which the rows of a subject dataset point at others of the same."""
    return next(
        (
            relation
            for relation in catalog.relations.get(dataset.name, {}).values()
            if relation.target == dataset.name and relation.columns and not relation.many
        ),
        None,
    )
