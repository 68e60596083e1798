"""The proof of a journey or a send: figures, counted in the process that has the warehouse.

Whoever asks goes through the door's action `proof` (`asked`). What was done is read from the book,
successes from the warehouse; the figures are kept for some minutes with the instant they are of.
What is kept belongs to what was asked: the row scope, and what counts as success.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connections

from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.jsontext import dumps
from enishi.gate.asking import in_scope
from enishi.gate.book_rows import rows
from enishi.gate.visibility import visible
from enishi.journeys.inside.scoping import MOST, sees_all
from enishi.journeys.proof.events import Events, Followed
from enishi.journeys.proof.points import ARMS, About, Done, Group, done
from enishi.journeys.proof.settings import Settings, settings
from enishi.journeys.proof.statistics import difference, sample_ratio
from enishi.kernel.errors import EnishiError
from enishi.messages.deliveries.report import RESPONSES, Numbers
from enishi.warehouse import process
from enishi.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from enishi.warehouse.door import Action

ACTION = "proof"
FRESH = timedelta(minutes=10)
"""How long figures are kept."""
REST = timedelta(seconds=10)
"""So long after counting nothing is counted anew, whoever asks for it; the answer says of when."""
ALL = -1
"""In place of a success: everybody of the group (kept of arms)."""
_ARMS = tuple(f"{arm}:" for arm in ARMS)
_KEPT = 12  # proofs, the newest


@dataclass
class Proof:
    """The figures (`figures`, JSON) as of `at`, and whom is `behind` the successes and arms among
    them. `over`: when counting was over."""

    at: datetime
    figures: dict[str, Any]
    behind: dict[tuple[str, int], list[tuple[str, int, str]]] = field(default_factory=dict)
    over: datetime | None = None

    def good(self, asked: datetime, *, fresh: bool) -> bool:
        """Whether it answers what was asked at an instant: counted since then, or of late."""
        at = now()
        if asked <= self.at <= at:
            return True
        since = at - (self.over or self.at if fresh else self.at)
        return timedelta(0) <= since < (REST if fresh else FRESH)


# ── asking ───────────────────────────────────────────────────────────────────────────────────────


def asked(about: About, actor: Actor, *, fresh: bool = False) -> dict[str, Any]:
    """The figures of what the actor may see (see `proof_showing`); `counted` false: too many.

    `fresh`: counted anew, unless it was a moment ago (`REST`). Raises Unavailable while
    nothing serves the warehouse.
    """
    return _ask({"kind": about.kind, "ref": about.ref, "actor": actor, "fresh": fresh})


def behind(
    about: About, actor: Actor, group: str, conversion: int, offset: int, limit: int, *,
    by_person: bool,
) -> tuple[list[tuple[str, int, str]], int]:  # fmt: skip
    """A page of those whom a success followed, or of all of an arm (`ALL`), and how many they are:
    (person, enrollment or 0, instant of the point), the newest first, or in order of persons."""
    found = _ask(
        {
            "kind": about.kind, "ref": about.ref, "actor": actor, "fresh": False, "group": group,
            "conversion": conversion, "offset": offset, "limit": limit, "by_person": by_person,
        }
    )  # fmt: skip
    return [(str(p), int(walk), str(at)) for p, walk, at in found["rows"]], int(found["total"])


def _ask(given: dict[str, Any]) -> dict[str, Any]:
    warehouse = process.warehouse()
    if isinstance(warehouse, Warehouse):
        return _answer(warehouse, given)
    found: dict[str, Any] = warehouse.do(ACTION, given, again=True)
    return found


def teller(warehouse: Warehouse) -> Action:
    """The action of the door. It runs in a thread of its own, whose connections end with it."""

    def run(given: Mapping[str, Any], _: object) -> dict[str, Any]:
        try:
            return _answer(warehouse, given)
        finally:
            connections.close_all()

    return run


def _answer(warehouse: Warehouse, given: Mapping[str, Any]) -> dict[str, Any]:
    about, actor = About(given["kind"], str(given["ref"])), given["actor"]
    found = _proofs.get(warehouse, about, actor, fresh=bool(given["fresh"]))
    if "group" not in given:
        return found.figures
    them = found.behind.get((given["group"], int(given["conversion"])), [])
    them = sorted(them) if given["by_person"] else them
    first = int(given["offset"])
    return {"rows": them[first : first + int(given["limit"])], "total": len(them)}


class _Proofs:
    """Those of late, by what was asked. Two who ask for one at once wait for one answer."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, Proof] = OrderedDict()
        self._lock = threading.Lock()
        self._under_way: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def get(self, warehouse: Warehouse, about: About, actor: Actor, *, fresh: bool) -> Proof:
        chosen = settings(about)
        mine = None if sees_all(actor) else asdict(actor)
        told = dumps([id(warehouse), about.kind, about.ref, chosen.plain(), mine])
        key = hashlib.sha256(told.encode()).hexdigest()
        asked_at = now()
        with self._lock:
            turn = self._under_way[key]
        with turn:
            with self._lock:
                found = self._found.get(key)
            if found is None or not found.good(asked_at, fresh=fresh):
                found = counted(warehouse, about, chosen, actor)
                found.over = now()
            with self._lock:
                self._found[key] = found
                self._found.move_to_end(key)
                while len(self._found) > _KEPT:
                    gone, _ = self._found.popitem(last=False)
                    self._under_way.pop(gone, None)
        return found


_proofs = _Proofs()


# ── counting ─────────────────────────────────────────────────────────────────────────────────────


