"""Whom an erasure is about: everything by which the warehouse, the log and files know a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from enishi.catalog.types import Catalog, Dataset, FieldType, Meaning
from enishi.identity.service import SEPARATOR
from enishi.sources.eventlog.rewrite import Identifiers, spellings
from enishi.sources.stream.rows import user_speller
from enishi.sources.stream.tombstones import ANONYMOUS, USER, erased_hash, row_kind
from enishi.warehouse.duckdb_engine import Workbench
from enishi.warehouse.hers import Hers, find_hers, forget, found_by
from enishi.warehouse.spelling import quoted
from enishi.warehouse.tables import table_of

_TELLING = frozenset({Meaning.EMAIL, Meaning.PHONE, Meaning.PERSON_NAME, Meaning.ADDRESS})
_SHORTEST = 6  # characters of a text that is hers alone wherever it stands


@dataclass
class Whom:
    """A person as she is known. Empty but for `id` once the warehouse knows her no more.

    `users` and `devices` are what events call her by; devices that somebody else uses too are not
    hers. `texts` tell her apart wherever they stand. `hashes` are her tombstones. `spelled` says
    how the warehouse spells what was sent as a user; `many_spellings`: there is no telling how her
    number stands in the log.
    """

    id: str
    keys: list[str] = field(default_factory=list)
    users: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    hashes: set[str] = field(default_factory=set)
    spelled: Callable[[str], str] = str
    many_spellings: bool = False

    def sent(self, told: Identifiers) -> bool:
        """Whether an event with these identifiers is hers."""
        if told.user is not None:
            return self.spelled(told.user) in self.users
        return told.anonymous in self.devices or told.previous in self.users | self.devices

    def needles(self) -> list[bytes] | None:
        """Her identifiers as they stand in JSON; None where they may stand otherwise, too."""
        if self.many_spellings:
            return None
        return sorted({s for text in self.users | self.devices for s in spellings(text)})


def find_whom(bench: Workbench, catalog: Catalog, secret: bytes, person: str) -> Whom:
    """Read it from the warehouse."""
    found = Whom(person)
    if catalog.stream is not None:
        found.spelled = user_speller(catalog, catalog.stream)
        user = catalog.datasets[catalog.stream.person].fields[catalog.stream.user]
        # A text is sent as it is, and an integer's digits stand in whatever is added to them.
        found.many_spellings = user.type not in (FieldType.STRING, FieldType.INTEGER)
    links = bench.rows(
        "SELECT dataset, source_key FROM enishi.identity_links WHERE enishi_id = ?", [person]
    )
    for name, key in links:
        dataset = catalog.datasets.get(name)
        if dataset is None or dataset.subject is None:
            continue
        found.keys.append(key)
        hers = find_hers(bench, catalog, dataset, [person])
        _texts(bench, hers, dataset, found)
        _sent_as(bench, catalog, hers, dataset, found)
        found.hashes |= _rows(bench, hers, secret)
        found.hashes |= {
            erased_hash(secret, row_kind(name, dataset.key), key)  # rows that are gone already
        }
        forget(bench, hers)
    found.hashes |= {erased_hash(secret, USER, user) for user in found.users}
    found.hashes |= {erased_hash(secret, ANONYMOUS, device) for device in found.devices}
    return found


def _rows(bench: Workbench, hers: Hers, secret: bytes) -> set[str]:
    """The tombstones of her rows that others point to."""
    hashes = set()
    for name, count in hers.rows.items():
        if not count:
            continue
        for way in found_by(hers.catalog, hers.catalog.datasets[name]):
            columns = ", ".join(f"CAST(d.{quoted(column)} AS VARCHAR)" for column in way)
            kind = row_kind(name, way)
            for row in bench.rows(f"SELECT DISTINCT * FROM ({hers.select(name, columns)})"):
                if None not in row:
                    hashes.add(erased_hash(secret, kind, SEPARATOR.join(row)))
    return hashes


def _texts(bench: Workbench, hers: Hers, dataset: Dataset, found: Whom) -> None:
    names = [
        f.name
        for f in dataset.fields.values()
        if f.type is FieldType.STRING and (f.meaning in _TELLING or f.name in dataset.key)
    ]
    if names:
        columns = ", ".join(f"d.{quoted(name)}" for name in names)
        for row in bench.rows(hers.select(dataset.name, columns)):
            found.texts |= {text for text in row if text and len(text) >= _SHORTEST}


def _sent_as(bench: Workbench, catalog: Catalog, hers: Hers, dataset: Dataset, found: Whom) -> None:
    """What her events are sent as: the user ids, and the devices that are hers alone."""
    stream = catalog.stream
    if stream is None or stream.person != dataset.name:
        return
    column = f"CAST(d.{quoted(stream.user)} AS VARCHAR)"
    users = bench.rows(hers.select(dataset.name, column))
    found.users |= {row[0] for row in users if row[0] is not None}
    keys = [key for key in found.keys if SEPARATOR not in key]
    activity = table_of(stream.activity)
    used = (
        f"SELECT anonymous_id AS device, CAST(person AS VARCHAR) AS person FROM {activity}"
        " WHERE anonymous_id IS NOT NULL"
        " UNION ALL SELECT anonymous_id, person FROM enishi.stream_aliases"
    )
    marks = _marks(keys)
    found.devices |= {
        row[0]
        for row in bench.rows(
            f"SELECT device FROM ({used}) GROUP BY device"
            f" HAVING bool_and(coalesce(person IN ({marks}), false))", keys,
        )
    } if keys else set()  # fmt: skip


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values) or "NULL"
