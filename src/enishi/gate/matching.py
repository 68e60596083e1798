"""Whom the rows of a file name: by customer number, by telephone number, by e-mail address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from enishi.book.access import SYSTEM
from enishi.catalog.normalise import normalise_email, normalise_text
from enishi.catalog.types import Dataset, FieldType, Meaning
from enishi.gate.asking import catalog, warehouse

_AT_ONCE = 5000  # texts in one rule
_JAPAN = "+81"


@dataclass(frozen=True, slots=True)
class Known:
    """Normal form → the Enishi ids of everybody it names; several share a telephone number."""

    keys: Mapping[str, Sequence[str]]
    phones: Mapping[str, Sequence[str]]
    emails: Mapping[str, Sequence[str]]


def persons_of() -> Dataset | None:
    """The dataset whose rows are the persons; None when the catalog names none."""
    found = catalog()
    return found.subject_dataset("person") or next(iter(found.subjects()), None)


def key_names() -> tuple[str, ...]:
    """What the column of the customer number may be called: the key's name, labels and aliases."""
    persons = persons_of()
    if persons is None or len(persons.key) != 1:
        return ()
    key = persons.fields[persons.key[0]]
    return (key.name, key.label.ja, key.label.en, *key.aliases)


def known(keys: Iterable[str], phones: Iterable[str], emails: Iterable[str]) -> Known:
    """Everybody whom these customer numbers, E.164 numbers and addresses name, in any scope.

    A do-not-contact holds whoever is allowed to see the person, so no row scope is applied.
    """
    persons = persons_of()
    if persons is None:
        return Known({}, {}, {})
    return Known(
        _by_key(persons, keys), _by_phone(persons, set(phones)), _by_email(persons, emails)
    )


def _by_key(persons: Dataset, keys: Iterable[str]) -> dict[str, list[str]]:
    if len(persons.key) != 1:
        return {}
    name = persons.key[0]
    number = persons.fields[name].type is FieldType.INTEGER
    wanted = dict.fromkeys(key for key in keys if not number or key.isdecimal())
    values: Callable[[list[str]], list[Any]] = (
        (lambda batch: [int(key) for key in batch]) if number else list
    )
    return _equal(persons, [name], wanted, values, lambda held: normalise_text(str(held)))


def _by_email(persons: Dataset, emails: Iterable[str]) -> dict[str, list[str]]:
    """Texts compare without regard to case and width, so an address is found by itself."""
    names = _named(persons, Meaning.EMAIL)
    return _equal(persons, names, dict.fromkeys(emails), list, normalise_email)


def _by_phone(persons: Dataset, phones: set[str]) -> dict[str, list[str]]:
    """By the digits of every number that is kept, whatever stands between them.

    How a number is cut differs from system to system, so the numbers of all persons are read, once.
    """
    names = _named(persons, Meaning.PHONE)
    told: dict[str, list[str]] = {}
    if not names or not phones:
        return told
    by_digits = {_domestic(number): number for number in phones}
    wanted = pa.array(list(by_digits), pa.string())
    table = _ask(persons, {"any": [{"field": name, "op": "is_set"} for name in names]}, names)
    for column in table.column_names[1:]:
        digits = pc.utf8_normalize(table.column(column), form="NFKC")
        digits = pc.replace_substring_regex(digits, pattern=r"[^0-9+]", replacement="")
        digits = pc.replace_substring_regex(digits, pattern=r"^\+810?", replacement="0")
        hits = pc.is_in(digits, value_set=wanted)
        for person, number in zip(
            table.column("_id").filter(hits).to_pylist(),
            digits.filter(hits).to_pylist(),
            strict=True,
        ):
            named = told.setdefault(by_digits[number], [])
            if person not in named:
                named.append(person)
    return told


def _domestic(number: str) -> str:
    """A Japanese number as it is dialled at home; another as E.164 has it."""
    return f"0{number.removeprefix(_JAPAN)}" if number.startswith(_JAPAN) else number


def _equal(
    persons: Dataset,
    names: Sequence[str],
    wanted: Mapping[str, None],
    values: Callable[[list[str]], list[Any]],
    normal: Callable[[str], str | None],
) -> dict[str, list[str]]:
    """Persons one of whose fields equals a wanted text, compared in normal form."""
    told: dict[str, list[str]] = {}
    if not names:
        return told
    for batch in _batches(wanted):
        rule = {"any": [{"field": name, "op": "in", "value": values(batch)} for name in names]}
        for person, *held in _rows(_ask(persons, rule, names)):
            for value in {normal(text) for text in held if text is not None}:
                if value in wanted:
                    told.setdefault(str(value), []).append(person)
    return told


def _named(persons: Dataset, meaning: Meaning) -> list[str]:
    return [
        field.name
        for field in persons.fields.values()
        if field.meaning is meaning and field.type is FieldType.STRING
    ]


def _ask(persons: Dataset, rule: Mapping[str, Any], names: Sequence[str]) -> pa.Table:
    """`_id` and the values of `names` of everybody the rule names."""
    asked = {f"asked_{at}": {"field": name} for at, name in enumerate(names)}
    envelope = {"version": 1, "subject": persons.name, "rule": rule}
    table: pa.Table = warehouse().who(envelope, actor=SYSTEM, columns=asked)
    return table.select(["_id", *asked])


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def _batches(values: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch
