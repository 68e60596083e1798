"""A small catalog from YAML, and loading into it, for the tests of sources and warehouse."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from enishi.catalog.load import load_catalog
from enishi.catalog.types import Catalog
from enishi.kernel.clock import VirtualClock
from enishi.sources.service import load
from enishi.sources.types import DatasetLoad
from enishi.warehouse.duckdb_engine import DuckDBEngine
from enishi.warehouse.tables import prepare


@dataclass
class World:
    """A folder with a catalog and data, a warehouse file, a clock that stands."""

    root: Path
    catalog: Catalog
    engine: DuckDBEngine
    clock: VirtualClock = field(default_factory=VirtualClock)

    @property
    def data(self) -> Path:
        return self.root / "data"

    def secret(self) -> bytes:
        return b"ab" * 32

    def put(self, name: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        (self.data / name).write_bytes(data)

    def load(
        self,
        *names: str,
        files: list[Path] | None = None,
        rebuild: bool = False,
        at: datetime | None = None,
    ) -> DatasetLoad:
        """Load and return the result of the last dataset loaded."""
        done = load(
            self,
            self.engine,
            self.catalog,
            list(names) or None,
            files,
            clock=self.clock,
            rebuild_first=rebuild,
            valid_from=at,
        )
        return done[-1]

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.engine.read() as question:
            return question.rows(sql, list(values))

    def dead(self) -> list[tuple[Any, ...]]:
        return self.rows(
            'SELECT line, field, code, raw FROM enishi.dead_letters ORDER BY "at", file, line'
        )


def make_world(root: Path, catalog: str, *, toml: str = 'name = "test"\n') -> World:
    (root / "catalog").mkdir(parents=True, exist_ok=True)
    (root / "data").mkdir(exist_ok=True)
    (root / "enishi.toml").write_text(toml)
    (root / "catalog" / "all.yaml").write_text("version: 1\n" + catalog, encoding="utf-8")
    read = load_catalog(root)
    engine = DuckDBEngine(root / "var" / "warehouse.duckdb", threads=1)
    prepare(engine, read)
    return World(root, read, engine)
