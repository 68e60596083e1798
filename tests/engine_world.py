"""One workspace's story, told on any engine: loads of every kind, and questions after them.

What an engine answers is compared with DuckDB, whose answers the other suites hold to `evaluate`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from enishi.book.access import OPERATOR, Actor
from enishi.catalog.load import load_catalog
from enishi.catalog.types import Catalog
from enishi.sources.replay import replay
from enishi.warehouse.engine import open_engine, read_url
from enishi.warehouse.tables import prepare
from enishi.warehouse.warehouse import Warehouse
from loading_world import World

CATALOG = """
version: 1
datasets:
  branch:
    label: {ja: 支店, en: Branch}
    kind: current
    key: code
    source: {files: "branch.csv"}
    fields:
      code: {type: string}
      area: {type: string}
  person:
    label: {ja: 顧客, en: Person}
    kind: versioned
    subject: person
    key: id
    display: name
    source: {files: "person.csv", removes: true}
    fields:
      id: {type: integer}
      name: {type: string, pii: low, meaning: person_name}
      phone: {type: string, pii: low, meaning: phone}
      branch: {type: string}
      born: {type: date}
      balance: {type: decimal, scale: 2}
      tags: {type: strings}
      vip: {type: boolean}
      score: {type: float}
      seen: {type: timestamp}EXTRA
  account:
    label: {ja: 口座, en: Account}
    kind: current
    key: [bank, no]
    source: {files: "account.csv"}
    fields:
      bank: {type: string}
      no: {type: integer}
      person_id: {type: integer}
      amount: {type: decimal, scale: 0}
      kind: {type: string}
  visit:
    label: {ja: 来店, en: Visit}
    kind: event
    key: id
    time: {field: at, kind: occurred}
    event: {of: {person: visits}, name: visited}
    source: {files: "visit.csv"}
    fields:
      id: {type: integer}
      person_id: {type: integer}
      at: {type: timestamp}
      what: {type: string}
relations:
  - {name: home, from: person.branch, to: branch.code, inverse: persons}
  - {from: account.person_id, to: person.id, inverse: accounts}
  - {from: visit.person_id, to: person.id, inverse: visits}
  - name: savings
    from: person
    via: [accounts]
    where: {field: kind, op: eq, value: "定期"}
"""
PEOPLE = """id,name,phone,branch,born,balance,tags,vip,score,seen
1,佐藤 花子,03-1234-5678,B1,1850-01-02,1.50,a|b,true,0.1,2026-01-02T03:04:05.678901
2,鈴木 一郎,,B2,,,,,,
x,壊れた 行,,B3,,,,,,
3,Ｔanaka 'O\\Brien,090-1,B1,1990-02-28,-3,c,false,-1e300,2026-03-31T23:59:59
4,髙橋,,,9999-12-31,99999999999.99,"日本, 東京",true,2.5,
"""
CHANGED = """id,name,phone,branch,born,balance,tags,vip,score,seen
1,佐藤 花子,03-1234-5678,B2,1850-01-02,1.50,a,true,0.1,2026-01-02T03:04:05.678901
2,鈴木 一郎,,B2,,,,,,
5,新人,,B1,2000-02-29,0,,,,
3,Ｔanaka 'O\\Brien,090-1,B1,1990-02-28,-3,c,false,-1e300,2026-03-31T23:59:59
3,Ｔanaka 'O\\Brien,090-1,B1,1990-02-28,-4,c,false,-1e300,2026-03-31T23:59:59
"""
ACCOUNTS = "bank,no,person_id,amount,kind\nA,1,1,100,定期\nA,2,1,,普通\nB,1,2,5,定期\n"
VISITS = (
    "id,person_id,at,what\n1,1,2026-01-01T00:00:00,窓口\n2,1,2026-02-01T00:00:00.123456,\n"
    "3,2,2026-03-15T10:00:00,相談\n4,,2026-03-20,\n"
)
SCOPED = Actor(
    "u", "manager", {"field": "branch", "op": "eq", "value": {"user": "b"}}, {"b": "B2"}, "none"
)


@dataclass
class Teller:
    """One engine with the story's workspace, and what it has told so far."""

    world: World
    url: str
    warehouse: Warehouse
    told: list[object] = field(default_factory=list)

    @property
    def engine(self) -> Any:
        return self.world.engine

    def put(self, **files: str) -> None:
        for name, content in files.items():
            self.world.put(f"{name}.csv", content)

    def load(self, *names: str, **given: Any) -> dict[str, object]:
        done = self.world.load(*names, **given)
        kept = ("state", "read", "loaded", "dead", "added", "changed", "unchanged", "removed")
        told = {name: getattr(done, name) for name in kept}
        if done.message is not None:
            told["code"] = done.message["en"]["code"]  # type: ignore[index]  # JSON of an error
        return told

    def replay(self, dataset: str) -> dict[str, object]:
        world = self.world
        done = replay(world, world.engine, world.catalog, None, dataset, clock=world.clock)
        return {"read": done.read, "loaded": done.loaded, "dead": done.dead}

    def later(self, days: int) -> None:
        self.world.clock.now += timedelta(days=days)

    def change_catalog(self, extra: str) -> None:
        root = self.world.root
        (root / "catalog" / "all.yaml").write_text(CATALOG.replace("EXTRA", extra))
        self.world.catalog = compared(root)
        prepare(self.engine, self.world.catalog)

    def rows(self, dataset: str) -> list[dict[str, Any]]:
        """Everything the engine holds of a dataset, loads numbered by their order."""
        with self.engine.read() as question:
            table = self.engine.spelling.data(dataset)
            rows = question.records(f"SELECT * FROM {table}")
        with self.engine.books.read() as books:
            loads = books.rows("SELECT id FROM enishi.loads ORDER BY started_at, id")
        place = {load: number for number, (load,) in enumerate(loads)}
        told = [{**row, "_load": place[row["_load"]]} for row in rows]
        return sorted(told, key=lambda row: str(sorted(row.items(), key=lambda item: item[0])))

    def links(self) -> list[tuple[Any, ...]]:
        with self.engine.books.read() as books:
            return books.rows(
                "SELECT dataset, source_key, enishi_id FROM enishi.identity_links ORDER BY ALL"
            )

    def close(self) -> None:
        self.engine.close()


