"""The values that a template's fields have for persons: asked of the warehouse, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from enishi.book.access import SYSTEM, Actor
from enishi.book.workspace import current_workspace
from enishi.gate.asking import catalog, warehouse
from enishi.lists.checking import purpose_for_rules
from enishi.messages.wording.filters import ITEMS_GIVEN, LONGEST
from enishi.messages.wording.formats import unset
from enishi.messages.wording.rendering import AT, GIVEN, NAMING, Compiled

Values: TypeAlias = Mapping[str, object]
"""Field name → value as the warehouse has it (None: unset, and the field's default stands); beside
them what came with the delivery (`_given`), the parts of the name (`_naming`) and the local day of
sending (`_at`). Plain and picklable."""

_FIELD, _NAME = "f_", "n_"  # columns: a field may be called like a column of the person's own


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a person gets no message: these fields are unset and have no default.

    `("person",)`: the warehouse does not know the person (any more).
    """

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """Raw values by person, the names they are shown by, and the fields masked for the reader.

    `whole`: nothing of what was asked for is masked, the parts of the name neither.
    """

    rows: dict[str, dict[str, object]]
    display: dict[str, str]
    masked: list[str]
    whole: bool = True


def values_for(
    persons: Sequence[str],
    compiled: Compiled,
    at: datetime,
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Values | Missing]:
    """The values of each person, in one question. Fields obey the template's purpose: one that
    needs a consent is unset for who has not given it.

    `given`: what came with the delivery, by person. Raises Invalid when the catalog has changed so
    that a field cannot be read any more; Unavailable while nothing serves the warehouse.
    """
    told = given or {}
    found = ask(persons, compiled, at, SYSTEM).rows
    made: dict[str, Values | Missing] = {}
    for person in persons:
        row = found.get(person)
        made[person] = (
            Missing(("person",)) if row is None else _whole(row, compiled, told.get(person) or {})
        )
    return made


def ask(persons: Sequence[str], compiled: Compiled, at: datetime, actor: Actor) -> Answered:
    """The raw values of those whom the actor may see, masked for the actor's role."""
    wanted = list(dict.fromkeys(persons))
    if not wanted:
        return Answered({}, {}, [])
    columns: dict[str, Any] = {f"{_FIELD}{n}": s.value for n, s in compiled.fields.items()}
    columns |= {f"{_NAME}{name}": value for name, value in compiled.naming.items()}
    rule = {
        "version": 1,
        "subject": compiled.subject,
        "purpose": purpose_for_rules(compiled.purpose, catalog()),
        "rule": {"all": []},
    }
    table = warehouse().who(rule, actor=actor, columns=columns, ids=wanted)
    zone = current_workspace().zone
    day = at.astimezone(zone).date()
    names = {name: f"{_FIELD}{name}" for name in compiled.fields}
    parts = {name: f"{_NAME}{name}" for name in compiled.naming}
    held = {name: table.column(name).to_pylist() for name in ("_id", *columns)}
    rows: dict[str, dict[str, object]] = {}
    for place, person in enumerate(held["_id"]):
        row: dict[str, object] = {
            name: _plain(held[column][place], zone) for name, column in names.items()
        }
        row[NAMING] = {name: held[column][place] for name, column in parts.items()}
        row[AT] = day
        rows[str(person)] = row
    shown = dict(zip(rows, table.column("display").to_pylist(), strict=True))
    stars = set((table.schema.metadata or {}).get(b"masked", b"").decode().split(","))
    masked = [name for name, column in names.items() if column in stars]
    masked += ["person.name"] if not stars.isdisjoint(parts.values()) else []
    display = {one: str(name or "") for one, name in shown.items()}
    return Answered(rows, display, masked, stars.isdisjoint(columns))


def _whole(
    row: dict[str, object], compiled: Compiled, given: Mapping[str, Any]
) -> Values | Missing:
    lacking = tuple(
        name for name, spec in compiled.fields.items() if spec.default is None and unset(row[name])
    )
    if lacking:
        return Missing(lacking)
    row[GIVEN] = bounded(given)
    return row


def _plain(value: object, zone: Any) -> object:
    """A value as Liquid works with it: local instants, texts of a bearable length."""
    if isinstance(value, datetime):
        return value.astimezone(zone) if value.tzinfo else value
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST]
    if isinstance(value, list):
        return [str(item)[:LONGEST] for item in value[:ITEMS_GIVEN]]
    return value


def bounded(given: object, levels: int = 5) -> Any:
    """What came from outside with a delivery, as far as a template can use it."""
    if isinstance(given, Mapping):
        if not levels:
            return {}
        items = list(given.items())[:ITEMS_GIVEN]
        return {str(name)[:200]: bounded(value, levels - 1) for name, value in items}
    if isinstance(given, list | tuple):
        return [bounded(value, levels - 1) for value in given[:ITEMS_GIVEN]] if levels else []
    if isinstance(given, str):
        return given[:LONGEST]
    if given is None or isinstance(given, bool | int | float | Decimal):
        return given
    return str(given)[:LONGEST]
