"""The port to an engine: what Enishi asks of whatever holds its sets, and how one is chosen.

    duckdb:///path/to/file.duckdb             one file, one machine; the default, in the workspace
    clickhouse://user:password@host:8443/bank?secure=1
    spark://master:7077/path/to/folder        Parquet under a path that master and workers share
    chdb:///path/to/folder                    ClickHouse inside the process, to try it and to test

Reading files, typing, dead letters, folding and identity always happen in a DuckDB of the workspace
(`Engine.books`), which also keeps the books about loads. Another engine gets each staged batch as
Arrow; comparing by key, history, counting and sets of subjects happen inside it.

A load comes in so that nobody sees half of it:

    stage ──arrival──▶ conflicts, superseded ──drop──▶ apply (counted, unseen) ──publish──▶ seen
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from enishi.book.workspace import Workspace
from enishi.catalog.types import Dataset
from enishi.kernel.errors import Invalid, Unavailable
from enishi.kernel.text import Text
from enishi.warehouse.spelling import SQL, Schemas, Spelling

if TYPE_CHECKING:
    import pyarrow as pa

    from enishi.warehouse.duckdb_engine import DuckDBEngine, Writer

Parameters = Sequence[object]
Place = tuple[str, int]
"""Where a staged row came from: its `_file` and `_line`."""

PARTS = {"memberships": "segment", "list_members": "list"}
"""The tables about sets of subjects, and the column by which each is replaced part by part."""


class Question(Protocol):
    """One running question. Placeholders are `?`; times come back naive, in UTC."""

    cancelled: bool

    def cancel(self) -> None:
        """End it; callable from any thread. What is being asked raises CancelledError."""

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable as `name` by this question alone."""

    def table(self, sql: SQL, parameters: Parameters = ()) -> pa.Table:
        """The whole answer as Arrow."""

    def rows(self, sql: SQL, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """The whole answer as Python values."""

    def records(self, sql: SQL, parameters: Parameters = ()) -> list[dict[str, Any]]:
        """The whole answer as one dict a row."""

    def one(self, sql: SQL, parameters: Parameters = ()) -> Any:
        """The first column of the first row, None when there is no row."""


OnStart = Callable[[Question], None]


@dataclass(frozen=True, slots=True)
class Applied:
    """What a batch did, in rows; `added + changed + unchanged` is the batch without conflicts."""

    added: int
    changed: int
    unchanged: int
    removed: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """A staged batch and what goes with it into a dataset.

    `stage` is the table of `Engine.books` that holds it: the dataset's fields, `_file` and `_line`.
    `made` gives the columns that Enishi makes, as DuckDB SQL over a row `s` of it. `valid_from` is
    naive UTC. `rebuild`: the dataset is emptied as the batch comes in. `together` as in
    `Engine.create`.
    """

    dataset: Dataset
    stage: SQL
    made: Mapping[str, SQL]
    load_id: str
    valid_from: datetime
    rebuild: bool = False
    together: Sequence[str] = ()


class Arrival(Protocol):
    """One batch on its way in."""

    def conflicts(self) -> list[Place]:
        """Staged event rows that contradict the row there with their key."""

    def superseded(self, loads: Sequence[str] | None) -> list[Place]:
        """Staged rows whose key holds now from one of `loads` (None: has ever been there)."""

    def drop(self, places: Sequence[Place]) -> None:
        """Take rows off the stage."""

    def apply(self, *, removes: bool) -> Applied:
        """Work out what the batch does. Raises Conflict `load_out_of_order`."""

    def publish(self) -> None:
        """Let everybody see it, at once. The last thing before the books are committed."""


@dataclass(frozen=True, slots=True)
class Held:
    """A table that an engine holds. `bytes` is None where the engine does not tell."""

    schema: str
    table: str
    rows: int
    bytes: int | None = None


class Engine(Protocol):
    """One open engine. Safe to ask from several threads; one load at a time."""

    url: str
    """Where it is, without a password."""
    dialect: str
    schemas: Schemas
    spelling: Spelling

    @property
    def books(self) -> DuckDBEngine:
        """The workspace's own DuckDB file: stage, loads, dead letters, identity, shapes."""

    def read(self, on_start: OnStart | None = None) -> AbstractContextManager[Question]:
        """A question of one's own. `on_start` receives it, so that it can be cancelled."""

    def close(self) -> None:
        """Let go of it; calling it again does nothing."""

    # tables of datasets; `writer` is an open transaction over the books

    def prepare(self) -> None:
        """Make the schemas and the tables about sets; clear what a crash has left."""

    def exists(self, writer: Writer, dataset: Dataset) -> bool:
        """Whether the table of a dataset that the books know is still there."""

    def has_rows(self, writer: Writer, dataset: Dataset) -> bool:
        """Whether the dataset's table holds any row."""

    def create(self, writer: Writer, dataset: Dataset, together: Sequence[str] = ()) -> None:
        """Make the dataset's table anew, empty. Rows equal in the columns `together` are asked for
        together: they point to one subject."""

    def grow(self, writer: Writer, dataset: Dataset) -> bool:
        """Give the table the columns it lacks; whether there were any."""

    def arrival(self, bench: Writer, incoming: Incoming) -> AbstractContextManager[Arrival]:
        """Receive a batch; what is not published is gone at the end of the block."""

    # sets of subjects

    def replace_part(
        self, table: str, part: str, query: SQL, given: Mapping[str, pa.Table] | None = None
    ) -> None:
        """Make the rows of a query all that `memberships` or `list_members` holds of one segment
        or list, at once. The query may read the tables `given` by name, and the old rows."""

    # moving house

    def held(self) -> list[Held]:
        """Every table of the two schemas."""

    def batches(self, schema: str, table: str) -> Iterator[pa.RecordBatch]:
        """All rows of a table of `schemas`, a million or so at a time."""

    def fill(self, schema: str, table: str, rows: Iterable[pa.RecordBatch]) -> int:
        """Make these rows all that a table holds, at once; returns how many they are."""


# ── which engine ─────────────────────────────────────────────────────────────────────────────

SCHEMES = ("duckdb", "clickhouse", "spark", "chdb")


@dataclass(frozen=True, slots=True)
class EngineUrl:
    """A warehouse's address, taken apart. The password shows in no text made of it."""

    scheme: str
    path: str
    host: str = ""
    port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The address without password and options: what may be shown, and tells it from others."""
        at = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}://{at}{self.host}{port}{self.path}"

    def books(self, var: Path) -> Path:
        """The DuckDB file with the books of the engine there: its own file, if it is one."""
        if self.scheme == "duckdb":
            return Path(self.path)
        where = f"{self.scheme}://{self.host}:{self.port or ''}{self.path}"
        return var / f"books-{self.scheme}-{hashlib.sha256(where.encode()).hexdigest()[:12]}.duckdb"


def read_url(url: str) -> EngineUrl:
    """Take a warehouse's address apart. Raises Invalid `warehouse_url`, which quotes nothing."""
    try:
        found = urlsplit(url)
        host, port = found.hostname or "", found.port
    except ValueError as error:
        raise _bad_url() from error
    if found.scheme not in SCHEMES:
        raise _bad_url()
    embedded = found.scheme in ("duckdb", "chdb")
    path = unquote(found.path)
    if embedded and (host or not path.strip("/")):
        raise _bad_url()
    if not embedded and not host:
        raise _bad_url()
    return EngineUrl(
        found.scheme,
        path,
        host,
        port,
        unquote(found.username or ""),
        unquote(found.password or ""),
        dict(parse_qsl(found.query)),
    )


def engine_url(workspace: Workspace) -> EngineUrl:
    """Where a workspace's warehouse is: as named, else its own DuckDB file."""
    if workspace.warehouse_url is None:
        return EngineUrl("duckdb", str(workspace.warehouse_path))
    return read_url(workspace.warehouse_url)


def open_engine(url: EngineUrl, var: Path) -> Engine:
    """Open the engine at an address; `var` is where the workspace keeps its books.

    Raises Busy, and Unavailable `engine_missing` (an extra is not installed),
    `engine_unreachable`, `engine_refused` (user or password), `warehouse_unreadable`.
    """
    from enishi.warehouse.duckdb_engine import DuckDBEngine

    books = DuckDBEngine(url.books(var))
    if url.scheme == "duckdb":
        return books
    try:
        return _open_other(url, books)
    except BaseException:
        books.close()
        raise


_OTHERS = {
    "clickhouse": ("enishi.warehouse.clickhouse", "ClickHouseEngine"),
    "chdb": ("enishi.warehouse.clickhouse", "ClickHouseEngine"),
    "spark": ("enishi.warehouse.spark", "SparkEngine"),
}
_EXTRAS = {
    "clickhouse": "'enishi[clickhouse]'",
    "chdb": "'enishi[clickhouse]' chdb",
    "spark": "'enishi[spark]'",
}


def _open_other(url: EngineUrl, books: DuckDBEngine) -> Engine:
    """`Class(url, books)` of the engine's module, which is imported only now: it is heavy."""
    module, name = _OTHERS[url.scheme]
    try:
        opened: Engine = getattr(import_module(module), name)(url, books)
    except ImportError as error:
        extra = _EXTRAS[url.scheme]
        raise Unavailable(
            Text(
                f"{url.scheme} に接続するための部品がインストールされていません。",
                f"What connects to {url.scheme} is not installed.",
            ),
            Text(f"pip install {extra} を実行してください。", f"Run: pip install {extra}"),
            code="engine_missing",
        ) from error
    return opened


def _bad_url() -> Invalid:
    return Invalid(
        Text(
            "倉庫の URL(ENISHI_WAREHOUSE または [warehouse] url)が読めません。",
            "The warehouse's URL (ENISHI_WAREHOUSE, or url of [warehouse]) cannot be read.",
        ),
        Text(
            "duckdb:///ファイル、clickhouse://ユーザー:パスワード@ホスト:8443/名前?secure=1、"
            "spark://ホスト:7077/フォルダ のいずれかで書いてください。",
            "Write duckdb:///FILE, clickhouse://USER:PASSWORD@HOST:8443/NAME?secure=1 or"
            " spark://HOST:7077/FOLDER.",
        ),
        code="warehouse_url",
    )
