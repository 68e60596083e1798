"""Many rows at once: both databases keep every value as it was given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from enishi.book import bulk
from enishi.book.unit import work
from enishi.book.workspace import Workspace

COLUMNS = {
    "id": "bigint", "words": "text", "at": "timestamptz", "day": "date", "told": "jsonb",
    "yes": "bool", "cost": "numeric", "place": "int",
}  # fmt: skip
HOSTILE = [
    "", "NULL", "null", "\\N", "\\", "\\\\", '"', '""', "'", "{", "}", "{,}", ",", "a\tb", "a\nb",
    "a\rb", "\\t", "\\n", " ", "$1", "%s", "%", "縁", "𠮷野家", "\u2028", "\x01", "\x7f", "\\.",
]  # fmt: skip
AT = datetime(2026, 3, 30, 9, 0, 0, 123456, UTC)
JSON = '{"a": "x\\ny \\"z\\" \\\\", "b": [1, null, {"c": "\\u3042"}]}'


@pytest.fixture
def table(both_books: Workspace) -> Iterator[str]:
    kinds = ", ".join(
        f'"{name}" {"text" if connection.vendor == "sqlite" and kind == "timestamptz" else kind}'
        for name, kind in COLUMNS.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE tried ({kinds}, UNIQUE (id))")
    yield "tried"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE tried")


def _stored(table: str) -> dict[int, tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id, words, "at", place FROM {table}')
        return {
            row[0]: (row[1], row[2] if isinstance(row[2], datetime) else _instant(row[2]), row[3])
            for row in cursor.fetchall()
        }


def _instant(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told).replace(tzinfo=UTC)


@pytest.mark.parametrize("conflict", ["", "ON CONFLICT (id) DO NOTHING"])
def test_every_value_is_kept_as_it_was_given(table: str, conflict: str) -> None:
    rows = [
        (n, words, AT + timedelta(hours=n), date(2026, 2, 28), JSON, n % 2 == 0, Decimal("1.50"), n)
        for n, words in enumerate(HOSTILE)
    ]
    rows.append((len(rows), None, None, None, None, None, None, None))
    with work():
        assert bulk.insert(table, COLUMNS, iter(rows), conflict=conflict) == len(rows)
    assert _stored(table) == {row[0]: (row[1], row[2], row[7]) for row in rows}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT day, told, yes, cost FROM {table} WHERE id = 1")
        day, told, yes, cost = cursor.fetchone()
        assert (str(day), bool(yes), Decimal(str(cost))) == ("2026-02-28", False, Decimal("1.5"))
        assert told is not None
    changed = [(row[0], HOSTILE[-1 - row[0]], None if row[0] % 2 else AT) for row in rows[:-1]]
    with work():
        assert bulk.update(
            table, ("id", "bigint"), {"words": "text", "at": "timestamptz"}, changed,
            where="t.place < 5",
        ) == 5  # fmt: skip
    stored = _stored(table)
    assert [stored[n][:2] for n in range(5)] == [row[1:] for row in changed[:5]]
    assert stored[5][0] == HOSTILE[5]


def test_what_is_there_already_is_left_as_it_is(table: str) -> None:
    one = (1, "first", AT, None, "{}", True, None, 1)
    with work():
        assert bulk.insert(table, COLUMNS, [one]) == 1
        again = [(1, "second", *one[2:]), (2, "other", *one[2:])]
        assert bulk.insert(table, COLUMNS, again, conflict="ON CONFLICT (id) DO NOTHING") == 1
        assert bulk.insert(table, COLUMNS, []) == 0
        assert bulk.update(table, ("id", "bigint"), {"words": "text"}, []) == 0
    assert {number: row[0] for number, row in _stored(table).items()} == {1: "first", 2: "other"}
