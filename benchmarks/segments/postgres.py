"""The same data in PostgreSQL, with the indexes its own questions want."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from enishi.warehouse.duckdb_engine import SQL, DuckDBEngine

MOST_EVENTS = 10_000_000
"""More than this takes PostgreSQL minutes to load and index; then it gets every n-th event."""

_TABLES = """
CREATE SCHEMA data; CREATE SCHEMA enishi;
CREATE TABLE data.person (person_no bigint, name text, prefecture text, gender text,
  birth_date date, branch bigint, income bigint, email_ok boolean, joined date, _id text);
CREATE TABLE data.account (account_no bigint, person_no bigint, type text, balance bigint,
  opened date);
CREATE TABLE data.event (event_no bigint, person_no bigint, ts timestamp, event text, amount bigint,
  channel text);
CREATE TABLE enishi.memberships (segment text, _id text, entered_at timestamp, left_at timestamp);
"""
_INDEXES = (
    "ALTER TABLE data.person ADD PRIMARY KEY (person_no)",
    "CREATE UNIQUE INDEX ON data.person (_id)",
    "CREATE INDEX ON data.person (prefecture, birth_date) INCLUDE (income, email_ok, _id)",
    "CREATE INDEX ON data.person (branch) INCLUDE (email_ok, _id)",
    "CREATE INDEX ON data.account (type, person_no) INCLUDE (balance)",
    "CREATE INDEX ON data.event (event, ts) INCLUDE (person_no)",
    "CREATE INDEX ON data.event (person_no, ts)",
    "CREATE INDEX ON data.event (person_no, event, ts)",
    "CREATE INDEX ON enishi.memberships (segment, _id) INCLUDE (entered_at, left_at)",
)


class Postgres:
    """A loaded server. `share`: it holds every `share`-th event."""

    def __init__(self, connection: psycopg.Connection, share: int) -> None:
        self.connection, self.share = connection, share
        self.seconds = 0.0

    def count(self, sql: SQL) -> int:
        found = self.connection.execute(f"SELECT count(*) FROM ({sql}) q").fetchone()  # type: ignore[call-overload]  # our own text
        assert found is not None
        return int(found[0])

    def timeline(self, person_no: int) -> int:
        return len(
            self.connection.execute(
                "SELECT * FROM data.event WHERE person_no = %s ORDER BY ts DESC LIMIT 200",
                [person_no],
            ).fetchall()
        )

    def fill(self, engine: DuckDBEngine) -> None:
        begun = time.perf_counter()
        for statement in _TABLES.split(";"):
            if statement.strip():
                self.connection.execute(statement)  # type: ignore[call-overload]  # our own text
        columns = {
            "data.person": "person_no, name, prefecture, gender, birth_date, branch,"
            " income::BIGINT, email_ok, joined, _id",
            "data.account": "account_no, person_no, type, balance::BIGINT, opened",
            "data.event": "event_no, person_no, ts, event, amount::BIGINT, channel",
            "enishi.memberships": "segment, _id, entered_at, left_at",
        }
        with tempfile.TemporaryDirectory() as folder, engine.read() as question:
            for table, names in columns.items():
                file = Path(folder) / "rows.csv"
                where = f" WHERE event_no % {self.share} = 0" if table == "data.event" else ""
                question.rows(
                    f"COPY (SELECT {names} FROM {table}{where}) TO '{file}'"
                    " (FORMAT csv, HEADER false)"
                )
                with (
                    self.connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy,  # type: ignore[call-overload]  # our own text
                    file.open("rb") as rows,
                ):
                    while block := rows.read(1 << 20):
                        copy.write(block)
        for index in _INDEXES:
            self.connection.execute(index)  # type: ignore[call-overload]  # our own text
        self.connection.execute("VACUUM ANALYZE")
        self.seconds = round(time.perf_counter() - begun, 1)


@contextmanager
def postgres(engine: DuckDBEngine, events: int) -> Iterator[Postgres | None]:
    """A server of its own with the data of the warehouse; None where none is installed."""
    from tests.postgres_server import start_server

    try:
        server = start_server(shared_buffers="2GB")
    except subprocess.CalledProcessError:
        server = None
    if server is None:
        yield None
        return
    try:
        server.create("bench")
        options = (
            "-c work_mem=512MB -c maintenance_work_mem=1GB -c effective_cache_size=12GB"
            " -c max_parallel_workers_per_gather=2 -c random_page_cost=1.1 -c jit=on"
        )
        with psycopg.connect(server.url("bench"), autocommit=True, options=options) as connection:
            share = max(1, -(-events // MOST_EVENTS))
            found = Postgres(connection, share)
            found.fill(engine)
            yield found
    finally:
        server.stop()
