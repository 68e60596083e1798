"""A small bank with live segments, a clock that is moved by hand, and events put straight in.

`at(…)` lets time come, `does(…)` lets somebody do something, `inside(…)` tells who is in. After
every step the memberships can be compared with what the compiled rules say at that instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from enishi.catalog.sets import FixedSets, ListInfo, SegmentInfo
from enishi.catalog.types import Catalog, FieldType, Stream
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text, fold
from enishi.live.engine import LiveEngine
from enishi.live.holding import hold
from enishi.live.types import LiveRule, live_rule
from enishi.rules import check_rule, compile_rule
from enishi.segments.refreshing import Outcome, Watch, Wish, refresh
from enishi.sources.stream.types import Drained
from enishi.warehouse.duckdb_engine import Workbench
from enishi.warehouse.tables import column_type
from loading_world import World, make_world

CATALOG = """
datasets:
  person:
    kind: versioned
    subject: person
    key: id
    source: {files: "person.csv", removes: true}
    fields: {id: {type: integer}, city: {type: string}, born: {type: date}}
  account:
    kind: current
    key: id
    source: {files: "account.csv", removes: true}
    fields: {id: {type: integer}, person: {type: integer}, balance: {type: integer},
             due: {type: date}}
    time: {field: due, kind: planned}
relations:
  - {from: account.person, to: person.id, name: owner, inverse: accounts}
stream:
  fields:
    amount: {type: decimal, scale: 0}
    order: {type: string}
