"""The connections to ClickHouse: a server over HTTP, or ClickHouse embedded in this process.

`clickhouse-connect` speaks to both in one way. A connection is a session: it answers one question
at a time and keeps that question's temporary tables, so each question has one of its own, from a
pool. The embedded ClickHouse has one folder per process.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import clickhouse_connect
import pyarrow as pa
import pyarrow.compute as pc
from clickhouse_connect.driver.exceptions import ClickHouseError

from enishi.kernel.errors import EnishiError, Invalid, Unavailable
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.warehouse.duckdb_errors import cancelled
from enishi.warehouse.engine import EngineUrl, Parameters
from enishi.warehouse.spelling import SQL, ClickHouseSpelling

SETTINGS = {
    "join_use_nulls": 1,  # a LEFT JOIN that finds nothing yields NULL, not 0 or ''
    "transform_null_in": 0,  # NULL is in nothing
    "cast_keep_nullable": 1,
    "max_partitions_per_insert_block": 0,  # one partition a segment, however many there are
    "mutations_sync": 2,
}
# What the driver logs quotes addresses, statements and values; errors are told as ours.
logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL + 1)
_OPTIONS = {"secure", "verify", "ca_cert", "connect_timeout", "send_receive_timeout"}
_IDLE = 8  # connections kept for the next question
_CODE = re.compile(r"[Cc]ode:? ?(\d+)")
_REFUSED = {192, 193, 194, 497, 516}  # unknown user, password, access denied, authentication
_FULL = {243, 252}  # no space on the disk; too many parts
_MEMORY = {241}
_CANCELLED = {394}
_TOKEN = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|\?")
_WORDS = ClickHouseSpelling()


class Connections:
    """A pool of sessions of one ClickHouse. Safe to use from several threads."""

    def __init__(self, url: EngineUrl) -> None:
        """Raises Unavailable `engine_unreachable` or `engine_refused`, Invalid `warehouse_url`."""
        self._url = url
        self._idle: list[Any] = []
        self._lock = threading.Lock()
        self._closed = False
        with self.session():
            pass

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for client in idle:
            client.close()

    @contextmanager
    def session(self) -> Iterator[Any]:
        """A session of one's own, its temporary tables gone at the end."""
        with self._lock:
            client = self._idle.pop() if self._idle else None
        client = client or self._open()
        clean = False
        try:
            yield client
            clean = True
        finally:
            with self._lock:
                keep = clean and not self._closed and len(self._idle) < _IDLE
                if keep:
                    self._idle.append(client)
            if not keep:
                with suppress(ClickHouseError):
                    client.close()

    def _open(self) -> Any:
        url, given = self._url, _options(self._url)
        settings = dict(SETTINGS)
        try:
            if url.scheme == "chdb":
                Path(url.path).mkdir(parents=True, exist_ok=True, mode=0o700)
                return clickhouse_connect.get_client(
                    interface="chdb", path=url.path, settings=settings
                )
            return clickhouse_connect.get_client(
                host=url.host,
                port=url.port or 0,
                username=url.user or "default",
                password=url.password,
                settings=settings,
                client_name="enishi",
                **given,
            )
        except Exception as error:
            raise told(error, url.place) from None  # its text may hold the address as given


def _options(url: EngineUrl) -> dict[str, Any]:
    unknown = set(url.options) - _OPTIONS
    if unknown or (url.scheme == "chdb" and url.options):
        named = ", ".join(sorted(unknown or url.options))
        raise Invalid(
            Text(
                f"倉庫の URL の {named} は使えません。", f"The warehouse's URL may not say {named}."
            ),
            Text(f"使えるのは {', '.join(sorted(_OPTIONS))} です。",
                 f"It may say {', '.join(sorted(_OPTIONS))}."),
            code="warehouse_url",
        )  # fmt: skip
    found: dict[str, Any] = {}
    for name, value in url.options.items():
        if name in ("secure", "verify"):
            found[name] = value.lower() in ("1", "true", "yes")
        else:
            found[name] = int(value) if name.endswith("timeout") and value.isdigit() else value
    return found


