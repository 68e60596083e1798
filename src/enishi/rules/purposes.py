"""Which purposes may use which fields, and the consent that opens a field to a further one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from enishi.catalog.types import Catalog, Dataset, Field
from enishi.kernel.text import Text
from enishi.rules.check import Checker, Typed
from enishi.rules.faults import Faults, did_you_mean
from enishi.rules.tree import Node


def consent_for(
    catalog: Catalog,
    subject: Dataset,
    typed: Typed,
    purpose: str | None,
    faults: Faults,
) -> Node | None:
    """The consent test that the fields of a rule need for `purpose`; None when none is needed.

    The fields behind the segments and lists it names count too. A field that may not serve the
    purpose, consent or no consent, is noted as a fault. Without a purpose only the fields open to
    every purpose may be used.
    """
    if purpose is not None and purpose not in catalog.purposes:
        faults.add(
            "unknown_purpose", "$.purpose",
            Text(f"目的「{purpose}」はカタログにありません。",
                 f"The catalog has no purpose `{purpose}`."),
            did_you_mean(
                purpose,
                {p.name: (p.label.ja, p.label.en) for p in catalog.purposes.values()},
                Text("カタログの purposes に加えてください。", "Add it to the catalog's purposes."),
            ),
        )  # fmt: skip
        return None
    asks_consent = False
    for used in _used(catalog, typed):
        field = used.field
        if field.purposes is None or (purpose is not None and purpose in field.purposes):
            continue
        if purpose is not None and purpose in field.consent_purposes:
            asks_consent = True
            continue
        _refuse(catalog, used, purpose, faults)
    return _consent(catalog, subject, purpose, faults) if asks_consent and purpose else None


class _Used(NamedTuple):
    """A field in use: where, and through which set (None: the rule itself reads it)."""

    dataset: str
    field: Field
    path: str = "$"
    through: Text | None = None


def _used(catalog: Catalog, typed: Typed) -> Iterator[_Used]:
    for dataset, name in sorted(typed.fields):
        yield _Used(dataset, catalog.datasets[dataset].fields[name])
    # The sets are looked up only for a rule that names some: they may be kept in a database.
    segments = catalog.sets.segments() if typed.segments else {}
    lists = catalog.sets.lists() if typed.lists else {}
    behind: list[tuple[str, Text, frozenset[tuple[str, str]]]] = []
    for slug, path in typed.segments.items():
        label = segments[slug].label
        through = Text(f"セグメント「{label.ja}」", f"the segment {slug}")
        behind.append((path, through, segments[slug].fields))
    for slug, path in typed.lists.items():
        label = lists[slug].label
        through = Text(f"リスト「{label.ja}」", f"the list {slug}")
        behind.append((path, through, lists[slug].fields))
    for path, through, fields in behind:
        for dataset, name in sorted(fields):
            # A set made under an older catalog may lean on what is there no more.
            found = catalog.datasets.get(dataset)
            if found is not None and name in found.fields:
                yield _Used(dataset, found.fields[name], path, through)


def _refuse(catalog: Catalog, used: _Used, purpose: str | None, faults: Faults) -> None:
    dataset, field = used.dataset, used.field
    name = field.name
    allowed = [
        catalog.purposes[one].label if one in catalog.purposes else Text(one, one)
        for one in sorted((field.purposes or frozenset()) | field.consent_purposes)
    ]
    open_to = "、".join(one.ja for one in allowed), ", ".join(one.en for one in allowed)
    label = field.label
    if purpose is None:
        message = Text(
            f"項目「{label.ja}」({dataset}.{name})は目的を決めずには使えません。",
            f"The field {dataset}.{name} may not be used without a purpose.",
        )
    else:
        ja, en = catalog.purposes[purpose].label.ja, catalog.purposes[purpose].label.en
        message = Text(
            f"項目「{label.ja}」({dataset}.{name})は目的「{ja}」には使えません。",
            f"The field {dataset}.{name} may not serve the purpose {en}.",
        )
    if used.through is not None:
        message = Text(
            f"{used.through.ja}を通して: {message.ja}", f"Through {used.through.en}: {message.en}"
        )
    remedy = Text(
        f"使える目的: {open_to[0] or 'なし'}。別の項目か別の目的を選んでください。",
        f"It may serve: {open_to[1] or 'none'}. Choose another field or another purpose.",
    )
    faults.add("purpose_forbids", used.path, message, remedy)


def _consent(catalog: Catalog, subject: Dataset, purpose: str, faults: Faults) -> Node | None:
    """The test that somebody consents to `purpose` now; None, with a fault, without consents."""
    source = catalog.consents
    if source is None or catalog.relation(subject.name, source.relation) is None:
        label = catalog.purposes[purpose].label
        faults.add(
            "no_consents", "$.purpose",
            Text(f"目的「{label.ja}」には同意が必要ですが、同意の表がカタログにありません。",
                 f"The purpose {label.en} needs consent, and the catalog names no consents."),
            Text("カタログの consents に関連を書いてください。",
                 "Name the relation under `consents` in the catalog."),
        )  # fmt: skip
        return None
    now = {"now": "0h"}
    rule = {
        "related": source.relation,
        "where": {
            "all": [
                {"field": source.purpose, "op": "eq", "value": purpose},
                {"field": source.from_, "op": "le", "value": now},
                {
                    "any": [
                        {"field": source.to, "op": "is_not_set"},
                        {"field": source.to, "op": "gt", "value": now},
                    ]
                },
            ]
        },
    }
    checker = Checker(catalog, subject)
    tree = checker.check_rule(rule, "consents").tree
    faults.faults.extend(checker.faults.faults)
    return tree  # type: ignore[return-value]  # a rule's check gives a rule
