"""The JSON Schema of a catalog file: published for editors, and the shape part of validation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from enishi.catalog.faults import Faults, remedy_for
from enishi.catalog.types import DatasetKind, FieldType, Meaning, Pii, TimeKind
from enishi.kernel.text import Text

SCHEMA_ID = "https://enishi.dev/schema/catalog-1.json"
MAX_SCALE = 9  # so that the product of two decimals fits 38 digits
FORMATS = ("csv", "excel", "parquet", "jsonl")
DURATION = r"^[1-9][0-9]*(m|h|d|w|mo|y)$"

_TEXT: dict[str, Any] = {
    "description": "A text for people: one for both languages, or {ja, en}.",
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"ja": {"type": "string"}, "en": {"type": "string"}},
            "required": ["ja", "en"],
            "additionalProperties": False,
        },
    ],
}
_NAMES: dict[str, Any] = {
    "description": "A name or a list of names.",
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    ],
}
_HOP: dict[str, Any] = {
    "description": "A relation's name, or {relation, where}.",
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "properties": {
                "relation": {"type": "string", "minLength": 1},
                "where": {"$ref": "#/$defs/rule"},
            },
            "required": ["relation"],
            "additionalProperties": False,
        },
    ],
}


def _object(description: str, properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _strings(description: str) -> dict[str, Any]:
    return {"description": description, "type": "array", "items": {"type": "string"}}


def _text(description: str) -> dict[str, Any]:
    return {"description": description, "type": "string", "minLength": 1}


def _choice(description: str, values: object) -> dict[str, Any]:
    return {"description": description, "enum": [str(v) for v in values]}  # type: ignore[attr-defined]  # an enum class or a tuple


def _field() -> dict[str, Any]:
    return _object(
        "A typed column, loaded from the file or derived from other columns.",
        {
            "type": _choice("What the values are.", FieldType),
            "label": {"$ref": "#/$defs/text"},
            "scale": {
                "description": "Decimal places of a decimal.",
                "type": "integer",
                "minimum": 0,
                "maximum": MAX_SCALE,
            },
            "meaning": _choice("What the values stand for.", Meaning),
            "pii": _choice("How personal it is.", Pii),
            "purposes": _strings("The purposes it may serve; absent: any."),
            "consent_purposes": _strings("Purposes it may serve for those who consented."),
            "source": _text("The column's name in the file, when it differs."),
            "format": _text("How the file writes dates: %Y%m%d, %d/%m/%Y, wareki."),
            "separator": _text("Between the items of a field of type strings."),
            "derive": {"$ref": "#/$defs/expression"},
            "required": {"description": "An unset value is a fault.", "type": "boolean"},
            "aliases": _strings("Further words by which people find it."),
        },
        "type",
    )


def _source() -> dict[str, Any]:
    return _object(
        "Which files hold the dataset and how they are written; what is absent is detected.",
        {
            "files": _text("A file name or pattern below the data folder."),
            "format": _choice("The kind of file.", FORMATS),
            "delimiter": {
                "description": "Between columns; \\t or tab for a tab.",
                "type": "string",
                "minLength": 1,
                "maxLength": 3,
            },
            "encoding": _text("utf-8, utf-16, cp932, euc-jp…"),
            "quote": {
                "description": "The quotation mark; empty for none.",
                "type": "string",
                "maxLength": 1,
            },
            "header": {
                "description": "The line of the header, from 1; 0 when there is none.",
                "type": "integer",
                "minimum": 0,
                "maximum": 1000,
            },
            "sheet": _text("The sheet of a workbook; absent: the first."),
            "nulls": _strings("Texts that mean 'no value'."),
            "trim": {"description": "Remove blanks around values.", "type": "boolean"},
            "removes": {
                "description": "Rows absent from a load are removed; by default they stay.",
                "type": "boolean",
            },
        },
        "files",
    )


def _dataset() -> dict[str, Any]:
    return _object(
        "A table.",
        {
            "label": {"$ref": "#/$defs/text"},
            "kind": _choice("How its rows live in time.", DatasetKind),
            "subject": _text("Each row is a subject of this kind: person, company…"),
            "key": {"$ref": "#/$defs/names"},
            "time": _object(
                "The field that says when.",
                {"field": _text("A date or timestamp."), "kind": _choice("Which time.", TimeKind)},
                "field",
            ),
            "event": _object(
                "How its rows are named as events, and whose they are.",
                {
                    "name": _text("All rows are this event."),
                    "name_field": _text("The field that holds the event's name."),
                    "of": {
                        "description": "Subject kind → relation path that leads to these rows.",
                        "type": "object",
                        "additionalProperties": {"type": "string", "minLength": 1},
                    },
                },
                "of",
            ),
            "source": {"$ref": "#/$defs/source"},
            "fresh_for": {
                "description": "After this long the data is called old: 1d, 12h, 1mo.",
                "type": "string",
                "pattern": DURATION,
            },
            "retain": {
                "description": "Rows whose time is older than this are deleted every night: 5y.",
                "type": "string",
                "pattern": DURATION,
            },
            "display": _text("The field that names a row to a person."),
            "fields": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {"$ref": "#/$defs/field"},
            },
        },
        "kind",
        "fields",
    )


def _relation() -> dict[str, Any]:
    label = {"$ref": "#/$defs/text"}
    return _object(
        "A foreign key (from, to), or a path over other relations (name, from, via).",
        {
            "from": _text("dataset.field, dataset.[field, field], or a dataset (with via)."),
            "to": _text("dataset.field or dataset.[field, field]: the key of that dataset."),
            "name": _text("The to-one relation on the `from` side, or the path's name."),
            "inverse": _text("The to-many relation on the `to` side."),
            "label": label,
            "inverse_label": label,
            "via": {"type": "array", "items": {"$ref": "#/$defs/hop"}, "minItems": 1},
            "where": {"$ref": "#/$defs/rule"},
        },
        "from",
    )


def _stream() -> dict[str, Any]:
    kept = ("type", "label", "scale", "meaning", "pii", "purposes", "consent_purposes", "aliases")
    typed = _object(
        "A property of events that gets a typed column of its own.",
        {name: _field()["properties"][name] for name in kept}
        | {"property": _text("The property, with dots into objects; absent: the field's name.")},
        "type",
    )
    return _object(
        "The events of the event API: whose they are, and which properties become fields.",
        {
            "user": _text("The person's field that events call userId; absent: the key."),
            "keep": {
                "description": "How far back an event sent twice is known: 7d when absent.",
                "type": "string",
                "pattern": r"^[1-9][0-9]*(h|d|w)$",
            },
            "retain": {
                "description": "Events older than this are deleted, from the log too: 2y.",
                "type": "string",
                "pattern": DURATION,
            },
            "fields": {"type": "object", "additionalProperties": typed},
            "purposes": _strings("The purposes events may serve; absent: any."),
            "consent_purposes": _strings("Purposes they may serve for those who consented."),
        },
    )


@cache
def catalog_schema() -> Mapping[str, Any]:
    """The schema as a plain JSON value (draft 2020-12)."""
    from enishi.catalog.functions import expression_schema

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Enishi catalog",
        **_object(
            "What the data means. One or many files, merged.",
            {
                "version": {"const": 1},
                "purposes": {
                    "type": "object",
                    "additionalProperties": _object(
                        "What data may be used for.", {"label": {"$ref": "#/$defs/text"}}
                    ),
                },
                "consents": _object(
                    "Where consents are read.",
                    {
                        "relation": _text("From the person to the consents."),
                        "purpose": _text("Its field of purposes."),
                        "channel": _text("Its field of channels."),
                        "from": _text("Its field of the first day."),
                        "to": _text("Its field of the end."),
                    },
                    "relation",
                ),
                "stream": {"$ref": "#/$defs/stream"},
                "worth": {
                    "description": "The sums shown of a subject, by its kind.",
                    "type": "object",
                    "additionalProperties": {
                        "type": "array",
                        "items": _object(
                            "One sum: over fields at the end of relation paths.",
                            {"label": _TEXT, "of": _strings("Paths: deposits.balance.")},
                            "of",
                        ),
                    },
                },
                "datasets": {
                    "type": "object",
                    "additionalProperties": {"$ref": "#/$defs/dataset"},
                },
                "relations": {"type": "array", "items": {"$ref": "#/$defs/relation"}},
            },
        ),
        "$defs": {
            "text": _TEXT,
            "names": _NAMES,
            "hop": _HOP,
            "rule": {"description": "A rule; see the rule language.", "type": "object"},
            "field": _field(),
            "source": _source(),
            "dataset": _dataset(),
            "relation": _relation(),
            "stream": _stream(),
            **expression_schema(),
        },
    }


def schema_text() -> str:
    """The schema as the published file holds it."""
    return json.dumps(catalog_schema(), ensure_ascii=False, indent=2) + "\n"


def check_shape(value: object, at: str, schema: str, faults: Faults, file: str) -> None:
    """Add a fault for every place where `value` (found at path `at`) departs from `#/$defs/schema`.

    An empty `schema` means the whole catalog file.
    """
    for error in _validator(schema).iter_errors(_plain(value)):
        path = at
        for part in error.absolute_path:
            path = f"{path}[{part}]" if isinstance(part, int) else f"{path}.{part}"
        _report(error, path.lstrip("."), faults, file)


@cache
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator

    whole = catalog_schema()
    chosen = whole if not schema else {"$defs": whole["$defs"], "$ref": f"#/$defs/{schema}"}
    return Draft202012Validator(chosen)


def _plain(value: object) -> object:
    """Decimals as floats: JSON Schema knows only one sort of number."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


