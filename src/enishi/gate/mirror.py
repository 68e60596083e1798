"""The gate's copy of the warehouse: facts about persons, their consents, and whom rules hold of.

It is made slice by slice in short units, and made anew when the catalog tells otherwise of persons
and once every local day; between, only the persons that a load has touched are looked at. The
state in the book says how far a run has come, so that a process that dies loses one slice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from enishi.book.clock import now
from enishi.book.unit import crash_point, in_chunks, work
from enishi.book.workspace import current_workspace
from enishi.catalog.types import BaseStep, Catalog
from enishi.gate.bodies import RulePolicy
from enishi.gate.in_force import policies_in_force
from enishi.gate.models import Consent, GateState, Profile, ProfileRule
from enishi.gate.profile import Telling, holding, telling
from enishi.gate.types import CHANNEL_WORDS, Facts
from enishi.kernel.business_days import instant
from enishi.warehouse.engine import Question
from enishi.warehouse.narrowing import narrowed
from enishi.warehouse.process import warehouse
from enishi.warehouse.related import present

SLICE = 2000
"""Persons looked at in one go."""
_ROWS = 200  # persons written in one unit, to begin with
_LAYOUT = 1  # of what is stored; a change makes everything anew


@dataclass(frozen=True, slots=True)
class Said:
    """A row of the catalog's consents, as a statement."""

    id: str
    channel: str | None
    purpose: str
    at: datetime
    until: datetime | None
    evidence: str


def run_once() -> bool:
    """One slice of what there is to do; True when there may be more."""
    found = warehouse()
    told = telling(found.catalog)
    if told is None:
        return False
    state = _state()
    newest = _newest_load(found.engine)
    plan = _plan(found.catalog, told)
    today = now().astimezone(current_workspace().zone).date().isoformat()
    if state.get("plan") != plan or state.get("day") != today:
        if newest is None and "plan" not in state:
            return False  # nothing has ever been loaded
        rules = state.get("rules", {})
        state = {"plan": plan, "day": today, "cursor": "", "load": newest or "", "rules": rules}
    if state.get("cursor") is not None:
        _whole(found, told, state)
        return True
    if newest is not None and newest != state["load"]:
        _touched(found, told, state, newest)
        return True
    return _rules(state)


def done() -> bool:
    """Whether the mirror holds everybody: a whole run has come to its end."""
    return _state().get("cursor", "") is None


def _state() -> dict[str, Any]:
    row = GateState.objects.filter(id=1).first()
    return {} if row is None else dict(row.mirror)


def _keep(state: Mapping[str, Any]) -> None:
    if not GateState.objects.filter(id=1).update(mirror=dict(state)):
        GateState.objects.create(id=1, mirror=dict(state))


def _plan(catalog: Catalog, told: Telling) -> str:
    """Changes when other columns tell of persons, or consents stand elsewhere."""
    source = catalog.consents
    parts = [_LAYOUT, told.dataset.name, *(f"{f.name}:{f.meaning}" for f in told.columns), source]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _newest_load(engine: Any) -> str | None:
    with engine.books.read() as books:
        found: str | None = books.one("SELECT max(id) FROM enishi.loads WHERE state = 'loaded'")
    return found


# ── persons ──────────────────────────────────────────────────────────────────────────────────


def _whole(found: Any, told: Telling, state: dict[str, Any]) -> None:
    """The next slice of everybody; persons who are no longer there go with it."""
    cursor = str(state["cursor"])
    spelling = found.engine.spelling
    with found.engine.read() as question:
        rows = question.rows(
            f"SELECT _id FROM {spelling.data(told.dataset.name)} t"
            f" WHERE {present(told.dataset)} AND _id > {spelling.text(cursor)}"
            f" ORDER BY _id LIMIT {SLICE}"
        )
    persons = [row[0] for row in rows]
    last = persons[-1] if len(persons) == SLICE else None
    _copy(found, told, persons)
    _forget(cursor, last, set(persons))
    crash_point("gate.mirror")
    with work("gate.mirror"):
        _keep(state | {"cursor": last})


