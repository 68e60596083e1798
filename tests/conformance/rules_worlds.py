"""Random worlds: a catalog of several datasets, and rows that sit on every edge of the language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from enishi.catalog.sets import LIST_ROWS, SEGMENT_ROWS, FixedSets, ListInfo, SegmentInfo
from enishi.catalog.types import (
    Catalog,
    DatasetKind,
    EventNaming,
    Field,
    FieldType,
    Relation,
    TimeKind,
)
from enishi.kernel.text import Text
from enishi.rules.tree import Span
from enishi.rules.windows import midnight, step_instant
from rules_world import (
    Row,
    World,
    foreign_key,
    make_catalog,
    make_dataset,
    make_field,
    path_relation,
)

ZONES = ("Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
TEXTS = (
    None, "", "abc", "ABC", "ＡＢＣ", "〜", "～", "~", "ｱ", "ア", "straße", "STRASSE", "İ", "i̇",
    "東京都", "a.c", "a\nc", "it's", "%", "_", "𠮷",
)  # fmt: skip
NAMES = ("click", "Click", "購入", "view")
NUMBERS = (None, -3, -1, 0, 1, 2, 3, 7, 100, 2**53, 9_000_000_000_000_000)
FLOATS = (None, -1.5, 0.0, 0.25, 0.5, 2.0, 1e6)
UNITS = ("m", "h", "d", "w", "mo", "y")
INSTANTS = (
    datetime(2024, 3, 31, 3, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 15, 0, tzinfo=UTC),
    datetime(2024, 3, 10, 7, 0, tzinfo=UTC),  # New York springs forward
    datetime(2024, 11, 3, 6, 30, tzinfo=UTC),  # … and falls back: 1:30 for the second time
    datetime(2024, 3, 31, 1, 0, tzinfo=UTC),  # Berlin springs forward
    datetime(2024, 10, 27, 0, 59, 59, 999_999, tzinfo=UTC),
    datetime(2023, 2, 28, 12, 0, tzinfo=UTC),
    datetime(2023, 12, 31, 15, 0, tzinfo=UTC),
    datetime(2024, 5, 31, 10, 0, tzinfo=UTC),
)
DATES = (
    date(1950, 1, 1),
    date(1996, 2, 29),
    date(2000, 2, 29),
    date(2000, 2, 28),
    date(1999, 3, 1),
)


@dataclass
class Scene:
    """A world and the instant it is looked at."""

    world: World
    as_of: datetime
    instants: list[datetime]
    dates: list[date]

    @property
    def catalog(self) -> Catalog:
        return self.world.catalog


F = make_field
T = FieldType


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    zone = draw(st.sampled_from(ZONES))
    as_of = draw(st.sampled_from(INSTANTS)) + draw(
        st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(hours=-1)])
    )
    catalog = draw(catalogs(zone))
    instants = _instants(as_of, ZoneInfo(zone))
    dates = sorted({i.astimezone(ZoneInfo(zone)).date() for i in instants} | set(DATES))
    rows = {name: draw(_rows(catalog, name, instants, dates)) for name in catalog.datasets}
    ids = sorted({str(row["_id"]) for row in rows["person"]})
    rows[SEGMENT_ROWS] = draw(_stays(["ghost", *ids], instants))
    rows[LIST_ROWS] = draw(_listed(["ghost", *ids], instants))
    return Scene(World(catalog, rows), as_of, instants, dates)


def _instants(as_of: datetime, zone: ZoneInfo) -> list[datetime]:
    """Instants on and beside the borders of windows that end or start at `as_of`."""
    spans = [Span(n, unit) for unit in UNITS for n in (-1, 1, 2)] + [Span(-30, "d")]
    found = {as_of, midnight(as_of.astimezone(zone).date(), zone)}
    found |= {step_instant(as_of, span, zone) for span in spans}
    found |= {midnight(i.astimezone(zone).date(), zone) for i in list(found)}
    beside = (timedelta(microseconds=-1), timedelta(0), timedelta(microseconds=1))
    return sorted({instant + by for instant in found for by in beside})


# ── catalogs ─────────────────────────────────────────────────────────────────────────────────────


@st.composite
def catalogs(draw: st.DrawFn, zone: str) -> Catalog:
    def one(*options: object) -> object:
        return draw(st.sampled_from(options))

    kinds = (DatasetKind.CURRENT, DatasetKind.VERSIONED)
    moment: FieldType = one(T.DATE, T.TIMESTAMP)  # type: ignore[assignment]
    web_moment: FieldType = one(T.DATE, T.TIMESTAMP)  # type: ignore[assignment]
    web_amount: FieldType = one(T.INTEGER, T.DECIMAL, T.FLOAT)  # type: ignore[assignment]
    planned: TimeKind = one(TimeKind.PLANNED, TimeKind.OCCURRED)  # type: ignore[assignment]
    person_kind: DatasetKind = one(*kinds)  # type: ignore[assignment]
    account_kind: DatasetKind = one(*kinds)  # type: ignore[assignment]
    branch_kind: DatasetKind = one(*kinds)  # type: ignore[assignment]
    shared = bool(one(True, False))
    person = make_dataset(
        "person", person_kind, ["pid"],
        [F("pid", T.INTEGER), F("name", T.STRING), F("born", T.DATE), F("joined", T.TIMESTAMP),
         F("n", T.INTEGER), F("score", T.FLOAT), F("vip", T.BOOLEAN), F("tags", T.STRINGS),
         F("money", T.DECIMAL, scale=2), F("home", T.STRING)],
        subject="person", time=("joined", TimeKind.OCCURRED) if one(True, False) else None,
    )  # fmt: skip
    branch = make_dataset(
        "branch", branch_kind, ["code"],
        [F("code", T.STRING), F("region", T.STRING), F("opened", T.DATE), F("rate", T.DECIMAL,
         scale=4)],
    )  # fmt: skip
    link = make_dataset(
        "link", DatasetKind.CURRENT, ["lid"],
        [F("lid", T.INTEGER), F("pid", T.INTEGER), F("aid", T.INTEGER), F("role", T.STRING)],
    )  # fmt: skip
    key = ["aid", "sub"] if one(True, False) else ["aid"]
    account = make_dataset(
        "account", account_kind, key,
        [F("aid", T.INTEGER), F("sub", T.STRING), F("code", T.STRING), F("kind", T.STRING),
         F("balance", T.DECIMAL, scale=2), F("due", T.DATE), F("at", T.TIMESTAMP), F("open",
          T.BOOLEAN)],
        time=one(None, ("due", planned), ("at", planned)),  # type: ignore[arg-type]
    )  # fmt: skip
    trans = make_dataset(
        "trans", DatasetKind.EVENT, ["tid"],
        [F("tid", T.INTEGER), F("aid", T.INTEGER), F("at", moment), F("amount", T.DECIMAL, scale=3),
         F("kind", T.STRING)],
        time=("at", TimeKind.OCCURRED),
        event=EventNaming({"person": "owned.transactions"}, name="trans"),
    )  # fmt: skip
    web_key: Field = F("wid", one(T.STRING, T.INTEGER))  # type: ignore[arg-type]
    web = make_dataset(
        "web", DatasetKind.EVENT, ["wid"],
        [web_key, F("pid", T.INTEGER), F("when", web_moment), F("name", T.STRING),
         F("amount", web_amount, scale=1 if web_amount is T.DECIMAL else 0), F("page", T.STRING),
         F("tags", T.STRINGS)],
        time=("when", TimeKind.OCCURRED),
        event=EventNaming({"person": "visits"}, name_field="name"),
    )  # fmt: skip
    relations: list[Relation] = [
        *foreign_key("person", [("home", "code")], "branch", "home_branch", "residents"),
        *foreign_key("link", [("pid", "pid")], "person", "person", "links"),
        *foreign_key("link", [("aid", "aid")], "account", "account", "links"),
        *foreign_key("account", [("code", "code")], "branch", "branch", "accounts"),
        *foreign_key("trans", [("aid", "aid")], "account", "account", "transactions"),
        *foreign_key("web", [("pid", "pid")], "person", "person", "visits"),
    ]
    owner = {"field": "role", "op": "eq", "value": "Owner"}
    narrowing = {"field": "kind", "op": "ne", "value": "abc"} if one(True, False) else None
    relations.append(
        path_relation("owned", "person", "account", [("links", owner), ("account", narrowing)])
    )
    if shared:
        relations.append(
            path_relation(
                "neighbours", "person", "person", [("home_branch", None), ("residents", None)]
            )
        )
    return make_catalog(
        [person, branch, link, account, trans, web], relations, timezone=zone,
        week_start=one(0, 6), fiscal_year_start=one(4, 1, 2), sets=SETS,
    )  # fmt: skip


SETS = FixedSets(
    {
        slug: SegmentInfo(slug, Text(label, label), "person")
        for slug, label in (("vip", "会員"), ("gold", "会員"), ("moved", "it's 「転居」"))
    },
    {
        "calls": ListInfo(
            "calls", Text("架電", "calls"), "person",
            {"new": (Text("未着手", "new"), "open"), "busy": (Text("対応中", "busy"), "working"),
             "held": (Text("対応中", "busy"), "working"), "done": (Text("完了", "done"), "done")},
        ),
        "mail": ListInfo(
            "mail", Text("", ""), "person", {"sent": (Text("送付", "sent"), "done")}
        ),
    },
)  # fmt: skip
"""Sets whose labels can be taken for one another; every world has the same."""


@st.composite
def _stays(draw: st.DrawFn, ids: list[str], instants: list[datetime]) -> list[Row]:
    """Stays in segments: apart, one right after another, ended, not ended, still to come."""
    found: list[Row] = []
    for slug in SETS.segments():
        for subject in ids:
            edges = sorted(draw(st.lists(st.sampled_from(instants), max_size=4, unique=True)))
            ends: list[datetime | None] = [*edges[1:], None][: len(edges)]
            for start, end in zip(edges, ends, strict=True):
                if draw(st.integers(0, 2)):
                    stay = {"entered_at": start, "left_at": end}
                    found.append({"set": slug, "_id": subject} | stay)
    return found


@st.composite
def _listed(draw: st.DrawFn, ids: list[str], instants: list[datetime]) -> list[Row]:
    """Who had which status on a list, from when to when; a subject may be on it twice."""
    found: list[Row] = []
    for slug, info in SETS.lists().items():
        for subject in ids:
            edges = sorted(draw(st.lists(st.sampled_from(instants), max_size=3, unique=True)))
            ends: list[datetime | None] = [*edges[1:], None][: len(edges)]
            for start, end in zip(edges, ends, strict=True):
                status = draw(st.sampled_from(sorted(info.statuses)))
                valid = {"_from": start, "_to": draw(st.sampled_from([end, None]))}
                means = info.statuses[status][1]
                row = {"set": slug, "_id": subject, "status": status, "means": means}
                found.append(row | valid)
    return found


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────

_SIZES = {"person": (2, 4), "branch": (0, 2), "link": (0, 6), "account": (0, 4), "trans": (0, 7),
          "web": (0, 8)}  # fmt: skip


@st.composite
def _rows(
    draw: st.DrawFn, catalog: Catalog, name: str, instants: list[datetime], dates: list[date]
) -> list[Row]:
    dataset = catalog.datasets[name]
    count = draw(st.integers(*_SIZES[name]))
    found: dict[tuple[object, ...], list[Row]] = {}
    for index in range(count):
        row = {f.name: draw(_cells(f, instants, dates)) for f in dataset.fields.values()}
        row |= draw(_keys(name, index, dataset.fields))
        key = tuple(row[k] for k in dataset.key)
        if key in found:
            continue
        found[key] = [row]
        if dataset.subject is not None:
            row["_id"] = f"p{index}"
        if dataset.versioned:
            found[key] = draw(_versions(row, dataset.fields, dataset.key, instants, dates))
    return [row for rows in found.values() for row in rows]


def _keys(name: str, index: int, fields: object) -> st.SearchStrategy[Row]:
    """Keys are set and unique; foreign keys point at rows, past them, or nowhere."""
    pid, aid = st.sampled_from([None, 0, 1, 2, 9]), st.sampled_from([None, 0, 1, 2, 9])
    code = st.sampled_from([None, "b0", "B0", "b1", "zz"])
    if name == "person":
        return st.fixed_dictionaries({"pid": st.just(index), "home": code})
    if name == "branch":
        return st.fixed_dictionaries({"code": st.just(f"b{index}")})
    if name == "link":
        role = st.sampled_from(["Owner", "OWNER", "ｏｗｎｅｒ", "User", None])
        return st.fixed_dictionaries({"lid": st.just(index), "pid": pid, "aid": aid, "role": role})
    if name == "account":
        sub = st.just(f"s{index % 2}")
        return st.fixed_dictionaries({"aid": st.sampled_from([0, 1, 2]), "sub": sub, "code": code})
    if name == "trans":
        return st.fixed_dictionaries({"tid": st.just(index * 7 % 11), "aid": aid})
    assert isinstance(fields, dict)
    wid: object = index * 3 if fields["wid"].type is T.INTEGER else f"{'aBé'[index % 3]}{index}"
    names = st.sampled_from([*NAMES, None])
    return st.fixed_dictionaries({"wid": st.just(wid), "pid": pid, "name": names})


def _cells(field: Field, instants: list[datetime], dates: list[date]) -> st.SearchStrategy[object]:
    if field.type is T.STRING:
        return st.sampled_from(TEXTS)
    if field.type is T.INTEGER:
        return st.sampled_from(NUMBERS)
    if field.type is T.FLOAT:
        return st.sampled_from(FLOATS)
    if field.type is T.BOOLEAN:
        return st.sampled_from([None, True, False])
    if field.type is T.DATE:
        return st.none() | st.sampled_from(dates)
    if field.type is T.TIMESTAMP:
        return st.none() | st.sampled_from(instants)
    if field.type is T.STRINGS:
        return st.none() | st.lists(st.sampled_from([t for t in TEXTS if t]), max_size=2)
    big = Decimal(10) ** (15 - field.scale)
    return st.sampled_from(
        [None, *(Decimal(n).scaleb(-field.scale) for n in (-1, 0, 1, 12, 250, 1000)), big]
    )


@st.composite
def _versions(
    draw: st.DrawFn,
    row: Row,
    fields: object,
    key: tuple[str, ...],
    instants: list[datetime],
    dates: list[date],
) -> list[Row]:
    """A row's history: up to three versions, sometimes with a gap, sometimes ended."""
    assert isinstance(fields, dict)
    edges = sorted(draw(st.lists(st.sampled_from(instants), min_size=1, max_size=4, unique=True)))
    ends: list[datetime | None] = [*edges[1:], None][: len(edges)]
    kept: list[Row] = []
    for start, end in zip(edges, ends, strict=True):
        if draw(st.integers(0, 4)) == 0 and kept:
            continue  # a gap
        changed = {
            name: draw(_cells(f, instants, dates))
            for name, f in fields.items()
            if name not in (*key, "home", "code") and draw(st.integers(0, 3)) == 0
        }
        row = row | changed | {"_from": start, "_to": end}
        kept.append(row)
    if draw(st.booleans()) and kept[-1]["_to"] is None:
        last = kept[-1]["_from"]
        assert isinstance(last, datetime)
        kept[-1] = kept[-1] | {"_to": last + timedelta(days=draw(st.integers(1, 40)))}
    return kept
