"""Which purposes may use which fields, and the consent that opens a field to a further one."""

from __future__ import annotations

from enishi.catalog.types import Catalog, Dataset
from enishi.kernel.text import Text
from enishi.rules.check import Checker
from enishi.rules.faults import Faults, did_you_mean
from enishi.rules.tree import Node


def consent_for(
    catalog: Catalog,
    subject: Dataset,
    fields: frozenset[tuple[str, str]],
    purpose: str | None,
    faults: Faults,
) -> Node | None:
    """The consent test that these fields need for `purpose`; None when none is needed.

    A field that may not serve the purpose, consent or no consent, is noted as a fault. Without a
    purpose only the fields open to every purpose may be used.
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
    for dataset, name in sorted(fields):
        field = catalog.datasets[dataset].fields[name]
        if field.purposes is None or (purpose is not None and purpose in field.purposes):
            continue
        if purpose is not None and purpose in field.consent_purposes:
            asks_consent = True
            continue
        _refuse(catalog, dataset, name, purpose, faults)
    return _consent(catalog, subject, purpose, faults) if asks_consent and purpose else None


def _refuse(catalog: Catalog, dataset: str, name: str, purpose: str | None, faults: Faults) -> None:
    field = catalog.datasets[dataset].fields[name]
    allowed = sorted((field.purposes or frozenset()) | field.consent_purposes)
    open_to = "、".join(allowed), ", ".join(allowed)
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
    remedy = Text(
        f"使える目的: {open_to[0] or 'なし'}。別の項目か別の目的を選んでください。",
        f"It may serve: {open_to[1] or 'none'}. Choose another field or another purpose.",
    )
    faults.add("purpose_forbids", "$", message, remedy)


def _consent(catalog: Catalog, subject: Dataset, purpose: str, faults: Faults) -> Node | None:
    source = catalog.consents
    if source is None or catalog.relation(subject.name, source.relation) is None:
        faults.add(
            "no_consents", "$.purpose",
            Text(f"目的「{purpose}」には同意が必要ですが、同意の表がカタログにありません。",
                 f"The purpose {purpose} needs consent, and the catalog names no consents."),
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
