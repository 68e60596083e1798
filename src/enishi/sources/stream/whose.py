"""Whose an event is: by the user it names, else by the device, once that has been named hers.

    event ──userId──▶ person                                   (`stream.user` says by which field)
      └──anonymousId──▶ alias ──▶ person
            └── no alias yet ──▶ unclaimed ──identify, alias, or her row is loaded──▶ person

`identify` and `alias` make an alias of the device, from then on; a device is its latest user's.
Events that nobody has claimed wait in `enishi.stream_unclaimed` for at most `WAIT`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec
import pyarrow as pa

from enishi.catalog.types import Catalog
from enishi.identity.service import source_key
from enishi.sources.stream.parse import Event, Origin, Unread, read_event
from enishi.sources.stream.rows import Read, person_reader, reader
from enishi.warehouse.duckdb_engine import Question, Writer, quoted
from enishi.warehouse.tables import table_of

WAIT = timedelta(days=90)
"""How long an event of somebody unknown waits to be claimed."""

_KEPT = 200_000  # answers remembered at most
_ANONYMOUS, _USER = "anonymous", "user"
K = TypeVar("K")
V = TypeVar("V")


class Recent(OrderedDict[K, V]):
    """A mapping that forgets what was put in longest ago."""

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        if len(self) > _KEPT:
            self.popitem(last=False)


@dataclass
class Settled:
    """Events with whose they are, in the order in which that was known; and what could not be."""

    hers: list[tuple[Event, object]] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    claimed: int = 0  # of `hers`, so many had been waiting from earlier batches


@dataclass
class _Work:
    """What a batch has found on its way, to be written at its end."""

    aliases: dict[str, tuple[object, int, str]] = field(default_factory=dict)
    waiting: dict[tuple[str, str], list[Event]] = field(default_factory=dict)
    taken: list[tuple[str, str]] = field(default_factory=list)
    earlier: dict[str, list[Event]] = field(default_factory=dict)  # by a device about to be named


class Whose:
    """Finds persons within the transaction of a batch. Not for several threads at a time.

    `reset` after a transaction that was rolled back: what is remembered may not be so.
    """

    def __init__(self, catalog: Catalog) -> None:
        stream = catalog.stream
        assert stream is not None, "only a catalog with a person has a stream"
        self._catalog, self._stream = catalog, stream
        person = catalog.datasets[stream.person]
        self._key = person.key[0]
        self._by_key = stream.user == self._key
        self._read_user = person_reader(catalog, stream)
        self._read_key: Read = reader(person.fields[self._key], catalog.zone)
        self.reset()

    def reset(self) -> None:
        self._persons: Recent[str, object] = Recent()
        self._aliases: Recent[str, object | None] = Recent()
        self._loaded: object = None

    def has_news(self, question: Question) -> bool:
        """Whether persons have been loaded since, for whom events may wait."""
        if self._by_key or self._last_load(question) == self._loaded:
            return False
        waiting = "SELECT 1 FROM enishi.stream_unclaimed WHERE kind = ? LIMIT 1"
        return bool(question.rows(waiting, [_USER]))

    def settle(self, writer: Writer, events: Sequence[Event]) -> Settled:
        """Find whose these events are, in their order, and who claims waiting ones."""
        found, work = Settled(), _Work()
        for some in (self._newly_known(writer, found), events):
            self._look_up(writer, some)
            self._look_back(writer, some, work)
            for event in some:
                self._take(event, found, work)
        self._write(writer, work)
        return found

    def purge(self, writer: Writer, now: datetime) -> int:
        """Drop what has waited too long by `now` (naive UTC); returns how many events."""
        return writer.execute(
            "DELETE FROM enishi.stream_unclaimed WHERE received_at < ?", [now - WAIT]
        )

    # ── one event ────────────────────────────────────────────────────────────────────────────────

    def _take(self, event: Event, found: Settled, work: _Work) -> None:
        person: object | None = None
        if event.user is not None:
            value = self._read_user(event.user)
            if value is None:
                found.unread.append(_wrong_user(event))
                return
            person = value if self._by_key else self._persons.get(_text(value))
            if person is None:
                work.waiting.setdefault((_USER, _text(value)), []).append(event)
                return
        elif event.anonymous is not None:
            person = self._aliases.get(event.anonymous)
            if person is None:
                work.waiting.setdefault((_ANONYMOUS, event.anonymous), []).append(event)
                return
        found.hers.append((event, person))
        if event.call == "identify" and event.user is not None and event.anonymous is not None:
            self._claim(event.anonymous, person, event, found, work)
        elif event.call == "alias" and event.previous is not None:
            self._claim(event.previous, person, event, found, work)

    def _claim(
        self, anonymous: str, person: object, by: Event, found: Settled, work: _Work
    ) -> None:
        """The device is hers from now on; what had waited for somebody to be named is hers too."""
        before = self._aliases.get(anonymous)
        if before == person:
            return
        self._aliases[anonymous] = person
        work.aliases[anonymous] = (person, by.origin.at, by.call)
        if before is not None:
            return  # nothing waits for a device that has had a user
        since = by.origin.at - WAIT // timedelta(microseconds=1)
        earlier = [e for e in work.earlier.pop(anonymous, ()) if e.origin.at >= since]
        found.claimed += len(earlier)
        if earlier:
            work.taken.append((_ANONYMOUS, anonymous))
        earlier += work.waiting.pop((_ANONYMOUS, anonymous), [])
        found.hers.extend((event, person) for event in earlier)

    # ── what is known ────────────────────────────────────────────────────────────────────────────

    def _look_up(self, writer: Writer, events: Iterable[Event]) -> None:
        """Remember the persons and aliases that these events ask for."""
        devices, users = set[str](), set[str]()
        for event in events:
            if event.anonymous is not None and (event.user is None or event.call == "identify"):
                devices.add(event.anonymous)
            if event.call == "alias" and event.previous is not None:
                devices.add(event.previous)
            if event.user is not None and not self._by_key:
                users.add(_text(self._read_user(event.user)))
        self._find(writer, self._aliases, devices, self._aliases_of)
        self._find(writer, self._persons, users, self._persons_of)

    def _look_back(self, writer: Writer, events: Iterable[Event], work: _Work) -> None:
        """Fetch, all at once, what waits for the devices that these events name first."""
        named = {
            device
            for event in events
            for device in (
                event.anonymous if event.call == "identify" and event.user is not None else None,
                event.previous if event.call == "alias" else None,
            )
            if device is not None and self._aliases.get(device) is None
        }
        if named:
            for device, event in self._waiting(writer, _ANONYMOUS, sorted(named)):
                work.earlier.setdefault(device, []).append(event)

    def _find(
        self,
        writer: Writer,
        known: Recent[str, Any],
        wanted: set[str],
        ask: Callable[[Writer, list[str]], Mapping[str, object]],
    ) -> None:
        asked = []
        for one in wanted:
            if one in known:
                known.move_to_end(one)  # not to be forgotten while the batch needs it
            else:
                asked.append(one)
        if asked:
            answers = ask(writer, asked)
            for one in asked:
                known[one] = answers.get(one)

    def _aliases_of(self, writer: Writer, devices: list[str]) -> Mapping[str, object]:
        rows = _among(
            writer, devices,
            "SELECT a.anonymous_id, a.person FROM enishi.stream_aliases a"
            " JOIN _asked q ON q.id = a.anonymous_id ORDER BY a.since",
        )  # fmt: skip
        return {device: self._read_key(person) for device, person in rows}

    def _persons_of(self, writer: Writer, users: list[str]) -> Mapping[str, object]:
        person = self._catalog.datasets[self._stream.person]
        user, key = quoted(self._stream.user), quoted(self._key)
        now = " WHERE p._to IS NULL" if person.versioned else ""
        rows = _among(
            writer, users,
            f"SELECT q.id, min(p.{key}) FROM {table_of(person.name)} p"
            f" JOIN _asked q ON q.id = CAST(p.{user} AS VARCHAR){now}"
            f" GROUP BY q.id HAVING count(DISTINCT p.{key}) = 1",
        )  # fmt: skip
        return dict(rows)

    def _newly_known(self, writer: Writer, found: Settled) -> list[Event]:
        """Events that wait for a person whose row has been loaded since, no longer waiting."""
        if self._by_key:
            return []
        load = self._last_load(writer)
        if load == self._loaded:
            return []
        self._loaded = load
        self._persons.clear()
        users = [
            row[0]
            for row in writer.rows(
                "SELECT DISTINCT id FROM enishi.stream_unclaimed WHERE kind = ?", [_USER]
            )
        ]
        if not users:
            return []
        known = self._persons_of(writer, users)
        self._persons.update(known)
        events = [event for _, event in self._waiting(writer, _USER, list(known))]
        found.claimed += len(events)
        self._delete(writer, [(_USER, one) for one in known])
        return events

    def _last_load(self, question: Question) -> object:
        return question.one(
            "SELECT load_id FROM enishi.datasets WHERE dataset = ?", [self._stream.person]
        )

    def _waiting(self, writer: Writer, kind: str, ids: list[str]) -> list[tuple[str, Event]]:
        """Events that wait for these to be named, each with its id, as they were received."""
        rows = _among(
            writer, ids,
            "SELECT u.id, u.origin, u.call, u.raw FROM enishi.stream_unclaimed u JOIN _asked q"
            f" ON q.who = u.who AND q.id = u.id WHERE u.kind = '{kind}'"
            " ORDER BY u.received_at, u.origin",
        )  # fmt: skip
        found = []
        for one, origin, call, raw in rows:
            event = read_event(msgspec.json.decode(origin, type=Origin), raw.encode(), call)
            if isinstance(event, Event):
                found.append((one, event))
        return found

    # ── what is written ──────────────────────────────────────────────────────────────────────────

    def _write(self, writer: Writer, work: _Work) -> None:
        if work.aliases:
            rows = list(work.aliases.items())
            writer.insert(
                "enishi.stream_aliases",
                pa.table(
                    {
                        "anonymous_id": [device for device, _ in rows],
                        "person": [_text(person) for _, (person, _, _) in rows],
                        "since": pa.array([at for _, (_, at, _) in rows], pa.timestamp("us")),
                        "by": [call for _, (_, _, call) in rows],
                    }
                ),
            )
        self._delete(writer, work.taken)
        waiting = [(who, event) for who, events in work.waiting.items() for event in events]
        if waiting:
            writer.insert(
                "enishi.stream_unclaimed",
                pa.table(
                    {
                        "who": pa.array([_number(who[1]) for who, _ in waiting], pa.int64()),
                        "kind": [kind for (kind, _), _ in waiting],
                        "id": [one for (_, one), _ in waiting],
                        "received_at": pa.array(
                            [event.origin.at for _, event in waiting], pa.timestamp("us")
                        ),
                        "origin": [msgspec.json.encode(e.origin).decode() for _, e in waiting],
                        "call": [event.call for _, event in waiting],
                        "raw": [event.raw.decode() for _, event in waiting],
                    }
                ),
            )

    def _delete(self, writer: Writer, taken: Sequence[tuple[str, str]]) -> None:
        for kind in {kind for kind, _ in taken}:
            _among(
                writer, [one for other, one in taken if other == kind],
                "DELETE FROM enishi.stream_unclaimed u USING _asked q"
                f" WHERE q.who = u.who AND q.id = u.id AND u.kind = '{kind}'",
            )  # fmt: skip


def _among(writer: Writer, ids: Sequence[str], sql: str) -> list[tuple[Any, ...]]:
    """Run a statement that reads the ids as `_asked`."""
    asked = pa.table(
        {"id": pa.array(ids, pa.string()), "who": pa.array(map(_number, ids), pa.int64())}
    )
    writer.register("_asked", asked)
    try:
        return writer.rows(sql)
    finally:
        writer.unregister("_asked")


def _number(one: str) -> int:
    """A hash that the warehouse compares faster than the text."""
    return int.from_bytes(blake2b(one.encode(), digest_size=8).digest(), signed=True)


def _text(value: object) -> str:
    return source_key([value])


def _wrong_user(event: Event) -> Unread:
    return Unread(
        event.origin,
        event.raw,
        "bad_user",
        "userId",
        event.message_id,
        {"value": event.user or ""},
        event.call,
    )