def _touched(found: Any, told: Telling, state: dict[str, Any], newest: str) -> None:
    """The persons whose rows, or whose consents' rows, the loads since the last time have changed.

    Removed rows are not among what a load leaves behind: a consent that was removed, and a person,
    go with the next whole run.
    """
    spelling, catalog = found.engine.spelling, found.catalog
    with found.engine.books.read() as books:
        loads = books.rows(
            "SELECT id, dataset FROM enishi.loads WHERE state = 'loaded' AND id > ?",
            [state["load"]],
        )
    by_dataset: dict[str, list[str]] = defaultdict(list)
    for load, dataset in loads:
        by_dataset[dataset].append(spelling.text(load))
    persons: set[str] = set()
    steps = _consent_steps(catalog, told)
    with found.engine.read() as question:
        if own := by_dataset.get(told.dataset.name):
            persons |= _ids(
                question,
                f"SELECT _id FROM {spelling.data(told.dataset.name)}"
                f" WHERE {present(told.dataset)} AND _load IN ({', '.join(own)})",
            )
        consents = by_dataset.get(steps[-1].target) if steps else None
        if consents:
            joined = _joined(found, told, steps)
            persons |= _ids(
                question, f"SELECT p._id {joined} AND c._load IN ({', '.join(consents)})"
            )
    everyone = sorted(persons)
    for start in range(0, len(everyone), SLICE):
        _copy(found, told, everyone[start : start + SLICE])
    with work("gate.mirror"):
        _keep(state | {"load": newest})


def _ids(question: Question, sql: str) -> set[str]:
    return {row[0] for row in question.rows(sql) if row[0] is not None}


def _copy(found: Any, told: Telling, persons: Sequence[str]) -> None:
    """Write what the warehouse tells of these persons, where it differs from what is written."""
    if not persons:
        return
    spelling = found.engine.spelling
    names = "".join(f", t.{spelling.name(f.name)}" for f in told.columns)
    among = ", ".join(map(spelling.text, persons))
    with found.engine.read() as question:
        rows = question.records(
            f"SELECT t._id AS _id{names} FROM {spelling.data(told.dataset.name)} t"
            f" WHERE {present(told.dataset)} AND t._id IN ({among})"
        )
        consents = _consents(found, told, question, among)
    secret = current_workspace().secret()
    before = dict(Profile.objects.filter(person__in=persons).values_list("person", "digest"))
    changed = []
    for row in rows:
        facts, said = told.facts(row, secret), consents.get(row["_id"], [])
        digest = _digest(facts, said)
        if before.get(row["_id"]) != digest:
            changed.append((row["_id"], facts, said, digest))
    in_chunks(changed, _write, size=_ROWS, name="gate.mirror")


def _digest(facts: Facts, said: Sequence[Said]) -> str:
    told = (
        facts.birth_date, facts.household, facts.address, facts.zone, facts.branch,
        sorted(facts.reach), sorted(facts.known), sorted(said, key=lambda s: s.id),
    )  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def _write(changed: list[tuple[str, Facts, list[Said], str]]) -> None:
    Profile.objects.bulk_create(
        [
            Profile(
                person=person, birth_date=facts.birth_date, household=facts.household,
                address=facts.address, zone=facts.zone, branch=facts.branch,
                reach=",".join(sorted(facts.reach)), known=",".join(sorted(facts.known)),
                digest=digest,
            )
            for person, facts, _, digest in changed
        ],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=[
            "birth_date", "household", "address", "zone", "branch", "reach", "known", "digest",
        ],
    )  # fmt: skip
    persons = [person for person, *_ in changed]
    Consent.objects.filter(person__in=persons, origin="catalog").delete()
    Consent.objects.bulk_create(
        Consent(
            id=one.id, person=person, channel=one.channel, purpose=one.purpose, given=True,
            at=one.at, until=one.until, how="import", evidence=one.evidence, origin="catalog",
            by="system", recorded_at=one.at,
        )
        for person, _, said, _ in changed
        for one in said
    )  # fmt: skip


def _forget(after: str, last: str | None, there: set[str]) -> None:
    """Remove the persons between two ids whom the warehouse does not hold any more."""
    kept = Profile.objects.filter(person__gt=after)
    if last is not None:
        kept = kept.filter(person__lte=last)
    gone = [p for p in kept.values_list("person", flat=True) if p not in there]

    def remove(persons: list[str]) -> None:
        Profile.objects.filter(person__in=persons).delete()
        Consent.objects.filter(person__in=persons, origin="catalog").delete()
        ProfileRule.objects.filter(person__in=persons).delete()

    in_chunks(gone, remove, size=_ROWS, name="gate.mirror")


# ── consents of the catalog ──────────────────────────────────────────────────────────────────


def _consent_steps(catalog: Catalog, told: Telling) -> tuple[BaseStep, ...]:
    source = catalog.consents
    if source is None:
        return ()
    return catalog.expand(told.dataset.name, source.relation) or ()


