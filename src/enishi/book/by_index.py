"""Reading by an index, whatever the database's figures say.

PostgreSQL plans by figures from some minutes ago. Where thousands are written in a minute it takes
a table for small that is large, and reads or sorts all of it for each few rows that are wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_PLAN = "; ".join(
    f"SET LOCAL {setting}"
    for setting in (
        "enable_seqscan = off",
        "enable_sort = off",
        "jit = off",  # which takes longer than to read, and is chosen for what seems dear
        "max_parallel_workers_per_gather = 0",  # likewise
    )
)


@contextmanager
def by_index() -> Iterator[None]:
    """Read by an index in the block: for queries one of whose indexes has what they ask for.

    Inside a unit it holds to the unit's end. SQLite chooses an index by itself.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_PLAN)
        yield
