"""Reading by an index, whatever the database's figures say.

PostgreSQL plans by figures from some minutes ago. Where thousands are written in a minute it takes
a large table for a small one, and reads or sorts all of it for each few rows that are wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import connection, transaction

_OFF = {
    "enable_seqscan": "off",
    "enable_sort": "off",
    "jit": "off",  # which takes longer than to read, and is chosen for what seems dear
    "max_parallel_workers_per_gather": "0",  # likewise
}


@contextmanager
def by_index() -> Iterator[None]:
    """Read by an index in the block: for queries one of whose indexes has what they ask for, in the
    order in which they ask for it. SQLite chooses an index by itself.
    """
    if connection.vendor != "postgresql":
        yield
        return
    within = connection.in_atomic_block
    with transaction.atomic():
        _set(_OFF)
        yield
        if within:  # the rest of the unit is planned as ever
            _set(dict.fromkeys(_OFF, "DEFAULT"))


def _set(settings: Mapping[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} TO {to}" for name, to in settings.items()))