class ClickHouseQuestion:
    """One running question on a session of its own (see `engine.Question`)."""

    def __init__(self, client: Any, kill: Callable[[str], None]) -> None:
        self._client, self._kill = client, kill
        self._mark = new_id("ask")
        self._registered: list[str] = []
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True
        self._kill(self._mark)

    def register(self, name: str, table: pa.Table) -> None:
        self.execute(f"DROP TEMPORARY TABLE IF EXISTS {_WORDS.name(name)}")
        body = ", ".join(f"{_WORDS.name(f.name)} {arrow_type(f.type)}" for f in table.schema)
        self.execute(f"CREATE TEMPORARY TABLE {_WORDS.name(name)} ({body})")
        if name not in self._registered:
            self._registered.append(name)
        if table.num_rows:
            self.insert(name, table)

    def keep(self, name: str, query: SQL) -> None:
        """Make the answer of a query readable as `name` by this question alone; it may read what
        `name` holds so far."""
        own = _WORDS.name(name)
        fresh = _WORDS.name(f"{name}_fresh")
        self.execute(f"CREATE TEMPORARY TABLE {fresh} AS SELECT * FROM ({query}) q")
        self.execute(f"DROP TEMPORARY TABLE IF EXISTS {own}")
        self.execute(f"CREATE TEMPORARY TABLE {own} AS SELECT * FROM {fresh}")
        self.execute(f"DROP TEMPORARY TABLE {fresh}")
        if name not in self._registered:
            self._registered.append(name)

    def insert(self, into: SQL, table: pa.Table) -> None:
        """Append an Arrow table; its columns are matched by name."""
        with self._told():
            self._client.insert_arrow(into, table)

    def stream(self, sql: SQL) -> Iterator[pa.RecordBatch]:
        """The answer as Arrow, a part at a time; to be read to its end."""
        with self._told(), self._client.query_arrow_stream(f"{sql} /* {self._mark} */") as parts:
            for part in parts:
                yield from plain_table(pa.table(part)).to_batches()

    def execute(self, sql: SQL, parameters: Parameters = ()) -> None:
        """Run a statement that answers nothing."""
        with self._told():
            self._client.command(f"{bound(sql, parameters)} /* {self._mark} */")

    def table(self, sql: SQL, parameters: Parameters = ()) -> pa.Table:
        with self._told():
            found = self._client.query_arrow(f"{bound(sql, parameters)} /* {self._mark} */")
        return plain_table(found)

    def rows(self, sql: SQL, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        table = self.table(sql, parameters)
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def records(self, sql: SQL, parameters: Parameters = ()) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.table(sql, parameters).to_pylist()
        return found

    def one(self, sql: SQL, parameters: Parameters = ()) -> Any:
        rows = self.rows(sql, parameters)
        return rows[0][0] if rows else None

    def forget(self) -> None:
        """Drop what was registered, so that the session can serve another question."""
        for name in self._registered:
            with suppress(EnishiError):
                self._client.command(f"DROP TEMPORARY TABLE IF EXISTS {_WORDS.name(name)}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        if self.cancelled:
            raise cancelled()
        try:
            yield
        except ClickHouseError as error:
            if self.cancelled:
                raise cancelled() from None
            raise told(error) from error


def bound(sql: SQL, parameters: Parameters) -> SQL:
    """The statement with its placeholders filled by literals; a `?` inside quotes is no one."""
    if not parameters:
        return sql
    left = list(parameters)

    def fill(found: re.Match[str]) -> str:
        return _literal(left.pop(0)) if found[0] == "?" else found[0]

    filled = _TOKEN.sub(fill, sql)
    if left:
        raise ValueError(f"{len(left)} parameters too many")
    return filled


def _literal(value: object) -> SQL:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, datetime):
        return _WORDS.instant(value)
    if isinstance(value, date):
        return _WORDS.day(value)
    return _WORDS.text(str(value))


def arrow_type(kind: pa.DataType) -> SQL:
    """The ClickHouse type of an Arrow column, NULL allowed where ClickHouse allows it."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return "Array(String)"
    if pa.types.is_decimal(kind):
        return f"Nullable(Decimal({kind.precision}, {kind.scale}))"
    for test, name in (
        (pa.types.is_boolean, "Bool"),
        (pa.types.is_integer, "Int64"),
        (pa.types.is_floating, "Float64"),
        (pa.types.is_date, "Date32"),
        (pa.types.is_timestamp, "DateTime64(6, 'UTC')"),
    ):
        if test(kind):
            return f"Nullable({name})"
    return "Nullable(String)"


COMPANION = "__n"
"""Ends the name of the column that says that a list is unset, since an Array cannot be NULL."""


def plain_table(table: pa.Table) -> pa.Table:
    """An answer as DuckDB would give it: naive times, decimals of 38 digits, unset lists NULL."""
    names: list[str] = []
    columns: list[pa.ChunkedArray] = []
    companions: dict[str, pa.ChunkedArray] = {}
    for column_field, column in zip(table.schema, table.columns, strict=True):
        kind = column_field.type
        if column_field.name.endswith(COMPANION):
            companions[column_field.name.removesuffix(COMPANION)] = column
            continue
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            column = column.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
        elif pa.types.is_decimal256(kind):
            column = column.cast(pa.decimal128(38, kind.scale))
        elif pa.types.is_unsigned_integer(kind):
            column = column.cast(pa.int64())
        elif pa.types.is_list(kind):
            column = _set_lists(column)
        names.append(column_field.name)
        columns.append(column)
    for name, told_by in companions.items():
        for listed in (name, f"{name}__f"):
            if listed in names:
                place = names.index(listed)
                columns[place] = _unset_where(columns[place], told_by)
    return pa.table(columns, names=names)


def _set_lists(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lists as they are outside: inside a compiled statement an unset one is `[NULL]`."""
    if not column.combine_chunks().flatten().null_count:
        return column
    lists = [None if items == [None] else items for items in column.to_pylist()]
    return pa.chunked_array([pa.array(lists, pa.list_(pa.string()))])


def _unset_where(lists: pa.ChunkedArray, unset: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(unset.cast(pa.bool_()), pa.scalar(None, lists.type), lists)


def told(error: BaseException, place: str = "ClickHouse") -> EnishiError:
    """ClickHouse's error as one of ours. Its text is left out: it quotes statements and values."""
    if isinstance(error, EnishiError):
        return error
    found = _CODE.search(str(error))
    code = int(found[1]) if found else 0
    if code in _CANCELLED:
        return cancelled()
    if code in _REFUSED:
        return Unavailable(
            Text(f"{place} に接続を断られました。", f"{place} refuses the connection."),
            Text(
                "ENISHI_WAREHOUSE のユーザー名とパスワード、そのユーザーの権限を確かめてください。",
                "Check the user and the password in ENISHI_WAREHOUSE, and what the user may do.",
            ),
            code="engine_refused",
            detail={"code": code},
        )
    if code in _FULL:
        return Unavailable(
            Text("倉庫に書き込めません。", "The warehouse cannot be written."),
            Text(
                "ClickHouse のディスクの空き容量を確かめてください。これまでのデータは無事です。",
                "Check the free space of ClickHouse's disks. What was there before is as it was.",
            ),
            code="warehouse_storage",
            detail={"code": code},
        )
    if code in _MEMORY:
        return Unavailable(
            Text("ClickHouse のメモリーが足りません。", "ClickHouse is out of memory."),
            Text(
                "max_memory_usage を増やすか、同時の問い合わせを減らしてください。",
                "Raise max_memory_usage, or ask less at once.",
            ),
            code="engine_memory",
            detail={"code": code},
        )
    if code == 0:
        return Unavailable(
            Text(f"{place} に接続できません。", f"{place} cannot be reached."),
            Text(
                "ホスト名、ポート、secure の指定と、サーバーが動いているかを確かめてください。",
                "Check the host, the port and secure, and that the server runs.",
            ),
            code="engine_unreachable",
            detail={"kind": type(error).__name__},
        )
    failed = EnishiError(
        Text(
            f"ClickHouse が問い合わせに答えられませんでした（{code}）。",
            f"ClickHouse could not answer (code {code}).",
        ),
        Text(
            "もう一度お試しください。続くときは ClickHouse の記録とともに管理者へ。",
            "Try again. If it persists, tell an administrator, with ClickHouse's log.",
        ),
        code="engine_failed",
        detail={"code": code},
    )
    failed.status = 500
    return failed