"""
START = datetime(2026, 10, 1, 3, tzinfo=UTC)  # noon in Tokyo, a Thursday
SECRET = b"ab" * 32


@dataclass
class Live:
    """One world. `rules` are the live segments by slug."""

    world: World
    rules: Mapping[str, Any]
    engine: LiveEngine = field(init=False)
    version: int = 1
    messages: int = 0

    def __post_init__(self) -> None:
        self.open()

    # ── the process ──────────────────────────────────────────────────────────────────────────────

    @property
    def catalog(self) -> Catalog:
        return self.world.catalog

    @property
    def stream(self) -> Stream:
        stream = self.catalog.stream
        assert stream is not None
        return stream

    @property
    def now(self) -> datetime:
        return self.world.clock.now

    def wanted(self) -> dict[str, LiveRule]:
        return {
            slug: live_rule(
                slug, self.version, check_rule(rule, self.catalog, subject="person"), self.catalog
            )
            for slug, rule in self.rules.items()
        }

    def open(self) -> None:
        """What the work process does when it begins."""
        self.engine = LiveEngine(self.world.engine, self.catalog, self.world.clock, stream_load)
        self.engine.adopt(self.wanted().values())

    def tick(self) -> None:
        self.engine.tick()

    # ── what happens ─────────────────────────────────────────────────────────────────────────────

    def later(self, **by: float) -> None:
        """Let time pass, and decide what has come due."""
        self.world.clock.advance(timedelta(**by))
        self.tick()

    def until(self, instant: datetime) -> None:
        self.world.clock.now = instant
        self.tick()

    def does(
        self, person: int, event: str, at: datetime | None = None, *, tick: bool = True, **more: Any
    ) -> None:
        """An event of a person arrives now; `at` is when it happened, by default now."""
        self.drain([(person, event, at or self.now, more)], tick=tick)

    def drain(
        self, events: list[tuple[int, str, datetime, Mapping[str, Any]]], *, tick: bool = True
    ) -> None:
        """Events arrive together, as the drain hands them on."""
        if tick:
            self.tick()
        engine = self.world.engine
        with engine.workbench() as bench, bench.transaction():
            rows = self._rows(bench, events)
            bench.insert(f'data."{self.stream.activity}"', rows)
            self.engine.hears(bench, Drained(self.now, rows, self.catalog, SECRET))
        self.engine.settle()

    def _rows(
        self, bench: Workbench, events: list[tuple[int, str, datetime, Mapping[str, Any]]]
    ) -> pa.Table:
        load = stream_load(bench, self.now, self.stream.activity)
        dataset = self.catalog.datasets[self.stream.activity]
        found = []
        for person, event, at, more in events:
            self.messages += 1
            row: dict[str, Any] = dict.fromkeys(dataset.fields)
            row |= {
                "message_id": f"m{self.messages}", "event": event, "person": person,
                "ts": at.astimezone(UTC).replace(tzinfo=None), "type": "track",
                "received_at": self.now.replace(tzinfo=None), **more,
            }  # fmt: skip
            row |= {
                f"{name}__f": None if row[name] is None else fold(str(row[name])) or None
                for name, one in dataset.fields.items() if one.type is FieldType.STRING
            }  # fmt: skip
            found.append(row | {"_load": load})
        types = {
            FieldType.TIMESTAMP: pa.timestamp("us"), FieldType.INTEGER: pa.int64(),
            FieldType.STRING: pa.string(), FieldType.STRINGS: pa.list_(pa.string()),
            FieldType.DECIMAL: pa.int64(),
        }  # fmt: skip
        columns = {name: types[one.type] for name, one in dataset.fields.items()}
        columns |= {f"{n}__f": pa.string() for n, o in dataset.fields.items()
                    if o.type is FieldType.STRING}  # fmt: skip
        return pa.Table.from_pylist(found, pa.schema({**columns, "_load": pa.string()}))

    def people(self, rows: Mapping[int, tuple[str, str]]) -> None:
        """The file of persons anew: id → city, born."""
        lines = [f"{n},{city},{born}" for n, (city, born) in sorted(rows.items())]
        self.world.put("person.csv", "id,city,born\n" + "\n".join(lines) + "\n")
        assert self.world.load("person").state == "loaded"

    def accounts(self, rows: Mapping[int, tuple[int, int, str]]) -> None:
        """The file of accounts anew: id → person, balance, due."""
        lines = [f"{n},{p},{b},{due}" for n, (p, b, due) in sorted(rows.items())]
        self.world.put("account.csv", "id,person,balance,due\n" + "\n".join(lines) + "\n")
        assert self.world.load("account").state == "loaded"

    def refresh(self, *, whole: bool = True, only: tuple[str, ...] = ()) -> list[Outcome]:
        """What the lane of segments does: refresh live segments under a hold."""
        with hold(self.engine, self.wanted()) as held:
            wishes = []
            for slug, rule in self.rules.items():
                if not only or slug in only:
                    checked = check_rule(rule, self.catalog, subject="person")
                    wishes.append(
                        Wish(
                            new_id("r"), slug, checked, None, self.version, whole,
                            checked.segments, checked.lists,
                        )
                    )  # fmt: skip
            done = refresh(
                self.world.engine, self.catalog, wishes, held.at, Watch(moved=held.moved)
            )
        for one in done:
            if one.error is not None:
                raise one.error
        return done

    # ── what is so ───────────────────────────────────────────────────────────────────────────────

    def inside(self, slug: str) -> set[int]:
        """The keys of who is in, as stored."""
        rows = self.world.rows(
            "SELECT p.id FROM enishi.memberships m JOIN data.person p ON p._id = m._id"
            " AND p._to IS NULL WHERE m.segment = ? AND m.left_at IS NULL",
            slug,
        )
        assert len(rows) == len({row[0] for row in rows}), "two open stays of one person"
        return {row[0] for row in rows}

    def stored(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {slug: set() for slug in self.rules}
        sql = "SELECT segment, _id FROM enishi.memberships WHERE left_at IS NULL"
        for segment, one in self.world.rows(sql):
            assert one not in found[segment], "two open stays of one person"
            found[segment].add(one)
        return found

    def true(self, at: datetime | None = None) -> dict[str, set[str]]:
        """Who the compiled rules say is in, by default at the instant of the last decision."""
        instant = at or self.engine.decided
        return {
            slug: {
                row[0] for row in self.world.rows(
                    compile_rule(
                        check_rule(rule, self.catalog, subject="person"), self.catalog, instant
                    )
                )
            }
            for slug, rule in self.rules.items()
        }  # fmt: skip

    def crossings(self, slug: str | None = None) -> list[tuple[int, str, str, datetime, str]]:
        """(person, segment, event, when, cause) in the order of their ids."""
        only = "" if slug is None else f" WHERE segment = '{slug}'"
        rows = self.world.rows(
            f'SELECT person, segment, event, ts, cause FROM data."{self.stream.crossing}"{only}'
            " ORDER BY crossing_id"
        )
        return [(p, s, e, ts.replace(tzinfo=UTC), c) for p, s, e, ts, c in rows]


def stream_load(bench: Workbench, at: datetime, dataset: str = "crossing") -> str:
    """One load for all that comes in by the stream, as the drain keeps one open."""
    found = bench.one("SELECT max(id) FROM enishi.loads WHERE dataset = ?", [dataset])
    if found is None:
        found = new_id("load")
        bench.execute(
            "INSERT INTO enishi.loads (id, dataset, state, started_at) VALUES (?, ?, 'loaded', ?)",
            [found, dataset, at.replace(tzinfo=None)],
        )
    return str(found)


@contextmanager
def live_world(
    root: Path, rules: Mapping[str, Any], *, zone: str = "Asia/Tokyo", start: datetime = START
) -> Iterator[Live]:
    """A bank of three persons and these live segments, all decided once."""
    world = make_world(root, CATALOG, toml=f'name = "test"\ntimezone = "{zone}"\n')
    world.clock.now = start
    sets = {slug: SegmentInfo(slug, Text(slug, slug), "person") for slug in rules}
    lists = {"calls": ListInfo("calls", Text("架電", "calls"), "person",
                               {"new": (Text("未着手", "new"), "open")})}  # fmt: skip
    world.catalog = replace(world.catalog, sets=FixedSets(sets, lists))
    try:
        live = Live(world, rules)
        live.people({1: ("東京", "1990-10-03"), 2: ("大阪", "2000-02-29"), 3: ("東京", "")})
        live.refresh()
        yield live
    finally:
        world.engine.close()


__all__ = ["START", "Live", "column_type", "live_world"]
