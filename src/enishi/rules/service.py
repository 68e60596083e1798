"""What can be asked of the rules: read, check, bind, describe, evaluate, compile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from enishi.catalog.types import BaseStep, Catalog, Dataset, DatasetKind
from enishi.kernel.text import Locale, Text
from enishi.rules import compile as sql
from enishi.rules.bind import bind_tree
from enishi.rules.check import Checker, Typed
from enishi.rules.compile import DEFAULT_SCHEMAS
from enishi.rules.constant import always_true
from enishi.rules.describe import describe_tree
from enishi.rules.dialects.base import Schemas
from enishi.rules.faults import Faults, Refused, did_you_mean
from enishi.rules.purposes import consent_for
from enishi.rules.tree import All, Node, Value
from enishi.rules.types import CheckedRule, CheckedValue, KnownEvents
from enishi.rules.walk import base_way, ways_of_rule, ways_of_value

VERSION = 1
_ENVELOPE = frozenset({"version", "subject", "purpose", "rule"})


def check_rule(
    json: object,
    catalog: Catalog,
    *,
    subject: str | None = None,
    purpose: str | None = None,
    user_fields: frozenset[str] | None = None,
    audience: bool = False,
    known_events: KnownEvents | None = None,
    within: str | None = None,
) -> CheckedRule:
    """Type a rule against the catalog.

    `json` is a bare rule or the stored envelope `{"version", "subject", "purpose", "rule"}`.
    `subject` is a kind or a dataset's name (default: the only subject, else `person`).
    `user_fields` are the attributes `{"user"}` may name; None where it may not stand at all.
    `audience` refuses a rule that selects everybody by being empty. `known_events` tells the
    event names seen so far, for the warning about others, and is asked only by a rule that names
    an event. `within` is the slug of the segment that is
    being saved: a rule that leans on it, through other segments too, is refused (`cycle`).

    Raises `Invalid` (code `rule_invalid`) whose faults carry JSON path, message and proposal.
    """
    faults = Faults()
    rule, subject, purpose, where = _open(json, subject, purpose, faults)
    dataset = _subject(catalog, subject, faults)
    checker = Checker(
        catalog, dataset, user_fields=user_fields, known_events=known_events, saving=within
    )
    typed = checker.check_rule(rule, where)
    faults.faults.extend(checker.faults.faults)
    consent = consent_for(catalog, dataset, typed, purpose, faults)
    asked = cast(Node, typed.tree)
    if audience and not faults.faults and always_true(asked):
        faults.add(
            "selects_everybody", where,
            Text("この条件は空なので、全員が対象になります。",
                 "This rule is empty, so it selects everybody."),
            Text("条件を1つ以上加えてください。", "Add at least one condition."),
        )  # fmt: skip
    faults.raise_if_any()
    return CheckedRule(
        dataset.name,
        asked if consent is None else All((asked, consent)),
        asked,
        purpose,
        typed.fields,
        typed.datasets | _consent_datasets(catalog, dataset, consent),
        _current(catalog, typed.datasets | _consent_datasets(catalog, dataset, consent)),
        tuple(checker.faults.warnings),
        consent,
        frozenset(typed.segments),
        frozenset(typed.lists),
    )


def check_value(
    json: object, catalog: Catalog, *, subject: str | None = None, purpose: str | None = None
) -> CheckedValue:
    """Type a value (a list column, a score part, a template field). Raises like `check_rule`."""
    faults = Faults()
    dataset = _subject(catalog, subject, faults)
    checker = Checker(catalog, dataset)
    typed: Typed = checker.check_value(json)
    faults.faults.extend(checker.faults.faults)
    consent = consent_for(catalog, dataset, typed, purpose, faults)
    faults.raise_if_any()
    datasets = typed.datasets | _consent_datasets(catalog, dataset, consent)
    return CheckedValue(
        dataset.name, cast(Value, typed.tree), purpose, typed.fields, datasets,
        _current(catalog, datasets), tuple(checker.faults.warnings), consent,
    )  # fmt: skip


def bind_user(rule: CheckedRule, attributes: Mapping[str, object]) -> CheckedRule:
    """The rule with the user's attributes in place of `{"user": …}`.

    Raises `EnishiError` (code `user_value_missing`) for an attribute that is missing, unset or of
    another type, so that a row scope denies.
    """
    return replace(
        rule, tree=bind_tree(rule.tree, attributes), asked=bind_tree(rule.asked, attributes)
    )


def both(*rules: CheckedRule) -> CheckedRule:
    """All of several rules over one subject. Raises `ValueError` when the subjects differ."""
    first = rules[0]
    if any(rule.subject != first.subject for rule in rules):
        raise ValueError("rules over different subjects cannot be combined")
    if len(rules) == 1:
        return first
    consents = tuple(dict.fromkeys(rule.consent for rule in rules if rule.consent is not None))
    return CheckedRule(
        first.subject,
        All(tuple(rule.tree for rule in rules)),
        All(tuple(rule.asked for rule in rules)),
        next((rule.purpose for rule in rules if rule.purpose is not None), None),
        frozenset[tuple[str, str]]().union(*(rule.fields for rule in rules)),
        frozenset[str]().union(*(rule.datasets for rule in rules)),
        frozenset[str]().union(*(rule.uses_current for rule in rules)),
        tuple(dict.fromkeys(warning for rule in rules for warning in rule.warnings)),
        None if not consents else consents[0] if len(consents) == 1 else All(consents),
        frozenset[str]().union(*(rule.segments for rule in rules)),
        frozenset[str]().union(*(rule.lists for rule in rules)),
    )


def _open(
    json: object, subject: str | None, purpose: str | None, faults: Faults
) -> tuple[object, str | None, str | None, str]:
    """The rule inside a stored envelope, with its subject and purpose, and its JSON path."""
    if not isinstance(json, Mapping) or "rule" not in json:
        return json, subject, purpose, "$"
    for name in json:
        if name not in _ENVELOPE:
            faults.add(
                "unknown_key", f"$.{name}",
                Text(f"ここに「{name}」は書けません。", f"`{name}` cannot stand here."),
                did_you_mean(str(name), dict.fromkeys(sorted(_ENVELOPE), ()), Text("", "")),
            )  # fmt: skip
    if json.get("version", VERSION) != VERSION:
        faults.add(
            "unknown_version", "$.version",
            Text(f"版 {json.get('version')} の条件は読めません。",
                 f"Rules of version {json.get('version')} cannot be read."),
            Text(f'"version": {VERSION} にしてください。', f'Write "version": {VERSION}.'),
        )  # fmt: skip
    own_subject = _agree("subject", json.get("subject"), subject, faults)
    own_purpose = _agree("purpose", json.get("purpose"), purpose, faults)
    return json["rule"], own_subject, own_purpose, "$.rule"


def _agree(name: str, stored: object, asked: str | None, faults: Faults) -> str | None:
    """What the envelope says, unless the caller says something else."""
    if stored is None:
        return asked
    if not isinstance(stored, str) or (asked is not None and asked != stored):
        faults.add(
            "disagrees", f"$.{name}",
            Text(f"「{name}」は「{stored}」ですが、ここでは「{asked or '文字列'}」が必要です。",
                 f"`{name}` is {stored!r}, but {asked or 'a text'} is needed here."),
            Text("どちらかに揃えてください。", "Make the two agree."),
        )  # fmt: skip
        return asked
    return stored


def _subject(catalog: Catalog, subject: str | None, faults: Faults) -> Dataset:
    subjects = catalog.subjects()
    if subject is None:
        subject = subjects[0].name if len(subjects) == 1 else "person"
    found = catalog.subject_dataset(subject)
    if found is None:
        known = {d.subject or d.name: (d.name, d.label.ja, d.label.en) for d in subjects}
        faults.add(
            "unknown_subject", "$.subject",
            Text(f"対象「{subject}」はカタログにありません。",
                 f"The catalog has no subject `{subject}`."),
            did_you_mean(subject, known, Text("カタログのデータセットに subject を書いてください。",
                                              "Give a dataset its `subject` in the catalog.")),
        )  # fmt: skip
        faults.raise_if_any()
        raise Refused("unknown_subject")
    return found


def _consent_datasets(catalog: Catalog, subject: Dataset, consent: Node | None) -> frozenset[str]:
    if consent is None or catalog.consents is None:
        return frozenset()
    steps = catalog.expand(subject.name, catalog.consents.relation) or ()
    return frozenset(step.target for step in steps)


def _current(catalog: Catalog, datasets: frozenset[str]) -> frozenset[str]:
    return frozenset(n for n in datasets if catalog.datasets[n].kind is DatasetKind.CURRENT)


def compile_rule(
    rule: CheckedRule,
    catalog: Catalog,
    as_of: datetime,
    dialect: str = "duckdb",
    *,
    schemas: Schemas = DEFAULT_SCHEMAS,
) -> str:
    """One SQL statement: `SELECT "_id"` of every subject for which the rule is true at `as_of`.

    `dialect`: duckdb, clickhouse, spark; trino, snowflake and bigquery are generated, not run.
    """
    return sql.compile_rule(rule, catalog, as_of, dialect, schemas=schemas)


def compile_rows(
    json: object,
    catalog: Catalog,
    dataset: str,
    as_of: datetime,
    dialect: str = "duckdb",
    *,
    schemas: Schemas = DEFAULT_SCHEMAS,
) -> str:
    """One SQL statement: the keys of a dataset's rows for which a rule of the catalog is true.

    `json` is the narrowing of a relation, on the rows it leads to. Raises `Invalid`.
    """
    checker = Checker(catalog, catalog.datasets[dataset])
    typed = checker.check_rule(json)
    checker.faults.raise_if_any()
    tree = cast(Node, typed.tree)
    return sql.compile_rows(tree, catalog, dataset, as_of, dialect, schemas=schemas)


def compile_view(
    catalog: Catalog,
    subject: str,
    rule: CheckedRule | None,
    columns: Mapping[str, CheckedValue],
    as_of: datetime,
    ids_table: str | None = None,
    dialect: str = "duckdb",
    *,
    schemas: Schemas = DEFAULT_SCHEMAS,
) -> str:
    """One SQL statement: `SELECT "_id"` and each value under its alias.

    `rule` None: every subject; `ids_table` names a relation whose column `_id` limits them.
    """
    return sql.compile_view(
        catalog, subject, rule, columns, as_of, ids_table, dialect, schemas=schemas
    )


def needed(asked: CheckedRule | CheckedValue) -> tuple[tuple[BaseStep, ...], ...]:
    """Every join path from the subject whose rows `evaluate` reads, prefixes before longer ones."""
    ways = ways_of_rule(asked.tree) if isinstance(asked, CheckedRule) else ways_of_value(asked.tree)
    found = {base_way(way): None for way in ways}
    return tuple(sorted(found, key=len))


def describe(asked: CheckedRule | CheckedValue, catalog: Catalog, locale: Locale) -> str:
    """A sentence that says what the rule says, or the phrase of a value.

    Two rules whose canonical JSON differs never read the same.
    """
    return describe_tree(asked.tree, catalog, locale)
