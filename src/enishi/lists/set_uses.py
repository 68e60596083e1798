"""Which definitions and lists name a segment in their rules, for `segments.uses`."""

from __future__ import annotations

from collections.abc import Iterator

from enishi.lists.models import ActionableList, ListDefinition
from enishi.lists.types import DefinitionState, ListState
from enishi.segments.naming import sets_named
from enishi.segments.uses import Use


def uses_of_segment(slug: str) -> Iterator[Use]:
    """Definitions that are not retired and lists that are not closed, whose rule names it."""
    for definition in ListDefinition.objects.exclude(state=DefinitionState.RETIRED):
        if slug in sets_named(definition.body)[0]:
            yield Use("definition", definition.id, str(definition.body["name"]["ja"]))
    for row in ActionableList.objects.exclude(state=ListState.CLOSED):
        if slug in sets_named(row.rule)[0]:
            yield Use("list", row.id, row.name)
