"""What the warehouse can tell of persons for policies, and asking it about single ones.

The facts are read from the dataset of persons: the birth date, telephone numbers, e-mail and postal
addresses and the branch by the meaning of their fields; the household and the time zone by the name
or the labels of a field.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from enishi.book.access import SYSTEM
from enishi.book.workspace import current_workspace
from enishi.catalog.normalise import normalise_email, normalise_phone
from enishi.catalog.types import Catalog, Dataset, Field, FieldType, Meaning
from enishi.gate.asking import catalog, warehouse
from enishi.gate.bodies import RulePolicy
from enishi.gate.policy_set import PolicySet
from enishi.gate.types import Facts
from enishi.kernel.errors import EnishiError

PERSON = "person"
_HOUSEHOLD = ("household", "世帯")
_ZONES = ("timezone", "time_zone", "タイムゾーン", "時間帯")
_LONGEST = 80
_OTHER = Facts()  # nothing that policies ask of persons can be known


@dataclass(frozen=True)
class Telling:
    """Which fields of the dataset of persons tell what."""

    dataset: Dataset

    @cached_property
    def born(self) -> Field | None:
        found = self._meaning(Meaning.BIRTH_DATE)
        return found[0] if found and found[0].type is FieldType.DATE else None

    @cached_property
    def phones(self) -> list[Field]:
        return self._meaning(Meaning.PHONE)

    @cached_property
    def emails(self) -> list[Field]:
        return self._meaning(Meaning.EMAIL)

    @cached_property
    def address(self) -> list[Field]:
        return self._meaning(Meaning.POSTAL_CODE) + self._meaning(Meaning.ADDRESS)

    @cached_property
    def branch(self) -> Field | None:
        return next(iter(self._meaning(Meaning.BRANCH)), None)

    @cached_property
    def household(self) -> Field | None:
        return self._named(_HOUSEHOLD)

    @cached_property
    def zone(self) -> Field | None:
        return self._named(_ZONES)

    @cached_property
    def known(self) -> frozenset[str]:
        """The facts that can be known of anybody."""
        found = {
            "birth_date": self.born, "household": self.household, "phone": self.phones,
            "sms": self.phones, "email": self.emails, "post": self._meaning(Meaning.ADDRESS),
            "visit": self._meaning(Meaning.ADDRESS), "address": self._meaning(Meaning.ADDRESS),
        }  # fmt: skip
        return frozenset(name for name, fields in found.items() if fields)

    @cached_property
    def columns(self) -> list[Field]:
        """Every field that is read."""
        single = [f for f in (self.born, self.branch, self.household, self.zone) if f is not None]
        found = {f.name: f for f in (*single, *self.phones, *self.emails, *self.address)}
        return list(found.values())

    def facts(self, row: Mapping[str, Any], secret: bytes) -> Facts:
        """A row of the dataset as facts; `rules` are not among them."""
        reach = set()
        if any(normalise_phone(t) for t in _texts(row, self.phones)):
            reach |= {"phone", "sms"}
        if any(normalise_email(t) for t in _texts(row, self.emails)):
            reach.add("email")
        written = list(_texts(row, self._meaning(Meaning.ADDRESS)))
        if written:
            reach |= {"post", "visit"}
        born = row.get(self.born.name) if self.born is not None else None
        return Facts(
            told=True,
            birth_date=born if isinstance(born, date) else None,
            household=_one(row, self.household),
            address=_digest(secret, _texts(row, self.address)) if written else "",
            zone=_zone(_one(row, self.zone)),
            branch=_one(row, self.branch),
            reach=frozenset(reach),
            known=self.known,
        )

    def _meaning(self, meaning: Meaning) -> list[Field]:
        return [f for f in self.dataset.fields.values() if f.meaning is meaning]

    def _named(self, words: Sequence[str]) -> Field | None:
        for field in self.dataset.fields.values():
            told = f"{field.name} {field.label.ja} {field.label.en}".casefold()
            if field.type is FieldType.STRING and any(word in told for word in words):
                return field
        return None


def telling(found: Catalog) -> Telling | None:
    """How this catalog tells of persons; None without persons."""
    dataset = found.subject_dataset(PERSON)
    return None if dataset is None else Telling(dataset)


def _texts(row: Mapping[str, Any], fields: Iterable[Field]) -> Iterable[str]:
    for field in fields:
        value = row.get(field.name)
        for one in value if isinstance(value, list) else [value]:
            if one is not None and str(one).strip():
                yield str(one)


def _one(row: Mapping[str, Any], field: Field | None) -> str:
    value = None if field is None else row.get(field.name)
    return "" if value is None else str(value).strip()[:_LONGEST]


def _zone(name: str) -> str:
    try:
        return str(ZoneInfo(name)) if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def _digest(secret: bytes, texts: Iterable[str]) -> str:
    """A keyed digest of an address, the same however its width and blanks are written."""
    told = "|".join("".join(unicodedata.normalize("NFKC", t).casefold().split()) for t in texts)
    return hmac.new(secret, b"address:" + told.encode(), hashlib.sha256).hexdigest()[:32]


def ask_warehouse(persons: Sequence[str], policies: PolicySet) -> dict[str, Facts]:
    """The facts of persons whom the mirror does not hold yet; those told of nothing are absent.

    Consents of the catalog are not among them: until the mirror holds a person she has none.
    Other subjects, companies say, have none of these facts, so that policies about them stop none.
    """
    told = _ask_persons(persons, policies)
    rest = [one for one in persons if one not in told]
    return told | dict.fromkeys(_other_subjects(rest), _OTHER)


def _other_subjects(ids: Sequence[str]) -> set[str]:
    """Those of `ids` that are subjects of the catalog and no persons."""
    found: set[str] = set()
    try:
        for dataset in catalog().subjects():
            if ids and dataset.subject is not None and dataset.subject != PERSON:
                found |= warehouse().in_scope(ids, actor=SYSTEM, subject=dataset.subject)
    except EnishiError:
        return set()
    return found


def _ask_persons(persons: Sequence[str], policies: PolicySet) -> dict[str, Facts]:
    try:
        found = telling(catalog())
        if found is None:
            return {}
        columns = {f"f_{n}": {"field": f.name} for n, f in enumerate(found.columns)}
        asked = warehouse()
        table = asked.view(PERSON, None, columns, actor=SYSTEM, ids=list(persons))
        rules = _rules_true(persons, policies)
    except EnishiError:
        return {}
    secret = current_workspace().secret()
    told = {}
    for row in table.to_pylist():
        values = {f.name: row[f"f_{n}"] for n, f in enumerate(found.columns)}
        held = frozenset(version for version, ids in rules.items() if row["_id"] in ids)
        told[row["_id"]] = replace(found.facts(values, secret), rules=held)
    return told


def _rules_true(persons: Sequence[str], policies: PolicySet) -> dict[str, set[str]]:
    """By version of a rule policy, of which of these persons its rule holds."""
    found = {}
    for policy in policies.others:
        if isinstance(policy.body, RulePolicy):
            found[policy.version] = holding(policy.body, persons)
    return found


def with_rules(facts: dict[str, Facts], rules: Mapping[str, RulePolicy]) -> dict[str, Facts]:
    """Facts with the rules the mirror has not decided yet; untold where nobody can decide them."""
    try:
        for version, body in rules.items():
            held = holding(body, list(facts))
            facts = {
                person: replace(told, rules=told.rules | {version}) if person in held else told
                for person, told in facts.items()
            }
    except EnishiError:
        return {person: replace(told, told=False) for person, told in facts.items()}
    return facts


def holding(body: RulePolicy, persons: Sequence[str] | None = None) -> set[str]:
    """Of whom a policy's rule holds now, of everybody or of these persons."""
    table = warehouse().view(PERSON, body.rule, actor=SYSTEM, ids=persons)
    return set(table.column("_id").to_pylist())
