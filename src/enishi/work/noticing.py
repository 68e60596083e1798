"""Whether anything has been committed since the last look, for next to nothing.

Loops that find nothing to do would ask the book the same questions again and again. What they look
for has been committed by somebody: to the book, or to the warehouse by this process, which is the
only one that has it. Both tell cheaply that something has been, though not what.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

_ASKED = {
    # Another number whenever another connection has committed; the one that asks never writes.
    "sqlite": "PRAGMA data_version",
    # Which writing transactions have not ended yet: any that ends changes it.
    "postgresql": "SELECT pg_current_snapshot()::text",
}


def mark(warehouse: Any) -> tuple[object, ...]:
    """What is another value than before whenever something has been committed since.

    Asked by a thread of its own, which writes nothing. `warehouse` is the open one
    (`warehouse.warehouse.Warehouse`). Raises what the database raises when it cannot be asked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ASKED[connection.vendor])
        (book,) = cursor.fetchone()
    return book, warehouse.engine.books.commits
