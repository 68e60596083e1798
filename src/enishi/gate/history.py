"""Reading from the book what a decision is made from: facts and history of persons, in few queries.

Everything is read as it stands now; what did not count yet, or counted no more, at the instant
asked about is for `deciding` to leave out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from enishi.book.workspace import current_workspace
from enishi.gate.bodies import Cap
from enishi.gate.book_rows import instant, marks, maybe_day, maybe_instant, rows, told
from enishi.gate.caps import longest
from enishi.gate.models import Restriction
from enishi.gate.people import names_of
from enishi.gate.policy_set import PolicySet
from enishi.gate.sentences import sentence_of
from enishi.gate.types import Contact, Facts, History, Leave, Statement, Stop

UNTOLD = Facts(told=False)


def facts_of(persons: Sequence[str]) -> dict[str, Facts]:
    """What the mirror knows of persons; who is not in it is absent."""
    if not persons:
        return {}
    among = marks(persons)
    rules: dict[str, set[str]] = defaultdict(set)
    for person, version in rows(
        f"SELECT person, version FROM gate_profilerule WHERE person IN ({among})", persons
    ):
        rules[person].add(version)
    found = rows(
        "SELECT person, birth_date, household, address, zone, branch, reach, known"
        f" FROM gate_profile WHERE person IN ({among})",
        persons,
    )
    return {
        person: Facts(
            True, maybe_day(born), household, address, zone, branch, names(reach), names(known),
            frozenset(rules.get(person, ())),
        )
        for person, born, household, address, zone, branch, reach, known in found
    }  # fmt: skip


def decided_rules() -> frozenset[str]:
    """The versions of rule policies whose rules the mirror has decided for everybody."""
    found = rows("SELECT mirror FROM gate_gatestate WHERE id = 1")
    return frozenset(told(found[0][0]).get("rules", ())) if found else frozenset()


def names(joined: str) -> frozenset[str]:
    return frozenset(joined.split(",")) if joined else frozenset()


def histories_of(
    facts: Mapping[str, Facts],
    policies: PolicySet,
    *,
    channel: str | None,
    at: datetime,
    for_user: str | None = None,
    past: bool = False,
) -> dict[str, History]:
    """The history of each of the persons in `facts`.

    `channel` none is of all channels. `for_user` narrows the approvals. Without `past` only what
    can count from `at` on is read; with it, what has been released or voided since is read too.
    """
    persons = list(facts)
    if not persons:
        return {}
    stops = _stops(persons, channel, at, past)
    statements = _statements(persons, channel, past)
    contacts = _contacts(facts, policies, at, past)
    leaves = _leaves(persons, at, for_user)
    return {
        person: History(
            tuple(stops.get(person, ())),
            tuple(statements.get(person, ())),
            tuple(contacts.get(person, ())),
            tuple(leaves.get(person, ())),
        )
        for person in persons
    }


_STOP = (
    "id", "type", "person", "kind", "product", "product_label", "channel", "via", "until", "by",
    "at", "released_at",
)  # fmt: skip


def _stops(
    persons: Sequence[str], channel: str | None, at: datetime, past: bool
) -> dict[str, list[Stop]]:
    sql = f"person IN ({marks(persons)})"
    parameters: list[object] = list(persons)
    if not past:
        sql += ' AND released_at IS NULL AND "at" <= %s AND ("until" IS NULL OR "until" > %s)'
        parameters += [at, at]
    if channel is not None:
        sql += " AND (channel IS NULL OR channel = %s)"
        parameters.append(channel)
    columns = ", ".join(f'"{name}"' for name in _STOP)
    found_rows = rows(
        f'SELECT {columns} FROM gate_restriction WHERE {sql} ORDER BY "at" DESC, id DESC',
        parameters,
    )
    if not found_rows:
        return {}
    read = [_restriction(row) for row in found_rows]
    users = names_of(row.by for row in read)
    zone = current_workspace().zone
    found: dict[str, list[Stop]] = defaultdict(list)
    for row in read:
        found[row.person].append(
            Stop(
                row.id, row.type, row.kind, row.product, row.channel, row.at, row.until,
                row.released_at, sentence_of(row, users.get(row.by, ""), zone, at),
            )
        )  # fmt: skip
    return found


def _restriction(values: Sequence[object]) -> Restriction:
    row = dict(zip(_STOP, values, strict=True))
    row |= {
        "at": instant(row["at"]), "until": maybe_instant(row["until"]),
        "released_at": maybe_instant(row["released_at"]),
        "product_label": told(row["product_label"]),
    }  # fmt: skip
    return Restriction(**row)


def _statements(
    persons: Sequence[str], channel: str | None, past: bool
) -> dict[str, list[Statement]]:
    sql = f"person IN ({marks(persons)})"
    parameters: list[object] = list(persons)
    if not past:
        sql += " AND voided_at IS NULL"
    if channel is not None:
        sql += " AND (channel IS NULL OR channel = %s)"
        parameters.append(channel)
    found: dict[str, list[Statement]] = defaultdict(list)
    for person, id_, on, purpose, given, at, until, voided in rows(
        'SELECT person, id, channel, purpose, given, "at", "until", voided_at'
        f" FROM gate_consent WHERE {sql}",
        parameters,
    ):
        found[person].append(
            Statement(
                id_, on, purpose, bool(given), instant(at), maybe_instant(until),
                maybe_instant(voided),
            )
        )  # fmt: skip
    return found


def _contacts(
    facts: Mapping[str, Facts], policies: PolicySet, at: datetime, past: bool
) -> dict[str, list[Contact]]:
    capped = [policy.body for policy in policies.others if isinstance(policy.body, Cap)]
    if not capped:
        return {}
    shared = {cap.per for cap in capped}
    groups = {
        "person": list(facts),
        "household": _shared(facts, "household") if "household" in shared else [],
        "address": _shared(facts, "address") if "address" in shared else [],
    }
    sql = '"at" > %s'
    parameters: list[object] = [at - max(longest(cap) for cap in capped)]
    if not past:
        sql += " AND given_back_at IS NULL AND (held_until IS NULL OR held_until > %s)"
        parameters.append(at)
    # One SELECT for each index: an OR over three columns would use none of them.
    parts: list[str] = []
    everything: list[object] = []
    for column, values in groups.items():
        if values:
            parts.append(f"SELECT {_CONTACT} WHERE {column} IN ({marks(values)}) AND {sql}")
            everything += [*values, *parameters]
    about = {column: _by(facts, column) for column, values in groups.items() if values}
    found: dict[str, list[Contact]] = defaultdict(list)
    for row in rows(" UNION ".join(parts), everything):
        contact = _contact(row)
        whom = {contact.person} & facts.keys()
        for column, persons in about.items():
            whom |= set(persons.get(getattr(contact, column), ()))
        for person in whom:
            found[person].append(contact)
    return found


_CONTACT = (
    'id, person, household, address, channel, purpose, purpose_class, "at", "by", source,'
    " held_until, given_back_at FROM gate_contactmade"
)


def _contact(row: Sequence[Any]) -> Contact:
    _, person, household, address, channel, purpose, kind, at, by, source, held, ended = row
    return Contact(
        person, household, address, channel, purpose, kind, instant(at), by, source,
        maybe_instant(held), maybe_instant(ended),
    )  # fmt: skip


def _shared(facts: Mapping[str, Facts], name: str) -> list[str]:
    return sorted({getattr(known, name) for known in facts.values()} - {""})


def _by(facts: Mapping[str, Facts], column: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for person, known in facts.items():
        value = person if column == "person" else getattr(known, column)
        if value:
            found[value].append(person)
    return found


def _leaves(persons: Sequence[str], at: datetime, for_user: str | None) -> dict[str, list[Leave]]:
    sql = f"person IN ({marks(persons)}) AND state = 'approved' AND valid_until > %s"
    parameters: list[object] = [*persons, at]
    if for_user is not None:
        sql += " AND for_user = %s"
        parameters.append(for_user)
    found: dict[str, list[Leave]] = defaultdict(list)
    for person, id_, channel, purpose, product, reasons, user, by, decided, until in rows(
        "SELECT person, id, channel, purpose, product, reasons, for_user, decided_by, decided_at,"
        f" valid_until FROM gate_approval WHERE {sql}",
        parameters,
    ):
        covers = frozenset((r["code"], r.get("restriction", "")) for r in told(reasons))
        found[person].append(
            Leave(
                id_, channel, purpose, product, covers, user, by, instant(decided), instant(until)
            )
        )
    return found
