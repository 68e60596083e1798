"""A template's fields and its 宛名, checked against the catalog for its purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from enishi.catalog.types import Catalog, Dataset, Meaning
from enishi.catalog.types import Field as CatalogField
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text
from enishi.lists.checking import moved, purpose_for_rules
from enishi.messages.wording.bodies import Addressing, TemplateBody, TemplateField
from enishi.messages.wording.formats import Spec
from enishi.rules import check_value
from enishi.rules.tree import FieldValue, MeasureKind
from enishi.rules.types import CheckedValue

_NEVER_UNSET = frozenset({MeasureKind.COUNT, MeasureKind.DISTINCT})
_FAMILY = ("姓", "last", "family", "surname", "sei")
_GIVEN = ("名", "first", "given", "mei")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the warehouse: `specs` by field name, `naming` by `name`, `family`, `given`,
    `company`, `department`."""

    subject: str
    specs: Mapping[str, Spec]
    naming: Mapping[str, object]
    faults: tuple[Fault, ...] = field(default=())


def subject_of(catalog: Catalog) -> Dataset | None:
    """The dataset whose rows messages go to; None when the catalog names nobody."""
    return catalog.subject_dataset("person") or next(iter(catalog.subjects()), None)


def asked_of(body: TemplateBody, purpose: str, catalog: Catalog) -> Asked:
    """Everything the template asks for, with all faults: unknown or forbidden fields, no default.

    A value that its purpose may not read at all is a fault; one that needs a consent may be unset.
    """
    dataset = subject_of(catalog)
    if dataset is None:
        return Asked("person", {}, {}, (_nobody(),))
    used = purpose_for_rules(purpose, catalog)
    faults: list[Fault] = []
    specs: dict[str, Spec] = {}
    for name, one in body.fields.items():
        try:
            checked = check_value(one.value, catalog, subject=dataset.name, purpose=used)
        except Invalid as error:
            faults += moved(error, f"fields.{name}.value")
            continue
        specs[name] = spec_of(one, checked, dataset)
        if specs[name].may_be_unset and one.default is None:
            faults.append(_no_default(name, one))
    naming = _naming(body.addressing, dataset)
    for name, value in naming.items():
        try:
            check_value(value, catalog, subject=dataset.name, purpose=used)
        except Invalid as error:
            faults += moved(error, f"addressing.{name}")
    return Asked(dataset.name, specs, naming, tuple(faults))


def spec_of(one: TemplateField, checked: CheckedValue, dataset: Dataset) -> Spec:
    """A field with what the catalog knows of it."""
    return Spec(
        value=dict(one.value),
        type=checked.type.value,
        meaning=checked.meaning.value if checked.meaning else "",
        scale=checked.scale,
        format=one.format,
        default=one.default,
        may_be_unset=may_be_unset(checked, dataset),
    )


def may_be_unset(checked: CheckedValue, dataset: Dataset) -> bool:
    """Whether somebody can be without the value.

    Nobody is without a count, nor without a required field of the own dataset, unless a consent is
    needed to read it.
    """
    if checked.consent_added:
        return True
    tree = checked.tree
    if isinstance(tree, FieldValue):
        path = tree.path
        own = dataset.fields.get(path.field) if path.leaf == dataset.name else None
        return own is None or not (own.required or path.field in dataset.key)
    return tree.measure not in _NEVER_UNSET


def _naming(addressing: Addressing, dataset: Dataset) -> dict[str, object]:
    found: dict[str, object] = {}
    if addressing.name is not None:
        found["name"] = addressing.name
    else:
        found |= _own_name(dataset)
    if addressing.company is not None:
        found["company"] = addressing.company
    if addressing.department is not None:
        found["department"] = addressing.department
    return found


def _own_name(dataset: Dataset) -> dict[str, object]:
    """The person's name: the field that displays her when it is one, or family and given name."""
    shown = dataset.fields.get(dataset.display or "")
    if shown is not None and shown.meaning is Meaning.COMPANY_NAME:
        return {"company": {"field": shown.name}}
    if shown is not None and shown.meaning is Meaning.PERSON_NAME and not _half(shown):
        return {"name": {"field": shown.name}}
    names = [f for f in dataset.fields.values() if f.meaning is Meaning.PERSON_NAME]
    family = next((f for f in names if _called(f, _FAMILY)), None)
    given = next((f for f in names if f is not family and _called(f, _GIVEN)), None)
    if family is not None and given is not None:
        return {"family": {"field": family.name}, "given": {"field": given.name}}
    whole = next((f for f in names if not _half(f)), None) or shown
    return {} if whole is None or whole.name in dataset.key else {"name": {"field": whole.name}}


def _called(one: CatalogField, words: tuple[str, ...]) -> bool:
    plain = f"{one.name} {one.label.en}".casefold()
    return one.label.ja in words or any(word in plain for word in words if word.isascii())


def _half(one: CatalogField) -> bool:
    return _called(one, _FAMILY) or _called(one, _GIVEN)


def _no_default(name: str, one: TemplateField) -> Fault:
    label = one.label.ja or name
    return Fault(
        "no_default",
        f"$.fields.{name}.default",
        Text(f"「{label}」は値がない人がいるため、値がないときの文字が必要です。",
             f"Somebody may have no {one.label.en or name}: it needs a default."),
        Text("値がないときに表示する文字を入れてください(空でもかまいません)。",
             "Say what stands where there is none; it may be empty."),
    )  # fmt: skip


def _nobody() -> Fault:
    return Fault(
        "no_subject",
        "$.fields",
        Text("カタログに送り先となる人がありません。", "The catalog names nobody to write to."),
        Text("カタログに subject のあるデータセットを加えてください。",
             "Add a dataset with a subject to the catalog."),
    )  # fmt: skip
