"""From plain values to datasets, fields and relations.

Lenient: what has the wrong shape was reported already (`schema.check_shape`) and is left out or
stands as a text field, so that one mistake is told once and the rest can still be checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from enishi.catalog.types import (
    Dataset,
    DatasetKind,
    EventNaming,
    Field,
    FieldType,
    Meaning,
    Pii,
    Source,
    TimeField,
    TimeKind,
)
from enishi.kernel.text import Text


@dataclass
class Built:
    """Datasets, and the fields whose type was not readable (no type check applies to those)."""

    datasets: dict[str, Dataset] = field(default_factory=dict)
    broken: set[tuple[str, str]] = field(default_factory=set)


def mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def strings(value: object) -> tuple[str, ...]:
    """A text or a list of texts, as a tuple; anything else is empty."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Sequence):
        return tuple(item for item in value if isinstance(item, str))
    return ()


def text_of(value: object, default: str | Text) -> Text:
    """A label: one text for both languages, or {ja, en}."""
    fallback = Text(default, default) if isinstance(default, str) else default
    if isinstance(value, str):
        return Text(value, value)
    if isinstance(value, Mapping):
        ja, en = value.get("ja"), value.get("en")
        if isinstance(ja, str) and isinstance(en, str):
            return Text(ja, en)
    return fallback


def optional(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def build_dataset(name: str, given: Mapping[str, object], built: Built) -> Dataset:
    """One dataset; its fields whose type is unknown are noted in `built.broken`."""
    fields: dict[str, Field] = {}
    for field_name, value in mapping(given.get("fields")).items():
        fields[field_name] = build_field(field_name, mapping(value))
        if mapping(value).get("type") not in set(FieldType):
            built.broken.add((name, field_name))
    kind = str(given.get("kind"))
    dataset = Dataset(
        name=name,
        label=text_of(given.get("label"), name),
        kind=DatasetKind(kind) if kind in set(DatasetKind) else DatasetKind.CURRENT,
        key=strings(given.get("key")),
        fields=fields,
        subject=optional(given.get("subject")),
        time=_time(mapping(given.get("time"))),
        event=_event(given.get("event")),
        source=_source(given.get("source")),
        fresh_for=optional(given.get("fresh_for")),
        display=optional(given.get("display")),
        retain=optional(given.get("retain")),
    )
    built.datasets[name] = dataset
    return dataset


def build_field(name: str, given: Mapping[str, object]) -> Field:
    """One field; what is not readable stands as a text field."""
    type_, scale = str(given.get("type")), given.get("scale", 0)
    meaning, pii = str(given.get("meaning")), str(given.get("pii"))
    purposes, derive = given.get("purposes"), given.get("derive")
    separator = given.get("separator")
    return Field(
        name=name,
        type=FieldType(type_) if type_ in set(FieldType) else FieldType.STRING,
        label=text_of(given.get("label"), name),
        scale=scale if isinstance(scale, int) and type_ == FieldType.DECIMAL else 0,
        meaning=Meaning(meaning) if meaning in set(Meaning) else None,
        pii=Pii(pii) if pii in set(Pii) else Pii.NONE,
        purposes=frozenset(strings(purposes)) if isinstance(purposes, list) else None,
        consent_purposes=frozenset(strings(given.get("consent_purposes"))),
        source=optional(given.get("source")),
        format=optional(given.get("format")),
        separator=separator if isinstance(separator, str) and separator else "|",
        derive=derive if isinstance(derive, Mapping) else None,
        required=given.get("required") is True,
        aliases=strings(given.get("aliases")),
    )


def _time(given: Mapping[str, object]) -> TimeField | None:
    name, kind = given.get("field"), str(given.get("kind", TimeKind.OCCURRED))
    if not isinstance(name, str) or kind not in set(TimeKind):
        return None
    return TimeField(name, TimeKind(kind))


def _event(given: object) -> EventNaming | None:
    if not isinstance(given, Mapping):
        return None
    of = {k: v for k, v in mapping(given.get("of")).items() if isinstance(v, str)}
    return EventNaming(of, optional(given.get("name")), optional(given.get("name_field")))


def _source(given: object) -> Source | None:
    if not isinstance(given, Mapping) or not isinstance(given.get("files"), str):
        return None
    header, delimiter, quote = given.get("header", 1), given.get("delimiter"), given.get("quote")
    nulls = given.get("nulls")
    return Source(
        files=str(given["files"]),
        format=optional(given.get("format")),
        delimiter={"\\t": "\t", "tab": "\t"}.get(str(delimiter), optional(delimiter)),
        encoding=optional(given.get("encoding")),
        quote=quote if isinstance(quote, str) else None,
        header=header if isinstance(header, int) else 1,
        sheet=optional(given.get("sheet")),
        nulls=strings(nulls) if isinstance(nulls, list) else ("",),
        trim=given.get("trim") is True,
        removes=given.get("removes") is True,
    )
