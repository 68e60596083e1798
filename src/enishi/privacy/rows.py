"""One person's rows of the warehouse, for her export: wherever the file is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from enishi.book.access import SYSTEM
from enishi.warehouse.hers import find_hers, forget
from enishi.warehouse.instants import plain
from enishi.warehouse.spelling import SQL, quoted
from enishi.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from enishi.warehouse.client import Attached
    from enishi.warehouse.door import Action

ACTION = "person_rows"
"""The door's action that tells them."""


def rows_of(warehouse: Warehouse | Attached, person: str) -> dict[str, Any]:
    """`{"datasets": [{"name", "label", "columns", "rows"}], "segments": […]}` of one person.

    A column is `{"name", "ja", "en"}`, a row a list of JSON values. Raises NotFound.
    """
    if isinstance(warehouse, Warehouse):
        return teller(warehouse)({"person": person}, lambda _: None)  # type: ignore[return-value]  # an action answers JSON
    found: dict[str, Any] = warehouse.do(ACTION, {"person": person}, again=True)
    return found


def teller(warehouse: Warehouse) -> Action:
    """Telling them as an action of the door."""

    def run(given: Mapping[str, Any], _: object) -> dict[str, object]:
        found = warehouse.person(str(given["person"]), actor=SYSTEM)
        return _rows(warehouse, found["id"], found["dataset"])

    return run


def _rows(warehouse: Warehouse, person: str, dataset: str) -> dict[str, object]:
    catalog, zone = warehouse.catalog, warehouse.catalog.zone
    told = []
    with warehouse.engine.books.workbench() as bench:
        hers = find_hers(bench, catalog, catalog.datasets[dataset], [person])
        for name, count in hers.rows.items():
            if not count:
                continue
            found = catalog.datasets[name]
            versions = ["_from", "_to"] if found.versioned else []
            columns = [*found.fields, *versions]
            order = f"d.{quoted(found.time.field)}" if found.time else f"d.{quoted(found.key[0])}"
            listed: SQL = ", ".join(f"d.{quoted(column)}" for column in columns)
            rows = bench.rows(f"{hers.select(name, listed)} ORDER BY {order}")
            words = [
                {"name": f.name, "ja": f.label.ja, "en": f.label.en} for f in found.fields.values()
            ] + [
                {"name": name, "ja": ja, "en": en}
                for name, ja, en in (("_from", "有効開始", "From"), ("_to", "有効終了", "Until"))
                if name in versions
            ]
            told.append(
                {
                    "name": name,
                    "label": {"ja": found.label.ja, "en": found.label.en},
                    "columns": words,
                    "rows": [[plain(value, zone) for value in row] for row in rows],
                }
            )
        forget(bench, hers)
        stays = bench.rows(
            "SELECT segment, entered_at, left_at FROM enishi.memberships WHERE _id = ?"
            " ORDER BY entered_at", [person],
        )  # fmt: skip
    return {
        "datasets": told,
        "segments": [[plain(value, zone) for value in stay] for stay in stays],
    }
