"""A workspace with a log of events: write records as ingest does, drain them, look at the rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from enishi.book.workspace import Workspace, read_workspace
from enishi.catalog.load import load_catalog
from enishi.catalog.types import Catalog
from enishi.sources.eventlog.format import Head, Kind, encode
from enishi.sources.eventlog.writer import Shard
from enishi.sources.stream.drain import Drainer
from enishi.sources.stream.types import OnBatch
from enishi.warehouse.duckdb_engine import DuckDBEngine
from enishi.warehouse.tables import prepare

CATALOG = """
datasets:
  client:
    kind: versioned
    subject: person
    key: client_id
    fields:
      client_id: {type: string}
      number: {type: integer}
      status: {type: string}
stream:
  fields:
    amount: {type: decimal, scale: 0, property: order.amount}
    tags: {type: strings}
"""
START = datetime(2026, 4, 1, tzinfo=UTC)


class StreamWorld:
    """The log has one writer at a time; `later` moves the clock."""

    def __init__(self, root: Path, catalog: str = CATALOG) -> None:
        (root / "catalog").mkdir(parents=True, exist_ok=True)
        (root / "enishi.toml").write_text('name = "stream"\ntimezone = "Asia/Tokyo"\n')
        (root / "catalog" / "all.yaml").write_text(catalog, encoding="utf-8")
        self.root, self.now = root, START
        self.workspace: Workspace = read_workspace(root)
        self.workspace.prepare()
        self.catalog: Catalog = load_catalog(root)
        self.engine = DuckDBEngine(self.workspace.warehouse_path, threads=2)
        prepare(self.engine, self.catalog)
        self.drainer = self.new_drainer()

    def new_drainer(self) -> Drainer:
        return Drainer(self.workspace, self.engine, self.catalog, lambda: self.now)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def send(
        self,
        *events: Mapping[str, Any],
        shard: str = "0",
        kind: Kind = "batch",
        source: str = "src_web",
        sent: str | None = None,
    ) -> None:
        """One request: a batch of events, or a single call."""
        body: Any = {"batch": list(events)} if kind == "batch" else events[0]
        if sent is not None:
            body = {**body, "sentAt": sent}
        self.write(json.dumps(body, ensure_ascii=False).encode(), shard=shard, kind=kind,
                   source=source)  # fmt: skip

    def write(
        self, body: bytes, *, shard: str = "0", kind: Kind = "batch", source: str = "src_web"
    ) -> None:
        at = int(self.now.timestamp() * 1_000_000)
        with Shard(self.workspace.events / shard) as log:
            log.append([encode(at, Head(source, kind), body)])

    def drain(self, on_batch: OnBatch | None = None) -> int:
        """Drain to the end; returns how many batches it took."""
        batches = 0
        while self.drainer.run_once(on_batch):
            batches += 1
        return batches

    def rows(self, columns: str = "message_id, event, person", where: str = "true") -> list[Any]:
        """Rows of `activity`, by message id."""
        with self.engine.read() as question:
            return question.rows(
                f"SELECT {columns} FROM data.activity WHERE {where} ORDER BY message_id, ts"
            )

    def ask(self, sql: str, *given: object) -> list[Any]:
        with self.engine.read() as question:
            return question.rows(sql, given)

    def load_persons(self, persons: Sequence[tuple[str, int]]) -> None:
        """Persons as a load would bring them."""
        from enishi.sources.service import load

        text = "client_id,number,status\n" + "".join(f"{k},{n},new\n" for k, n in persons)
        file = self.root / "client.csv"
        file.write_text(text)
        (done,) = load(
            self.workspace, self.engine, self.catalog, ["client"], [file], clock=lambda: self.now
        )
        assert done.state.value == "loaded", done.message

    def close(self) -> None:
        self.drainer.close()
        self.engine.close()


def track(
    message: str | None, user: str | None = None, event: str = "bought", **more: Any
) -> dict[str, Any]:
    """A track call of a user."""
    found: dict[str, Any] = {"type": "track", "event": event, **more}
    if message is not None:
        found["messageId"] = message
    if user is not None:
        found["userId"] = user
    return found
