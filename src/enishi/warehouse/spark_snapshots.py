"""Where each table's rows lie: folders of Parquet that never change, and which of them hold now.

    <warehouse folder>/enishi.json                    whose it is
                      /data/<dataset>/<id>/…          rows that a load has written
                      /enishi/memberships/<id>/…      a segment's stays, one folder each
                      /arriving/<id>/…                on their way in, and what questions bring

A snapshot is a list of such folders with the columns they are read as. Which snapshot holds now is
said in the books (`spark.snapshots`), so that it changes in the very transaction that records the
load. Folders that no snapshot names any more are swept once no question reads them.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from enishi.kernel.errors import Conflict, Unavailable
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.warehouse.duckdb_engine import DuckDBEngine, Question, Writer
from enishi.warehouse.spark_names import Table
from enishi.warehouse.spelling import SQL

Columns = tuple[tuple[str, SQL], ...]
"""Names with their Spark types, in order."""

_BOOKS = """
CREATE SCHEMA IF NOT EXISTS spark;
CREATE TABLE IF NOT EXISTS spark.warehouse (id VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS spark.snapshots (
    "schema" VARCHAR NOT NULL, "table" VARCHAR NOT NULL, part VARCHAR NOT NULL,
    folders JSON NOT NULL, columns JSON NOT NULL, rows BIGINT NOT NULL)
"""
_PLAIN = re.compile(r"[A-Za-z0-9_]{1,60}")
_OWNER = "enishi.json"
_HOMES = ("data", "enishi")

SETS: Mapping[str, Columns] = {
    "memberships": (
        ("segment", "STRING"),
        ("_id", "STRING"),
        ("entered_at", "TIMESTAMP_NTZ"),
        ("left_at", "TIMESTAMP_NTZ"),
    ),
    "list_members": (
        ("list", "STRING"),
        ("_id", "STRING"),
        ("status", "STRING"),
        ("means", "STRING"),
        ("_from", "TIMESTAMP_NTZ"),
        ("_to", "TIMESTAMP_NTZ"),
    ),
}
"""The tables about sets of subjects: a snapshot for each segment, each list."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows of a table, or of a part of one. `folders` are relative to the warehouse's folder."""

    columns: Columns
    folders: tuple[str, ...] = ()
    rows: int = 0

    @property
    def name(self) -> str:
        """A name that only this snapshot has."""
        told = json.dumps([self.folders, self.columns], ensure_ascii=False)
        return f"enishi_{hashlib.sha256(told.encode()).hexdigest()[:24]}"


class Snapshots:
    """The snapshots of one warehouse folder, and who is reading them."""

    def __init__(self, folder: Path, books: DuckDBEngine, schemas: tuple[str, str]) -> None:
        self.folder, self._books = folder, books
        self._data, self._sets = schemas
        self._lock = threading.Lock()
        self._read: dict[str, int] = {}
        self._fresh: set[str] = set()  # made here, and not yet seen to hold
        with books.write() as writer:
            for statement in _BOOKS.split(";"):
                writer.execute(statement)
            known = writer.one("SELECT id FROM spark.warehouse")
            if known is None:
                known = new_id("wh")
                writer.execute("INSERT INTO spark.warehouse VALUES (?)", [known])
            self._claim(str(known))

    # ── what holds ───────────────────────────────────────────────────────────────────────────

    def present(self, question: Question) -> dict[Table, Snapshot]:
        """Every table as `question` (over the books) sees it; the parts of a set are one."""
        found: dict[Table, Snapshot] = {
            (self._sets, name): Snapshot(columns) for name, columns in SETS.items()
        }
        for schema, table, snapshot in _rows(question):
            before = found.get((schema, table))
            if schema == self._sets and before is not None:
                snapshot = Snapshot(
                    before.columns,
                    before.folders + snapshot.folders,
                    before.rows + snapshot.rows,
                )
            found[schema, table] = snapshot
        return found

    def of(self, question: Question, schema: str, table: str, part: str = "") -> Snapshot | None:
        """One table or part; None when it has never been made."""
        for _, _, snapshot in _rows(
            question, ' WHERE "schema" = ? AND "table" = ? AND part = ?', [schema, table, part]
        ):
            return snapshot
        return None

    def publish(
        self, writer: Writer, schema: str, table: str, snapshot: Snapshot, part: str = ""
    ) -> None:
        """Let a snapshot hold from the writer's commit on."""
        self.withdraw(writer, schema, table, part)
        writer.execute(
            "INSERT INTO spark.snapshots VALUES (?, ?, ?, ?, ?, ?)",
            [
                schema,
                table,
                part,
                json.dumps(snapshot.folders),
                json.dumps(snapshot.columns, ensure_ascii=False),
                snapshot.rows,
            ],
        )

    def withdraw(self, writer: Writer, schema: str, table: str, part: str | None = None) -> None:
        """Forget a table, or a part of it (None: all of it)."""
        only = "" if part is None else " AND part = ?"
        writer.execute(
            f'DELETE FROM spark.snapshots WHERE "schema" = ? AND "table" = ?{only}',
            [schema, table, *([] if part is None else [part])],
        )

    # ── folders ──────────────────────────────────────────────────────────────────────────────

    def new(self, schema: str, table: str) -> str:
        """A folder, not yet there, for rows of a table; relative."""
        home = "data" if schema == self._data else "enishi"
        relative = f"{home}/{_in_ascii(table)}/{new_id('rows')}"
        with self._lock:
            self._fresh.add(relative)
        return relative

    @contextmanager
    def scratch(self) -> Iterator[str]:
        """A folder that is gone at the end of the block; relative."""
        relative = f"arriving/{new_id('tmp')}"
        self.path(relative).mkdir(parents=True, mode=0o700)
        try:
            yield relative
        finally:
            self.remove(relative)

    def path(self, relative: str) -> Path:
        return self.folder / relative

    def remove(self, relative: str) -> None:
        shutil.rmtree(self.path(relative), ignore_errors=True)
        self._fresh.discard(relative)

    def there(self, snapshot: Snapshot) -> bool:
        """Whether every folder of a snapshot is still there."""
        return all(self.path(folder).is_dir() for folder in snapshot.folders)

    # ── readers and the sweep ────────────────────────────────────────────────────────────────

    @contextmanager
    def reading(self) -> Iterator[dict[Table, Snapshot]]:
        """Every table as it is now; what of it is read stays until the block ends."""
        with self._lock:
            with self._books.read() as question:
                found = self.present(question)
            folders = [folder for one in found.values() for folder in one.folders]
            for folder in folders:
                self._read[folder] = self._read.get(folder, 0) + 1
        try:
            yield found
        finally:
            with self._lock:
                for folder in folders:
                    self._read[folder] -= 1
                    if not self._read[folder]:
                        del self._read[folder]

    def sweep(self, *, all_arriving: bool = False) -> None:
        """Remove the folders of rows that hold no more and that nobody reads or writes.

        `all_arriving`: what a crash has left too, where nothing can be arriving.
        """
        with self._lock:
            with self._books.read() as question:
                named = {_root(f) for _, _, one in _rows(question) for f in one.folders}
            self._fresh -= named
            kept = named | {_root(folder) for folder in self._read} | self._fresh
            for home in _HOMES:
                for found in self.folder.glob(f"{home}/*/*"):
                    relative = found.relative_to(self.folder).as_posix()
                    if relative not in kept:
                        self.remove(relative)
            if all_arriving:
                self.remove("arriving")

    def forget_unfinished(self) -> None:
        """Count nothing as being written, as after a crash: the next sweep removes it."""
        with self._lock:
            self._fresh.clear()

    def _claim(self, own: str) -> None:
        """Mark the folder as this warehouse's; another's would be swept away as unknown."""
        marker = self.folder / _OWNER
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not marker.exists():
                marker.write_text(json.dumps({"warehouse": own}))
            owner = json.loads(marker.read_text()).get("warehouse")
        except (OSError, ValueError, AttributeError) as error:
            raise _unusable(self.folder) from error
        if owner != own:
            raise _of_another(self.folder)


def _rows(
    question: Question, where: SQL = "", parameters: Sequence[object] = ()
) -> Iterator[tuple[str, str, Snapshot]]:
    for schema, table, folders, columns, rows in question.rows(
        'SELECT "schema", "table", folders, columns, rows FROM spark.snapshots'
        f'{where} ORDER BY "schema", "table", part',
        parameters,
    ):
        named = tuple((name, type_) for name, type_ in json.loads(columns))
        yield schema, table, Snapshot(named, tuple(json.loads(folders)), rows)


def _root(folder: str) -> str:
    """The folder that is made and removed as one: home, table, id."""
    return "/".join(folder.split("/")[:3])


def _in_ascii(name: str) -> str:
    """A folder's name: Java reads others only where the machine's locale knows them."""
    if _PLAIN.fullmatch(name):
        return name.lower()
    return f"x{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def _unusable(folder: Path) -> Unavailable:
    return Unavailable(
        Text(f"倉庫のフォルダー {folder} を使えません。",
             f"The warehouse's folder {folder} cannot be used."),
        Text("フォルダーの権限と空き容量を確かめてください。マスターとワーカーからも"
             "同じ場所に見える必要があります。",
             "Check its permissions and the free space. Master and workers must see it at the same"
             " place."),
        code="warehouse_unreadable",
    )  # fmt: skip


def _of_another(folder: Path) -> Conflict:
    return Conflict(
        Text(f"倉庫のフォルダー {folder} は別のワークスペースのものです。",
             f"The warehouse's folder {folder} belongs to another workspace."),
        Text("空のフォルダーを URL に書いてください。元のワークスペースの var を失ったときは、"
             "フォルダーを空にして読み込み直します。",
             "Name an empty folder in the URL. If the var folder of its workspace is lost, empty"
             " the folder and load again."),
        code="warehouse_of_another",
    )  # fmt: skip
