"""What a subject is worth, as the catalog's `worth` says: sums over what belongs to her now."""

from __future__ import annotations

from typing import Any

from enishi.catalog.types import Catalog, Dataset
from enishi.warehouse.engine import Engine, Question
from enishi.warehouse.instants import plain
from enishi.warehouse.masking import hidden
from enishi.warehouse.walking import Walk


def worths(
    question: Question,
    engine: Engine,
    catalog: Catalog,
    dataset: Dataset,
    walk: Walk,
    pii: str,
) -> list[dict[str, Any]]:
    """`{"label", "value", "rows", "masked"}` of each line of `worth` for this kind of subject.

    `value` is exact, as text; None where a field in it is masked for this PII level. A line that
    finds no row is left out: nothing held is not the same as zero.
    """
    found = []
    for line in catalog.worth.get(dataset.subject or "", ()):
        total, rows, masked = None, 0, False
        for path in line.of:
            way, _, name = path.rpartition(".")
            steps = catalog.expand(dataset.name, way) or ()
            field = catalog.datasets[steps[-1].target].fields[name]
            source = walk.source(way)
            assert source is not None, "the catalog's check knows the path"
            masked = masked or hidden(field, pii)
            column = engine.spelling.name(name)
            [(part, count)] = question.rows(
                f"SELECT sum({column}), count({column}) FROM ({source}) t"
            )
            rows += int(count)
            if part is not None:
                total = part if total is None else total + part
        if rows:
            told = None if masked else plain(total, catalog.zone)
            label = {"ja": line.label.ja, "en": line.label.en}
            found.append({"label": label, "value": told, "rows": rows, "masked": masked})
    return found
