"""Whom the rows of a file name: by customer number, by telephone number, by e-mail address.

The warehouse is asked with the spellings a telephone number or an address is usually kept in; what
it answers is brought to normal form and compared, so that a row never names the wrong person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from enishi.book.access import SYSTEM
from enishi.catalog.normalise import normalise_email, normalise_phone, normalise_text
from enishi.catalog.types import Dataset, FieldType, Meaning
from enishi.gate.asking import catalog, warehouse

_AT_ONCE = 300  # some thirty spellings each; a rule compares with 10,000 texts at most
_JAPAN = "+81"
_CUTS = {10: ((2, 6), (3, 6), (4, 6), (5, 6), (4, 7)), 11: ((3, 7), (4, 7))}
"""Digits of a domestic number → where its parts end: 03-1234-5678, 0120-123-456, 090-1234-5678."""

_NUMBERS = (FieldType.INTEGER,)


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
        _by_key(persons, keys),
        _by_fields(persons, Meaning.PHONE, phones, _phone_spellings, normalise_phone),
        _by_fields(persons, Meaning.EMAIL, emails, _email_spellings, normalise_email),
    )


def _by_key(persons: Dataset, keys: Iterable[str]) -> dict[str, list[str]]:
    if len(persons.key) != 1:
        return {}
    name = persons.key[0]
    number = persons.fields[name].type in _NUMBERS
    told: dict[str, list[str]] = {}
    wanted = dict.fromkeys(key for key in keys if not number or key.isdecimal())
    for batch in _batches(wanted):
        values: list[Any] = [int(key) for key in batch] if number else batch
        rule = {"field": name, "op": "in", "value": values}
        for person, (value,) in _ask(persons, rule, (name,)):
            told.setdefault(str(normalise_text(str(value))), []).append(person)
    return told


def _by_fields(
    persons: Dataset,
    meaning: Meaning,
    values: Iterable[str],
    spellings: Callable[[str], list[str]],
    normal: Callable[[str], str | None],
) -> dict[str, list[str]]:
    names = [
        field.name
        for field in persons.fields.values()
        if field.meaning is meaning and field.type is FieldType.STRING
    ]
    told: dict[str, list[str]] = {}
    if not names:
        return told
    for batch in _batches(dict.fromkeys(values)):
        wanted = set(batch)
        written = [spelling for value in batch for spelling in spellings(value)]
        rule = {"any": [{"field": name, "op": "in", "value": written} for name in names]}
        for person, held in _ask(persons, rule, names):
            for value in {normal(text) for text in held if text} & wanted:
                told.setdefault(str(value), []).append(person)
    return told


def _ask(
    persons: Dataset, rule: Mapping[str, Any], names: Sequence[str]
) -> list[tuple[str, list[Any]]]:
    """The Enishi id and the values of `names` of everybody the rule names."""
    asked = {f"asked_{at}": {"field": name} for at, name in enumerate(names)}
    envelope = {"version": 1, "subject": persons.name, "rule": rule}
    table = warehouse().who(envelope, actor=SYSTEM, columns=asked)
    columns = [table.column(name).to_pylist() for name in asked]
    return [
        (str(person), list(values))
        for person, *values in zip(table.column("_id").to_pylist(), *columns, strict=True)
    ]


def _batches(values: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch


def _phone_spellings(number: str) -> list[str]:
    """How +81312345678 may stand in a system: 03-1234-5678, 0312345678, 03(1234)5678 and so on.

    Japanese numbers are cut at every place at which one is written, whatever area they belong to:
    many systems cut all of them alike. Others are written as their country does.
    """
    import phonenumbers

    parsed = phonenumbers.parse(number)
    style = phonenumbers.PhoneNumberFormat
    national = phonenumbers.format_number(parsed, style.NATIONAL)
    told = [
        number, number.removeprefix("+"), national,
        phonenumbers.format_number(parsed, style.INTERNATIONAL),
    ]  # fmt: skip
    if number.startswith(_JAPAN):
        digits = "0" + number.removeprefix(_JAPAN)
        told.append(digits)
        for area, middle in _CUTS.get(len(digits), ()):
            one, two, three = digits[:area], digits[area:middle], digits[middle:]
            told += [f"{one}-{two}-{three}", f"{one} {two} {three}", f"{one}({two}){three}",
                     f"({one}){two}-{three}"]  # fmt: skip
    return list(dict.fromkeys(told))


def _email_spellings(address: str) -> list[str]:
    """Texts compare without regard to case and width, so the normal form is enough."""
    return [address]
