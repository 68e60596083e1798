"""What every measurement stands on: the open warehouse, its catalog, and two known segments."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.segments.data import AS_OF, Size, write_catalog
from enishi.catalog.sets import FixedSets, SegmentInfo
from enishi.catalog.types import Catalog
from enishi.kernel.text import Text
from enishi.rules import check_rule, compile_rule
from enishi.warehouse.duckdb_engine import SQL, DuckDBEngine
from enishi.warehouse.tables import prepare
from enishi.warehouse.warehouse import Warehouse

_NOW = AS_OF.replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Ground:
    engine: DuckDBEngine
    catalog: Catalog
    warehouse: Warehouse
    size: Size

    def compiled(self, rule: object) -> SQL:
        return compile_rule(check_rule(rule, self.catalog, subject="person"), self.catalog, AS_OF)

    def count(self, sql: SQL) -> int:
        with self.engine.read() as question:
            return int(question.one(f"SELECT count(*) FROM ({sql})"))

    def answer(self, sql: SQL) -> tuple[int, int]:
        """How many, and a sum over hashes of who: equal for equal sets of ids."""
        with self.engine.read() as question:
            found = question.rows(f"SELECT count(*), sum(hash(_id)::HUGEINT) FROM ({sql})")
        return int(found[0][0]), int(found[0][1] or 0)


@contextmanager
def stand_on(folder: Path, size: Size) -> Iterator[Ground]:
    """Open a copy of the data, so that what was made stays as it is."""
    segments = {
        slug: SegmentInfo(slug, Text(slug.upper(), slug.upper()), "person") for slug in ("s1", "s2")
    }
    catalog = replace(write_catalog(folder), sets=FixedSets(segments))
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="work-") as place,
        DuckDBEngine(Path(shutil.copy(folder / "warehouse.duckdb", place))) as engine,
    ):
        prepare(engine, catalog)
        _fill_segments(engine)
        yield Ground(engine, catalog, Warehouse(engine, lambda: catalog, lambda: AS_OF, None), size)


def _fill_segments(engine: DuckDBEngine) -> None:
    """S1 and S2 with a year of entries and exits: a fifth of all stays has ended."""
    entered = f"TIMESTAMP '{_NOW}' - to_days(CAST(1 + hash(_id) % 365 AS INTEGER))"
    left = f"CASE WHEN hash(_id) % 5 = 0 THEN TIMESTAMP '{_NOW}' - INTERVAL 1 HOUR END"
    with engine.write() as writer:
        for slug, where in {"s1": "email_ok", "s2": "branch < 80"}.items():
            writer.execute(
                f"INSERT INTO enishi.memberships SELECT '{slug}', _id, {entered}, {left}"
                f" FROM data.person WHERE {where}"
            )
