"""The columns of a list as built: type, format, PII level; and what a reader may see of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from enishi.book.access import Actor
from enishi.catalog.types import Catalog, Field, FieldType, Meaning, Pii
from enishi.gate.asking import catalog
from enishi.kernel.text import Locale, Text
from enishi.lists.checking import CheckedBody
from enishi.lists.schemas import ColumnOut
from enishi.warehouse.masking import field_behind, hidden, mask

MASK = "•••"


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column. `pii` and `meaning` are those of the field behind its value, for masking."""

    name: str
    label_ja: str
    label_en: str
    format: str
    type: str
    scale: int
    pii: str
    meaning: str | None
    role: str | None

    @property
    def label(self) -> Text:
        return Text(self.label_ja, self.label_en)

    def hidden_from(self, actor: Actor) -> bool:
        """Whether the actor gets this column masked."""
        return hidden(self.field, actor.pii)

    @property
    def field(self) -> Field:
        """The column as a field of the catalog, as masking takes it."""
        meaning = Meaning(self.meaning) if self.meaning else None
        return Field(
            self.name, FieldType(self.type), self.label, meaning=meaning, pii=Pii(self.pii)
        )

    def out(self, locale: Locale, actor: Actor) -> ColumnOut:
        role = self.role if self.role in ("owner", "branch") else None
        return ColumnOut.model_validate(
            {
                "name": self.name, "label": self.label[locale], "format": self.format,
                "type": self.type, "role": role, "masked": self.hidden_from(actor),
            }
        )  # fmt: skip


def list_columns(checked: CheckedBody, catalog: Catalog) -> list[ListColumn]:
    """The columns of a checked definition, in their order."""
    found = []
    for column in checked.body.ordered_columns():
        value = checked.columns[column.name]
        field = field_behind(value, catalog)
        found.append(
            ListColumn(
                column.name, column.label.ja, column.label.en, column.format, value.type.value,
                value.scale, field.pii.value if field else Pii.NONE.value,
                field.meaning.value if field and field.meaning else None, column.role,
            )
        )  # fmt: skip
    return found


def stored_columns(columns: Sequence[ListColumn]) -> list[dict[str, Any]]:
    return [asdict(column) for column in columns]


def read_columns(stored: Sequence[Mapping[str, Any]]) -> list[ListColumn]:
    return [ListColumn(**column) for column in stored]


def pii_hidden(level: str, actor: Actor) -> bool:
    """Whether the actor may not see what has this PII level."""
    return hidden(Field("", FieldType.STRING, Text("", ""), pii=Pii(level)), actor.pii)


def naming_field(subject: str, catalog: Catalog) -> Field:
    """The field that names a subject to a person; its key's when it has no such field."""
    dataset = catalog.subject_dataset(subject)
    if dataset is None:  # fail closed: a subject that is no longer in the catalog
        return Field(subject, FieldType.STRING, Text(subject, subject), pii=Pii.HIGH)
    return dataset.fields[dataset.display or dataset.key[0]]


def name_hidden(subject: str, actor: Actor) -> bool:
    """Whether the actor gets the names of these subjects masked."""
    return hidden(naming_field(subject, catalog()), actor.pii)


def shown_name(display: str, subject: str, actor: Actor) -> str:
    """A subject's name as the actor may see it."""
    field = naming_field(subject, catalog())
    return mask(display, field) or "" if hidden(field, actor.pii) else display


def shown_values(
    values: Mapping[str, Any], columns: Sequence[ListColumn], actor: Actor
) -> dict[str, object]:
    """A member's values as the actor gets them: masked where due."""
    found: dict[str, object] = {}
    for column in columns:
        value = values.get(column.name)
        masked = column.hidden_from(actor)
        found[column.name] = mask(value, column.field) if masked else value
    return found
