"""Tombstones: whom we have erased, told by keyed hashes alone.

A tombstone is a hash over the workspace's secret, a kind and a value, in `enishi.tombstones` of the
books. It tells nobody who was erased, and is enough to know her when she comes back: in an event
(`user`, `anonymous`), or in a row of a file, which is hers or points to what was hers (`row:` with
a dataset and the columns that hold the value). What is known so is dropped and counted, never
stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from enishi.warehouse.duckdb_engine import Question, Writer
from enishi.warehouse.spelling import SQL, literal

USER = "user"
"""The kind of what events call `userId`."""
ANONYMOUS = "anonymous"
"""The kind of what events call `anonymousId`."""

_DIGITS = 40
_KEPT = 100_000  # answers remembered at most


def row_kind(dataset: str, columns: Sequence[str]) -> str:
    """The kind of what a dataset's rows hold in some columns, joined like
    `identity.service.source_key`: their key, or what a relation finds them by."""
    return f"row:{dataset}:{','.join(columns)}"


def erased_hash(secret: bytes, kind: str, value: str) -> str:
    """The tombstone of one value: 40 hex digits."""
    text = f"{_prefix(secret, kind)}{value}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def erased_hash_sql(secret: bytes, kind: str, value: SQL) -> SQL:
    """The same for the text `value` of every row at once."""
    return f"left(sha256({literal(_prefix(secret, kind))} || {value}), {_DIGITS})"


class Erased:
    """The tombstones as one drainer or load knows them.

    Call `refresh` inside each transaction that stores, before it stores: erasing takes the same
    lock, so nobody is erased between the two.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._hashes: frozenset[str] = frozenset()
        self._seen = 0
        self._known: dict[tuple[str, str], bool] = {}

    def __len__(self) -> int:
        return len(self._hashes)

    def refresh(self, question: Question) -> None:
        """Read the tombstones again if there are more or fewer of them; one count otherwise."""
        there = int(question.one("SELECT count(*) FROM enishi.tombstones"))
        if there != self._seen:
            rows = question.rows("SELECT hash FROM enishi.tombstones")
            self._hashes, self._seen, self._known = frozenset(r[0] for r in rows), there, {}

    def is_erased(self, user: str | None = None, anonymous: str | None = None) -> bool:
        """Whether an event of these identifiers is somebody's whom we have erased.

        Who signs in on her device is not she: `anonymous` counts only where there is no `user`.
        """
        if not self._hashes:
            return False
        if user is not None:
            return self.knows(USER, user)
        return anonymous is not None and self.knows(ANONYMOUS, anonymous)

    def knows(self, kind: str, value: str) -> bool:
        """Whether a tombstone stands for this value."""
        asked = (kind, value)
        found = self._known.get(asked)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[asked] = erased_hash(self._secret, kind, value) in self._hashes
        return found


def put(writer: Writer, hashes: Iterable[str], at: datetime) -> int:
    """Set tombstones, inside a transaction; those that stand already stay. Returns the new ones."""
    naive = at.astimezone(UTC).replace(tzinfo=None)
    there = {row[0] for row in writer.rows("SELECT hash FROM enishi.tombstones")}
    new = sorted(set(hashes) - there)
    for one in new:
        writer.execute("INSERT INTO enishi.tombstones VALUES (?, ?)", [one, naive])
    return len(new)


def _prefix(secret: bytes, kind: str) -> str:
    return f"{secret.decode()}:erased:{kind}:"
