"""What a subject is worth: the catalog's `worth`, read and checked.

    worth:
      person:
        - {label: {ja: 預かり資産, en: Assets with us}, of: [deposits.balance, investments.value]}
        - {label: {ja: 借入残高, en: Borrowed}, of: [loans.balance]}

Each line is a sum over fields at the end of relation paths from the subject. Which sums make sense
nobody can guess from the data (a credit limit is no asset), so that nothing is shown unless said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from enishi.catalog.build import mapping, strings, text_of
from enishi.catalog.faults import Faults, remedy_for
from enishi.catalog.types import Catalog, Dataset, FieldType, WorthLine
from enishi.kernel.text import Text

_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT})


def with_worth(catalog: Catalog, given: Mapping[str, object], faults: Faults) -> Catalog:
    """The catalog with its `worth`; a fault for every line that leads nowhere."""
    worth: dict[str, tuple[WorthLine, ...]] = {}
    for kind, lines in given.items():
        path = f"worth.{kind}"
        subject = catalog.subject_dataset(kind)
        if subject is None or subject.subject is None:
            kinds = [one.subject for one in catalog.subjects() if one.subject]
            faults.add(
                "unknown_subject",
                path,
                Text(
                    f"「{kind}」という対象はありません。", f"There is no subject called `{kind}`."
                ),
                remedy_for(kind, kinds),
            )
            continue
        listed: list[Any] = lines if isinstance(lines, list) else []
        worth[subject.subject] = tuple(
            _line(catalog, subject, mapping(line), f"{path}[{number}]", faults)
            for number, line in enumerate(listed)
        )
    return replace(catalog, worth=worth)


def _line(
    catalog: Catalog, subject: Dataset, given: Mapping[str, object], at: str, faults: Faults
) -> WorthLine:
    paths = tuple(
        path
        for number, path in enumerate(strings(given.get("of")))
        if _leads(catalog, subject, path, f"{at}.of[{number}]", faults)
    )
    return WorthLine(text_of(given.get("label"), " + ".join(paths)), paths)


def _leads(catalog: Catalog, subject: Dataset, path: str, at: str, faults: Faults) -> bool:
    """Whether a path is relations and, at its end, a number."""
    way, _, name = path.rpartition(".")
    steps = catalog.expand(subject.name, way) if way else None
    if not steps:
        faults.add(
            "unknown_relation",
            at,
            Text(
                f"「{subject.name}」から「{way or path}」という関連はありません。",
                f"`{subject.name}` has no relation `{way or path}`.",
            ),
            remedy_for(way.split(".")[0], catalog.relations.get(subject.name, {})),
        )
        return False
    target = catalog.datasets[steps[-1].target]
    field = target.fields.get(name)
    if field is None or field.type not in _NUMBERS:
        numbers = [one.name for one in target.fields.values() if one.type in _NUMBERS]
        faults.add(
            "not_a_number",
            at,
            Text(
                f"「{target.name}」に「{name}」という数値の項目はありません。",
                f"`{target.name}` has no number called `{name}`.",
            ),
            remedy_for(name, numbers),
        )
        return False
    return True