def compared(root: Path) -> Catalog:
    """The catalog of a folder, without following what loads change: what Enishi derives itself
    (`sources.changes`, like the stream) is DuckDB's alone, and all else is compared."""
    return replace(load_catalog(root), changed={})


def open_teller(root: Path, url: str | None = None) -> Teller:
    """A workspace in `root` on the engine at `url` (None: its own DuckDB file)."""
    for folder in ("catalog", "data", "var"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "enishi.toml").write_text('name = "story"\n')
    (root / "catalog" / "all.yaml").write_text(CATALOG.replace("EXTRA", ""))
    catalog = compared(root)
    url = url or f"duckdb://{root}/var/warehouse.duckdb"
    engine = open_engine(read_url(url), root / "var")
    prepare(engine, catalog)
    world = World(root, catalog, engine)  # type: ignore[arg-type]  # any engine, not DuckDB alone
    world.clock.now = datetime(2026, 4, 1, 3, tzinfo=UTC)
    return Teller(world, url, Warehouse(engine, lambda: world.catalog, world.clock))


Step = Callable[[Teller], object]


def _first(teller: Teller) -> object:
    teller.put(
        branch="code,area\nB1,東京\nB2,大阪\n", person=PEOPLE, account=ACCOUNTS, visit=VISITS
    )
    return [teller.load(name) for name in ("branch", "person", "account", "visit")]


def _again(teller: Teller) -> object:
    teller.later(1)
    return [teller.load(name) for name in ("person", "account", "visit")]


def _changed(teller: Teller) -> object:
    teller.later(1)
    teller.put(person=CHANGED, account="bank,no,person_id,amount,kind\nA,1,1,7,定期\nC,1,5,,\n")
    return [teller.load("person"), teller.load("account")]


def _same_instant(teller: Teller) -> object:
    teller.put(person=CHANGED.replace("新人", "新人 太郎"))
    return teller.load("person")


def _conflicts(teller: Teller) -> object:
    teller.put(
        visit="id,person_id,at,what\n1,1,2026-01-01T00:00:00,別\n2,1,2026-02-01T00:00:00.123456,後\n"
        "9,3,2026-04-01,新\n9,3,2026-04-01,新\n"
    )
    return teller.load("visit")


def _too_old(teller: Teller) -> object:
    return teller.load("person", at=datetime(2025, 1, 1, tzinfo=UTC))


def _new_field(teller: Teller) -> object:
    teller.change_catalog("\n      hobbies: {type: strings}\n      rank: {type: integer}")
    grown = teller.rows("person")
    teller.later(1)
    head, *rows = CHANGED.replace("新人", "新人 太郎").splitlines()
    teller.put(person="\n".join([f"{head},hobbies,rank", *(f"{row},釣り|碁,7" for row in rows)]))
    return [grown, teller.load("person")]


def _letters(teller: Teller) -> object:
    teller.later(1)
    teller.put(account="bank,no,person_id,amount,kind\nA,one,1,7,定期\nD,1,5,1.5,\n")
    first = teller.load("account")
    teller.put(account="bank,no,person_id,amount,kind\nD,2,5,1,\n")
    return [first, teller.replay("account"), teller.load("account")]


def _rebuilt(teller: Teller) -> object:
    teller.later(1)
    return teller.load("account", rebuild=True)


def _emptied(teller: Teller) -> object:
    teller.later(1)
    teller.put(person="id,name,phone,branch,born,balance,tags,vip,score,seen,hobbies,rank\n")
    return teller.load("person")