def _joined(found: Any, told: Telling, steps: Sequence[BaseStep]) -> str:
    """FROM … WHERE …: persons `p` with the rows `c` at the end of the way to their consents."""
    spelling, catalog = found.engine.spelling, found.catalog
    joins, tests = [], [f"p.{present(told.dataset)}" if told.dataset.versioned else "true"]
    before = "p"
    for number, step in enumerate(steps):
        alias = "c" if number == len(steps) - 1 else f"s{number}"
        target = catalog.datasets[step.target]
        on = " AND ".join(
            f"{before}.{spelling.name(here)} = {alias}.{spelling.name(there)}"
            for here, there in step.columns
        )
        joins.append(f" JOIN {spelling.data(step.target)} {alias} ON {on}")
        if target.versioned:
            tests.append(f"{alias}.{present(target)}")
        tests += [
            narrowed(found.engine, where, target, alias, catalog, now()) for where in step.wheres
        ]
        before = alias
    return f"FROM {spelling.data(told.dataset.name)} p{''.join(joins)} WHERE {' AND '.join(tests)}"


def _consents(found: Any, told: Telling, question: Question, among: str) -> dict[str, list[Said]]:
    source, steps = found.catalog.consents, _consent_steps(found.catalog, told)
    if source is None or not steps:
        return {}
    dataset, spelling = found.catalog.datasets[steps[-1].target], found.engine.spelling
    evidence = "evidence" if "evidence" in dataset.fields else None
    wanted = {
        "purpose": source.purpose, "channel": source.channel, "from": source.from_,
        "to": source.to, "evidence": evidence,
    }  # fmt: skip
    columns = "".join(
        f", c.{spelling.name(name)} AS _{role}"
        for role, name in wanted.items()
        if name is not None and name in dataset.fields
    )
    keys = "".join(f", c.{spelling.name(name)} AS _key{n}" for n, name in enumerate(dataset.key))
    rows = question.records(
        f"SELECT p._id AS _id{keys}{columns} {_joined(found, told, steps)} AND p._id IN ({among})"
    )
    told_by: dict[str, list[Said]] = defaultdict(list)
    for row in rows:
        said = _said(row, dataset.name, len(dataset.key))
        if said is not None:
            told_by[row["_id"]].append(said)
    return told_by


def _said(row: Mapping[str, Any], dataset: str, keys: int) -> Said | None:
    """A row as a statement; None for one of no purpose, of an unknown channel or of no time."""
    purpose, told = row.get("_purpose"), row.get("_channel")
    channel = None if told in (None, "") else _channel(str(told))
    begins = _at(row.get("_from"))
    if not purpose or channel == "" or begins is None:
        return None
    key = [row[f"_key{n}"] for n in range(keys)]
    digest = hashlib.sha256(f"{dataset}:{row['_id']}:{key!r}".encode()).hexdigest()[:24]
    where = f"{dataset} {' / '.join(map(str, key))}"
    return Said(
        f"cnd_{digest}", channel, str(purpose), begins, _at(row.get("_to")),
        f"{where}: {row.get('_evidence') or ''}".removesuffix(": "),
    )  # fmt: skip


def _channel(told: str) -> str:
    """A channel by its code or its word; empty for one that is none of ours."""
    for channel, words in CHANNEL_WORDS.items():
        if told.casefold() in (channel, words.ja.casefold(), words.en.casefold()):
            return str(channel)
    return ""


def _at(value: object) -> datetime | None:
    """A date, from its local midnight, or a time in UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return instant(value, time(0), current_workspace().zone)
    return None


# ── rules ────────────────────────────────────────────────────────────────────────────────────


def _rules(state: dict[str, Any]) -> bool:
    """Decide one rule policy for everybody, if one is due; what is not in force goes."""
    bodies = {
        p.version: p.body for p in policies_in_force().policies if isinstance(p.body, RulePolicy)
    }
    seen = dict(state.get("rules", {}))
    stale = set(ProfileRule.objects.values_list("version", flat=True).distinct()) - bodies.keys()
    if stale:
        _drop_rules(ProfileRule.objects.filter(version__in=stale).values_list("id", flat=True))
    mark = f"{state['load']} {state['day']}"
    due = [version for version in bodies if seen.get(version) != mark]
    if not due:
        return False
    version = due[0]
    holds = holding(bodies[version])
    before = dict(ProfileRule.objects.filter(version=version).values_list("person", "id"))
    _drop_rules(row for person, row in before.items() if person not in holds)

    def add(persons: list[str]) -> None:
        rows = [ProfileRule(version=version, person=person) for person in persons]
        ProfileRule.objects.bulk_create(rows, ignore_conflicts=True)

    in_chunks(sorted(holds - before.keys()), add, size=_ROWS, name="gate.rules")
    with work("gate.rules"):
        decided = {one: told for one, told in seen.items() if one in bodies} | {version: mark}
        _keep(state | {"rules": decided})
    return True


def _drop_rules(rows: Iterable[int]) -> None:
    def remove(ids: list[int]) -> None:
        ProfileRule.objects.filter(id__in=ids).delete()

    in_chunks(rows, remove, size=_ROWS, name="gate.rules")
