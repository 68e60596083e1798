"""The values that a template's fields have for persons: asked of the warehouse, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from enishi.messages.rendering import Compiled

Values: TypeAlias = Mapping[str, object]
"""Field name → value as the warehouse has it (None: unset, and the field's default stands), beside
`given` and `today`, and `_name`, `_company` and `_department` for the 宛名. Plain and picklable."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a person gets no message: these fields are unset and have no default.

    `("person",)`: the warehouse does not know the person (any more).
    """

    fields: tuple[str, ...]


def values_for(
    persons: Sequence[str],
    compiled: Compiled,
    at: datetime,
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Values | Missing]:
    """The values of each person, in one question. Fields obey the template's purpose: one that
    needs a consent is unset for who has not given it.

    `given`: what came with the delivery, by person. Raises Unavailable while nothing serves the
    warehouse.
    """