_KINDS = {
    "object": Text("見出しと値の組", "a mapping"),
    "array": Text("並び", "a list"),
    "string": Text("文字列", "a text"),
    "integer": Text("整数", "a whole number"),
    "boolean": Text("true か false", "true or false"),
}


def _report(error: Any, path: str, faults: Faults, file: str) -> None:
    """Say one departure from the schema in words. `error` is a jsonschema ValidationError."""
    for code, where, message, remedy in _sentences(error, path):
        faults.add(code, where, message, remedy, file if where == path else "")


def _sentences(error: Any, path: str) -> Iterator[tuple[str, str, Text, Text]]:
    schema, value = error.schema, error.instance
    if error.validator == "additionalProperties":
        known = list(schema["properties"])
        for name in value:
            if name not in known:
                yield (
                    "unknown_key",
                    f"{path}.{name}".lstrip("."),
                    Text(
                        f"「{name}」という見出しはありません。", f"There is no key `{name}` here."
                    ),
                    remedy_for(name, known),
                )
    elif error.validator == "required":
        for name in schema["required"]:
            if name not in value:
                yield (
                    "missing_key",
                    path,
                    Text(f"「{name}」がありません。", f"`{name}` is missing."),
                    Text(f"「{name}: …」を書いてください。", f"Add `{name}: …`."),
                )
    elif error.validator == "enum":
        yield (
            "unknown_choice",
            path,
            Text(f"「{value}」は使えません。", f"`{value}` is not one of the choices."),
            remedy_for(str(value), schema["enum"]),
        )
    elif error.validator == "type":
        kind = _KINDS.get(str(schema["type"]), Text(str(schema["type"]), str(schema["type"])))
        yield (
            "wrong_shape",
            path,
            Text(f"ここには{kind.ja}を書きます。", f"This must be {kind.en}."),
            _hint(schema),
        )
    else:
        yield (
            "wrong_value",
            path,
            Text(
                f"「{_short(value)}」はここに書けません。", f"`{_short(value)}` cannot stand here."
            ),
            _hint(schema),
        )


def _hint(schema: Mapping[str, Any]) -> Text:
    description = schema.get("description", "See the catalog reference.")
    return Text(f"カタログの書き方をご覧ください（{description}）。", str(description))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