STEPS: Mapping[str, Step] = {
    "a first load": _first,
    "the same again": _again,
    "changed, added, removed and repeated rows": _changed,
    "another state of the same instant": _same_instant,
    "events that contradict": _conflicts,
    "a state of long ago": _too_old,
    "fields the catalog has gained": _new_field,
    "dead letters and their replay": _letters,
    "loaded anew": _rebuilt,
    "everybody removed": _emptied,
}
ASKED_AFTER = ("a first load", "events that contradict", "everybody removed")
RULES: Mapping[str, object] = {
    "all": {"all": []},
    "branch": {"field": "branch", "op": "in", "value": ["b1", "Ｂ２", "B1"]},
    "related": {"field": "home.area", "op": "eq", "value": "大阪"},
    "list": {"field": "tags", "op": "has_any", "value": ["a"]},
    "unset list": {"field": "tags", "op": "is_not_set"},
    "money": {"field": "balance", "op": "ge", "value": 1.5},
    "sum": {"related": "accounts", "where": {"field": "amount", "op": "is_set"},
            "measure": {"sum": "amount"}, "op": "ge", "value": 100},
    "event": {"event": "visited", "during": {"last": "90d"}},
    "no event": {"not": {"event": "visited", "during": {"last": "90d"}}},
    "text": {"field": "name", "op": "contains", "value": "O\\Brien"},
}  # fmt: skip
COLUMNS = {name: {"field": name} for name in ("balance", "vip", "tags", "born", "score", "seen")}


def questions(teller: Teller, only: Collection[str] = ()) -> dict[str, object]:
    """What the product asks of its warehouse, of this engine; `only` some of it."""
    ask = teller.warehouse
    asked: dict[str, Callable[[], object]] = {
        "who": lambda: ask.who(
            RULES["all"], actor=OPERATOR, columns=COLUMNS, order_by=["-balance", "vip"]
        ).to_pylist(),
        "page": lambda: ask.who(
            RULES["all"], actor=OPERATOR, order_by=None, limit=2, offset=1
        ).to_pylist(),
        "view of ids": lambda: ask.view(
            "person", None, {"b": {"field": "balance"}}, actor=OPERATOR, ids=_ids(ask)[:2]
        ).to_pylist(),
        "scoped": lambda: ask.who(RULES["all"], actor=SCOPED).to_pylist(),
        "scoped past": lambda: ask.count(
            RULES["branch"], actor=SCOPED, as_of=datetime(2026, 4, 1, 4, tzinfo=UTC)
        )["count"],
        "sample": lambda: ask.sample(RULES["all"], 2, actor=OPERATOR),
        "funnel": lambda: ask.funnel(
            {"all": [RULES["branch"], RULES["money"], RULES["no event"]]}, actor=OPERATOR
        ),
        "in scope": lambda: sorted(ask.in_scope(_ids(ask), actor=SCOPED)),
        "branches": lambda: ask.values("person", "branch", actor=OPERATOR),
        "branches with": lambda: ask.values("person", "branch", "２", actor=SCOPED),
        "tags": lambda: ask.values("person", "tags", actor=OPERATOR),
        "what": lambda: ask.values("visit", "what", actor=SCOPED),
        "areas": lambda: ask.values("branch", "area", actor=SCOPED),
        "datasets": lambda: [
            {k: v for k, v in d.items() if k != "last_load"} for d in ask.datasets(actor=OPERATOR)
        ],
        "dead": lambda: ask.dead_letters(actor=OPERATOR)["total"],
    }
    for name, rule in RULES.items():
        asked[f"count {name}"] = lambda r=rule: ask.count(r, actor=OPERATOR)["count"]
        asked[f"past {name}"] = lambda r=rule: ask.count(
            r, actor=OPERATOR, as_of=datetime(2026, 4, 2, 3, tzinfo=UTC)
        )["count"]
    for text in ("", "佐藤花子", "tanaka", "'o\\b", "031234", "2", "B1 x"):
        asked[f"search {text}"] = lambda t=text: ask.search(t, actor=OPERATOR)
        asked[f"search {text} in scope"] = lambda t=text: ask.search(t, actor=SCOPED)
    for reference in ("1", "2", "4"):
        asked[f"person {reference}"] = lambda r=reference: ask.person(
            ask.find(r, actor=OPERATOR), actor=OPERATOR
        )
        asked[f"timeline {reference}"] = lambda r=reference: ask.timeline(
            ask.find(r, actor=OPERATOR), actor=OPERATOR, limit=1
        )
        asked[f"years {reference}"] = lambda r=reference: ask.timeline_years(
            ask.find(r, actor=OPERATOR), actor=OPERATOR
        )
        for name, rule in RULES.items():
            asked[f"why {name} of {reference}"] = lambda r=reference, w=rule: ask.why(
                w, r, actor=OPERATOR
            )
    return {name: _answer(asked[name]) for name in only or asked}


def _ids(ask: Warehouse) -> Sequence[str]:
    with ask.engine.read() as question:
        table = ask.engine.spelling.data("person")
        return [row[0] for row in question.rows(f"SELECT DISTINCT _id FROM {table} ORDER BY _id")]


def _answer(question: Callable[[], object]) -> object:
    from enishi.kernel.errors import EnishiError

    try:
        return question()
    except EnishiError as error:
        return f"refused: {error.code}"
