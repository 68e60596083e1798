"""Sets of subjects on ClickHouse: what a pass sets aside, and the next state of a segment or list.

`memberships` and `list_members` are partitioned by segment and list. The next state is written to a
table aside and takes the partition's place in one statement (REPLACE PARTITION): a question sees a
segment before or after, never between. A crash between two segments of one pass leaves the first as
it has become; the books know nothing of it, and the pass done again comes to the same state.
"""

from __future__ import annotations

from collections.abc import Sequence

from enishi.kernel.ids import new_id
from enishi.warehouse.clickhouse_client import ClickHouseQuestion
from enishi.warehouse.duckdb_engine import Writer
from enishi.warehouse.spelling import SQL, Spelling


class ClickHouseShelf:
    """See `set_cycle.Shelf`."""

    def __init__(self, question: ClickHouseQuestion, spelling: Spelling) -> None:
        self.question, self.spelling = question, spelling
        self._drafts: dict[tuple[str, str], SQL] = {}

    def keep(self, name: str, query: SQL) -> None:
        """The query may read what `name` holds so far."""
        self.question.keep(name, query)

    def draft(self, table: str, part: str, query: SQL) -> None:
        whole = self.spelling.book(table)
        aside = self.spelling.book(f"arriving_{new_id('set')}")
        earlier = self._drafts.get((table, part))
        self._drafts[table, part] = aside
        self.question.execute(f"CREATE TABLE {aside} AS {whole}")
        if earlier is not None:
            self.question.execute(f"DROP TABLE IF EXISTS {earlier} SYNC")
        names = [row[0] for row in self.question.rows(f"DESCRIBE TABLE {whole}")]
        listed = ", ".join(map(self.spelling.name, names))
        self.question.execute(f"INSERT INTO {aside} ({listed}) SELECT {listed} FROM ({query}) q")

    def show(self, writer: Writer, table: str, parts: Sequence[str]) -> None:  # noqa: ARG002  of the port
        whole = self.spelling.book(table)
        for part in parts:
            aside, value = self._drafts[table, part], self.spelling.text(part)
            if self.question.one(f"SELECT 1 FROM {aside} LIMIT 1"):
                self.question.execute(f"ALTER TABLE {whole} REPLACE PARTITION {value} FROM {aside}")
            else:
                self.question.execute(f"ALTER TABLE {whole} DROP PARTITION {value}")

    def look_again(self) -> None:
        """Every question sees what is there when it is asked."""

    def clear(self) -> None:
        """Drop the drafts."""
        for aside in self._drafts.values():
            if not self.question.cancelled:
                self.question.execute(f"DROP TABLE IF EXISTS {aside} SYNC")