def counted(warehouse: Warehouse, about: About, chosen: Settings, actor: Actor) -> Proof:
    """Count everything, now."""
    at, began = now(), time.perf_counter()
    among, too_many = of_whom(about, actor)
    if too_many:
        return Proof(at, {"as_of": at.isoformat(), "counted": False, "scoped": True})
    found = done(about, among)
    proof = Proof(at, {})
    rates = _rates(Events(warehouse.engine, warehouse.catalog, at), found, chosen, proof)
    proof.figures = {
        "as_of": at.isoformat(), "counted": True, "scoped": among is not None,
        "entered": len(found.groups["entry"]), "people": len(set(found.groups["entry"].persons)),
        "entry": rates["entry"], "faults": rates.pop("faults", []),
        "steps": {
            step: _step(found, step, rates, chosen) for step in {*found.reached, *found.numbers}
        },
        "holdouts": {
            name.partition(":")[2]: _holdout(found, name.partition(":")[2], rates)
            for name in sorted(found.groups)
            if name.startswith(_ARMS)
        },
        "took_ms": round((time.perf_counter() - began) * 1000),
    }  # fmt: skip
    return proof


def of_whom(about: About, actor: Actor) -> tuple[Collection[str] | None, bool]:
    """The people whom the actor may see, None for everybody; and whether they are too many."""
    if sees_all(actor):
        return None, False
    tables = {
        "journey": ("journeys_enrollment", "journey"), "send": ("messages_delivery", "send"),
    }  # fmt: skip
    table, column = tables[about.kind]
    persons = rows(
        f"SELECT DISTINCT person FROM {table} WHERE {column} = %s LIMIT {MOST + 1}", [about.ref]
    )
    if len(persons) > MOST:
        return (), True
    return visible(actor, [row[0] for row in persons], in_scope), False


def _rates(
    events: Events, found: Done, chosen: Settings, proof: Proof
) -> dict[str, list[dict[str, Any]]]:
    """Of each group, of each success: how many it followed, its value, whose window is open.

    All groups are asked about together: one question for each success and dataset of events.
    """
    names = list(found.groups)
    whole, starts = Group(), {}
    for name in names:
        group = found.groups[name]
        starts[name] = len(whole)
        whole.persons += group.persons
        whole.walks += group.walks
        whole.at += group.at
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in (*names, "entry")}
    told["faults"] = []

    def keep(name: str, nth: int, places: Iterable[int]) -> None:
        proof.behind[name, nth] = [
            (whole.persons[p], whole.walks[p], whole.at[p].isoformat()) for p in places
        ]

    for nth, one in enumerate(chosen.conversions):
        try:
            followed = events.after(whole.persons, whole.at, one)
        except EnishiError as error:  # the catalog is not what it was
            followed = Followed()
            told["faults"].append({"conversion": nth, "code": error.code})
        for name in names:
            places = range(starts[name], starts[name] + len(found.groups[name]))
            them = [place for place in places if place in followed.values]
            keep(name, nth, reversed(them))
            told[name].append(
                {
                    "k": len(them), "n": len(places),
                    "value": sum(followed.values[place] for place in them),
                    "open": sum(place in followed.open for place in places),
                }
            )  # fmt: skip
    for name in names:
        if name.startswith(_ARMS):
            places = range(starts[name], starts[name] + len(found.groups[name]))
            keep(name, ALL, reversed(places))
    return told


def _step(
    found: Done, step: str, rates: Mapping[str, list[dict[str, Any]]], chosen: Settings
) -> dict[str, Any]:
    told: dict[str, Any] = {"reached": found.reached.get(step, 0), "contact": None}
    numbers = found.numbers.get(step)
    if numbers is None:
        return told
    spent = found.spent.get(step)
    told["contact"] = _contact(numbers) | {
        "channel": found.channels.get(step, ""),
        "converted": rates.get(f"step:{step}", []),
        "cost": None if spent is None else spent.yen(chosen.cost),
    }
    return told


def _contact(numbers: Numbers) -> dict[str, Any]:
    waiting = numbers.state("queued") + numbers.state("attempting")
    return {
        "intended": numbers.intended, "waiting": waiting,
        **{name: numbers.state(name) for name in ("sent", "suppressed", "failed", "unknown")},
        "reasons": [
            [state, code, people]
            for (state, code), people in sorted(numbers.reasons.items(), key=lambda i: -i[1])
        ],
        **{name: numbers.responses.get(name, 0) for name in RESPONSES},
    }  # fmt: skip


def _holdout(found: Done, step: str, rates: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    control, treated = (rates.get(f"{arm}:{step}", []) for arm in ARMS)
    sizes = [len(found.groups.get(f"{arm}:{step}", Group())) for arm in ARMS]
    ratio = sample_ratio(sizes[0], sizes[1], found.expected[step])
    empty = {"k": 0, "value": 0.0, "open": 0}
    of = max(len(control), len(treated))
    control = control or [empty | {"n": sizes[0]}] * of
    treated = treated or [empty | {"n": sizes[1]}] * of
    apart = [
        difference(t["k"], t["n"], c["k"], c["n"]) for c, t in zip(control, treated, strict=True)
    ]
    return {
        "control": control, "treated": treated, "sizes": sizes,
        "differences": [None if one is None else asdict(one) for one in apart],
        "ratio": None if ratio is None else asdict(ratio) | {"wrong": ratio.wrong},
    }  # fmt: skip


def cost_of(figures: Mapping[str, Any]) -> tuple[float | None, int]:
    """What all contacts cost, None where some of it is not known; and how many they were."""
    contacts = [one["contact"] for one in figures["steps"].values() if one["contact"]]
    sent = sum(one["sent"] for one in contacts)
    costs = [one["cost"] for one in contacts if one["sent"]]
    return (None if not costs or None in costs else float(sum(costs))), sent
